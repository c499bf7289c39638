//! Dead letters: messages that are the platform's but cannot be read.

use std::error::Error;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use protocol_core::replay::Deduplicate;

use crate::delivery::Delivery;
use crate::error::WebhookError;
use crate::inbound::Keyed;

/// The service's way to keep unreadable messages, if it has one.
#[derive(Clone)]
pub(crate) struct DeadLetters<L>(Option<Keep<L>>);

type Keep<L> = Arc<dyn Fn(L) -> BoxFuture<'static, bool> + Send + Sync>;

impl<L> Default for DeadLetters<L> {
    fn default() -> Self {
        Self(None)
    }
}

impl<L: Send + 'static> DeadLetters<L> {
    /// Dead letters that `keep` keeps.
    pub(crate) fn kept_by<F, Fut>(keep: F) -> Self
    where
        F: Fn(L) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = bool> + Send + 'static,
    {
        Self(Some(Arc::new(move |letter| Box::pin(keep(letter)))))
    }

    /// Keeps a letter under its key, once, like a message. Returns the outcome's name; `None`
    /// if letters are not kept, or this one could not be.
    pub(crate) async fn keep<H, D, E>(
        &self,
        delivery: &Arc<Delivery<H, D>>,
        letter: Keyed<L>,
    ) -> Result<Option<&'static str>, WebhookError<E>>
    where
        H: Send + Sync + 'static,
        D: Deduplicate + 'static,
        E: Error + Send + 'static,
    {
        let Some(keep) = self.0.clone() else { return Ok(None) };
        let keeping = |letter| async move { if keep(letter).await { Ok(()) } else { Err("the letter was not kept") } };
        match delivery.deliver_by(letter, keeping).await {
            Ok("stored") => Ok(Some("dead-letter")),
            Ok(name) => Ok(Some(name)),
            Err(WebhookError::HandlerFailed(_) | WebhookError::HandlerTooSlow | WebhookError::HandlerPanicked) => {
                Ok(None)
            }
            Err(undelivered) => Err(undelivered),
        }
    }
}
