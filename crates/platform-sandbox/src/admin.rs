//! The sandbox's own interface, under `/sandbox/`: file complaints, speak as the payer, inject faults, read logs.
//! It is not signed; the listener is on loopback only.

mod allinpay;
mod mini_program;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::error::SandboxError;
use crate::fault::{Fault, FaultKind, NotificationFault};
use crate::wechat_pay::{NewComplaint, Platform};

pub(crate) const PREFIX: &str = "/sandbox/";

/// A refusal: its status and why.
type Refused = (StatusCode, String);

/// Responses a request to the sandbox itself.
pub(crate) async fn handle(platform: &Platform, request: &Request<Bytes>) -> Response<Bytes> {
    let path = request.uri().path().strip_prefix(PREFIX).unwrap_or_default();
    let segments: Vec<&str> = path.split('/').collect();
    let body = if request.body().is_empty() { Ok(json!({})) } else { serde_json::from_slice(request.body()) };
    let outcome = match (body, request.method().as_str(), segments.as_slice()) {
        (Err(_), _, _) => Err(bad("the body is not JSON")),
        (Ok(body), "POST", ["complaints"]) => file(platform, &body),
        (Ok(body), "POST", ["complaints", id, act]) => self::act(platform, id, act, &body),
        (Ok(body), "POST", ["faults"]) => inject(platform, &body),
        (Ok(body), "POST", ["mini-program", path @ ..]) => mini_program::handle(platform, path, &body).await,
        (Ok(body), "POST", ["allinpay", "complaints", id, act]) => self::act(platform, id, act, &body),
        (Ok(body), "POST", ["allinpay", path @ ..]) => allinpay::handle(platform, path, &body),
        (_, "GET", ["pushes"]) => Ok(mini_program::pushes(platform)),
        (_, "GET", ["notifications"]) => Ok(notifications(platform)),
        (_, "GET", ["requests"]) => Ok(requests(platform)),
        (_, "GET", ["configuration"]) => Ok(configuration(platform)),
        _ => Err(no_such_path()),
    };
    let (status, value) = match outcome {
        Ok(value) => (StatusCode::OK, value),
        Err((status, message)) => (status, json!({"message": message})),
    };
    let mut response = Response::new(Bytes::from(value.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn file(platform: &Platform, body: &Value) -> Result<Value, Refused> {
    let new = new_complaint(body);
    let id = platform.act(|state, now| state.file(new, &platform.merchant.mchid, now));
    Ok(json!({"complaint_id": id}))
}

fn new_complaint(body: &Value) -> NewComplaint {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let number = |name: &str| body.get(name).and_then(Value::as_u64);
    let mut new = NewComplaint::default();
    if let Some(detail) = text("complaint_detail") {
        new = new.with_complaint_detail(detail);
    }
    if let Some(fen) = number("amount") {
        new = new.with_amount(fen);
    }
    if let Some(problem_type) = text("problem_type") {
        new = new.with_problem_type(problem_type);
    }
    if let Some(fen) = number("apply_refund_amount") {
        new = new.with_refund(fen);
    }
    if let Some(phone) = text("payer_phone") {
        new = new.with_payer_phone(phone);
    }
    if body.get("need_immediate_service").and_then(Value::as_bool) == Some(true) {
        new = new.with_immediate_service();
    }
    new
}

fn act(platform: &Platform, id: &str, act: &str, body: &Value) -> Result<Value, Refused> {
    let text = || body.get("text").and_then(Value::as_str).ok_or_else(|| bad("the member text is missing"));
    let outcome = match act {
        "messages" => {
            let text = text()?;
            platform.act(|state, now| state.user_message(id, text, now))
        }
        "continue" => {
            let text = text()?;
            platform.act(|state, now| state.user_continues(id, text, now))
        }
        "refund-received" => platform.act(|state, now| state.refund_received(id, now)),
        _ => return Err((StatusCode::NOT_FOUND, "there is no such act".to_owned())),
    };
    outcome.map(|()| json!({"complaint_id": id})).map_err(refused)
}

fn refused(error: SandboxError) -> Refused {
    match error {
        SandboxError::UnknownComplaint(_) | SandboxError::UnknownMerchant(_) => {
            (StatusCode::NOT_FOUND, error.to_string())
        }
        _ => (StatusCode::CONFLICT, error.to_string()),
    }
}

fn no_such_path() -> Refused {
    (StatusCode::NOT_FOUND, "there is no such path under /sandbox/".to_owned())
}

fn inject(platform: &Platform, body: &Value) -> Result<Value, Refused> {
    let kind = body.get("kind").and_then(Value::as_str).ok_or_else(|| bad("the member kind is missing"))?;
    if let Some(kind) = kind.strip_prefix("notification_") {
        let fault = notification_fault(kind, body).ok_or_else(|| bad("there is no such fault of notifications"))?;
        platform.state().notification_faults.push_back(fault);
        return Ok(json!({}));
    }
    if let Some(kind) = kind.strip_prefix("push_") {
        let fault = mini_program::push_fault(kind, body).ok_or_else(|| bad("there is no such fault of pushes"))?;
        platform.state().mini_program.push_faults.push_back(fault);
        return Ok(json!({}));
    }
    let kind = fault_kind(kind, body).ok_or_else(|| bad("there is no such fault"))?;
    let mut fault = Fault::once(kind).on(body.get("on").and_then(Value::as_str).unwrap_or("any"));
    if let Some(times) = body.get("times").and_then(Value::as_u64) {
        fault = fault.times(u32::try_from(times).unwrap_or(u32::MAX));
    }
    if body.get("after_effect").and_then(Value::as_bool) == Some(true) {
        fault = fault.after_effect();
    }
    platform.state().faults.add(fault);
    Ok(json!({}))
}

/// `millis`, `bytes`, `status`, `retry_after`, `signed`, `body` and `state` fill in what a kind needs.
fn fault_kind(kind: &str, body: &Value) -> Option<FaultKind> {
    let number = |name: &str, default: u64| body.get(name).and_then(Value::as_u64).unwrap_or(default);
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let millis = || Duration::from_millis(number("millis", 1000));
    let status = |default: u16| u16::try_from(number("status", default.into())).unwrap_or(default);
    Some(match kind {
        "drop_connection" => FaultKind::DropConnection,
        "slow_response" => FaultKind::SlowResponse(millis()),
        "slow_body" => FaultKind::SlowBody(millis()),
        "truncated_body" => FaultKind::TruncatedBody,
        "oversize_body" => FaultKind::OversizeBody(usize::try_from(number("bytes", 64 << 20)).ok()?.min(256 << 20)),
        "forged_signature" => FaultKind::ForgedSignature,
        "no_signature" => FaultKind::NoSignature,
        "probe" => FaultKind::Probe,
        "unknown_serial" => FaultKind::UnknownSerial,
        "stale_timestamp" => FaultKind::StaleTimestamp,
        "rate_limited" => FaultKind::RateLimited {
            retry_after: body.get("retry_after").and_then(Value::as_u64),
            signed: body.get("signed").and_then(Value::as_bool).unwrap_or(true),
        },
        "server_error" => FaultKind::ServerError,
        "gateway_html" => FaultKind::GatewayHtml(status(502)),
        "empty_body" => FaultKind::EmptyBody(status(502)),
        "status_202" => FaultKind::Status202,
        "malformed_json" => FaultKind::MalformedJson,
        "body" => FaultKind::Body(text("body")?),
        "handle_state" => FaultKind::HandleState(text("state")?),
        _ => return None,
    })
}

fn notification_fault(kind: &str, body: &Value) -> Option<NotificationFault> {
    let copies = body.get("copies").and_then(Value::as_u64).unwrap_or(2);
    Some(match kind {
        "duplicate" => NotificationFault::Duplicate,
        "duplicate_at_once" => NotificationFault::DuplicateAtOnce(usize::try_from(copies).unwrap_or(2).min(64)),
        "out_of_order" => NotificationFault::OutOfOrder,
        "forged_signature" => NotificationFault::ForgedSignature,
        "probe" => NotificationFault::Probe,
        "unknown_serial" => NotificationFault::UnknownSerial,
        "stale" => NotificationFault::Stale,
        "no_signature" => NotificationFault::NoSignature,
        "wrong_key" => NotificationFault::WrongKey,
        "changed_body" => NotificationFault::ChangedBody,
        _ => return None,
    })
}

fn notifications(platform: &Platform) -> Value {
    let list: Vec<Value> = platform
        .sent()
        .into_iter()
        .map(|sent| {
            json!({
                "id": sent.id,
                "mchid": sent.mchid,
                "event_type": sent.event_type,
                "complaint_id": sent.complaint_id,
                "action_type": sent.action_type,
                "attempt": sent.attempt,
                "status": sent.status,
                "error": sent.error,
                "acknowledged": sent.acknowledged,
                "at": sent.at.0,
            })
        })
        .collect();
    json!({"data": list})
}

fn requests(platform: &Platform) -> Value {
    let list: Vec<Value> = platform
        .requests()
        .into_iter()
        .map(|request| {
            json!({
                "operation": request.operation,
                "status": request.status,
                "verified": request.verified,
                "mchid": request.mchid,
                "at": request.at.0,
            })
        })
        .collect();
    json!({"data": list})
}

fn configuration(platform: &Platform) -> Value {
    let state = platform.state();
    let merchants: Vec<Value> = state
        .merchants
        .values()
        .map(|merchant| {
            json!({
                "mchid": merchant.account.mchid,
                "serial_no": merchant.account.serial_no,
                "algorithm": merchant.account.scheme.as_str(),
                "notification_url": merchant.notification_url,
            })
        })
        .collect();
    let keys = [&state.keys.public, &state.keys.sm2_public].into_iter().chain(&state.keys.certificates);
    let keys: Vec<Value> = keys
        .map(|key| json!({"id": key.id, "algorithm": key.scheme.as_str(), "public_key": key.material.public_pem}))
        .collect();
    json!({
        "mchid": platform.merchant.mchid,
        "merchants": merchants,
        "platform_keys": keys,
        "mini_program": mini_program::configuration(&state.mini_program),
        "allinpay": allinpay::configuration(&state.allinpay),
    })
}

fn bad(message: &str) -> Refused {
    (StatusCode::BAD_REQUEST, message.to_owned())
}
