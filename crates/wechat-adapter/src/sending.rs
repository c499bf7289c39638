//! The sending of one request of either channel, and the meaning of a transport's error for a call.

use bytes::Bytes;
use http::header::HeaderValue;
use http_transport::{SendError, SendErrorKind, Transport, carry};
use protocol_core::call::{CallError, OutsideError};
use protocol_core::{Delivery, Failure, Fault};

const NAME: &str = concat!("wechat-adapter/", env!("CARGO_PKG_VERSION"));

/// A nonce for one request.
pub(crate) fn nonce() -> String {
    std::iter::repeat_with(fastrand::alphanumeric).take(32).collect()
}

/// Sends a request, and reads a response with a body of at most `max_body` bytes.
pub(crate) async fn send<S: Transport>(
    transport: &S,
    request: Result<http::Request<Vec<u8>>, http::Error>,
    max_body: usize,
) -> Result<http::Response<Bytes>, SendError> {
    carry(transport, HeaderValue::from_static(NAME), request, max_body).await
}

/// A request that got no response: the next attempt goes to another host.
pub(crate) fn of_sending<R>(error: SendError) -> CallError<R> {
    let delivery = if error.may_have_been_sent() { Delivery::Unknown } else { Delivery::NotSent };
    let is_final = matches!(error.kind(), SendErrorKind::Request | SendErrorKind::ResponseTooLarge { .. });
    let failure = Failure::new(Fault::Network, delivery).with_is_retryable(!is_final).with_is_at_this_host(true);
    CallError::Send(OutsideError::new(failure, error))
}
