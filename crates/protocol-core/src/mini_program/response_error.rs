//! The server's errors, and their meaning for the call.

use std::fmt;
use std::time::Duration;

use super::server_code::ServerCode;
use crate::call::{CallError, ResponseFailure, quoted};
use crate::error::{DecodeError, Delivery, Fault};
use crate::failure::Failure;
use crate::limits::MAX_RESPONSE_BODY;
use crate::secret::Personal;
use crate::trust::Unverified;

/// A response that is not a success.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// The server refused.
    #[error("the server refused{}", Reason(*.code))]
    Refused {
        /// HTTP status, usually 200.
        status: u16,
        /// The server's code. `None` if the response only shows that it is not a success.
        code: Option<ServerCode>,
        /// The server's words, if any.
        words: Option<Unverified<Personal<String>>>,
        /// The platform's id of the request, for its support.
        rid: Option<String>,
    },
    /// Not a response of the interface: an empty body, HTML, a gateway's error.
    #[error("status {status} without a response of the server")]
    NoResponse {
        /// HTTP status.
        status: u16,
    },
    /// The response is larger than any of the interface.
    #[error("the response has more than {MAX_RESPONSE_BODY} bytes")]
    TooLarge,
    /// A success whose body is not of the documented shape. The request took effect.
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

impl ResponseError {
    /// The code of a refusal.
    #[must_use]
    pub const fn code(&self) -> Option<ServerCode> {
        match self {
            Self::Refused { code, .. } => *code,
            _ => None,
        }
    }

    /// The words of a refusal, without the request's id that often ends them.
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

    /// The meaning for the call. A refusal with a code had no effect, except that of a busy system.
    ///
    /// A request that was refused as wrong needs no look for its effect, even if a gateway refused
    /// it.
    #[must_use]
    pub fn failure(&self) -> Failure {
        /// The minute's quota.
        const MINUTE: Duration = Duration::from_secs(60);

        let code = self.code();
        let is_busy = code == Some(ServerCode::Busy);
        let wished = matches!(code, Some(ServerCode::MinuteQuota | ServerCode::TooFrequent)).then_some(MINUTE);
        let unknown = |fault| Failure::new(fault, Delivery::Unknown);
        match self {
            // Negative codes are failures of the system, not refusals: the request may have taken
            // effect.
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
            // The server never writes anything else into a 200.
            Self::NoResponse { status: 200..=299 } => unknown(Fault::Network).with_is_retryable(true),
            Self::NoResponse { status: 400..=499 } => unknown(Fault::Caller).with_may_have_happened(false),
            Self::NoResponse { .. } => unknown(Fault::Caller),
            Self::TooLarge => unknown(Fault::Platform),
            Self::Malformed(_) => Failure::new(Fault::Platform, Delivery::Processed),
        }
    }

    /// Whether the access token was refused: with a new one the same request may succeed. This does
    /// not say whether the request had an effect: see [`Self::failure`].
    #[must_use]
    pub fn is_token_error(&self) -> bool {
        matches!(self.code(), Some(ServerCode::InvalidToken | ServerCode::MalformedToken | ServerCode::ExpiredToken))
    }

    /// Whether the complaint's state forbids the request: it has moved on, perhaps by an earlier
    /// attempt whose response was lost.
    #[must_use]
    pub fn is_state_error(&self) -> bool {
        matches!(self.code(), Some(ServerCode::WrongStatus | ServerCode::StateForbids))
    }
}

impl ResponseFailure for ResponseError {
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

    fn quote(&self) -> Option<Personal<String>> {
        let code = self.code().map(|code| code.to_string());
        quoted([code.as_deref()], [self.words().map(Unverified::peek)])
    }
}

impl From<ResponseError> for CallError<ResponseError> {
    fn from(error: ResponseError) -> Self {
        Self::Response(error)
    }
}
