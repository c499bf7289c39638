//! Whether the server lives, is ready, and how it stands in numbers.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use complaint_inbox::{Store, StoreError};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use super::Desk;
use super::bounds::READY_TIMEOUT;
use super::documents::json_response;
use super::refusal::Refusal;

/// `GET /healthz`: the process serves.
pub(crate) async fn alive() -> Response {
    json_response(StatusCode::OK, &json!({ "status": "alive" }))
}

/// `GET /readyz`: the store takes and gives, and the server is not stopping.
pub(crate) async fn ready<S: Store>(State(desk): State<Arc<Desk<S>>>) -> Response {
    let store = async {
        // A transaction that changes nothing goes the way of those that do.
        desk.store.sight(Vec::new()).await?;
        desk.store.events(i64::MAX, 1).await
    };
    let looked = tokio::time::timeout(READY_TIMEOUT, store).await;
    let reason = match looked {
        _ if desk.stopping.is_wished() => "stopping",
        Ok(Ok(_)) => return json_response(StatusCode::OK, &json!({ "status": "ready" })),
        Ok(Err(error)) => unready(&error),
        Err(_) => "slow",
    };
    json_response(StatusCode::SERVICE_UNAVAILABLE, &json!({ "status": "not-ready", "reason": reason }))
}

/// Why a store is not ready.
const fn unready(error: &StoreError) -> &'static str {
    match error {
        StoreError::Busy => "busy",
        StoreError::Full => "full",
        StoreError::Damaged(_) => "damaged",
        StoreError::Closed => "closed",
        _ => "disk",
    }
}

/// `GET /metrics`
pub(crate) async fn metrics<S: Store>(State(desk): State<Arc<Desk<S>>>) -> Result<Response, Refusal> {
    let text = desk.metrics.text(&desk.store.figures().await?);
    let mut response = Response::new(Body::from(text));
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}
