//! How the parts of an engine wake each other.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::sleep;

use crate::stopping::Stopping;

/// Wakes those who wait for news. Clones share it.
///
/// A ring is kept: a listener that was busy hears it when it waits next. Rings that came together
/// are one.
#[derive(Debug, Clone)]
pub struct Bell(Arc<watch::Sender<()>>);

impl Default for Bell {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(())))
    }
}

impl Bell {
    /// Wakes every listener.
    pub fn ring(&self) {
        self.0.send_replace(());
    }

    /// A listener that hears each ring from now on.
    #[must_use]
    pub fn listener(&self) -> Listener {
        Listener(self.0.subscribe())
    }
}

/// Hears a [`Bell`].
#[derive(Debug)]
pub struct Listener(watch::Receiver<()>);

impl Listener {
    /// Ready once the bell was rung since the listener was made, or since this was ready last.
    pub async fn rung(&mut self) {
        if self.0.changed().await.is_err() {
            // Every bell is gone: there is no news any more.
            std::future::pending::<()>().await;
        }
    }
}

/// Few ask the store at once, of many that one ring wakes: messages find room in its queue.
#[derive(Debug)]
pub(super) struct Turns(Semaphore);

impl Default for Turns {
    fn default() -> Self {
        Self(Semaphore::new(MAX_AT_ONCE))
    }
}

impl Turns {
    /// The result of the request, once it has its turn.
    pub(super) async fn of<T>(&self, request: impl Future<Output = T>) -> T {
        // It is never closed.
        let _turn = self.0.acquire().await;
        request.await
    }
}

/// Requests for work that the store has at once, of all accounts.
const MAX_AT_ONCE: usize = 64;

/// Waits for news, at most so long. `false`: it is time to stop.
pub(crate) async fn pause(stopping: &Stopping, news: &mut Listener, at_most: Duration) -> bool {
    tokio::select! {
        biased;
        () = stopping.wished() => false,
        () = news.rung() => true,
        () = sleep(at_most) => true,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::task::JoinSet;

    use super::*;

    const NEVER: Duration = Duration::from_secs(86_400);

    #[tokio::test(start_paused = true)]
    async fn a_ring_is_kept_for_a_listener_that_is_busy() {
        let (bell, stopping) = (Bell::default(), Stopping::default());
        let mut listener = bell.listener();
        bell.ring();
        bell.ring();
        assert!(pause(&stopping, &mut listener, NEVER).await);
        let began = tokio::time::Instant::now();
        assert!(pause(&stopping, &mut listener, NEVER).await);
        assert_eq!(began.elapsed(), NEVER, "two rings are one");
    }

    #[tokio::test]
    async fn so_many_requests_have_their_turn_at_once() {
        let (turns, started) = (Arc::new(Turns::default()), Arc::new(AtomicUsize::new(0)));
        let end = Arc::new(Semaphore::new(0));
        let mut requests = JoinSet::new();
        for _ in 0..=MAX_AT_ONCE {
            let (turns, started, end) = (Arc::clone(&turns), Arc::clone(&started), Arc::clone(&end));
            requests.spawn(async move {
                let request = async {
                    started.fetch_add(1, Ordering::SeqCst);
                    end.acquire().await.unwrap().forget();
                };
                turns.of(request).await;
            });
        }
        // One thread runs all: each goes as far as it can.
        for _ in 0..10 * MAX_AT_ONCE {
            tokio::task::yield_now().await;
        }
        assert_eq!(started.load(Ordering::SeqCst), MAX_AT_ONCE);
        end.add_permits(1);
        requests.join_next().await.unwrap().unwrap();
        while started.load(Ordering::SeqCst) == MAX_AT_ONCE {
            tokio::task::yield_now().await;
        }
        end.add_permits(MAX_AT_ONCE);
        assert_eq!(requests.join_all().await.len(), MAX_AT_ONCE);
    }

    #[tokio::test(start_paused = true)]
    async fn the_wish_to_stop_comes_before_news() {
        let (bell, stopping) = (Bell::default(), Stopping::default());
        let mut listener = bell.listener();
        bell.ring();
        stopping.stop();
        assert!(!pause(&stopping, &mut listener, NEVER).await);
    }
}
