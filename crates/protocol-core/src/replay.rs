//! Deduplication: the platforms send the same message many times, reordered and at once; strangers
//! send recorded ones again.
//!
//! # The contract
//!
//! 1. The caller draws a [`Lease`] and [reserves](Deduplicate::reserve) the message's [`Key`].
//!    [`First`](Reservation::First): the caller alone handles it now.
//!    [`InHand`](Reservation::InHand): another copy is being handled, respond with 5xx so that the
//!    platform retries. [`Done`](Reservation::Done): it was handled, acknowledge it and do nothing.
//!    [`Replayed`](Reservation::Replayed): what was signed belongs to another message, refuse it.
//! 2. When the handler has stored the complaint, [`commit`](Deduplicate::commit). Then acknowledge.
//! 3. When the handler fails, [`release`](Deduplicate::release), respond with 5xx, and the next
//!    copy is `First` again.
//! 4. When the response to `reserve` or `commit` fails or is late, respond with 5xx and `release`
//!    once the store has come to its end. The lease is the caller's own number, so no response is
//!    needed for this. The webhooks of `wechat-adapter` do it in the background.
//!
//! A caller that crashes does none of 2 to 4. So a reservation lapses: after the store's lease, the
//! next copy is `First` again. The [`Lease`] tells the two apart, so that the first caller, if it
//! only slept, can no longer commit or release what the second one holds.
//!
//! A store promises: two copies at once are never both `First` within a lease (no double delivery),
//! and an id is `Done` only after a commit (no lost complaint). It may forget a committed id after
//! a time, so that a very late copy is handled again. Handlers therefore stay idempotent by
//! complaint id.
//!
//! # Replays
//!
//! A Mini Program's push is signed over pieces without separators, so one signature holds for
//! several queries: timestamp and nonce can be exchanged, or a digit moved. [`Key::signed`] is a
//! digest that all of them share. A digest counts once its message is committed, so a push whose
//! first delivery failed is no replay:
//!
//! | the store knows | outcome |
//! |---|---|
//! | the id as done | [`Done`](Reservation::Done); a digest that is not known yet is remembered for this id |
//! | the digest as done, with this id | [`Done`](Reservation::Done), although the id itself was forgotten |
//! | the digest as done, with another id | [`Replayed`](Reservation::Replayed) |
//! | the digest as in hand, with another id | [`InHand`](Reservation::InHand) |
//! | none of these | as for a message without a digest |
//!
//! A durable store keeps digests for a year: a nonce may read as a time that far ahead, and further
//! ones are as rare as the store is short-lived. The id needs no more than the day in which the
//! platform retries. A store in memory keeps as many digests as ids.
//!
//! # Clocks, and processes that died
//!
//! A store of one process ends every lease when it opens: whoever held them is dead. It makes sure
//! that it is alone (a lock on a file, say). A reservation that ends later than a lease and
//! [`CLOCK_TOLERANCE_SECONDS`] from now was made under a clock that has been set back, and has
//! lapsed. The tolerance is for copies that read the clock in another order than they reach the
//! store. A statement that may wait longer than that for its turn adds its wait to `now`, or reads
//! the clock when its turn comes.
//!
//! A store that several processes share goes by the database's clock alone and ignores `now`.
//! There, a restarted process releases its predecessor's leases only if it can name them: put an
//! epoch into each (the process's number in a column beside the lease, drawn anew at each start and
//! renewed while it lives), or leave them to lapse.
//!
//! # In the service's own database
//!
//! A store in the service's own database makes it exact. The handler marks the id as done in the
//! transaction of its own writes: it knows the id, which is the `dedup_key` of what it was handed,
//! and writes nothing where the id is done already. The caller's [`commit`](Deduplicate::commit)
//! then finds it done. So no crash comes between the two, and a handler that slept past its lease
//! stores nothing twice. `examples/axum-inbox` does this in SQLite.

mod key;
mod memory;

use core::fmt;
use core::future::Future;

pub use self::key::{Key, SignedDigest};
pub use self::memory::{MemoryDeduplicate, MemoryFull};
use crate::time::UnixTime;

/// How far a clock that is set back may go before reservations made under it count as lapsed:
/// longer than a message takes from the look at the clock to its reservation (5 seconds for a body,
/// less than one for a store in time). A smaller step holds a message of a process that died at
/// most so much longer than its lease.
pub const CLOCK_TOLERANCE_SECONDS: u32 = 10;

/// The outcome of [`Deduplicate::reserve`]. Exhaustive: the contract has these four, and callers do
/// something else for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reservation {
    /// This copy is the one to handle.
    First,
    /// Another copy is being handled right now, or another message under the same signature.
    InHand,
    /// A copy was handled and committed.
    Done,
    /// What was signed was committed with another message: somebody sends a recorded signature
    /// again. Refuse it.
    Replayed,
}

/// Proof of a reservation: a number the caller draws at random (64 bits), another one for each call
/// of [`Deduplicate::reserve`]. It has to be different each time; it is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lease(u64);

impl Lease {
    /// A lease of this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The caller's number, for a store to write down.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// Remembers which messages are being handled and which were. See the [module](self) for the
/// contract.
///
/// A store logs its own errors: the webhooks of `wechat-adapter` do not repeat them, since they may
/// quote what was stored.
///
/// ```
/// use protocol_core::UnixTime;
/// use protocol_core::replay::{Deduplicate, Key, Lease, Reservation};
///
/// # struct Redis;
/// # type Reply<T> = Result<T, std::io::Error>;
/// # impl Redis {
/// #     async fn get(&self, _: &str) -> Reply<Option<String>> { Ok(None) }
/// #     async fn set_if_absent(&self, _: &str, _: &str, _: u32) -> Reply<bool> { Ok(true) }
/// #     async fn replace_if_equal(&self, _: &str, _: u64, _: &str, _: u32) -> Reply<bool> { Ok(true) }
/// #     async fn delete_if_equal(&self, _: &str, _: u64) -> Reply<bool> { Ok(true) }
/// # }
/// /// Under each id, in Redis: the number of the lease while it is in hand, then `done`. For WeChat Pay's notifications, which have
/// /// no digest; a store for pushes keeps the digests in the same transaction.
/// struct Shared {
///     redis: Redis, // logs what fails
///     lease_seconds: u32, // 60 for WeChat Pay's notifications: see `MemoryDeduplicate::new`
/// }
///
/// impl Deduplicate for Shared {
///     type Error = std::io::Error;
///
///     async fn reserve(&self, key: Key<'_>, lease: Lease, _: UnixTime) -> Result<Reservation, Self::Error> {
///         // `SET id number NX EX lease_seconds`: of several copies one sets it, and Redis forgets it when the lease is over.
///         if self.redis.set_if_absent(key.id, &lease.number().to_string(), self.lease_seconds).await? {
///             return Ok(Reservation::First);
///         }
///         // Gone in between, it counts as in hand: the platform retries.
///         let is_done = self.redis.get(key.id).await?.is_some_and(|value| value == "done");
///         Ok(if is_done { Reservation::Done } else { Reservation::InHand })
///     }
///
///     async fn commit(&self, key: Key<'_>, lease: Lease) -> Result<bool, Self::Error> {
///         // Compared and replaced in one step, for a day: `false` where the lease is over.
///         self.redis.replace_if_equal(key.id, lease.number(), "done", 86_400).await
///     }
///
///     async fn release(&self, key: Key<'_>, lease: Lease) -> Result<(), Self::Error> {
///         // In one step as well: another copy's reservation stays, and so does `done`.
///         self.redis.delete_if_equal(key.id, lease.number()).await.map(drop)
///     }
/// }
/// # let _ = Shared { redis: Redis, lease_seconds: 60 };
/// ```
pub trait Deduplicate: Send + Sync {
    /// What can go wrong in the store. The caller responds with 5xx, so that the platform retries.
    type Error: fmt::Debug + Send;

    /// Reserves a message under this lease; `now` is when the caller asked. Where its response
    /// fails or is late, the caller calls [`release`](Self::release).
    fn reserve(
        &self,
        key: Key<'_>,
        lease: Lease,
        now: UnixTime,
    ) -> impl Future<Output = Result<Reservation, Self::Error>> + Send;

    /// Marks the message's id, and its digest, as handled for good. `false` when the lease had
    /// lapsed and another copy took over; an id that is done already may be `true`.
    fn commit(&self, key: Key<'_>, lease: Lease) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Gives the message free for the next copy. Nothing happens when this lease does not hold it:
    /// it was never taken, another copy took over, or it is done.
    fn release(&self, key: Key<'_>, lease: Lease) -> impl Future<Output = Result<(), Self::Error>> + Send;
}
