//! One call in two steps: first the bytes to sign, then, with the signature, the request to send.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{HeaderValue, USER_AGENT};
use http_transport::{HttpsClient, MaxBody, SendError, SendErrorKind};
use protocol_core::call::{
    self, ActOnce, Attempts, Hosts, Next, OutsideError, Pages, Performer, RECHECK_DELAYS, Setback, perform,
};
use protocol_core::complaint::Complaint;
use protocol_core::crypto::Keyring;
use protocol_core::retry::RetryPolicy;
use protocol_core::wechat_pay::{
    Evidence, EvidenceQuery, EvidenceResponse, ListComplaints, Merchant, Operation, RawResponse, Response,
    ResponseError,
};
use protocol_core::{Delivery, Failure, Fault, Headers, Stamp, UnixTime};

use crate::remote_key::{RemoteKey, RemoteKeyError};

const NAME: HeaderValue = HeaderValue::from_static(concat!("remote-signer/", env!("CARGO_PKG_VERSION")));

/// A call that did not succeed. The cause of [`CallError::Credential`](call::CallError::Credential)
/// is a [`RemoteKeyError`].
pub type CallError = call::CallError<ResponseError>;

/// The meaning of a transport's error for the call.
fn of_sending(error: SendError) -> CallError {
    let delivery = if error.may_have_been_sent() { Delivery::Unknown } else { Delivery::NotSent };
    let is_retryable = error.kind() != SendErrorKind::Request;
    let failure = Failure::new(Fault::Network, delivery).with_is_retryable(is_retryable).with_is_at_this_host(true);
    CallError::Send(OutsideError::new(failure, error))
}

/// The meaning of the key service's error for the call: nothing was sent.
fn of_signing(error: RemoteKeyError) -> CallError {
    CallError::Credential(OutsideError::new(Failure::new(Fault::Local, Delivery::NotSent), error))
}

/// WeChat Pay for one merchant, whose key is remote.
#[derive(Debug)]
pub struct Client {
    /// The merchant.
    pub merchant: Merchant,
    /// The key that signs.
    pub key: RemoteKey,
    /// The platform's keys.
    pub keys: Arc<Keyring>,
    /// The platform's hosts.
    pub hosts: Hosts,
    /// The number of retries and their waits.
    pub retry: RetryPolicy,
    /// The transport of requests.
    pub transport: HttpsClient,
}

impl Client {
    /// Sends an operation and waits for its response. Each attempt is stamped and signed anew. An
    /// act happens once: after an unknown outcome the complaint is read before the act is sent
    /// again.
    ///
    /// # Errors
    /// [`CallError`], of the last attempt.
    pub async fn call<O: Operation<Response: Send> + Sync>(&self, operation: &O) -> Result<O::Response, CallError> {
        let Some((evidence, found)) = operation.evidence() else { return Ok(self.attempts(operation).await?.0) };
        let mut act = ActOnce::new(evidence, self.retry, &RECHECK_DELAYS);
        match perform(&mut act, &mut Sender { client: self, operation, began: Instant::now() }).await {
            Ok((_, response)) => Ok(response.unwrap_or(found)),
            Err(error) => Err(error.unwrap_or(CallError::Unresolved)),
        }
    }

    /// The response, and the platform's clock, which is proven with it.
    async fn attempts<O: Operation>(&self, operation: &O) -> Result<(O::Response, Option<UnixTime>), CallError> {
        let mut attempts = Attempts::new(self.retry, O::IDEMPOTENCY, &self.hosts, now());
        loop {
            let error = match self.attempt(operation, attempts.origin()).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            match attempts.failed(error.failure(), now(), fastrand::u64(..)) {
                Next::Again(wait) => tokio::time::sleep(wait).await,
                Next::GiveUp if attempts.may_have_happened() => return Err(error.after_unknown()),
                Next::GiveUp => return Err(error),
            }
        }
    }

    async fn attempt<O: Operation>(
        &self,
        operation: &O,
        origin: &str,
    ) -> Result<(O::Response, Option<UnixTime>), CallError> {
        let nonce: String = std::iter::repeat_with(fastrand::alphanumeric).take(32).collect();
        let stamp = Stamp { now: now(), nonce: &nonce };
        // A signer behind a trait would block a thread while it waits for the network. So the core
        // returns the bytes to sign …
        let unsigned = self.merchant.prepare(operation, &stamp)?;
        let signature = self.key.sign(&unsigned.parts_to_sign()).await.map_err(of_signing)?;
        // … and takes the signature.
        let request = unsigned.attach(&signature);

        let unsendable = |error| of_sending(SendError::not_sent(SendErrorKind::Request, error));
        let mut request = request.into_http(origin).map_err(unsendable)?.map(Bytes::from);
        request.headers_mut().insert(USER_AGENT, NAME);
        request.extensions_mut().insert(MaxBody(O::MAX_RESPONSE));
        let response = self.transport.send(request).await.map_err(of_sending)?;
        let headers: &dyn Headers = response.headers();
        let response = RawResponse { status: response.status().as_u16(), headers, body: response.body() };
        let platform_time = headers.header("Wechatpay-Timestamp").text().and_then(UnixTime::from_digits);
        Ok((operation.receive(Response::new(response, &*self.keys, now()))?, platform_time))
    }

    /// Every complaint that was filed from one day to another, `YYYY-MM-DD` in China, each once,
    /// even if new ones shift the pages; and the problems: complaints that cannot be read, a list
    /// that ended too early.
    ///
    /// # Errors
    /// [`CallError`]; complaints listed before it are dropped.
    pub async fn complaints(
        &self,
        begin_date: &str,
        end_date: &str,
    ) -> Result<(Vec<Complaint>, Vec<CallError>), CallError> {
        let mut pages = Pages::new(vec![ListComplaints::new(begin_date, end_date)]);
        let mut listed = Vec::new();
        while let Some(page) = pages.next() {
            listed.extend(pages.take(self.call(&page).await?));
        }
        Ok((listed, pages.amiss()))
    }
}

/// The I/O of an act, over a client.
struct Sender<'a, O> {
    client: &'a Client,
    operation: &'a O,
    began: Instant,
}

impl<O: Operation<Response: Send> + Sync> Performer<Evidence> for Sender<'_, O> {
    type Response = O::Response;
    type Error = CallError;

    async fn send(&mut self, act: &mut ActOnce<Evidence>) -> Result<O::Response, CallError> {
        act.sending(self.now());
        Ok(self.client.attempts(self.operation).await?.0)
    }

    fn setback(&self, error: &CallError, _: bool) -> Setback {
        Evidence::setback(error, None)
    }

    async fn look(&mut self, query: EvidenceQuery) -> Option<(EvidenceResponse, Option<UnixTime>)> {
        Some(match query {
            EvidenceQuery::History(page) => {
                let (page, platform_time) = self.client.attempts(&page).await.ok()?;
                (EvidenceResponse::History(page), platform_time)
            }
            EvidenceQuery::Complaint(complaint) => {
                let (complaint, platform_time) = self.client.attempts(&complaint).await.ok()?;
                (EvidenceResponse::Complaint(Box::new(complaint)), platform_time)
            }
        })
    }

    async fn sleep(&mut self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn after_unknown(error: CallError) -> CallError {
        error.after_unknown()
    }
}

fn now() -> UnixTime {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    UnixTime(i64::try_from(seconds).unwrap_or(i64::MAX))
}
