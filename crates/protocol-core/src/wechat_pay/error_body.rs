//! The body of a refusal.

use crate::codec::Extra;
use crate::codec::json::read_json;
use crate::codec::json::wire_object;
use crate::open_enum::open_enum;
use crate::refusal::{Detail, Found, Kind, Refusal, find_in_error, is_plain};
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

impl ApiError {
    /// Reads an error body; `None` for HTML, an empty body and whatever else has no `code`. Of a
    /// body with a member that does not fit, the code is read, and the words where they can be; a
    /// code that cannot be read is empty beside them.
    ///
    /// ```
    /// use protocol_core::wechat_pay::{ApiError, ErrorCode};
    ///
    /// # fn main() -> Result<(), &'static str> {
    /// let body = br#"{"code":"PARAM_ERROR","message":"...","detail":{"field":"/limit","issue":"too large"}}"#;
    /// let error = ApiError::decode(body).ok_or("an error body")?;
    /// assert_eq!(error.code, ErrorCode::ParamError);
    /// assert_eq!(error.detail.map(|detail| detail.causes()[0].field.clone()), Some(Some("/limit".to_owned())));
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

    /// A refusal that stood where a document was expected, or that has a member which does not fit;
    /// `None` where it says nothing.
    pub(super) fn of(refusal: Refusal) -> Option<Self> {
        let Refusal { code, message, detail, .. } = refusal;
        let says_something = code.is_some() || message.is_some() || detail.is_some();
        let code = ErrorCode::from(code.unwrap_or_default().as_str());
        says_something.then(|| Self { code, message, detail, extra: Extra::default() })
    }

    /// How it is to be taken where no status says so.
    pub(super) fn kind(&self) -> Kind {
        Kind::of_code(self.code.as_str())
    }

    /// The code, with a blank before it, and the members that are refused; nothing of what may hold
    /// anything.
    pub(super) fn for_display(&self) -> String {
        let code = self.code.as_str();
        let code = if is_plain(code) { format!(" {code}") } else { String::new() };
        let places = self.detail.as_ref().map(Detail::for_display).unwrap_or_default();
        format!("{code}{places}")
    }
}

open_enum! {
    /// The kind of an error. Any value may appear; the remedies for these are in the documentation
    /// of the interface.
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
