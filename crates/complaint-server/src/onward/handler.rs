//! An endpoint within this process: a function that each event is handed to.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use complaint_inbox::{Event, Store};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::time::timeout;

use super::attempt::ATTEMPT_TIMEOUT;
use super::ladder::LocalFault;

/// A function that events are handed to. Clones share it.
#[derive(Clone)]
pub(super) struct Handler(Arc<dyn Fn(Event) -> BoxFuture<'static, bool> + Send + Sync>);

impl Handler {
    pub(super) fn new<S, F, D, E>(store: S, handle: F) -> Self
    where
        S: Store,
        F: Fn(S, Event) -> D + Send + Sync + 'static,
        D: Future<Output = Result<(), E>> + Send + 'static,
    {
        Self(Arc::new(move |event| {
            let handling = handle(store.clone(), event);
            async move { handling.await.is_ok() }.boxed()
        }))
    }

    /// Handles an event, in time and without a panic.
    pub(super) async fn handle(&self, event: Event) -> Result<(), LocalFault> {
        // The function itself may panic before its future exists.
        let handling = AssertUnwindSafe(async { (self.0)(event).await }).catch_unwind();
        match timeout(ATTEMPT_TIMEOUT, handling).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(LocalFault::Error),
            Ok(Err(_)) => Err(LocalFault::Panic),
            Err(_) => Err(LocalFault::Late),
        }
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handler")
    }
}
