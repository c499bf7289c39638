//! One call: attempts, each signed anew, until one succeeds or another would be unsafe or useless.

use core::time::Duration;

use bytes::Bytes;
use http::header::{HeaderValue, USER_AGENT};
use http_transport::{MaxBody, SendError, SendErrorKind, Transport, carry};
use protocol_core::call::{Attempts, Next};
use protocol_core::wechat_pay::{Operation, RawResponse, RefusalProof, Response, ResponseError, VerificationError};
use protocol_core::{Headers, Stamp, UnixTime};

use crate::sending::of_sending;
use crate::trace;
use crate::wechat_pay::client::{Client, Shared};
use crate::wechat_pay::error::Error;

const NAME: &str = concat!("wechat-adapter/", env!("CARGO_PKG_VERSION"));

/// A response, and the platform's clock at its time.
#[derive(Debug)]
pub(crate) struct Dated<T> {
    pub(crate) response: T,
    /// `None` for a response that is not signed.
    pub(crate) platform_time: Option<UnixTime>,
}

/// A call that failed.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: Error,
    /// The wait that the platform asks for.
    pub(crate) retry_after: Option<Duration>,
}

/// The reaction to a response under an unknown key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NewKey {
    IsFetched,
    IsRefused,
}

/// The outcome of one attempt.
struct Attempt<T> {
    outcome: Result<Dated<T>, Error>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
}

impl<S: Transport> Client<S> {
    /// Sends an operation as [`Client::send`] does, except that an unknown outcome is an error: the
    /// complaint is not read. An [`Idempotency::Unsafe`](protocol_core::Idempotency::Unsafe)
    /// operation is sent again only if the last attempt certainly had no effect.
    ///
    /// # Errors
    /// [`Error`], of the last attempt.
    pub async fn send_without_looking<O: Operation + Sync>(&self, operation: &O) -> Result<O::Response, Error> {
        self.exchange(operation).await.map(|dated| dated.response).map_err(|failed| failed.error)
    }

    /// As [`Client::send_without_looking`], with the facts that a look after an unknown outcome
    /// needs.
    pub(crate) async fn exchange<O: Operation + Sync>(&self, operation: &O) -> Result<Dated<O::Response>, Failed> {
        trace::call(O::NAME, self.attempts(operation, NewKey::IsFetched)).await
    }

    /// As [`Client::send`], for the certificates themselves.
    pub(crate) async fn send_without_fetching<O: Operation + Sync>(&self, operation: &O) -> Result<O::Response, Error> {
        let attempts = trace::call(O::NAME, self.attempts(operation, NewKey::IsRefused)).await;
        attempts.map(|dated| dated.response).map_err(|failed| failed.error)
    }

    async fn attempts<O: Operation + Sync>(
        &self,
        operation: &O,
        new_key: NewKey,
    ) -> Result<Dated<O::Response>, Failed> {
        let Shared { hosts, retry, clock, .. } = &*self.shared;
        let mut attempts = Attempts::new(*retry, O::IDEMPOTENCY, hosts, clock.now());
        loop {
            let Attempt { outcome, request_id, retry_after } =
                self.attempt(operation, attempts.origin(), new_key).await;
            trace::attempt(O::NAME, attempts.number(), request_id.as_deref(), &outcome.as_ref().map(drop));
            let error = match outcome {
                Ok(dated) => return Ok(dated),
                Err(error) => error,
            };
            let failure = error.failure().with_retry_after(retry_after);
            match attempts.failed(failure, clock.now(), fastrand::u64(..)) {
                Next::Again(wait) => tokio::time::sleep(wait).await,
                Next::GiveUp if attempts.may_have_happened() => {
                    return Err(Failed { error: error.after_unknown(), retry_after });
                }
                Next::GiveUp => return Err(Failed { error, retry_after }),
            }
        }
    }

    async fn attempt<O: Operation + Sync>(&self, operation: &O, origin: &str, new_key: NewKey) -> Attempt<O::Response> {
        let response = match self.sign_and_carry(operation, origin).await {
            Ok(response) => response,
            Err(error) => return Attempt { outcome: Err(error), request_id: None, retry_after: None },
        };
        let mut outcome = self.receive(operation, &response);
        // The platform's key changed: the response is read again once the certificates have been
        // fetched. The request is not sent again.
        if let Err(error) = &outcome
            && names_an_unknown_key(error)
            && new_key == NewKey::IsFetched
            && self.refresh_certificates_for_response().await
        {
            outcome = self.receive(operation, &response);
        }
        let raw = raw(&response);
        Attempt {
            outcome: outcome
                .map(|read| Dated { response: read, platform_time: platform_time(response.headers()) })
                .map_err(Error::Response),
            request_id: raw.request_id().map(str::to_owned),
            retry_after: raw.retry_after(self.shared.clock.now()),
        }
    }

    fn receive<O: Operation>(
        &self,
        operation: &O,
        response: &http::Response<Bytes>,
    ) -> Result<O::Response, ResponseError> {
        operation.receive(Response::new(raw(response), &*self.shared.keys, self.shared.clock.now()))
    }

    /// Signs and sends.
    async fn sign_and_carry<O: Operation>(&self, operation: &O, origin: &str) -> Result<http::Response<Bytes>, Error> {
        let nonce: String = core::iter::repeat_with(fastrand::alphanumeric).take(32).collect();
        let stamp = Stamp { now: self.shared.clock.now(), nonce: &nonce };
        let request = self.signing.merchant.sign(operation, &stamp, &*self.signing.signer)?;
        let unsendable = |error| of_sending(SendError::not_sent(SendErrorKind::Request, error));
        let request = request.into_http(origin).map_err(unsendable)?;
        let mut request = request.map(Bytes::from);
        request.headers_mut().insert(USER_AGENT, HeaderValue::from_static(NAME));
        request.extensions_mut().insert(MaxBody(O::MAX_RESPONSE));
        carry(&self.transport, request).await.map_err(of_sending)
    }
}

fn raw(response: &http::Response<Bytes>) -> RawResponse<'_, dyn Headers + '_> {
    RawResponse { status: response.status().as_u16(), headers: response.headers(), body: response.body() }
}

fn names_an_unknown_key(error: &ResponseError) -> bool {
    let verification = match error {
        ResponseError::Verification(error) => error,
        ResponseError::Rejected { proof: RefusalProof::Failed(error), .. } => error,
        _ => return false,
    };
    matches!(verification, VerificationError::UnknownKey { .. })
}

/// The platform's time, of a verified response.
fn platform_time(headers: &http::HeaderMap) -> Option<UnixTime> {
    UnixTime::from_digits(headers.header("Wechatpay-Timestamp").text()?)
}
