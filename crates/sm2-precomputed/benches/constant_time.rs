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

use random::Random;

#[path = "../examples/differential/random.rs"]
mod random;

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
    let mut buffer = [0; 32];
    let mut times = Vec::with_capacity(runs);
    while times.len() < runs {
        let is_fixed = random.next() >> 63 == 1;
        let other = scalar(&mut random);
        for ((byte, fixed), other) in buffer.iter_mut().zip(&FIXED).zip(&other) {
            *byte = u8::conditional_select(other, fixed, Choice::from(u8::from(is_fixed)));
        }
        let Some(key) = SigningKey::new(black_box(&buffer), UserId::DEFAULT) else { continue };
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

/// A scalar below 2²⁵⁵, and so below n.
fn scalar(random: &mut Random) -> [u8; 32] {
    let mut bytes = random.bytes();
    bytes.first_mut().into_iter().for_each(|first| *first >>= 1);
    bytes
}
