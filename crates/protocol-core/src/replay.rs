//! Deduplication: the platforms send the same message many times, reordered and concurrently, and
//! strangers send recorded messages again.
//!
//! # The contract
//!
//! 1. The caller draws a [`Lease`] and [reserves](Deduplicate::reserve) the message's [`Key`].
//!    [`First`](Reservation::First): this caller alone handles it now.
//!    [`InHand`](Reservation::InHand): another copy is being handled; respond with 5xx, so that the
//!    platform retries. [`Done`](Reservation::Done): it was handled; acknowledge it and do nothing.
//!    [`Replayed`](Reservation::Replayed): the signature belongs to another message; refuse it.
//! 2. When the handler has stored the complaint, [`commit`](Deduplicate::commit), then acknowledge.
//! 3. When the handler fails, [`release`](Deduplicate::release) and respond with 5xx. The next copy
//!    is `First` again.
//! 4. When `reserve` or `commit` fails or times out, respond with 5xx, and `release` once the store
//!    has finished the call. The lease is the caller's own number, so `release` needs no earlier
//!    result. The webhooks of `wechat-adapter` do it in the background.
//!
//! A caller that crashes does none of 2 to 4. Therefore a reservation lapses: after the store's
//! lease, the next copy is `First` again. The [`Lease`] distinguishes the two callers: if the first
//! one only slept, it can no longer commit or release the reservation of the second.
//!
//! A store guarantees that two copies are never both `First` within a lease (no double delivery),
//! and that an id is `Done` only after a commit (no lost complaint). It may forget a committed id
//! after a time, so that a very late copy is handled again. Handlers must therefore be idempotent
//! by complaint id.
//!
//! # Replays
//!
//! The signature of a Mini Program's push covers pieces without separators, so one signature is
//! valid for several queries: timestamp and nonce can be exchanged, or a digit moved.
//! [`Key::signed`] is a digest that all of those share. It counts once its message is committed, so
//! a push whose first delivery failed is not a replay:
//!
//! | the store knows | outcome |
//! |---|---|
//! | the id as done | [`Done`](Reservation::Done); an unknown digest is stored for this id |
//! | the digest as done, with this id | [`Done`](Reservation::Done), though the id was forgotten |
//! | the digest as done, with another id | [`Replayed`](Reservation::Replayed) |
//! | the digest as in hand, with another id | [`InHand`](Reservation::InHand) |
//! | none of these | as for a message without a digest |
//!
//! A durable store keeps digests for a year. A replayed query may read part of a nonce as a time up
//! to that far ahead; later times are rare enough to ignore. The id needs only the day in which the
//! platform retries. A store in memory keeps as many digests as ids.
//!
//! # Clocks, and processes that died
//!
//! A store of one process ends every lease when it opens, since the processes that held them are
//! dead. It must make sure that it is alone, for example with a lock on a file. A reservation that
//! ends later than a lease and [`CLOCK_TOLERANCE_SECONDS`] from now has lapsed: the clock has been
//! set back since it was made. The tolerance is for copies that read the clock in another order
//! than they reach the store. A statement that may wait longer than the tolerance for its turn adds
//! its wait to `now`, or reads the clock when its turn comes.
//!
//! A store that several processes share uses the database's clock alone and ignores `now`. There, a
//! restarted process can release its predecessor's leases only if it can identify them: put an
//! epoch beside each lease (a column with a number that each process draws at its start and renews
//! while it lives), or let them lapse.
//!
//! # In the service's own database
//!
//! A store in the service's own database makes delivery exact. The handler marks the id as done in
//! the transaction of its own writes, and writes nothing if the id is done already. It knows the
//! id: it is the `dedup_key` of the message handed to it. The caller's
//! [`commit`](Deduplicate::commit) then finds the id done. A crash cannot fall between the two, and
//! a handler that slept past its lease stores nothing twice. `complaint-inbox` does this in SQLite.

mod key;
mod memory;

use std::fmt;
use std::future::Future;

pub use self::key::{Key, SignedDigest};
pub use self::memory::{MemoryDeduplicate, MemoryFullError};
use crate::time::UnixTime;

/// How far a clock may be set back before reservations made under it count as lapsed, in seconds.
/// It is longer than the time from reading the clock to the reservation (5 seconds for a body, less
/// than one for a store). After a smaller step, the message of a process that died stays reserved
/// for at most this much longer than its lease.
pub const CLOCK_TOLERANCE_SECONDS: u32 = 10;

/// The outcome of [`Deduplicate::reserve`]. Exhaustive: the contract has these four, and callers
/// act differently on each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reservation {
    /// This copy is the first: handle it.
    First,
    /// Another copy is being handled right now, or another message under the same signature.
    InHand,
    /// A copy was handled and committed.
    Done,
    /// The signature was committed with another message: a recorded signature is sent again. Refuse
    /// it.
    Replayed,
}

/// Proof of a reservation: a number that the caller draws at random (64 bits), a new one for each
/// call of [`Deduplicate::reserve`]. It must be unique, but is not secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lease(u64);

impl Lease {
    /// A lease of this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The caller's number, for a store to save.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// Remembers which messages are in hand and which are done. See the [module](self) for the
/// contract.
///
/// A store logs its own errors: the webhooks of `wechat-adapter` do not repeat them, since they may
/// quote stored data.
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
/// /// Under each id, in Redis: the lease's number while it is in hand, then `done`. For WeChat
/// /// Pay's notifications, which have no digest; a store for pushes keeps the digests in the same
/// /// transaction.
/// struct Shared {
///     redis: Redis, // logs its own errors
///     lease_seconds: u32, // 60 for WeChat Pay's notifications: see `MemoryDeduplicate::new`
/// }
///
/// impl Deduplicate for Shared {
///     type Error = std::io::Error;
///
///     async fn reserve(&self, key: Key<'_>, lease: Lease, _: UnixTime) -> Result<Reservation, Self::Error> {
///         // `SET id number NX EX lease_seconds`: only one of several copies sets it, and Redis
///         // forgets it when the lease ends.
///         if self.redis.set_if_absent(key.id, &lease.number().to_string(), self.lease_seconds).await? {
///             return Ok(Reservation::First);
///         }
///         // If it lapsed in between, it counts as in hand: the platform retries.
///         let is_done = self.redis.get(key.id).await?.is_some_and(|value| value == "done");
///         Ok(if is_done { Reservation::Done } else { Reservation::InHand })
///     }
///
///     async fn commit(&self, key: Key<'_>, lease: Lease) -> Result<bool, Self::Error> {
///         // Compared and replaced in one step, for a day: `false` if the lease is over.
///         self.redis.replace_if_equal(key.id, lease.number(), "done", 86_400).await
///     }
///
///     async fn release(&self, key: Key<'_>, lease: Lease) -> Result<(), Self::Error> {
///         // In one step too: another copy's reservation stays, and so does `done`.
///         self.redis.delete_if_equal(key.id, lease.number()).await.map(drop)
///     }
/// }
/// # let _ = Shared { redis: Redis, lease_seconds: 60 };
/// ```
pub trait Deduplicate: Send + Sync {
    /// An error of the store. The caller responds with 5xx, so that the platform retries.
    type Error: fmt::Debug + Send;

    /// Reserves a message under this lease; `now` is the time of the call. If it fails or times
    /// out, the caller calls [`release`](Self::release).
    fn reserve(
        &self,
        key: Key<'_>,
        lease: Lease,
        now: UnixTime,
    ) -> impl Future<Output = Result<Reservation, Self::Error>> + Send;

    /// Marks the message's id, and its digest, as done. `false` when the lease had lapsed and
    /// another copy took over. May be `true` for an id that is done already.
    fn commit(&self, key: Key<'_>, lease: Lease) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Frees the message for the next copy. No effect when this lease does not hold it: it was
    /// never reserved, another copy took over, or it is done.
    fn release(&self, key: Key<'_>, lease: Lease) -> impl Future<Output = Result<(), Self::Error>> + Send;
}
