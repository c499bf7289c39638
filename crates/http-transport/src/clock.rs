//! The clock over each exchange of a connection.

use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// When the exchange in hand must end: from the request's head until the last byte of the response
/// was taken.
pub(crate) struct Clock {
    timeout: Option<Duration>,
    due: watch::Sender<Option<Instant>>,
    /// The response's body has ended; what is left of it is in buffers.
    flushing: AtomicBool,
}

impl Clock {
    pub(crate) fn new(timeout: Option<Duration>) -> Self {
        Self { timeout, due: watch::Sender::new(None), flushing: AtomicBool::new(false) }
    }

    pub(crate) fn begin(&self) {
        self.flushing.store(false, Ordering::Relaxed);
        if let Some(timeout) = self.timeout {
            self.due.send_replace(Some(Instant::now() + timeout));
        }
    }

    /// The response's body has ended.
    pub(crate) fn ended(&self) {
        self.flushing.store(true, Ordering::Relaxed);
    }

    pub(crate) fn flushed(&self) {
        if self.flushing.swap(false, Ordering::Relaxed) {
            self.due.send_replace(None);
        }
    }
}

/// Ready once the exchange in hand has taken too long.
pub(crate) async fn overdue(clock: &Clock) {
    let mut due = clock.due.subscribe();
    loop {
        let at = *due.borrow_and_update();
        tokio::select! {
            () = until(at) => return,
            changed = due.changed() => if changed.is_err() { pending::<()>().await },
        }
    }
}

/// Ready at this time, if there is one.
pub(crate) async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => pending().await,
    }
}
