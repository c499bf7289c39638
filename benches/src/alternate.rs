//! Times two functions in turns: short batches, so that other load on the machine hits both.
//!
//! The time is the processor time of all threads of the process. The process of another cannot
//! lengthen it, except through caches and through the other half of a core.

use std::hint::black_box;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::comparison::{Comparison, Pair, Taken};

/// The shortest batch, in nanoseconds.
const BATCH: f64 = 300_000.0;

/// The number of turns.
#[derive(Clone, Copy)]
pub struct Alternate {
    pub pairs: usize,
    /// Calls one side so often instead, for a profiler or a counter of instructions.
    pub only: Option<(Side, usize)>,
}

/// One of the two functions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Floor,
    Ours,
}

impl Alternate {
    /// With so many turns for each of these: for calls that take milliseconds.
    #[must_use]
    pub const fn fewer(self, times: usize) -> Self {
        Self { pairs: self.pairs / times, ..self }
    }

    /// Times both. The time includes dropping the results.
    pub fn compare<F, O>(
        self,
        name: &'static str,
        mut floor: impl FnMut() -> F,
        mut ours: impl FnMut() -> O,
    ) -> Comparison {
        if let Some((side, calls)) = self.only {
            for _ in 0..calls {
                match side {
                    Side::Floor => drop(black_box(floor())),
                    Side::Ours => drop(black_box(ours())),
                }
            }
            return Comparison::of(name, &[]);
        }
        let mut calls: u32 = 1;
        while batch(calls, &mut floor).wall_ns * f64::from(calls) < BATCH {
            batch(calls, &mut ours);
            calls *= 2;
        }
        let pair = |pair: usize| {
            // Each goes first as often as the other.
            if pair.is_multiple_of(2) {
                let floor = batch(calls, &mut floor);
                Pair { floor, ours: batch(calls, &mut ours) }
            } else {
                let ours = batch(calls, &mut ours);
                Pair { floor: batch(calls, &mut floor), ours }
            }
        };
        Comparison::of(name, &(0..self.pairs).map(pair).collect::<Vec<_>>())
    }
}

fn batch<T>(calls: u32, function: &mut impl FnMut() -> T) -> Taken {
    let (start, wall_start) = (processor_time(), Instant::now());
    for _ in 0..calls {
        drop(black_box(function()));
    }
    let (time, wall_time) = (processor_time() - start, wall_start.elapsed());
    let each = |time: Duration| time.as_nanos() as f64 / f64::from(calls);
    Taken { ns: each(time), wall_ns: each(wall_time) }
}

/// The processor time that all threads of this process have taken so far.
fn processor_time() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap()
}
