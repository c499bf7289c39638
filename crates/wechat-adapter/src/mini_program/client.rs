//! The client: one Mini Program, a source of its tokens, and a transport. It is cheap to clone.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http_transport::{ClientConfig, ConfigError, HttpsClient, Transport};
use protocol_core::call::{CallResponse, Hosts};
use protocol_core::mini_program::{Operation, SentActs};
use protocol_core::retry::RetryPolicy;
use tokio::time::Instant;

use super::error::Error;
use super::exchange::{Settings, exchange};
use super::stable_token::StableToken;
use super::token_source::TokenSource;

/// A Mini Program's complaint interfaces.
///
/// `S` sends the requests: [`HttpsClient`] or another [`Transport`]. `T` is the source of access
/// tokens: [`StableToken`] or a custom one.
#[doc(alias("小程序", "交易保障"))]
pub struct Client<S = HttpsClient, T = StableToken<S>> {
    shared: Arc<Shared<T>>,
    transport: S,
}

struct Shared<T> {
    tokens: T,
    settings: Settings,
    sent_acts: SentActs,
    began: Instant,
}

impl<S: Clone, T> Clone for Client<S, T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), transport: self.transport.clone() }
    }
}

impl<S, T> fmt::Debug for Client<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("origin", &self.shared.settings.hosts.preferred()).finish_non_exhaustive()
    }
}

impl Client {
    /// Builder for a client with this source of tokens.
    pub fn builder<T: TokenSource>(tokens: T) -> ClientBuilder<T> {
        ClientBuilder { tokens, settings: Settings::default() }
    }
}

impl<S: Transport, T: TokenSource> Client<S, T> {
    /// Sends an operation as [`Client::send`] does, except that an unknown outcome is an error: the
    /// complaint is not read. An [`Idempotency::Unsafe`](protocol_core::Idempotency::Unsafe)
    /// operation is sent again only if the last attempt certainly had no effect.
    ///
    /// # Errors
    /// [`Error`], of the last attempt.
    pub async fn send_without_looking<O: Operation + Sync>(&self, operation: &O) -> Result<O::Response, Error> {
        self.exchange(operation).await.map(|received| received.response)
    }

    /// The origin of requests.
    pub fn origin(&self) -> &str {
        self.shared.settings.hosts.preferred()
    }

    /// As [`Client::send_without_looking`], with the platform's clock.
    pub(super) async fn exchange<O: Operation + Sync>(
        &self,
        operation: &O,
    ) -> Result<CallResponse<O::Response>, Error> {
        self.exchange_saying(operation, || {}).await
    }

    /// As [`Client::exchange`], and calls `sending` before each attempt.
    pub(crate) async fn exchange_saying<O: Operation + Sync>(
        &self,
        operation: &O,
        sending: impl FnMut() + Send,
    ) -> Result<CallResponse<O::Response>, Error> {
        exchange(&self.transport, &self.shared.settings, &self.shared.tokens, operation, sending).await
    }

    pub(super) fn sent_acts(&self) -> &SentActs {
        &self.shared.sent_acts
    }

    pub(crate) fn retry(&self) -> RetryPolicy {
        self.shared.settings.retry
    }

    #[cfg(feature = "virtual-payment")]
    pub(crate) const fn transport(&self) -> &S {
        &self.transport
    }

    /// The time since this client was made.
    pub(crate) fn elapsed(&self) -> Duration {
        self.shared.began.elapsed()
    }
}

/// Builder for a [`Client`].
#[must_use = "a builder does nothing until it builds"]
pub struct ClientBuilder<T> {
    tokens: T,
    settings: Settings,
}

impl<T> fmt::Debug for ClientBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl<T: TokenSource> ClientBuilder<T> {
    /// The origin of requests: scheme and host. Default: [`ORIGIN`](super::ORIGIN).
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.settings.hosts = Arc::new(Hosts::new([origin]));
        self
    }

    /// The number of retries and their waits. Default: [`RetryPolicy::default`].
    pub const fn retry(mut self, retry: RetryPolicy) -> Self {
        self.settings.retry = retry;
        self
    }

    /// A client over an [`HttpsClient`] with the public roots.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn build(self) -> Result<Client<HttpsClient, T>, ConfigError> {
        let transport = HttpsClient::new(ClientConfig::default())?;
        Ok(self.build_over(transport))
    }

    /// A client over a custom transport.
    pub fn build_over<S: Transport>(self, transport: S) -> Client<S, T> {
        let Self { tokens, settings } = self;
        Client {
            shared: Arc::new(Shared { tokens, settings, sent_acts: SentActs::default(), began: Instant::now() }),
            transport,
        }
    }
}
