//! Where messages go that are the platform's but cannot be read.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use protocol_core::replay::Deduplicate;

use super::delivery::{Delivery, Remembered};
use super::undelivered::Undelivered;

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

    /// Keeps a letter under its key, once, as a message is handled: the outcome's name. `None` where nobody keeps letters, or whoever
    /// does could not keep this one. Key and letter are asked for only where letters are kept.
    pub(crate) async fn keep<H, D>(
        &self,
        delivery: &Arc<Delivery<H, D>>,
        letter: impl FnOnce() -> (Remembered, L),
    ) -> Result<Option<&'static str>, Undelivered>
    where
        H: Send + Sync + 'static,
        D: Deduplicate + 'static,
    {
        let Some(keep) = self.0.clone() else { return Ok(None) };
        let (key, letter) = letter();
        let keeping = async move { if keep(letter).await { Ok(()) } else { Err(()) } };
        match delivery.deliver_by(key, keeping).await {
            Ok("stored") => Ok(Some("dead-letter")),
            Ok(name) => Ok(Some(name)),
            Err(Undelivered::HandlerFailed | Undelivered::HandlerTooSlow | Undelivered::HandlerPanicked) => Ok(None),
            Err(undelivered) => Err(undelivered),
        }
    }
}
