//! A body collected within a bound on its size and on the time it takes.

use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http_body::Body;

/// A body that was not collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// It is larger than allowed, or says so.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The bound, in bytes.
        limit: usize,
    },
    /// It was not all there in time.
    #[error("the body did not come in time")]
    TimedOut,
    /// The budget for unverified bodies ([`BodyBudget`](crate::BodyBudget)) had no room: the body
    /// gave way to a smaller or later one, or is the largest of all.
    #[error("no room for the body among those that are not verified yet: send it again")]
    NoRoom,
    /// It ended early, or is not what it should be.
    #[error("the body broke off")]
    Broken,
}

/// Collects a body of at most `limit` bytes that has all come within `timeout`.
///
/// A body that announces more, as by `Content-Length`, is refused before a byte of it is read. At
/// most the bound and one piece of the network's are in memory. Trailers are dropped.
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
/// # runtime.block_on(async {
/// use std::time::Duration;
/// use http_transport::{BodyError, collect};
///
/// let within = Duration::from_secs(1);
/// assert_eq!(collect("four".to_owned(), 4, within).await.unwrap(), "four");
/// assert_eq!(collect("four!".to_owned(), 4, within).await, Err(BodyError::TooLarge { limit: 4 }));
/// # });
/// ```
///
/// # Errors
///
/// [`BodyError`]. The rest stays unread, and a listener then closes the connection after the
/// response.
pub async fn collect<B: Body>(body: B, limit: usize, timeout: Duration) -> Result<Bytes, BodyError> {
    match tokio::time::timeout(timeout, gather(body, limit)).await {
        Err(_) => Err(BodyError::TimedOut),
        Ok(Err(Stopped::TooLarge)) => Err(BodyError::TooLarge { limit }),
        Ok(Err(Stopped::Broken(_))) => Err(BodyError::Broken),
        Ok(Ok(bytes)) => Ok(bytes),
    }
}

/// Why [`gather`] stopped.
pub(crate) enum Stopped<E> {
    TooLarge,
    Broken(E),
}

/// Collects a body of at most `limit` bytes. One that comes in one piece is not copied.
pub(crate) async fn gather<B: Body>(body: B, limit: usize) -> Result<Bytes, Stopped<B::Error>> {
    let mut body = pin!(body);
    if body.size_hint().lower() > limit as u64 {
        return Err(Stopped::TooLarge);
    }
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        let Ok(mut data) = frame.map_err(Stopped::Broken)?.into_data() else { continue };
        let length = data.remaining();
        if length > limit.saturating_sub(first.len() + all.len()) {
            return Err(Stopped::TooLarge);
        }
        if first.is_empty() && all.is_empty() {
            first = data.copy_to_bytes(length);
            continue;
        }
        if all.is_empty() {
            all.put(std::mem::take(&mut first));
        }
        all.put(data);
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}
