//! Responses: bounds, and bytes that are no response.

use http_transport::{MAX_RESPONSE_HEAD, MAX_RESPONSE_HEADERS, MaxBody, SendErrorKind};
use tokio::io::AsyncWriteExt;

use crate::peer::{Scripted, client, get, read_request, trusting};

async fn outcome(response: impl Into<Vec<u8>>) -> Result<http::Response<bytes::Bytes>, SendErrorKind> {
    let server = Scripted::responding(response).await;
    client(trusting()).send(get(server.url("/"))).await.map_err(|error| {
        assert!(error.may_have_been_sent());
        error.kind()
    })
}

#[tokio::test]
async fn the_bound_on_the_body() {
    let lengthy = Scripted::responding("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789").await;
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n1234\r\n5\r\n56789\r\n0\r\n\r\n";
    let chunked = Scripted::responding(chunked).await;
    for server in [lengthy, chunked] {
        let url = server.url("/");
        let fits = client(trusting().with_max_response_body(9));
        assert_eq!(fits.send(get(&url)).await.unwrap().body(), "123456789");
        let error = client(trusting().with_max_response_body(8)).send(get(&url)).await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_been_sent()), (SendErrorKind::ResponseTooLarge { limit: 8 }, true));
        // A request's own bound goes either way.
        let mut request = get(&url);
        request.extensions_mut().insert(MaxBody(8));
        assert_eq!(fits.send(request).await.unwrap_err().kind(), SendErrorKind::ResponseTooLarge { limit: 8 });
        let mut request = get(&url);
        request.extensions_mut().insert(MaxBody(9));
        assert_eq!(client(trusting().with_max_response_body(0)).send(request).await.unwrap().body(), "123456789");
    }
}

#[tokio::test]
async fn a_large_length_is_refused_before_the_body() {
    // The server waits for ever after the head.
    let server = Scripted::new(|_, mut stream| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n").await.unwrap();
        read_request(&mut stream).await;
    })
    .await;
    let error = client(trusting()).send(get(server.url("/"))).await.unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::ResponseTooLarge { limit: 8 * 1024 * 1024 });
}

#[tokio::test]
async fn endless_chunks_are_refused() {
    let server = Scripted::new(|_, mut stream| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
        while stream.write_all(b"8\r\n12345678\r\n").await.is_ok() {}
    })
    .await;
    let error = client(trusting().with_max_response_body(100_000)).send(get(server.url("/"))).await.unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::ResponseTooLarge { limit: 100_000 });
}

#[tokio::test]
async fn bodies_that_end_early() {
    let short = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1234";
    assert_eq!(outcome(short).await.unwrap_err(), SendErrorKind::Response);
    let unfinished = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n1234\r\n";
    assert_eq!(outcome(unfinished).await.unwrap_err(), SendErrorKind::Response);
    let no_chunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    assert_eq!(outcome(no_chunk).await.unwrap_err(), SendErrorKind::Response);
    // Without a length, TLS says where the end is; cut off there, it is no end.
    let cut = Scripted::new(|_, mut stream| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n1234").await.unwrap();
        stream.flush().await.unwrap();
    })
    .await;
    assert_eq!(client(trusting()).send(get(cut.url("/"))).await.unwrap_err().kind(), SendErrorKind::Response);
    assert_eq!(outcome("HTTP/1.1 200 OK\r\n\r\n1234").await.unwrap().body(), "1234");
}

#[tokio::test]
async fn no_http() {
    assert_eq!(outcome("SSH-2.0-OpenSSH_9.7\r\n").await.unwrap_err(), SendErrorKind::Response);
    assert_eq!(outcome("").await.unwrap_err(), SendErrorKind::Io);
    assert_eq!(outcome("HTTP/1.1 200 OK\r\nContent-").await.unwrap_err(), SendErrorKind::Io);
}

#[tokio::test]
async fn the_bounds_on_the_head() {
    let headers =
        |count: usize| format!("HTTP/1.1 200 OK\r\n{}Content-Length: 0\r\n\r\n", "A: b\r\n".repeat(count - 1));
    assert_eq!(outcome(headers(MAX_RESPONSE_HEADERS)).await.unwrap().headers().len(), MAX_RESPONSE_HEADERS);
    assert_eq!(outcome(headers(MAX_RESPONSE_HEADERS + 1)).await.unwrap_err(), SendErrorKind::Response);
    let head = |length: usize| {
        let rest = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: \r\n\r\n";
        format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: {}\r\n\r\n", "b".repeat(length - rest.len()))
    };
    assert!(outcome(head(MAX_RESPONSE_HEAD - 1)).await.is_ok());
    // What is read at once may overshoot, but not by as much again.
    assert_eq!(outcome(head(2 * MAX_RESPONSE_HEAD + 1)).await.unwrap_err(), SendErrorKind::Response);
}

#[tokio::test]
async fn a_redirect_is_a_response() {
    let response = "HTTP/1.1 302 Found\r\nLocation: https://elsewhere.invalid/\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(outcome(response).await.unwrap().status(), http::StatusCode::FOUND);
}

#[tokio::test]
async fn interim_responses_are_passed_over() {
    let response = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";
    assert_eq!(outcome(response).await.unwrap().status(), http::StatusCode::NO_CONTENT);
}
