//! Where messages go that are the platform's but cannot be read.

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

    /// Keeps a letter, which is asked for only where letters are kept; `None` where they are not.
    pub(crate) fn keeping(
        &self,
        letter: impl FnOnce() -> L,
    ) -> Option<impl Future<Output = Result<(), NotKept>> + Send + 'static> {
        let keep = self.0.clone()?;
        let letter = letter();
        Some(async move { if keep(letter).await { Ok(()) } else { Err(NotKept) } })
    }
}

/// Whoever keeps letters could not keep this one.
pub(crate) struct NotKept;
