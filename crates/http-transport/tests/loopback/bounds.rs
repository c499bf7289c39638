//! The listener's bounds on heads and connections, on both sides.

use http_transport::{ListenerConfig, MIN_HEADER_BYTES};

use crate::peer::{Serving, echo_path};

/// A request whose head is this many bytes.
fn head(length: usize) -> String {
    let rest = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX: \r\n\r\n";
    format!("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX: {}\r\n\r\n", "x".repeat(length - rest.len()))
}

#[tokio::test]
async fn the_size_of_a_head() {
    let bounds = [
        (ListenerConfig::default(), 32 * 1024),
        (ListenerConfig::default().with_max_header_bytes(10_000), 10_000),
        (ListenerConfig::default().with_max_header_bytes(0), MIN_HEADER_BYTES),
    ];
    for (config, bound) in bounds {
        let listener = Serving::new(config, echo_path).await;
        let response = listener.exchange(head(bound - 1).as_bytes()).await;
        assert!(response.starts_with("HTTP/1.1 200 "), "{bound} {response}");
        // One that never ends: the response comes without its end.
        let endless = &head(bound + 100).into_bytes()[..bound];
        let response = listener.exchange(endless).await;
        assert!(response.starts_with("HTTP/1.1 431 "), "{bound} {response}");
    }
}

#[tokio::test]
async fn the_number_of_headers() {
    for (config, bound) in [(ListenerConfig::default(), 64), (ListenerConfig::default().with_max_headers(5), 5)] {
        let listener = Serving::new(config, echo_path).await;
        for (count, status) in [(bound, "200"), (bound + 1, "431")] {
            let more = "X: y\r\n".repeat(count - 2);
            let response = listener
                .exchange(format!("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{more}\r\n").as_bytes())
                .await;
            assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{count} {response}");
        }
    }
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    let listener = Serving::new(ListenerConfig::default(), echo_path).await;
    assert!(listener.exchange(b"\x16\x03\x01\x02\x00\x01\r\n\r\n").await.starts_with("HTTP/1.1 400 "));
    let both = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n12345";
    assert!(listener.exchange(both).await.starts_with("HTTP/1.1 400 "));
}
