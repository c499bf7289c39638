//! Checks that every request passes: the host, the origin, the token, its rate.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use complaint_inbox::Store;
use http::{HeaderMap, HeaderValue, Request, header};
use http_transport::Proof;

use super::Desk;
use super::refusal::{Reason, Refusal};
use crate::metrics::Family;

/// Refuses a request under another name, and one that a page of another site sent.
pub(crate) async fn check_host<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    request: Request<Body>,
    next: Next,
) -> Response {
    match desk.hosts.check(request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Refuses a request without a token, and one of a token that has no turn.
pub(crate) async fn authenticate<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    mut request: Request<Body>,
    next: Next,
) -> Response {
    let bearer = bearer_token(request.headers()).and_then(|token| desk.tokens.find(token));
    let Some(bearer) = bearer else { return Refusal::NoToken.into_response() };
    // Its connection is not closed for a stranger's.
    Proof::mark(request.extensions());
    if let Err(refusal) = desk.turns.take(&bearer) {
        return refusal.into_response();
    }
    request.extensions_mut().insert(bearer);
    next.run(request).await
}

/// The token of `Authorization: Bearer TOKEN`; `None` if there is not exactly one.
fn bearer_token(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.as_bytes();
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_at_checked(SCHEME.len())?;
    (scheme.eq_ignore_ascii_case(SCHEME) && !token.is_empty()).then_some(token.trim_ascii_start())
}

/// Counts a response.
pub(crate) async fn count<S: Store>(State(desk): State<Arc<Desk<S>>>, request: Request<Body>, next: Next) -> Response {
    let response = next.run(request).await;
    let reason = response.extensions().get::<Reason>().map_or("", |reason| reason.0);
    desk.metrics.count(Family::Responses, &[("status", response.status().as_str()), ("reason", reason)]);
    #[cfg(feature = "tracing")]
    if !reason.is_empty() {
        tracing::debug!(status = response.status().as_u16(), reason, "a request was refused");
    }
    response
}

/// Keeps the documents, which hold personal data, out of caches, frames and scripts.
pub(crate) async fn harden(request: Request<Body>, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        // A picture has its own of some.
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

const SCHEME: &[u8] = b"Bearer ";
