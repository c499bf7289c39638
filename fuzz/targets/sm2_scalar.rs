//! SM2's scalars: every operation on two integers, and on the Montgomery forms with these bytes,
//! gives what crypto-bigint and fiat-crypto give; an integer from n on is none of them.
#![no_main]

use fuzz::sm2_arithmetic::{check_scalar, pair};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some((a, b)) = pair(bytes) {
        check_scalar(a, b);
    }
});
