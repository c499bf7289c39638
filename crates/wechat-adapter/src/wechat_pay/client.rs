//! The client: one merchant, the platform's keys, and a transport. It is cheap to clone. Clients of
//! several merchants share keyring, hosts and connections.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http_transport::{ClientConfig, ConfigError, HttpsClient, Transport};
use protocol_core::Clock;
use protocol_core::call::{Hosts, RECHECK_DELAYS, Turns};
use protocol_core::crypto::{ApiV3Key, Keyring, Signer};
use protocol_core::rate::Rates;
use protocol_core::retry::RetryPolicy;
use protocol_core::wechat_pay::{Merchant, ORIGINS, RATES};
use tokio::time::Instant;

use crate::wechat_pay::certificates::Certificates;

/// WeChat Pay's complaint interfaces for one merchant.
///
/// `S` sends the requests: [`HttpsClient`] or another [`Transport`].
#[derive(Clone)]
#[doc(alias("微信支付", "消费者投诉", "merchant-service"))]
pub struct Client<S = HttpsClient> {
    pub(crate) shared: Arc<Shared>,
    pub(crate) signing: Arc<Signing>,
    pub(crate) transport: S,
}

/// The part of a client that its merchants share.
pub(crate) struct Shared {
    pub(crate) keys: Arc<Keyring>,
    pub(crate) hosts: Hosts,
    pub(crate) retry: RetryPolicy,
    pub(crate) clock: Clock,
    pub(crate) recheck_delays: Vec<Duration>,
    pub(crate) began: Instant,
}

/// The client's merchant, and its signer.
pub(crate) struct Signing {
    pub(crate) merchant: Merchant,
    pub(crate) signer: Arc<dyn Signer>,
    /// The platform's certificates for this merchant.
    pub(crate) certificates: Option<Certificates>,
    /// The platform counts each merchant's requests.
    pub(crate) turns: Arc<Turns>,
}

impl<S> fmt::Debug for Client<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("merchant", &self.signing.merchant).finish_non_exhaustive()
    }
}

impl Client {
    /// Builder for a client with this merchant and its signer.
    ///
    /// The signer must not wait: a key service behind a network would block the runtime's thread.
    /// For a key service, use [`Merchant::prepare`] and the core, as `examples/remote-signer` does.
    pub fn builder(merchant: Merchant, signer: Arc<dyn Signer>) -> ClientBuilder {
        ClientBuilder {
            merchant,
            signer,
            keys: Arc::default(),
            origins: ORIGINS.map(str::to_owned).to_vec(),
            retry: RetryPolicy::default(),
            clock: Clock::new(|| SystemTime::now().into()),
            certificates: None,
            recheck_delays: RECHECK_DELAYS.to_vec(),
            rates: RATES,
        }
    }
}

impl<S: Transport> Client<S> {
    /// The same client for another merchant. It shares keyring, hosts and connections, but not the
    /// platform's certificates, which differ for each merchant (developer document 4012354975).
    /// [`with_certificates`](Self::with_certificates) adds them. It has the same rates, and counts
    /// its requests apart.
    #[must_use]
    pub fn for_merchant(&self, merchant: Merchant, signer: Arc<dyn Signer>) -> Self {
        let turns = Arc::new(Turns::new(self.signing.turns.rates()));
        Self { signing: Arc::new(Signing { merchant, signer, certificates: None, turns }), ..self.clone() }
    }

    /// The same client with the platform's certificates, as with [`ClientBuilder::certificates`].
    /// `api_v3_key` is this merchant's.
    ///
    /// ```
    /// use protocol_core::crypto::{ApiV3Key, Signer};
    /// use protocol_core::wechat_pay::{Merchant, ORIGINS};
    /// use std::sync::Arc;
    /// use wechat_adapter::Client;
    ///
    /// # fn example(client: Client, merchant: Merchant, signer: Arc<dyn Signer>, key: Arc<ApiV3Key>) {
    /// let another = client.for_merchant(merchant, signer).with_certificates(key);
    /// let _keeper = another.keep_certificates(); // each merchant's own
    /// # }
    /// ```
    #[must_use]
    pub fn with_certificates(&self, api_v3_key: Arc<ApiV3Key>) -> Self {
        let Signing { merchant, signer, turns, .. } = &*self.signing;
        let (merchant, signer, turns) = (merchant.clone(), Arc::clone(signer), Arc::clone(turns));
        let signing = Signing { merchant, signer, certificates: Some(Certificates::new(api_v3_key)), turns };
        Self { signing: Arc::new(signing), ..self.clone() }
    }

    /// The origin of requests; the first one, if there are several.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.shared.hosts.preferred()
    }

    /// The keyring of this client: the platform's keys. It is shared, so keys that are added later
    /// are in it too. A [`Webhook`](crate::Webhook) takes the same keyring.
    #[must_use]
    pub fn keys(&self) -> Arc<Keyring> {
        Arc::clone(&self.shared.keys)
    }
}

/// Builder for a [`Client`].
#[must_use = "a builder does nothing until it builds"]
pub struct ClientBuilder {
    merchant: Merchant,
    signer: Arc<dyn Signer>,
    keys: Arc<Keyring>,
    origins: Vec<String>,
    retry: RetryPolicy,
    clock: Clock,
    certificates: Option<Arc<ApiV3Key>>,
    recheck_delays: Vec<Duration>,
    rates: Rates,
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("merchant", &self.merchant)
            .field("origins", &self.origins)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// The platform's keys that are known already: its public key, and earlier certificates. The
    /// keyring is shared, and may change in use.
    pub fn keys(mut self, keys: Arc<Keyring>) -> Self {
        self.keys = keys;
        self
    }

    /// Uses the platform's certificates too. [`Client::refresh_certificates`] or
    /// [`Client::keep_certificates`] fetches them, opens them with the APIv3 key of the client's
    /// merchant, and adds them to the keys.
    pub fn certificates(mut self, api_v3_key: Arc<ApiV3Key>) -> Self {
        self.certificates = Some(api_v3_key);
        self
    }

    /// The origins of requests, in order of preference, as scheme and host
    /// (`https://api.mch.weixin.qq.com`). Calls begin at the first; the second is its backup.
    /// Default, and for an empty list: [`ORIGINS`].
    pub fn origins(mut self, origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let origins: Vec<_> = origins.into_iter().map(Into::into).collect();
        if !origins.is_empty() {
            self.origins = origins;
        }
        self
    }

    /// The recheck delays: the waits before each look at the complaint after an act with an unknown
    /// outcome. The act is sent again only if the last look proves that it is not there, the
    /// platform did not say that it is still working, and attempts are left. An empty list means no
    /// look: the act is then never sent again. Default: [`RECHECK_DELAYS`].
    pub fn recheck_delays(mut self, waits: impl IntoIterator<Item = Duration>) -> Self {
        self.recheck_delays = waits.into_iter().collect();
        self
    }

    /// The number of retries and their waits. Default: [`RetryPolicy::default`].
    pub const fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// The rates of requests, retries included. A request waits for its turn, up to
    /// [`Rates::max_wait`]; one that would wait longer fails with
    /// [`Error::OverRate`](crate::Error::OverRate), and is not sent. The clones of a client share its
    /// turns; other processes do not. Default: [`RATES`], the platform's documented limits.
    /// [`Rates::NONE`]: no limit.
    ///
    /// ```
    /// use protocol_core::rate::{Rate, RateGroup};
    /// use protocol_core::wechat_pay::RATES;
    ///
    /// # fn example(builder: wechat_adapter::ClientBuilder) -> wechat_adapter::ClientBuilder {
    /// // Two processes share the limit of 200 lists a minute.
    /// builder.rates(RATES.with(RateGroup::List, Some(Rate::per_minute(100))))
    /// # }
    /// ```
    pub const fn rates(mut self, rates: Rates) -> Self {
        self.rates = rates;
        self
    }

    /// The clock. Default: the machine's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
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
        let Self { merchant, signer, keys, origins, retry, clock, certificates, recheck_delays, rates } = self;
        let (certificates, turns) = (certificates.map(Certificates::new), Arc::new(Turns::new(rates)));
        let signing = Signing { merchant, signer, certificates, turns };
        let shared = Shared { keys, hosts: Hosts::new(origins), retry, clock, recheck_delays, began: Instant::now() };
        Client { shared: Arc::new(shared), signing: Arc::new(signing), transport }
    }
}
