//! The rules that every store follows: leases, waits, the order of a list, deadlines' events.

use std::collections::BTreeSet;

use protocol_core::UnixTime;
use protocol_core::complaint::{Deadline, Deadlines, Due, FINISH_WITHIN_SECONDS, NEAR_SECONDS};
use protocol_core::replay::CLOCK_TOLERANCE_SECONDS;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::event::{EventKind, NewEvent};
use crate::message::NewLetter;

/// The wait before something that was put back is claimed again. Exhaustive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// None.
    None,
    /// So many seconds, at most [`MAX_WAIT_SECONDS`]: more are taken as that.
    Seconds(u32),
    /// [`FIRST_WAIT_SECONDS`], doubled for each refusal in a row up to an hour or so, and at least so
    /// many seconds. It counts as a refusal.
    BackOff {
        /// The least wait in seconds, such as that of a `Retry-After`; at most
        /// [`MAX_WAIT_SECONDS`].
        at_least: u32,
    },
}

impl Wait {
    /// The seconds to wait after so many refusals before, and the refusals from now on.
    pub(crate) fn after(self, refused: u32) -> (u32, u32) {
        match self {
            Self::None => (0, refused),
            Self::Seconds(seconds) => (seconds.min(MAX_WAIT_SECONDS), refused),
            Self::BackOff { at_least } => {
                let grown = FIRST_WAIT_SECONDS << refused.min(MAX_DOUBLINGS);
                (grown.max(at_least).min(MAX_WAIT_SECONDS), refused.saturating_add(1))
            }
        }
    }
}

/// Cuts a text to so many bytes, at the end of a character.
pub(crate) fn cut(text: &mut String, bytes: usize) {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.truncate(end.unwrap_or(0));
}

/// The key under which a letter that was removed is a message that is done. A list shows its row at each
/// sweep. The key has no word of the letter.
pub(crate) fn removed_key(letter: &NewLetter) -> String {
    let mut digest = Sha256::new();
    for name in [&letter.source.channel, &letter.source.merchant] {
        digest.update(name);
        digest.update([0]);
    }
    digest.update(letter.content.expose());
    let digest = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("letter {digest}")
}

/// Longest lease of a claim, in seconds; a longer one is taken as this.
pub const MAX_LEASE_SECONDS: u32 = 900;

/// How long a message stays reserved, in seconds: longer than a handler may take, shorter than the
/// wait before the last retry of the Mini Program's push. How soon that comes is not confirmed: a
/// guess on the safe side.
pub const RESERVATION_SECONDS: u32 = 6;

/// The first wait of [`Wait::BackOff`], in seconds.
pub const FIRST_WAIT_SECONDS: u32 = 60;

/// Longest wait, in seconds: a day.
pub const MAX_WAIT_SECONDS: u32 = 86_400;

/// Most rows of one call; a larger limit is taken as this.
pub const MAX_ROWS: u32 = 1000;

/// What changed last before this is removed by [`Store::forget`](crate::Store::forget).
#[must_use]
pub const fn kept_since(keep_days: u32, now: UnixTime) -> UnixTime {
    UnixTime(now.0.saturating_sub((keep_days as i64).saturating_mul(86_400)))
}

/// An act in hand that was asked for since then keeps its complaint: for as long again.
pub(crate) const fn held_since(keep_days: u32, now: UnixTime) -> UnixTime {
    kept_since(keep_days, kept_since(keep_days, now))
}

/// How many pictures are removed in a call that removes so many rows of the other kinds: they are
/// large, and messages wait for the transaction.
pub(crate) fn forgotten_pictures(limit: u32) -> u32 {
    limit.min(MAX_ROWS).div_ceil(10)
}

/// Doublings of [`FIRST_WAIT_SECONDS`]: 64 minutes.
const MAX_DOUBLINGS: u32 = 6;

/// How long the key of a message that is done is remembered, in seconds: the platforms give up after
/// two hours.
pub(crate) const REMEMBERED_SECONDS: u32 = 86_400;

/// How long the digest of a signature is remembered, in seconds: a nonce may read as a time that far
/// ahead.
pub(crate) const SIGNED_SECONDS: u32 = 365 * 86_400;

/// Whether a lease or a wait that ends then, and takes so long at most, still holds. One that ends
/// later than it could was made under a clock that has been set back since.
pub(crate) fn still_holds(until: UnixTime, longest: u32, now: UnixTime) -> bool {
    now < until && until <= latest_end(longest, now)
}

/// The latest end of a lease or a wait that was made at this time or before.
pub(crate) fn latest_end(longest: u32, now: UnixTime) -> UnixTime {
    now.plus(longest.saturating_add(CLOCK_TOLERANCE_SECONDS))
}

/// A complaint's place in the list: its next deadline, then those that are met, then the closed.
pub(crate) fn urgency(deadlines: Option<&Deadlines>, is_closed: bool) -> i64 {
    if is_closed {
        return CLOSED;
    }
    match deadlines.map(|deadlines| deadlines.next().due) {
        None | Some(Due::Unknown(_)) => i64::MIN,
        Some(Due::Lapsed { .. }) => LAPSED,
        Some(Due::At { time, .. }) => time.0.clamp(LAPSED + 1, MET - 1),
        Some(Due::Met) => MET,
    }
}

/// [`urgency`] of a closed complaint: it comes last.
pub(crate) const CLOSED: i64 = i64::MAX;

/// [`urgency`] of an open complaint in which the merchant has nothing to do.
pub(crate) const MET: i64 = CLOSED - 1;

/// [`urgency`] of a deadline that the platform calls over, whenever it was.
pub(crate) const LAPSED: i64 = i64::MIN + 1;

/// How long before its time a deadline is near: one distance, or several. Default: [`NEAR_SECONDS`].
///
/// ```
/// use complaint_inbox::NearSteps;
///
/// let steps = NearSteps::default().and(3600);
/// assert_eq!(steps.seconds().collect::<Vec<_>>(), [6 * 3600, 3600]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearSteps(BTreeSet<u32>);

impl Default for NearSteps {
    fn default() -> Self {
        Self(BTreeSet::from([NEAR_SECONDS]))
    }
}

impl NearSteps {
    /// One more distance in seconds, 1 to [`MAX_NEAR_SECONDS`]: a larger one is taken as that, 0 is
    /// left out.
    #[must_use]
    pub fn and(mut self, seconds: u32) -> Self {
        self.0.extend((seconds > 0).then_some(seconds.min(MAX_NEAR_SECONDS)));
        self
    }

    /// The distances in seconds, the longest first.
    pub fn seconds(&self) -> impl Iterator<Item = u32> {
        self.0.iter().rev().copied()
    }
}

/// Longest distance at which a deadline is near, in seconds: 72 hours, the longest time that a
/// merchant has.
pub const MAX_NEAR_SECONDS: u32 = FINISH_WITHIN_SECONDS;

/// The time at which the deadlines of a reading are looked at first, whatever the distances are:
/// [`next_alarm`] follows.
pub(crate) fn first_alarm(deadlines: Option<&Deadlines>, is_closed: bool) -> Option<UnixTime> {
    next_alarm(deadlines, is_closed, &NearSteps::default().and(MAX_NEAR_SECONDS), None)
}

/// The next time after `after` at which a deadline becomes near or over; `None` if none does.
/// Lapsed ones are over since ever.
pub(crate) fn next_alarm(
    deadlines: Option<&Deadlines>,
    is_closed: bool,
    steps: &NearSteps,
    after: Option<UnixTime>,
) -> Option<UnixTime> {
    let deadlines = deadlines.filter(|_| !is_closed)?;
    let alarms = [deadlines.reply, deadlines.finish].into_iter().flat_map(|deadline| match deadline.due {
        Due::At { time, .. } => steps.seconds().chain([0]).map(|seconds| before(time, seconds)).collect(),
        Due::Lapsed { .. } => vec![UnixTime(i64::MIN)],
        Due::Unknown(_) | Due::Met => Vec::new(),
    });
    alarms.filter(|alarm| after.is_none_or(|after| *alarm > after)).min()
}

/// The events of the deadlines that are near or over at this time. One that is over is no longer
/// near. Each is written once for its deadline, its time and the distance.
pub(crate) fn deadline_events(deadlines: &Deadlines, steps: &NearSteps, now: UnixTime) -> Vec<NewEvent> {
    let events = |name: &'static str, deadline: Deadline| {
        let due = deadline.at().map(|time| time.0);
        let once = format!("{name} {}", due.map_or_else(|| "lapsed".to_owned(), |due| due.to_string()));
        let over = || vec![NewEvent::once(EventKind::DeadlineOver, &*once, json!({ "deadline": name, "due": due }))];
        match deadline.due {
            Due::Lapsed { .. } => over(),
            Due::At { time, .. } if time <= now => over(),
            Due::At { time, .. } => {
                let reached = steps.seconds().filter(|seconds| before(time, *seconds) <= now);
                let near = |seconds| {
                    // The text of this distance is older than the others.
                    let once = if seconds == NEAR_SECONDS { once.clone() } else { format!("{once} {seconds}") };
                    let data = json!({ "deadline": name, "due": due, "within_seconds": seconds });
                    NewEvent::once(EventKind::DeadlineNear, once, data)
                };
                reached.map(near).collect()
            }
            Due::Unknown(_) | Due::Met => Vec::new(),
        }
    };
    [events("reply", deadlines.reply), events("finish", deadlines.finish)].concat()
}

/// Whether one of these events says that a deadline passed.
pub(crate) fn is_over(events: &[NewEvent]) -> bool {
    events.iter().any(|event| event.kind == EventKind::DeadlineOver)
}

fn before(time: UnixTime, seconds: u32) -> UnixTime {
    UnixTime(time.0.saturating_sub(i64::from(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_doubled_up_to_an_hour_and_is_never_longer_than_a_day() {
        let back_off = |refused, at_least| Wait::BackOff { at_least }.after(refused);
        assert_eq!([0, 1, 5, 6, 7, u32::MAX].map(|refused| back_off(refused, 0).0), [60, 120, 1920, 3840, 3840, 3840]);
        assert_eq!(back_off(0, 61), (61, 1));
        assert_eq!(back_off(0, MAX_WAIT_SECONDS).0, MAX_WAIT_SECONDS);
        assert_eq!(back_off(0, MAX_WAIT_SECONDS + 1).0, MAX_WAIT_SECONDS);
        assert_eq!(Wait::Seconds(MAX_WAIT_SECONDS).after(2), (MAX_WAIT_SECONDS, 2));
        assert_eq!(Wait::Seconds(MAX_WAIT_SECONDS + 1).after(2), (MAX_WAIT_SECONDS, 2));
        assert_eq!(Wait::None.after(2), (0, 2));
    }

    #[test]
    fn a_distance_has_its_bounds() {
        let steps = |seconds| NearSteps::default().and(seconds).seconds().collect::<Vec<_>>();
        assert_eq!(steps(0), [NEAR_SECONDS]);
        assert_eq!(steps(NEAR_SECONDS), [NEAR_SECONDS]);
        assert_eq!(steps(1), [NEAR_SECONDS, 1]);
        assert_eq!(steps(MAX_NEAR_SECONDS), [MAX_NEAR_SECONDS, NEAR_SECONDS]);
        assert_eq!(steps(MAX_NEAR_SECONDS + 1), [MAX_NEAR_SECONDS, NEAR_SECONDS]);
    }

    #[test]
    fn a_lease_holds_until_its_end_and_not_under_a_clock_that_was_set_back() {
        let now = UnixTime(1_741_936_166);
        let holds = |seconds: u32| still_holds(now.plus(seconds), 60, now);
        assert_eq!([0, 1, 60, 70, 71].map(holds), [false, true, true, true, false]);
    }
}
