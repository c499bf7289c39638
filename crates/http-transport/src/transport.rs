//! The service that sends requests.

use std::future::poll_fn;

use bytes::Bytes;
use http::header::{HeaderValue, USER_AGENT};
use tower_service::Service;

use crate::config::MaxBody;
use crate::error::{SendError, SendErrorKind};

/// A service that sends requests: [`HttpsClient`](crate::HttpsClient), or any of the same kind.
///
/// A custom transport sends the request unchanged, target and body byte for byte. It follows no
/// redirect and gives up after a timeout. It reads no more of a response's body than the request's
/// extension [`MaxBody`](crate::MaxBody) says. Its error says whether the request may have been
/// sent. The error and its sources hold neither the target, whose query may be a secret, nor a
/// header, nor a body: errors end up in logs.
pub trait Transport:
    Service<http::Request<Bytes>, Response = http::Response<Bytes>, Error: Into<SendError>, Future: Send>
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> Transport for S where
    S: Service<http::Request<Bytes>, Response = http::Response<Bytes>, Error: Into<SendError>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// Sends one request in the name of a client (`User-Agent`), once the transport is ready for it,
/// and reads a response with a body of at most `max_body` bytes.
///
/// # Errors
///
/// [`SendError`]. A request that HTTP cannot express was not sent.
pub async fn carry<S: Transport>(
    transport: &S,
    client: HeaderValue,
    request: Result<http::Request<Vec<u8>>, http::Error>,
    max_body: usize,
) -> Result<http::Response<Bytes>, SendError> {
    let request = request.map_err(|error| SendError::not_sent(SendErrorKind::Request, error))?;
    let mut request = request.map(Bytes::from);
    request.headers_mut().insert(USER_AGENT, client);
    request.extensions_mut().insert(MaxBody(max_body));
    let mut transport = transport.clone();
    poll_fn(|context| transport.poll_ready(context)).await.map_err(Into::into)?;
    transport.call(request).await.map_err(Into::into)
}
