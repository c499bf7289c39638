//! The sandbox's admin interface, under `/sandbox/`: file complaints, act as the payer, inject
//! faults, read logs. It is not signed; the listener is on loopback only.

mod allinpay;
mod error;
mod faults;
mod members;
mod mini_program;
mod reports;
mod stories;
mod wechat_pay;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use serde_json::Value;

use self::error::AdminError;
use self::members::Members;
use crate::platform::Platform;

pub(crate) const PREFIX: &str = "/sandbox/";

/// Responds to a request to the admin interface.
pub(crate) async fn handle(platform: &Platform, request: &Request<Bytes>) -> Response<Bytes> {
    let (status, value) = match run(platform, request).await {
        Ok(value) => (StatusCode::OK, value),
        Err(error) => (error.status(), error.to_json()),
    };
    let mut response = Response::new(Bytes::from(value.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

async fn run(platform: &Platform, request: &Request<Bytes>) -> Result<Value, AdminError> {
    let path = request.uri().path().strip_prefix(PREFIX).unwrap_or_default();
    let segments: Vec<&str> = path.split('/').collect();
    let members = Members::read(request.body())?;
    match (request.method().as_str(), segments.as_slice()) {
        ("GET", ["stories"]) => members.finish().map(|()| stories::list()),
        ("POST", ["stories", name]) => stories::tell(platform, name, request.headers(), members),
        ("POST", ["faults"]) => faults::inject(platform, members),
        ("POST", ["virtual-payment", "complaints"]) => wechat_pay::file_virtual_payment(platform, members),
        ("POST", ["virtual-payment", "restrictions"]) => wechat_pay::restrict_virtual_payment(platform, members),
        ("POST", ["violations"]) => wechat_pay::notify_violation(platform, members),
        ("POST", ["complaints"]) => wechat_pay::file(platform, members),
        ("GET", ["complaints", id, "history"]) => members.finish().and_then(|()| reports::history(platform, id)),
        ("POST", ["complaints", id, "messages"]) => wechat_pay::message(platform, id, members),
        ("POST", ["complaints", id, "continue"]) => wechat_pay::continue_complaint(platform, id, members),
        ("POST", ["complaints", id, "refund-received"]) => wechat_pay::refund_received(platform, id, members),
        ("POST", ["mini-program", "push"]) => mini_program::set_push(platform, members).await,
        ("POST", ["mini-program", "complaints"]) => mini_program::file(platform, members),
        ("POST", ["mini-program", "complaints", id, "messages"]) => mini_program::message(platform, id, members),
        ("POST", ["mini-program", "complaints", id, "status"]) => mini_program::set_status(platform, id, members),
        ("POST", ["mini-program", "complaints", id, "appeal-state"]) => {
            mini_program::set_appeal_state(platform, id, members)
        }
        ("POST", ["mini-program", "expire-tokens"]) => mini_program::expire_tokens(platform, members),
        ("POST", ["allinpay", "complaints"]) => allinpay::file_wechat(platform, members),
        ("POST", ["allinpay", "complaints", id, "messages"]) => wechat_pay::message(platform, id, members),
        ("POST", ["allinpay", "complaints", id, "continue"]) => wechat_pay::continue_complaint(platform, id, members),
        ("POST", ["allinpay", "complaints", id, "refund-received"]) => {
            wechat_pay::refund_received(platform, id, members)
        }
        ("POST", ["allinpay", "alipay-complaints"]) => allinpay::file_alipay(platform, members),
        ("POST", ["allinpay", "alipay-complaints", id, "status"]) => allinpay::set_status(platform, id, members),
        ("POST", ["allinpay", "notice-url"]) => allinpay::set_notice_url(platform, members),
        ("GET", ["notifications"]) => members.finish().map(|()| reports::notifications(platform)),
        ("GET", ["pushes"]) => members.finish().map(|()| reports::pushes(platform)),
        ("GET", ["notices"]) => members.finish().map(|()| reports::notices(platform)),
        ("GET", ["requests"]) => members.finish().map(|()| reports::requests(platform)),
        ("GET", ["configuration"]) => members.finish().map(|()| reports::configuration(platform)),
        (method, _) => {
            Err(AdminError::UnknownPath { method: method.to_owned(), path: request.uri().path().to_owned() })
        }
    }
}
