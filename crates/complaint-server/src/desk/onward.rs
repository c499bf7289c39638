//! Handing events on once more, and endpoints that are no more.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use complaint_inbox::{Replay, Store};
use http::{Request, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::Desk;
use super::bounds::{BODY_TIMEOUT, MAX_REQUEST_BODY};
use super::documents::json_response;
use super::query::Segments;
use super::refusal::Refusal;
use crate::tokens::Bearer;

/// `POST /api/onward/{endpoint}/replay`
pub(crate) async fn replay<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    Segments(endpoint): Segments<String>,
    Extension(bearer): Extension<Bearer>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    if !bearer.may_act() {
        return Err(Refusal::MayNotAct);
    }
    if !desk.endpoints.names().contains(&endpoint) {
        return Err(Refusal::NotFound("endpoint"));
    }
    let collected = desk.bodies.collect(request.into_body(), MAX_REQUEST_BODY, BODY_TIMEOUT).await;
    let body = collected.map_err(Refusal::Body)?;
    let replay = match serde_json::from_slice(&body) {
        Ok(Asked::Dead {}) => Replay::Dead,
        Ok(Asked::After(number)) => Replay::After(number),
        Err(_) => {
            return Err(Refusal::malformed("the body is {\"dead\":{}} or {\"after\":N}, N the number of an event"));
        }
    };
    let events = desk.store.replay(&endpoint, replay).await?;
    Ok(json_response(StatusCode::OK, &json!({ "events": events })))
}

/// `DELETE /api/onward/{endpoint}`
pub(crate) async fn forget<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    Segments(endpoint): Segments<String>,
    Extension(bearer): Extension<Bearer>,
) -> Result<Response, Refusal> {
    if !bearer.may_act() {
        return Err(Refusal::MayNotAct);
    }
    if desk.endpoints.names().contains(&endpoint) {
        return Err(Refusal::Configured);
    }
    if desk.store.close_endpoint(&endpoint).await? {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(Refusal::NotFound("endpoint"))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Asked {
    Dead {},
    After(i64),
}
