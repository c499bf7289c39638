//! One call: attempts, each with the current token, until one succeeds or another would be unsafe
//! or useless.

use core::time::Duration;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{HeaderValue, USER_AGENT};
use http_transport::{MaxBody, SendError, SendErrorKind, Transport, carry};
use protocol_core::call::{Attempts, Hosts, Next};
use protocol_core::mini_program::{AccessToken, Operation, Response, ResponseError, ServerRequest, responded_at};
use protocol_core::retry::RetryPolicy;
use protocol_core::wechat_pay::RawResponse;
use protocol_core::{Clock, Headers, Stamp, UnixTime};

use super::error::{Error, of_sending};
use super::token_source::TokenSource;
use super::trace;
use crate::clock;

/// The platform's host.
pub const ORIGIN: &str = "https://api.weixin.qq.com";

const NAME: &str = concat!("wechat-adapter/", env!("CARGO_PKG_VERSION"));

/// The origin of requests, and the retries.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) hosts: Arc<Hosts>,
    pub(super) retry: RetryPolicy,
    pub(super) clock: Clock,
}

impl Default for Settings {
    fn default() -> Self {
        Self { hosts: Arc::new(Hosts::new([ORIGIN])), retry: RetryPolicy::default(), clock: clock::machine() }
    }
}

/// A response, and the platform's clock at its time.
#[derive(Debug)]
pub(super) struct Dated<T> {
    pub(super) response: T,
    pub(super) platform_time: Option<UnixTime>,
}

/// The outcome of one attempt.
struct Attempt<T> {
    outcome: Result<Dated<T>, Error>,
    retry_after: Option<Duration>,
}

/// Sends an operation and waits for its response. It retries within the policy if the failure
/// allows it, and once more with a new token if the token was refused and the request had no
/// effect. `sending` is called before each attempt, after the token was fetched.
pub(super) async fn exchange<S: Transport, T: TokenSource, O: Operation + Sync>(
    transport: &S,
    settings: &Settings,
    tokens: &T,
    operation: &O,
    sending: impl FnMut() + Send,
) -> Result<Dated<O::Response>, Error> {
    trace::call(O::NAME, attempts(transport, settings, tokens, operation, sending)).await
}

async fn attempts<S: Transport, T: TokenSource, O: Operation + Sync>(
    transport: &S,
    Settings { hosts, retry, clock }: &Settings,
    tokens: &T,
    operation: &O,
    mut sending: impl FnMut() + Send,
) -> Result<Dated<O::Response>, Error> {
    let mut attempts = Attempts::new(*retry, O::IDEMPOTENCY, hosts, clock.now());
    loop {
        let token = if O::NEEDS_TOKEN { Some(tokens.token().await.map_err(Error::Credential)?) } else { None };
        sending();
        let Attempt { outcome, retry_after } =
            attempt(transport, clock, attempts.origin(), operation, token.as_ref()).await;
        trace::attempt(O::NAME, attempts.number(), outcome.as_ref().map(drop));
        let error = match outcome {
            Ok(dated) => return Ok(dated),
            Err(error) => error,
        };
        if let Some(token) = &token
            && error.response().is_some_and(ResponseError::is_token_error)
        {
            tokens.rejected(token).await;
            // With a gateway's error, the same words do not prove that the request had no effect.
            if attempts.is_renewed(error.failure().delivery) {
                continue;
            }
        }
        let failure = error.failure();
        let failure = failure.with_retry_after(failure.retry_after.max(retry_after));
        match attempts.failed(failure, clock.now(), fastrand::u64(..)) {
            Next::Again(wait) => tokio::time::sleep(wait).await,
            Next::GiveUp if attempts.may_have_happened() => return Err(error.after_unknown()),
            Next::GiveUp => return Err(error),
        }
    }
}

async fn attempt<S: Transport, O: Operation + Sync>(
    transport: &S,
    clock: &Clock,
    origin: &str,
    operation: &O,
    token: Option<&AccessToken>,
) -> Attempt<O::Response> {
    let response = match send(transport, clock, origin, operation, token).await {
        Ok(response) => response,
        Err(error) => return Attempt { outcome: Err(error), retry_after: None },
    };
    let status = response.status().as_u16();
    let platform_time = responded_at(response.headers());
    let received = operation.receive(Response::new(status, response.body()));
    let headers: &dyn Headers = response.headers();
    // A date in `Retry-After` is the platform's clock too: no two clocks are compared.
    let retry_after =
        RawResponse { status, headers, body: response.body() }.retry_after(platform_time.unwrap_or(UnixTime(i64::MAX)));
    let outcome = received.map(|response| Dated { response, platform_time }).map_err(Error::Response);
    Attempt { outcome, retry_after }
}

async fn send<S: Transport, O: Operation>(
    transport: &S,
    clock: &Clock,
    origin: &str,
    operation: &O,
    token: Option<&AccessToken>,
) -> Result<http::Response<Bytes>, Error> {
    let nonce: String = core::iter::repeat_with(fastrand::alphanumeric).take(32).collect();
    let stamp = Stamp { now: clock.now(), nonce: &nonce };
    let request = match token {
        Some(token) => ServerRequest::sign(operation, &stamp, token),
        None => ServerRequest::prepare(operation, &stamp),
    }?;
    let unsendable = |error| of_sending(SendError::not_sent(SendErrorKind::Request, error), token);
    let mut request = request.into_http(origin).map_err(unsendable)?.map(Bytes::from);
    request.headers_mut().insert(USER_AGENT, HeaderValue::from_static(NAME));
    request.extensions_mut().insert(MaxBody(O::MAX_RESPONSE));
    carry(transport, request).await.map_err(|error| of_sending(error, token))
}
