//! The meaning of a transport's error for a call.

use http_transport::{SendError, SendErrorKind};
use protocol_core::call::{CallError, OutsideError};
use protocol_core::{Delivery, Failure, Fault};

/// A request that got no response: the next attempt goes to another host.
pub(crate) fn of_sending<R>(error: SendError) -> CallError<R> {
    let delivery = if error.may_have_been_sent() { Delivery::Unknown } else { Delivery::NotSent };
    let is_final = matches!(error.kind(), SendErrorKind::Request | SendErrorKind::ResponseTooLarge { .. });
    let failure = Failure::new(Fault::Network, delivery).with_is_retryable(!is_final).with_is_at_this_host(true);
    CallError::Send(OutsideError::new(failure, error))
}
