//! The client: one merchant, its key and the platform's, a transport. Cheap to clone; merchants below an agent share all but
//! the number.

use core::fmt;
use core::num::NonZeroUsize;
use std::sync::Arc;

use http_transport::{ClientConfig, ConfigError, HttpsClient, Transport};
use protocol_core::BuildError;
use protocol_core::Clock;
use protocol_core::allinpay::{Handled, Merchant, SeenSigns};
use protocol_core::call::Hosts;
use protocol_core::crypto::{Signer, Verifier};
use protocol_core::retry::RetryPolicy;

use crate::clock;

/// Where requests go in production.
pub const PRODUCTION: &str = "https://cus.allinpay.com/cusapi";

/// Where requests go in the platform's test environment. Its keys are others than production's, and the context path is too.
pub const TEST: &str = "https://syb-test.allinpay.com/vsppcusapi";

/// Allinpay's complaint interfaces for one merchant, group or agent.
///
/// `S` carries the requests: [`HttpsClient`] or any service of its kind.
#[derive(Clone)]
#[doc(alias("通联支付", "收银宝"))]
pub struct Client<S = HttpsClient> {
    pub(crate) shared: Arc<Shared>,
    pub(crate) merchant: Merchant,
    pub(crate) transport: S,
}

/// What the merchants of a client share.
pub(crate) struct Shared {
    pub(crate) signer: Arc<dyn Signer>,
    pub(crate) verifier: Arc<dyn Verifier>,
    pub(crate) hosts: Hosts,
    pub(crate) whole_group: bool,
    pub(crate) retry: RetryPolicy,
    pub(crate) clock: Clock,
    pub(crate) on_handled: Option<OnHandled>,
    pub(crate) seen: Option<SeenSigns>,
}

/// Who hears what the platform says beside SUCCESS.
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
    /// A client in the making: who asks, what signs for it, and what verifies the platform's responses
    /// ([`signer`](protocol_core::allinpay::signer) and [`verifier`](protocol_core::allinpay::verifier) make them of keys). The signer
    /// signs at once: a key service that responds over a network is served by
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
                clock: clock::machine(),
                on_handled: None,
                seen: None,
            },
        }
    }
}

impl<S: Transport> Client<S> {
    /// The same client about one merchant below the agent that asks: what detail, history and replies want, with the
    /// `merchant_no` of the list. Keys and connections are shared.
    ///
    /// # Errors
    /// [`BuildError::Field`] for an id that is none.
    pub fn about(&self, cusid: &str) -> Result<Self, BuildError> {
        Ok(Self { merchant: self.merchant.about(cusid)?, ..self.clone() })
    }

    /// Who asks.
    pub const fn merchant(&self) -> &Merchant {
        &self.merchant
    }
}

/// A [`Client`] in the making.
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
    /// Where requests go: scheme, host and context path, such as [`TEST`]; [`PRODUCTION`] otherwise.
    pub fn base_url(mut self, base_url: &str) -> Self {
        self.shared.hosts = Hosts::new([base_url]);
        self
    }

    /// In group mode: lists by day and the poller hold the whole group's complaints (`groupall`). They do not unless set.
    pub const fn whole_group(mut self, whole_group: bool) -> Self {
        self.shared.whole_group = whole_group;
        self
    }

    /// How often and how fast a request is sent again.
    pub const fn retry(mut self, retry: RetryPolicy) -> Self {
        self.shared.retry = retry;
        self
    }

    /// Another clock than the machine's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.shared.clock = clock;
        self
    }

    /// Hears what the platform says beside each signed success, by the operation's name: `handlestate`, `handlemsg`, `retmsg`.
    /// Acts decide by it, documents are read whatever it says; a [`Handled::is_unclear`] beside a list may mean that it is not
    /// whole. Default: nobody hears it.
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

    /// Refuses a response whose `sign` is among the last so many that verified
    /// ([`ResponseError::Replayed`](protocol_core::allinpay::ResponseError::Replayed)): nothing in a response says when it was made or what it
    /// responds to, so otherwise TLS alone keeps an earlier one from being taken for it. After an act the outcome is unknown then, and
    /// the complaint is looked into as after any other unknown outcome. A retry is a new request with a new response. The memory is shared
    /// by the merchants of [`Client::about`], and lost with the process: see [`SeenSigns`] for its size.
    ///
    /// Default: no response is remembered. That the platform's responses are never the same twice is *not confirmed*; try it in the
    /// platform's test environment first.
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

    /// A client over a transport of one's own.
    pub fn build_over<S: Transport>(self, transport: S) -> Client<S> {
        Client { shared: Arc::new(self.shared), merchant: self.merchant, transport }
    }
}
