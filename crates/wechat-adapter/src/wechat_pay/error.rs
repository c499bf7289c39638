//! The error of a call.

use protocol_core::call::CallError;
use protocol_core::wechat_pay::{RefusalProof, ResponseError};

/// A call that did not succeed. The cause of [`CallError::Send`] is a
/// [`SendError`](http_transport::SendError).
pub type Error = CallError<ResponseError>;

/// Status and code of a refusal.
pub(crate) fn refusal(error: &Error) -> Option<(u16, Option<&str>)> {
    error.response().and_then(ResponseError::refusal)
}

/// Whether the platform refused in proven words.
pub(crate) fn is_proven_refusal(error: &Error) -> bool {
    matches!(error.response(), Some(ResponseError::Rejected { proof: RefusalProof::Verified, .. }))
}

/// `RESOURCE_NOT_EXISTS`, whatever its status.
pub(crate) fn is_not_there(error: &Error) -> bool {
    refusal(error).is_some_and(|(_, code)| code == Some("RESOURCE_NOT_EXISTS"))
}
