//! A connection's place among the slots, and the word that its message is proven.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::slots::{Admitted, Group, Id, Slots};

/// A request's handle to tell the [`Listener`](crate::Listener) that its message is genuine. A
/// request that the listener hands to its service has one among its extensions.
///
/// While a proven message is in hand, its connection is not closed for another's sake; its time to
/// wait begins anew when the service has responded, and once more with the head that follows.
/// Without a proof, a connection is closed once it has waited longest and its slot is needed:
/// refused, or served without a proof, it waits all the same. A service without signed messages
/// marks every logged-in peer, or all peers.
///
/// ```
/// use http_transport::Proof;
///
/// async fn receive<B>(request: http::Request<B>) -> http::StatusCode {
///     let (parts, _body) = request.into_parts();
///     // … once the signature verified:
///     Proof::mark(&parts.extensions);
///     http::StatusCode::NO_CONTENT
/// }
/// # let _ = receive::<()>;
/// ```
#[derive(Clone)]
pub struct Proof {
    registry: Registry,
    id: Id,
    exchange: u64,
}

impl Proof {
    /// The message is proven. After the response, or a second time, this does nothing.
    pub fn proven(&self) {
        self.registry.slots().proven(self.id, self.exchange);
    }

    /// The message of the request with these extensions is proven. No effect if another server
    /// received it.
    pub fn mark(extensions: &http::Extensions) {
        if let Some(proof) = extensions.get::<Self>() {
            proof.proven();
        }
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proof").finish_non_exhaustive()
    }
}

/// The listener's slots, shared with its connections.
#[derive(Debug, Clone)]
pub(crate) struct Registry(Arc<Mutex<Slots<Arc<Notify>>>>);

impl Registry {
    pub(crate) fn new(max: usize, share: usize, pressed_timeout: Duration) -> Self {
        Self(Arc::new(Mutex::new(Slots::new(max, share, pressed_timeout))))
    }

    /// A place for a new connection; another may be closed for it. `None`: there is none.
    pub(crate) fn admit(&self, group: Group) -> Option<Place> {
        let close = Arc::new(Notify::new());
        let Admitted { id, evicted } = self.slots().admit(group, Instant::now(), Arc::clone(&close))?;
        if let Some(other) = evicted {
            other.notify_one();
        }
        Some(Place { registry: self.clone(), id, close })
    }

    /// Closes the connection that has waited longest; whether there was one.
    pub(crate) fn evict(&self) -> bool {
        let evicted = self.slots().evict();
        evicted.inspect(|close| close.notify_one()).is_some()
    }

    /// Closes what has waited too long under pressure.
    pub(crate) fn evict_lapsed(&self) {
        let mut slots = self.slots();
        while let Some(close) = slots.evict_lapsed(Instant::now()) {
            close.notify_one();
        }
    }

    /// When [`Self::evict_lapsed`] is due.
    pub(crate) fn next_lapse(&self) -> Option<Instant> {
        self.slots().next_lapse(Instant::now())
    }

    fn slots(&self) -> MutexGuard<'_, Slots<Arc<Notify>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place. It is free again once this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    registry: Registry,
    id: Id,
    close: Arc<Notify>,
}

impl Place {
    /// Ready once the connection has to be closed for another's sake.
    pub(crate) async fn evicted(&self) {
        self.close.notified().await;
    }

    /// An exchange begins; it ends as this is dropped.
    pub(crate) fn exchange(&self) -> Exchange {
        let exchange = self.registry.slots().begin(self.id, Instant::now());
        Exchange(Proof { registry: self.registry.clone(), id: self.id, exchange })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.registry.slots().remove(self.id);
    }
}

/// An exchange in hand.
pub(crate) struct Exchange(Proof);

impl Exchange {
    pub(crate) fn proof(&self) -> Proof {
        self.0.clone()
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.0.registry.slots().end(self.0.id, Instant::now());
    }
}
