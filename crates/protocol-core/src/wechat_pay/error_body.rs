//! The body of a refusal.

use crate::codec::Extra;
use crate::codec::json::read_json;
use crate::codec::json::wire_object;
use crate::open_enum::open_enum;
use crate::refusal::{Detail, Found, Kind, Refusal, find_in_error, is_plain};
use crate::secret::Personal;

wire_object! {
    /// The platform's error: a code, words, and details in varying formats.
    pub struct ApiError {
        /// The kind of error.
        code: ErrorCode,
        /// In words, mostly in Chinese.
        message: Option<Personal<String>>,
        /// Details, in varying formats.
        detail: Option<Detail>,
    }
}

impl ApiError {
    /// Reads an error body. `None` for HTML, an empty body and any other body without a `code`. In
    /// a body with a member that does not fit, the code is still read, and the words if possible.
    /// An unreadable code is empty if the words can be read.
    ///
    /// ```
    /// use protocol_core::wechat_pay::{ApiError, ErrorCode};
    ///
    /// # fn main() -> Result<(), &'static str> {
    /// let body = br#"{"code":"PARAM_ERROR","message":"...","detail":{"field":"/limit","issue":"too large"}}"#;
    /// let error = ApiError::decode(body).ok_or("an error body")?;
    /// assert_eq!(error.code, ErrorCode::ParamError);
    /// assert_eq!(
    ///     error.detail.map(|detail| detail.causes()[0].field.clone()),
    ///     Some(Some("/limit".to_owned()))
    /// );
    /// assert_eq!(ApiError::decode(b"<html>502</html>"), None);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn decode(body: &[u8]) -> Option<Self> {
        read_json("an error body", body).ok().or_else(|| match find_in_error(body) {
            Found::Refusal(refusal) => Self::of(*refusal),
            _ => None,
        })
    }

    /// A refusal in place of an expected document, or one with a member that does not fit; `None`
    /// if it has no content.
    pub(super) fn of(refusal: Refusal) -> Option<Self> {
        let Refusal { code, message, detail, .. } = refusal;
        let says_something = code.is_some() || message.is_some() || detail.is_some();
        let code = ErrorCode::from(code.unwrap_or_default().as_str());
        says_something.then(|| Self { code, message, detail, extra: Extra::default() })
    }

    /// The meaning of the error where no status shows it.
    pub(super) fn kind(&self) -> Kind {
        Kind::of_code(self.code.as_str())
    }

    /// The code, after a space, and the refused members; no free text.
    pub(super) fn for_display(&self) -> String {
        let code = self.code.as_str();
        let code = if is_plain(code) { format!(" {code}") } else { String::new() };
        let places = self.detail.as_ref().map(Detail::for_display).unwrap_or_default();
        format!("{code}{places}")
    }
}

open_enum! {
    /// The kind of an error. Other values may appear. The documentation of the interface has the
    /// remedy for each.
    pub enum ErrorCode {
        /// A parameter is wrong (400).
        ParamError = "PARAM_ERROR",
        /// The request breaks a rule of the interface or does not fit the complaint's state (400).
        InvalidRequest = "INVALID_REQUEST",
        /// The resource does not exist, such as a notification URL (400 or 404).
        ResourceNotExists = "RESOURCE_NOT_EXISTS",
        /// The signature, the clock or the serial is wrong (401).
        SignError = "SIGN_ERROR",
        /// Not this merchant's complaint, or the capability is off (403).
        NoAuth = "NO_AUTH",
        /// The path does not exist (404).
        NotFound = "NOT_FOUND",
        /// Too many requests (429).
        FrequencyLimited = "FREQUENCY_LIMITED",
        /// Too many requests (429), in the general documentation.
        RateLimitExceeded = "RATELIMIT_EXCEEDED",
        /// Too many requests (429), in the general documentation.
        RateLimited = "RATE_LIMITED",
        /// The platform failed (500): try again with the same parameters.
        SystemError = "SYSTEM_ERROR",
        /// The platform is unavailable (502, 503).
        ServiceUnavailable = "SERVICE_UNAVAILABLE",
    }
}
