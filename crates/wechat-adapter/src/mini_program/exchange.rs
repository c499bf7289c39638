//! One call: attempts, each with the current token, until one succeeds or another would be unsafe
//! or useless.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http_transport::Transport;
use protocol_core::call::{self, Attempts, CallResponse, Exchanger, FailedCall, Hosts, Turns};
use protocol_core::mini_program::{AccessToken, Operation, Response, ResponseError, ServerRequest, responded_at};
use protocol_core::retry::RetryPolicy;
use protocol_core::wechat_pay::RawResponse;
use protocol_core::{Clock, OperationInfo, Stamp, UnixTime};
use tokio::time::Instant;

use super::error::{Error, of_sending};
use super::token_source::TokenSource;
use super::trace;
use crate::sending;

/// The platform's host.
pub const ORIGIN: &str = "https://api.weixin.qq.com";

/// The origin of requests, and the retries.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) hosts: Arc<Hosts>,
    pub(super) retry: RetryPolicy,
    pub(super) clock: Clock,
    pub(super) began: Instant,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hosts: Arc::new(Hosts::new([ORIGIN])),
            retry: RetryPolicy::default(),
            clock: Clock::new(|| SystemTime::now().into()),
            began: Instant::now(),
        }
    }
}

/// Sends an operation and waits for its response. It retries within the policy if the failure
/// allows it, and once more with a new token if the token was refused and the request had no
/// effect. `sending` is called before each attempt, after the token was fetched and the turn has
/// come.
pub(super) async fn exchange<S: Transport, T: TokenSource, O: Operation + Sync>(
    transport: &S,
    settings: &Settings,
    turns: &Turns,
    tokens: &T,
    operation: &O,
    sending: impl FnMut() + Send,
) -> Result<CallResponse<O::Response>, Error> {
    let attempts = Attempts::new(settings.retry, O::IDEMPOTENCY, &settings.hosts, settings.clock.now());
    let mut call = Call { transport, settings, tokens, operation, sending, token: None };
    trace::call(O::NAME, call::exchange(attempts.with_turns(turns, O::RATE), &mut call))
        .await
        .map_err(|failed| failed.error)
}

/// One call.
struct Call<'a, S, T, O, F> {
    transport: &'a S,
    settings: &'a Settings,
    tokens: &'a T,
    operation: &'a O,
    sending: F,
    /// The token of the attempt in hand.
    token: Option<AccessToken>,
}

impl<S: Transport, T: TokenSource, O: Operation + Sync, F: FnMut() + Send> Exchanger for Call<'_, S, T, O, F> {
    type Response = CallResponse<<O as OperationInfo>::Response>;
    type Refusal = ResponseError;

    async fn prepare(&mut self) -> Result<(), FailedCall<ResponseError>> {
        if O::NEEDS_TOKEN {
            self.token = Some(self.tokens.token().await.map_err(Error::Credential)?);
        }
        Ok(())
    }

    async fn attempt(&mut self, number: u32, origin: &str) -> Result<Self::Response, FailedCall<ResponseError>> {
        (self.sending)();
        let outcome = attempt(self.transport, &self.settings.clock, origin, self.operation, self.token.as_ref()).await;
        trace::attempt(O::NAME, number, outcome.as_ref().map(drop).map_err(|failed| &failed.error));
        outcome
    }

    /// Under a gateway's error the same words do not tell that nothing was done: [`call::exchange`]
    /// then sends no unsafe operation again, but the token is given up all the same.
    async fn renew(&mut self, failed: &FailedCall<ResponseError>) -> bool {
        match &self.token {
            Some(token) if failed.error.response().is_some_and(ResponseError::is_token_error) => {
                self.tokens.rejected(token).await;
                true
            }
            _ => false,
        }
    }

    async fn sleep(&mut self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    fn now(&self) -> UnixTime {
        self.settings.clock.now()
    }

    fn elapsed(&self) -> Duration {
        self.settings.began.elapsed()
    }

    fn random(&mut self) -> u64 {
        fastrand::u64(..)
    }
}

async fn attempt<S: Transport, O: Operation + Sync>(
    transport: &S,
    clock: &Clock,
    origin: &str,
    operation: &O,
    token: Option<&AccessToken>,
) -> Result<CallResponse<O::Response>, FailedCall<ResponseError>> {
    let response = send(transport, clock, origin, operation, token).await?;
    let status = response.status().as_u16();
    let platform_time = responded_at(response.headers());
    let received = operation.receive(Response::new(status, response.body()));
    let raw = RawResponse::from(&response);
    // A date in `Retry-After` is the platform's clock too: no two clocks are compared.
    let retry_after = raw.retry_after(platform_time.unwrap_or(UnixTime(i64::MAX)));
    match received {
        Ok(response) => Ok(CallResponse { response, platform_time }),
        Err(error) => Err(FailedCall { error: Error::Response(error), retry_after }),
    }
}

async fn send<S: Transport, O: Operation>(
    transport: &S,
    clock: &Clock,
    origin: &str,
    operation: &O,
    token: Option<&AccessToken>,
) -> Result<http::Response<Bytes>, Error> {
    let nonce = sending::nonce();
    let stamp = Stamp { now: clock.now(), nonce: &nonce };
    let request = match token {
        Some(token) => ServerRequest::sign(operation, &stamp, token),
        None => ServerRequest::prepare(operation, &stamp),
    }?;
    let sent = sending::send(transport, request.into_http(origin), O::MAX_RESPONSE).await;
    sent.map_err(|error| of_sending(error, token))
}
