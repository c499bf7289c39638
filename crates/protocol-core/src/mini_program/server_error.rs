//! What the server says when it does not do what it was asked for, and what that means.

use core::fmt;
use core::time::Duration;

use super::server_code::ServerCode;
use crate::error::{DecodeError, Delivery, Fault};
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

    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Refused { code, .. } if is_the_systems(*code) => Fault::Platform,
            Self::Refused { status: 429 | 500.., .. } | Self::NoResponse { status: 429 | 500.. } => Fault::Platform,
            // Whoever answers 200 with something else is not the server.
            Self::NoResponse { status: 200..=299 } => Fault::Network,
            Self::Refused { .. } | Self::NoResponse { .. } => Fault::Caller,
            Self::TooLarge | Self::Malformed(_) => Fault::Platform,
        }
    }

    /// Whether the request may have taken effect. A refusal with a code did not, but for a busy system's.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::Refused { status: 0..=499, code: Some(code), .. } if !is_the_systems(Some(*code)) => {
                Delivery::Processed
            }
            Self::Malformed(_) => Delivery::Processed,
            _ => Delivery::Unknown,
        }
    }

    /// Whether the same request may succeed later. Whether it may be *sent* again is another question: see [`Self::delivery`].
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Refused { code: Some(ServerCode::Busy | ServerCode::MinuteQuota), .. } => true,
            Self::Refused { status, .. } => matches!(status, 429 | 500..),
            Self::NoResponse { status } => matches!(status, 200..=299 | 429 | 500..),
            Self::TooLarge | Self::Malformed(_) => false,
        }
    }

    /// How long to wait before that at least, where the code says so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        (self.code() == Some(ServerCode::MinuteQuota)).then_some(Duration::from_secs(60))
    }

    /// Whether it is the access token that was refused: with a new one the same request is good. Whether this one had no effect is
    /// another question, as always where the status is a server's error: see [`Self::delivery`].
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

/// Negative codes are the system's own failures, not refusals: what was asked for may have happened.
fn is_the_systems(code: Option<ServerCode>) -> bool {
    code.is_some_and(|code| code.code() < 0)
}
