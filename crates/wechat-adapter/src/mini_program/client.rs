//! The client: one Mini Program, a source of its tokens, and a transport. It is cheap to clone.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http_transport::{ClientConfig, ConfigError, HttpsClient, Transport};
use protocol_core::Clock;
#[cfg(feature = "virtual-payment")]
use protocol_core::UnixTime;
use protocol_core::call::{CallResponse, Hosts, Turns};
use protocol_core::mini_program::{Operation, SentActs};
use protocol_core::rate::Rates;
use protocol_core::retry::RetryPolicy;

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
    turns: Turns,
    sent_acts: SentActs,
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
        ClientBuilder { tokens, settings: Settings::default(), rates: Rates::NONE }
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
        self.exchange_saying(operation, &self.shared.turns, || {}).await
    }

    /// As [`Client::exchange`], at these turns, and calls `sending` before each attempt.
    pub(crate) async fn exchange_saying<O: Operation + Sync>(
        &self,
        operation: &O,
        turns: &Turns,
        sending: impl FnMut() + Send,
    ) -> Result<CallResponse<O::Response>, Error> {
        exchange(&self.transport, &self.shared.settings, turns, &self.shared.tokens, operation, sending).await
    }

    pub(super) fn turns(&self) -> &Turns {
        &self.shared.turns
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

    #[cfg(feature = "virtual-payment")]
    pub(crate) fn now(&self) -> UnixTime {
        self.shared.settings.clock.now()
    }

    /// The time since this client was made.
    pub(crate) fn elapsed(&self) -> Duration {
        self.shared.settings.began.elapsed()
    }
}

/// Builder for a [`Client`].
#[must_use = "a builder does nothing until it builds"]
pub struct ClientBuilder<T> {
    tokens: T,
    settings: Settings,
    rates: Rates,
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

    /// The clock. Default: the machine's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.settings.clock = clock;
        self
    }

    /// The rates of requests, retries included; requests for tokens are not counted. A request waits
    /// for its turn, up to [`Rates::max_wait`]; one that would wait longer fails with
    /// [`Error::OverRate`], and is not sent. The clones of a client share its turns. Default:
    /// [`Rates::NONE`], since no limit by the minute is documented.
    pub const fn rates(mut self, rates: Rates) -> Self {
        self.rates = rates;
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
        let Self { tokens, settings, rates } = self;
        let (turns, sent_acts) = (Turns::new(rates), SentActs::default());
        Client { shared: Arc::new(Shared { tokens, settings, turns, sent_acts }), transport }
    }
}
