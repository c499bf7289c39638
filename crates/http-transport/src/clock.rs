//! The clock over a connection: over each request's head, and over each exchange.

use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// When the head that is read must be there, or when the exchange in hand must end. An exchange
/// lasts from the request's head until the last byte of the response was taken; then the time of
/// the next head begins.
pub(crate) struct Clock {
    head_timeout: Duration,
    exchange_timeout: Option<Duration>,
    due: Mutex<Option<Instant>>,
    /// The response's body has ended; what is left of it is in buffers.
    flushing: AtomicBool,
}

impl Clock {
    /// The time of the first head begins now.
    pub(crate) fn new(head_timeout: Duration, exchange_timeout: Option<Duration>) -> Self {
        let due = Mutex::new(Some(Instant::now() + head_timeout));
        Self { head_timeout, exchange_timeout, due, flushing: AtomicBool::new(false) }
    }

    /// A head is there.
    pub(crate) fn begin(&self) {
        self.flushing.store(false, Ordering::Relaxed);
        *self.due() = self.exchange_timeout.map(|timeout| Instant::now() + timeout);
    }

    /// The response's body has ended.
    pub(crate) fn ended(&self) {
        self.flushing.store(true, Ordering::Relaxed);
    }

    pub(crate) fn flushed(&self) {
        if self.flushing.swap(false, Ordering::Relaxed) {
            *self.due() = Some(Instant::now() + self.head_timeout);
        }
    }

    /// The connection comes to its end: it lingers, which has a timeout of its own.
    pub(crate) fn lingers(&self) {
        *self.due() = None;
    }

    fn due(&self) -> MutexGuard<'_, Option<Instant>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ready once a head or an exchange has taken too long. It is polled by the task of the connection,
/// after the connection, whose polls begin and end exchanges: so nothing has to wake it.
///
/// The timer of a head or an exchange that has ended goes on, and is set anew only when it rings or
/// would ring too late: an exchange that ends in time sets none. hyper's own timeout of a head sets
/// a timer for each, and polls the connection once more for it.
pub(crate) async fn overdue(clock: &Clock) {
    let mut timer: Option<Pin<Box<Sleep>>> = None;
    poll_fn(|context| {
        loop {
            let Some(due) = *clock.due() else { return Poll::Pending };
            let timer = timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
            if due < timer.deadline() {
                timer.as_mut().reset(due);
            }
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
    const HEAD: Duration = Duration::from_secs(3);
    const MOMENT: Duration = Duration::from_millis(1);

    async fn is_ready(mut future: Pin<&mut impl Future<Output = ()>>) -> bool {
        poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await
    }

    #[tokio::test(start_paused = true)]
    async fn each_exchange_has_its_own_time_and_none_between_them_ends() {
        let clock = Clock::new(TIMEOUT * 10, Some(TIMEOUT));
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
        let clock = Clock::new(TIMEOUT * 10, Some(TIMEOUT));
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

    #[tokio::test(start_paused = true)]
    async fn each_head_has_its_own_time_also_where_the_timer_would_ring_later() {
        for exchanges in 0..3 {
            let clock = Clock::new(HEAD, Some(TIMEOUT));
            let mut overdue = pin!(overdue(&clock));
            for _ in 0..exchanges {
                clock.begin();
                assert!(!is_ready(overdue.as_mut()).await);
                advance(TIMEOUT - MOMENT).await;
                clock.ended();
                clock.flushed();
            }
            assert!(!is_ready(overdue.as_mut()).await);
            advance(HEAD - MOMENT).await;
            assert!(!is_ready(overdue.as_mut()).await, "{exchanges}");
            advance(MOMENT).await;
            assert!(is_ready(overdue.as_mut()).await, "{exchanges}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_exchange_without_a_timeout_and_a_connection_that_lingers_have_no_time() {
        let clock = Clock::new(HEAD, None);
        let mut overdue = pin!(overdue(&clock));
        clock.begin();
        assert!(!is_ready(overdue.as_mut()).await);
        advance(HEAD * 100).await;
        assert!(!is_ready(overdue.as_mut()).await);
        clock.ended();
        clock.flushed();
        clock.lingers();
        advance(HEAD * 100).await;
        assert!(!is_ready(overdue.as_mut()).await);
    }
}
