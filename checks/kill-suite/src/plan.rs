//! How each server process is to end.

use std::fmt;
use std::time::Duration;

use complaint_inbox::AbortPoint;
use fastrand::Rng;

/// The end of a server process.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum End {
    /// By itself, the n-th time that it reaches this point.
    AtPoint(AbortPoint, u32),
    /// By SIGKILL, so long after it was started: it may not listen yet.
    AfterStart(Duration),
    /// By SIGKILL, so long after it listens.
    AfterReady(Duration),
    /// By SIGKILL, while the response to an act is on its way.
    WhileSending,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtPoint(point, count) => write!(f, "{point}:{count}"),
            Self::AfterStart(time) => write!(f, "a kill {} ms after its start", time.as_millis()),
            Self::AfterReady(time) => write!(f, "a kill {} ms after it listens", time.as_millis()),
            Self::WhileSending => f.write_str("a kill while it sends an act"),
        }
    }
}

/// The ends of all processes: up to two thirds of them at points, each point once, the others at
/// random.
pub(crate) fn ends(kills: usize, rng: &mut Rng) -> Vec<End> {
    // A file is new once in a round, so its migration is the first.
    let (mut named, mut points): (Vec<AbortPoint>, Vec<AbortPoint>) = AbortPoint::all().partition(is_of_migration);
    rng.shuffle(&mut points);
    // A short plan has those that an act sent twice would come from.
    points.sort_by_key(|point| !matches!(point, AbortPoint::ActKept | AbortPoint::ActSent));
    named.append(&mut points);
    named.truncate(kills.saturating_mul(2).div_ceil(3));
    let at_random = kills.saturating_sub(named.len());
    let mut ends: Vec<End> = named.into_iter().map(|point| End::AtPoint(point, count(point, rng))).collect();
    ends.extend((0..at_random).map(|number| kill(number, rng)));
    if let Some(others) = ends.get_mut(2..) {
        rng.shuffle(others);
    }
    ends
}

fn kill(number: usize, rng: &mut Rng) -> End {
    let after = Duration::from_millis(rng.u64(..MAX_LIFE_MILLIS));
    match number % 8 {
        0 => End::WhileSending,
        1..4 => End::AfterStart(after),
        _ => End::AfterReady(after),
    }
}

/// The longest time until a kill at random.
const MAX_LIFE_MILLIS: u64 = 800;

/// Some points are reached once in a process.
fn count(point: AbortPoint, rng: &mut Rng) -> u32 {
    let name = point.to_string();
    let is_rare = ["migrate", "endpoint", "session", "forget", "put_back", "remove", "replay", "read_again", "sight"];
    if is_rare.iter().any(|rare| name.contains(rare)) { 1 } else { rng.u32(1..=2) }
}

fn is_of_migration(point: &AbortPoint) -> bool {
    point.to_string().starts_with("migrate")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_plan_has_every_point_and_a_short_one_begins_with_the_migration() {
        let plan = ends(1000, &mut Rng::with_seed(1));
        assert_eq!(plan.len(), 1000);
        for point in AbortPoint::all() {
            assert_eq!(plan.iter().filter(|end| matches!(end, End::AtPoint(named, _) if *named == point)).count(), 1);
        }
        let of_acts = [AbortPoint::ActKept, AbortPoint::ActSent];
        let brief = ends(30, &mut Rng::with_seed(1));
        for point in of_acts {
            assert!(brief.iter().any(|end| matches!(end, End::AtPoint(named, _) if *named == point)), "{point}");
        }
        for kills in [0, 1, 2, 3, 30] {
            let plan = ends(kills, &mut Rng::with_seed(2));
            assert_eq!(plan.len(), kills);
            assert_eq!(plan.iter().filter(|end| matches!(end, End::AtPoint(..))).count(), (2 * kills).div_ceil(3));
            let first: Vec<String> = plan.iter().take(2.min(kills - kills / 3)).map(|end| format!("{end:?}")).collect();
            assert!(first.iter().all(|end| end.contains("Migrate")), "{first:?}");
        }
        assert_eq!(ends(99, &mut Rng::with_seed(3)), ends(99, &mut Rng::with_seed(3)));
    }
}
