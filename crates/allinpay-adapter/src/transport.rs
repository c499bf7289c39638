//! What carries requests.

use core::future::poll_fn;

use bytes::Bytes;
use http_transport::SendError;
use tower_service::Service;

/// What carries requests: [`HttpsClient`](http_transport::HttpsClient), or any service of the same kind. Redirects are not to be followed.
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

/// Carries one request, once the transport is ready for it.
pub(crate) async fn carry<S: Transport>(
    transport: &S,
    request: http::Request<Bytes>,
) -> Result<http::Response<Bytes>, SendError> {
    let mut transport = transport.clone();
    poll_fn(|context| transport.poll_ready(context)).await.map_err(Into::into)?;
    transport.call(request).await.map_err(Into::into)
}
