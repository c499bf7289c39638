//! The error of a call.

use http_transport::{SendError, SendErrorKind};
use protocol_core::allinpay::ResponseError;
use protocol_core::call::{CallError, OutsideError};
use protocol_core::{Delivery, Failure, Fault};

/// A call that did not succeed. The cause of [`CallError::Send`] is a [`SendError`].
pub type Error = CallError<ResponseError>;

/// The meaning of a transport's error for the call.
pub(crate) fn of_sending(error: SendError) -> Error {
    let delivery = if error.may_have_been_sent() { Delivery::Unknown } else { Delivery::NotSent };
    let is_final = matches!(error.kind(), SendErrorKind::Request | SendErrorKind::ResponseTooLarge { .. });
    let failure = Failure::new(Fault::Network, delivery).with_is_retryable(!is_final).with_is_at_this_host(true);
    Error::Send(OutsideError::new(failure, error))
}

/// Whether the request may still be on its way to the platform: the client, or a proxy, stopped
/// waiting first.
pub(crate) fn may_be_on_its_way(error: &Error) -> bool {
    match error {
        Error::Send(error) => error
            .cause::<SendError>()
            .is_some_and(|error| error.may_have_been_sent() && matches!(error.kind(), SendErrorKind::Timeout)),
        Error::Response(ResponseError::Status { status: 408 | 502.., .. }) => true,
        _ => false,
    }
}
