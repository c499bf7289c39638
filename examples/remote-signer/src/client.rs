//! One call in two steps: first the bytes to sign, then, with the signature, the request to send.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::header::{HeaderValue, USER_AGENT};
use http_transport::{HttpsClient, MaxBody, SendError, SendErrorKind};
use protocol_core::call::{self, Hosts, OutsideError, Turns};
use protocol_core::complaint::Complaint;
use protocol_core::crypto::Keyring;
use protocol_core::retry::RetryPolicy;
use protocol_core::wechat_pay::{
    Exchanged, ListComplaints, Merchant, Operation, RawResponse, ResponseError, Sender, receive,
};
use protocol_core::{Delivery, Failure, Fault, Stamp, UnixTime};

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
    /// The turns of requests, within the platform's limits.
    pub turns: Turns,
    /// The number of retries and their waits.
    pub retry: RetryPolicy,
    /// The transport of requests.
    pub transport: HttpsClient,
}

impl Client {
    /// Sends an operation and waits for its response: see [`Sender::send`].
    ///
    /// # Errors
    /// [`CallError`], of the last attempt.
    pub async fn call<O: Operation + Sync>(&self, operation: &O) -> Result<O::Response, CallError> {
        self.send(operation).await
    }

    /// Every complaint that was filed from one day to another, `YYYY-MM-DD` in China: see
    /// [`Sender::read_all`].
    ///
    /// # Errors
    /// [`CallError`]; complaints listed before it are dropped.
    pub async fn complaints(&self, begin: &str, end: &str) -> Result<(Vec<Complaint>, Vec<CallError>), CallError> {
        self.read_all(vec![ListComplaints::new(begin, end)]).await
    }
}

impl Sender for Client {
    async fn attempt<O: Operation + Sync>(&self, operation: &O, _: u32, origin: &str) -> Exchanged<O::Response> {
        let nonce: String = std::iter::repeat_with(fastrand::alphanumeric).take(32).collect();
        let stamp = Stamp { now: self.now(), nonce: &nonce };
        // A signer behind a trait would block a thread while it waits for the network. So the core
        // returns the bytes to sign …
        let unsigned = self.merchant.prepare(operation, &stamp).map_err(CallError::from)?;
        let signature = self.key.sign(&unsigned.parts_to_sign()).await.map_err(of_signing)?;
        // … and takes the signature.
        let request = unsigned.attach(&signature);

        let mut request = request.into_http(origin).map_err(CallError::from)?.map(Bytes::from);
        request.headers_mut().insert(USER_AGENT, NAME);
        request.extensions_mut().insert(MaxBody(O::MAX_RESPONSE));
        let response = self.transport.send(request).await.map_err(of_sending)?;
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

    fn retry(&self) -> RetryPolicy {
        self.retry
    }
}
