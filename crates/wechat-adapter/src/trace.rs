//! The events for `tracing`: the operation, the attempt, its outcome and the platform's request id.
//! They never hold a body, a target or a header, which contain personal data.

#[cfg(feature = "tracing")]
use tracing::{Level, event};

use crate::wechat_pay::Error;

/// One attempt of a call has ended.
pub(crate) fn attempt(operation: &'static str, attempt: u32, request_id: Option<&str>, outcome: &Result<(), &Error>) {
    #[cfg(feature = "tracing")]
    match outcome {
        Ok(()) => event!(Level::DEBUG, operation, attempt, request_id, outcome = "done"),
        Err(error) => event!(Level::WARN, operation, attempt, request_id, outcome = outcome_of(error)),
    }
    #[cfg(not(feature = "tracing"))]
    let _ = (operation, attempt, request_id, outcome);
}

/// The platform's certificates were requested.
pub(crate) fn certificates(outcome: &'static str) {
    #[cfg(feature = "tracing")]
    event!(Level::DEBUG, operation = "certificates", outcome);
    #[cfg(not(feature = "tracing"))]
    let _ = outcome;
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
    use protocol_core::wechat_pay::ResponseError;

    match error {
        Error::Build(_) => "not-built",
        Error::Credential(_) => "no-credential",
        Error::OverRate { .. } => "over-rate",
        Error::Send(error) if error.failure().may_have_happened => "broken",
        Error::Send(_) => "not-sent",
        Error::Response(ResponseError::Rejected { .. }) => "refused",
        Error::Response(ResponseError::Verification(_)) => "unproven",
        Error::Response(ResponseError::NotFinished) => "unfinished",
        Error::Response(_) => "malformed",
        Error::AfterUnknown(error) | Error::Unprepared { error, .. } => outcome_of(error),
        Error::Unreadable(_) => "unreadable",
        Error::StalePages => "stale-pages",
        Error::NotConverged { .. } => "not-converged",
        _ => "incomplete",
    }
}

/// Runs a future inside the span of a call.
#[cfg(feature = "tracing")]
pub(crate) async fn call<T>(operation: &'static str, future: impl Future<Output = T>) -> T {
    use tracing::Instrument as _;

    future.instrument(tracing::info_span!("wechat_pay", operation)).await
}

/// Runs a future.
#[cfg(not(feature = "tracing"))]
pub(crate) async fn call<T>(_: &'static str, future: impl Future<Output = T>) -> T {
    future.await
}
