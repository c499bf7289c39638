//! A platform's response before its headers and its signature.

use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;

/// A response before its headers. Allinpay signs in the body; WeChat Pay signs in the headers.
#[derive(Debug, Clone)]
pub(crate) struct PlatformResponse {
    pub(crate) status: u16,
    pub(crate) content_type: Option<&'static str>,
    pub(crate) body: Bytes,
    pub(crate) signed: bool,
    pub(crate) retry_after: Option<u64>,
}

impl PlatformResponse {
    /// 200 with JSON.
    pub(crate) fn json(value: &Value) -> Self {
        Self::json_with(200, value)
    }

    pub(crate) fn json_with(status: u16, value: &Value) -> Self {
        Self {
            status,
            content_type: Some("application/json; charset=utf-8"),
            body: value.to_string().into(),
            signed: true,
            retry_after: None,
        }
    }

    /// 204, without a body.
    pub(crate) fn done() -> Self {
        Self { status: 204, content_type: None, body: Bytes::new(), signed: true, retry_after: None }
    }

    /// An image, which is the only unsigned success.
    pub(crate) fn image(bytes: Bytes, content_type: &'static str) -> Self {
        Self { status: 200, content_type: Some(content_type), body: bytes, signed: false, retry_after: None }
    }

    /// A page of the gateway in front of the platform.
    pub(crate) fn gateway(status: u16) -> Self {
        let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default();
        let page = format!(
            "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n<center><h1>{status} {reason}</h1>\
             </center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
        );
        Self { status, content_type: Some("text/html"), body: page.into(), signed: false, retry_after: None }
    }

    /// A status without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, signed: false, ..Self::done() }
    }
}
