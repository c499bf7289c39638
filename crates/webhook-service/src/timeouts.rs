//! How long each part of a delivery may take.

use std::time::Duration;

/// The timeouts of a webhook. The platforms are said to wait 5 seconds for a response.
///
/// ```
/// use std::time::Duration;
/// use webhook_service::WebhookTimeouts;
///
/// let timeouts = WebhookTimeouts::default().with_handler(Duration::from_secs(1));
/// assert_eq!(timeouts.handler, Duration::from_secs(1));
/// assert_eq!(timeouts.store, WebhookTimeouts::STORE);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebhookTimeouts {
    /// The time for a request's body. Default: [`BODY`](Self::BODY).
    pub body: Duration,
    /// The time for each step of the store of keys. Beyond it the response is 503; the store is
    /// awaited in the background, a minute at most, and what it reserved too late is released.
    /// Default: [`STORE`](Self::STORE).
    pub store: Duration,
    /// The time for the handler, or for keeping a dead letter. Beyond it the handler is dropped at
    /// its next await, its key is released, and the response is 500. Default:
    /// [`HANDLER`](Self::HANDLER).
    pub handler: Duration,
}

impl WebhookTimeouts {
    /// The default body timeout: 5 seconds, as long as the platforms wait for a response.
    pub const BODY: Duration = Duration::from_secs(5);

    /// The default store timeout: 600 milliseconds.
    pub const STORE: Duration = Duration::from_millis(600);

    /// The default handler timeout: 3 seconds.
    pub const HANDLER: Duration = Duration::from_secs(3);

    /// Another body timeout.
    #[must_use]
    pub const fn with_body(self, body: Duration) -> Self {
        Self { body, ..self }
    }

    /// Another store timeout.
    #[must_use]
    pub const fn with_store(self, store: Duration) -> Self {
        Self { store, ..self }
    }

    /// Another handler timeout.
    #[must_use]
    pub const fn with_handler(self, handler: Duration) -> Self {
        Self { handler, ..self }
    }
}

impl Default for WebhookTimeouts {
    fn default() -> Self {
        Self { body: Self::BODY, store: Self::STORE, handler: Self::HANDLER }
    }
}
