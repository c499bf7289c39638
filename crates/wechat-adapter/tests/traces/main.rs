//! The events for `tracing`: operation, attempt, outcome, request id; no personal data and no
//! secret.
//!
//! A separate program with one test, because `tracing` caches its callsites for the whole process.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a test states what must hold, with a platform that other tests use more of"
)]

#[path = "../scripted/platform.rs"]
mod platform;

#[path = "../mini_program/platform.rs"]
mod mini_program;

use std::convert::Infallible;
use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use protocol_core::mini_program::{BussiHandle, GetOrderDetail, Mode, Receiver, RespondComplaint, push_signature};
use protocol_core::replay::MemoryDeduplicate;
use protocol_core::wechat_pay::{Authorization, GetComplaint, Respond};
use tower_service::Service;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use wechat_adapter::mini_program::{Client, Pushed, Pushes, StableToken};
use wechat_adapter::{Account, Clock, Notifications, Received, Webhook};

use crate::platform::{BROKEN, NOW, Reaction, client, signed, unsigned};

/// Records every event.
#[derive(Clone, Default)]
struct Ears(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, "{field}={value:?} ");
    }
}

impl Subscriber for Ears {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        ["wechat_adapter", "webhook_service"].iter().any(|of| metadata.target().starts_with(of))
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut heard = self.0.lock().unwrap();
        attributes.record(&mut Line(&mut heard));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut heard = self.0.lock().unwrap();
        let _ = write!(heard, "{} ", event.metadata().level());
        event.record(&mut Line(&mut heard));
        heard.push('\n');
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The events while a future runs.
async fn heard(future: impl Future<Output = ()>) -> String {
    let ears = Ears::default();
    let guard = tracing::subscriber::set_default(ears.clone());
    future.await;
    drop(guard);
    let heard = ears.0.lock().unwrap();
    heard.clone()
}

#[tokio::test(start_paused = true)]
async fn calls_are_told_without_anything_personal() {
    a_call_is_told_attempt_by_attempt().await;
    nothing_personal_and_no_secret_is_told().await;
    a_mini_programs_call_is_told_without_its_token().await;
    nothing_of_a_mini_programs_act_is_told().await;
    strangers_requests_are_counted_and_told_once_a_minute().await;
    a_genuine_message_that_fails_is_told_each_time().await;
    a_handlers_error_is_told_in_its_own_words().await;
}

async fn a_call_is_told_attempt_by_attempt() {
    let (client, _) = client([BROKEN, signed(500, "{}"), signed(200, r#"{"complaint_id":"1"}"#)]);
    let told = heard(async {
        client.send(&GetComplaint::new("canary-id")).await.unwrap();
    })
    .await;
    for expected in [
        "operation=\"get_complaint\"",
        "attempt=1",
        "outcome=\"broken\"",
        "attempt=2",
        "outcome=\"refused\"",
        "request_id=\"08F2-0\"",
        "attempt=3",
        "outcome=\"done\"",
    ] {
        assert!(told.contains(expected), "{expected} in {told}");
    }
}

async fn nothing_personal_and_no_secret_is_told() {
    let failures: [fn() -> Reaction; 4] = [
        || BROKEN,
        || unsigned(500, r#"{"code":"SYSTEM_ERROR","message":"canary-words"}"#),
        || signed(400, r#"{"code":"PARAM_ERROR","message":"canary-words","detail":{"value":"canary-words"}}"#),
        || signed(204, "canary-words"),
    ];
    for failure in failures {
        let (client, platform) = client([failure()]);
        let reply = Respond::new("canary-id", "1900007291", protocol_core::Personal::new("canary-text".to_owned()));
        let told = heard(async { drop(client.send_without_looking(&reply).await) }).await;
        assert!(told.contains("operation=\"respond\""), "{told}");
        let request = &platform.requests()[0];
        let authorization = request.headers()["Authorization"].to_str().unwrap();
        let authorization = Authorization::parse(authorization).unwrap();
        for secret in ["canary", &*authorization.signature, &*authorization.nonce_str] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}

/// A Mini Program's client whose secret and tokens are canaries.
fn app(
    script: impl IntoIterator<Item = mini_program::Reaction>,
) -> (Client<mini_program::Scripted>, mini_program::Scripted) {
    let platform = mini_program::Scripted::new(script);
    let secret = protocol_core::Secret::new(b"canary-secret".to_vec());
    let tokens = StableToken::builder("wx1", secret).origin(mini_program::ORIGIN).build_over(platform.clone());
    (Client::builder(tokens).origin(mini_program::ORIGIN).build_over(platform.clone()), platform)
}

fn token(number: u32) -> mini_program::Reaction {
    mini_program::says(format!(r#"{{"access_token":"canary-token-{number}","expires_in":7200}}"#))
}

async fn a_mini_programs_call_is_told_without_its_token() {
    use mini_program::says;

    let refused = says(r#"{"errcode":40001,"errmsg":"canary-words rid: a-b-c"}"#);
    let script = [token(1), mini_program::BROKEN, refused, token(2), says(r#"{"errcode":0,"item":[]}"#)];
    let (client, platform) = app(script);
    let told = heard(async {
        client.send(&GetOrderDetail::new("86220canary")).await.unwrap();
    })
    .await;
    for expected in [
        "operation=\"get_order_detail\"",
        "outcome=\"broken\"",
        "outcome=\"token-refused\"",
        "code=40001",
        "rid=\"a-b-c\"",
        "attempt=2",
        "outcome=\"done\"",
    ] {
        assert!(told.contains(expected), "{expected} in {told}");
    }
    assert!(!told.contains("canary"), "{told}");
    let asked = platform.asked();
    assert!(asked.iter().any(|target| target.contains("canary-token-1")), "but they were sent: {asked:?}");
    assert!(asked.iter().any(|target| target.contains("canary-token-2")), "but they were sent: {asked:?}");
}

async fn nothing_of_a_mini_programs_act_is_told() {
    use mini_program::{BROKEN, UNREACHED, says, status};

    let failures: [fn() -> mini_program::Reaction; 6] = [
        || BROKEN,
        || UNREACHED,
        || status(502, "canary-words"),
        || says(r#"{"errcode":-1,"errmsg":"canary-words"}"#),
        || says(r#"{"errcode":10001,"errmsg":"canary-words"}"#),
        || says(r#"{"code":309,"msg":"canary-words","success":false}"#),
    ];
    for failure in failures {
        // The act, and the look for it, which is taken three times.
        let (client, _) = app([token(1), failure(), failure(), failure(), failure()]);
        let response = RespondComplaint::new("86220canary", BussiHandle::Agree)
            .with_content(protocol_core::Personal::new("canary-text".to_owned()))
            .with_media_id_list(vec!["canary-media".to_owned()]);
        let told = heard(async { drop(client.send(&response).await) }).await;
        assert!(told.contains("operation=\"respond_complaint\""), "{told}");
        assert!(!told.contains("canary"), "{told}");
    }
}

/// A clock that the test sets.
fn clock() -> (Arc<AtomicU32>, Clock) {
    let seconds = Arc::new(AtomicU32::new(0));
    let hand = Arc::clone(&seconds);
    (seconds, Clock::new(move || NOW.plus(hand.load(Ordering::Relaxed))))
}

fn store() -> MemoryDeduplicate {
    MemoryDeduplicate::new(NonZeroUsize::new(10).unwrap(), 60)
}

async fn post<W>(webhook: &W, request: Request<Full<Bytes>>) -> u16
where
    W: Service<Request<Full<Bytes>>, Response = Response<Full<Bytes>>, Error = Infallible> + Clone,
{
    webhook.clone().call(request).await.unwrap().status().as_u16()
}

fn unsigned_request() -> Request<Full<Bytes>> {
    Request::post("/?timestamp=canary").header("Wechatpay-Nonce", "canary").body(Full::from("canary")).unwrap()
}

fn wrong_method() -> Request<Full<Bytes>> {
    Request::put("/").body(Full::default()).unwrap()
}

/// A webhook's events for a stranger's requests, over two minutes.
async fn strangers_are_told<W>(webhook: W, seconds: &AtomicU32, operation: &str)
where
    W: Service<Request<Full<Bytes>>, Response = Response<Full<Bytes>>, Error = Infallible> + Clone,
{
    let told = heard(async {
        for _ in 0..500 {
            assert_eq!(post(&webhook, unsigned_request()).await, 401);
        }
        assert_eq!(post(&webhook, wrong_method()).await, 405);
        seconds.store(59, Ordering::Relaxed);
        post(&webhook, wrong_method()).await;
    })
    .await;
    assert_eq!((told.matches("WARN").count(), told.matches("DEBUG").count()), (0, 502), "{told}");
    assert_eq!(told.matches("reason=not proven to be a message for this receiver: ").count(), 500, "{told}");
    assert!(!told.contains("canary"), "{told}");
    let told = heard(async {
        seconds.store(60, Ordering::Relaxed);
        post(&webhook, wrong_method()).await;
        post(&webhook, wrong_method()).await;
    })
    .await;
    let counts = format!(
        "WARN operation=\"{operation}\" outcome=\"strangers-refused\" reasons=\"unverified: 500, wrong-method: 2\""
    );
    assert!(told.contains(&counts), "{told}");
    assert_eq!((told.matches("WARN").count(), told.matches("DEBUG").count()), (1, 2), "{told}");
}

async fn strangers_requests_are_counted_and_told_once_a_minute() {
    let (seconds, clock) = clock();
    let handler = |_: Received| async { Ok::<(), Infallible>(()) };
    let webhook = Webhook::builder(notifications(), store(), handler).clock(clock).build();
    strangers_are_told(webhook, &seconds, "notification").await;

    let (seconds, clock) = self::clock();
    let handler = |_: Pushed| async { Ok::<(), Infallible>(()) };
    let webhook = Webhook::builder(Pushes::of(plain_receiver()), store(), handler).clock(clock).build();
    strangers_are_told(webhook, &seconds, "push").await;
}

fn notifications() -> Notifications {
    Notifications::of(Account::new("1900007291", platform::keys(), platform::api_v3_key()))
}

fn plain_receiver() -> Receiver {
    Receiver::new("wx1", protocol_core::Secret::new(b"t0ken".to_vec()), Mode::Plain, None).unwrap()
}

async fn a_genuine_message_that_fails_is_told_each_time() {
    let (_, clock) = clock();
    let handler = |_: Received| async { Ok::<(), Infallible>(()) };
    let webhook = Webhook::builder(notifications(), store(), handler).clock(clock).build();
    let unreadable = || {
        let mut request = Request::post("/");
        for (name, value) in platform::signed_headers(b"canary", NOW, platform::KEY_ID) {
            request = request.header(name, value);
        }
        request.body(Full::from("canary")).unwrap()
    };
    let told = heard(async {
        for _ in 0..3 {
            assert_eq!(post(&webhook, unreadable()).await, 500);
        }
    })
    .await;
    assert_eq!(told.matches("WARN operation=\"notification\" outcome=\"unreadable\" status=500").count(), 3, "{told}");
    assert_eq!(told.matches("reason=genuine, but it cannot be read: ").count(), 3, "{told}");
    assert!(!told.contains("canary"), "{told}");

    let (_, clock) = self::clock();
    let handler = |_: Pushed| async { Ok::<(), Infallible>(()) };
    let webhook = Webhook::builder(Pushes::of(plain_receiver()), store(), handler).clock(clock).build();
    let time = NOW.to_string();
    let signature = push_signature(b"t0ken", &time, "n", None);
    let told = heard(async {
        for _ in 0..3 {
            let uri = format!("/?timestamp={time}&nonce=n&signature={signature}");
            let request = Request::post(uri).body(Full::from("<xml>canary")).unwrap();
            assert_eq!(post(&webhook, request).await, 500);
        }
    })
    .await;
    assert_eq!(told.matches("WARN operation=\"push\" outcome=\"unreadable\" status=500").count(), 3, "{told}");
    assert_eq!(told.matches("reason=genuine, but it cannot be read: ").count(), 3, "{told}");
    assert!(!told.contains("canary"), "{told}");
}

/// The events show a handler's error by `Display`, and nothing that only its `Debug` has.
#[derive(Debug)]
struct NotStored(#[expect(dead_code, reason = "a row that `Debug` repeats")] &'static str);

impl std::fmt::Display for NotStored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the database is away")
    }
}

impl std::error::Error for NotStored {}

async fn a_handlers_error_is_told_in_its_own_words() {
    let failed = "outcome=\"handler-failed\" status=500 reason=verified, but not stored: the handler failed: \
                  the database is away";
    let panicked = "outcome=\"handler-panicked\" status=500 reason=verified, but not stored: the handler panicked ";
    for (panics, expected) in [(false, failed), (true, panicked)] {
        let handler = move |_: Pushed| async move {
            assert!(!panics, "canary");
            Err::<(), _>(NotStored("canary"))
        };
        let (_, clock) = clock();
        let webhook = Webhook::builder(Pushes::of(plain_receiver()), store(), handler).clock(clock).build();
        let time = NOW.to_string();
        let signature = push_signature(b"t0ken", &time, "n", None);
        let told = heard(async {
            let uri = format!("/?timestamp={time}&nonce=n&signature={signature}");
            let request = Request::post(uri).body(Full::from("<xml><Event>canary</Event></xml>")).unwrap();
            assert_eq!(post(&webhook, request).await, 500);
        })
        .await;
        assert!(told.contains(expected), "{told}");
        assert!(!told.contains("canary"), "{told}");
    }
}
