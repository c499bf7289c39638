//! The clones of a client stay within the platform's limits, as the platform counts. Its clock and
//! the client's are the test's: no test waits.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_transport::{SendError, SendErrorKind};
use platform_sandbox::{Fault, FaultKind, NewComplaint, Sandbox, SandboxConfig};
use protocol_core::rate::Rates;
use protocol_core::wechat_pay::{ListComplaints, RATES, Respond};
use protocol_core::{Delivery, OperationInfo as _, UnixTime};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tower_service::Service;
use wechat_adapter::{Client, Clock, Error};

use crate::world::builder;

const CLONES: usize = 64;
const MINUTE: i64 = 60;

/// The sandbox without a socket.
#[derive(Clone)]
struct Offline(Arc<Sandbox>);

impl Service<Request<Bytes>> for Offline {
    type Response = Response<Bytes>;
    type Error = SendError;
    type Future = Ready<Result<Response<Bytes>, SendError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        ready(self.0.handle(&request).ok_or_else(|| SendError::unknown(SendErrorKind::Io, "closed")))
    }
}

/// A client of a sandbox that counts by the test's clock.
fn client(rates: Rates) -> (Client<Offline>, Arc<Sandbox>) {
    let began = Instant::now();
    let now = move || UnixTime(1_741_936_166 + i64::try_from(began.elapsed().as_secs()).unwrap());
    let sandbox = Arc::new(Sandbox::offline(&SandboxConfig::default().with_clock(now)).unwrap());
    let client = builder(&sandbox, sandbox.merchant(), Some(&sandbox.platform_key())).clock(Clock::new(now));
    (client.rates(rates).build_over(Offline(Arc::clone(&sandbox))), sandbox)
}

fn list() -> ListComplaints {
    ListComplaints::new("2025-03-01", "2025-03-14")
}

#[tokio::test(start_paused = true)]
async fn sixty_four_clones_never_send_more_lists_a_minute_than_is_documented() {
    let (client, sandbox) = client(RATES);
    let began = Instant::now();
    let mut clones = JoinSet::new();
    for _ in 0..CLONES {
        let client = client.clone();
        clones.spawn(async move {
            for _ in 0..5 {
                client.send(&list()).await.unwrap();
            }
        });
    }
    clones.join_all().await;
    let busiest = sandbox.most_requests(ListComplaints::NAME, MINUTE);
    assert!((180..=200).contains(&busiest), "{busiest}");
    // 20 at once, then 181 a minute.
    assert!((99..=100).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_same_clones_exceed_the_limit_without_rates() {
    let (client, sandbox) = client(Rates::NONE);
    for _ in 0..201 {
        client.send(&list()).await.unwrap();
    }
    assert_eq!(sandbox.most_requests(ListComplaints::NAME, MINUTE), 201);
}

#[tokio::test(start_paused = true)]
async fn replies_that_would_wait_too_long_are_not_sent() {
    let (client, sandbox) = client(RATES.with_max_wait(Duration::from_secs(10)));
    let id = sandbox.file_complaint(NewComplaint::default());
    let mut clones = JoinSet::new();
    for number in 0..CLONES {
        let reply = Respond::new(&id, &sandbox.merchant().mchid, format!("reply {number}"));
        let client = client.clone();
        clones.spawn(async move { client.send(&reply).await });
    }
    let (sent, over): (Vec<_>, Vec<_>) = clones.join_all().await.into_iter().partition(Result::is_ok);
    // 6 at once, and one after each of 9 intervals of 60/55 s.
    assert_eq!((sent.len(), over.len()), (15, CLONES - 15));
    for error in over.into_iter().map(Result::unwrap_err) {
        assert!(matches!(error, Error::OverRate { .. }) && error.failure().delivery == Delivery::NotSent, "{error}");
    }
    assert_eq!(sandbox.most_requests(Respond::NAME, MINUTE), 15);
}

/// Another process of the merchant uses the limit up: each clone backs off once, and no wait is
/// added to another.
#[tokio::test(start_paused = true)]
async fn a_refusal_of_the_platform_is_waited_for_once() {
    let (client, sandbox) = client(RATES);
    let busy = FaultKind::RateLimited { retry_after: Some(2), signed: true };
    sandbox.inject(Fault::once(busy).times(20).on::<ListComplaints>());
    let began = Instant::now();
    let mut clones = JoinSet::new();
    for _ in 0..20 {
        let client = client.clone();
        clones.spawn(async move { client.send(&list()).await.unwrap() });
    }
    clones.join_all().await;
    // Two seconds bring 6 turns back, and the other 14 take 14 intervals of 60/181 s.
    let elapsed = began.elapsed();
    assert!(elapsed >= Duration::from_secs(6) && elapsed < Duration::from_secs(7), "{elapsed:?}");
    assert_eq!(sandbox.most_requests(ListComplaints::NAME, MINUTE), 40);
}
