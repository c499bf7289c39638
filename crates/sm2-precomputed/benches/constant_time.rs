//! Whether the time of a signature tells keys apart: `checks/constant-time`.
//!
//! After Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?" (2017). Each run signs
//! one message with a key of one of two classes: a fixed key, or a random one. Welch's t compares
//! the times of the classes, over all runs and over those below a threshold, since the longest times
//! are interruptions. A |t| above [`BOUND`] means that the classes differ.
//!
//! Both classes go through the same memory: the scalar of each run is copied under a mask into one
//! buffer, and the key is made of that buffer. Otherwise the fixed key would lie in the cache.
//!
//! `cargo bench -p sm2-precomputed --bench constant_time -- RUNS` prints one line for machines and
//! fails above the bound. Built with `--cfg planted_leak`, the crate skips the additions of zero
//! digits: this has to be found.
#![allow(clippy::print_stdout, reason = "the line is what it is for")]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use sm2_precomputed::{SigningKey, UserId};
use subtle::{Choice, ConditionallySelectable as _};

/// The largest |t| of classes that do not differ.
const BOUND: f64 = 5.0;

/// Runs, if no argument says how many.
const RUNS: usize = 1_000_000;

/// The parts of all times, the shortest first, over which t is taken.
const PARTS: [f64; 7] = [1.0, 0.99, 0.95, 0.9, 0.75, 0.5, 0.25];

const FIXED: [u8; 32] = [0x39; 32];
const MESSAGE: &[u8] = b"GET\n/v3/merchant-service/complaints-v2\n1741936166\n593BEC0C930BF1AF\n\n";

fn main() -> ExitCode {
    let runs = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(RUNS);
    let times = measure(runs);
    let mut sorted: Vec<f64> = times.iter().map(|(_, time)| *time).collect();
    sorted.sort_by(f64::total_cmp);
    let at = |part: f64| sorted.get((runs as f64 * part) as usize).copied().unwrap_or(f64::INFINITY);
    let t = PARTS.map(|part| welch(times.iter().filter(|(_, time)| *time < at(part))));
    let largest = t.iter().fold(0.0, |largest: f64, t| largest.max(t.abs()));
    print!("name=constant_time runs={runs} median_ns={:.0} largest_t={largest:.2} bound={BOUND}", at(0.5));
    PARTS.iter().zip(t).for_each(|(part, t)| print!(" t_{part}={t:.2}"));
    println!();
    if largest < BOUND { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The class of each run, whether its key is the fixed one, and its time in nanoseconds.
fn measure(runs: usize) -> Vec<(bool, f64)> {
    let mut random = Random(0x5eed);
    let warm = SigningKey::new(&FIXED, UserId::DEFAULT);
    warm.iter().for_each(SigningKey::prepare);
    let mut scalar = [0; 32];
    let mut times = Vec::with_capacity(runs);
    while times.len() < runs {
        let is_fixed = random.next() >> 63 == 1;
        let other = random.scalar();
        for ((byte, fixed), other) in scalar.iter_mut().zip(&FIXED).zip(&other) {
            *byte = u8::conditional_select(other, fixed, Choice::from(u8::from(is_fixed)));
        }
        let Some(key) = SigningKey::new(black_box(&scalar), UserId::DEFAULT) else { continue };
        let start = Instant::now();
        black_box(key.sign([black_box(MESSAGE)]));
        times.push((is_fixed, start.elapsed().as_nanos() as f64));
    }
    times
}

/// Welch's t of the times of the two classes.
fn welch<'t>(times: impl Iterator<Item = &'t (bool, f64)>) -> f64 {
    let mut classes = [Moments::default(); 2];
    for (is_fixed, time) in times {
        let [other, fixed] = &mut classes;
        if *is_fixed { fixed.add(*time) } else { other.add(*time) }
    }
    let [other, fixed] = classes;
    (fixed.mean - other.mean) / (fixed.error() + other.error()).sqrt()
}

/// The moments of a class, as Welford's method gathers them.
#[derive(Default, Clone, Copy)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let distance = value - self.mean;
        self.mean += distance / self.count;
        self.squares += distance * (value - self.mean);
    }

    /// The variance of the mean.
    fn error(&self) -> f64 {
        self.squares / (self.count - 1.0) / self.count
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A scalar below 2²⁵⁵, and so below n.
    fn scalar(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.chunks_exact_mut(8).for_each(|chunk| chunk.copy_from_slice(&self.next().to_be_bytes()));
        bytes.first_mut().into_iter().for_each(|first| *first >>= 1);
        bytes
    }
}
