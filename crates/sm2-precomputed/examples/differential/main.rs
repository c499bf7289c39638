//! Verifies signatures of every kind with this crate and with the crate `sm2`, and stops at the
//! first that they judge differently: `cargo run --release --example differential -- 10000000`. A
//! second argument is the seed.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a check, which stops at the first fault"
)]

use std::thread;

mod rounds;

fn main() {
    let mut numbers = std::env::args().skip(1).map(|argument| argument.parse().expect("a number"));
    let (count, seed): (u64, u64) = (numbers.next().unwrap_or(100_000), numbers.next().unwrap_or(1));
    let threads = thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
    let share = move |index: u64| count / threads + u64::from(index < count % threads);
    let workers: Vec<_> =
        (0..threads).map(|index| thread::spawn(move || rounds::run(seed + (index << 32), share(index)))).collect();
    let mut all = rounds::Tally::default();
    for worker in workers {
        let tally = worker.join().expect("both crates agree");
        all.accepted += tally.accepted;
        all.refused += tally.refused;
    }
    println!("{count} verifications from seed {seed}: accepted={} refused={}", all.accepted, all.refused);
}
