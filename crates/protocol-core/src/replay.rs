//! Deduplication: the platforms send the same message many times, reordered and at once.
//!
//! # The contract
//!
//! 1. [`reserve`](Deduplicate::reserve) the message's id. [`First`](Reservation::First): the caller, and nobody
//!    else, handles it now. [`InHand`](Reservation::InHand): another copy is being handled, ask the platform to
//!    come again (5xx). [`Done`](Reservation::Done): it was handled, acknowledge it and do nothing.
//! 2. When the handler has stored the complaint, [`commit`](Deduplicate::commit). Then acknowledge.
//! 3. When the handler fails, [`release`](Deduplicate::release), answer 5xx, and the next copy is `First` again.
//!
//! A caller that crashes does neither 2 nor 3. So a reservation lapses: after the store's lease, the
//! next copy is `First` again. The [`Lease`] tells the two apart, so that the first caller, if it only
//! slept, can no longer commit or release what the second one holds.
//!
//! What a store promises: two copies at once are never both `First` within a lease (no double
//! delivery), and an id is `Done` only after a commit (no lost complaint). What it may do: forget a
//! committed id after a time, so that a very late copy is handled again. Handlers therefore stay
//! idempotent by complaint id.
//!
//! A store in the service's own database makes it exact. The handler marks the id as done in the transaction of its own
//! writes: it knows the id, which is the `dedup_key` of what it was handed, and writes nothing where the id is done already.
//! The caller's [`commit`](Deduplicate::commit) then finds it done. So no crash comes between the two, and a handler that
//! slept past its lease stores nothing twice. `examples/axum-inbox` does this in SQLite.

use core::fmt;
use core::future::{Future, ready};
use core::num::NonZeroUsize;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::time::UnixTime;

/// What [`Deduplicate::reserve`] answers. Closed: the contract has these three, and callers do something else for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reservation {
    /// This copy is the one to handle.
    First(Lease),
    /// Another copy is being handled right now.
    InHand,
    /// A copy was handled and committed.
    Done,
}

/// Proof of a reservation: a number the store chose, different for each reservation of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lease(u64);

impl Lease {
    /// A lease for a store of one's own.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The store's number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// Remembers which messages are being handled and which were. See the [module](self) for the contract.
///
/// A store logs its own errors: the webhooks of `wechat-adapter` do not repeat them, since they may quote what was stored.
///
/// ```
/// use protocol_core::UnixTime;
/// use protocol_core::replay::{Deduplicate, Lease, Reservation};
///
/// # struct Redis;
/// # type Reply<T> = Result<T, std::io::Error>;
/// # impl Redis {
/// #     async fn increment(&self, _: &str) -> Reply<u64> { Ok(7) }
/// #     async fn get(&self, _: &str) -> Reply<Option<String>> { Ok(None) }
/// #     async fn set_if_absent(&self, _: &str, _: u64, _: u32) -> Reply<bool> { Ok(true) }
/// #     async fn replace_if_equal(&self, _: &str, _: u64, _: &str, _: u32) -> Reply<bool> { Ok(true) }
/// #     async fn delete_if_equal(&self, _: &str, _: u64) -> Reply<bool> { Ok(true) }
/// # }
/// /// Under each id, in Redis: the number of the lease while it is in hand, then `done`.
/// struct Shared {
///     redis: Redis, // logs what fails
///     lease_seconds: u32, // 60 for WeChat Pay's notifications, 6 for the Mini Program's pushes: see `MemoryDeduplicate::new`
/// }
///
/// impl Deduplicate for Shared {
///     type Error = std::io::Error;
///
///     async fn reserve(&self, id: &str, _: UnixTime) -> Result<Reservation, Self::Error> {
///         // `SET id number NX EX lease_seconds`: of several copies one sets it, and Redis forgets it when the lease is over.
///         let number = self.redis.increment("last-lease").await?;
///         if self.redis.set_if_absent(id, number, self.lease_seconds).await? {
///             return Ok(Reservation::First(Lease::new(number)));
///         }
///         // Gone in between, it is as good as in hand: the platform comes again.
///         let is_done = self.redis.get(id).await?.is_some_and(|value| value == "done");
///         Ok(if is_done { Reservation::Done } else { Reservation::InHand })
///     }
///
///     async fn commit(&self, id: &str, lease: Lease) -> Result<bool, Self::Error> {
///         // Compared and replaced in one step, for a day: `false` where the lease is over.
///         self.redis.replace_if_equal(id, lease.number(), "done", 86_400).await
///     }
///
///     async fn release(&self, id: &str, lease: Lease) -> Result<(), Self::Error> {
///         // In one step as well: what another copy holds by now stays.
///         self.redis.delete_if_equal(id, lease.number()).await.map(drop)
///     }
/// }
/// # let _ = Shared { redis: Redis, lease_seconds: 60 };
/// ```
pub trait Deduplicate: Send + Sync {
    /// What can go wrong in the store. Whoever meets it answers 5xx, so that the platform comes again.
    type Error: fmt::Debug + Send;

    /// Reserves an id.
    fn reserve(&self, id: &str, now: UnixTime) -> impl Future<Output = Result<Reservation, Self::Error>> + Send;

    /// Marks the id as handled for good. `false` when the lease had lapsed and another copy took over; an id that is done already
    /// may be `true`.
    fn commit(&self, id: &str, lease: Lease) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Gives the id free for the next copy; nothing happens when the lease had lapsed and another copy took over.
    fn release(&self, id: &str, lease: Lease) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// [`Deduplicate`] in this process's memory, bounded.
///
/// It remembers the last `capacity` ids. When it is full, a reservation that has lapsed is forgotten, or else the
/// committed id that came first; ids in hand never are. What it holds is lost with the process, which the contract
/// allows: a copy that comes after a restart is handled again.
///
/// ```
/// use std::num::NonZeroUsize;
/// use protocol_core::UnixTime;
/// use protocol_core::replay::{Deduplicate, MemoryDeduplicate, MemoryFull, Reservation};
///
/// async fn handle(store: &MemoryDeduplicate, id: &str, now: UnixTime) -> Result<bool, MemoryFull> {
///     match store.reserve(id, now).await? {
///         Reservation::First(lease) => { /* store the complaint, then */ store.commit(id, lease).await }
///         Reservation::Done => Ok(true),    // acknowledge it
///         Reservation::InHand => Ok(false), // 5xx: come again
///     }
/// }
/// # let store = MemoryDeduplicate::new(NonZeroUsize::MIN.saturating_add(999), 60);
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # for _ in 0..2 {
/// #     let handled = std::pin::pin!(handle(&store, "1900007291/EV-1", UnixTime(0))).poll(&mut context);
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
    entries: HashMap<Box<str>, Entry>,
    committed: VecDeque<Box<str>>,
    /// Reservations in the order they lapse; some of them are settled already.
    lapsing: VecDeque<(UnixTime, Box<str>, Lease)>,
    next_lease: u64,
}

#[derive(Debug)]
enum Entry {
    InHand { lease: Lease, until: UnixTime },
    Done,
}

/// Every remembered id is in hand: none can be forgotten. Answer 5xx; the platform comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("as many messages are in hand as the memory holds; let the platform send this one again")]
pub struct MemoryFull;

impl MemoryDeduplicate {
    /// A memory of `capacity` ids, in which a reservation lapses after `lease_seconds`.
    ///
    /// The lease has to outlast the slowest handler (WeChat Pay gives up waiting after 5 seconds, and so, it is said, does the Mini Program), and to be over before the
    /// platform's last try. WeChat Pay comes again for two hours. The Mini Program's push is said to come three times; how soon is
    /// not confirmed, so 6 seconds is a guess on the safe side.
    #[must_use]
    pub fn new(capacity: NonZeroUsize, lease_seconds: u32) -> Self {
        Self { capacity, lease_seconds, state: Mutex::default() }
    }

    fn reserve_now(&self, id: &str, now: UnixTime) -> Result<Reservation, MemoryFull> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        let known = match state.entries.get(id) {
            Some(Entry::Done) => return Ok(Reservation::Done),
            Some(Entry::InHand { until, .. }) if now < *until => return Ok(Reservation::InHand),
            Some(Entry::InHand { .. }) => true,
            None => false,
        };
        if !known && state.entries.len() >= self.capacity.get() {
            self.forget_one(state, now)?;
        }
        let lease = Lease(state.next_lease);
        let until = now.plus(self.lease_seconds);
        state.next_lease = state.next_lease.wrapping_add(1);
        state.entries.insert(id.into(), Entry::InHand { lease, until });
        state.lapsing.push_back((until, id.into(), lease));
        if state.lapsing.len() > 2 * self.capacity.get() {
            let entries = &state.entries;
            state.lapsing.retain(|(_, id, lease)| Self::is_held(entries, id, *lease));
        }
        Ok(Reservation::First(lease))
    }

    /// Room for one more: a reservation that has lapsed goes first, then the oldest committed id.
    fn forget_one(&self, state: &mut State, now: UnixTime) -> Result<(), MemoryFull> {
        while state.lapsing.front().is_some_and(|(until, ..)| *until <= now) {
            if let Some((_, id, lease)) = state.lapsing.pop_front()
                && Self::is_held(&state.entries, &id, lease)
            {
                state.entries.remove(&id);
                return Ok(());
            }
        }
        let oldest = state.committed.pop_front().ok_or(MemoryFull)?;
        state.entries.remove(&oldest);
        Ok(())
    }

    fn is_held(entries: &HashMap<Box<str>, Entry>, id: &str, lease: Lease) -> bool {
        matches!(entries.get(id), Some(Entry::InHand { lease: held, .. }) if *held == lease)
    }
}

impl Deduplicate for MemoryDeduplicate {
    type Error = MemoryFull;

    fn reserve(&self, id: &str, now: UnixTime) -> impl Future<Output = Result<Reservation, MemoryFull>> + Send {
        ready(self.reserve_now(id, now))
    }

    fn commit(&self, id: &str, lease: Lease) -> impl Future<Output = Result<bool, MemoryFull>> + Send {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let held = Self::is_held(&state.entries, id, lease);
        if held {
            state.entries.insert(id.into(), Entry::Done);
            state.committed.push_back(id.into());
        }
        ready(Ok(held))
    }

    fn release(&self, id: &str, lease: Lease) -> impl Future<Output = Result<(), MemoryFull>> + Send {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if Self::is_held(&state.entries, id, lease) {
            state.entries.remove(id);
        }
        ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};

    use super::*;

    const NOW: UnixTime = UnixTime(1_000);

    fn memory(capacity: usize) -> MemoryDeduplicate {
        MemoryDeduplicate::new(NonZeroUsize::new(capacity).unwrap(), 10)
    }

    /// The in-memory store is always ready.
    fn now_or_never<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("not ready"),
        }
    }

    fn first(store: &MemoryDeduplicate, id: &str, now: UnixTime) -> Lease {
        match now_or_never(store.reserve(id, now)) {
            Ok(Reservation::First(lease)) => lease,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_committed_id_is_done() {
        let store = memory(4);
        let lease = first(&store, "a", NOW);
        assert_eq!(now_or_never(store.reserve("a", NOW)), Ok(Reservation::InHand));
        assert_eq!(now_or_never(store.commit("a", lease)), Ok(true));
        assert_eq!(now_or_never(store.reserve("a", NOW)), Ok(Reservation::Done));
    }

    #[test]
    fn a_store_of_ones_own_numbers_its_leases() {
        assert_eq!(Lease::new(7).number(), 7);
        let store = memory(4);
        assert_ne!(first(&store, "a", NOW).number(), first(&store, "b", NOW).number());
    }

    #[test]
    fn a_failed_handler_loses_nothing() {
        let store = memory(4);
        let lease = first(&store, "a", NOW);
        now_or_never(store.release("a", lease)).unwrap();
        first(&store, "a", NOW);
    }

    #[test]
    fn a_crashed_handler_loses_nothing_and_cannot_disturb_its_successor() {
        let store = memory(4);
        let crashed = first(&store, "a", NOW);
        assert_eq!(now_or_never(store.reserve("a", NOW.plus(9))), Ok(Reservation::InHand));
        let successor = first(&store, "a", NOW.plus(10));
        now_or_never(store.release("a", crashed)).unwrap();
        assert_eq!(now_or_never(store.reserve("a", NOW.plus(11))), Ok(Reservation::InHand));
        assert_eq!(now_or_never(store.commit("a", crashed)), Ok(false));
        assert_eq!(now_or_never(store.commit("a", successor)), Ok(true));
    }

    #[test]
    fn the_memory_is_bounded_and_forgets_the_oldest_committed_id_only() {
        let store = memory(2);
        for id in ["a", "b"] {
            let lease = first(&store, id, NOW);
            now_or_never(store.commit(id, lease)).unwrap();
        }
        let in_hand = first(&store, "c", NOW);
        assert_eq!(now_or_never(store.reserve("b", NOW)), Ok(Reservation::Done));
        first(&store, "a", NOW);
        assert_eq!(now_or_never(store.reserve("d", NOW)), Err(MemoryFull));
        assert_eq!(now_or_never(store.commit("c", in_hand)), Ok(true));
        first(&store, "d", NOW);
    }

    #[test]
    fn a_memory_full_of_lapsed_reservations_frees_itself() {
        let store = memory(1);
        first(&store, "a", NOW);
        assert_eq!(now_or_never(store.reserve("b", NOW)), Err(MemoryFull));
        first(&store, "b", NOW.plus(10));
    }

    #[test]
    fn lapsed_reservations_go_before_committed_ids() {
        let store = memory(4);
        for id in ["x", "y", "z"] {
            first(&store, id, NOW);
        }
        for (id, seconds) in [("a", 20), ("b", 21), ("c", 22)] {
            let lease = first(&store, id, NOW.plus(seconds));
            assert_eq!(now_or_never(store.commit(id, lease)), Ok(true));
        }
        for id in ["a", "b", "c"] {
            assert_eq!(now_or_never(store.reserve(id, NOW.plus(23))), Ok(Reservation::Done), "{id}");
        }
    }

    #[test]
    fn what_is_kept_beside_the_ids_is_bounded_too() {
        let store = memory(4);
        for number in 0..1_000 {
            let lease = first(&store, &number.to_string(), NOW);
            now_or_never(store.commit(&number.to_string(), lease)).unwrap();
        }
        let state = store.state.lock().unwrap();
        assert!(state.entries.len() <= 4 && state.committed.len() <= 4 && state.lapsing.len() <= 9);
    }

    #[test]
    fn copies_at_once_are_handled_once() {
        let store = memory(64);
        let firsts = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for id in 0..32 {
                        if let Ok(Reservation::First(lease)) = now_or_never(store.reserve(&id.to_string(), NOW)) {
                            firsts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                            assert_eq!(now_or_never(store.commit(&id.to_string(), lease)), Ok(true));
                        }
                    }
                });
            }
        });
        assert_eq!(firsts.into_inner(), 32);
    }
}
