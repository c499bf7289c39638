//! Why a notification is not acknowledged, and what the platform is told.

use std::io;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use protocol_core::wechat_pay::{NotificationError, VerificationError};

/// Why a notification is not acknowledged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("not proven to be the platform's: {0}")]
    Unverified(#[from] VerificationError),
    #[error("the body is larger than any notification")]
    TooLarge,
    #[error("the body did not come in time")]
    TooSlow,
    #[error("the body broke off")]
    Broken,
    #[error("the platform's, but it cannot be read: {0}")]
    Unreadable(NotificationError),
    #[error("another copy is in hand")]
    InHand,
    #[error("it could not be stored: {0}")]
    NotStored(io::Error),
}

impl Refusal {
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Unverified(_) => StatusCode::UNAUTHORIZED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
            Self::Unreadable(_) | Self::NotStored(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::InHand => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Whether a person should look: a genuine notification is not getting through.
    pub(crate) const fn wants_attention(&self) -> bool {
        matches!(self, Self::Unreadable(_) | Self::NotStored(_))
    }

    /// It says nothing that helps a forger.
    pub(crate) fn response(&self) -> HttpResponse {
        let message = match self.status() {
            StatusCode::UNAUTHORIZED => "the signature is not accepted",
            status if status.is_server_error() => "not stored yet, send it again",
            _ => "this is no notification",
        };
        let body = format!(r#"{{"code":"FAIL","message":"{message}"}}"#);
        HttpResponse::build(self.status()).content_type("application/json").body(body)
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
