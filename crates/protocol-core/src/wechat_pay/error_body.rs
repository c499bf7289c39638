//! The body of a refusal.

use serde_json::value::RawValue;

use crate::codec::json::read_json;
use crate::codec::json::wire_object;
use crate::limits::MAX_ID;
use crate::open_enum::open_enum;
use crate::secret::Personal;

wire_object! {
    /// What the platform says when it refuses: a code, words, and details in changing shapes.
    pub struct ApiError {
        /// The kind of error.
        code: ErrorCode,
        /// In words, Chinese mostly.
        message: Option<Personal<String>>,
        /// More, in changing shapes.
        detail: Option<Detail>,
    }
}

/// Free JSON, compared by its text.
#[derive(Clone)]
pub struct Detail(Box<RawValue>);

impl Detail {
    /// The JSON text. Known members: `field` (a JSON pointer, or a name), `value`, `issue`, `location`
    /// (`body`, `query`, `url`, `authorization`); a signature error nests another `detail` and the string the platform built.
    #[must_use]
    pub fn as_json(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for Detail {
    fn eq(&self, other: &Self) -> bool {
        self.as_json() == other.as_json()
    }
}

/// It quotes what was sent, so it is not shown.
impl core::fmt::Debug for Detail {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Detail(***)")
    }
}

impl<'de> crate::codec::json::WireValue<'de> for Detail {
    const EXPECTED: &'static str = "any value";

    fn decode<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::Deserialize::deserialize(deserializer).map(Self)
    }
}

impl serde::Serialize for Detail {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl ApiError {
    /// Reads an error body; `None` for HTML, an empty body and whatever else has no `code`.
    ///
    /// ```
    /// use protocol_core::wechat_pay::{ApiError, ErrorCode};
    ///
    /// # fn main() -> Result<(), &'static str> {
    /// let body = br#"{"code":"PARAM_ERROR","message":"...","detail":{"field":"/limit","issue":"too large"}}"#;
    /// let error = ApiError::decode(body).ok_or("an error body")?;
    /// assert_eq!(error.code, ErrorCode::ParamError);
    /// assert!(error.detail.is_some_and(|detail| detail.as_json().contains("/limit")));
    /// assert_eq!(ApiError::decode(b"<html>502</html>"), None);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn decode(body: &[u8]) -> Option<Self> {
        read_json("an error body", body).ok()
    }

    /// The code, with a blank before it; nothing of one that is not made of capitals, digits and underscores.
    pub(super) fn for_display(&self) -> String {
        let code = self.code.as_str();
        let plain = code.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_'));
        if plain && code.len() <= MAX_ID { format!(" {code}") } else { String::new() }
    }
}

open_enum! {
    /// The kind of an error. Any value may appear; the remedies for these are in the documentation of the interface.
    pub enum ErrorCode {
        /// A parameter is wrong (400).
        ParamError = "PARAM_ERROR",
        /// The request breaks a rule of the interface or does not fit the complaint's state (400).
        InvalidRequest = "INVALID_REQUEST",
        /// There is no such thing, such as a notification URL (400 or 404).
        ResourceNotExists = "RESOURCE_NOT_EXISTS",
        /// The signature, the clock or the serial is wrong (401).
        SignError = "SIGN_ERROR",
        /// Not this merchant's complaint, or the capability is off (403).
        NoAuth = "NO_AUTH",
        /// No such path (404).
        NotFound = "NOT_FOUND",
        /// Too many requests (429).
        FrequencyLimited = "FREQUENCY_LIMITED",
        /// Too many requests (429), in the general documentation.
        RateLimitExceeded = "RATELIMIT_EXCEEDED",
        /// Too many requests (429), in the general documentation.
        RateLimited = "RATE_LIMITED",
        /// The platform failed (500): try again with the same parameters.
        SystemError = "SYSTEM_ERROR",
        /// The platform is away (502, 503).
        ServiceUnavailable = "SERVICE_UNAVAILABLE",
    }
}
