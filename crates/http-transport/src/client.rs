//! The client: one request, one response, one deadline over both.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderValue, TRANSFER_ENCODING, USER_AGENT};
use http::uri::Scheme;
use http::{Method, Request, Response, Version};
use http_body_util::Full;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::capture_connection;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower_service::Service;

use crate::body::{Stopped, gather};
use crate::config::{ClientConfig, Deadline, MaxBody, Resolve};
use crate::connect::{ConnectError, Connector};
use crate::error::{BoxError, ConfigError, SendError, SendErrorKind};

/// The largest head of a response, in bytes. It is refused when its end has not come by then; what
/// is read at once may overshoot.
pub const MAX_RESPONSE_HEAD: usize = 64 * 1024;

/// The most headers in a response.
pub const MAX_RESPONSE_HEADERS: usize = 100;

/// An HTTPS client. Clones share its connections.
///
/// HTTP/1.1 to absolute `https` URLs. Redirects are responses like any other. Only a request that
/// was certainly never written is tried on another connection by itself. It runs on tokio. A future
/// that is dropped closes its connection.
#[derive(Clone)]
pub struct HttpsClient {
    shared: Arc<Shared>,
}

struct Shared {
    pool: legacy::Client<Connector, Full<Bytes>>,
    config: ClientConfig,
    user_agent: Option<HeaderValue>,
}

/// A failure, before it is known whether the request had left.
type Failure = (SendErrorKind, BoxError);

impl HttpsClient {
    /// A client; it connects when it sends.
    ///
    /// # Errors
    ///
    /// [`ConfigError`]: roots that cannot be read, a user agent that is no header value, no TLS
    /// provider.
    pub fn new(config: ClientConfig) -> Result<Self, ConfigError> {
        let user_agent = match &config.user_agent {
            None => None,
            Some(name) => Some(HeaderValue::from_str(name).map_err(|_| ConfigError::UserAgent)?),
        };
        let pool = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(config.idle_timeout)
            .pool_max_idle_per_host(config.max_idle_per_host)
            .http1_max_buf_size(MAX_RESPONSE_HEAD)
            .http1_max_headers(MAX_RESPONSE_HEADERS)
            // Canceled means that not a byte was written: it cannot take effect twice.
            .retry_canceled_requests(true)
            .build(Connector::new(&config)?);
        Ok(Self { shared: Arc::new(Shared { pool, config, user_agent }) })
    }

    /// Sends a request and collects its response.
    ///
    /// The extensions [`Deadline`] and [`MaxBody`] of the request bound this one. `Content-Length`
    /// is set from the body, `Host` from the URL unless it is there.
    ///
    /// # Errors
    ///
    /// [`SendError`]. A response of any status is no error.
    pub async fn send(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, SendError> {
        let config = &self.shared.config;
        let limit = request.extensions().get::<MaxBody>().map_or(config.max_response_body, |own| own.0);
        let deadline = request.extensions().get::<Deadline>().map_or(config.deadline, |own| own.0);
        self.prepare(&mut request)?;
        // Filled in when the request is handed to a connection; until then nothing can have been
        // written.
        let handed_over = capture_connection(&mut request);
        let outcome = tokio::time::timeout(deadline, self.exchange(request, limit)).await;
        let may_have_been_sent = handed_over.connection_metadata().is_some();
        match outcome {
            Ok(Ok(response)) => Ok(response),
            Ok(Err((kind, source))) => Err(SendError::new(kind, may_have_been_sent, Some(source))),
            Err(_) => Err(SendError::new(SendErrorKind::Timeout, may_have_been_sent, None)),
        }
    }

    /// Refuses what must not be sent, and sets the headers that follow from the rest.
    fn prepare(&self, request: &mut Request<Bytes>) -> Result<(), SendError> {
        let refuse = |why: &'static str| Err(SendError::not_sent(SendErrorKind::Request, why));
        let config = &self.shared.config;
        let uri = request.uri();
        match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => {}
            Some(scheme) if *scheme == Scheme::HTTP && config.allow_http => {
                if config.proxy.is_some() {
                    return refuse("a URL with the scheme http does not go through a proxy");
                }
            }
            _ => return refuse("the URL must be absolute, with the scheme https"),
        }
        if uri.host().is_none_or(str::is_empty) {
            return refuse("the URL has no host");
        }
        if config.resolve == Resolve::Public && uri.host().is_some_and(is_address) {
            return refuse("the URL has an address in place of a name");
        }
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return refuse("the URL holds a user name or password");
        }
        if request.method() == Method::CONNECT {
            return refuse("the method CONNECT is for proxies");
        }
        if request.version() != Version::HTTP_11 {
            return refuse("only HTTP/1.1 is spoken");
        }
        let length = request.body().len();
        let bare = length == 0 && matches!(*request.method(), Method::GET | Method::HEAD | Method::DELETE);
        let headers = request.headers_mut();
        headers.remove(TRANSFER_ENCODING);
        if bare {
            headers.remove(CONTENT_LENGTH);
        } else {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        if let Some(user_agent) = &self.shared.user_agent {
            headers.entry(USER_AGENT).or_insert_with(|| user_agent.clone());
        }
        Ok(())
    }

    async fn exchange(&self, request: Request<Bytes>, limit: usize) -> Result<Response<Bytes>, Failure> {
        let response = self.shared.pool.request(request.map(Full::new)).await.map_err(no_response)?;
        let (head, body) = response.into_parts();
        match gather(body, limit).await {
            Ok(body) => Ok(Response::from_parts(head, body)),
            Err(Stopped::TooLarge) => {
                let source = "the body of the response is larger than allowed";
                Err((SendErrorKind::ResponseTooLarge { limit }, source.into()))
            }
            Err(Stopped::Broken(error)) => Err(half_response(error)),
        }
    }
}

impl Service<Request<Bytes>> for HttpsClient {
    type Response = Response<Bytes>;
    type Error = SendError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Bytes>, SendError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let client = self.clone();
        Box::pin(async move { client.send(request).await })
    }
}

impl fmt::Debug for HttpsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpsClient").field("config", &self.shared.config).finish_non_exhaustive()
    }
}

/// Whether a host is an address, in brackets if it is IPv6: it would not be resolved.
fn is_address(host: &str) -> bool {
    host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok()
}

/// The trouble was before the end of the response's head.
fn no_response(error: legacy::Error) -> Failure {
    let source = error.source();
    let kind = if error.is_connect() {
        match source.and_then(|source| source.downcast_ref::<ConnectError>()) {
            Some(ConnectError::TimedOut) => SendErrorKind::Timeout,
            Some(ConnectError::Tls(_)) => SendErrorKind::Tls,
            Some(ConnectError::Dial(_)) | None => SendErrorKind::Connect,
        }
    } else {
        match source.and_then(|source| source.downcast_ref::<hyper::Error>()) {
            Some(error) if error.is_parse() => SendErrorKind::Response,
            _ => SendErrorKind::Io,
        }
    };
    (kind, error.into())
}

/// The trouble was in the response's body. An end before its time is the peer's doing; all else is
/// the connection's.
fn half_response(error: hyper::Error) -> Failure {
    let kind = match error.source().and_then(|source| source.downcast_ref::<io::Error>()) {
        Some(io)
            if !matches!(
                io.kind(),
                io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
            ) =>
        {
            SendErrorKind::Io
        }
        _ => SendErrorKind::Response,
    };
    (kind, error.into())
}
