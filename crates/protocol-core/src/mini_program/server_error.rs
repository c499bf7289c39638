//! What the server says when it does not do what it was asked for, and what that means.

use core::fmt;
use core::time::Duration;

use super::server_code::ServerCode;
use crate::call::{CallError, ResponseFailure};
use crate::error::{DecodeError, Delivery, Fault};
use crate::failure::Failure;
use crate::limits::MAX_RESPONSE_BODY;
use crate::secret::Personal;
use crate::trust::Unverified;

/// A response that is no success.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The server refused.
    #[error("the server refused{}", Reason(*.code))]
    Refused {
        /// HTTP status: 200 as a rule.
        status: u16,
        /// Why. `None` where it only says that it is no success.
        code: Option<ServerCode>,
        /// In words, if any.
        words: Option<Unverified<Personal<String>>>,
        /// The platform's id of the request, for its support.
        rid: Option<String>,
    },
    /// No response of the interface: an empty body, HTML, a gateway's error.
    #[error("status {status} without a response of the server")]
    NoResponse {
        /// HTTP status.
        status: u16,
    },
    /// Larger than any response.
    #[error("the response has more than {MAX_RESPONSE_BODY} bytes")]
    TooLarge,
    /// A success whose body is not of the documented shape. What was asked for has happened.
    #[error("the request succeeded, but the response could not be parsed: {0}")]
    Malformed(#[from] DecodeError),
}

struct Reason(Option<ServerCode>);

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(code) => write!(f, " with code {code}"),
            None => f.write_str(" without a code"),
        }
    }
}

impl ServerError {
    /// The code of a refusal.
    #[must_use]
    pub const fn code(&self) -> Option<ServerCode> {
        match self {
            Self::Refused { code, .. } => *code,
            _ => None,
        }
    }

    /// The words of a refusal, without the id of the request that often stands at their end.
    #[must_use]
    pub const fn words(&self) -> Option<&Unverified<Personal<String>>> {
        match self {
            Self::Refused { words, .. } => words.as_ref(),
            _ => None,
        }
    }

    /// The platform's id of the request, for its support.
    #[must_use]
    pub fn rid(&self) -> Option<&str> {
        match self {
            Self::Refused { rid, .. } => rid.as_deref(),
            _ => None,
        }
    }

    /// What it means for the call. A refusal with a code had no effect, except that of a busy system.
    ///
    /// Nobody needs to look for the effect of a request that was told it is wrong, even by a gateway.
    #[must_use]
    pub fn failure(&self) -> Failure {
        /// The minute's quota.
        const MINUTE: Duration = Duration::from_secs(60);

        let code = self.code();
        let is_busy = code == Some(ServerCode::Busy);
        let wished = (code == Some(ServerCode::MinuteQuota)).then_some(MINUTE);
        let unknown = |fault| Failure::new(fault, Delivery::Unknown);
        match self {
            // Negative codes are the system's own failures, not refusals: what was asked for may have happened.
            Self::Refused { status, code: Some(code), .. } if code.code() < 0 => {
                unknown(Fault::Platform).with_is_retryable(is_busy || matches!(status, 429 | 500..))
            }
            Self::Refused { status: 429, code: Some(_), .. } => {
                Failure::new(Fault::Platform, Delivery::Processed).with_is_retryable(true).with_retry_after(wished)
            }
            Self::Refused { status: 429 | 500.., .. } => {
                unknown(Fault::Platform).with_is_retryable(true).with_retry_after(wished)
            }
            Self::Refused { code: Some(_), .. } => Failure::new(Fault::Caller, Delivery::Processed)
                .with_is_retryable(wished.is_some())
                .with_retry_after(wished),
            Self::Refused { code: None, .. } => unknown(Fault::Caller),
            Self::NoResponse { status: 429 | 500.. } => unknown(Fault::Platform).with_is_retryable(true),
            // Only a stranger writes something else into a 200.
            Self::NoResponse { status: 200..=299 } => unknown(Fault::Network).with_is_retryable(true),
            Self::NoResponse { status: 400..=499 } => unknown(Fault::Caller).with_may_have_happened(false),
            Self::NoResponse { .. } => unknown(Fault::Caller),
            Self::TooLarge => unknown(Fault::Platform),
            Self::Malformed(_) => Failure::new(Fault::Platform, Delivery::Processed),
        }
    }

    /// Whether it is the access token that was refused: with a new one the same request is good. Whether this one had no effect is
    /// another question, as always where the status is a server's error: see [`Self::failure`].
    #[must_use]
    pub fn is_token_error(&self) -> bool {
        matches!(self.code(), Some(ServerCode::InvalidToken | ServerCode::MalformedToken | ServerCode::ExpiredToken))
    }

    /// Whether the complaint's state does not allow it: it has moved on, be it by an attempt of one's own whose response was lost.
    #[must_use]
    pub fn is_state_error(&self) -> bool {
        matches!(self.code(), Some(ServerCode::WrongStatus | ServerCode::StateForbids))
    }
}

impl ResponseFailure for ServerError {
    const CREDENTIAL: &'static str = "access token";

    fn failure(&self) -> Failure {
        self.failure()
    }

    fn malformed(&self) -> Option<&DecodeError> {
        match self {
            Self::Malformed(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ServerError> for CallError<ServerError> {
    fn from(error: ServerError) -> Self {
        Self::Response(error)
    }
}
