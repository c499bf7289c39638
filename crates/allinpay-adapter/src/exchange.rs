//! One call: attempts, each signed anew, until one succeeds or another would be unsafe or useless.

use std::cell::Cell;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER};
use http_transport::{Transport, carry};
use protocol_core::allinpay::{Handled, Operation, Response, ResponseError};
use protocol_core::call::{Attempts, Exchanger, FailedCall, exchange};
use protocol_core::{BuildError, OperationInfo, Stamp, UnixTime, UnsentRequest};

use crate::client::{Client, Shared};
use crate::error::{Error, of_sending};
use crate::trace;

const NAME: &str = concat!("allinpay-adapter/", env!("CARGO_PKG_VERSION"));

impl<S: Transport> Client<S> {
    /// Sends an operation as [`Client::send`] does, except that an unknown outcome is an error: the
    /// complaint is not read. An [`Idempotency::Unsafe`](protocol_core::Idempotency::Unsafe)
    /// operation is sent again only if the last attempt certainly had no effect.
    ///
    /// # Errors
    /// [`Error`], of the last attempt.
    pub async fn send_without_looking<O: Operation + Sync>(&self, operation: &O) -> Result<O::Response, Error> {
        trace::call(O::NAME, self.attempts(operation)).await
    }

    async fn attempts<O: Operation + Sync>(&self, operation: &O) -> Result<O::Response, Error> {
        let Shared { hosts, retry, turns, clock, .. } = &*self.shared;
        let attempts = Attempts::new(*retry, O::IDEMPOTENCY, hosts, clock.now()).with_turns(turns, O::RATE);
        exchange(attempts, &mut Call { client: self, operation }).await.map_err(|failed| failed.error)
    }

    async fn attempt<O: Operation + Sync>(&self, operation: &O, base_url: &str) -> Result<O::Response, Error> {
        let response = self.sign_and_carry(operation, base_url).await?;
        if response.status() != StatusCode::OK {
            let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            let status = response.status().as_u16();
            return Err(ResponseError::Status { status, retry_after: seconds.map(Duration::from_secs) }.into());
        }
        let is_unclear = Cell::new(false);
        let on_handled = |handled: &Handled| {
            is_unclear.set(handled.is_unclear());
            if let Some(hear) = &self.shared.on_handled {
                hear(O::NAME, handled);
            }
        };
        let mut response = Response::new(response.body(), &self.merchant, &*self.shared.verifier);
        response.seen = self.shared.seen.as_ref();
        response.on_handled = Some(&on_handled);
        let read = operation.receive(response)?;
        if is_unclear.get() {
            trace::unclear(O::NAME);
        }
        Ok(read)
    }

    /// Signs an operation, and does not send it: for a dry run.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn sign<O: Operation>(&self, operation: &O) -> Result<UnsentRequest, BuildError> {
        let nonce = nonce();
        let stamp = Stamp { now: self.shared.clock.now(), nonce: &nonce };
        self.merchant.sign(operation, &stamp, &*self.shared.signer)
    }

    /// Signs and sends.
    async fn sign_and_carry<O: Operation>(
        &self,
        operation: &O,
        base_url: &str,
    ) -> Result<http::Response<Bytes>, Error> {
        let request = self.sign(operation)?.into_http(base_url);
        carry(&self.transport, HeaderValue::from_static(NAME), request, O::MAX_RESPONSE).await.map_err(of_sending)
    }

    /// Checks whether an operation can be built, before any other request is sent on its behalf.
    pub(crate) fn check<O: Operation>(&self, operation: &O) -> Result<(), BuildError> {
        let stamp = Stamp { now: self.shared.clock.now(), nonce: "0" };
        self.merchant.prepare(operation, &stamp).map(drop)
    }
}

/// One call of a client.
struct Call<'a, S, O> {
    client: &'a Client<S>,
    operation: &'a O,
}

impl<S: Transport, O: Operation + Sync> Exchanger for Call<'_, S, O> {
    type Response = <O as OperationInfo>::Response;
    type Refusal = ResponseError;

    async fn attempt(&mut self, number: u32, origin: &str) -> Result<O::Response, FailedCall<ResponseError>> {
        let outcome = self.client.attempt(self.operation, origin).await;
        trace::attempt(O::NAME, number, &outcome.as_ref().map(drop));
        outcome.map_err(FailedCall::from)
    }

    async fn sleep(&mut self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    fn now(&self) -> UnixTime {
        self.client.shared.clock.now()
    }

    fn elapsed(&self) -> Duration {
        self.client.shared.began.elapsed()
    }

    fn random(&mut self) -> u64 {
        fastrand::u64(..)
    }
}

fn nonce() -> String {
    std::iter::repeat_with(fastrand::alphanumeric).take(32).collect()
}
