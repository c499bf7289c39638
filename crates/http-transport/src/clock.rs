//! The clock over each exchange of a connection.

use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// When the exchange in hand must end: from the request's head until the last byte of the response
/// was taken.
pub(crate) struct Clock {
    timeout: Option<Duration>,
    due: Mutex<Option<Instant>>,
    /// The response's body has ended; what is left of it is in buffers.
    flushing: AtomicBool,
}

impl Clock {
    pub(crate) const fn new(timeout: Option<Duration>) -> Self {
        Self { timeout, due: Mutex::new(None), flushing: AtomicBool::new(false) }
    }

    pub(crate) fn begin(&self) {
        self.flushing.store(false, Ordering::Relaxed);
        if let Some(timeout) = self.timeout {
            *self.due() = Some(Instant::now() + timeout);
        }
    }

    /// The response's body has ended.
    pub(crate) fn ended(&self) {
        self.flushing.store(true, Ordering::Relaxed);
    }

    pub(crate) fn flushed(&self) {
        if self.flushing.swap(false, Ordering::Relaxed) {
            *self.due() = None;
        }
    }

    fn due(&self) -> MutexGuard<'_, Option<Instant>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ready once the exchange in hand has taken too long. It is polled by the task of the connection,
/// after the connection, whose polls begin and end exchanges: so nothing has to wake it.
///
/// The timer of an exchange that has ended goes on, and is set anew only when it rings: an exchange
/// that ends in time sets none.
pub(crate) async fn overdue(clock: &Clock) {
    let mut timer: Option<Pin<Box<Sleep>>> = None;
    poll_fn(|context| {
        loop {
            let Some(due) = *clock.due() else { return Poll::Pending };
            let timer = timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
            ready!(timer.as_mut().poll(context));
            if due <= timer.deadline() {
                return Poll::Ready(());
            }
            timer.as_mut().reset(due);
        }
    })
    .await;
}

/// Ready at this time, if there is one.
pub(crate) async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use tokio::time::advance;

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(10);

    async fn is_ready(mut future: Pin<&mut impl Future<Output = ()>>) -> bool {
        poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await
    }

    #[tokio::test(start_paused = true)]
    async fn each_exchange_has_its_own_time_and_none_between_them_ends() {
        let clock = Clock::new(Some(TIMEOUT));
        let mut overdue = pin!(overdue(&clock));
        assert!(!is_ready(overdue.as_mut()).await);
        clock.begin();
        assert!(!is_ready(overdue.as_mut()).await);
        advance(TIMEOUT / 2).await;
        clock.ended();
        clock.flushed();
        // The timer of the first exchange rings in between.
        advance(TIMEOUT).await;
        assert!(!is_ready(overdue.as_mut()).await);
        clock.begin();
        assert!(!is_ready(overdue.as_mut()).await);
        advance(TIMEOUT - Duration::from_millis(1)).await;
        assert!(!is_ready(overdue.as_mut()).await);
        advance(Duration::from_millis(1)).await;
        assert!(is_ready(overdue.as_mut()).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_that_rings_in_the_next_exchange_is_set_anew() {
        let clock = Clock::new(Some(TIMEOUT));
        let mut overdue = pin!(overdue(&clock));
        clock.begin();
        assert!(!is_ready(overdue.as_mut()).await);
        advance(TIMEOUT / 2).await;
        clock.ended();
        clock.flushed();
        clock.begin();
        let began = Instant::now();
        overdue.await;
        assert_eq!(began.elapsed(), TIMEOUT);
    }
}
