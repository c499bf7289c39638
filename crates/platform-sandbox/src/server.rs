//! The listener's service. A request has one response, or none.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_transport::Proof;
use hyper::body::Incoming;
use tower_service::Service;

use crate::platform::Platform;
use crate::response_body::ResponseBody;
use crate::transfer::{BodyFault, Served};
use crate::{admin, allinpay, linked, mini_program};

/// More than the 2 MiB of an image and its multipart frame.
const MAX_BODY: usize = 4 * 1024 * 1024;
const BODY_TIMEOUT: Duration = Duration::from_secs(120);

/// Serves the platforms and the admin interface.
#[derive(Clone, Debug)]
pub(crate) struct Server(pub(crate) Arc<Platform>);

/// The connection closes without a response: by a fault, or since a change was not kept.
#[derive(Debug)]
pub(crate) struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the sandbox drops the connection")
    }
}

impl std::error::Error for Dropped {}

impl Service<Request<Incoming>> for Server {
    type Response = Response<ResponseBody>;
    type Error = Dropped;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Dropped>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Dropped>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        let platform = Arc::clone(&self.0);
        Box::pin(async move {
            let received = platform.receive(&request);
            let response = response(&platform, request).await;
            platform.responded(received, response.as_ref().ok().map(|response| response.status().as_u16()));
            response
        })
    }
}

/// Hands a request to the platform that has its path. A change that was not kept is not confirmed.
pub(crate) fn dispatch(platform: &Platform, request: &Request<Bytes>) -> Served {
    let served = match request.uri().path() {
        path if mini_program::is_path(path) => platform.serve_mini_program(request),
        path if linked::is_path(path) => platform.serve_linked(request),
        path if allinpay::is_path(path) => platform.serve_allinpay(request),
        _ => platform.serve_wechat_pay(request),
    };
    if platform.keep().is_ok() { served } else { Served::Drop }
}

async fn response(platform: &Platform, request: Request<Incoming>) -> Result<Response<ResponseBody>, Dropped> {
    let (head, body) = request.into_parts();
    // A sandbox has no strangers: no connection is evicted while its request is served.
    Proof::mark(&head.extensions);
    let Ok(body) = http_transport::collect(body, MAX_BODY, BODY_TIMEOUT).await else {
        let mut response = Response::new(ResponseBody::new("".into(), BodyFault::None));
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return Ok(response);
    };
    let request = Request::from_parts(head, body);
    if request.uri().path().starts_with(admin::PREFIX) {
        let response = admin::handle(platform, &request).await;
        platform.keep().map_err(|_| Dropped)?;
        return Ok(response.map(|body| ResponseBody::new(body, BodyFault::None)));
    }
    match dispatch(platform, &request) {
        Served::Drop => Err(Dropped),
        Served::Response { after, response, body } => {
            if !after.is_zero() {
                tokio::time::sleep(after).await;
            }
            Ok(response.map(|bytes| ResponseBody::new(bytes, body)))
        }
    }
}
