//! Each operation beside the crate `sm2`: `cargo bench -p sm2-precomputed`, or with the beginnings
//! of names after `--`.
//!
//! Both are timed in turns, in short batches, so that other load on the machine hits both. A line
//! has the median of each in nanoseconds and the median of how many times as fast ours is.
#![allow(clippy::unwrap_used, reason = "a bench that cannot run has to stop")]
#![allow(clippy::print_stdout, reason = "the lines are what a bench is for")]

use std::hint::black_box;
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
    // Making a table, beside one verification of the peer's.
    compare(
        "table_6_bits",
        || peer.verifying_key().verify_prehash(black_box(&DIGEST), &peer_signature).unwrap(),
        || VerifyingKey::new(black_box(&point), UserId::DEFAULT).unwrap().prepare(),
    );
}

fn compare<T, U>(name: &str, mut peer: impl FnMut() -> T, mut ours: impl FnMut() -> U) {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if !wanted.is_empty() && !wanted.iter().any(|wanted| name.starts_with(wanted.as_str())) {
        return;
    }
    let (peer_calls, our_calls) = (calls(&mut peer), calls(&mut ours));
    let (mut peers, mut all, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let (peer, ours) = (batch(&mut peer, peer_calls), batch(&mut ours, our_calls));
        peers.push(peer);
        all.push(ours);
        ratios.push(peer / ours);
    }
    let [peer, ours, ratio] = [peers, all, ratios].map(median);
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

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
