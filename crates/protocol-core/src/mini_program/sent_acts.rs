//! The acts of a client whose outcome is unknown, and those done a moment ago, which look like them.

use core::time::Duration;
use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The detail's times are whole seconds, and its clock differs slightly from the one that dates
/// responses.
pub(super) const CLOCK_TOLERANCE: Duration = Duration::from_secs(2);

/// How long after an act is done it may seem to be done still: the tolerance of its own time, that of the time since when acts are
/// counted, and the second that both are cut to.
const AFTERGLOW: Duration = Duration::from_secs(5);

/// How late an act may be done whose response was lost.
const LATEST: Duration = Duration::from_secs(10 * 60);

/// Most acts that are remembered.
const MAX_ACTS: usize = 1024;

/// The acts of a client that matter, the latest 1024 of them: the detail does not tell one from another of its kind.
///
/// All acts of a client share it. It is in memory: a process that starts anew knows of none. Times are the caller's, since any
/// beginning, by a clock that only goes forward.
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
    /// Equal for acts that are the same in all that is sent.
    pub(super) same: u64,
}

struct SentAct {
    /// The call's own.
    number: u64,
    key: ActKey,
    sent: Duration,
    /// When it was known to be done.
    done: Option<Duration>,
}

impl SentAct {
    /// From when on an item of the detail cannot be this act.
    fn over(&self) -> Duration {
        self.done.unwrap_or(self.sent + LATEST) + AFTERGLOW
    }
}

impl core::fmt::Debug for SentActs {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
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

    /// The call sends its act now; if it did before, that had no effect, or it would not send it again.
    pub(super) fn remember(&self, number: u64, key: ActKey, now: Duration) {
        let mut acts = self.acts();
        acts.retain(|act| act.number != number);
        // What is done is not what anybody looks for, and soon matters only to an older act that is looked for still.
        let unsettled: HashSet<_> = acts.iter().filter(|act| act.done.is_none()).map(|act| act.key.alike).collect();
        acts.retain(|act| now < act.over() || act.done.is_none() || unsettled.contains(&act.key.alike));
        if acts.len() == MAX_ACTS {
            acts.pop_front();
        }
        acts.push_back(SentAct { number, key, sent: now, done: None });
    }

    /// When the call sent its act.
    pub(super) fn sent_at(&self, number: u64) -> Option<Duration> {
        self.acts().iter().find(|act| act.number == number).map(|act| act.sent)
    }

    /// When the same act was first sent whose outcome is unknown.
    pub(super) fn first_sent(&self, key: ActKey) -> Option<Duration> {
        let same = |act: &&SentAct| act.key.same == key.same && act.done.is_none();
        self.acts().iter().filter(same).map(|act| act.sent).min()
    }

    /// How many other acts, which look alike, may have been done since then.
    pub(super) fn others(&self, number: u64, key: ActKey, since: Duration) -> usize {
        let is_own = |act: &SentAct| act.number == number || (act.key.same == key.same && act.done.is_none());
        let other = |act: &&SentAct| act.key.alike == key.alike && !is_own(act) && since <= act.over();
        self.acts().iter().filter(other).count()
    }

    /// The call's act certainly had no effect.
    pub(super) fn had_no_effect(&self, number: u64) {
        self.acts().retain(|act| act.number != number);
    }

    /// It is known that the call's act was done, and with it what was tried before.
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
