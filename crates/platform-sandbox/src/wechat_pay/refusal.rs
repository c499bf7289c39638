//! WeChat Pay's refusals.

use serde_json::{Value, json};

use crate::platform_response::PlatformResponse;
use crate::request_error::RequestError;

/// A refusal: a code, a message, details.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
    detail: Option<Value>,
    signed: bool,
}

impl Refusal {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), detail: None, signed: true }
    }

    /// 400 `PARAM_ERROR`: `field` is a JSON pointer in a body, a name elsewhere.
    pub(crate) fn parameter(location: &'static str, field: &str, value: Value, issue: &str) -> Self {
        let detail = json!({"field": field, "value": value, "issue": issue, "location": location});
        Self { detail: Some(detail), ..Self::new(400, "PARAM_ERROR", format!("参数错误: {field}: {issue}")) }
    }

    /// 400 `INVALID_REQUEST`: a rule of the interface, or the complaint's state.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "INVALID_REQUEST", message)
    }

    /// `RESOURCE_NOT_EXISTS`, with 400 or 404.
    pub(crate) fn missing(status: u16, message: impl Into<String>) -> Self {
        Self::new(status, "RESOURCE_NOT_EXISTS", message)
    }

    /// 403 `NO_AUTH`.
    pub(crate) fn no_auth(message: impl Into<String>) -> Self {
        Self::new(403, "NO_AUTH", message)
    }

    /// 429 `FREQUENCY_LIMITED`.
    pub(crate) fn too_many() -> Self {
        Self::new(429, "FREQUENCY_LIMITED", "频率超限")
    }

    /// 500 `SYSTEM_ERROR`.
    pub(crate) fn system() -> Self {
        Self::new(500, "SYSTEM_ERROR", "系统异常，请稍后重试")
    }

    /// The message.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The refusal of a request that was not verified.
    pub(crate) fn of_request(refusal: &RequestError, method: &str, target: &str) -> Self {
        if let RequestError::IncompleteHeaders(name) = refusal {
            return Self::invalid(format!("Http头信息不完整: {name}"));
        }
        let (field, issue) = match refusal {
            RequestError::Clock(_) => ("timestamp", "timestamp expired".to_owned()),
            RequestError::UnknownMerchant | RequestError::SchemeMismatch => {
                ("serial_no", "certificate not found".to_owned())
            }
            RequestError::Nonce => ("nonce_str", refusal.to_string()),
            _ => ("signature", "sign not match".to_owned()),
        };
        let mut detail = json!({"detail": {"issue": issue}, "field": field, "location": "authorization"});
        if let (RequestError::BadSignature { message }, Some(detail)) = (refusal, detail.as_object_mut()) {
            let truncated: String = message.chars().take(512).collect();
            let information = json!({
                "method": method,
                "sign_message_length": message.len(),
                "truncated_sign_message": truncated,
                "url": target,
            });
            detail.insert("sign_information".to_owned(), information);
        }
        Self { detail: Some(detail), signed: false, ..Self::new(401, "SIGN_ERROR", "错误的签名,验签失败") }
    }
}

impl From<Refusal> for PlatformResponse {
    fn from(refusal: Refusal) -> Self {
        let mut body = json!({"code": refusal.code, "message": refusal.message});
        if let (Some(detail), Some(body)) = (refusal.detail, body.as_object_mut()) {
            body.insert("detail".to_owned(), detail);
        }
        Self { signed: refusal.signed, ..Self::json_with(refusal.status, &body) }
    }
}
