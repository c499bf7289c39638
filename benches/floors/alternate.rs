//! Times two functions in turns: short batches, so that other load on the machine hits both.

use std::fmt;
use std::hint::black_box;
use std::time::Instant;

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
    /// Ours minus floor, pair by pair.
    overhead_ns: Quartiles,
    goal: Option<Goal>,
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
    pub(crate) fn goal(self, goal: Goal) -> Self {
        Self { goal: Some(goal), ..self }
    }

    /// Whether the goal is missed by more than a busy machine explains: a quarter of a ratio, twice
    /// an overhead.
    pub(crate) fn is_far_off(&self) -> bool {
        match self.goal {
            Some(Goal::Ratio(goal)) => self.ratio.median > 1.25 * goal,
            Some(Goal::OverheadNs(goal)) => self.overhead_ns.median > 2.0 * goal,
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
        while batch(calls, &mut floor) * f64::from(calls) < BATCH {
            batch(calls, &mut ours);
            calls *= 2;
        }
        let pairs: Vec<(f64, f64)> = (0..self.pairs)
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
        let quartiles = |of: fn(&(f64, f64)) -> f64| Quartiles::of(pairs.iter().map(of).collect());
        Comparison {
            name,
            floor_ns: quartiles(|(floor, _)| *floor),
            ours_ns: quartiles(|(_, ours)| *ours),
            ratio: quartiles(|(floor, ours)| ours / floor),
            overhead_ns: quartiles(|(floor, ours)| ours - floor),
            goal: None,
        }
    }
}

/// Nanoseconds a call.
fn batch<T>(calls: u32, function: &mut impl FnMut() -> T) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        drop(black_box(function()));
    }
    start.elapsed().as_nanos() as f64 / f64::from(calls)
}

pub(crate) struct Quartiles {
    pub(crate) median: f64,
    spread: f64,
}

impl Quartiles {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |quarters: usize| values.get((values.len() - 1) * quarters / 4).copied().unwrap_or(f64::NAN);
        Self { median: at(2), spread: at(3) - at(1) }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, floor_ns, ours_ns, ratio, overhead_ns, goal } = self;
        write!(
            f,
            "name={name} floor_ns={:.0} ours_ns={:.0} ratio={:.4} spread={:.4} overhead_ns={:.0} overhead_spread_ns={:.0}",
            floor_ns.median, ours_ns.median, ratio.median, ratio.spread, overhead_ns.median, overhead_ns.spread
        )?;
        match goal {
            Some(Goal::Ratio(goal)) => write!(f, " goal_ratio={goal}"),
            Some(Goal::OverheadNs(goal)) => write!(f, " goal_overhead_ns={goal}"),
            None => Ok(()),
        }
    }
}
