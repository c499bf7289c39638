//! One call: attempts, each signed anew, until one succeeds or another would be unsafe or useless.

use std::time::Duration;

use bytes::Bytes;
use http_transport::Transport;
use protocol_core::call::{Hosts, Turns};
use protocol_core::retry::RetryPolicy;
use protocol_core::wechat_pay::{
    Exchanged, Operation, RawResponse, RefusalProof, ResponseError, Sender, VerificationError, exchange, receive,
};
use protocol_core::{BuildError, Stamp, UnixTime, UnsentRequest};

use crate::sending::{self, of_sending};
use crate::trace;
use crate::wechat_pay::client::{Client, Shared};
use crate::wechat_pay::error::Error;

/// The reaction to a response under an unknown key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NewKey {
    IsFetched,
    IsRefused,
}

impl<S: Transport> Client<S> {
    /// Sends an operation as [`Client::send`] does, except that an unknown outcome is an error: the
    /// complaint is not read. An [`Idempotency::Unsafe`](protocol_core::Idempotency::Unsafe)
    /// operation is sent again only if the last attempt certainly had no effect.
    ///
    /// # Errors
    /// [`Error`], of the last attempt.
    pub async fn send_without_looking<O: Operation + Sync>(&self, operation: &O) -> Result<O::Response, Error> {
        Sending::new(self, NewKey::IsFetched).send_without_looking(operation).await
    }

    /// As [`Client::send`], for the certificates themselves.
    pub(crate) async fn send_without_fetching<O: Operation + Sync>(&self, operation: &O) -> Result<O::Response, Error> {
        Sending::new(self, NewKey::IsRefused).send_without_looking(operation).await
    }

    /// Signs an operation, and does not send it: for a dry run.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn sign<O: Operation>(&self, operation: &O) -> Result<UnsentRequest, BuildError> {
        let nonce = sending::nonce();
        let stamp = Stamp { now: self.shared.clock.now(), nonce: &nonce };
        self.signing.merchant.sign(operation, &stamp, &*self.signing.signer)
    }

    /// Signs and sends.
    async fn sign_and_carry<O: Operation>(&self, operation: &O, origin: &str) -> Result<http::Response<Bytes>, Error> {
        let request = self.sign(operation)?;
        sending::send(&self.transport, request.into_http(origin), O::MAX_RESPONSE).await.map_err(of_sending)
    }
}

/// A client that sends.
pub(super) struct Sending<'a, S> {
    client: &'a Client<S>,
    new_key: NewKey,
}

impl<'a, S: Transport> Sending<'a, S> {
    pub(super) const fn new(client: &'a Client<S>, new_key: NewKey) -> Self {
        Self { client, new_key }
    }

    async fn send_without_looking<O: Operation + Sync>(&self, operation: &O) -> Result<O::Response, Error> {
        self.exchange(operation, || {}).await.map(|received| received.response).map_err(|failed| failed.error)
    }
}

impl<S: Transport> Sender for Sending<'_, S> {
    async fn attempt<O: Operation + Sync>(&self, operation: &O, number: u32, origin: &str) -> Exchanged<O::Response> {
        let Shared { keys, clock, .. } = &*self.client.shared;
        let response = match self.client.sign_and_carry(operation, origin).await {
            Ok(response) => response,
            Err(error) => {
                trace::attempt(O::NAME, number, None, &Err(&error));
                return Err(error.into());
            }
        };
        let read = || receive(operation, RawResponse::from(&response), &**keys, clock.now());
        let mut outcome = read();
        // The platform's key changed: the response is read again once the certificates have been
        // fetched. The request is not sent again.
        if let Err(failed) = &outcome
            && names_an_unknown_key(&failed.error)
            && self.new_key == NewKey::IsFetched
            && self.client.refresh_certificates_for_response().await
        {
            outcome = read();
        }
        let told = outcome.as_ref().map(drop).map_err(|failed| &failed.error);
        trace::attempt(O::NAME, number, RawResponse::from(&response).request_id(), &told);
        outcome
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    fn now(&self) -> UnixTime {
        self.client.shared.clock.now()
    }

    fn elapsed(&self) -> Duration {
        self.client.shared.began.elapsed()
    }

    fn random(&self) -> u64 {
        fastrand::u64(..)
    }

    fn hosts(&self) -> &Hosts {
        &self.client.shared.hosts
    }

    fn turns(&self) -> &Turns {
        &self.client.signing.turns
    }

    fn retry(&self) -> RetryPolicy {
        self.client.shared.retry
    }

    fn recheck_delays(&self) -> &[Duration] {
        &self.client.shared.recheck_delays
    }

    async fn exchange<O: Operation + Sync>(
        &self,
        operation: &O,
        sending: impl FnMut() + Send,
    ) -> Exchanged<O::Response> {
        trace::call(O::NAME, exchange(self, operation, sending)).await
    }
}

fn names_an_unknown_key(error: &Error) -> bool {
    let verification = match error {
        Error::Response(ResponseError::Verification(error)) => error,
        Error::Response(ResponseError::Rejected { proof: RefusalProof::Failed(error), .. }) => error,
        _ => return false,
    };
    matches!(verification, VerificationError::UnknownKey { .. })
}
