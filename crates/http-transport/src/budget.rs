//! A budget in bytes for the bodies that are not verified yet.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::future::poll_fn;
use std::ops::Deref;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Buf, BufMut, BytesMut};
use http_body::Body;
use tokio::sync::Notify;

use crate::body::BodyError;

/// A budget in bytes for the bodies that have not been verified yet, all of them together; clones
/// share it.
///
/// A body's bytes are reserved before the first of them is read: as many as it announces. One that
/// announces no length reserves [`FIRST_PIECE`](Self::FIRST_PIECE) bytes, and as many as it may
/// have once it outgrows them. If too few are left, the body with the largest reservation gives
/// way; of equals, the first one. So large bodies that never end keep no smaller one out, and
/// bodies never take more memory than the budget has.
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
/// # runtime.block_on(async {
/// use std::time::Duration;
/// use http_transport::{BodyBudget, BodyError};
///
/// let (budget, within) = (BodyBudget::new(1024), Duration::from_secs(1));
/// let body = budget.collect("four".to_owned(), 512, within).await.unwrap();
/// assert_eq!((&*body, budget.left()), (&b"four"[..], 1020));
/// // Once it is verified, or refused:
/// drop(body);
/// assert_eq!(budget.left(), 1024);
/// assert_eq!(budget.collect("x".repeat(1025), 2048, within).await.unwrap_err(), BodyError::NoRoom);
/// # });
/// ```
#[derive(Clone)]
pub struct BodyBudget(Arc<Mutex<Reserved>>);

impl BodyBudget {
    /// The default: 32 MiB, in bytes.
    pub const DEFAULT: usize = 32 * 1024 * 1024;

    /// The first reservation of a body without a length, in bytes. It is more than a genuine
    /// message usually has, and so little that 1024 connections together do not use up the default
    /// budget.
    pub const FIRST_PIECE: usize = 16 * 1024;

    /// A budget of so many bytes.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Mutex::new(Reserved { left: bytes, last: 0, coming: BTreeMap::new() })))
    }

    /// How many bytes are left.
    #[must_use]
    pub fn left(&self) -> usize {
        self.reserved().left
    }

    /// Collects a body of at most `limit` bytes that has all come within `timeout`, in one
    /// allocation, or in two where it does not announce its length. Its bytes are the budget's
    /// until the result is dropped: after the message was verified, or refused. Trailers are
    /// dropped.
    ///
    /// # Errors
    ///
    /// [`BodyError`]: as of [`collect`](crate::collect), or [`BodyError::NoRoom`].
    pub async fn collect<B: Body>(&self, body: B, limit: usize, timeout: Duration) -> Result<CollectedBody, BodyError> {
        let size = body.size_hint();
        if size.lower() > limit as u64 {
            return Err(BodyError::TooLarge { limit });
        }
        let announced = size.upper().map(|upper| usize::try_from(upper).unwrap_or(limit));
        let gives_way = Arc::new(Notify::new());
        let bytes = announced.unwrap_or(Self::FIRST_PIECE).min(limit);
        let coming = Coming::begin(self, bytes, Arc::clone(&gives_way))?;
        let gathered = tokio::select! {
            biased;
            () = gives_way.notified() => return Err(BodyError::NoRoom),
            gathered = tokio::time::timeout(timeout, coming.gather(body, limit)) => gathered,
        };
        gathered.unwrap_or(Err(BodyError::TimedOut))?;
        coming.finish()
    }

    fn reserved(&self) -> MutexGuard<'_, Reserved> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for BodyBudget {
    fn default() -> Self {
        Self::new(Self::DEFAULT)
    }
}

impl fmt::Debug for BodyBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyBudget").field("left", &self.left()).finish_non_exhaustive()
    }
}

/// A body whose bytes are a budget's until this is dropped: once its message was verified, or
/// refused.
pub struct CollectedBody {
    bytes: BytesMut,
    reserved: usize,
    budget: BodyBudget,
}

impl Deref for CollectedBody {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// How much it is, not what it says.
impl fmt::Debug for CollectedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CollectedBody").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl Drop for CollectedBody {
    fn drop(&mut self) {
        self.bytes = BytesMut::new();
        self.budget.reserved().left += self.reserved;
    }
}

/// The shares of the budget.
struct Reserved {
    left: usize,
    last: u64,
    /// The bodies that are on their way, the one that came first first.
    coming: BTreeMap<u64, Held>,
}

/// The bytes of a body on its way. They are freed here, not when the body's reader runs.
struct Held {
    reserved: usize,
    so_far: BytesMut,
    gives_way: Arc<Notify>,
}

impl Reserved {
    /// Whether a body gets so many bytes. If too few are left, the largest body gives way, which
    /// may be this one; of equals, the first one.
    fn reserve(&mut self, id: u64, held: Held) -> bool {
        let bytes = held.reserved;
        if bytes > self.left {
            let largest = self.coming.iter().map(|(&id, held)| (held.reserved, Reverse(id))).max();
            let other = largest.filter(|&largest| largest > (bytes, Reverse(id)));
            // As it is no smaller, it is enough.
            let Some(other) = other.and_then(|(_, Reverse(other))| self.coming.remove(&other)) else { return false };
            other.gives_way.notify_one();
            self.left += other.reserved;
        }
        self.left -= bytes;
        self.coming.insert(id, held);
        true
    }

    /// Whether a body on its way has so many bytes from now on. If not, its reservation is gone.
    fn grow(&mut self, id: u64, bytes: usize) -> bool {
        let Some(held) = self.coming.remove(&id) else { return false };
        self.left += held.reserved;
        self.reserve(id, Held { reserved: bytes, ..held })
    }
}

/// A body on its way. Dropping it returns the rest of its reservation.
struct Coming<'a> {
    budget: &'a BodyBudget,
    id: u64,
}

impl<'a> Coming<'a> {
    fn begin(budget: &'a BodyBudget, bytes: usize, gives_way: Arc<Notify>) -> Result<Self, BodyError> {
        let mut reserved = budget.reserved();
        reserved.last += 1;
        let id = reserved.last;
        let begun = reserved.reserve(id, Held { reserved: bytes, so_far: BytesMut::new(), gives_way });
        if begun { Ok(Self { budget, id }) } else { Err(BodyError::NoRoom) }
    }

    async fn gather<B: Body>(&self, body: B, limit: usize) -> Result<(), BodyError> {
        let mut body = pin!(body);
        while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
            let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
            let mut reserved = self.budget.reserved();
            let held = reserved.coming.get(&self.id).ok_or(BodyError::NoRoom)?;
            let needed = held.so_far.len().saturating_add(data.remaining());
            if needed > limit {
                return Err(BodyError::TooLarge { limit });
            }
            if needed > held.reserved {
                // All that it may need, at once: memory that grows in many steps is left in pieces.
                if !reserved.grow(self.id, limit) {
                    return Err(BodyError::NoRoom);
                }
            }
            let Held { reserved, so_far, .. } = reserved.coming.get_mut(&self.id).ok_or(BodyError::NoRoom)?;
            if needed > so_far.capacity() {
                // Not a byte more than is reserved.
                let before = std::mem::replace(so_far, BytesMut::with_capacity(*reserved));
                so_far.extend_from_slice(&before);
            }
            so_far.put(data);
        }
        Ok(())
    }

    fn finish(self) -> Result<CollectedBody, BodyError> {
        let held = self.budget.reserved().coming.remove(&self.id).ok_or(BodyError::NoRoom)?;
        Ok(CollectedBody { bytes: held.so_far, reserved: held.reserved, budget: self.budget.clone() })
    }
}

impl Drop for Coming<'_> {
    fn drop(&mut self) {
        let mut reserved = self.budget.reserved();
        if let Some(held) = reserved.coming.remove(&self.id) {
            reserved.left += held.reserved;
        }
    }
}
