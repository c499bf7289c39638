//! Why a request is not acknowledged, and what the platform is told.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use http_transport::BodyError;
use protocol_core::wechat_pay::{NotificationError, VerificationError};

use crate::webhook::{Undelivered, Weight};

/// Why a request to the webhook is not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Not a `POST` (405).
    Method,
    /// No account has this path (404).
    NotFound,
    /// The body is larger than any notification (413), did not come in time (408), found no room (503) or
    /// broke off (400).
    Body(BodyError),
    /// It is not proven to be the platform's (401). Probes are refused like anything else.
    Unverified(VerificationError),
    /// It is the platform's, but does not open or cannot be read (500): look at it, the platform stops sending after two hours.
    Unreadable(NotificationError),
    /// It is the platform's, but was not committed: the platform comes again.
    Undelivered(Undelivered),
}

impl Refusal {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Body(BodyError::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Body(BodyError::TimedOut) => StatusCode::REQUEST_TIMEOUT,
            Self::Body(BodyError::NoRoom) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Body(_) => StatusCode::BAD_REQUEST,
            Self::Unverified(_) => StatusCode::UNAUTHORIZED,
            Self::Undelivered(undelivered) => undelivered.status(),
            Self::Unreadable(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Whether somebody should look: a genuine notification is not getting through.
    #[must_use]
    pub const fn wants_attention(&self) -> bool {
        match self {
            Self::Unreadable(_) => true,
            Self::Undelivered(undelivered) => undelivered.wants_attention(),
            _ => false,
        }
    }

    /// How much it says to whoever reads the log.
    pub(super) const fn weight(&self) -> Weight {
        match self {
            _ if self.wants_attention() => Weight::Alarming,
            // The platform tries whether signatures are checked.
            Self::Undelivered(_) | Self::Unverified(VerificationError::Probe) => Weight::Everyday,
            _ => Weight::Strange,
        }
    }

    /// In a word, for traces.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Method => "wrong-method",
            Self::NotFound => "wrong-path",
            Self::Body(BodyError::NoRoom) => "no-room",
            Self::Body(_) => "bad-body",
            Self::Unverified(VerificationError::Probe) => "probe",
            Self::Unverified(VerificationError::UnknownKey(_)) => "unknown-key",
            Self::Unverified(VerificationError::StaleTimestamp { .. }) => "stale-timestamp",
            Self::Unverified(_) => "unverified",
            Self::Unreadable(_) => "unreadable",
            Self::Undelivered(undelivered) => undelivered.name(),
        }
    }

    /// The documented body of a refusal. It says nothing that helps a forger.
    pub(super) fn response(&self) -> Response<Full<Bytes>> {
        let message = match self.status() {
            StatusCode::UNAUTHORIZED => "the signature is not accepted",
            status if status.is_server_error() => "not stored yet, send it again",
            _ => "this is no notification",
        };
        let body = format!(r#"{{"code":"FAIL","message":"{message}"}}"#);
        let mut response = Response::new(Full::from(body));
        *response.status_mut() = self.status();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if *self == Self::Method {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}

/// 204 without a body.
pub(super) fn acknowledgement() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

impl From<Undelivered> for Refusal {
    fn from(undelivered: Undelivered) -> Self {
        Self::Undelivered(undelivered)
    }
}

impl From<VerificationError> for Refusal {
    fn from(error: VerificationError) -> Self {
        Self::Unverified(error)
    }
}

impl From<NotificationError> for Refusal {
    fn from(error: NotificationError) -> Self {
        match error {
            NotificationError::Verification(error) => Self::Unverified(error),
            other => Self::Unreadable(other),
        }
    }
}
