//! What can go wrong with a call, whose fault it is, and whether it may have taken effect.

use core::time::Duration;

use http_transport::{SendError, SendErrorKind};
use protocol_core::allinpay::ResponseError;
use protocol_core::call::Amiss;
use protocol_core::channel::ChannelError;
use protocol_core::complaint::UnreadableRow;
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
    /// A response of another status than 200: the interfaces have none, so a gateway or a stranger wrote it. Nothing in it is
    /// signed, and nothing of it is kept.
    #[error("HTTP status {status} (unauthenticated)")]
    Status {
        /// The status.
        status: u16,
        /// `Retry-After`, where it is a number of seconds.
        retry_after: Option<Duration>,
    },
    /// The platform's response is a refusal, is not proven, or cannot be read.
    #[error(transparent)]
    Response(#[from] ResponseError),
    /// A complaint of a list, or an entry of a history, that cannot be read; the others are handed out. No waiting mends it: read
    /// a complaint by its number, and report it.
    #[error(transparent)]
    Unreadable(Box<UnreadableRow>),
    /// A list or a history ended before as many rows came as the platform counts, however often it was read. What came was
    /// handed out; the platform may page otherwise than it was asked to, or count what it does not list.
    #[error("the platform counts {counted} rows, but only {met} came: what came may not be all")]
    Incomplete {
        /// Different rows that came.
        met: usize,
        /// Rows that there are, as the platform last said.
        counted: usize,
    },
    /// An earlier process may have sent this act, and the complaint does not show it. Look there before sending it again.
    #[error(
        "an earlier process may have sent this, and the complaint does not show it: look there before sending it again"
    )]
    Unresolved,
}

impl Error {
    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Build(error) => error.fault(),
            Self::Send(_) => Fault::Network,
            Self::Status { status: 408 | 429 | 500.., .. } => Fault::Platform,
            // A base URL with nothing behind it.
            Self::Status { status: 400..=499, .. } => Fault::Caller,
            Self::Status { .. } => Fault::Peer,
            Self::Response(error) => error.fault(),
            Self::Unreadable(_) | Self::Incomplete { .. } => Fault::Platform,
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
            Self::Status { .. } => Delivery::Unknown,
            Self::Response(error) => error.delivery(),
            Self::Unreadable(_) | Self::Incomplete { .. } => Delivery::Processed,
            Self::Unresolved => Delivery::Unknown,
        }
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Build(_) | Self::Unresolved | Self::Unreadable(_) | Self::Incomplete { .. } => false,
            Self::Send(error) => {
                !matches!(error.kind(), SendErrorKind::Request | SendErrorKind::ResponseTooLarge { .. })
            }
            Self::Status { status, .. } => matches!(status, 408 | 429 | 500..),
            Self::Response(error) => error.is_retryable(),
        }
    }

    /// Whether the platform may yet be handed the request: whoever waited for its response gave up first.
    pub(crate) const fn may_be_on_its_way(&self) -> bool {
        match self {
            Self::Send(error) => error.may_have_been_sent() && matches!(error.kind(), SendErrorKind::Timeout),
            Self::Status { status: 408 | 502.., .. } => true,
            _ => false,
        }
    }

    pub(crate) const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl From<Amiss> for Error {
    fn from(amiss: Amiss) -> Self {
        match amiss {
            Amiss::Unreadable(row) => Self::Unreadable(row),
            Amiss::Incomplete { met, counted } => Self::Incomplete { met, counted },
            // Of lists that end by a short page, which Allinpay's do not.
            Amiss::Stale => Self::Incomplete { met: 0, counted: 0 },
        }
    }
}

impl ChannelError for Error {
    fn fault(&self) -> Fault {
        Self::fault(self)
    }

    fn delivery(&self) -> Delivery {
        Self::delivery(self)
    }

    fn is_retryable(&self) -> bool {
        Self::is_retryable(self)
    }

    fn unreadable(&self) -> Option<&UnreadableRow> {
        match self {
            Self::Unreadable(complaint) => Some(complaint),
            _ => None,
        }
    }

    fn leaves_the_others(&self) -> bool {
        matches!(self, Self::Unreadable(_) | Self::Incomplete { .. })
    }
}
