//! The limit of open files. A test of its own process, since the limit is the process's.
#![cfg(unix)]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "tests are not an interface, and one that meets the unexpected has to stop"
)]

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use http_transport::{Listener, ListenerConfig, MAX_OPEN_FILES, open_files, raise_open_files};
use hyper::body::Incoming;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower_service::Service;

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Clone)]
struct Ok200;

impl Service<Request<Incoming>> for Ok200 {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<String>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Incoming>) -> Self::Future {
        Box::pin(async { Ok(Response::new(String::new())) })
    }
}

fn set_soft(soft: u64) {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(soft), maximum }).unwrap();
    assert_eq!(open_files(), Some(soft));
}

#[tokio::test]
async fn the_limit_is_raised_heeded_and_survived() {
    let hard = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
    set_soft(200);
    let bind = |config| Listener::bind((Ipv4Addr::LOCALHOST, 0).into(), config);
    assert_eq!(bind(ListenerConfig::default()).await.unwrap().max_connections(), 100);
    assert_eq!(raise_open_files(), Some(hard.min(MAX_OPEN_FILES)));
    assert_eq!(bind(ListenerConfig::default()).await.unwrap().max_connections() as u64, 1024.min(hard / 2));
    if hard > MAX_OPEN_FILES {
        // What is higher stays.
        set_soft(MAX_OPEN_FILES + 1);
        assert_eq!(raise_open_files(), Some(MAX_OPEN_FILES + 1));
    }

    // More connections than files: the client has one of each connection, the listener the other.
    set_soft(100);
    let config = ListenerConfig::default().with_max_connections(1000).with_header_timeout(PATIENCE);
    let listener = bind(config).await.unwrap();
    let address = listener.local_addr();
    tokio::spawn(listener.serve(Ok200, std::future::pending()));
    let mut held = Vec::new();
    for _ in 0..20 {
        // What has a response has been accepted.
        let mut stream = TcpStream::connect(address).await.unwrap();
        assert!(exchange(&mut stream, "keep-alive").await.starts_with("HTTP/1.1 200"));
        held.push(stream);
    }
    while let Ok(stream) = TcpStream::connect(address).await {
        held.push(stream);
    }
    // No file is left for the listener to accept the last of them with.
    let mut last = held.pop().unwrap();
    assert!(exchange(&mut last, "close").await.starts_with("HTTP/1.1 200"));
}

/// A response with an empty body.
async fn exchange(stream: &mut TcpStream, connection: &str) -> String {
    let request = format!("GET / HTTP/1.1\r\nHost: h\r\nConnection: {connection}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    let reading = async {
        while !response.ends_with("\r\n\r\n") {
            response.push(char::from(stream.read_u8().await.unwrap()));
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.unwrap();
    response
}
