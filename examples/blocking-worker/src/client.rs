//! One call: signed anew for each attempt, again where that is safe.

use std::iter::repeat_with;
use std::sync::{Arc, LazyLock};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use complaint_channels::WechatPaySettings;
use protocol_core::call::{self, Hosts, OutsideError, Turns};
use protocol_core::crypto::{Keyring, Signer};
use protocol_core::rate::Rates;
use protocol_core::wechat_pay::{Exchanged, Merchant, Operation, RATES, RawResponse, ResponseError, Sender, receive};
use protocol_core::{Delivery, Failure, Fault, Stamp, UnixTime};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Error, Timeout, http};

const NAME: &str = concat!("blocking-worker/", env!("CARGO_PKG_VERSION"));

/// The timeout of a request, from its first byte to the last of its response.
const DEADLINE: Duration = Duration::from_secs(30);

/// A call that did not succeed.
pub type CallError = call::CallError<ResponseError>;

/// The meaning of an error of `ureq` for the call. A request that failed before the first write
/// certainly did not leave.
fn of_sending(error: Error) -> CallError {
    let delivery = match &error {
        Error::HostNotFound | Error::ConnectionFailed | Error::BadUri(_) => Delivery::NotSent,
        Error::Timeout(Timeout::Resolve | Timeout::Connect) => Delivery::NotSent,
        Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => Delivery::NotSent,
        _ => Delivery::Unknown,
    };
    of_transport(delivery, error)
}

fn of_transport(delivery: Delivery, error: Error) -> CallError {
    let failure = Failure::new(Fault::Network, delivery).with_is_retryable(true).with_is_at_this_host(true);
    CallError::Send(OutsideError::new(failure, error))
}

/// WeChat Pay for one merchant. Its calls block: run them in [`blocking`](call::blocking).
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    merchant: Merchant,
    signer: Arc<dyn Signer>,
    keys: Arc<Keyring>,
    hosts: Hosts,
    turns: Turns,
}

impl Client {
    /// A client of the merchant in the settings.
    ///
    /// # Errors
    /// The settings hold no valid keys or certificates, or a proxy.
    pub fn new(settings: &WechatPaySettings) -> Result<Self, Box<dyn std::error::Error>> {
        if settings.has_proxy() {
            return Err("proxy: this example connects directly; take it out".into());
        }
        let roots = match settings.root_certificate()? {
            None => RootCerts::WebPki,
            Some(pem) => RootCerts::Specific(Arc::new(certificates(&pem)?)),
        };
        // The provider is passed on, so that this client does not depend on the one of the whole
        // process.
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder().root_certs(roots).unversioned_rustls_crypto_provider(provider).build();
        let config = Agent::config_builder().tls_config(tls).https_only(true).http_status_as_error(false);
        let config = config.max_redirects(0).timeout_global(Some(DEADLINE)).user_agent(NAME);
        let agent = config.timeout_connect(Some(Duration::from_secs(5))).build().new_agent();
        let (merchant, signer) = (settings.merchant_with_platform_key()?, settings.signer()?);
        let keys = Arc::new(settings.keyring()?);
        Ok(Self { agent, merchant, signer, keys, hosts: settings.hosts()?, turns: Turns::new(RATES) })
    }

    /// The same client at other rates than the documented ones.
    #[must_use]
    pub fn with_rates(self, rates: Rates) -> Self {
        Self { turns: Turns::new(rates), ..self }
    }
}

impl Sender for Client {
    async fn attempt<O: Operation + Sync>(&self, operation: &O, _: u32, origin: &str) -> Exchanged<O::Response> {
        let nonce: String = repeat_with(fastrand::alphanumeric).take(32).collect();
        let stamp = Stamp { now: self.now(), nonce: &nonce };
        let request = self.merchant.sign(operation, &stamp, &*self.signer).map_err(CallError::from)?;
        let request = request.into_http(origin).map_err(CallError::from)?;
        let (parts, mut body) = self.agent.run(request).map_err(of_sending)?.into_parts();
        let limit = u64::try_from(O::MAX_RESPONSE).unwrap_or(u64::MAX);
        let body = body.with_config().limit(limit).read_to_vec();
        let body = body.map_err(|error| of_transport(Delivery::Unknown, error))?;
        let response = http::Response::from_parts(parts, body);
        receive(operation, RawResponse::from(&response), &*self.keys, self.now())
    }

    async fn sleep(&self, wait: Duration) {
        sleep(wait);
    }

    fn now(&self) -> UnixTime {
        SystemTime::now().into()
    }

    fn elapsed(&self) -> Duration {
        static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
        BEGAN.elapsed()
    }

    fn random(&self) -> u64 {
        fastrand::u64(..)
    }

    fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    fn turns(&self) -> &Turns {
        &self.turns
    }
}

/// The certificates of a PEM text. Without any, no server would be trusted, so that is an error at
/// the start.
fn certificates(pem: &[u8]) -> Result<Vec<Certificate<'static>>, &'static str> {
    let certificate = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    };
    let certificates: Vec<_> = parse_pem(pem).filter_map(certificate).collect();
    if certificates.is_empty() { Err("root_certificate: there is no certificate in it") } else { Ok(certificates) }
}
