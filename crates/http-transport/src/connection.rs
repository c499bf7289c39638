//! One accepted connection: handshake, requests, and the clock over each exchange.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderValue, Request, Response, StatusCode, Version, header};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tower_service::Service;

use crate::clock::{Clock, overdue};
use crate::error::BoxError;
use crate::guarded::{Guarded, lock};
use crate::heads::{Heads, Verdict};
use crate::listener::{ListenerConfig, MIN_HEADER_BYTES};
use crate::proof::Place;
use crate::tls::ServerTls;

/// The inputs for serving a connection; cloned for each.
#[derive(Clone)]
pub(crate) struct Connection {
    http: http1::Builder,
    tls: Option<ServerTls>,
    header_timeout: Duration,
    request_timeout: Option<Duration>,
    /// Closes when the listener shuts down.
    stopping: watch::Receiver<()>,
}

impl Connection {
    pub(crate) fn new(config: ListenerConfig, stopping: watch::Receiver<()>) -> Self {
        let header_timeout = config.header_timeout.min(LONGEST);
        let mut http = http1::Builder::new();
        // The head's timeout is the clock's.
        http.header_read_timeout(None)
            .max_headers(config.max_headers)
            .max_buf_size(config.max_header_bytes.max(MIN_HEADER_BYTES));
        Self {
            http,
            tls: config.tls,
            header_timeout,
            request_timeout: config.request_timeout.map(|timeout| timeout.min(LONGEST)),
            stopping,
        }
    }

    /// Serves until the peer, the clock or the listener closes the connection, or until its place
    /// goes to another.
    pub(crate) async fn serve<I, S, B>(self, stream: I, place: Place, service: S)
    where
        I: AsyncRead + AsyncWrite + Unpin + 'static,
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        B: Body + 'static,
        B::Error: Into<BoxError>,
    {
        let place = Arc::new(place);
        tokio::select! {
            biased;
            () = place.evicted() => {}
            () = self.handshake(stream, Arc::clone(&place), service) => {}
        }
    }

    async fn handshake<I, S, B>(mut self, stream: I, place: Arc<Place>, service: S)
    where
        I: AsyncRead + AsyncWrite + Unpin + 'static,
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        B: Body + 'static,
        B::Error: Into<BoxError>,
    {
        let Some(tls) = self.tls.take() else { return self.exchanges(stream, place, service).await };
        let handshake = tokio::time::timeout(self.header_timeout, tls.acceptor().accept(stream));
        let handshake = tokio::select! {
            _ = self.stopping.changed() => return,
            handshake = handshake => handshake,
        };
        if let Ok(Ok(stream)) = handshake {
            self.exchanges(stream, place, service).await;
        }
    }

    async fn exchanges<I, S, B>(mut self, stream: I, place: Arc<Place>, service: S)
    where
        I: AsyncRead + AsyncWrite + Unpin + 'static,
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        B: Body + 'static,
        B::Error: Into<BoxError>,
    {
        let clock = Arc::new(Clock::new(self.header_timeout, self.request_timeout));
        let heads = Arc::new(Mutex::new(Heads::new()));
        let stream = TokioIo::new(Guarded::new(stream, Arc::clone(&clock), Arc::clone(&heads)));
        let watched = Arc::clone(&clock);
        let service = service_fn(move |mut request: Request<Incoming>| {
            let mut service = service.clone();
            let clock = Arc::clone(&clock);
            clock.begin();
            let exchange = place.exchange();
            request.extensions_mut().insert(exchange.proof());
            let mut verdict = lock(&heads).read(request.body().size_hint().exact());
            if !names_its_host(&request) {
                verdict = Verdict::Refused;
            }
            async move {
                let mut response = if verdict == Verdict::Refused {
                    refusal()
                } else {
                    poll_fn(|context| service.poll_ready(context)).await?;
                    service.call(request).await?.map(|body| Some(Box::pin(body)))
                };
                drop(exchange);
                let status = response.status();
                if verdict != Verdict::Served || status.is_client_error() || status.is_server_error() {
                    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, S::Error>(response.map(|body| TimedBody { body, error: None, _end: End(clock) }))
            }
        });
        let mut serving = pin!(self.http.serve_connection(stream, service));
        let mut overdue = pin!(overdue(&watched));
        let mut stopping = false;
        loop {
            tokio::select! {
                // The clock is looked at after the connection, whose exchanges it is over.
                biased;
                // A client's fault concerns no other.
                _ = serving.as_mut() => return,
                () = overdue.as_mut() => return,
                _ = self.stopping.changed(), if !stopping => {
                    stopping = true;
                    serving.as_mut().graceful_shutdown();
                }
            }
        }
    }
}

/// Serves one connection over any stream, in the clear, as a listener does.
#[cfg(fuzzing)]
pub async fn serve_in_memory<I, S, B>(stream: I, config: ListenerConfig, service: S)
where
    I: AsyncRead + AsyncWrite + Unpin + 'static,
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    B: Body + 'static,
    B::Error: Into<BoxError>,
{
    let (_stop, stopping) = watch::channel(());
    let Some(place) = crate::proof::Registry::new(1, 1, LONGEST).admit(crate::slots::Group::Exempt) else { return };
    Connection::new(config, stopping).serve(stream, place, service).await;
}

/// As long as a timeout can be without the sum with today's instant running over.
pub(crate) const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Whether a request has the one `Host` that HTTP/1.1 demands.
fn names_its_host<B>(request: &Request<B>) -> bool {
    request.version() != Version::HTTP_11 || request.headers().get_all(header::HOST).iter().count() == 1
}

/// The response to a malformed head.
fn refusal<B>() -> Response<Option<B>> {
    let mut refusal = Response::new(None);
    *refusal.status_mut() = StatusCode::BAD_REQUEST;
    refusal
}

/// The service's response, or an empty one. The clock is told of its end.
struct TimedBody<B> {
    body: Option<Pin<Box<B>>>,
    error: Option<BoxError>,
    _end: End,
}

struct End(Arc<Clock>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.ended();
    }
}

impl<B> Body for TimedBody<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, BoxError>>> {
        if let Some(error) = self.error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        match body.as_mut().poll_frame(context) {
            Poll::Ready(Some(Err(error))) => {
                // An error makes hyper forget what it has not written yet. While a body pauses,
                // hyper writes.
                self.error = Some(error.into());
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(Ok(frame))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.error.is_none() && self.body.as_ref().is_none_or(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), |body| body.size_hint())
    }
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
