//! The budget over bodies that nobody has verified yet.

use core::convert::Infallible;
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use core::time::Duration;
use std::sync::Arc;

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

/// Whether it is over, once it was looked at.
async fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    core::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

#[tokio::test]
async fn as_many_as_fit_and_the_longest_gives_way_for_one_more() {
    let budget = BodyBudget::new(100);
    let mut first = pin!(budget.collect(Announced(Some(60)), 100, PATIENCE));
    let mut second = pin!(budget.collect(Announced(Some(40)), 100, PATIENCE));
    assert!(now(&mut first).await.is_none() && now(&mut second).await.is_none());
    assert_eq!(budget.left(), 0);
    assert!(now(&mut first).await.is_none(), "all of it is in use, and nobody gives way");
    let mut third = pin!(budget.collect(Announced(Some(61)), 100, PATIENCE));
    assert!(now(&mut third).await.is_none());
    assert_eq!(now(&mut first).await.unwrap().unwrap_err(), BodyError::NoRoom);
    assert_eq!(now(&mut second).await.unwrap().unwrap_err(), BodyError::NoRoom);
    assert_eq!(budget.left(), 39);
    // The last byte that is left makes nobody give way.
    let mut fourth = pin!(budget.collect(Announced(Some(39)), 100, PATIENCE));
    assert!(now(&mut fourth).await.is_none() && now(&mut third).await.is_none());
    assert_eq!(budget.left(), 0);
}

#[tokio::test]
async fn a_body_without_a_length_is_counted_as_the_largest() {
    let budget = BodyBudget::new(100);
    let mut chunks = pin!(budget.collect(Announced(None), 70, PATIENCE));
    assert!(now(&mut chunks).await.is_none());
    assert_eq!(budget.left(), 30);
    assert_eq!(budget.collect(Announced(Some(71)), 70, PATIENCE).await.unwrap_err(), BodyError::TooLarge { limit: 70 });
}

#[tokio::test]
async fn what_can_never_fit_makes_nobody_give_way() {
    let budget = BodyBudget::new(100);
    let verifying = budget.collect(Pieces::new(&["1234"]), 60, PATIENCE).await.unwrap();
    let mut coming = pin!(budget.collect(Announced(Some(20)), 100, PATIENCE));
    assert!(now(&mut coming).await.is_none());
    // Forty can be made room for, not one more: what has come gives no way.
    assert_eq!(budget.collect(Announced(Some(41)), 100, PATIENCE).await.unwrap_err(), BodyError::NoRoom);
    assert!(now(&mut coming).await.is_none());
    assert!(now(budget.collect(Announced(Some(40)), 100, PATIENCE)).await.is_none());
    assert_eq!(now(&mut coming).await.unwrap().unwrap_err(), BodyError::NoRoom);
    assert_eq!((&*verifying, budget.left()), (&b"1234"[..], 40));
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
        () = core::future::ready(()) => {}
    }
    assert_eq!(budget.left(), 100);
    assert_eq!(BodyBudget::default().left(), BodyBudget::DEFAULT);
}

#[tokio::test]
async fn slow_strangers_on_the_wire_keep_nobody_out() {
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
    // Those that came first gave way, and are told.
    for stranger in &mut strangers[..8] {
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
