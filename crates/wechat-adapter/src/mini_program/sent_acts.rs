//! The acts of a client whose outcome is unknown: on their way, cut off, or answered by nobody.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// Most acts that are remembered.
const MAX_ACTS: usize = 1024;

/// Acts whose outcome is unknown, the latest of them. In memory: a process that starts anew knows of none.
#[derive(Default)]
pub(super) struct SentActs {
    acts: Mutex<VecDeque<SentAct>>,
    last: AtomicU64,
}

struct SentAct {
    /// The call's own.
    number: u64,
    /// The same where all that is sent is the same.
    key: u64,
    sent: Instant,
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
    pub(super) fn remember(&self, number: u64, key: u64) {
        let mut acts = self.acts();
        acts.retain(|act| act.number != number);
        if acts.len() == MAX_ACTS {
            acts.pop_front();
        }
        acts.push_back(SentAct { number, key, sent: Instant::now() });
    }

    /// When the call sent its act.
    pub(super) fn sent_at(&self, number: u64) -> Option<Instant> {
        self.acts().iter().find(|act| act.number == number).map(|act| act.sent)
    }

    /// When an act like this was first sent.
    pub(super) fn first_sent(&self, key: u64) -> Option<Instant> {
        self.acts().iter().filter(|act| act.key == key).map(|act| act.sent).min()
    }

    /// The call's act certainly had no effect.
    pub(super) fn had_no_effect(&self, number: u64) {
        self.acts().retain(|act| act.number != number);
    }

    /// It is known that the act was done.
    pub(super) fn forget(&self, key: u64) {
        self.acts().retain(|act| act.key != key);
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn so_many_unknown_outcomes_are_remembered() {
        let sent = SentActs::default();
        let first = Instant::now();
        for number in 0..=MAX_ACTS as u64 {
            sent.remember(number, number / 2);
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        let at = |seconds| Some(first + Duration::from_secs(seconds));
        assert_eq!((sent.sent_at(0), sent.sent_at(1)), (None, at(1)), "the oldest made room");
        assert_eq!(sent.first_sent(1), at(2), "the first attempt counts");
        sent.had_no_effect(2);
        assert_eq!(sent.first_sent(1), at(3));
        sent.forget(1);
        assert_eq!((sent.first_sent(1), sent.acts().len()), (None, MAX_ACTS - 2));
        sent.remember(5, 2);
        assert_eq!((sent.sent_at(5), sent.acts().len()), (at(1025), MAX_ACTS - 2), "a call has one");
    }
}
