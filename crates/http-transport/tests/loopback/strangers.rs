//! Who keeps a connection and who has to go, once there are more than slots.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use http_transport::{ListenerConfig, Proof};
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use crate::peer::{PATIENCE, SITE, Serving, echo_path, read_to_end, text};

/// The end of every short response.
const END: &str = "/the end/";

/// The service's controls and signals.
#[derive(Clone)]
struct Hands {
    begun: Arc<Semaphore>,
    go_on: Arc<Semaphore>,
}

impl Hands {
    /// Responds as the path says: proven or not, at once or when the test lets it.
    async fn serve(self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let path = request.uri().path();
        if path.starts_with("/proven") {
            Proof::mark(request.extensions());
        }
        if path.ends_with("/later") {
            self.begun.add_permits(1);
            self.go_on.acquire().await.unwrap().forget();
        }
        let mut response = text(if path == "/large" { "x".repeat(64 << 20) } else { END.to_owned() });
        *response.status_mut() = match path {
            "/refused" => StatusCode::NOT_FOUND,
            "/failed" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::OK,
        };
        Ok(response)
    }
}

/// Closes no connection for its duration.
fn patient() -> ListenerConfig {
    let config = ListenerConfig::default().with_header_timeout(PATIENCE).with_request_timeout(Some(PATIENCE));
    config.with_pressed_timeout(PATIENCE)
}

async fn listening(config: ListenerConfig) -> (Serving, Hands) {
    let hands = Hands { begun: Arc::new(Semaphore::new(0)), go_on: Arc::new(Semaphore::new(0)) };
    let serving = hands.clone();
    (Serving::new(config, move |request| serving.clone().serve(request)).await, hands)
}

async fn ask(stream: &mut TcpStream, path: &str) {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n").as_bytes()).await.unwrap();
}

/// Asks for a short response and reads it.
async fn exchange(stream: &mut TcpStream, path: &str) -> String {
    ask(stream, path).await;
    response(stream).await
}

/// A response whose body is short.
async fn response(stream: &mut TcpStream) -> String {
    let mut read = String::new();
    let reading = async {
        while !read.ends_with(END) {
            read.push(char::from(stream.read_u8().await.expect("a response")));
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("a response in time");
    read
}

/// Whether the listener has closed it, or does so soon.
async fn is_closed(stream: &mut TcpStream) -> bool {
    let mut byte = [0];
    matches!(tokio::time::timeout(PATIENCE, stream.read(&mut byte)).await.expect("closed"), Ok(0) | Err(_))
}

#[tokio::test]
async fn the_newcomer_gets_in_and_the_longest_waiting_goes() {
    let (listener, _) = listening(patient().with_max_connections(3)).await;
    let mut silent = listener.connect().await;
    let mut refreshed = listener.connect().await;
    assert!(exchange(&mut refreshed, "/proven").await.starts_with("HTTP/1.1 200"));
    let mut served = listener.connect().await;
    // Served without a proof: it waits since it came.
    assert!(exchange(&mut served, "/served").await.starts_with("HTTP/1.1 200"));
    assert!(exchange(&mut refreshed, "/proven").await.starts_with("HTTP/1.1 200"));
    for gone in [&mut silent, &mut served, &mut refreshed] {
        let mut newcomer = listener.connect().await;
        assert!(exchange(&mut newcomer, "/proven").await.starts_with("HTTP/1.1 200"));
        assert!(is_closed(gone).await);
        // It stays, and waits since now.
        tokio::spawn(async move {
            let _newcomer = newcomer;
            tokio::time::sleep(PATIENCE).await;
        });
    }
}

#[tokio::test]
async fn what_is_proven_and_in_hand_stays() {
    let (listener, hands) = listening(patient().with_max_connections(2)).await;
    let mut in_hand = Vec::new();
    for _ in 0..2 {
        let mut stream = listener.connect().await;
        ask(&mut stream, "/proven/later").await;
        hands.begun.acquire().await.unwrap().forget();
        in_hand.push(stream);
    }
    let mut newcomer = listener.connect().await;
    assert!(is_closed(&mut newcomer).await, "nothing else can go");
    hands.go_on.add_permits(1);
    assert!(response(&mut in_hand[0]).await.starts_with("HTTP/1.1 200"));
    // The one that has its response waits again, and goes for a newcomer.
    let mut newcomer = listener.connect().await;
    assert!(exchange(&mut newcomer, "/served").await.starts_with("HTTP/1.1 200"));
    assert!(is_closed(&mut in_hand[0]).await);
    hands.go_on.add_permits(1);
    assert!(response(&mut in_hand[1]).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_peer_that_does_not_read_its_response_goes() {
    let (listener, _) = listening(patient().with_max_connections(1)).await;
    let mut unread = listener.connect().await;
    ask(&mut unread, "/large").await;
    // It has begun to come.
    unread.readable().await.unwrap();
    let mut newcomer = listener.connect().await;
    assert!(exchange(&mut newcomer, "/proven").await.starts_with("HTTP/1.1 200"));
    let mut taken = 0;
    let mut piece = vec![0; 1 << 16];
    while let Ok(length @ 1..) = unread.read(&mut piece).await {
        taken += length;
    }
    assert!(taken < 64 << 20, "{taken}");
}

#[tokio::test]
async fn slow_heads_slow_bodies_and_handshakes_go() {
    let (listener, _) = listening(patient().with_max_connections(1)).await;
    for begun in ["GET / HT", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n1"] {
        let mut stream = listener.connect().await;
        stream.write_all(begun.as_bytes()).await.unwrap();
        let mut newcomer = listener.connect().await;
        assert!(exchange(&mut newcomer, "/proven").await.starts_with("HTTP/1.1 200"));
        // The second has had its response already: its body is not read.
        read_to_end(&mut stream).await;
    }
    let config = patient().with_max_connections(1).with_tls(SITE.tls());
    let listener = Serving::new(config, echo_path).await;
    let mut silent = listener.connect().await;
    let mut newcomer = listener.connect_tls(&[&rustls::version::TLS13]).await;
    newcomer.write_all(b"GET /in HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(read_to_end(&mut newcomer).await.ends_with("/in"));
    assert!(is_closed(&mut silent).await);
}

#[tokio::test]
async fn under_pressure_waiting_is_short() {
    // Three of four are pressure, on the default timeout.
    let (listener, _) =
        listening(ListenerConfig::default().with_header_timeout(PATIENCE).with_max_connections(4)).await;
    let began = Instant::now();
    let mut waiting = [listener.connect().await, listener.connect().await, listener.connect().await];
    assert!(is_closed(&mut waiting[0]).await);
    assert!((Duration::from_secs(1)..PATIENCE).contains(&began.elapsed()));
    // Two of four are none.
    let short = Duration::from_millis(50);
    let (listener, _) = listening(patient().with_pressed_timeout(short).with_max_connections(4)).await;
    let mut waiting = [listener.connect().await, listener.connect().await];
    tokio::time::sleep(short * 10).await;
    for stream in &mut waiting {
        assert!(exchange(stream, "/served").await.starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn a_refusal_closes_its_connection() {
    let (listener, _) = listening(patient().with_max_connections(4)).await;
    for path in ["/refused", "/failed"] {
        let mut stream = listener.connect().await;
        let refused = exchange(&mut stream, path).await;
        assert!(refused.contains("\r\nconnection: close\r\n"), "{refused}");
        assert!(is_closed(&mut stream).await);
    }
    let mut stream = listener.connect().await;
    for _ in 0..2 {
        let served = exchange(&mut stream, "/served").await;
        assert!(!served.contains("connection: close"), "{served}");
    }
}
