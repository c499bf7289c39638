//! The client: one merchant, its key and the platform's, and a transport. It is cheap to clone.
//! Clients of merchants below an agent share everything except the number.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::SystemTime;

use http_transport::{ClientConfig, ConfigError, HttpsClient, Transport};
use protocol_core::BuildError;
use protocol_core::Clock;
use protocol_core::allinpay::{Handled, Merchant, SeenSigns};
use protocol_core::call::{Hosts, Turns};
use protocol_core::crypto::{Signer, Verifier};
use protocol_core::rate::Rates;
use protocol_core::retry::RetryPolicy;
use tokio::time::Instant;

/// The base URL of production.
pub const PRODUCTION: &str = "https://cus.allinpay.com/cusapi";

/// The base URL of the platform's test environment. Its keys and its context path differ from
/// production's.
pub const TEST: &str = "https://syb-test.allinpay.com/vsppcusapi";

/// Allinpay's complaint interfaces for one merchant, group or agent.
///
/// `S` sends the requests: [`HttpsClient`] or another [`Transport`].
#[derive(Clone)]
#[doc(alias("通联支付", "收银宝"))]
pub struct Client<S = HttpsClient> {
    pub(crate) shared: Arc<Shared>,
    pub(crate) merchant: Merchant,
    pub(crate) transport: S,
}

/// The part of a client that its merchants share.
pub(crate) struct Shared {
    pub(crate) signer: Arc<dyn Signer>,
    pub(crate) verifier: Arc<dyn Verifier>,
    pub(crate) hosts: Hosts,
    pub(crate) whole_group: bool,
    pub(crate) retry: RetryPolicy,
    pub(crate) turns: Turns,
    pub(crate) began: Instant,
    pub(crate) clock: Clock,
    pub(crate) on_handled: Option<OnHandled>,
    pub(crate) seen: Option<SeenSigns>,
}

/// The observer of the platform's words beside SUCCESS.
pub(crate) type OnHandled = Arc<dyn Fn(&'static str, &Handled) + Send + Sync>;

impl<S> fmt::Debug for Client<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("merchant", &self.merchant)
            .field("base_url", &self.shared.hosts.preferred())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Builder for a client: the merchant, its signer, and the verifier of the platform's responses
    /// ([`signer`](protocol_core::allinpay::signer) and
    /// [`verifier`](protocol_core::allinpay::verifier) make them of keys). The signer must not
    /// wait. For a key service behind a network, use
    /// [`Merchant::prepare`](protocol_core::allinpay::Merchant::prepare) and the core.
    pub fn builder(merchant: Merchant, signer: Arc<dyn Signer>, verifier: Arc<dyn Verifier>) -> ClientBuilder {
        ClientBuilder {
            merchant,
            shared: Shared {
                signer,
                verifier,
                hosts: Hosts::new([PRODUCTION]),
                whole_group: false,
                retry: RetryPolicy::default(),
                turns: Turns::default(),
                began: Instant::now(),
                clock: Clock::new(|| SystemTime::now().into()),
                on_handled: None,
                seen: None,
            },
        }
    }
}

impl<S: Transport> Client<S> {
    /// The same client for one merchant below the agent, by the `merchant_no` of the list. An agent
    /// needs this for detail, history and replies. The new client shares keys and connections.
    ///
    /// # Errors
    /// [`BuildError::Field`]: `cusid` is not a valid merchant number.
    pub fn about(&self, cusid: &str) -> Result<Self, BuildError> {
        Ok(Self { merchant: self.merchant.about(cusid)?, ..self.clone() })
    }

    /// The base URL.
    pub fn base_url(&self) -> &str {
        self.shared.hosts.preferred()
    }

    /// The client's merchant.
    pub const fn merchant(&self) -> &Merchant {
        &self.merchant
    }
}

/// Builder for a [`Client`].
#[must_use = "a builder does nothing until it builds"]
pub struct ClientBuilder {
    merchant: Merchant,
    shared: Shared,
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("merchant", &self.merchant)
            .field("base_url", &self.shared.hosts.preferred())
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// The base URL: scheme, host and context path, such as [`TEST`]. Default: [`PRODUCTION`].
    pub fn base_url(mut self, base_url: &str) -> Self {
        self.shared.hosts = Hosts::new([base_url]);
        self
    }

    /// In group mode: whether lists by day and the poller hold the whole group's complaints
    /// (`groupall`). Default: `false`.
    pub const fn whole_group(mut self, whole_group: bool) -> Self {
        self.shared.whole_group = whole_group;
        self
    }

    /// The number of retries and their waits. Default: [`RetryPolicy::default`].
    pub const fn retry(mut self, retry: RetryPolicy) -> Self {
        self.shared.retry = retry;
        self
    }

    /// The rates of requests, retries included. A request waits for its turn, up to
    /// [`Rates::max_wait`]; one that would wait longer fails with
    /// [`Error::OverRate`](crate::Error::OverRate), and is not sent. The clones of a client share its
    /// turns, and so do the merchants of [`Client::about`]. Default: [`Rates::NONE`], since no limit
    /// is documented.
    ///
    /// ```
    /// use protocol_core::rate::{Rate, RateGroup, Rates};
    ///
    /// # fn example(builder: allinpay_adapter::ClientBuilder) -> allinpay_adapter::ClientBuilder {
    /// builder.rates(Rates::NONE.with(RateGroup::List, Some(Rate::per_second(5))))
    /// # }
    /// ```
    pub fn rates(mut self, rates: Rates) -> Self {
        self.shared.turns = Turns::new(rates);
        self
    }

    /// The clock. Default: the machine's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.shared.clock = clock;
        self
    }

    /// Called for each signed success, with the operation's name and the platform's words beside
    /// the success (`handlestate`, `handlemsg`, `retmsg`). They decide about acts, but documents
    /// are read whatever they say. A [`Handled::is_unclear`] beside a list may mean that the list
    /// is not complete. Default: no observer.
    ///
    /// ```
    /// # fn example(builder: allinpay_adapter::ClientBuilder) -> allinpay_adapter::ClientBuilder {
    /// builder.on_handled(|operation, handled| {
    ///     if handled.is_unclear() {
    ///         eprintln!("{operation}: handlestate {:?}", handled.handlestate);
    ///     }
    /// })
    /// # }
    /// ```
    pub fn on_handled(mut self, hear: impl Fn(&'static str, &Handled) + Send + Sync + 'static) -> Self {
        self.shared.on_handled = Some(Arc::new(hear));
        self
    }

    /// Refuses a response whose `sign` is among the last `remembered` ones that verified
    /// ([`ResponseError::Replayed`](protocol_core::allinpay::ResponseError::Replayed)). A response
    /// does not say when it was made or which request it belongs to, so otherwise TLS alone
    /// prevents a replay of an earlier one. After a refused response to an act the outcome is
    /// unknown, and the complaint is read as after any other unknown outcome. A retry is a new
    /// request with a new response. The merchants of [`Client::about`] share the memory, which is
    /// lost with the process: see [`SeenSigns`] for its size.
    ///
    /// Default: no response is remembered. It is *not confirmed* that the platform never sends the
    /// same response twice: try it in the platform's test environment first.
    ///
    /// ```
    /// # fn example(builder: allinpay_adapter::ClientBuilder) -> Result<allinpay_adapter::ClientBuilder, &'static str> {
    /// let remembered = std::num::NonZeroUsize::new(10_000).ok_or("zero")?;
    /// Ok(builder.refuse_replays(remembered))
    /// # }
    /// ```
    pub fn refuse_replays(mut self, remembered: NonZeroUsize) -> Self {
        self.shared.seen = Some(SeenSigns::new(remembered));
        self
    }

    /// A client over an [`HttpsClient`] with the public roots.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn build(self) -> Result<Client, ConfigError> {
        let transport = HttpsClient::new(ClientConfig::default())?;
        Ok(self.build_over(transport))
    }

    /// A client over a custom transport.
    pub fn build_over<S: Transport>(self, transport: S) -> Client<S> {
        Client { shared: Arc::new(self.shared), merchant: self.merchant, transport }
    }
}
