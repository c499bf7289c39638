//! What can go wrong with a call, whose fault it is, and whether it may have taken effect.

use core::fmt;

use http_transport::{SendError, SendErrorKind};
use protocol_core::call::Amiss;
use protocol_core::complaint::UnreadableRow;
use protocol_core::wechat_pay::{RefusalProof, ResponseError};
use protocol_core::{BuildError, Delivery, Fault};

/// A call that did not succeed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value out of bounds. Nothing was sent.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// No response, or none that is HTTP.
    #[error(transparent)]
    Send(SendError),
    /// The platform's response is a refusal, is not proven, or cannot be read.
    #[error(transparent)]
    Response(#[from] ResponseError),
    /// As within; but an earlier attempt of the same call may have taken effect.
    #[error("{0}; an earlier attempt may have taken effect")]
    AfterUnknown(#[source] Box<Error>),
    /// What is read before something is changed could not be read. The change was not sent.
    #[error("{what} could not be read, and nothing was sent: {}", Unread(.error))]
    Unprepared {
        /// What was to be read.
        what: &'static str,
        /// Why it could not be.
        #[source]
        error: Box<Error>,
    },
    /// A complaint of a list, or an entry of a history, that cannot be read; the others were handed out before it. No waiting
    /// mends it: read a complaint by its number, and report it.
    #[error(transparent)]
    Unreadable(Box<UnreadableRow>),
    /// The platform keeps returning pages with nothing new on them.
    #[error("the platform keeps returning pages with nothing new on them; what came so far may not be all")]
    StalePages,
    /// The notification URL did not become the wanted one: somebody else keeps changing it.
    #[error("the notification URL is still another one after several attempts; somebody else is changing it")]
    NotConverged,
    /// An earlier process may have sent this act, and the complaint does not show it. Look there before sending it again.
    #[error(
        "an earlier process may have sent this, and the complaint does not show it: look there before sending it again"
    )]
    Unresolved,
}

/// Why something could not be read: that its request succeeded would read as if the change had.
struct Unread<'e>(&'e Error);

impl fmt::Display for Unread<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Error::Response(ResponseError::Malformed(error)) => error.fmt(f),
            error => error.fmt(f),
        }
    }
}

impl From<Amiss> for Error {
    fn from(amiss: Amiss) -> Self {
        match amiss {
            Amiss::Unreadable(row) => Self::Unreadable(row),
            Amiss::Incomplete { .. } | Amiss::Stale => Self::StalePages,
        }
    }
}

impl Error {
    /// Of a read that comes before something is changed.
    pub(crate) fn unprepared(self, what: &'static str) -> Self {
        Self::Unprepared { what, error: Box::new(self) }
    }

    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Build(error) => error.fault(),
            Self::Send(_) => Fault::Network,
            Self::Response(error) => error.fault(),
            Self::AfterUnknown(error) | Self::Unprepared { error, .. } => error.fault(),
            Self::Unreadable(_) | Self::StalePages => Fault::Platform,
            Self::NotConverged => Fault::Caller,
            Self::Unresolved => Fault::Local,
        }
    }

    /// Whether the request may have taken effect.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::Build(error) => error.delivery(),
            Self::Send(error) if error.may_have_been_sent() => Delivery::Unknown,
            Self::Send(_) => Delivery::NotSent,
            Self::Response(error) => error.delivery(),
            Self::AfterUnknown(_) | Self::Unresolved => Delivery::Unknown,
            Self::Unprepared { .. } => Delivery::NotSent,
            Self::Unreadable(_) | Self::StalePages | Self::NotConverged => Delivery::Processed,
        }
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Build(_) | Self::Unresolved | Self::NotConverged | Self::StalePages | Self::Unreadable(_) => false,
            Self::AfterUnknown(error) | Self::Unprepared { error, .. } => error.is_retryable(),
            Self::Send(error) => {
                !matches!(error.kind(), SendErrorKind::Request | SendErrorKind::ResponseTooLarge { .. })
            }
            Self::Response(error) => error.is_retryable(),
        }
    }

    /// Whether what was asked for may have happened in spite of the error, so that a look is worth its while. An unsigned 401
    /// or 404 proves nothing either, but nobody should look for the effect of a request that was told it is wrong.
    pub(crate) fn wants_a_look(&self) -> bool {
        match self {
            Self::Build(_) | Self::NotConverged | Self::StalePages | Self::Unreadable(_) | Self::Unprepared { .. } => {
                false
            }
            Self::AfterUnknown(_) | Self::Unresolved => true,
            Self::Send(error) => error.may_have_been_sent(),
            Self::Response(ResponseError::Rejected { status: 429, proof, .. }) => *proof != RefusalProof::Verified,
            Self::Response(ResponseError::Rejected { status, .. }) if !matches!(status, 200..=299) => *status >= 500,
            // Where nothing is expected, what cannot be read may be a refusal.
            Self::Response(ResponseError::Malformed(_)) => true,
            Self::Response(error) => error.delivery() == Delivery::Unknown,
        }
    }

    /// The same, of a call of which an earlier attempt may have taken effect.
    pub(crate) fn after_unknown(self) -> Self {
        if self.delivery() == Delivery::Unknown { self } else { Self::AfterUnknown(Box::new(self)) }
    }

    /// Status and code of a refusal.
    pub(crate) fn refusal(&self) -> Option<(u16, Option<&str>)> {
        match self {
            Self::Response(ResponseError::Rejected { status, error, .. }) => {
                Some((*status, error.as_ref().map(|error| error.code.as_str())))
            }
            Self::AfterUnknown(error) | Self::Unprepared { error, .. } => error.refusal(),
            _ => None,
        }
    }

    /// Whether the platform refused in proven words.
    pub(crate) fn is_proven_refusal(&self) -> bool {
        match self {
            Self::Response(ResponseError::Rejected { proof, .. }) => *proof == RefusalProof::Verified,
            Self::AfterUnknown(error) | Self::Unprepared { error, .. } => error.is_proven_refusal(),
            _ => false,
        }
    }

    /// `RESOURCE_NOT_EXISTS`, whatever its status.
    pub(crate) fn is_not_there(&self) -> bool {
        self.refusal().is_some_and(|(_, code)| code == Some("RESOURCE_NOT_EXISTS"))
    }
}
