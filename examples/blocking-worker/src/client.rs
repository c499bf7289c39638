//! One call: signed anew for each attempt, again where that is safe.

use std::iter::repeat_with;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use protocol_core::call::{self, ActOnce, ActStep, Attempts, Hosts, Next, OutsideError, RECHECK_DELAYS};
use protocol_core::crypto::{Keyring, Signer};
use protocol_core::retry::RetryPolicy;
use protocol_core::wechat_pay::{
    Evidence, EvidenceQuery, EvidenceResponse, Merchant, Operation, RawResponse, Response, ResponseError,
};
use protocol_core::{Delivery, Effect, Failure, Fault, Headers, Stamp, UnixTime};
use settings::{SettingError, WechatPay};
use ureq::Agent;
use ureq::http;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

const NAME: &str = concat!("blocking-worker/", env!("CARGO_PKG_VERSION"));

/// The timeout of a request, from its first byte to the last of its response.
const DEADLINE: Duration = Duration::from_secs(30);

/// A call that did not succeed.
pub type CallError = call::CallError<ResponseError>;

/// The meaning of an error of `ureq` for the call. A request that failed before the first write
/// certainly did not leave.
fn of_sending(error: ureq::Error) -> CallError {
    use ureq::{Error, Timeout};

    let before = match &error {
        Error::HostNotFound | Error::ConnectionFailed | Error::BadUri(_) => true,
        Error::Timeout(timeout) => matches!(timeout, Timeout::Resolve | Timeout::Connect),
        Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        _ => false,
    };
    of_transport(if before { Delivery::NotSent } else { Delivery::Unknown }, error)
}

fn of_transport(delivery: Delivery, error: ureq::Error) -> CallError {
    let failure = Failure::new(Fault::Network, delivery).with_is_retryable(true).with_is_at_this_host(true);
    CallError::Send(OutsideError::new(failure, error))
}

/// A target or header that cannot be sent, so nothing was.
fn unsendable(error: http::Error) -> CallError {
    CallError::Send(OutsideError::new(Failure::new(Fault::Caller, Delivery::NotSent), error))
}

/// The outcome of a request. The platform's time is proven with the response.
struct Sent<T> {
    outcome: Result<T, CallError>,
    platform_time: Option<UnixTime>,
    retry_after: Option<Duration>,
}

impl<T> Sent<T> {
    fn response(self) -> Result<T, CallError> {
        self.outcome
    }
}

/// WeChat Pay for one merchant.
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    merchant: Merchant,
    signer: Arc<dyn Signer>,
    keys: Arc<Keyring>,
    hosts: Hosts,
    retry: RetryPolicy,
}

impl Client {
    /// A client of the merchant in the settings.
    ///
    /// # Errors
    /// The settings hold no valid keys or certificates.
    pub fn new(settings: &WechatPay<'_>) -> Result<Self, Box<dyn std::error::Error>> {
        let roots = match settings.root_certificate()? {
            None => RootCerts::WebPki,
            Some(pem) => RootCerts::Specific(Arc::new(certificates(&pem)?)),
        };
        // The provider is passed on, so that this client does not depend on the one of the whole
        // process.
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(roots)
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .https_only(true)
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(DEADLINE))
            .timeout_connect(Some(Duration::from_secs(5)))
            .user_agent(NAME)
            .build();
        Self::of(settings, config.new_agent()).map_err(Into::into)
    }

    fn of(settings: &WechatPay<'_>, agent: Agent) -> Result<Self, SettingError> {
        Ok(Self {
            agent,
            merchant: settings.merchant()?,
            signer: settings.signer()?,
            keys: settings.platform_keys()?,
            hosts: settings.hosts(),
            retry: RetryPolicy::default(),
        })
    }

    /// Sends an operation and waits for its response. An act happens once: after an unknown outcome
    /// the complaint is read before the act is sent again.
    ///
    /// # Errors
    /// [`CallError`], of the last attempt.
    pub fn call<O: Operation>(&self, operation: &O) -> Result<O::Response, CallError> {
        let Some((evidence, found)) = operation.evidence() else { return self.attempts(operation).response() };
        let mut act = ActOnce::new(evidence, self.retry, &RECHECK_DELAYS);
        let (began, mut last) = (Instant::now(), None);
        loop {
            match act.step() {
                // A job whose acts must survive a crash stores `act.state()` here.
                ActStep::Keep => act.kept(),
                ActStep::Send => {
                    act.sending(began.elapsed());
                    let sent = self.attempts(operation);
                    match &sent.outcome {
                        Ok(_) => act.confirmed(began.elapsed()),
                        Err(error) => act.failed(Evidence::setback(error, sent.retry_after)),
                    }
                    last = Some(sent.response());
                }
                ActStep::Wait(wait) => {
                    sleep(wait);
                    act.waited();
                }
                ActStep::Look(query) => {
                    let (shown, platform_time) = self.look(query);
                    act.looked(shown, platform_time, began.elapsed());
                }
                ActStep::Done(Effect::Found) => return Ok(found),
                ActStep::Done(_) => return last.unwrap_or(Ok(found)),
                ActStep::GiveUp => {
                    let error = last.and_then(Result::err).unwrap_or(CallError::Unresolved);
                    return Err(if act.may_have_happened() { error.after_unknown() } else { error });
                }
            }
        }
    }

    fn look(&self, query: EvidenceQuery) -> (Option<EvidenceResponse>, Option<UnixTime>) {
        match query {
            EvidenceQuery::History(page) => {
                let Sent { outcome, platform_time, .. } = self.attempts(&page);
                (outcome.ok().map(EvidenceResponse::History), platform_time)
            }
            EvidenceQuery::Complaint(complaint) => {
                let Sent { outcome, platform_time, .. } = self.attempts(&complaint);
                (outcome.ok().map(Box::new).map(EvidenceResponse::Complaint), platform_time)
            }
        }
    }

    fn attempts<O: Operation>(&self, operation: &O) -> Sent<O::Response> {
        let mut attempts = Attempts::new(self.retry, O::IDEMPOTENCY, &self.hosts, now());
        loop {
            let Sent { outcome, platform_time, retry_after } = self.attempt(operation, attempts.origin());
            let error = match outcome {
                Ok(response) => return Sent { outcome: Ok(response), platform_time, retry_after },
                Err(error) => error,
            };
            match attempts.failed(error.failure().with_retry_after(retry_after), now(), fastrand::u64(..)) {
                Next::Again(wait) => sleep(wait),
                Next::GiveUp => {
                    let error = if attempts.may_have_happened() { error.after_unknown() } else { error };
                    return Sent { outcome: Err(error), platform_time, retry_after };
                }
            }
        }
    }

    fn attempt<O: Operation>(&self, operation: &O, origin: &str) -> Sent<O::Response> {
        let response = match self.carry(operation, origin) {
            Ok(response) => response,
            Err(error) => return Sent { outcome: Err(error), platform_time: None, retry_after: None },
        };
        let headers: &dyn Headers = response.headers();
        let response = RawResponse { status: response.status().as_u16(), headers, body: response.body() };
        let retry_after = response.retry_after(now());
        let platform_time = headers.header("Wechatpay-Timestamp").text().and_then(UnixTime::from_digits);
        let outcome = operation.receive(Response::new(response, &*self.keys, now())).map_err(Into::into);
        Sent { outcome, platform_time, retry_after }
    }

    fn carry<O: Operation>(&self, operation: &O, origin: &str) -> Result<http::Response<Vec<u8>>, CallError> {
        let nonce: String = repeat_with(fastrand::alphanumeric).take(32).collect();
        let stamp = Stamp { now: now(), nonce: &nonce };
        let request = self.merchant.sign(operation, &stamp, &*self.signer)?;
        let request = request.into_http(origin).map_err(unsendable)?;
        let (parts, mut body) = self.agent.run(request).map_err(of_sending)?.into_parts();
        let limit = u64::try_from(O::MAX_RESPONSE).unwrap_or(u64::MAX);
        let body =
            body.with_config().limit(limit).read_to_vec().map_err(|error| of_transport(Delivery::Unknown, error))?;
        Ok(http::Response::from_parts(parts, body))
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

fn now() -> UnixTime {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    UnixTime(i64::try_from(seconds).unwrap_or(i64::MAX))
}
