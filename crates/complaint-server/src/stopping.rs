//! The wish to stop, which every part of the server hears.

use std::sync::Arc;
use tokio::sync::watch;

/// The wish to stop. Clones share it.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let stopping = complaint_server::Stopping::default();
/// let heard = stopping.clone();
/// stopping.stop();
/// heard.wished().await; // ready from now on
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct Stopping(Arc<watch::Sender<bool>>);

impl Default for Stopping {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Stopping {
    /// Asks all parts to finish what is in hand and to begin nothing new.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Whether [`stop`](Self::stop) was called.
    #[must_use]
    pub fn is_wished(&self) -> bool {
        *self.0.borrow()
    }

    /// Ready once [`stop`](Self::stop) was called.
    pub async fn wished(&self) {
        // The sender is this one: it does not go away.
        let _ = self.0.subscribe().wait_for(|stop| *stop).await;
    }
}
