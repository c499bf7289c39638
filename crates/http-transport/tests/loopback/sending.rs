//! The way to the peer: TLS, connections, and whether the request had left.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::time::Instant;

use bytes::Bytes;
use http::{Method, Request, StatusCode, Version};
use http_transport::{ClientConfig, ConfigError, Deadline, HttpsClient, Resolve, Roots, SendError, SendErrorKind};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tower_service::Service;

use crate::peer::{PATIENCE, PLATFORM, SITE, Scripted, Site, client, get, post, read_request, trusting};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const SHORT: Duration = Duration::from_millis(300);

#[tokio::test]
async fn both_tls_versions() {
    for (version, expected) in [
        (&rustls::version::TLS12, rustls::ProtocolVersion::TLSv1_2),
        (&rustls::version::TLS13, rustls::ProtocolVersion::TLSv1_3),
    ] {
        let server = Scripted::speaking(&[version], move |_, mut stream| async move {
            assert_eq!(stream.get_ref().1.protocol_version(), Some(expected));
            let request = read_request(&mut stream).await.unwrap();
            assert!(request.starts_with("POST /v3/path?q=1 HTTP/1.1\r\n"), "{request}");
            assert!(request.ends_with("\r\n\r\nhello"), "{request}");
            stream.write_all(OK).await.unwrap();
        })
        .await;
        let response = client(trusting()).send(post(server.url("/v3/path?q=1"), "hello")).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.body(), "ok");
    }
}

#[tokio::test]
async fn roots_decide() {
    let server = Scripted::responding(OK).await;
    let pem = SITE.chain.as_bytes().to_vec();
    client(trusting().with_roots(Roots::WebPkiAnd(pem))).send(get(server.url("/"))).await.unwrap();
    for stranger in [Roots::WebPki, Site::new().roots()] {
        let error = client(trusting().with_roots(stranger)).send(get(server.url("/"))).await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_been_sent()), (SendErrorKind::Tls, false));
    }
}

#[tokio::test]
async fn names_go_where_they_are_told_and_the_certificate_still_has_to_bear_them() {
    let server = Scripted::responding(OK).await;
    let port = server.address.port();
    let client = client(trusting().with_resolve(Resolve::To(IpAddr::V4(Ipv4Addr::LOCALHOST))));
    client.send(get(format!("https://{PLATFORM}:{port}/"))).await.unwrap();
    client.send(get(format!("https://127.0.0.1:{port}/"))).await.unwrap();
    let error = client.send(get(format!("https://other.invalid:{port}/"))).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_sent()), (SendErrorKind::Tls, false));
}

#[tokio::test]
async fn a_name_or_address_of_this_machine_is_not_public() {
    let server = Scripted::responding(OK).await;
    client(trusting()).send(get(format!("https://localhost:{}/", server.address.port()))).await.unwrap();

    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = client(trusting().with_resolve(Resolve::Public));
    let kind = async |host: &str| {
        let error = client.send(get(format!("https://{host}:{port}/"))).await.unwrap_err();
        assert!(!error.may_have_been_sent(), "{host}");
        error.kind()
    };
    assert_eq!(kind("localhost").await, SendErrorKind::Connect);
    for host in ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "1.1.1.1"] {
        assert_eq!(kind(host).await, SendErrorKind::Request, "{host}");
    }
    // The system reads these as 127.0.0.1. No certificate can bear them.
    for host in ["127.1", "0x7f.0.0.1", "2130706433"] {
        assert_eq!(kind(host).await, SendErrorKind::Tls, "{host}");
    }
    // A connection that was made would wait here.
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn no_connection_is_not_sent() {
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap();
    let error = client(trusting()).send(get(format!("https://localhost:{}/", closed.port()))).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_sent()), (SendErrorKind::Connect, false));
    let error = client(trusting()).send(get("https://nobody.invalid/")).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_sent()), (SendErrorKind::Connect, false));
}

#[tokio::test]
async fn a_black_hole_is_not_sent() {
    let hole = Scripted::plain(|_, stream| async move {
        tokio::time::sleep(PATIENCE).await;
        drop(stream);
    })
    .await;
    for config in [trusting().with_connect_timeout(SHORT), trusting().with_deadline(SHORT)] {
        let began = Instant::now();
        let error = client(config).send(get(hole.url("/"))).await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_been_sent()), (SendErrorKind::Timeout, false));
        assert!(began.elapsed() >= SHORT);
    }
}

#[tokio::test]
async fn no_tls_at_the_other_end_is_not_sent() {
    let server = Scripted::plain(|_, mut stream| async move { stream.write_all(OK).await.unwrap() }).await;
    let error = client(trusting()).send(get(server.url("/"))).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_sent()), (SendErrorKind::Tls, false));
}

/// A client with this deadline and a connection that stands already, so that the time goes to the
/// exchange alone.
async fn connected(server: &Scripted, deadline: Duration) -> HttpsClient {
    let client = client(trusting().with_deadline(deadline));
    let mut first = get(server.url("/"));
    first.extensions_mut().insert(Deadline(PATIENCE));
    client.send(first).await.unwrap();
    settle().await;
    client
}

/// Time for a connection to go back to the pool, or for its end to be noticed.
async fn settle() {
    tokio::time::sleep(SHORT / 3).await;
}

#[tokio::test]
async fn a_silent_server_may_have_been_sent() {
    let server = Scripted::new(|_, mut stream| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(OK).await.unwrap();
        while read_request(&mut stream).await.is_some() {}
    })
    .await;
    let mut own = get(server.url("/"));
    own.extensions_mut().insert(Deadline(SHORT));
    for (deadline, request) in [(SHORT, get(server.url("/"))), (PATIENCE, own)] {
        let client = connected(&server, deadline).await;
        let began = Instant::now();
        let error = client.send(request).await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_been_sent()), (SendErrorKind::Timeout, true));
        assert!(began.elapsed() >= SHORT);
    }
}

#[tokio::test]
async fn the_deadline_covers_the_body() {
    let server = Scripted::new(|_, mut stream| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(OK).await.unwrap();
        read_request(&mut stream).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n").await.unwrap();
        while stream.write_all(b"x").await.is_ok() && stream.flush().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let error = connected(&server, SHORT).await.send(get(server.url("/"))).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_sent()), (SendErrorKind::Timeout, true));
}

async fn keep_responding(_: usize, mut stream: crate::peer::Stream) {
    while read_request(&mut stream).await.is_some() {
        stream.write_all(OK).await.unwrap();
    }
}

#[tokio::test]
async fn connections_are_reused() {
    let server = Scripted::new(keep_responding).await;
    let keeping = client(trusting());
    for _ in 0..5 {
        // A clone shares them.
        keeping.clone().send(get(server.url("/"))).await.unwrap();
        settle().await;
    }
    assert_eq!(server.accepted(), 1);

    let dropping = client(trusting().with_max_idle_per_host(0));
    for _ in 0..3 {
        dropping.send(get(server.url("/"))).await.unwrap();
    }
    assert_eq!(server.accepted(), 4);

    let forgetful = client(trusting().with_idle_timeout(Duration::from_millis(50)));
    for _ in 0..2 {
        forgetful.send(get(server.url("/"))).await.unwrap();
        tokio::time::sleep(SHORT * 2).await;
    }
    assert_eq!(server.accepted(), 6);
}

#[tokio::test]
async fn a_kept_connection_that_closed_is_replaced_before_anything_is_written() {
    let server = Scripted::new(|_, mut stream| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(OK).await.unwrap();
        let _ = stream.shutdown().await;
    })
    .await;
    let client = client(trusting());
    for number in 1..4 {
        client.send(get(server.url("/"))).await.unwrap();
        assert_eq!(server.accepted(), number);
        tokio::time::sleep(SHORT).await;
    }
}

#[tokio::test]
async fn a_kept_connection_that_closes_on_the_request_may_have_been_sent() {
    let server = Scripted::new(|_, mut stream| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(OK).await.unwrap();
        read_request(&mut stream).await.unwrap();
    })
    .await;
    let client = connected(&server, PATIENCE).await;
    let error = client.send(post(server.url("/"), "refund")).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_sent()), (SendErrorKind::Io, true));
    assert_eq!(server.accepted(), 1, "it is not sent again");
}

#[tokio::test]
async fn what_cannot_be_sent_is_not() {
    let server = Scripted::responding(OK).await;
    let port = server.address.port();
    let mut other_version = get(server.url("/"));
    *other_version.version_mut() = Version::HTTP_2;
    let mut tunnel = get(server.url("/"));
    *tunnel.method_mut() = Method::CONNECT;
    for request in [
        get("/relative"),
        get(format!("http://localhost:{port}/")),
        get(format!("ftp://localhost:{port}/")),
        get(format!("https://user:s3cret@localhost:{port}/")),
        other_version,
        tunnel,
    ] {
        let error = client(trusting()).send(request).await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_been_sent()), (SendErrorKind::Request, false));
        assert!(!format!("{error:?}").contains("s3cret"));
    }
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn http_in_the_clear_only_where_it_is_allowed() {
    let server = Scripted::plain(|_, mut stream| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(OK).await.unwrap();
    })
    .await;
    let url = format!("http://127.0.0.1:{}/", server.address.port());
    assert_eq!(client(trusting().with_allow_http(true)).send(get(url)).await.unwrap().body(), "ok");
}

#[tokio::test]
async fn headers_that_follow_from_the_request() {
    let seen = Arc::new(Mutex::new(String::new()));
    let last = Arc::clone(&seen);
    let server = Scripted::new(move |_, mut stream| {
        let last = Arc::clone(&last);
        async move {
            while let Some(request) = read_request(&mut stream).await {
                *last.lock().unwrap() = request.to_ascii_lowercase();
                stream.write_all(OK).await.unwrap();
            }
        }
    })
    .await;
    let client = client(trusting().with_user_agent("ours/1"));
    let url = server.url("/");

    client.send(get(&url)).await.unwrap();
    let request = seen.lock().unwrap().clone();
    assert!(request.contains(&format!("\r\nhost: localhost:{}\r\n", server.address.port())), "{request}");
    assert!(request.contains("\r\nuser-agent: ours/1\r\n"), "{request}");
    assert!(!request.contains("content-length"), "{request}");

    client.send(post(&url, "")).await.unwrap();
    assert!(seen.lock().unwrap().contains("\r\ncontent-length: 0\r\n"));

    let mut own = post(&url, "four");
    own.headers_mut().insert("user-agent", "theirs".parse().unwrap());
    own.headers_mut().insert("content-length", "3".parse().unwrap());
    own.headers_mut().insert("transfer-encoding", "chunked".parse().unwrap());
    client.send(own).await.unwrap();
    let request = seen.lock().unwrap().clone();
    assert!(request.contains("\r\nuser-agent: theirs\r\n"), "{request}");
    assert!(request.contains("\r\ncontent-length: 4\r\n") && !request.contains("transfer-encoding"), "{request}");
}

#[test]
fn configurations_that_cannot_work() {
    let refused = |config: ClientConfig| HttpsClient::new(config).unwrap_err();
    assert_eq!(refused(ClientConfig::default().with_roots(Roots::Pem(Vec::new()))), ConfigError::Certificate);
    let broken = SITE.chain.replace('M', "!").into_bytes();
    assert_eq!(refused(ClientConfig::default().with_roots(Roots::WebPkiAnd(broken))), ConfigError::Certificate);
    assert_eq!(refused(ClientConfig::default().with_user_agent("a\nb")), ConfigError::UserAgent);
}

/// A custom transport, in the client's place.
async fn status_of<S>(mut service: S, request: Request<Bytes>) -> Result<StatusCode, SendError>
where
    S: Service<Request<Bytes>, Response = http::Response<Bytes>, Error = SendError>,
{
    std::future::poll_fn(|context| service.poll_ready(context)).await?;
    Ok(service.call(request).await?.status())
}

#[tokio::test]
async fn the_client_is_a_service_among_others() {
    struct Never;
    impl Service<Request<Bytes>> for Never {
        type Response = http::Response<Bytes>;
        type Error = SendError;
        type Future = std::future::Ready<Result<Self::Response, SendError>>;
        fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), SendError>> {
            std::task::Poll::Ready(Err(SendError::not_sent(SendErrorKind::Connect, "unplugged")))
        }
        fn call(&mut self, _: Request<Bytes>) -> Self::Future {
            std::future::ready(Err(SendError::unknown(SendErrorKind::Io, "unplugged")))
        }
    }
    let server = Scripted::responding(OK).await;
    assert_eq!(status_of(client(trusting()), get(server.url("/"))).await.unwrap(), StatusCode::OK);
    assert!(!status_of(Never, get(server.url("/"))).await.unwrap_err().may_have_been_sent());
    assert!(Never.call(get("/")).await.unwrap_err().may_have_been_sent());
}
