//! The webhook: acknowledgements, refusals, and the handler's outcomes.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt as _, Full, StreamBody};
use protocol_core::crypto::{AeadAlgorithm, ApiV3Key, Keyring, Signature};
use protocol_core::limits::MAX_NOTIFICATION_BODY;
use protocol_core::replay::{Deduplicate, Key, Lease, MemoryDeduplicate, Reservation};
use protocol_core::wechat_pay::{NotificationError, Resource, VerificationError};
use protocol_core::{BuildError, UnixTime};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tower_service::Service;
use wechat_adapter::http_transport::{BodyBudget, Listener, ListenerConfig};
use wechat_adapter::{
    Account, Clock, Handler, Notifications, Received, Webhook, WebhookBuilder, WebhookError, WebhookTimeouts,
};

use wechat_adapter::webhook_service::Reason;

use crate::platform::{KEY_ID, NOW, api_v3_key, keys, signed_headers};

pub(crate) const MCHID: &str = "1900007291";

/// A notification with this id, sealed with this key.
pub(crate) fn body(id: &str, key: &ApiV3Key) -> String {
    sealing(id, key, br#"{"complaint_id":"200201820200101080076610000","action_type":"CREATE_COMPLAINT"}"#)
}

pub(crate) fn sealing(id: &str, key: &ApiV3Key, resource: &[u8]) -> String {
    let sealed = key.seal(AeadAlgorithm::Aes256Gcm, b"0123456789ab", b"complaint", resource).unwrap();
    let ciphertext = Signature::new(sealed).to_base64();
    format!(
        r#"{{"id":"{id}","create_time":"2025-03-14T15:09:26+08:00","resource_type":"encrypt-resource","event_type":"COMPLAINT.CREATE","resource":{{"original_type":"complaint","algorithm":"AEAD_AES_256_GCM","ciphertext":"{ciphertext}","associated_data":"complaint","nonce":"0123456789ab"}}}}"#
    )
}

pub(crate) fn request(body: &str) -> Request<Full<Bytes>> {
    dated(body, NOW, KEY_ID)
}

pub(crate) fn dated(body: &str, time: UnixTime, key_id: &str) -> Request<Full<Bytes>> {
    let mut request = Request::post("https://merchant.example/notify");
    for (name, value) in signed_headers(body.as_bytes(), time, key_id) {
        request = request.header(name, value);
    }
    request.body(Full::from(body.to_owned())).unwrap()
}

pub(crate) fn store() -> MemoryDeduplicate {
    MemoryDeduplicate::new(NonZeroUsize::new(1000).unwrap(), 60)
}

pub(crate) fn account() -> Account {
    Account::new(MCHID, keys(), api_v3_key())
}

pub(crate) fn building<H: Handler<Received>>(handler: H) -> WebhookBuilder<Notifications, H, MemoryDeduplicate> {
    building_for(Notifications::of(account()), handler)
}

pub(crate) fn building_for<H: Handler<Received>>(
    notifications: Notifications,
    handler: H,
) -> WebhookBuilder<Notifications, H, MemoryDeduplicate> {
    Webhook::builder(notifications, store(), handler).clock(Clock::new(|| NOW))
}

async fn response<W, B>(webhook: &W, request: Request<B>) -> Response<Full<Bytes>>
where
    W: Service<Request<B>, Response = Response<Full<Bytes>>, Error = Infallible> + Clone,
{
    webhook.clone().call(request).await.unwrap()
}

pub(crate) async fn status<W, B>(webhook: &W, request: Request<B>) -> u16
where
    W: Service<Request<B>, Response = Response<Full<Bytes>>, Error = Infallible> + Clone,
{
    let response = response(webhook, request).await;
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    if status.is_success() {
        assert!(body.is_empty());
    } else {
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["code"], "FAIL");
        assert!((1..=64).contains(&body["message"].as_str().unwrap().chars().count()));
    }
    status.as_u16()
}

/// A handler that counts, and follows its script on each call.
fn counting() -> (Arc<AtomicUsize>, impl Handler<Received>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let handler = move |received: Received| {
        let Resource::Complaint(event) = &received.notification.resource else { panic!("a complaint") };
        assert_eq!((&*received.mchid, &*event.complaint_id), (MCHID, "200201820200101080076610000"));
        counter.fetch_add(1, Ordering::Relaxed);
        async { Ok::<(), Infallible>(()) }
    };
    (count, handler)
}

#[tokio::test]
async fn a_notification_is_delivered_once_and_its_copies_are_acknowledged() {
    let (count, handler) = counting();
    let webhook = building(handler).build();
    let body = body("EV-1", &api_v3_key());
    for _ in 0..3 {
        assert_eq!(status(&webhook, request(&body)).await, 204);
    }
    // A copy comes newly signed.
    assert_eq!(status(&webhook, dated(&body, NOW.plus(60), KEY_ID)).await, 204);
    assert_eq!(count.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failed_handler_gets_the_next_copy() {
    for failure in ["error", "panic in the future", "panic in the call", "too slow"] {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        let refusals = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&refusals);
        let webhook = building(move |_| {
            let first = counter.fetch_add(1, Ordering::Relaxed) == 0;
            assert!(!(first && failure == "panic in the call"), "a scripted panic");
            async move {
                match failure {
                    "error" if first => Err("scripted"),
                    "panic in the future" if first => panic!("a scripted panic"),
                    "too slow" if first => std::future::pending().await,
                    _ => Ok(()),
                }
            }
        })
        .timeouts(WebhookTimeouts::default().with_handler(Duration::from_millis(50)))
        .on_refusal(move |refusal| seen.lock().unwrap().push(refusal.clone()))
        .build();
        let body = body("EV-1", &api_v3_key());
        assert_eq!(status(&webhook, request(&body)).await, 500, "{failure}");
        assert_eq!(status(&webhook, request(&body)).await, 204, "{failure}");
        assert_eq!(status(&webhook, request(&body)).await, 204, "{failure}");
        assert_eq!(calls.load(Ordering::Relaxed), 2, "{failure}");
        let refusals = refusals.lock().unwrap();
        assert!(refusals.len() == 1 && refusals[0].wants_attention(), "{refusals:?}");
    }
}

#[tokio::test]
async fn a_copy_that_comes_while_the_first_is_in_hand_is_told_to_come_again() {
    let (go, calls) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let (waits, counter) = (Arc::clone(&go), Arc::clone(&calls));
    let webhook = building(move |_| {
        let waits = Arc::clone(&waits);
        counter.fetch_add(1, Ordering::Relaxed);
        async move {
            waits.notified().await;
            Ok::<(), Infallible>(())
        }
    })
    .build();
    let body = body("EV-1", &api_v3_key());
    let first = tokio::spawn({
        let (webhook, request) = (webhook.clone(), request(&body));
        async move { status(&webhook, request).await }
    });
    while calls.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(status(&webhook, request(&body)).await, 503);
    go.notify_one();
    assert_eq!(first.await.unwrap(), 204);
    assert_eq!(status(&webhook, request(&body)).await, 204);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_hangs_up_does_not_cut_the_handler_off() {
    let (go, stored) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let (waits, counter) = (Arc::clone(&go), Arc::clone(&stored));
    let webhook = building(move |_| {
        let (waits, counter) = (Arc::clone(&waits), Arc::clone(&counter));
        async move {
            waits.notified().await;
            counter.fetch_add(1, Ordering::Relaxed);
            Ok::<(), Infallible>(())
        }
    })
    .build();
    let body = body("EV-1", &api_v3_key());
    let hung_up = tokio::time::timeout(Duration::from_millis(50), status(&webhook, request(&body))).await;
    assert!(hung_up.is_err());
    go.notify_one();
    while status(&webhook, request(&body)).await != 204 {
        tokio::task::yield_now().await;
    }
    assert_eq!(stored.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_is_not_the_platforms_is_refused_and_not_delivered() {
    let (count, handler) = counting();
    let webhook = building(handler).build();
    let body = body("EV-1", &api_v3_key());
    let altered = |name: &'static str, value: Option<&str>| {
        let mut request = request(&body);
        request.headers_mut().remove(name);
        if let Some(value) = value {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        request
    };
    for (case, request) in [
        ("no signature", altered("Wechatpay-Signature", None)),
        ("no time", altered("Wechatpay-Timestamp", None)),
        ("a probe", altered("Wechatpay-Signature", Some("WECHATPAY/SIGNTEST/x"))),
        ("another nonce", altered("Wechatpay-Nonce", Some("x"))),
        ("an unknown key", altered("Wechatpay-Serial", Some("7777"))),
        ("another algorithm", altered("Wechatpay-Signature-Type", Some("WECHATPAY2-SM2-WITH-SM3"))),
        ("too old", dated(&body, UnixTime(NOW.0 - 300), KEY_ID)),
        ("from the future", dated(&body, NOW.plus(300), KEY_ID)),
        ("another body", request(&body).map(|_| Full::from(format!("{body}\n")))),
    ] {
        assert_eq!(status(&webhook, request).await, 401, "{case}");
    }
    assert_eq!(count.load(Ordering::Relaxed), 0);
    assert_eq!(status(&webhook, request(&body)).await, 204, "none of them spoiled it");
}

#[tokio::test]
async fn what_is_the_platforms_but_does_not_open_is_not_acknowledged() {
    let (count, handler) = counting();
    let refusals = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&refusals);
    let webhook = building(handler).on_refusal(move |refusal| seen.lock().unwrap().push(refusal.clone())).build();
    let other_key = ApiV3Key::new(&[b'x'; 32]).unwrap();
    for body in [body("EV-1", &other_key), "{}".to_owned(), "<html>".to_owned()] {
        assert_eq!(status(&webhook, request(&body)).await, 500, "{body}");
    }
    assert_eq!(count.load(Ordering::Relaxed), 0);
    assert!(
        refusals
            .lock()
            .unwrap()
            .iter()
            .all(|refusal| matches!(refusal, WebhookError::Unreadable(_)) && refusal.wants_attention())
    );
}

#[tokio::test]
async fn requests_that_are_no_notification() {
    let (_, handler) = counting();
    let notifications = Notifications::default().account_at("/notify", account()).unwrap();
    let webhook = building_for(notifications, handler).build();
    let body = body("EV-1", &api_v3_key());
    for method in ["GET", "PUT", "HEAD"] {
        let mut request = request(&body);
        *request.method_mut() = method.parse().unwrap();
        let response = response(&webhook, request).await;
        assert_eq!(
            (response.status(), &response.headers()["Allow"]),
            (StatusCode::METHOD_NOT_ALLOWED, &"POST".parse().unwrap())
        );
    }
    let mut elsewhere = request(&body);
    *elsewhere.uri_mut() = "https://merchant.example/notify/".parse().unwrap();
    assert_eq!(status(&webhook, elsewhere).await, 404);
    // The query is ignored: platforms in between add to it.
    let mut queried = request(&body);
    *queried.uri_mut() = "/notify?from=proxy".parse().unwrap();
    assert_eq!(status(&webhook, queried).await, 204);
}

#[tokio::test(start_paused = true)]
async fn bodies_are_bounded_in_size_and_time_and_not_read_for_strangers() {
    let (_, handler) = counting();
    let webhook = building(handler).timeouts(WebhookTimeouts::default().with_body(Duration::from_millis(50))).build();
    let with_body = |body: Full<Bytes>| request("x").map(|_| body);
    assert_eq!(status(&webhook, with_body(Full::from(vec![b' '; MAX_NOTIFICATION_BODY + 1]))).await, 413);
    assert_eq!(status(&webhook, with_body(Full::from(vec![b' '; MAX_NOTIFICATION_BODY]))).await, 401);
    let never = |signed: bool| {
        let (parts, _) = request("x").into_parts();
        let body = StreamBody::new(futures_util::stream::pending::<Result<Frame<Bytes>, Infallible>>());
        let mut request = Request::from_parts(parts, body);
        if !signed {
            request.headers_mut().clear();
        }
        request
    };
    assert_eq!(status(&webhook, never(true)).await, 408);
    let began = tokio::time::Instant::now();
    assert_eq!(status(&webhook, never(false)).await, 401);
    assert_eq!(began.elapsed(), Duration::ZERO, "a request without a signature is not waited for");
}

#[tokio::test(start_paused = true)]
async fn unverified_bodies_share_a_budget_and_verified_ones_do_not() {
    let budget = BodyBudget::new(BodyBudget::FIRST_PIECE);
    let (seen, whole) = (budget.clone(), Arc::new(Notify::new()));
    let handled = Arc::clone(&whole);
    let webhook = building(move |_| {
        assert_eq!(seen.left(), BodyBudget::FIRST_PIECE, "the verified body is given back");
        handled.notify_one();
        async { Ok::<(), Infallible>(()) }
    })
    .body_budget(budget.clone())
    .build();
    let never =
        request("x").map(|_| StreamBody::new(futures_util::stream::pending::<Result<Frame<Bytes>, Infallible>>()));
    let stranger = webhook.clone();
    let stranger = tokio::spawn(async move { status(&stranger, never).await });
    while budget.left() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(status(&webhook, request(&body("EV-1", &api_v3_key()))).await, 204);
    whole.notified().await;
    assert_eq!(stranger.await.unwrap(), 503, "the larger body gave way");
    assert_eq!(budget.left(), BodyBudget::FIRST_PIECE);
    let webhook = building(counting().1).body_budget(BodyBudget::new(9)).build();
    assert_eq!(status(&webhook, request("0123456789")).await, 503);
    assert_eq!(status(&webhook, request("012345678")).await, 500, "it is the platform's, but nothing that can be read");
}

/// A genuine notification as it is on the wire.
async fn genuine_bytes() -> Vec<u8> {
    let (parts, body) = request(&body("EV-1", &api_v3_key())).into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let mut bytes = format!("POST /notify HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n", body.len()).into_bytes();
    for (name, value) in &parts.headers {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend([b"\r\n", &*body].concat());
    bytes
}

#[tokio::test]
async fn a_notification_that_is_not_verified_yet_keeps_none() {
    let budget = BodyBudget::default();
    let webhook = building(counting().1).body_budget(budget.clone()).build();
    let config = ListenerConfig::default().with_max_connections(1).with_pressed_timeout(Duration::from_secs(120));
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), config).await.unwrap();
    let address = listener.local_addr();
    tokio::spawn(listener.serve(webhook, std::future::pending()));
    let bytes = genuine_bytes().await;
    let mut stranger = TcpStream::connect(address).await.unwrap();
    stranger.write_all(bytes.split_last().unwrap().1).await.unwrap();
    while budget.left() == BodyBudget::DEFAULT {
        tokio::task::yield_now().await;
    }
    let mut genuine = TcpStream::connect(address).await.unwrap();
    genuine.write_all(&bytes).await.unwrap();
    let mut response = [0; 12];
    genuine.read_exact(&mut response).await.unwrap();
    assert_eq!(&response, b"HTTP/1.1 204");
    assert!(matches!(stranger.read(&mut [0]).await, Ok(0) | Err(_)));
}

#[tokio::test]
async fn a_verified_notification_keeps_its_connection() {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (beginning, going_on) = (Arc::clone(&begun), Arc::clone(&go_on));
    let webhook = building(move |_| {
        beginning.notify_one();
        let going_on = Arc::clone(&going_on);
        async move {
            going_on.notified().await;
            Ok::<(), Infallible>(())
        }
    })
    .timeouts(WebhookTimeouts::default().with_handler(Duration::from_secs(120)))
    .build();
    let config = ListenerConfig::default().with_max_connections(1).with_pressed_timeout(Duration::from_secs(120));
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), config).await.unwrap();
    let address = listener.local_addr();
    tokio::spawn(listener.serve(webhook, std::future::pending()));
    let mut genuine = TcpStream::connect(address).await.unwrap();
    genuine.write_all(&genuine_bytes().await).await.unwrap();
    begun.notified().await;
    // The only slot is taken.
    let mut stranger = TcpStream::connect(address).await.unwrap();
    assert!(matches!(stranger.read(&mut [0]).await, Ok(0) | Err(_)));
    go_on.notify_one();
    let mut response = [0; 12];
    genuine.read_exact(&mut response).await.unwrap();
    assert_eq!(&response, b"HTTP/1.1 204");
}

#[tokio::test]
async fn merchants_share_a_listener_by_path_by_key_or_by_what_opens() {
    let other_api_key = Arc::new(ApiV3Key::new(&[b'x'; 32]).unwrap());
    let third_api_key = Arc::new(ApiV3Key::new(&[b't'; 32]).unwrap());
    let third_keys = Keyring::new();
    third_keys.insert("PUB_KEY_ID_3", {
        use protocol_core::crypto::KeyStore as _;
        keys().find(KEY_ID, NOW).unwrap()
    });
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = Arc::clone(&heard);
    let notifications = Notifications::of(Account::new("by-key-and-secret", keys(), api_v3_key()))
        .account(Account::new("by-other-secret", keys(), Arc::clone(&other_api_key)))
        .and_then(|all| all.account(Account::new("by-third-key", Arc::new(third_keys), Arc::clone(&third_api_key))))
        .and_then(|all| all.account_at("/notify/path", Account::new("by-path", keys(), api_v3_key())));
    let webhook = building_for(notifications.unwrap(), move |received: Received| {
        ear.lock().unwrap().push(received.dedup_key());
        async { Ok::<(), Infallible>(()) }
    })
    .build();
    let at = |path: &'static str, body: &str, key_id: &str| {
        let mut request = dated(body, NOW, key_id);
        *request.uri_mut() = path.parse().unwrap();
        request
    };
    for (path, body, key_id) in [
        ("/notify", body("EV-1", &api_v3_key()), KEY_ID),
        ("/notify", body("EV-1", &other_api_key), KEY_ID),
        ("/notify", body("EV-1", &third_api_key), "PUB_KEY_ID_3"),
        ("/notify/path", body("EV-1", &api_v3_key()), KEY_ID),
    ] {
        assert_eq!(status(&webhook, at(path, &body, key_id)).await, 204);
    }
    // The same id of another merchant is another notification.
    let expected = ["by-key-and-secret/EV-1", "by-other-secret/EV-1", "by-third-key/EV-1", "by-path/EV-1"];
    assert_eq!(*heard.lock().unwrap(), expected);
    let nobodys = body("EV-2", &ApiV3Key::new(&[b'n'; 32]).unwrap());
    assert_eq!(status(&webhook, at("/notify", &nobodys, KEY_ID)).await, 500);
    assert_eq!(status(&webhook, at("/notify/path", &nobodys, "PUB_KEY_ID_3")).await, 401);
}

#[tokio::test]
async fn merchants_that_could_not_be_told_apart_make_no_webhook() {
    let other_api_key = || Arc::new(ApiV3Key::new(&[b'x'; 32]).unwrap());
    let merchant = |mchid: &str| Account::new(mchid, keys(), api_v3_key());
    let anywhere = |mchid: &str| Notifications::of(merchant(mchid));
    let shared = |path: Option<&str>| BuildError::SharedKey {
        one: "one".into(),
        other: "other".into(),
        path: path.map(str::to_owned),
    };
    // The key is another value of the same bytes.
    assert_eq!(anywhere("one").account(merchant("other")).unwrap_err(), shared(None));
    let at_a_path = anywhere("anywhere")
        .account_at("/a", merchant("one"))
        .and_then(|all| all.account_at("/b", merchant("third")))
        .and_then(|all| all.account_at("/a", Account::new("fourth", keys(), other_api_key())));
    let refused = at_a_path.unwrap().account_at("/a", merchant("other")).unwrap_err();
    assert_eq!(refused, shared(Some("/a")));
    assert!(
        refused.to_string().starts_with("the merchants one and other have the same APIv3 key at the path /a: give")
    );
    // Merchants are told apart by path or by key, and one merchant may be added twice.
    let apart = anywhere("one")
        .account(Account::new("one", keys(), other_api_key()))
        .and_then(|all| all.account(merchant("one")))
        .and_then(|all| all.account_at("/a", merchant("other")))
        .and_then(|all| all.account_at("/b", merchant("third")))
        .and_then(|all| all.account_at("/b", Account::new("fourth", keys(), other_api_key())));
    apart.unwrap();
}

#[tokio::test]
async fn what_one_of_several_merchants_keys_opens_is_not_reported_as_the_others() {
    let other = Account::new("other", keys(), Arc::new(ApiV3Key::new(&[b'x'; 32]).unwrap()));
    for accounts in [[account(), other.clone()], [other, account()]] {
        let (_, handler) = counting();
        let refusals = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&refusals);
        let [first, second] = accounts;
        let webhook = building_for(Notifications::of(first).account(second).unwrap(), handler)
            .on_refusal(move |refusal| seen.lock().unwrap().push(refusal.clone()))
            .build();
        assert_eq!(status(&webhook, request(&sealing("EV-1", &api_v3_key(), b"<html>"))).await, 500);
        let refusals = refusals.lock().unwrap();
        let [WebhookError::Unreadable(Reason { error, .. })] = &**refusals else { panic!("{refusals:?}") };
        assert!(matches!(error, NotificationError::Malformed(_)), "{refusals:?}");
    }
}

/// A store that fails on request.
struct Failing(&'static str, MemoryDeduplicate);

impl Deduplicate for Failing {
    type Error = &'static str;

    async fn reserve(&self, key: Key<'_>, lease: Lease, now: UnixTime) -> Result<Reservation, &'static str> {
        if self.0 == "reserve hangs" {
            std::future::pending::<()>().await;
        }
        assert!(self.0 != "panic", "a scripted panic");
        if self.0 == "reserve" { Err("down") } else { self.1.reserve(key, lease, now).await.map_err(|_| "full") }
    }

    async fn commit(&self, key: Key<'_>, lease: Lease) -> Result<bool, &'static str> {
        match self.0 {
            "commit" => Err("down"),
            "lapsed" => Ok(false),
            "commit hangs" => std::future::pending().await,
            _ => self.1.commit(key, lease).await.map_err(|_| "full"),
        }
    }

    async fn release(&self, key: Key<'_>, lease: Lease) -> Result<(), &'static str> {
        self.1.release(key, lease).await.map_err(|_| "full")
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_acknowledged_that_is_not_committed() {
    for failing in ["reserve", "reserve hangs", "panic", "commit", "commit hangs", "lapsed"] {
        let (_, handler) = counting();
        let webhook = Webhook::builder(Notifications::of(account()), Failing(failing, store()), handler)
            .clock(Clock::new(|| NOW))
            .timeouts(WebhookTimeouts::default().with_store(Duration::from_millis(50)))
            .build();
        assert_eq!(status(&webhook, request(&body("EV-1", &api_v3_key()))).await, 503, "{failing}");
    }
}

#[tokio::test]
async fn it_is_a_service_of_axum() {
    let (count, handler) = counting();
    let app: axum::Router = axum::Router::new().route_service("/notify", building(handler).build());
    let body = body("EV-1", &api_v3_key());
    let request = request(&body).map(axum::body::Body::new);
    let response = app.clone().call(request).await.unwrap();
    assert_eq!((response.status(), count.load(Ordering::Relaxed)), (StatusCode::NO_CONTENT, 1));
}

#[tokio::test]
async fn refusals_say_what_they_are() {
    let refusals = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&refusals);
    let webhook = building(counting().1).on_refusal(move |refusal| seen.lock().unwrap().push(refusal.clone())).build();
    let mut probe = request(&body("EV-1", &api_v3_key()));
    probe.headers_mut().insert("Wechatpay-Signature", "WECHATPAY/SIGNTEST/x".parse().unwrap());
    assert_eq!(status(&webhook, probe).await, 401);
    let refusals = refusals.lock().unwrap();
    let [refusal @ WebhookError::Unverified(Reason { error, .. })] = &**refusals else { panic!("{refusals:?}") };
    assert_eq!(*error, NotificationError::Verification(VerificationError::Probe));
    assert_eq!(
        (refusal.status(), refusal.name(), refusal.wants_attention()),
        (StatusCode::UNAUTHORIZED, "probe", false)
    );
}

/// A handler's error whose `Debug` repeats the message.
#[derive(Debug, thiserror::Error)]
#[error("the database is away")]
struct NotStored {
    row: &'static str,
}

#[tokio::test]
async fn a_refusal_shows_the_handlers_own_error() {
    let refusals = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&refusals);
    let webhook = building(|_| async { Err(NotStored { row: "canary" }) })
        .on_refusal(move |refusal| seen.lock().unwrap().push(refusal.clone()))
        .build();
    assert_eq!(status(&webhook, request(&body("EV-1", &api_v3_key()))).await, 500);
    let refusals = refusals.lock().unwrap();
    let [refusal @ WebhookError::HandlerFailed(error)] = &**refusals else { panic!("{refusals:?}") };
    assert_eq!(refusal.to_string(), "verified, but not stored: the handler failed: the database is away");
    assert_eq!((refusal.name(), refusal.wants_attention()), ("handler-failed", true));
    assert_eq!(error.cause::<NotStored>().unwrap().row, "canary");
    assert!(!format!("{refusals:?} {refusals:#?}").contains("canary"), "{refusals:?}");
}

#[tokio::test]
async fn a_refusal_says_why() {
    let refusals = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&refusals);
    let notifications = Notifications::default().account_at("/notify", account()).unwrap();
    let webhook = building_for(notifications, counting().1)
        .on_refusal(move |refusal| seen.lock().unwrap().push(refusal.to_string()))
        .build();
    let body = body("EV-1", &api_v3_key());
    let mut unsigned = request(&body);
    unsigned.headers_mut().remove("Wechatpay-Signature");
    let mut elsewhere = request(&body);
    *elsewhere.uri_mut() = "/elsewhere".parse().unwrap();
    let mut put = request(&body);
    *put.method_mut() = http::Method::PUT;
    let large = request("x").map(|_| Full::from(vec![b' '; MAX_NOTIFICATION_BODY + 1]));
    for request in [put, elsewhere, unsigned, large, request("{}"), request(&sealing("EV-1", &api_v3_key(), b"{}"))] {
        status(&webhook, request).await;
    }
    let too_large = format!("the body is larger than {MAX_NOTIFICATION_BODY} bytes");
    let refusals = refusals.lock().unwrap();
    assert_eq!(
        refusals[..4],
        [
            "the channel has no messages of this method",
            "no receiver is configured for this path",
            "not proven to be a message for this receiver: the header Wechatpay-Signature is missing",
            &*too_large,
        ]
    );
    for unreadable in &refusals[4..] {
        assert!(unreadable.starts_with("genuine, but it cannot be read: "), "{unreadable}");
    }
}
