//! Why a request is not acknowledged.

use std::error::Error;

use http::StatusCode;
use http_transport::BodyError;
use protocol_core::call::OutsideError;

use crate::requests::Weight;

/// Why a webhook does not acknowledge a request. `E` is what the channel says of a message that
/// does not open.
///
/// `Display` says why, without a word of the message: log it whole. Where a genuine message is not
/// stored, the platform retries.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError<E: Error + 'static> {
    /// The method is not one of the channel's (405).
    #[error("the channel has no messages of this method")]
    Method,
    /// No receiver has this path (404).
    #[error("no receiver is configured for this path")]
    NotFound,
    /// The body is larger than any message (413), did not come in time (408), found no room (503)
    /// or broke off (400).
    #[error(transparent)]
    Body(#[from] BodyError),
    /// It is not proven to be the platform's, or not for this receiver (401).
    #[error("not proven to be a message for this receiver: {}", .0.error)]
    Unverified(Reason<E>),
    /// It is no message of this channel, and not proven to be the platform's (400).
    #[error("no message of this channel: {}", .0.error)]
    Malformed(Reason<E>),
    /// It is the platform's, but does not open or cannot be read (500). Look at it: the platform
    /// gives up after a few hours, or a few retries.
    #[error("genuine, but it cannot be read: {}", .0.error)]
    Unreadable(Reason<E>),
    /// It is the platform's, but another copy is in hand (503).
    #[error("verified, but not stored: another copy is being handled")]
    InHand,
    /// It is the platform's, but the store of keys failed, or exceeded its timeout (503). The
    /// store's own error may quote what was stored, and is not repeated here: the store logs it.
    #[error("verified, but not stored: the store of keys failed or exceeded its timeout: see the store's own log")]
    Store,
    /// It is the platform's, but the store of keys is late with others, and this message was not
    /// tried (503).
    #[error("verified, but not stored: the store of keys is late with other messages, so this one was not tried")]
    StoreBusy,
    /// It is the platform's, but the handler could not store it (500). The handler's own error is
    /// its [`cause`](OutsideError::cause).
    #[error("verified, but not stored: the handler failed: {0}")]
    HandlerFailed(#[source] OutsideError),
    /// It is the platform's, but the handler exceeded its timeout (500).
    #[error("verified, but not stored: the handler exceeded its timeout: let it store the message and return")]
    HandlerTooSlow,
    /// It is the platform's, but the handler panicked (500). Its panic's message may quote the
    /// message, and is not repeated here.
    #[error("verified, but not stored: the handler panicked")]
    HandlerPanicked,
    /// It is the platform's, but the handler outlasted its lease, and another copy took over (503).
    #[error("verified, but not stored: the handler outlasted its lease, and another copy took over")]
    LeaseLapsed,
    /// The signature was committed with another message (401). A stranger recorded it and sends it
    /// again, or, in a push's plain mode, sent a forged message under it before the genuine one
    /// came.
    #[error("verified, but not stored: the signature was used before, with another message")]
    Replayed,
}

impl<E: Error + 'static> WebhookError<E> {
    /// Not proven to be the platform's, under this name in traces. Any client can cause it: it is
    /// counted, unless it is [`everyday`](Self::everyday) or [`alarming`](Self::alarming).
    pub const fn unverified(name: &'static str, error: E) -> Self {
        Self::Unverified(Reason { error, name, weight: Weight::Strange })
    }

    /// No message of this channel. Any client can cause it: it is counted.
    pub const fn malformed(error: E) -> Self {
        Self::Malformed(Reason { error, name: "malformed", weight: Weight::Strange })
    }

    /// The platform's, but it does not open or cannot be read. It wants attention.
    pub const fn unreadable(error: E) -> Self {
        Self::Unreadable(Reason { error, name: "unreadable", weight: Weight::Alarming })
    }

    /// The platform sends this every day: it is neither counted nor an alarm.
    #[must_use]
    pub fn everyday(self) -> Self {
        self.weighing(Weight::Everyday)
    }

    /// A genuine message is not getting through: it wants attention.
    #[must_use]
    pub fn alarming(self) -> Self {
        self.weighing(Weight::Alarming)
    }

    fn weighing(mut self, weight: Weight) -> Self {
        if let Self::Unverified(reason) | Self::Malformed(reason) | Self::Unreadable(reason) = &mut self {
            reason.weight = weight;
        }
        self
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Body(BodyError::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Body(BodyError::TimedOut) => StatusCode::REQUEST_TIMEOUT,
            Self::Body(BodyError::NoRoom) | Self::InHand | Self::Store | Self::StoreBusy | Self::LeaseLapsed => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Body(_) | Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Unverified(_) | Self::Replayed => StatusCode::UNAUTHORIZED,
            Self::Unreadable(_) | Self::HandlerFailed(_) | Self::HandlerTooSlow | Self::HandlerPanicked => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// Whether a person should look: a genuine message is not getting through.
    #[must_use]
    pub const fn wants_attention(&self) -> bool {
        matches!(self.weight(), Weight::Alarming)
    }

    /// How much it says to a reader of the log.
    pub(crate) const fn weight(&self) -> Weight {
        match self {
            Self::Method | Self::NotFound | Self::Body(_) => Weight::Strange,
            Self::Unverified(reason) | Self::Malformed(reason) | Self::Unreadable(reason) => reason.weight,
            // Copies in hand are everyday.
            Self::InHand => Weight::Everyday,
            Self::Store
            | Self::StoreBusy
            | Self::HandlerFailed(_)
            | Self::HandlerTooSlow
            | Self::HandlerPanicked
            | Self::LeaseLapsed
            | Self::Replayed => Weight::Alarming,
        }
    }

    /// Its name in traces.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Method => "wrong-method",
            Self::NotFound => "wrong-path",
            Self::Body(BodyError::NoRoom) => "no-room",
            Self::Body(_) => "bad-body",
            Self::Unverified(reason) | Self::Malformed(reason) | Self::Unreadable(reason) => reason.name,
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

/// A channel's error of a message that does not open, and what it means to a reader of the log.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Reason<E> {
    /// The channel's error.
    pub error: E,
    name: &'static str,
    weight: Weight,
}
