//! Through a proxy.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_transport::{Proxy, Resolve, SendErrorKind};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::peer::{PLATFORM, Scripted, client, get, read_request, trusting};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A proxy that responses `CONNECT` with this and, where that is 200, forwards to the target. It
/// keeps the requests it got.
async fn proxy(response: &'static str, target: &Scripted) -> (Scripted, Arc<Mutex<Vec<String>>>) {
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&requests);
    let address = target.address;
    let proxy = Scripted::plain(move |_, mut stream| {
        let seen = Arc::clone(&seen);
        async move {
            let request = read_request(&mut stream).await.unwrap();
            seen.lock().unwrap().push(request);
            stream.write_all(response.as_bytes()).await.unwrap();
            if response.contains(" 200 ") {
                let mut onward = TcpStream::connect(address).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut onward).await;
            }
        }
    })
    .await;
    (proxy, requests)
}

fn through(proxy: &Scripted, credentials: &str) -> http_transport::ClientConfig {
    trusting().with_proxy(Proxy::parse(&format!("http://{credentials}127.0.0.1:{}", proxy.address.port())).unwrap())
}

#[tokio::test]
async fn the_proxy_sees_name_port_and_its_own_credentials() {
    let server = Scripted::responding(OK).await;
    let (proxy, requests) = proxy("HTTP/1.1 200 Connection established\r\n\r\n", &server).await;
    let url = format!("https://{PLATFORM}:8443/v3/path?q=1");
    // The name is the proxy's to resolve.
    let client = client(through(&proxy, "me:s%40cret@"));
    assert_eq!(client.send(get(url)).await.unwrap().body(), "ok");
    let seen = requests.lock().unwrap().join("");
    assert!(seen.starts_with(&format!("CONNECT {PLATFORM}:8443 HTTP/1.1\r\n")), "{seen}");
    assert!(seen.contains("\r\nProxy-Authorization: Basic bWU6c0BjcmV0\r\n"), "{seen}");
    assert!(!seen.contains("v3"), "{seen}");
}

#[tokio::test]
async fn the_proxy_s_own_name_is_resolved_here() {
    let server = Scripted::responding(OK).await;
    let (proxy, requests) = proxy("HTTP/1.1 200 OK\r\n\r\n", &server).await;
    let config = trusting()
        .with_proxy(Proxy::parse(&format!("http://proxy.invalid:{}", proxy.address.port())).unwrap())
        .with_resolve(Resolve::To(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    client(config).send(get(format!("https://{PLATFORM}/"))).await.unwrap();
    let seen = requests.lock().unwrap().join("");
    assert!(seen.starts_with(&format!("CONNECT {PLATFORM}:443 ")) && !seen.contains("Authorization"), "{seen}");
}

#[tokio::test]
async fn a_proxy_that_refuses_is_not_sent() {
    let server = Scripted::responding(OK).await;
    for response in
        ["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "HTTP/1.1 502 Bad Gateway\r\n\r\n", "no\r\n\r\n", ""]
    {
        let (proxy, _) = proxy(response, &server).await;
        let error = client(through(&proxy, "")).send(get(format!("https://{PLATFORM}/"))).await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_been_sent()), (SendErrorKind::Connect, false), "{response}");
    }
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn a_proxy_that_is_silent_is_not_sent() {
    let proxy =
        Scripted::plain(|_, mut stream| async move { while read_request(&mut stream).await.is_some() {} }).await;
    let config = through(&proxy, "").with_connect_timeout(Duration::from_millis(150));
    let error = client(config).send(get(format!("https://{PLATFORM}/"))).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_sent()), (SendErrorKind::Timeout, false));
}

#[tokio::test]
async fn no_plain_http_through_a_proxy() {
    let server = Scripted::responding(OK).await;
    let (proxy, requests) = proxy("HTTP/1.1 200 OK\r\n\r\n", &server).await;
    let error = client(through(&proxy, "").with_allow_http(true)).send(get("http://localhost/")).await.unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Request);
    assert!(requests.lock().unwrap().is_empty());
}
