//! What can go wrong with a call, whose fault it is, and whether it may have taken effect.

use core::fmt;
use std::sync::Arc;

use http_transport::{SendError, SendErrorKind};
use protocol_core::mini_program::{AccessToken, ServerError};
use protocol_core::{BuildError, Delivery, Fault};

/// A call that did not succeed. It never shows a token: where a transport's own error does, that is left out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value out of bounds. Nothing was sent.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// There is no access token. Nothing was sent.
    #[error("no access token: {0}")]
    Token(TokenError),
    /// No response, or none that is HTTP.
    #[error(transparent)]
    Send(SendError),
    /// The server refused, or what came back is no response of its.
    #[error(transparent)]
    Response(#[from] ServerError),
    /// An earlier process may have sent this act, and the complaint does not show it. Look there before sending it again.
    #[error(
        "an earlier process may have sent this, and the complaint does not show it: look there before sending it again"
    )]
    Unresolved,
}

impl Error {
    /// A transport's error, without its cause where that shows the token, alone or in the target that ends with it.
    pub(super) fn of_sending(error: SendError, token: Option<&AccessToken>) -> Self {
        const UNTOLD: &str = "a cause that shows the access token, and so is not told";
        let tells =
            |text: &str| text.contains("access_token") || token.is_some_and(|token| text.contains(token.expose()));
        let mut cause = core::error::Error::source(&error);
        while let Some(link) = cause {
            if tells(&format!("{link} {link:?}")) {
                let untold = if error.may_have_been_sent() { SendError::unknown } else { SendError::not_sent };
                return Self::Send(untold(error.kind(), UNTOLD));
            }
            cause = link.source();
        }
        Self::Send(error)
    }

    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Build(error) => error.fault(),
            Self::Token(error) => error.fault(),
            Self::Send(_) => Fault::Network,
            Self::Response(error) => error.fault(),
            Self::Unresolved => Fault::Local,
        }
    }

    /// Whether the request may have taken effect.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::Build(error) => error.delivery(),
            Self::Token(_) => Delivery::NotSent,
            Self::Send(error) if error.may_have_been_sent() => Delivery::Unknown,
            Self::Send(_) => Delivery::NotSent,
            Self::Response(error) => error.delivery(),
            Self::Unresolved => Delivery::Unknown,
        }
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Build(_) | Self::Unresolved => false,
            Self::Token(error) => error.is_retryable(),
            Self::Send(error) => {
                !matches!(error.kind(), SendErrorKind::Request | SendErrorKind::ResponseTooLarge { .. })
            }
            Self::Response(error) => error.is_retryable(),
        }
    }

    /// Whether what was asked for may have happened in spite of the error, so that a look is worth its while. Nobody looks for the
    /// effect of a request that was told it is wrong, were it only by a gateway.
    pub(super) fn wants_a_look(&self) -> bool {
        match self {
            Self::Response(ServerError::NoResponse { status }) => !matches!(status, 400..=428 | 430..=499),
            error => error.delivery() == Delivery::Unknown,
        }
    }

    pub(super) fn server(&self) -> Option<&ServerError> {
        match self {
            Self::Response(error) => Some(error),
            _ => None,
        }
    }
}

/// There is no access token.
///
/// It speaks in its cause's words: a source of one's own keeps tokens out of its errors.
#[derive(Debug, Clone)]
pub struct TokenError {
    cause: Arc<dyn core::error::Error + Send + Sync>,
    fault: Fault,
    is_retryable: bool,
}

impl TokenError {
    /// An error of a source of one's own: this machine's to mend, and worth another try.
    pub fn new(cause: impl Into<Box<dyn core::error::Error + Send + Sync>>) -> Self {
        Self { cause: Arc::from(cause.into()), fault: Fault::Local, is_retryable: true }
    }

    /// The server still holds a token for good that it has refused.
    pub(super) fn still_refused() -> Self {
        let cause = "the platform refuses the token that it issues; it is made to issue another more and more seldom";
        Self { fault: Fault::Platform, ..Self::new(cause) }
    }

    /// What the server said, where it was asked for a token and gave none: its code says what to mend.
    ///
    /// ```
    /// use protocol_core::mini_program::{ServerCode, ServerError};
    /// use wechat_adapter::mini_program::{Error, TokenError};
    ///
    /// let refusal = ServerError::Refused { status: 200, code: Some(ServerCode::AddressNotListed), words: None, rid: None };
    /// let error = TokenError::from(Error::from(refusal));
    /// assert_eq!(error.server().and_then(ServerError::code), Some(ServerCode::AddressNotListed));
    /// assert_eq!(TokenError::new("the store is away").server(), None);
    /// ```
    #[must_use]
    pub fn server(&self) -> Option<&ServerError> {
        let asked_here = self.cause.downcast_ref::<Error>().and_then(Error::server);
        asked_here.or_else(|| self.cause.downcast_ref())
    }

    /// Whose fault it is.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        self.fault
    }

    /// Whether asking again later may help.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        self.is_retryable
    }
}

impl From<Error> for TokenError {
    fn from(error: Error) -> Self {
        Self { fault: error.fault(), is_retryable: error.is_retryable(), cause: Arc::new(error) }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl core::error::Error for TokenError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.cause.source()
    }
}
