//! One call: signed anew for each attempt, again where that is safe.

use std::iter::repeat_with;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime};

use complaint_channels::WechatPaySettings;
use protocol_core::call::{self, Hosts, OutsideError, Turns};
use protocol_core::crypto::{Keyring, Signer};
use protocol_core::wechat_pay::{Exchanged, Merchant, Operation, RATES, RawResponse, ResponseError, Sender, receive};
use protocol_core::{Delivery, Failure, Fault, Stamp, UnixTime};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Error, Request};

const NAME: &str = concat!("reqwest-client/", env!("CARGO_PKG_VERSION"));

/// The timeout of a request, from its first byte to the last of its response.
const DEADLINE: Duration = Duration::from_secs(30);

/// A call that did not succeed.
pub type CallError = call::CallError<ResponseError>;

/// The meaning of an error of `reqwest` for the call. Without a connection the request certainly
/// did not leave. The URL is left out: it may name a complaint.
fn of_sending(error: Error) -> CallError {
    let is_not_sent = error.is_connect() || error.is_builder();
    let delivery = if is_not_sent { Delivery::NotSent } else { Delivery::Unknown };
    let failure = Failure::new(Fault::Network, delivery).with_is_retryable(true).with_is_at_this_host(true);
    CallError::Send(OutsideError::new(failure, error.without_url()))
}

/// WeChat Pay for one merchant.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
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
        // `reqwest` takes the provider of the whole process. Another one that stands already is
        // kept.
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let http = reqwest::Client::builder().https_only(true).redirect(Policy::none()).user_agent(NAME);
        let http = http.timeout(DEADLINE).connect_timeout(Duration::from_secs(5));
        let http = match settings.root_certificate()? {
            None => http,
            Some(pem) => http.tls_certs_only(Certificate::from_pem_bundle(&pem)?),
        };
        let (merchant, signer) = (settings.merchant_with_platform_key()?, settings.signer()?);
        let keys = Arc::new(settings.keyring()?);
        Ok(Self { http: http.build()?, merchant, signer, keys, hosts: settings.hosts()?, turns: Turns::new(RATES) })
    }
}

impl Sender for Client {
    async fn attempt<O: Operation + Sync>(&self, operation: &O, _: u32, origin: &str) -> Exchanged<O::Response> {
        let nonce: String = repeat_with(fastrand::alphanumeric).take(32).collect();
        let stamp = Stamp { now: self.now(), nonce: &nonce };
        let request = self.merchant.sign(operation, &stamp, &*self.signer).map_err(CallError::from)?;
        let request = Request::try_from(request.into_http(origin).map_err(CallError::from)?).map_err(of_sending)?;
        let mut arrived = self.http.execute(request).await.map_err(of_sending)?;
        let mut response = http::Response::new(Vec::new());
        *response.status_mut() = arrived.status();
        *response.headers_mut() = std::mem::take(arrived.headers_mut());
        // One byte more than the bound shows that the response is too large.
        while response.body().len() <= O::MAX_RESPONSE
            && let Some(chunk) = arrived.chunk().await.map_err(of_sending)?
        {
            let room = O::MAX_RESPONSE + 1 - response.body().len();
            response.body_mut().extend(chunk.iter().take(room));
        }
        receive(operation, RawResponse::from(&response), &*self.keys, self.now())
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
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
