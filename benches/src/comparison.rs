//! Two functions beside each other, from pairs of times, and whether one keeps its distance.

use std::fmt;

/// The result of a comparison: medians over the pairs, spreads as interquartile ranges.
pub struct Comparison {
    pub name: &'static str,
    floor_ns: Summary,
    ours_ns: Summary,
    /// Ours by floor, pair by pair.
    ratio: Summary,
    /// The same by the clock on the wall, which also counts waiting.
    wall_ratio: Summary,
    /// The floor by the clock on the wall.
    floor_wall_ns: Summary,
    /// Ours minus floor, pair by pair.
    overhead_ns: Summary,
    goal: Option<Goal>,
    held: Option<Goal>,
    /// Figures of another implementation, measured on this machine.
    beside: Vec<(String, f64)>,
}

/// The distance of a path from its floor that the goal allows.
#[derive(Clone, Copy)]
pub enum Goal {
    /// Ours by floor.
    Ratio(f64),
    /// The same by the clock on the wall, for paths that wait for a disk.
    WallRatio(f64),
    /// Ours minus floor.
    OverheadNs(f64),
}

/// Both functions, one right after the other.
pub struct Pair {
    pub floor: Taken,
    pub ours: Taken,
}

/// The time of one call, as a mean over a batch.
pub struct Taken {
    pub ns: f64,
    pub wall_ns: f64,
}

impl Comparison {
    /// The summary of the pairs.
    #[must_use]
    pub fn of(name: &'static str, pairs: &[Pair]) -> Self {
        let summary = |of: fn(&Pair) -> f64| Summary::of(pairs.iter().map(of).collect());
        Self {
            name,
            floor_ns: summary(|pair| pair.floor.ns),
            ours_ns: summary(|pair| pair.ours.ns),
            ratio: summary(|pair| pair.ours.ns / pair.floor.ns),
            wall_ratio: summary(|pair| pair.ours.wall_ns / pair.floor.wall_ns),
            floor_wall_ns: summary(|pair| pair.floor.wall_ns),
            overhead_ns: summary(|pair| pair.ours.ns - pair.floor.ns),
            goal: None,
            held: None,
            beside: Vec::new(),
        }
    }

    /// Sets the goal that `--check` holds.
    #[must_use]
    pub fn goal(self, goal: Goal) -> Self {
        Self { goal: Some(goal), ..self }
    }

    /// Lets `--check` hold this in place of a goal that is missed. docs/performance.md says what the
    /// rest consists of.
    #[must_use]
    pub fn held(self, held: Goal) -> Self {
        Self { held: Some(held), ..self }
    }

    /// Adds a figure of another implementation, in nanoseconds, where there is one.
    #[must_use]
    pub fn beside(mut self, figure: Option<(String, f64)>) -> Self {
        self.beside.extend(figure);
        self
    }

    /// Whether what `--check` holds is missed by more than the noise. With room, ours may take so many
    /// times as long as it allows.
    #[must_use]
    pub fn is_missed(&self, room: f64) -> bool {
        match self.held.or(self.goal) {
            Some(Goal::Ratio(goal)) => self.ratio.is_beyond(goal * room),
            Some(Goal::WallRatio(goal)) => self.wall_ratio.is_beyond(goal * room),
            Some(Goal::OverheadNs(goal)) => {
                self.overhead_ns.is_beyond((self.floor_ns.median + goal).mul_add(room, -self.floor_ns.median))
            }
            None => false,
        }
    }
}

/// The middle of some values and their noise.
struct Summary {
    median: f64,
    /// The distance of the quartiles: what a reader sees of the noise.
    spread: f64,
    /// The standard error of the median.
    error: f64,
}

impl Summary {
    fn of(values: Vec<f64>) -> Self {
        let count = values.len() as f64;
        let values = sorted(values);
        let median = quartile(&values, 2);
        let deviations = sorted(values.iter().map(|value| (value - median).abs()).collect());
        let deviation = SIGMA_BY_MAD * quartile(&deviations, 2);
        Self {
            median,
            spread: quartile(&values, 3) - quartile(&values, 1),
            error: MEDIAN_BY_MEAN * deviation / count.sqrt(),
        }
    }

    /// Whether the median is beyond the goal by more than its noise.
    fn is_beyond(&self, goal: f64) -> bool {
        self.median - ERRORS * self.error > goal
    }
}

/// So many standard errors are noise: at the goal itself, one run in 700 fails.
const ERRORS: f64 = 3.0;

/// The standard deviation of a normal distribution by the median of its absolute deviations. A
/// standard deviation computed from squares would be that of the few pairs in which a batch was
/// interrupted, and a missed goal would hide in it. Half of the pairs have to be disturbed before
/// this one grows.
const SIGMA_BY_MAD: f64 = 1.4826;

/// The standard error of a normal distribution's median by that of its mean: √(π/2).
const MEDIAN_BY_MEAN: f64 = 1.2533;

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

fn quartile(sorted: &[f64], quarters: usize) -> f64 {
    sorted.get(sorted.len().saturating_sub(1) * quarters / 4).copied().unwrap_or(f64::NAN)
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, floor_ns, ours_ns, ratio, wall_ratio, floor_wall_ns, overhead_ns, goal, held, beside } = self;
        write!(
            f,
            "name={name} floor_ns={:.0} ours_ns={:.0} ratio={:.4} spread={:.4} error={:.4} overhead_ns={:.0} \
             overhead_spread_ns={:.0} overhead_error_ns={:.0} wall_ratio={:.4} wall_spread={:.4} wall_error={:.4} \
             floor_wall_ns={:.0}",
            floor_ns.median,
            ours_ns.median,
            ratio.median,
            ratio.spread,
            ratio.error,
            overhead_ns.median,
            overhead_ns.spread,
            overhead_ns.error,
            wall_ratio.median,
            wall_ratio.spread,
            wall_ratio.error,
            floor_wall_ns.median
        )?;
        beside.iter().try_for_each(|(name, ns)| write!(f, " {name}_ns={ns:.0}"))?;
        for (what, goal) in [("goal", goal), ("held", held)] {
            match goal {
                Some(Goal::Ratio(goal)) => write!(f, " {what}_ratio={goal}")?,
                Some(Goal::WallRatio(goal)) => write!(f, " {what}_wall_ratio={goal}")?,
                Some(Goal::OverheadNs(goal)) => write!(f, " {what}_overhead_ns={goal}")?,
                None => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOAL: f64 = 1.10;
    const FLOOR_NS: f64 = 10_000.0;
    const PAIRS: usize = 500;

    /// Pairs around a ratio. Noise is spread evenly up to its amplitude on both sides, in no order;
    /// every twelfth pair is interrupted, ours and floor in turns.
    fn pairs(ratio: f64, noise: f64) -> Vec<Pair> {
        // By the wall it takes twice as long, on both sides.
        let taken = |ns| Taken { ns, wall_ns: 2.0 * ns };
        let pair = |number: usize| {
            // 311 has no common factor with 500: every step occurs once.
            let step = (number * 311 % PAIRS) as f64 / (PAIRS - 1) as f64;
            let ours = FLOOR_NS * (ratio + noise * (2.0 * step - 1.0));
            let [floor, ours] = match number % 24 {
                0 => [FLOOR_NS, ours * 40.0],
                12 => [FLOOR_NS * 40.0, ours],
                _ => [FLOOR_NS, ours],
            };
            Pair { floor: taken(floor), ours: taken(ours) }
        };
        (0..PAIRS).map(pair).collect()
    }

    fn misses(pairs: &[Pair]) -> [bool; 3] {
        let goals = [Goal::Ratio(GOAL), Goal::OverheadNs((GOAL - 1.0) * FLOOR_NS), Goal::WallRatio(GOAL)];
        goals.map(|goal| Comparison::of("path", pairs).goal(goal).is_missed(1.0))
    }

    #[test]
    fn a_path_clearly_over_its_goal_misses_it_though_most_pairs_are_noise() {
        assert_eq!(misses(&pairs(1.13, 0.0)), [true; 3]);
        assert_eq!(misses(&pairs(1.13, 0.15)), [true; 3]);
        // Less than three quarters of the pairs are beyond the goal.
        let noisy = pairs(1.13, 0.15);
        let beyond = noisy.iter().filter(|pair| pair.ours.ns / pair.floor.ns > GOAL).count();
        assert!(beyond < PAIRS * 3 / 4, "{beyond}");
    }

    #[test]
    fn a_path_clearly_under_its_goal_keeps_it() {
        assert_eq!(misses(&pairs(1.07, 0.0)), [false; 3]);
        assert_eq!(misses(&pairs(1.07, 0.15)), [false; 3]);
    }

    #[test]
    fn a_noisy_path_at_its_goal_keeps_it_and_further_off_misses_it() {
        for ratio in [GOAL - 0.001, GOAL, GOAL + 0.001] {
            assert_eq!(misses(&pairs(ratio, 0.15)), [false; 3], "{ratio}");
        }
        let error = Comparison::of("path", &pairs(GOAL, 0.15)).ratio.error;
        assert_eq!(misses(&pairs(GOAL + 2.5 * error, 0.15)), [false; 3]);
        assert_eq!(misses(&pairs(GOAL + 3.5 * error, 0.15)), [true; 3]);
    }

    #[test]
    fn more_pairs_make_less_noise() {
        let few = Comparison::of("path", &pairs(1.13, 0.15)[..PAIRS / 4]).ratio.error;
        let many = Comparison::of("path", &pairs(1.13, 0.15)).ratio.error;
        assert!(few / many > 1.8 && few / many < 2.2, "{few} by {many}");
    }

    #[test]
    fn a_goal_that_is_known_to_be_missed_is_held_where_it_is() {
        let missing =
            |ratio| Comparison::of("path", &pairs(ratio, 0.05)).goal(Goal::Ratio(GOAL)).held(Goal::Ratio(1.2));
        assert!(!missing(1.15).is_missed(1.0));
        assert!(missing(1.25).is_missed(1.0));
        assert!(missing(1.15).to_string().ends_with(" goal_ratio=1.1 held_ratio=1.2"));
    }

    #[test]
    fn a_path_without_pairs_or_without_a_goal_misses_nothing() {
        assert!(!Comparison::of("path", &[]).goal(Goal::Ratio(0.0)).is_missed(1.0));
        assert!(!Comparison::of("path", &pairs(9.0, 0.0)).is_missed(1.0));
    }

    #[test]
    fn with_room_ours_may_take_so_many_times_what_its_goal_allows() {
        for goal in [Goal::Ratio(GOAL), Goal::OverheadNs((GOAL - 1.0) * FLOOR_NS), Goal::WallRatio(GOAL)] {
            let is_missed = |ratio| Comparison::of("path", &pairs(ratio, 0.0)).goal(goal).is_missed(1.5);
            assert_eq!((is_missed(1.5 * GOAL - 0.01), is_missed(1.5 * GOAL + 0.01)), (false, true));
        }
    }
}
