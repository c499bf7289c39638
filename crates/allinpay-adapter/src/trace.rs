//! The events for `tracing`: the operation, the attempt and its outcome. They never hold a
//! parameter, a body or the platform's words, which are personal data.

#[cfg(feature = "tracing")]
use tracing::{Level, event};

use crate::error::Error;

/// One attempt of a call has ended.
pub(crate) fn attempt(operation: &'static str, attempt: u32, outcome: &Result<(), &Error>) {
    #[cfg(feature = "tracing")]
    match outcome {
        Ok(()) => event!(Level::DEBUG, operation, attempt, outcome = "done"),
        Err(error) => event!(Level::WARN, operation, attempt, outcome = outcome_of(error)),
    }
    #[cfg(not(feature = "tracing"))]
    let _ = (operation, attempt, outcome);
}

/// A document was read that came with an unknown `handlestate`.
pub(crate) fn unclear(operation: &'static str) {
    #[cfg(feature = "tracing")]
    event!(Level::WARN, operation, outcome = "unknown-handlestate");
    #[cfg(not(feature = "tracing"))]
    let _ = operation;
}

/// A poller has read everything once.
pub(crate) fn round(complaints: usize) {
    #[cfg(feature = "tracing")]
    event!(Level::DEBUG, operation = "poll", complaints, outcome = "done");
    #[cfg(not(feature = "tracing"))]
    let _ = complaints;
}

#[cfg(feature = "tracing")]
fn outcome_of(error: &Error) -> &'static str {
    use protocol_core::allinpay::ResponseError;

    match error {
        Error::Build(_) => "not-built",
        Error::Credential(_) => "no-credential",
        Error::OverRate { .. } => "over-rate",
        Error::Send(error) if error.failure().may_have_happened => "broken",
        Error::Send(_) => "not-sent",
        Error::Response(ResponseError::Status { .. }) => "status",
        Error::Response(ResponseError::Rejected { .. } | ResponseError::Refused(_)) => "refused",
        Error::Response(ResponseError::Unclear(_)) => "unclear",
        Error::Response(ResponseError::Failed { .. }) => "failed",
        Error::Response(
            ResponseError::NoSignature(_)
            | ResponseError::BadSignature
            | ResponseError::WrongAppid
            | ResponseError::Replayed,
        ) => "unproven",
        Error::Response(_) => "malformed",
        Error::AfterUnknown(error) | Error::Unprepared { error, .. } => outcome_of(error),
        Error::Unreadable(_) => "unreadable",
        _ => "incomplete",
    }
}

/// Runs a future inside the span of a call.
#[cfg(feature = "tracing")]
pub(crate) async fn call<T>(operation: &'static str, future: impl Future<Output = T>) -> T {
    use tracing::Instrument as _;

    future.instrument(tracing::info_span!("allinpay", operation)).await
}

/// Runs a future.
#[cfg(not(feature = "tracing"))]
pub(crate) async fn call<T>(_: &'static str, future: impl Future<Output = T>) -> T {
    future.await
}
