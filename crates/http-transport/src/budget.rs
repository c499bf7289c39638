//! A budget in bytes over the bodies that nobody has verified yet.

use core::fmt;
use core::future::poll_fn;
use core::ops::Deref;
use core::pin::pin;
use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Buf, BufMut, BytesMut};
use http_body::Body;
use tokio::sync::Notify;

use crate::body::BodyError;

/// A budget in bytes for the bodies that have not been verified yet, all of them together; clones share it.
///
/// A body's bytes are reserved before the first of them is read: as many as it announces, or as many as it may have, where it
/// announces no length. Where too few are left, the body gives way that has been on its way for longest. So bodies that never end keep
/// no other out; and they cannot take more memory than the budget has.
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
/// # runtime.block_on(async {
/// use core::time::Duration;
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

    /// Collects a body of at most `limit` bytes that has all come within `timeout`, in one allocation. Its bytes are the budget's until the
    /// result is dropped: after the message was verified, or refused. Trailers are dropped.
    ///
    /// # Errors
    ///
    /// [`BodyError`]: as of [`collect`](crate::collect), or [`BodyError::NoRoom`].
    pub async fn collect<B: Body>(&self, body: B, limit: usize, timeout: Duration) -> Result<CollectedBody, BodyError> {
        let size = body.size_hint();
        if size.lower() > limit as u64 {
            return Err(BodyError::TooLarge { limit });
        }
        let upper = size.upper().and_then(|upper| usize::try_from(upper).ok()).unwrap_or(limit);
        let gives_way = Arc::new(Notify::new());
        let coming = Coming::begin(self, upper.min(limit), Arc::clone(&gives_way))?;
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

/// A body whose bytes are a budget's until this is dropped: once its message was verified, or refused.
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

/// What of the budget is whose.
struct Reserved {
    left: usize,
    last: u64,
    /// The bodies that are on their way, the one that is so for longest first.
    coming: BTreeMap<u64, Held>,
}

/// What a body on its way holds. It is freed here, not when the body's reader comes to it.
struct Held {
    reserved: usize,
    so_far: BytesMut,
    gives_way: Arc<Notify>,
}

impl Reserved {
    /// Whether so many bytes are left, once others gave way. None gives way for nothing.
    fn make_room(&mut self, bytes: usize) -> bool {
        let held = || self.coming.values().map(|held| held.reserved).sum::<usize>();
        if bytes > self.left && bytes > self.left.saturating_add(held()) {
            return false;
        }
        while bytes > self.left {
            let Some((_, Held { reserved, so_far, gives_way })) = self.coming.pop_first() else { return false };
            drop(so_far);
            gives_way.notify_one();
            self.left += reserved;
        }
        true
    }
}

/// A body on its way. What is left of its reservation as this is dropped goes back.
struct Coming<'a> {
    budget: &'a BodyBudget,
    id: u64,
}

impl<'a> Coming<'a> {
    fn begin(budget: &'a BodyBudget, bytes: usize, gives_way: Arc<Notify>) -> Result<Self, BodyError> {
        let mut reserved = budget.reserved();
        if !reserved.make_room(bytes) {
            return Err(BodyError::NoRoom);
        }
        reserved.left -= bytes;
        reserved.last += 1;
        let id = reserved.last;
        reserved.coming.insert(id, Held { reserved: bytes, so_far: BytesMut::new(), gives_way });
        Ok(Self { budget, id })
    }

    async fn gather<B: Body>(&self, body: B, limit: usize) -> Result<(), BodyError> {
        let mut body = pin!(body);
        while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
            let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
            let mut reserved = self.budget.reserved();
            let Held { reserved, so_far, .. } = reserved.coming.get_mut(&self.id).ok_or(BodyError::NoRoom)?;
            if data.remaining() > reserved.saturating_sub(so_far.len()) {
                return Err(BodyError::TooLarge { limit });
            }
            if so_far.capacity() == 0 {
                so_far.reserve(*reserved);
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
