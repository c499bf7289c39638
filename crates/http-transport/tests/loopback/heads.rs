//! Heads that proxies and hyper read differently, and what follows a refusal.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use http_transport::{ListenerConfig, collect};
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::peer::{PATIENCE, SITE, Serving, eventually, read_to_end, text};

/// Counts what reaches it, and responds with the body.
async fn counting(request: Request<Incoming>, served: Arc<AtomicUsize>) -> Result<Response<Full<Bytes>>, Infallible> {
    served.fetch_add(1, Ordering::SeqCst);
    if request.uri().path() == "/refused" {
        let mut refusal = text("unread");
        *refusal.status_mut() = StatusCode::UNAUTHORIZED;
        return Ok(refusal);
    }
    Ok(text(collect(request.into_body(), 1 << 20, PATIENCE).await.unwrap()))
}

async fn listening(config: ListenerConfig) -> (Serving, Arc<AtomicUsize>) {
    let served = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&served);
    (Serving::new(config, move |request| counting(request, Arc::clone(&count))).await, served)
}

#[tokio::test]
async fn malformed_heads_are_refused_and_nothing_follows() {
    let (listener, served) = listening(ListenerConfig::default()).await;
    let next = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    for head in [
        // Line ends.
        "GET / HTTP/1.1\nHost: h\n\n",
        "GET / HTTP/1.1\r\nHost: h\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: y\nContent-Length: 5\r\n\r\n12345",
        "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
        // Hosts.
        "GET / HTTP/1.1\r\n\r\n",
        "GET http://h/ HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n12345",
    ] {
        let response = listener.exchange([head, next].concat().as_bytes()).await;
        assert!(
            response.starts_with("HTTP/1.1 400 ") && response.contains("connection: close\r\n"),
            "{head:?} {response}"
        );
        assert_eq!(response.matches("HTTP/1.1").count(), 1, "{head:?} {response}");
    }
    assert_eq!(served.load(Ordering::SeqCst), 0);
    // The second of two is judged alike.
    let response = listener.exchange([next, "GET / HTTP/1.1\nHost: h\r\n\r\n"].concat().as_bytes()).await;
    assert!(response.starts_with("HTTP/1.1 200 ") && response.contains("HTTP/1.1 400 "), "{response}");
    // HTTP/1.0 knows no Host.
    assert!(listener.exchange(b"GET / HTTP/1.0\r\n\r\n").await.starts_with("HTTP/1.0 200 "));
    assert_eq!(served.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn bodies_and_pipelined_requests_are_taken_for_what_they_are() {
    for config in [ListenerConfig::default(), ListenerConfig::default().with_tls(SITE.tls())] {
        let tls = format!("{config:?}").contains("ServerTls");
        let (listener, served) = listening(config).await;
        // Line feeds and whole requests within bodies, blank lines before heads, many in one piece.
        let bodies = ["a\nb\n\n", "", "GET / HTTP/1.1\nX: y\n\n", "\r\n\r\n", &"\n".repeat(40_000)];
        let one =
            |body: &str| format!("\r\nPOST / HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let mut bytes: String = bodies.iter().map(|body| one(body)).collect();
        // In chunks: the last of its connection.
        bytes.push_str("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na\nb\nc\r\n0\r\n\r\n");
        bytes.push_str(&one("lost"));
        let responses = if tls {
            let mut stream = listener.connect_tls(&[&rustls::version::TLS13]).await;
            stream.write_all(bytes.as_bytes()).await.unwrap();
            read_to_end(&mut stream).await
        } else {
            listener.exchange(bytes.as_bytes()).await
        };
        let got: Vec<&str> =
            responses.split("HTTP/1.1 200 OK\r\n").skip(1).map(|one| one.split_once("\r\n\r\n").unwrap().1).collect();
        assert_eq!(got, [&bodies[..], &["a\nb\nc"]].concat());
        assert_eq!(served.load(Ordering::SeqCst), bodies.len() + 1);
    }
}

#[tokio::test]
async fn a_refusal_can_be_read_by_a_peer_that_is_still_sending() {
    let (listener, _) = listening(ListenerConfig::default()).await;
    let piece = [b'x'; 100_000];
    eventually(async || {
        let mut stream = listener.connect().await;
        stream.write_all(b"POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 1500000\r\n\r\n").await.unwrap();
        stream.write_all(&piece).await.ok()?;
        let mut response = String::new();
        // A reset would be an error.
        stream.read_to_string(&mut response).await.ok()?;
        assert!(response.starts_with("HTTP/1.1 401 ") && response.ends_with("unread"), "{response}");
        // It can go on until it looks at the response.
        for _ in 0..14 {
            stream.write_all(&piece).await.ok()?;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Some(())
    })
    .await;
}
