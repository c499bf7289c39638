//! Signs under valgrind, with a private key that valgrind takes for undefined memory
//! (`checks/secret-branches`). Memcheck then reports every branch and every index that depends on
//! the key. The idea is Langley's ctgrind (2010).
//!
//! The key signs before the generator's table is made and after it: these are two ways to multiply.

use std::arch::asm;
use std::hint::black_box;

use sm2_precomputed::{SigningKey, UserId};

const MESSAGE: &[u8] = b"GET\n/v3/merchant-service/complaints-v2\n1741936166\n593BEC0C930BF1AF\n\n";

fn main() {
    let mut scalar = black_box([0x39; 32]);
    set_undefined(&mut scalar);
    let Some(key) = SigningKey::new(&scalar, UserId::DEFAULT) else { std::process::exit(2) };
    black_box(key.sign([MESSAGE]));
    key.prepare();
    black_box(key.sign([MESSAGE]));
    black_box(key.sign_digest_with(&[0x5a; 32], &[0xa5; 32]));
}

/// Tells valgrind that these bytes are undefined. Does nothing without valgrind.
fn set_undefined(bytes: &mut [u8; 32]) {
    /// `MAKE_MEM_UNDEFINED` of memcheck: 'M', 'C', and the second request of its list.
    const MAKE_UNDEFINED: usize = 0x4d43_0001;
    let request = [MAKE_UNDEFINED, bytes.as_mut_ptr() as usize, bytes.len(), 0, 0, 0];
    // SAFETY: the rotations of `rdi` add up to 128 bits and the exchange does nothing, so the
    // processor changes no register; `valgrind.h` defines the sequence. Valgrind reads `request` and
    // writes its result into `rdx`.
    unsafe {
        asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") request.as_ptr(),
            inout("rdx") 0_usize => _,
            inout("rdi") 0_usize => _,
        );
    }
}
