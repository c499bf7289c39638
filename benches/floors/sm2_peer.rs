//! `sm2-precomputed` beside the crate `sm2`: every window, a key for one use, the first use in a
//! program, and a table beside one verification. No goals: the lines `sm2_sign` and `sm2_verify`
//! have them.

use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use sm2::dsa;
use sm2::dsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
use sm2_precomputed::{Signature, SigningKey, UserId, VerifyingKey, Window};

use benches::alternate::Alternate;
use benches::comparison::{Comparison, Pair, Taken};

const ID: &str = "1234567812345678";
const SCALAR: [u8; 32] = [0x39; 32];
const DIGEST: [u8; 32] = [0xf0; 32];

const NAMES: [[&str; 2]; 5] = [
    ["sm2_peer_sign_4_bits", "sm2_peer_verify_4_bits"],
    ["sm2_peer_sign_5_bits", "sm2_peer_verify_5_bits"],
    ["sm2_peer_sign_6_bits", "sm2_peer_verify_6_bits"],
    ["sm2_peer_sign_7_bits", "sm2_peer_verify_7_bits"],
    ["sm2_peer_sign_8_bits", "sm2_peer_verify_8_bits"],
];

pub(crate) fn compare(bench: Alternate) -> Vec<Comparison> {
    let key = SigningKey::new(&SCALAR, UserId::DEFAULT).unwrap();
    let peer = dsa::SigningKey::from_slice(ID, &SCALAR).unwrap();
    let peer_signature: dsa::Signature = peer.sign_prehash(&DIGEST).unwrap();
    let signature = key.sign_digest(&DIGEST);
    let point = key.verifying_key().to_bytes();
    let peer_verifies = || peer.verifying_key().verify_prehash(black_box(&DIGEST), &peer_signature).unwrap();

    let mut lines = Vec::new();
    for (window, [sign, verify]) in Window::ALL.into_iter().zip(NAMES) {
        let key = key.clone().with_window(window);
        key.prepare();
        key.verifying_key().prepare();
        let peer_signs = || -> dsa::Signature { peer.sign_prehash(black_box(&DIGEST)).unwrap() };
        lines.push(bench.compare(sign, peer_signs, || key.sign_digest(black_box(&DIGEST))));
        let verifies = || key.verifying_key().verify_digest(black_box(&DIGEST), &signature).unwrap();
        lines.push(bench.compare(verify, peer_verifies, verifies));
    }
    // A key from its bytes for one use, with its digest of the user id.
    lines.push(bench.compare(
        "sm2_peer_key_once_verify",
        || {
            let key = dsa::VerifyingKey::from_sec1_bytes(ID, black_box(&point)).unwrap();
            key.verify_prehash(&DIGEST, &peer_signature).unwrap();
        },
        || {
            let key = VerifyingKey::new(black_box(&point), UserId::DEFAULT).unwrap();
            key.verify_digest(&DIGEST, &signature).unwrap();
        },
    ));
    lines.push(bench.compare(
        "sm2_peer_key_once_sign",
        || -> dsa::Signature {
            dsa::SigningKey::from_slice(ID, black_box(&SCALAR)).unwrap().sign_prehash(&DIGEST).unwrap()
        },
        || -> Signature { SigningKey::new(black_box(&SCALAR), UserId::DEFAULT).unwrap().sign_digest(&DIGEST) },
    ));
    let makes_a_table = || VerifyingKey::new(black_box(&point), UserId::DEFAULT).unwrap().prepare();
    lines.push(bench.compare("sm2_peer_table_6_bits", peer_verifies, makes_a_table));
    if bench.only.is_none() {
        lines.push(compare_first(bench, "sm2_peer_first_verify", ["peer_verify", "our_verify"]));
        lines.push(compare_first(bench, "sm2_peer_first_sign", ["peer_sign", "our_sign"]));
    }
    lines
}

/// The argument of a process that makes one operation, the first of the program.
pub(crate) const FIRST: &str = "--first";

/// Compares first operations, each in a process of its own.
fn compare_first(bench: Alternate, name: &'static str, operations: [&str; 2]) -> Comparison {
    let program = std::env::current_exe().unwrap();
    let run = |operation: &str| {
        let output = Command::new(&program).args([FIRST, operation]).output().unwrap();
        let ns: f64 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
        Taken { ns, wall_ns: ns }
    };
    let [peer, ours] = operations;
    let pairs: Vec<_> = (0..bench.fewer(20).pairs).map(|_| Pair { floor: run(peer), ours: run(ours) }).collect();
    Comparison::of(name, &pairs)
}

/// The nanoseconds that the first operation of a program takes: no table is there yet.
pub(crate) fn first_use(operation: &str) -> u128 {
    // The peer makes the signature to verify, so that none of our tables are used before.
    let signature = |key: &dsa::SigningKey| -> dsa::Signature { key.sign_prehash(&DIGEST).unwrap() };
    let peer = || dsa::SigningKey::from_slice(ID, black_box(&SCALAR)).unwrap();
    let ours = || SigningKey::new(black_box(&SCALAR), UserId::DEFAULT).unwrap();
    match operation {
        "peer_sign" => time(|| signature(&peer())),
        "our_sign" => time(|| ours().sign_digest(&DIGEST)),
        _ => {
            let peer = peer();
            let (point, signature) = (peer.verifying_key().to_sec1_bytes(), signature(&peer));
            let raw: [u8; 64] = signature.to_bytes().into();
            match operation {
                "peer_verify" => time(|| {
                    dsa::VerifyingKey::from_sec1_bytes(ID, &point)
                        .unwrap()
                        .verify_prehash(&DIGEST, &signature)
                        .unwrap();
                }),
                _ => time(|| {
                    let signature = Signature::from_bytes(&raw).unwrap();
                    VerifyingKey::new(&point, UserId::DEFAULT).unwrap().verify_digest(&DIGEST, &signature).unwrap();
                }),
            }
        }
    }
}

fn time<T>(function: impl FnOnce() -> T) -> u128 {
    let start = Instant::now();
    drop(black_box(function()));
    start.elapsed().as_nanos()
}
