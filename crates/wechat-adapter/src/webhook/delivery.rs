//! Reserve, handle, commit or release.

use core::time::Duration;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use protocol_core::replay::{Deduplicate, Reservation};
use protocol_core::wechat_pay::Notification;

use super::refusal::Refusal;
use crate::clock::Clock;

/// A notification for one of the listener's merchants, verified and opened.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Received {
    /// The account it is for.
    pub mchid: Arc<str>,
    /// The notification.
    pub notification: Notification,
}

impl Received {
    pub(super) const fn new(mchid: Arc<str>, notification: Notification) -> Self {
        Self { mchid, notification }
    }

    /// The id it is remembered by: the merchant's number and the notification's id, since nothing says that ids are unique among
    /// merchants.
    #[must_use]
    pub fn dedup_key(&self) -> String {
        format!("{}/{}", self.mchid, self.notification.id)
    }
}

/// What a service does with a notification. Every `async` function from [`Received`] to a `Result` is one.
///
/// It returns once the notification is stored. The platform waits 5 seconds: store first, work later. It may be called again with
/// the same notification (after it failed, or after a restart), so it is idempotent by complaint and action.
pub trait Handler: Send + Sync + 'static {
    /// What went wrong. The handler's own to log: nothing is done with it here but that the platform sends again.
    type Error: Send;

    /// Stores the notification.
    fn handle(&self, received: Received) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

impl<F, Fut, E> Handler for F
where
    F: Fn(Received) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), E>> + Send,
    E: Send,
{
    type Error = E;

    fn handle(&self, received: Received) -> impl Future<Output = Result<(), E>> + Send {
        self(received)
    }
}

pub(super) struct Delivery<H, D> {
    pub(super) store: D,
    pub(super) handler: H,
    pub(super) handler_time: Duration,
    pub(super) clock: Clock,
}

impl<H: Handler, D: Deduplicate> Delivery<H, D> {
    /// The outcome's name; or why there is nothing to acknowledge.
    pub(super) async fn deliver(&self, received: Received) -> Result<&'static str, Refusal> {
        let id = received.dedup_key();
        let lease = match self.store.reserve(&id, self.clock.now()).await {
            Ok(Reservation::First(lease)) => lease,
            Ok(Reservation::InHand) => return Err(Refusal::InHand),
            Ok(Reservation::Done) => return Ok("repeated"),
            Err(_) => return Err(Refusal::Store),
        };
        if let Err(failure) = self.handle(received).await {
            // Where the store cannot release it, the reservation lapses.
            let _ = self.store.release(&id, lease).await;
            return Err(failure);
        }
        match self.store.commit(&id, lease).await {
            Ok(true) => Ok("stored"),
            Ok(false) => Err(Refusal::LeaseLapsed),
            Err(_) => Err(Refusal::Store),
        }
    }

    async fn handle(&self, received: Received) -> Result<(), Refusal> {
        let handling = async { self.handler.handle(received).await };
        let bounded = tokio::time::timeout(self.handler_time, handling);
        match AssertUnwindSafe(bounded).catch_unwind().await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(_))) => Err(Refusal::HandlerFailed),
            Ok(Err(_)) => Err(Refusal::HandlerTooSlow),
            Err(_) => Err(Refusal::HandlerPanicked),
        }
    }
}
