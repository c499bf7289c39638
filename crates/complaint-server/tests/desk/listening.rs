//! The desk behind its listener, over sockets.

use std::net::SocketAddr;

use complaint_server::{Desk, Hosts, MAX_DESK_CONNECTIONS, Tokens, desk_listener, router};
use http_transport::Listener;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::world::{World, memory};

/// A desk at an address of its own, until the test ends.
async fn listen(world: &World<impl complaint_inbox::Store>) -> SocketAddr {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), desk_listener()).await.unwrap();
    let address = listener.local_addr();
    assert_eq!(listener.max_connections(), MAX_DESK_CONNECTIONS);
    let tokens = Tokens::from_file(&world.tokens_file).unwrap();
    let desk = router(Desk::new(world.store.clone(), tokens, Hosts::of(address)));
    tokio::spawn(listener.serve(desk, std::future::pending()));
    address
}

async fn ask(stream: &mut TcpStream, address: SocketAddr, token: &str) -> String {
    let request =
        format!("GET /api/events?wait=0 HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = Vec::new();
    while !response.ends_with(b"}") {
        let read = stream.read_buf(&mut response).await.unwrap();
        assert_ne!(read, 0, "{}", String::from_utf8_lossy(&response));
    }
    String::from_utf8(response).unwrap()
}

#[tokio::test]
async fn the_desk_is_served() {
    let world = memory();
    let address = listen(&world).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    assert!(ask(&mut stream, address, &world.reader).await.ends_with(r#"{"events":[],"next":0}"#));
    assert!(ask(&mut stream, address, "other").await.starts_with("HTTP/1.1 401 "));
}

/// A connection without a token goes for one that is needed.
#[tokio::test]
async fn so_many_connections_are_there_and_no_more() {
    let world = memory();
    let address = listen(&world).await;
    let mut idle = Vec::new();
    for _ in 0..MAX_DESK_CONNECTIONS {
        idle.push(TcpStream::connect(address).await.unwrap());
    }
    let mut newcomer = TcpStream::connect(address).await.unwrap();
    assert!(ask(&mut newcomer, address, &world.reader).await.starts_with("HTTP/1.1 200 "));
    let mut closed = Vec::new();
    assert_eq!(idle[0].read_to_end(&mut closed).await.unwrap_or(0), 0);
}
