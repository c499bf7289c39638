//! The bytes of one connection, cut anywhere: the service gets the requests that a strict reader
//! finds in them, each with its body and with one `Host`, and none after a refusal, which closes
//! the connection. Without a refusal it got all complete ones.
//!
//! The first line of an input says how it is cut: each of its bytes is the length of a piece, over
//! and over.
#![no_main]

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response, StatusCode, Version, header};
use http_transport::{BodyError, ListenerConfig, collect, serve_in_memory};
use hyper::body::Incoming;
use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
use tokio::time::Instant;
use tower_service::Service;

/// As long as a head may take. No refused request waits that long.
const HEADER_TIMEOUT: Duration = Duration::from_secs(60);

/// The largest body, in bytes.
const MAX_BODY: usize = 256;

/// A request that reached the service: method, and body if it is complete.
type Seen = Arc<Mutex<Vec<(String, Option<Vec<u8>>)>>>;

#[derive(Clone)]
struct Recording(Seen);

impl Service<Request<Incoming>> for Recording {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<String>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        let seen = Arc::clone(&self.0);
        Box::pin(async move {
            if request.version() == Version::HTTP_11 {
                assert_eq!(request.headers().get_all(header::HOST).iter().count(), 1);
            }
            let number = seen.lock().unwrap().len();
            seen.lock().unwrap().push((request.method().to_string(), None));
            let mut response = Response::new(String::new());
            // Some are refused before their body is read, some after, and most are not.
            *response.status_mut() = match request.uri().path() {
                "/unread" => StatusCode::UNAUTHORIZED,
                _ => match collect(request.into_body(), MAX_BODY, Duration::from_secs(5)).await {
                    Ok(body) => {
                        seen.lock().unwrap()[number].1 = Some(body.to_vec());
                        StatusCode::OK
                    }
                    Err(BodyError::TimedOut) => StatusCode::REQUEST_TIMEOUT,
                    Err(_) => StatusCode::PAYLOAD_TOO_LARGE,
                },
            };
            Ok(response)
        })
    }
}

/// A request that a strict reader finds.
#[derive(Debug)]
struct Found {
    method: String,
    /// Set if the body is complete and its length is known.
    body: Option<Vec<u8>>,
    /// No other follows on its connection, or none need follow.
    last: bool,
}

/// The requests that a strict reader finds. It stops where heads end otherwise than they have to,
/// and after a body in chunks.
fn strictly(mut bytes: &[u8]) -> Vec<Found> {
    let mut requests = Vec::new();
    loop {
        while let Some(rest) = bytes.strip_prefix(b"\r\n") {
            bytes = rest;
        }
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return requests };
        let head = &bytes[..end];
        bytes = &bytes[end + 4..];
        // The lossy part is in no method and no length.
        let lines = String::from_utf8_lossy(head).replace("\r\n", "\0");
        if lines.contains(['\r', '\n']) {
            return requests;
        }
        let mut lines = lines.split('\0');
        let first = lines.next().unwrap_or_default();
        let method = first.split(' ').next().unwrap_or_default().to_owned();
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let closes =
            |(name, value): &(String, String)| name == "connection" && value.to_ascii_lowercase().contains("close");
        let last = !first.ends_with("HTTP/1.1") || method == "CONNECT" || headers.iter().any(closes);
        if headers.iter().any(|(name, _)| name == "transfer-encoding") {
            requests.push(Found { method, body: None, last });
            return requests;
        }
        let length = headers
            .iter()
            .find(|(name, _)| name == "content-length")
            .map_or(Ok(0), |(_, value)| value.parse::<usize>());
        match length {
            Ok(length) if length <= bytes.len() => {
                requests.push(Found { method, body: Some(bytes[..length].to_vec()), last });
                bytes = &bytes[length..];
            }
            _ => {
                requests.push(Found { method, body: None, last });
                return requests;
            }
        }
    }
}

/// The status of each response. All of them have no body.
fn statuses(mut text: &str) -> Vec<u16> {
    let mut statuses = Vec::new();
    while let Some((head, rest)) = text.split_once("\r\n\r\n") {
        assert!(head.starts_with("HTTP/1.1 ") || head.starts_with("HTTP/1.0 "), "{head}");
        statuses.push(head[9..12].parse().expect("a status"));
        text = rest;
    }
    assert_eq!(text, "");
    statuses
}

fuzz_target!(|bytes: &[u8]| {
    let Some(end) = bytes.iter().position(|&byte| byte == b'\n') else { return };
    let (cuts, sent) = (&bytes[..end], &bytes[end + 1..]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let seen = Seen::default();
    let (received, elapsed) = runtime.block_on(async {
        let (ours, peer) = duplex(16 * 1024);
        let config = ListenerConfig::default().with_header_timeout(HEADER_TIMEOUT).with_max_headers(8);
        let serving = serve_in_memory(ours, config, Recording(Arc::clone(&seen)));
        let (mut reading, mut writing) = tokio::io::split(peer);
        let sending = async {
            let (mut left, mut cuts) = (sent, cuts.iter().cycle());
            while !left.is_empty() {
                let length = cuts.next().map_or(left.len(), |&cut| usize::from(cut).clamp(1, left.len()));
                if writing.write_all(&left[..length]).await.is_err() {
                    break;
                }
                left = &left[length..];
                tokio::task::yield_now().await;
            }
        };
        let began = Instant::now();
        let receiving = async {
            let mut received = String::new();
            reading.read_to_string(&mut received).await.expect("text");
            (received, began.elapsed())
        };
        tokio::join!(serving, sending, receiving).2
    });

    let statuses = statuses(&received);
    let refused = statuses.iter().position(|&status| status >= 400);
    if let Some(refused) = refused {
        assert_eq!(refused + 1, statuses.len(), "nothing follows a refusal: {statuses:?}");
        assert!(elapsed < HEADER_TIMEOUT, "a refusal closes the connection");
    }
    let (seen, expected) = (seen.lock().unwrap(), strictly(sent));
    assert!(seen.len() <= expected.len(), "{seen:?} {expected:?}");
    for ((method, body), found) in seen.iter().zip(&expected) {
        assert_eq!(method, &found.method);
        if let (Some(body), Some(known)) = (body, &found.body) {
            assert_eq!(body, known);
        }
    }
    if refused.is_none() {
        let followed = expected.iter().position(|found| found.last).map_or(expected.len(), |last| last + 1);
        let complete = expected[..followed].iter().take_while(|found| found.body.is_some()).count();
        assert!(seen.len() >= complete, "{seen:?} {expected:?}");
        assert!(seen[..complete].iter().all(|(_, body)| body.is_some()), "{seen:?} {expected:?}");
    }
});
