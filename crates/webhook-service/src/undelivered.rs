//! Why a genuine message is not acknowledged.

use core::error::Error;
use core::fmt;
use std::sync::Arc;

use http::StatusCode;

/// Why a message whose signature verifies was not committed. It is not acknowledged, so the
/// platform retries.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum UndeliveredError {
    /// Another copy is in hand (503).
    #[error("another copy is being handled")]
    InHand,
    /// The store of keys failed, or exceeded its timeout (503). Its own error may quote what was
    /// stored, and is not repeated here: the store logs it.
    #[error("the store of keys failed or exceeded its timeout: see the store's own log")]
    Store,
    /// The store is late with others; this message was not tried (503).
    #[error("the store of keys is late with other messages, so this one was not tried")]
    StoreBusy,
    /// The handler could not store the message (500).
    #[error("the handler failed: {0}")]
    HandlerFailed(#[source] HandlerError),
    /// The handler exceeded its timeout (500).
    #[error("the handler exceeded its timeout: let it store the message and return")]
    HandlerTooSlow,
    /// The handler panicked (500). Its panic's message may quote the message, and is not repeated
    /// here.
    #[error("the handler panicked")]
    HandlerPanicked,
    /// The handler outlasted its lease, and another copy took over (503).
    #[error("the handler outlasted its lease, and another copy took over")]
    LeaseLapsed,
    /// The signature was committed with another message (401). Either a stranger replays a recorded
    /// signature. Or, in a push's plain mode, a stranger used it for a forged message before the
    /// genuine one arrived.
    #[error("the signature was used before, with another message")]
    Replayed,
}

impl UndeliveredError {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::InHand | Self::Store | Self::StoreBusy | Self::LeaseLapsed => StatusCode::SERVICE_UNAVAILABLE,
            Self::HandlerFailed(_) | Self::HandlerTooSlow | Self::HandlerPanicked => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Replayed => StatusCode::UNAUTHORIZED,
        }
    }

    /// Whether a person should look. Copies in hand are everyday.
    #[must_use]
    pub const fn wants_attention(&self) -> bool {
        !matches!(self, Self::InHand)
    }

    /// Its name in traces.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::InHand => "in-hand",
            Self::Store => "store-failed",
            Self::StoreBusy => "store-busy",
            Self::HandlerFailed(_) => "handler-failed",
            Self::HandlerTooSlow => "handler-too-slow",
            Self::HandlerPanicked => "handler-panicked",
            Self::LeaseLapsed => "lease-lapsed",
            Self::Replayed => "replayed",
        }
    }
}

/// A handler's own error, in its own words. `Debug` shows no more than `Display`: what a derived
/// `Debug` repeats, such as a row that was not stored, stays out of logs.
#[derive(Clone)]
pub struct HandlerError(Arc<dyn Error + Send + Sync>);

impl HandlerError {
    pub(crate) fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(error.into().into())
    }

    /// The handler's error, where it is of this type.
    #[must_use]
    pub fn cause<E: Error + 'static>(&self) -> Option<&E> {
        self.0.downcast_ref()
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HandlerError({})", self.0)
    }
}

impl Error for HandlerError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}
