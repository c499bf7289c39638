//! Where messages go that are the platform's but cannot be read.

use core::time::Duration;
use std::sync::Arc;

use futures_util::future::BoxFuture;

/// What keeps unreadable messages, once the service says how.
#[derive(Clone)]
pub(crate) struct DeadLetters<L>(Option<Keep<L>>);

type Keep<L> = Arc<dyn Fn(L) -> BoxFuture<'static, bool> + Send + Sync>;

impl<L> Default for DeadLetters<L> {
    fn default() -> Self {
        Self(None)
    }
}

impl<L: Send + 'static> DeadLetters<L> {
    /// Kept by this.
    pub(crate) fn kept_by<F, Fut>(keep: F) -> Self
    where
        F: Fn(L) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = bool> + Send + 'static,
    {
        Self(Some(Arc::new(move |letter| Box::pin(keep(letter)))))
    }

    /// Whether a letter was kept, which is asked for only where letters are. In a task of its own, as a handler is: a caller who
    /// hangs up does not cut it off. One that panics or takes too long has kept nothing.
    pub(crate) async fn keep(&self, time: Duration, letter: impl FnOnce() -> L) -> bool {
        let Some(keep) = self.0.clone() else { return false };
        let letter = letter();
        let keeping = tokio::time::timeout(time, async move { keep(letter).await });
        matches!(tokio::spawn(keeping).await, Ok(Ok(true)))
    }
}
