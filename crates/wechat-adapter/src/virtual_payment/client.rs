//! The client: one merchant over a client of its Mini Program. It is cheap to clone.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http_transport::{HttpsClient, Transport};
use protocol_core::call::{CallResponse, RECHECK_DELAYS, Turns};
use protocol_core::mini_program::ServerRequest;
use protocol_core::rate::Rates;
use protocol_core::virtual_payment::{Merchant, Operation};
use protocol_core::{BuildError, Stamp};

use super::Error;
use crate::mini_program::{self, StableToken, TokenSource};
use crate::sending;

/// Virtual payment's complaint interfaces for one merchant.
///
/// Requests go through the Mini Program's client, with its access tokens, hosts and retries.
#[doc(alias("虚拟支付", "xpay"))]
pub struct Client<S = HttpsClient, T = StableToken<S>> {
    pub(super) mini_program: mini_program::Client<S, T>,
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) merchant: Merchant,
    pub(super) recheck_delays: Vec<Duration>,
    pub(super) image_origin: String,
    turns: Turns,
}

impl<S: Clone, T> Clone for Client<S, T> {
    fn clone(&self) -> Self {
        Self { mini_program: self.mini_program.clone(), shared: Arc::clone(&self.shared) }
    }
}

impl<S, T> fmt::Debug for Client<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("merchant", &self.shared.merchant).finish_non_exhaustive()
    }
}

impl Client {
    /// Builder for a client over this one of the Mini Program.
    pub fn builder<S, T>(mini_program: mini_program::Client<S, T>, merchant: Merchant) -> ClientBuilder<S, T> {
        let image_origin = IMAGE_ORIGIN.to_owned();
        let recheck_delays = RECHECK_DELAYS.to_vec();
        let shared = Shared { merchant, recheck_delays, image_origin, turns: Turns::default() };
        ClientBuilder { mini_program, shared }
    }
}

impl<S: Transport, T: TokenSource> Client<S, T> {
    /// Sends an operation as [`Client::send`] does, except that an unknown outcome is an error: the
    /// complaint is not read. An [`Idempotency::Unsafe`](protocol_core::Idempotency::Unsafe)
    /// operation is sent again only if the last attempt certainly had no effect.
    ///
    /// # Errors
    /// [`Error`], of the last attempt.
    pub async fn send_without_looking<O: Operation + Sync>(&self, operation: &O) -> Result<O::Response, Error> {
        self.exchange(operation, || {}).await.map(|received| received.response)
    }

    /// The origin of requests.
    pub fn origin(&self) -> &str {
        self.mini_program.origin()
    }

    /// Signs an operation without sending it. The request has no access token.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn prepare<O: Operation>(&self, operation: &O) -> Result<ServerRequest, BuildError> {
        let nonce = sending::nonce();
        let stamp = Stamp { now: self.mini_program.now(), nonce: &nonce };
        ServerRequest::prepare(&self.shared.merchant.signed(operation), &stamp)
    }

    /// As [`Client::send_without_looking`], with the platform's clock. Calls `sending` before each
    /// attempt.
    pub(super) async fn exchange<O: Operation + Sync>(
        &self,
        operation: &O,
        sending: impl FnMut() + Send,
    ) -> Result<CallResponse<O::Response>, Error> {
        let Shared { merchant, turns, .. } = &*self.shared;
        self.mini_program.exchange_saying(&merchant.signed(operation), turns, sending).await
    }
}

/// Builder for a [`Client`].
#[must_use = "a builder does nothing until it builds"]
pub struct ClientBuilder<S, T> {
    mini_program: mini_program::Client<S, T>,
    shared: Shared,
}

impl<S, T> fmt::Debug for ClientBuilder<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("merchant", &self.shared.merchant).finish_non_exhaustive()
    }
}

impl<S, T> ClientBuilder<S, T> {
    /// The recheck delays: the waits before each look at the complaint after an act with an unknown
    /// outcome. An empty list means no look. Default: [`RECHECK_DELAYS`].
    pub fn recheck_delays(mut self, waits: impl IntoIterator<Item = Duration>) -> Self {
        self.shared.recheck_delays = waits.into_iter().collect();
        self
    }

    /// The origin of payers' pictures, as scheme and host. Default: `https://api.mch.weixin.qq.com`.
    pub fn image_origin(mut self, origin: impl Into<String>) -> Self {
        self.shared.image_origin = origin.into();
        self
    }

    /// The rates of requests, retries included. They are counted apart from the Mini Program's. A
    /// request waits for its turn, up to [`Rates::max_wait`]; one that would wait longer fails with
    /// [`Error::OverRate`], and is not sent. The clones of a client share its turns. Default:
    /// [`Rates::NONE`], since no limit is documented.
    pub fn rates(mut self, rates: Rates) -> Self {
        self.shared.turns = Turns::new(rates);
        self
    }

    /// The client.
    #[must_use]
    pub fn build(self) -> Client<S, T> {
        Client { mini_program: self.mini_program, shared: Arc::new(self.shared) }
    }
}

/// The host of payers' pictures: WeChat Pay's.
const IMAGE_ORIGIN: &str = "https://api.mch.weixin.qq.com";
