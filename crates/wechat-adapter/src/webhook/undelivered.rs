//! Why a genuine message is not acknowledged.

use http::StatusCode;

/// Why a message whose signature verifies was not committed, and is not acknowledged: the platform comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Undelivered {
    /// Another copy is in hand (503).
    InHand,
    /// The store of ids failed, or hung (503).
    Store,
    /// The store is late with others; this one was not tried (503).
    StoreBusy,
    /// The handler could not store it (500).
    HandlerFailed,
    /// The handler took too long (500).
    HandlerTooSlow,
    /// The handler panicked (500).
    HandlerPanicked,
    /// The handler outlasted its lease, and another copy took over (503).
    LeaseLapsed,
    /// A push whose signature was committed with another message (401): somebody recorded it and sends it again, or, in plain mode,
    /// sent a forged message under it before the genuine one came.
    Replayed,
}

impl Undelivered {
    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::InHand | Self::Store | Self::StoreBusy | Self::LeaseLapsed => StatusCode::SERVICE_UNAVAILABLE,
            Self::HandlerFailed | Self::HandlerTooSlow | Self::HandlerPanicked => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Replayed => StatusCode::UNAUTHORIZED,
        }
    }

    /// Whether somebody should look. Copies in hand are everyday.
    #[must_use]
    pub const fn wants_attention(self) -> bool {
        !matches!(self, Self::InHand)
    }

    /// In a word, for traces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InHand => "in-hand",
            Self::Store => "store-failed",
            Self::StoreBusy => "store-busy",
            Self::HandlerFailed => "handler-failed",
            Self::HandlerTooSlow => "handler-too-slow",
            Self::HandlerPanicked => "handler-panicked",
            Self::LeaseLapsed => "lease-lapsed",
            Self::Replayed => "replayed",
        }
    }
}
