//! The events for `tracing`: the operation, the attempt, its outcome and the platform's request id.
//! They never hold a body, nor a target, which contains the token.

#[cfg(feature = "tracing")]
use tracing::{Level, event};

use super::error::Error;

/// One attempt of a call has ended.
pub(super) fn attempt(operation: &'static str, attempt: u32, outcome: Result<(), &Error>) {
    #[cfg(feature = "tracing")]
    match outcome {
        Ok(()) => event!(Level::DEBUG, operation, attempt, outcome = "done"),
        Err(error) => {
            let server = error.response();
            let rid = server.and_then(|error| error.rid());
            let code = server.and_then(|error| error.code()).map(|code| code.code());
            event!(Level::WARN, operation, attempt, rid, code, outcome = outcome_of(error));
        }
    }
    #[cfg(not(feature = "tracing"))]
    let _ = (operation, attempt, outcome);
}

#[cfg(feature = "tracing")]
fn outcome_of(error: &Error) -> &'static str {
    use protocol_core::mini_program::ResponseError;

    match error {
        Error::Build(_) => "not-built",
        Error::Credential(_) => "no-token",
        Error::OverRate { .. } => "over-rate",
        Error::Send(error) if error.failure().may_have_happened => "broken",
        Error::Send(_) => "not-sent",
        Error::Response(error) if error.is_token_error() => "token-refused",
        Error::Response(ResponseError::Refused { .. }) => "refused",
        Error::Response(ResponseError::NoResponse { .. }) => "no-response",
        Error::Response(_) => "malformed",
        Error::AfterUnknown(error) | Error::Unprepared { error, .. } => outcome_of(error),
        _ => "incomplete",
    }
}

/// Runs a future inside the span of a call.
#[cfg(feature = "tracing")]
pub(super) async fn call<T>(operation: &'static str, future: impl Future<Output = T>) -> T {
    use tracing::Instrument as _;

    future.instrument(tracing::info_span!("mini_program", operation)).await
}

/// Runs a future.
#[cfg(not(feature = "tracing"))]
pub(super) async fn call<T>(_: &'static str, future: impl Future<Output = T>) -> T {
    future.await
}
