//! Each operation beside the crate `sm2`: `cargo bench -p sm2-precomputed --bench peer`, or with
//! the beginnings of names after `--`.
//!
//! Both are timed in turns, in short batches, so that other load on the machine hits both. A line
//! has the median of each in nanoseconds and the median of how many times as fast ours is.
#![allow(clippy::unwrap_used, reason = "a bench that cannot run has to stop")]
#![allow(clippy::print_stdout, reason = "the lines are what a bench is for")]

use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use sm2::dsa;
use sm2::dsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
use sm2_precomputed::{Signature, SigningKey, UserId, VerifyingKey, Window};

const ID: &str = "1234567812345678";
const SCALAR: [u8; 32] = [0x39; 32];
const DIGEST: [u8; 32] = [0xf0; 32];

const NAMES: [[&str; 2]; 5] = [
    ["sign_4_bits", "verify_4_bits"],
    ["sign_5_bits", "verify_5_bits"],
    ["sign_6_bits", "verify_6_bits"],
    ["sign_7_bits", "verify_7_bits"],
    ["sign_8_bits", "verify_8_bits"],
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, operation] = &arguments[..]
        && first == FIRST
    {
        return println!("{}", first_use(operation));
    }

    let key = SigningKey::new(&SCALAR, UserId::DEFAULT).unwrap();
    let peer = dsa::SigningKey::from_slice(ID, &SCALAR).unwrap();
    let peer_signature: dsa::Signature = peer.sign_prehash(&DIGEST).unwrap();
    let signature = key.sign_digest(&DIGEST);
    let point = key.verifying_key().to_bytes();

    for (window, [sign, verify]) in Window::ALL.into_iter().zip(NAMES) {
        let key = key.clone().with_window(window);
        key.prepare();
        key.verifying_key().prepare();
        compare(
            sign,
            || -> dsa::Signature { peer.sign_prehash(black_box(&DIGEST)).unwrap() },
            || key.sign_digest(black_box(&DIGEST)),
        );
        compare(
            verify,
            || peer.verifying_key().verify_prehash(black_box(&DIGEST), &peer_signature).unwrap(),
            || key.verifying_key().verify_digest(black_box(&DIGEST), &signature).unwrap(),
        );
    }
    // A key from its bytes for one use, with its digest of the user id.
    compare(
        "key_once_verify",
        || {
            let key = dsa::VerifyingKey::from_sec1_bytes(ID, black_box(&point)).unwrap();
            key.verify_prehash(&DIGEST, &peer_signature).unwrap();
        },
        || {
            let key = VerifyingKey::new(black_box(&point), UserId::DEFAULT).unwrap();
            key.verify_digest(&DIGEST, &signature).unwrap();
        },
    );
    compare(
        "key_once_sign",
        || -> dsa::Signature {
            dsa::SigningKey::from_slice(ID, black_box(&SCALAR)).unwrap().sign_prehash(&DIGEST).unwrap()
        },
        || -> Signature { SigningKey::new(black_box(&SCALAR), UserId::DEFAULT).unwrap().sign_digest(&DIGEST) },
    );
    compare_first("first_verify", "peer_verify", "our_verify");
    compare_first("first_sign", "peer_sign", "our_sign");
    // Making a table, beside one verification of the peer's.
    compare(
        "table_6_bits",
        || peer.verifying_key().verify_prehash(black_box(&DIGEST), &peer_signature).unwrap(),
        || VerifyingKey::new(black_box(&point), UserId::DEFAULT).unwrap().prepare(),
    );
}

/// The argument of a process that makes one operation, the first of the program.
const FIRST: &str = "--first";

/// The nanoseconds that the first operation of a program takes: no table is there yet.
fn first_use(operation: &str) -> u128 {
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

/// Compares first operations, each in a process of its own.
fn compare_first(name: &str, peer: &str, ours: &str) {
    if !is_wanted(name) {
        return;
    }
    let program = std::env::current_exe().unwrap();
    let run = |operation: &str| -> f64 {
        let output = Command::new(&program).args([FIRST, operation]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
    };
    let pairs: Vec<(f64, f64)> = (0..PROCESSES).map(|_| (run(peer), run(ours))).collect();
    report(name, &pairs);
}

const PROCESSES: usize = 100;

fn is_wanted(name: &str) -> bool {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    wanted.is_empty() || wanted.iter().any(|wanted| name.starts_with(wanted.as_str()))
}

fn compare<T, U>(name: &str, mut peer: impl FnMut() -> T, mut ours: impl FnMut() -> U) {
    if !is_wanted(name) {
        return;
    }
    let (peer_calls, our_calls) = (calls(&mut peer), calls(&mut ours));
    let pairs: Vec<(f64, f64)> =
        (0..TURNS).map(|_| (batch(&mut peer, peer_calls), batch(&mut ours, our_calls))).collect();
    report(name, &pairs);
}

/// Prints the line of pairs of times.
fn report(name: &str, pairs: &[(f64, f64)]) {
    let median = |of: fn(&(f64, f64)) -> f64| {
        let mut values: Vec<f64> = pairs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let (peer, ours, ratio) =
        (median(|(peer, _)| *peer), median(|(_, ours)| *ours), median(|(peer, ours)| peer / ours));
    println!("name={name} peer_ns={peer:.0} ours_ns={ours:.0} times_as_fast={ratio:.2}");
}

const TURNS: usize = 600;

/// The length of a batch in nanoseconds: longer ones would be interrupted by other processes.
const BATCH: f64 = 300_000.0;

/// The calls that make a batch. The quickest of several counts: the others were interrupted.
fn calls<T>(function: &mut impl FnMut() -> T) -> u32 {
    let quickest = (0..20).map(|_| batch(function, 1)).fold(BATCH, f64::min);
    (BATCH / quickest).ceil() as u32
}

/// Nanoseconds a call.
fn batch<T>(function: &mut impl FnMut() -> T, calls: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        drop(black_box(function()));
    }
    start.elapsed().as_nanos() as f64 / f64::from(calls)
}
