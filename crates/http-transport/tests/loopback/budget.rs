//! The budget for bodies that are not verified yet.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use http_transport::{BodyBudget, BodyError, ListenerConfig};
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;

use crate::bodies::Pieces;
use crate::peer::{PATIENCE, Serving, read_to_end, text};

/// A body that announces a length and never comes.
struct Announced(Option<u64>);

impl Body for Announced {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }

    fn size_hint(&self) -> SizeHint {
        self.0.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// A body that comes in pieces and announces no length.
struct Chunks(std::vec::IntoIter<String>);

impl Chunks {
    fn new(pieces: impl Into<Vec<String>>) -> Self {
        Self(pieces.into().into_iter())
    }
}

impl Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.next().map(|piece| Ok(Frame::data(piece.into()))))
    }
}

/// Whether it is over, once it was looked at.
async fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

#[tokio::test]
async fn as_many_as_fit_and_the_largest_gives_way_for_one_more() {
    let budget = BodyBudget::new(100);
    let mut small = pin!(budget.collect(Announced(Some(20)), 100, PATIENCE));
    let mut older = pin!(budget.collect(Announced(Some(40)), 100, PATIENCE));
    let mut younger = pin!(budget.collect(Announced(Some(40)), 100, PATIENCE));
    assert!(now(&mut small).await.is_none() && now(&mut older).await.is_none() && now(&mut younger).await.is_none());
    assert_eq!(budget.left(), 0);
    assert!(now(&mut older).await.is_none(), "all of it is in use, and nobody gives way");
    // A newcomer that is larger than all gives way itself; of equals, the one that came first does.
    assert_eq!(budget.collect(Announced(Some(41)), 100, PATIENCE).await.unwrap_err(), BodyError::NoRoom);
    let mut newcomer = pin!(budget.collect(Announced(Some(40)), 100, PATIENCE));
    assert!(now(&mut newcomer).await.is_none());
    assert_eq!(now(&mut older).await.unwrap().unwrap_err(), BodyError::NoRoom);
    assert!(now(&mut small).await.is_none() && now(&mut younger).await.is_none());
    let genuine = budget.collect("four".to_owned(), 100, PATIENCE).await.unwrap();
    assert_eq!(now(&mut younger).await.unwrap().unwrap_err(), BodyError::NoRoom);
    assert_eq!(budget.left(), 36);
    // The last byte that is left makes no message give way.
    let mut last = pin!(budget.collect(Announced(Some(36)), 100, PATIENCE));
    assert!(now(&mut last).await.is_none() && now(&mut newcomer).await.is_none() && now(&mut small).await.is_none());
    assert_eq!((&*genuine, budget.left()), (&b"four"[..], 0));
}

#[tokio::test]
async fn bare_heads_push_no_small_body_out() {
    let budget = BodyBudget::default();
    let mut genuine = pin!(budget.collect(Announced(Some(4096)), 1 << 20, PATIENCE));
    assert!(now(&mut genuine).await.is_none());
    let mut strangers = Vec::new();
    for number in 0..8192 {
        let announced = [None, Some(1 << 20), Some(4097)][number % 3];
        let mut stranger = Box::pin(budget.collect(Announced(announced), 1 << 20, PATIENCE));
        if now(&mut stranger).await.is_none() {
            strangers.push(stranger);
        }
    }
    assert!(strangers.len() > 4096);
    assert!(now(&mut genuine).await.is_none(), "it is still on its way");
}

#[tokio::test]
async fn a_body_in_chunks_reserves_as_it_comes() {
    const FIRST: usize = BodyBudget::FIRST_PIECE;
    let piece = |length| "x".repeat(length);
    let budget = BodyBudget::new(6 * FIRST);
    let mut bare = pin!(budget.collect(Announced(None), 4 * FIRST, PATIENCE));
    assert!(now(&mut bare).await.is_none());
    assert_eq!(budget.left(), 5 * FIRST);
    // Up to the first piece, and one byte more.
    let within = budget.collect(Chunks::new([piece(FIRST - 1), piece(1)]), 4 * FIRST, PATIENCE).await.unwrap();
    assert_eq!((within.len(), budget.left()), (FIRST, 4 * FIRST));
    drop(within);
    let beyond = budget.collect(Chunks::new([piece(FIRST), piece(1)]), 4 * FIRST, PATIENCE).await.unwrap();
    assert_eq!((beyond.len(), budget.left()), (FIRST + 1, FIRST));
    // From there on it has all that it may need.
    drop(beyond);
    let all = [piece(FIRST), piece(FIRST), piece(10)];
    let limited = budget.collect(Chunks::new(all.clone()), 2 * FIRST + 10, PATIENCE).await.unwrap();
    assert_eq!((limited.len(), budget.left()), (2 * FIRST + 10, 3 * FIRST - 10));
    assert!(limited.iter().all(|byte| *byte == b'x'));
    drop(limited);
    let error = budget.collect(Chunks::new(all), 2 * FIRST + 9, PATIENCE).await.unwrap_err();
    assert_eq!(error, BodyError::TooLarge { limit: 2 * FIRST + 9 });
    assert_eq!(budget.left(), 5 * FIRST);
    // What is smaller than the first piece is reserved as such.
    let mut limited = pin!(budget.collect(Announced(None), 70, PATIENCE));
    assert!(now(&mut limited).await.is_none());
    assert_eq!(budget.left(), 5 * FIRST - 70);
    assert_eq!(budget.collect(Announced(Some(71)), 70, PATIENCE).await.unwrap_err(), BodyError::TooLarge { limit: 70 });
}

#[tokio::test]
async fn a_body_that_grows_is_as_large_as_it_becomes() {
    const FIRST: usize = BodyBudget::FIRST_PIECE;
    let budget = BodyBudget::new(3 * FIRST);
    let growing = || Chunks::new(["x".repeat(FIRST), "x".to_owned()]);
    // One that came first and is as large as it becomes gives way; to smaller ones it gives way
    // itself.
    let mut older = pin!(budget.collect(Announced(Some(2 * FIRST as u64)), 2 * FIRST, PATIENCE));
    assert!(now(&mut older).await.is_none());
    assert_eq!(budget.collect(growing(), 2 * FIRST, PATIENCE).await.unwrap().len(), FIRST + 1);
    assert_eq!(now(&mut older).await.unwrap().unwrap_err(), BodyError::NoRoom);
    assert_eq!(budget.left(), 3 * FIRST);
    let mut smaller = [FIRST, FIRST].map(|size| Box::pin(budget.collect(Announced(Some(size as u64)), size, PATIENCE)));
    for smaller in &mut smaller {
        assert!(now(smaller).await.is_none());
    }
    assert_eq!(budget.collect(growing(), 3 * FIRST, PATIENCE).await.unwrap_err(), BodyError::NoRoom);
    assert_eq!(budget.left(), FIRST);
    for smaller in &mut smaller {
        assert!(now(smaller).await.is_none());
    }
}

#[tokio::test]
async fn a_body_that_can_never_fit_makes_no_other_give_way() {
    let budget = BodyBudget::new(100);
    let verifying = budget.collect(Pieces::new(&["1234"]), 60, PATIENCE).await.unwrap();
    let mut coming = pin!(budget.collect(Announced(Some(20)), 100, PATIENCE));
    assert!(now(&mut coming).await.is_none());
    // What has come gives no way, and nothing smaller does.
    let least = budget.left() + 1;
    assert_eq!(budget.collect(Announced(Some(least as u64)), 100, PATIENCE).await.unwrap_err(), BodyError::NoRoom);
    assert!(now(&mut coming).await.is_none());
    drop(verifying);
    assert_eq!(budget.left(), 80);
}

#[tokio::test(start_paused = true)]
async fn all_is_given_back_however_it_ends() {
    let budget = BodyBudget::new(100);
    let collected = budget.collect(Pieces::new(&["1234", "", "5678"]), 8, PATIENCE).await.unwrap();
    assert_eq!((&*collected, budget.left()), (&b"12345678"[..], 92));
    drop(collected);
    let short = Duration::from_millis(20);
    for (body, limit, error) in [
        (Pieces::new(&["1234", "5678"]), 7, BodyError::TooLarge { limit: 7 }),
        (Pieces::new(&["1234"]).then(Poll::Pending), 8, BodyError::TimedOut),
        (Pieces::new(&["1234"]).then(Poll::Ready(Some(Err("broken")))), 8, BodyError::Broken),
    ] {
        assert_eq!(budget.collect(body, limit, short).await.unwrap_err(), error);
        assert_eq!(budget.left(), 100);
    }
    // A peer that hangs up.
    tokio::select! {
        biased;
        _ = budget.collect(Announced(Some(100)), 100, PATIENCE) => panic!("it never comes"),
        () = std::future::ready(()) => {}
    }
    assert_eq!(budget.left(), 100);
    assert_eq!(BodyBudget::default().left(), BodyBudget::DEFAULT);
}

#[tokio::test]
async fn slow_strangers_on_the_wire_keep_no_message_out() {
    const LIMIT: usize = 1 << 20;
    // Room for four of the largest.
    let budget = BodyBudget::new(4 * LIMIT);
    let coming = Arc::new(Semaphore::new(0));
    let (sharing, came) = (budget.clone(), Arc::clone(&coming));
    let listener = Serving::new(ListenerConfig::default(), move |request: Request<Incoming>| {
        let (budget, came) = (sharing.clone(), Arc::clone(&came));
        async move {
            came.add_permits(1);
            let collected = budget.collect(request.into_body(), LIMIT, PATIENCE).await;
            let mut response = text(collected.as_ref().map_or_else(ToString::to_string, |body| body.len().to_string()));
            if collected.is_err() {
                *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            }
            Ok::<Response<Full<Bytes>>, Infallible>(response)
        }
    })
    .await;
    let mut strangers = Vec::new();
    for number in 0..12 {
        let mut stranger = listener.connect().await;
        let (head, body) = if number % 2 == 0 {
            (format!("Content-Length: {LIMIT}"), "x")
        } else {
            ("Transfer-Encoding: chunked".to_owned(), "1\r\nx\r\n")
        };
        stranger.write_all(format!("POST / HTTP/1.1\r\nHost: h\r\n{head}\r\n\r\n{body}").as_bytes()).await.unwrap();
        coming.acquire().await.unwrap().forget();
        strangers.push(stranger);
    }
    let genuine = b"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 4\r\n\r\nfour";
    let response = listener.exchange(genuine).await;
    assert!(response.starts_with("HTTP/1.1 200 ") && response.ends_with("\r\n\r\n4"), "{response}");
    // The largest that came first gave way, and are told; bare heads in chunks are small.
    for stranger in strangers[..6].iter_mut().step_by(2) {
        let refused = read_to_end(stranger).await;
        assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("send it again"), "{refused}");
    }
    tokio::select! {
        biased;
        _ = strangers[11].read_u8() => panic!("the last of them is still coming"),
        () = async { tokio::task::yield_now().await } => {}
    }
    drop(strangers);
    while budget.left() < 4 * LIMIT {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
