//! A client's acts with an unknown outcome, and those done a moment ago, which look like them.

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The detail's times are whole seconds, and its clock differs slightly from the one that dates
/// responses.
pub(super) const CLOCK_TOLERANCE: Duration = Duration::from_secs(2);

/// The time after an act for which it may be counted as a later one: the tolerance of its own time,
/// that of the time from which acts are counted, and the second to which both are cut.
const AFTERGLOW: Duration = Duration::from_secs(5);

/// The latest time, after its sending, at which an act with a lost response may be done.
const LATEST: Duration = Duration::from_secs(10 * 60);

/// Most acts that are remembered.
const MAX_ACTS: usize = 1024;

/// The latest 1024 relevant acts of a client: the detail does not tell one act of a kind from
/// another.
///
/// All acts of a client share it. It is in memory, so a restarted process knows of none. Times are
/// the caller's, since any beginning, by a clock that never goes backwards.
#[derive(Default)]
pub struct SentActs {
    acts: Mutex<VecDeque<SentAct>>,
    last: AtomicU64,
}

/// The identity of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ActKey {
    /// Equal for acts that the detail does not tell apart.
    pub(super) alike: u64,
    /// Equal for acts whose sent bytes are the same.
    pub(super) same: u64,
}

struct SentAct {
    /// The call's number.
    number: u64,
    key: ActKey,
    sent: Duration,
    /// The time when it was known to be done.
    done: Option<Duration>,
}

impl SentAct {
    /// The time from which an item of the detail cannot be this act.
    fn over(&self) -> Duration {
        self.done.unwrap_or(self.sent + LATEST) + AFTERGLOW
    }
}

impl std::fmt::Debug for SentActs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SentActs").field("acts", &self.acts().len()).finish()
    }
}

impl SentActs {
    fn acts(&self) -> MutexGuard<'_, VecDeque<SentAct>> {
        self.acts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number for a call.
    pub(super) fn number(&self) -> u64 {
        self.last.fetch_add(1, Ordering::Relaxed)
    }

    /// The call sends its act now. If it did before, that attempt had no effect: otherwise the call
    /// would not send it again.
    pub(super) fn remember(&self, number: u64, key: ActKey, now: Duration) {
        let mut acts = self.acts();
        acts.retain(|act| act.number != number);
        // A done act is no longer looked for. It soon matters only to an older act like it whose
        // outcome is still unknown.
        let unsettled: HashSet<_> = acts.iter().filter(|act| act.done.is_none()).map(|act| act.key.alike).collect();
        acts.retain(|act| now < act.over() || act.done.is_none() || unsettled.contains(&act.key.alike));
        if acts.len() == MAX_ACTS {
            acts.pop_front();
        }
        acts.push_back(SentAct { number, key, sent: now, done: None });
    }

    /// The time when the call sent its act.
    pub(super) fn sent_at(&self, number: u64) -> Option<Duration> {
        self.acts().iter().find(|act| act.number == number).map(|act| act.sent)
    }

    /// The time when the same act, with an unknown outcome, was first sent.
    pub(super) fn first_sent(&self, key: ActKey) -> Option<Duration> {
        let same = |act: &&SentAct| act.key.same == key.same && act.done.is_none();
        self.acts().iter().filter(same).map(|act| act.sent).min()
    }

    /// The number of other acts that look alike and may have been done since `since`.
    pub(super) fn others(&self, number: u64, key: ActKey, since: Duration) -> usize {
        let is_own = |act: &SentAct| act.number == number || (act.key.same == key.same && act.done.is_none());
        let other = |act: &&SentAct| act.key.alike == key.alike && !is_own(act) && since <= act.over();
        self.acts().iter().filter(other).count()
    }

    /// The call's act certainly had no effect.
    pub(super) fn had_no_effect(&self, number: u64) {
        self.acts().retain(|act| act.number != number);
    }

    /// The call's act is known to be done, and with it earlier attempts at the same act.
    pub(super) fn done(&self, number: u64, key: ActKey, now: Duration) {
        let own = |act: &&mut SentAct| act.number == number || act.key.same == key.same;
        self.acts().iter_mut().filter(own).for_each(|act| act.done = act.done.or(Some(now)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn key(alike: u64, same: u64) -> ActKey {
        ActKey { alike, same }
    }

    #[test]
    fn so_many_unknown_outcomes_are_remembered() {
        let sent = SentActs::default();
        let at = |seconds| Some(Duration::from_secs(seconds));
        for number in 0..=MAX_ACTS as u64 {
            sent.remember(number, key(0, number / 2), Duration::from_secs(number));
        }
        let now = Duration::from_secs(MAX_ACTS as u64 + 1);
        assert_eq!((sent.sent_at(0), sent.sent_at(1)), (None, at(1)), "the oldest made room");
        assert_eq!(sent.first_sent(key(0, 1)), at(2), "the first attempt counts");
        sent.had_no_effect(2);
        assert_eq!(sent.first_sent(key(0, 1)), at(3));
        sent.done(3, key(0, 1), now);
        assert_eq!(sent.first_sent(key(0, 1)), None);
        sent.remember(5, key(0, 2), now);
        assert_eq!((sent.sent_at(5), sent.acts().len()), (at(1025), MAX_ACTS - 1), "a call has one");
    }

    #[test]
    fn what_is_done_soon_matters_no_more() {
        let sent = SentActs::default();
        for (number, alike) in [(0, 0), (1, 1), (2, 2), (3, 1)] {
            sent.remember(number, key(alike, number), Duration::ZERO);
        }
        sent.done(0, key(0, 0), Duration::ZERO);
        sent.done(1, key(1, 1), Duration::ZERO);
        let now = AFTERGLOW;
        sent.remember(4, key(3, 4), now);
        let known: Vec<_> = sent.acts().iter().map(|act| act.number).collect();
        assert_eq!(known, [1, 2, 3, 4], "the first is forgotten; the second may be taken for the fourth");
        // The other one alike is done, or may be for ten minutes.
        assert_eq!(sent.others(3, key(1, 3), now - AFTERGLOW), 1);
        assert_eq!(sent.others(3, key(1, 3), now + Duration::from_secs(1)), 0);
        assert_eq!(sent.others(9, key(1, 9), now + Duration::from_secs(1)), 1);
        assert_eq!(sent.others(9, key(1, 9), now + LATEST), 1);
        assert_eq!(sent.others(9, key(1, 9), now + LATEST + Duration::from_secs(1)), 0);
        assert_eq!(sent.others(9, key(1, 3), now + Duration::from_secs(1)), 0, "an earlier attempt at the same");
    }
}
