//! Bodies that come in, collected within bounds.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::Full;
use http_transport::{BodyError, ListenerConfig, collect};
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::peer::{PATIENCE, Serving, text};

/// Pieces of a body, and then its end, an error or nothing.
pub(crate) struct Pieces {
    left: Vec<&'static str>,
    pub(crate) then: Poll<Option<Result<Frame<Bytes>, &'static str>>>,
    polled: Arc<AtomicUsize>,
}

impl Pieces {
    pub(crate) fn new(left: &[&'static str]) -> Self {
        Self { left: left.iter().rev().copied().collect(), then: Poll::Ready(None), polled: Arc::default() }
    }

    pub(crate) fn then(self, then: Poll<Option<Result<Frame<Bytes>, &'static str>>>) -> Self {
        Self { then, ..self }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        self.polled.fetch_add(1, Ordering::SeqCst);
        match self.left.pop() {
            Some(piece) => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(piece.as_bytes()))))),
            None => std::mem::replace(&mut self.then, Poll::Pending),
        }
    }
}

#[tokio::test]
async fn up_to_the_bound() {
    for pieces in [&["12345678"][..], &["1234", "5678"], &["", "1", "", "2345", "678"], &["1234", "5678", "", ""]] {
        assert_eq!(collect(Pieces::new(pieces), 8, PATIENCE).await.unwrap(), "12345678");
        assert_eq!(collect(Pieces::new(pieces), 7, PATIENCE).await, Err(BodyError::TooLarge { limit: 7 }));
    }
    assert_eq!(collect(Pieces::new(&[]), 0, PATIENCE).await.unwrap(), "");
}

#[tokio::test]
async fn no_more_is_read_than_shows_it_is_too_much() {
    let body = Pieces::new(&["1234"; 1000]);
    let polled = Arc::clone(&body.polled);
    assert_eq!(collect(body, 10, PATIENCE).await, Err(BodyError::TooLarge { limit: 10 }));
    assert_eq!(polled.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn bodies_that_stop_or_break() {
    let mut body = Pieces::new(&["1234"]);
    body.then = Poll::Pending;
    assert_eq!(collect(body, 10, Duration::from_millis(20)).await, Err(BodyError::TimedOut));
    let mut body = Pieces::new(&["1234"]);
    body.then = Poll::Ready(Some(Err("broken")));
    assert_eq!(collect(body, 10, PATIENCE).await, Err(BodyError::Broken));
}

const LIMIT: usize = 64 * 1024;

async fn collecting(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    collecting_within(request, PATIENCE).await
}

async fn collecting_within(request: Request<Incoming>, timeout: Duration) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(match collect(request.into_body(), LIMIT, timeout).await {
        Ok(body) => text(body.len().to_string()),
        Err(error) => {
            let mut response = text(format!("{error:?}"));
            *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
            response
        }
    })
}

#[tokio::test]
async fn a_gigabyte_announced_is_refused_unread() {
    let listener = Serving::new(ListenerConfig::default(), collecting).await;
    // Not a byte of it is ever sent, and the caller waits for none.
    let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1073741824\r\n\r\n";
    let response = listener.exchange(head.as_bytes()).await;
    assert!(response.starts_with("HTTP/1.1 413 ") && response.ends_with("TooLarge { limit: 65536 }"), "{response}");
    // A client that asks first learns it without `100 Continue`.
    let head = head.replace("Host: h", "Host: h\r\nExpect: 100-continue");
    let response = listener.exchange(head.as_bytes()).await;
    assert!(response.starts_with("HTTP/1.1 413 "), "{response}");
}

#[tokio::test]
async fn endless_chunks_are_cut_off() {
    let listener = Serving::new(ListenerConfig::default(), collecting).await;
    let mut stream = listener.connect().await;
    stream.write_all(b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
    let chunk = [&b"1000\r\n"[..], &[b'x'; 0x1000], b"\r\n"].concat();
    let mut sent = 0;
    let sending = async {
        // More than every buffer between holds; the listener closes long before the gigabyte.
        while sent < 1 << 30 && stream.write_all(&chunk).await.is_ok() {
            sent += chunk.len();
        }
    };
    tokio::time::timeout(PATIENCE, sending).await.unwrap();
    assert!(sent < 64 << 20, "{sent} bytes were taken");
}

#[tokio::test]
async fn bodies_on_the_wire() {
    let listener = Serving::new(ListenerConfig::default(), collecting).await;
    for length in [0, 1, LIMIT] {
        let head = format!("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
        let response = listener.exchange(&[head.as_bytes(), &vec![b'x'; length]].concat()).await;
        assert!(response.ends_with(&format!("\r\n\r\n{length}")), "{response}");
    }
    // One byte too few: it does not come in time.
    let short = |request| collecting_within(request, Duration::from_millis(100));
    let listener = Serving::new(ListenerConfig::default(), short).await;
    let mut stream = listener.connect().await;
    stream.write_all(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nx").await.unwrap();
    let mut response = [0; 12];
    stream.read_exact(&mut response).await.unwrap();
    assert_eq!(&response, b"HTTP/1.1 413");
}
