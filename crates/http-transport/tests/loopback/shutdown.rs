//! Shutting down.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use http_transport::ListenerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::peer::{PATIENCE, SITE, Serving, echo_path, read_to_end, text};

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n";

/// A listener with a request in hand, which goes on when told.
async fn with_a_request_in_hand(config: ListenerConfig) -> (Serving, TcpStream, Arc<Notify>) {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (beginning, going_on) = (Arc::clone(&begun), Arc::clone(&go_on));
    let listener = Serving::new(config, move |_| {
        let (beginning, going_on) = (Arc::clone(&beginning), Arc::clone(&going_on));
        async move {
            beginning.notify_one();
            going_on.notified().await;
            Ok::<_, Infallible>(text("finished"))
        }
    })
    .await;
    let mut stream = listener.connect().await;
    stream.write_all(GET).await.unwrap();
    begun.notified().await;
    (listener, stream, go_on)
}

#[tokio::test]
async fn requests_in_hand_are_finished() {
    let (mut listener, mut stream, go_on) =
        with_a_request_in_hand(ListenerConfig::default().with_shutdown_grace(PATIENCE)).await;
    listener.stop();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!listener.task.is_finished());
    assert!(TcpStream::connect(listener.address).await.is_err(), "nothing more is accepted");
    go_on.notify_one();
    let response = read_to_end(&mut stream).await;
    assert!(
        response.ends_with("finished") && response.to_ascii_lowercase().contains("connection: close"),
        "{response}"
    );
    tokio::time::timeout(PATIENCE, listener.task).await.unwrap().unwrap();
}

#[tokio::test]
async fn the_grace_ends() {
    let grace = Duration::from_millis(150);
    let (mut listener, mut stream, _go_on) =
        with_a_request_in_hand(ListenerConfig::default().with_shutdown_grace(grace)).await;
    let began = Instant::now();
    listener.stop();
    assert_eq!(read_to_end(&mut stream).await, "");
    tokio::time::timeout(PATIENCE, listener.task).await.unwrap().unwrap();
    assert!(began.elapsed() >= grace);
}

#[tokio::test]
async fn idle_connections_are_closed_at_once() {
    let config = ListenerConfig::default().with_header_timeout(PATIENCE * 2).with_shutdown_grace(PATIENCE * 2);
    for config in [config.clone(), config.with_tls(SITE.tls())] {
        let tls = format!("{config:?}").contains("ServerTls");
        let mut listener = Serving::new(config, echo_path).await;
        // One that never spoke, and, in the clear, one kept between requests.
        let mut silent = listener.connect().await;
        let mut kept = listener.connect().await;
        if !tls {
            kept.write_all(GET).await.unwrap();
            let mut response = [0; 12];
            kept.read_exact(&mut response).await.unwrap();
            assert_eq!(&response, b"HTTP/1.1 200");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        listener.stop();
        read_to_end(&mut kept).await;
        assert_eq!(read_to_end(&mut silent).await, "");
        tokio::time::timeout(PATIENCE, listener.task).await.unwrap().unwrap();
    }
}
