//! The calls that wait for a thread of the store.

use std::sync::mpsc::{SyncSender, TrySendError};

use tokio::sync::oneshot;

use crate::error::StoreError;

/// Most calls that wait; one more is [`StoreError::Busy`].
pub(super) const MAX_WAITING: usize = 1024;

/// Puts a call into the queue, and waits for its outcome. There is no queue once the thread has ended.
pub(super) async fn run<C, T>(
    calls: Option<&SyncSender<C>>,
    call: C,
    outcome: oneshot::Receiver<Result<T, StoreError>>,
) -> Result<T, StoreError> {
    calls.ok_or(StoreError::Closed)?.try_send(call).map_err(|error| match error {
        TrySendError::Full(_) => StoreError::Busy,
        TrySendError::Disconnected(_) => StoreError::Closed,
    })?;
    outcome.await.unwrap_or(Err(StoreError::Closed))
}
