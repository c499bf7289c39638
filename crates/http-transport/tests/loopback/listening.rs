//! The listener: TLS, services that fail, clients that stall.

use std::convert::Infallible;
use std::task::Poll;
use std::time::Duration;
use std::time::Instant;

use http::Response;
use http_transport::{ConfigError, ListenerConfig, SendErrorKind, ServerTls};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::bodies::Pieces;
use crate::peer::{PATIENCE, SITE, Serving, Site, client, echo_path, eventually, get, read_to_end, text, trusting};

const SHORT: Duration = Duration::from_millis(300);
const GET: &[u8] = b"GET /path HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn both_tls_versions_and_our_own_client() {
    let listener = Serving::new(ListenerConfig::default().with_tls(SITE.tls()), echo_path).await;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut stream = listener.connect_tls(&[version]).await;
        stream.write_all(GET).await.unwrap();
        let response = read_to_end(&mut stream).await;
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n") && response.ends_with("\r\n\r\n/path"), "{response}");
    }
    let response = client(trusting()).send(get(listener.url("https", "/ours"))).await.unwrap();
    assert_eq!(response.body(), "/ours");
    // In the clear to a TLS port: closed without a response.
    assert!(!listener.exchange(GET).await.contains("HTTP"));
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_from_the_next_connection_on() {
    let (former, renewed) = (Site::new(), Site::new());
    let tls = former.tls();
    let listener = Serving::new(ListenerConfig::default().with_tls(tls.clone()), echo_path).await;
    let is_shown = async |site: &Site| {
        // A client of its own has no connection yet.
        let client = client(trusting().with_roots(site.roots()));
        client.send(get(listener.url("https", "/path"))).await.is_ok_and(|response| response.body() == "/path")
    };
    assert_eq!((is_shown(&former).await, is_shown(&renewed).await), (true, false));
    tls.replace(&renewed.tls());
    assert_eq!((is_shown(&former).await, is_shown(&renewed).await), (false, true));
}

#[tokio::test]
async fn in_the_clear() {
    let listener = Serving::new(ListenerConfig::default(), echo_path).await;
    assert!(listener.exchange(GET).await.ends_with("/path"));
    let two = b"GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    let responses = listener.exchange(two).await;
    assert!(responses.contains("\r\n\r\n/1HTTP/1.1 200 OK") && responses.ends_with("/2"), "{responses}");
}

#[test]
fn certificates_that_cannot_work() {
    let (one, other) = (Site::new(), Site::new());
    let refused = |chain: &str, key: &str| ServerTls::from_pem(chain.as_bytes(), key.as_bytes()).unwrap_err();
    assert_eq!(refused("", &one.key), ConfigError::Certificate);
    assert_eq!(refused(&one.chain, ""), ConfigError::PrivateKey);
    assert_eq!(refused(&one.chain, &one.chain), ConfigError::PrivateKey);
    assert!(matches!(refused(&one.chain, &other.key), ConfigError::Tls(_)));
}

#[tokio::test]
async fn a_service_that_fails_or_panics_closes_its_own_connection_only() {
    let listener = Serving::new(ListenerConfig::default().with_tls(SITE.tls()), async |request: http::Request<_>| {
        match request.uri().path() {
            "/error" => Err("no response"),
            "/panic" => panic!("as the test wants it"),
            _ => Ok(text("ok")),
        }
    })
    .await;
    let client = client(trusting());
    for path in ["/error", "/panic"] {
        let error = client.send(get(listener.url("https", path))).await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_been_sent()), (SendErrorKind::Io, true));
        assert_eq!(client.send(get(listener.url("https", "/"))).await.unwrap().body(), "ok");
    }
}

#[tokio::test]
async fn a_body_that_fails_cuts_the_response_off() {
    let listener = Serving::new(ListenerConfig::default().with_tls(SITE.tls()), async |_| {
        let mut body = Pieces::new(&["1234", "5678"]);
        body.then = Poll::Ready(Some(Err("cut")));
        Ok::<_, Infallible>(Response::new(body))
    })
    .await;
    let error = client(trusting()).send(get(listener.url("https", "/"))).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_sent()), (SendErrorKind::Response, true));
}

#[tokio::test]
async fn slow_heads_are_cut_while_others_are_served() {
    let listener = Serving::new(ListenerConfig::default().with_header_timeout(SHORT), echo_path).await;
    let began = Instant::now();
    let mut slow = listener.connect().await;
    let (mut reading, mut writing) = slow.split();
    let dripping = async {
        // A byte at a time, never the end of a head.
        writing.write_all(b"GET / HTTP/1.1\r\nX: ").await.unwrap();
        while writing.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let cut = async { assert_eq!(read_to_end(&mut reading).await, "") };
    let others = async {
        for _ in 0..5 {
            eventually(async || listener.exchange(GET).await.ends_with("/path").then_some(())).await;
        }
    };
    tokio::join!(dripping, cut, others);
    assert!(began.elapsed() >= SHORT);
}

#[tokio::test]
async fn a_silent_client_is_cut_before_and_between_requests() {
    for config in [ListenerConfig::default(), ListenerConfig::default().with_tls(SITE.tls())] {
        let listener = Serving::new(config.with_header_timeout(SHORT), echo_path).await;
        // It never speaks: no head, or no handshake.
        let began = Instant::now();
        assert_eq!(listener.exchange(b"").await, "");
        assert!(began.elapsed() >= SHORT);
    }
    let listener = Serving::new(ListenerConfig::default().with_header_timeout(SHORT), echo_path).await;
    let began = Instant::now();
    let kept = b"GET /kept HTTP/1.1\r\nHost: h\r\n\r\n";
    let response =
        eventually(async || Some(listener.exchange(kept).await).filter(|response| !response.is_empty())).await;
    assert!(response.ends_with("/kept") && !response.contains("408"), "{response}");
    assert!(began.elapsed() >= SHORT);
}

#[tokio::test]
async fn an_exchange_has_its_time() {
    let config = ListenerConfig::default().with_request_timeout(Some(SHORT));
    let listener = Serving::new(config, async |request: http::Request<_>| {
        match request.uri().path() {
            "/slow" => tokio::time::sleep(PATIENCE).await,
            "/short" => tokio::time::sleep(SHORT / 4).await,
            // More than the socket's buffers hold.
            "/large" => return Ok::<_, Infallible>(text(vec![b'x'; 64 << 20])),
            _ => {}
        }
        Ok(text("ok"))
    })
    .await;
    let began = Instant::now();
    assert_eq!(listener.exchange(b"GET /slow HTTP/1.1\r\nHost: h\r\n\r\n").await, "");
    assert!(began.elapsed() >= SHORT);

    // A client that does not take its response.
    eventually(async || {
        let mut stream = listener.connect().await;
        stream.write_all(b"GET /large HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
        tokio::time::sleep(SHORT * 3).await;
        let mut taken = 0;
        let mut piece = vec![0; 1 << 16];
        while let Ok(length @ 1..) = stream.read(&mut piece).await {
            taken += length;
        }
        (taken < 64 << 20).then_some(())
    })
    .await;

    // The time is each request's own, and none of it runs between them.
    eventually(async || {
        let mut stream = listener.connect().await;
        for _ in 0..3 {
            stream.write_all(b"GET /short HTTP/1.1\r\nHost: h\r\n\r\n").await.ok()?;
            let mut response = Vec::new();
            while !response.ends_with(b"\r\n\r\nok") {
                response.push(stream.read_u8().await.ok()?);
            }
            tokio::time::sleep(SHORT * 3 / 2).await;
        }
        Some(())
    })
    .await;
}

#[tokio::test]
async fn without_a_request_timeout_it_takes_what_it_takes() {
    let config = ListenerConfig::default().with_request_timeout(None).with_header_timeout(SHORT);
    let listener = Serving::new(config, async |_| {
        tokio::time::sleep(SHORT * 2).await;
        Ok::<_, Infallible>(text("ok"))
    })
    .await;
    eventually(async || listener.exchange(GET).await.ends_with("ok").then_some(())).await;
}
