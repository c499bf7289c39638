//! Whether the time of a signature tells keys apart: `checks/constant-time`.
//!
//! After Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?" (2017). Each run signs
//! one message with a key of one of two classes: a fixed key, or a random one. Welch's t compares
//! the times of the classes, over all runs and over those below a threshold, since the longest times
//! are interruptions. A |t| of [`BOUND`] or more means that the classes differ.
//!
//! Before each run there is one of a control, under the same label: both of its classes have random
//! keys. A |t| of its own that reaches the bound comes from the machine or from this program.
//!
//! Both classes go through the same memory: the scalar of each run is copied under a mask into one
//! buffer, and the key is made of that buffer. Otherwise the fixed key would lie in the cache.
//!
//! `cargo bench -p sm2-precomputed --bench constant_time -- RUNS SEED` prints a line for machines
//! for the keys and one for the control: t, and the fixed class's mean less the other's in
//! nanoseconds, over each part of the times. It fails if one of them reaches the bound. Built with
//! `--cfg planted_leak`, the crate skips the additions of zero digits: this has to be found.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the lines are what it is for")]

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

/// Runs and seed, where no argument gives them.
const DEFAULTS: [u64; 2] = [1_000_000, 0x5eed];

/// The fewest runs: the smallest part of them has 2 500 times, which t takes for many.
const LEAST_RUNS: usize = 10_000;

/// The parts of all times, the shortest first, over which t is taken.
const PARTS: [f64; 7] = [1.0, 0.99, 0.95, 0.9, 0.75, 0.5, 0.25];

const FIXED: [u8; 32] = [0x39; 32];
const MESSAGE: &[u8] = b"GET\n/v3/merchant-service/complaints-v2\n1741936166\n593BEC0C930BF1AF\n\n";

fn main() -> ExitCode {
    let arguments: Result<Vec<u64>, _> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").map(|argument| argument.parse()).collect();
    let (runs, seed) = match arguments.as_deref() {
        Ok([]) => (DEFAULTS[0], DEFAULTS[1]),
        Ok([runs]) => (*runs, DEFAULTS[1]),
        Ok([runs, seed]) => (*runs, *seed),
        _ => (0, 0),
    };
    let runs = runs as usize;
    if runs < LEAST_RUNS {
        eprintln!("usage: constant_time [RUNS [SEED]], with at least {LEAST_RUNS} runs");
        return ExitCode::FAILURE;
    }
    let (times, control) = measure(runs, seed);
    let both = [report("constant_time", seed, &times), report("constant_time_control", seed, &control)];
    if both.iter().all(|below| *below) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints the line of these times. Whether every t is a number below the bound.
fn report(name: &str, seed: u64, times: &[(bool, f64)]) -> bool {
    let runs = times.len();
    let mut sorted: Vec<f64> = times.iter().map(|(_, time)| *time).collect();
    sorted.sort_by(f64::total_cmp);
    let at = |part: f64| sorted.get((runs as f64 * part) as usize).copied().unwrap_or(f64::INFINITY);
    let results = PARTS.map(|part| welch(times.iter().filter(|(_, time)| *time < at(part))));
    // `max` would drop what is not a number.
    let largest = if results.iter().all(|(t, _)| t.is_finite()) {
        results.iter().fold(0.0, |largest: f64, (t, _)| largest.max(t.abs()))
    } else {
        f64::NAN
    };
    print!("name={name} runs={runs} seed={seed} median_ns={:.0} largest_t={largest:.2} bound={BOUND}", at(0.5));
    PARTS.iter().zip(results).for_each(|(part, (t, difference))| print!(" t_{part}={t:.2} ns_{part}={difference:.1}"));
    println!();
    largest < BOUND
}

/// The class of each run, whether its key is the fixed one, and its time in nanoseconds; and those
/// of the control.
fn measure(runs: usize, seed: u64) -> (Vec<(bool, f64)>, Vec<(bool, f64)>) {
    let mut random = Random(seed);
    let warm = SigningKey::new(&FIXED, UserId::DEFAULT);
    warm.iter().for_each(SigningKey::prepare);
    let mut buffer = [0; 32];
    let (mut times, mut control) = (Vec::with_capacity(runs), Vec::with_capacity(runs));
    while times.len() < runs {
        let is_fixed = random.next() >> 63 == 1;
        let [first, second, other] = [(); 3].map(|()| scalar(&mut random));
        let Some(time) = time_of(&mut buffer, is_fixed, &first, &second) else { continue };
        control.push((is_fixed, time));
        let Some(time) = time_of(&mut buffer, is_fixed, &FIXED, &other) else { continue };
        times.push((is_fixed, time));
    }
    (times, control)
}

/// The nanoseconds of a signature by the key of one class.
fn time_of(buffer: &mut [u8; 32], is_fixed: bool, fixed: &[u8; 32], other: &[u8; 32]) -> Option<f64> {
    for ((byte, fixed), other) in buffer.iter_mut().zip(fixed).zip(other) {
        *byte = u8::conditional_select(other, fixed, Choice::from(u8::from(is_fixed)));
    }
    let key = SigningKey::new(black_box(buffer), UserId::DEFAULT)?;
    let start = Instant::now();
    black_box(key.sign([black_box(MESSAGE)]));
    Some(start.elapsed().as_nanos() as f64)
}

/// Welch's t of the times of the two classes, and the difference of their means.
fn welch<'t>(times: impl Iterator<Item = &'t (bool, f64)>) -> (f64, f64) {
    let mut classes = [Moments::default(); 2];
    for (is_fixed, time) in times {
        let [other, fixed] = &mut classes;
        if *is_fixed { fixed.add(*time) } else { other.add(*time) }
    }
    let [other, fixed] = classes;
    let difference = fixed.mean - other.mean;
    (difference / (fixed.error() + other.error()).sqrt(), difference)
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
