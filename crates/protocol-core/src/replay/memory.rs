//! [`Deduplicate`] in memory.

use std::collections::hash_map::Entry as Slot;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::future::{Future, ready};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{CLOCK_TOLERANCE_SECONDS, Deduplicate, Key, Lease, Reservation, SignedDigest};
use crate::time::UnixTime;

/// [`Deduplicate`] in this process's memory, bounded.
///
/// It remembers the last `capacity` ids, and as many digests. When it is full, it forgets a lapsed
/// reservation, or else the oldest committed id; ids in hand are never forgotten. Its content is
/// lost with the process, which the contract allows: a copy that arrives after a restart is handled
/// again.
///
/// ```
/// use std::num::NonZeroUsize;
/// use protocol_core::UnixTime;
/// use protocol_core::replay::{Deduplicate, Lease, MemoryDeduplicate, MemoryFullError, Reservation};
///
/// async fn handle(store: &MemoryDeduplicate, id: &str, random: u64, now: UnixTime) -> Result<bool, MemoryFullError> {
///     let lease = Lease::new(random);
///     match store.reserve(id.into(), lease, now).await? {
///         Reservation::First => { /* store the complaint, then */ store.commit(id.into(), lease).await }
///         Reservation::Done => Ok(true), // acknowledge it
///         Reservation::InHand | Reservation::Replayed => Ok(false), // 5xx: retry; 401: refused
///     }
/// }
/// # let store = MemoryDeduplicate::new(NonZeroUsize::MIN.saturating_add(999), 60);
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # for random in 0..2 {
/// #     let handled = std::pin::pin!(handle(&store, "1900007291/EV-1", random, UnixTime(0))).poll(&mut context);
/// #     assert_eq!(handled, std::task::Poll::Ready(Ok(true)));
/// # }
/// ```
#[derive(Debug)]
pub struct MemoryDeduplicate {
    capacity: NonZeroUsize,
    lease_seconds: u32,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    entries: HashMap<Arc<str>, Entry>,
    /// Committed ids, oldest first.
    committed: VecDeque<Arc<str>>,
    /// Reservations by the time at which they end.
    reserved: BTreeSet<(UnixTime, Arc<str>)>,
    /// The message that each digest belongs to, once it is committed; oldest first in `digests`.
    signed: HashMap<SignedDigest, Arc<str>>,
    digests: VecDeque<SignedDigest>,
    /// The message that each digest in hand belongs to.
    signed_in_hand: HashMap<SignedDigest, Arc<str>>,
}

#[derive(Debug, Clone, Copy)]
enum Entry {
    InHand { lease: Lease, until: UnixTime, signed: Option<SignedDigest> },
    Done,
}

/// Every remembered id is in hand: none can be forgotten. Respond with 5xx; the platform retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the deduplication store is full of in-flight messages; let the platform send this one again")]
pub struct MemoryFullError;

impl MemoryDeduplicate {
    /// A memory of `capacity` ids, in which a reservation lapses after `lease_seconds`. It
    /// allocates as it fills.
    ///
    /// The lease must be longer than the slowest handler, and must end before the platform's last
    /// retry. WeChat Pay waits 5 seconds for a response; the Mini Program is said to do the same.
    /// WeChat Pay retries for two hours. The Mini Program is said to retry three times, at
    /// intervals that are not confirmed, so 6 seconds is a guess on the safe side.
    ///
    /// If the clock is set back by more than [`CLOCK_TOLERANCE_SECONDS`], the lease ends.
    #[must_use]
    pub fn new(capacity: NonZeroUsize, lease_seconds: u32) -> Self {
        Self { capacity, lease_seconds, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reserve_now(&self, key: Key<'_>, lease: Lease, now: UnixTime) -> Result<Reservation, MemoryFullError> {
        let mut state = self.state();
        let until = now.plus(self.lease_seconds);
        let latest = until.plus(CLOCK_TOLERANCE_SECONDS);
        let is_live = |end: UnixTime| now < end && end <= latest;
        let known = state.entries.get(key.id).copied();
        if matches!(known, Some(Entry::Done)) {
            if let Some((id, _)) = state.entries.get_key_value(key.id) {
                let id = Arc::clone(id);
                state.remember(key.signed, &id, self.capacity);
            }
            return Ok(Reservation::Done);
        }
        if let Some(outcome) = key.signed.and_then(|signed| state.outcome_of(signed, key.id, is_live)) {
            return Ok(outcome);
        }
        match known {
            Some(Entry::InHand { until, .. }) if is_live(until) => return Ok(Reservation::InHand),
            Some(_) => state.forget_reservation(key.id),
            None if state.entries.len() >= self.capacity.get() => state.forget_one(now, latest)?,
            None => {}
        }
        let id: Arc<str> = key.id.into();
        state.entries.insert(Arc::clone(&id), Entry::InHand { lease, until, signed: key.signed });
        if let Some(signed) = key.signed {
            state.signed_in_hand.insert(signed, Arc::clone(&id));
        }
        state.reserved.insert((until, id));
        Ok(Reservation::First)
    }

    fn commit_now(&self, key: Key<'_>, lease: Lease) -> bool {
        let mut state = self.state();
        if !state.is_held(key.id, lease) {
            return false;
        }
        state.forget_reservation(key.id);
        let id: Arc<str> = key.id.into();
        state.remember(key.signed, &id, self.capacity);
        state.entries.insert(Arc::clone(&id), Entry::Done);
        state.committed.push_back(id);
        true
    }
}

impl State {
    fn is_held(&self, id: &str, lease: Lease) -> bool {
        matches!(self.entries.get(id), Some(Entry::InHand { lease: held, .. }) if *held == lease)
    }

    /// The outcome that a digest alone decides.
    fn outcome_of(&self, signed: SignedDigest, id: &str, is_live: impl Fn(UnixTime) -> bool) -> Option<Reservation> {
        if let Some(owner) = self.signed.get(&signed) {
            return Some(if **owner == *id { Reservation::Done } else { Reservation::Replayed });
        }
        let owner = self.signed_in_hand.get(&signed).filter(|owner| ***owner != *id)?;
        let in_hand = matches!(self.entries.get(owner), Some(Entry::InHand { until, .. }) if is_live(*until));
        in_hand.then_some(Reservation::InHand)
    }

    /// Removes a reservation and its index entries.
    fn forget_reservation(&mut self, id: &str) {
        let Some((id, Entry::InHand { until, signed, .. })) = self.entries.remove_entry(id) else { return };
        if let Some(signed) = signed
            && let Slot::Occupied(owner) = self.signed_in_hand.entry(signed)
            && *owner.get() == id
        {
            owner.remove();
        }
        self.reserved.remove(&(until, id));
    }

    /// Marks a digest as done for this message. The oldest digest is forgotten beyond `capacity`.
    fn remember(&mut self, signed: Option<SignedDigest>, id: &Arc<str>, capacity: NonZeroUsize) {
        let Some(signed) = signed else { return };
        let Slot::Vacant(slot) = self.signed.entry(signed) else { return };
        slot.insert(Arc::clone(id));
        self.digests.push_back(signed);
        if self.digests.len() > capacity.get()
            && let Some(oldest) = self.digests.pop_front()
        {
            self.signed.remove(&oldest);
        }
    }

    /// Makes room for one more: a lapsed reservation goes first, then the oldest committed id.
    /// Lapsed reservations are at the two ends of the order: expired by now, or made before the
    /// clock was set back.
    fn forget_one(&mut self, now: UnixTime, latest: UnixTime) -> Result<(), MemoryFullError> {
        let over = self.reserved.first().filter(|(end, _)| *end <= now);
        let lapsed = over.or_else(|| self.reserved.last().filter(|(end, _)| *end > latest));
        if let Some((_, id)) = lapsed {
            let id = Arc::clone(id);
            self.forget_reservation(&id);
            return Ok(());
        }
        let oldest = self.committed.pop_front().ok_or(MemoryFullError)?;
        self.entries.remove(&oldest);
        Ok(())
    }
}

impl Deduplicate for MemoryDeduplicate {
    type Error = MemoryFullError;

    fn reserve(
        &self,
        key: Key<'_>,
        lease: Lease,
        now: UnixTime,
    ) -> impl Future<Output = Result<Reservation, MemoryFullError>> + Send {
        ready(self.reserve_now(key, lease, now))
    }

    fn commit(&self, key: Key<'_>, lease: Lease) -> impl Future<Output = Result<bool, MemoryFullError>> + Send {
        ready(Ok(self.commit_now(key, lease)))
    }

    fn release(&self, key: Key<'_>, lease: Lease) -> impl Future<Output = Result<(), MemoryFullError>> + Send {
        let mut state = self.state();
        if state.is_held(key.id, lease) {
            state.forget_reservation(key.id);
        }
        ready(Ok(()))
    }
}

#[cfg(test)]
mod tests;
