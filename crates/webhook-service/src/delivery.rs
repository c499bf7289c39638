//! Reserve, handle, commit or release.

use std::error::Error;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use protocol_core::Clock;
use protocol_core::call::OutsideError;
use protocol_core::replay::{Deduplicate, Key, Lease, Reservation};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use crate::error::WebhookError;
use crate::handler::Handler;
use crate::inbound::Keyed;
use crate::store_window::{Step, StoreWindow};
use crate::timeouts::WebhookTimeouts;

/// The time that a late store may run in the background before its reservation is released. The
/// longest advised lease has the same length, so a later reservation has already lapsed.
const LATE_STORE: Duration = Duration::from_secs(60);

/// Hands messages to the service. If one is not committed, the platform's next copy is handed over.
pub(crate) struct Delivery<H, D> {
    pub(crate) store: D,
    pub(crate) handler: H,
    pub(crate) timeouts: WebhookTimeouts,
    pub(crate) window: StoreWindow,
    pub(crate) clock: Clock,
}

/// The outcome's name, or the reason for no acknowledgement.
type Outcome<E> = Result<&'static str, WebhookError<E>>;

/// The reason why a store gave no usable response.
enum Missed {
    /// It failed, or panicked.
    Failed,
    /// It has not finished yet.
    Late,
}

impl<H, D: Deduplicate + 'static> Delivery<H, D> {
    /// Hands a message to the handler under its key.
    pub(crate) async fn deliver<M: Send + 'static, E>(self: &Arc<Self>, message: Keyed<M>) -> Outcome<E>
    where
        H: Handler<M>,
        E: Error + Send + 'static,
    {
        let delivery = Arc::clone(self);
        self.deliver_by(message, |message| async move { delivery.handler.handle(message).await }).await
    }

    /// Delivers a message under its key to `handle`.
    ///
    /// If anything in it waits, it runs in its own task. A caller who hangs up does not cut a handler
    /// off between its own write and the commit, and a caller who waits is told before the task
    /// tidies up behind a late store.
    pub(crate) async fn deliver_by<M, F, X, E>(
        self: &Arc<Self>,
        message: Keyed<M>,
        handle: impl FnOnce(M) -> F,
    ) -> Outcome<E>
    where
        H: Send + Sync + 'static,
        F: Future<Output = Result<(), X>> + Send + 'static,
        X: Into<Box<dyn Error + Send + Sync>> + Send,
        E: Error + Send + 'static,
    {
        let Some(step) = self.window.first_step() else { return Err(WebhookError::StoreBusy) };
        let (caller, told) = oneshot::channel();
        let Keyed { id, signed, value } = message;
        let (delivery, handling) = (Arc::clone(self), handle(value));
        let mut settling = Box::pin(in_this_span(async move {
            delivery.settle(Key { id: &id, signed }, step, handling, caller).await;
        }));
        // With a store in memory and a handler that hands on to a queue, nothing waits.
        if settling.as_mut().now_or_never().is_none() {
            tokio::spawn(settling);
        }
        // The sender is dropped if the runtime is shutting down.
        told.await.unwrap_or(Err(WebhookError::Store))
    }

    /// The caller may have hung up: sending may fail.
    async fn settle<X, E>(
        &self,
        key: Key<'_>,
        step: Step,
        handling: impl Future<Output = Result<(), X>> + Send,
        caller: oneshot::Sender<Outcome<E>>,
    ) where
        X: Into<Box<dyn Error + Send + Sync>>,
        E: Error + 'static,
    {
        // A lease must only be different each time.
        let lease = Lease::new(fastrand::u64(..));
        // A store may panic before it returns a future, so each step begins inside of one.
        let mut reserving = pin!(async { self.store.reserve(key, lease, self.clock.now()).await });
        let reservation = match self.in_time(step, &mut reserving).await {
            Ok(reservation) => reservation,
            Err(missed) => {
                let _ = caller.send(Err(WebhookError::Store));
                // The message is dropped, so that a store that hangs does not collect messages.
                drop(handling);
                return self.tidy_up(key, lease, missed, reserving).await;
            }
        };
        let refused = match reservation {
            Reservation::First => None,
            Reservation::Done => Some(Ok("repeated")),
            Reservation::InHand => Some(Err(WebhookError::InHand)),
            Reservation::Replayed => Some(Err(WebhookError::Replayed)),
        };
        if let Some(outcome) = refused {
            let _ = caller.send(outcome);
            return;
        }
        if let Err(failure) = self.handle(handling).await {
            // Released before the platform is told, so that its next copy is the first one again.
            let mut releasing = pin!(async { self.store.release(key, lease).await });
            let released = self.in_time(self.window.next_step(), &mut releasing).await;
            let _ = caller.send(Err(failure));
            if let Err(missed) = released {
                self.tidy_up(key, lease, missed, releasing).await;
            }
            return;
        }
        let mut committing = pin!(async { self.store.commit(key, lease).await });
        match self.in_time(self.window.next_step(), &mut committing).await {
            Ok(committed) => {
                let _ = caller.send(if committed { Ok("stored") } else { Err(WebhookError::LeaseLapsed) });
            }
            Err(missed) => {
                let _ = caller.send(Err(WebhookError::Store));
                self.tidy_up(key, lease, missed, committing).await;
            }
        }
    }

    /// The store's result, if it comes in time.
    async fn in_time<T>(&self, step: Step, doing: impl Future<Output = Result<T, D::Error>>) -> Result<T, Missed> {
        let Ok(done) = timeout(self.timeouts.store, AssertUnwindSafe(doing).catch_unwind()).await else {
            step.was_late(Instant::now(), self.timeouts.store);
            return Err(Missed::Late);
        };
        step.was_in_time(Instant::now());
        match done {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(_)) | Err(_) => Err(Missed::Failed),
        }
    }

    /// Releases a message when it is unknown how far the store got, so that the next copy is not
    /// held for a lease. A commit in the meantime stays. If the store cannot release either, the
    /// reservation lapses.
    async fn tidy_up<T>(
        &self,
        key: Key<'_>,
        lease: Lease,
        missed: Missed,
        late: impl Future<Output = Result<T, D::Error>>,
    ) {
        let tidying = async {
            if matches!(missed, Missed::Late) {
                let _ = timeout(LATE_STORE, AssertUnwindSafe(late).catch_unwind()).await;
            }
            let _ = timeout(LATE_STORE, self.store.release(key, lease)).await;
        };
        let _ = AssertUnwindSafe(tidying).catch_unwind().await;
    }

    async fn handle<X, E>(&self, handling: impl Future<Output = Result<(), X>> + Send) -> Result<(), WebhookError<E>>
    where
        X: Into<Box<dyn Error + Send + Sync>>,
        E: Error + 'static,
    {
        let bounded = timeout(self.timeouts.handler, handling);
        match AssertUnwindSafe(bounded).catch_unwind().await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(error))) => Err(WebhookError::HandlerFailed(OutsideError::before_sending(error))),
            Ok(Err(_)) => Err(WebhookError::HandlerTooSlow),
            Err(_) => Err(WebhookError::HandlerPanicked),
        }
    }
}

/// A future that runs elsewhere, within this span.
#[cfg(feature = "tracing")]
fn in_this_span<F: Future>(future: F) -> impl Future<Output = F::Output> {
    use tracing::Instrument as _;

    future.in_current_span()
}

/// A future that runs elsewhere.
#[cfg(not(feature = "tracing"))]
fn in_this_span<F: Future>(future: F) -> F {
    future
}
