//! Times two functions in turns: short batches, so that other load on the machine hits both.
//!
//! The time is the processor time of all threads of the process. The process of another cannot
//! lengthen it, except through caches and through the other half of a core.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// The shortest batch, in nanoseconds.
const BATCH: f64 = 300_000.0;

/// The number of turns.
#[derive(Clone, Copy)]
pub(crate) struct Alternate {
    pub(crate) pairs: usize,
}

/// The result of a comparison: medians over the pairs of batches, spreads as interquartile ranges.
pub(crate) struct Comparison {
    pub(crate) name: &'static str,
    pub(crate) floor_ns: Quartiles,
    pub(crate) ours_ns: Quartiles,
    /// Ours by floor, pair by pair.
    pub(crate) ratio: Quartiles,
    /// The same by the clock on the wall, which also counts waiting.
    wall_ratio: Quartiles,
    /// Ours minus floor, pair by pair.
    overhead_ns: Quartiles,
    goal: Option<Goal>,
    /// Figures of another implementation, measured on this machine.
    beside: Vec<(String, f64)>,
}

/// The distance of a path from its floor that the goal allows.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    /// Ours by floor.
    Ratio(f64),
    /// Ours minus floor.
    #[cfg_attr(not(feature = "aws-lc-rs"), expect(dead_code, reason = "the goal of paths that are left out then"))]
    OverheadNs(f64),
}

impl Comparison {
    /// Sets the goal that `--check` holds.
    pub(crate) fn goal(self, goal: Goal) -> Self {
        Self { goal: Some(goal), ..self }
    }

    /// Adds a figure of another implementation, in nanoseconds, where there is one.
    pub(crate) fn beside(mut self, figure: Option<(String, f64)>) -> Self {
        self.beside.extend(figure);
        self
    }

    /// Whether three quarters of the pairs miss the goal: the quarter of them with the least noise
    /// does, too.
    pub(crate) fn misses_its_goal(&self) -> bool {
        match self.goal {
            Some(Goal::Ratio(goal)) => self.ratio.lower > goal,
            Some(Goal::OverheadNs(goal)) => self.overhead_ns.lower > goal,
            None => false,
        }
    }
}

impl Alternate {
    /// Times both. The time includes dropping the results.
    pub(crate) fn compare<F, O>(
        self,
        name: &'static str,
        mut floor: impl FnMut() -> F,
        mut ours: impl FnMut() -> O,
    ) -> Comparison {
        let mut calls: u32 = 1;
        while batch(calls, &mut floor).wall_ns * f64::from(calls) < BATCH {
            batch(calls, &mut ours);
            calls *= 2;
        }
        let pairs: Vec<(Taken, Taken)> = (0..self.pairs)
            .map(|pair| {
                // Each goes first as often as the other.
                if pair % 2 == 0 {
                    let floor = batch(calls, &mut floor);
                    (floor, batch(calls, &mut ours))
                } else {
                    let ours = batch(calls, &mut ours);
                    (batch(calls, &mut floor), ours)
                }
            })
            .collect();
        let quartiles = |of: fn(&(Taken, Taken)) -> f64| Quartiles::of(pairs.iter().map(of).collect());
        Comparison {
            name,
            floor_ns: quartiles(|(floor, _)| floor.ns),
            ours_ns: quartiles(|(_, ours)| ours.ns),
            ratio: quartiles(|(floor, ours)| ours.ns / floor.ns),
            wall_ratio: quartiles(|(floor, ours)| ours.wall_ns / floor.wall_ns),
            overhead_ns: quartiles(|(floor, ours)| ours.ns - floor.ns),
            goal: None,
            beside: Vec::new(),
        }
    }
}

/// The time of one call, as a mean over a batch.
struct Taken {
    ns: f64,
    wall_ns: f64,
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

/// What all threads of this process have taken so far.
fn processor_time() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap()
}

pub(crate) struct Quartiles {
    lower: f64,
    pub(crate) median: f64,
    spread: f64,
}

impl Quartiles {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |quarters: usize| values.get((values.len() - 1) * quarters / 4).copied().unwrap_or(f64::NAN);
        Self { lower: at(1), median: at(2), spread: at(3) - at(1) }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, floor_ns, ours_ns, ratio, wall_ratio, overhead_ns, goal, beside } = self;
        write!(
            f,
            "name={name} floor_ns={:.0} ours_ns={:.0} ratio={:.4} spread={:.4} overhead_ns={:.0} overhead_spread_ns={:.0} wall_ratio={:.4}",
            floor_ns.median,
            ours_ns.median,
            ratio.median,
            ratio.spread,
            overhead_ns.median,
            overhead_ns.spread,
            wall_ratio.median
        )?;
        beside.iter().try_for_each(|(name, ns)| write!(f, " {name}_ns={ns:.0}"))?;
        match goal {
            Some(Goal::Ratio(goal)) => write!(f, " goal_ratio={goal}"),
            Some(Goal::OverheadNs(goal)) => write!(f, " goal_overhead_ns={goal}"),
            None => Ok(()),
        }
    }
}
