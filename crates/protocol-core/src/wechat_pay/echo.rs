//! The self-test: signing, verification, sensitive fields and optionally the callback, without a
//! complaint.

use serde::Serialize;

use super::operation::{Operation, Response, json};
use super::response::ResponseError;
use crate::codec::json::wire_object;
use crate::complaint::Encrypted;
use crate::operation::{Idempotency, OperationInfo, setters};
use crate::request::{BuildError, Method, RequestParts, Stamp};

/// `POST /v3/security/echo`: moves no money and changes no data.
///
/// With an encrypted text the request must name the platform's key that it is encrypted to
/// ([`Merchant::with_platform_key`](super::Merchant::with_platform_key)). Source: documentation
/// 4014551946.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Echo {
    /// The text to echo.
    pub echo_message: String,
    /// Base64 of a text encrypted to the platform's key. The response has it encrypted to the
    /// merchant's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encrypted_echo_message: Option<Encrypted>,
    /// The URL of a test notification. Its kind is not documented; it opens as any other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_url: Option<String>,
}

impl Echo {
    /// Requests this text back.
    #[must_use]
    pub fn new(echo_message: impl Into<String>) -> Self {
        Self { echo_message: echo_message.into(), encrypted_echo_message: None, notify_url: None }
    }
}

setters! {
    impl Echo;
    with_encrypted_echo_message(encrypted_echo_message: Encrypted) { Some(encrypted_echo_message) }
    with_notify_url(notify_url: impl Into<String>) { Some(notify_url.into()) }
}

impl OperationInfo for Echo {
    type Response = Echoed;

    const NAME: &'static str = "echo";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
}

impl Operation for Echo {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        if self.echo_message.is_empty() {
            return Err(BuildError::Field { field: "echo_message", expected: "some text" });
        }
        json(Method::Post, "/v3/security/echo".to_owned(), self)
    }

    fn receive(&self, response: Response<'_>) -> Result<Echoed, ResponseError> {
        response.document("an echo")
    }
}

wire_object! {
    /// The response to an [`Echo`].
    pub struct Echoed {
        /// The text of the request.
        echo_message: String,
        /// The encrypted text of the request, now encrypted to the merchant's key.
        encrypted_echo_message: Option<Encrypted>,
    }
}
