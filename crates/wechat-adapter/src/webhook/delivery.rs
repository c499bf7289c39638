//! Reserve, handle, commit or release.

use core::time::Duration;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use protocol_core::Clock;
use protocol_core::replay::{Deduplicate, Reservation};

use super::handler::Handler;
use super::undelivered::Undelivered;
use crate::trace;

/// What hands messages to the service, each until it is committed.
pub(crate) struct Delivery<H, D> {
    pub(crate) store: D,
    pub(crate) handler: H,
    pub(crate) handler_time: Duration,
    pub(crate) store_time: Duration,
    pub(crate) clock: Clock,
}

impl<H, D: Deduplicate + 'static> Delivery<H, D> {
    /// Delivers a message under its id: the outcome's name, or why there is nothing to acknowledge.
    ///
    /// In a task of its own: a caller who hangs up does not cut a handler off between its own write and the commit.
    pub(crate) async fn deliver<M: Send + 'static>(
        self: &Arc<Self>,
        id: String,
        message: M,
    ) -> Result<&'static str, Undelivered>
    where
        H: Handler<M>,
    {
        let delivery = Arc::clone(self);
        let delivered = tokio::spawn(trace::in_this_span(async move { delivery.settle(&id, message).await }));
        // The handler's panics are caught below; what else panics is the store.
        delivered.await.unwrap_or(Err(Undelivered::Store))
    }

    async fn settle<M: Send>(&self, id: &str, message: M) -> Result<&'static str, Undelivered>
    where
        H: Handler<M>,
    {
        let lease = match self.in_time(self.store.reserve(id, self.clock.now())).await? {
            Reservation::First(lease) => lease,
            Reservation::InHand => return Err(Undelivered::InHand),
            Reservation::Done => return Ok("repeated"),
        };
        if let Err(failure) = self.handle(message).await {
            // Where the store cannot release it, the reservation lapses.
            let _ = self.in_time(self.store.release(id, lease)).await;
            return Err(failure);
        }
        if self.in_time(self.store.commit(id, lease)).await? { Ok("stored") } else { Err(Undelivered::LeaseLapsed) }
    }

    /// What the store does, within bounds: a store that hangs would collect messages.
    async fn in_time<T>(&self, doing: impl Future<Output = Result<T, D::Error>>) -> Result<T, Undelivered> {
        match tokio::time::timeout(self.store_time, doing).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(_)) | Err(_) => Err(Undelivered::Store),
        }
    }

    async fn handle<M: Send>(&self, message: M) -> Result<(), Undelivered>
    where
        H: Handler<M>,
    {
        let handling = async { self.handler.handle(message).await };
        let bounded = tokio::time::timeout(self.handler_time, handling);
        match AssertUnwindSafe(bounded).catch_unwind().await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(_))) => Err(Undelivered::HandlerFailed),
            Ok(Err(_)) => Err(Undelivered::HandlerTooSlow),
            Err(_) => Err(Undelivered::HandlerPanicked),
        }
    }
}
