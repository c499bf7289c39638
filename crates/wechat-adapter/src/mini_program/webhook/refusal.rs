//! Why a request is not acknowledged, and what the platform is told.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use http_transport::BodyError;
use protocol_core::limits::MAX_PUSH_BODY;
use protocol_core::mini_program::PushError;

use super::text;
use crate::webhook::{Undelivered, Weight};

/// Why a request to the webhook is not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PushRefusal {
    /// Neither a `GET` nor a `POST` (405).
    Method,
    /// No Mini Program has this path (404).
    NotFound,
    /// The body is larger than any push (413), did not come in time (408), found no room (503) or
    /// broke off (400).
    Body(BodyError),
    /// It is not proven to be the platform's, or not for this Mini Program (401).
    Unverified(PushError),
    /// Nobody vouches for it, and it is not the XML or JSON of a push (400).
    Malformed(PushError),
    /// It is the platform's, but does not open or cannot be read (500): look at it at once, the platform does not come often.
    /// Where it opened, [`PushError::Unreadable`] holds it. In plain mode, whoever knows one signed query can cause this.
    Unreadable(PushError),
    /// It is the platform's, but was not committed: the platform comes again.
    Undelivered(Undelivered),
}

impl PushRefusal {
    /// What an error of the receiver means for a webhook.
    pub(super) fn of(error: PushError) -> Self {
        match error {
            PushError::TooLarge => Self::Body(BodyError::TooLarge { limit: MAX_PUSH_BODY }),
            PushError::Unreadable { .. } | PushError::DecryptFailed | PushError::Encrypted => Self::Unreadable(error),
            PushError::Malformed(_) => Self::Malformed(error),
            _ => Self::Unverified(error),
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Body(BodyError::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Body(BodyError::TimedOut) => StatusCode::REQUEST_TIMEOUT,
            Self::Body(BodyError::NoRoom) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Body(_) | Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Unverified(_) => StatusCode::UNAUTHORIZED,
            Self::Undelivered(undelivered) => undelivered.status(),
            Self::Unreadable(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Whether somebody should look: a genuine push is not getting through. One for another application is a wrong configuration
    /// as a rule.
    #[must_use]
    pub const fn wants_attention(&self) -> bool {
        match self {
            Self::Unreadable(_) => true,
            Self::Unverified(PushError::WrongAppid) => true,
            Self::Undelivered(undelivered) => undelivered.wants_attention(),
            _ => false,
        }
    }

    /// How much it says to whoever reads the log.
    pub(super) const fn weight(&self) -> Weight {
        match self {
            _ if self.wants_attention() => Weight::Alarming,
            Self::Undelivered(_) => Weight::Everyday,
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
            Self::Unverified(PushError::StaleTimestamp { .. }) => "stale-timestamp",
            Self::Unverified(PushError::WrongAppid) => "wrong-appid",
            Self::Unverified(_) => "unverified",
            Self::Malformed(_) => "malformed",
            Self::Unreadable(_) => "unreadable",
            Self::Undelivered(undelivered) => undelivered.name(),
        }
    }

    /// Never empty: an empty body says the same as `success`. It says nothing that helps a forger.
    pub(super) fn response(&self) -> Response<Full<Bytes>> {
        let message = match self.status() {
            StatusCode::UNAUTHORIZED => "the signature is not accepted",
            status if status.is_server_error() => "not stored yet, send it again",
            _ => "this is no push",
        };
        let mut response = text(Bytes::from_static(message.as_bytes()));
        *response.status_mut() = self.status();
        if *self == Self::Method {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
        }
        response
    }
}

impl From<BodyError> for PushRefusal {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

impl From<Undelivered> for PushRefusal {
    fn from(undelivered: Undelivered) -> Self {
        Self::Undelivered(undelivered)
    }
}
