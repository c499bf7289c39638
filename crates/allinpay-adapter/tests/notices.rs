//! The webhook for notices, without a socket: what it stores, acknowledges, keeps and refuses.
#![cfg(feature = "webhook")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test states what must hold"
)]

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use allinpay_adapter::{Account, Handler, Noticed, Notices, Unreadable, Webhook, WebhookBuilder, WebhookError};
use bytes::Bytes;
use form_urlencoded::Serializer;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use protocol_core::allinpay::{Merchant, NoticeError, PLATFORM_USER_ID, SignType, verifier};
use protocol_core::crypto::{PrivateKey, Signer as _, Sm2SignatureEncoding, Sm2Signer};
use protocol_core::limits::MAX_NOTICE_BODY;
use protocol_core::replay::{Deduplicate, MemoryDeduplicate};
use serde_json::Value;
use tower_service::Service as _;

const OWN: [(&str, &str); 2] = [("appid", "00000051"), ("cusid", "990581007426001")];

fn platform_key() -> PrivateKey {
    let published: Value =
        serde_json::from_str(include_str!("../../protocol-core/tests/vectors/allinpay/published_keys.json")).unwrap();
    let key = &published["demo_merchants"]["production_demo"]["sm2_private_pkcs8_b64"];
    PrivateKey::read(key.as_str().unwrap().as_bytes()).unwrap()
}

fn account(cusid: &str) -> Account {
    let merchant = Merchant::new("00000051", cusid, SignType::Sm2).unwrap();
    Account::new(merchant, verifier(&platform_key().public_key()).unwrap())
}

/// A signed notice of these fields and the merchant's own.
fn notice(fields: &[(&str, &str)]) -> String {
    let mut all = [&OWN[..], fields].concat();
    all.sort_unstable();
    let string = all.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    let PrivateKey::Sm2(key) = platform_key() else { panic!("an SM2 key") };
    let signer = Sm2Signer::new(&key, PLATFORM_USER_ID, Sm2SignatureEncoding::Raw).unwrap();
    let sign = signer.sign(&[string.as_bytes()]).unwrap().to_base64();
    Serializer::new(String::new()).extend_pairs(all).append_pair("sign", &sign).finish()
}

fn post(path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    request.body(Full::new(body.into())).unwrap()
}

type Inbox = Arc<Mutex<Vec<Noticed>>>;

type Store = MemoryDeduplicate;

fn building<H: Handler<Noticed>>(notices: Notices, handler: H) -> WebhookBuilder<Notices, H, Store> {
    Webhook::builder(notices, MemoryDeduplicate::new(NonZeroUsize::new(100).unwrap(), 10), handler)
}

/// A webhook that stores into a list, if it `works`.
fn storing(works: bool) -> (Webhook<Notices, impl Handler<Noticed>, Store>, Inbox) {
    let inbox = Inbox::default();
    let stored = Arc::clone(&inbox);
    let handler = move |notice| {
        stored.lock().unwrap().push(notice);
        std::future::ready(if works { Ok(()) } else { Err("the database is away") })
    };
    (building(Notices::of(account(OWN[1].1)), handler).build(), inbox)
}

async fn respond<H: Handler<Noticed>, D: Deduplicate + 'static>(
    webhook: &Webhook<Notices, H, D>,
    request: Request<Full<Bytes>>,
) -> (StatusCode, String) {
    let response = webhook.clone().call(request).await.unwrap();
    assert!(response.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/plain"));
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_notice_is_acknowledged_once_it_is_stored() {
    let (webhook, inbox) = storing(true);
    let body = notice(&[("status", "WAIT_PROCESS"), ("task_id", "7"), ("zz_new", "1")]);
    for _ in 0..3 {
        assert_eq!(respond(&webhook, post("/anywhere", body.clone())).await, (StatusCode::OK, "success".to_owned()));
    }
    // Copies are one notice. Another state of the same task is another one.
    let processed = notice(&[("status", "PROCESSED"), ("task_id", "7")]);
    assert_eq!(respond(&webhook, post("/", processed)).await.0, StatusCode::OK);
    let states: Vec<_> =
        inbox.lock().unwrap().iter().map(|noticed| noticed.notice.status.clone().unwrap().to_string()).collect();
    assert_eq!(states, ["WAIT_PROCESS", "PROCESSED"]);
}

#[tokio::test]
async fn a_notice_that_is_not_stored_is_never_acknowledged() {
    let (webhook, inbox) = storing(false);
    for times in 1..3 {
        let (status, body) = respond(&webhook, post("/", notice(&[("task_id", "7")]))).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_ne!(body, "success");
        // The retry is handled again.
        assert_eq!(inbox.lock().unwrap().len(), times);
    }
}

#[tokio::test]
async fn strangers_are_refused_and_their_words_are_not_repeated() {
    let refusals: Arc<Mutex<Vec<WebhookError<NoticeError>>>> = Arc::default();
    let observed = Arc::clone(&refusals);
    let handler = |notice: Noticed| -> std::future::Ready<Result<(), String>> { panic!("stored: {notice:?}") };
    let webhook = building(Notices::of(account(OWN[1].1)), handler);
    let webhook = webhook.on_refusal(move |error| observed.lock().unwrap().push(error.clone())).build();

    let whole = notice(&[("complain_content", "canary"), ("task_id", "7")]);
    let other = account("990581007426002");
    let large = format!("a={}", "1".repeat(MAX_NOTICE_BODY));
    for (body, status, name) in [
        (whole.replace("canary", "canary2"), 401, "unverified"),
        (whole.replace("task_id=7", "task_id=8"), 401, "unverified"),
        (format!("{whole}&new=canary"), 401, "unverified"),
        (whole.replace("&task_id=7", ""), 401, "unverified"),
        (whole.split("&sign=").next().unwrap().to_owned(), 401, "unverified"),
        (format!("{whole}&signtype=RSA"), 401, "unverified"),
        (format!("{whole}&task_id=7"), 400, "malformed"),
        (whole.replace("task_id=7", "task_id=%7"), 400, "malformed"),
        (large, 413, "bad-body"),
        (String::new(), 401, "unverified"),
    ] {
        let (found, text) = respond(&webhook, post("/", body)).await;
        assert_eq!(found, status, "{text}");
        assert!(text != "success" && !text.contains("canary"), "{text}");
        let refused = refusals.lock().unwrap().pop().unwrap();
        assert_eq!(refused.name(), name);
        assert!(!refused.wants_attention() && !format!("{refused} {refused:?}").contains("canary"), "{refused}");
    }
    let get = Request::get("/").body(Full::default()).unwrap();
    assert_eq!(respond(&webhook, get).await.0, StatusCode::METHOD_NOT_ALLOWED);

    // Another merchant's genuine notice wants attention: a URL may be set at the wrong merchant.
    let strict = building(Notices::default().account_at("/a", account("990581007426001")).account(other), handler);
    let observed = Arc::clone(&refusals);
    let strict = strict.on_refusal(move |error| observed.lock().unwrap().push(error.clone())).build();
    assert_eq!(respond(&strict, post("/b", whole)).await.0, StatusCode::UNAUTHORIZED);
    let refused = refusals.lock().unwrap().pop().unwrap();
    assert!(refused.name() == "wrong-appid" && refused.wants_attention());
}

#[tokio::test]
async fn merchants_are_told_apart_by_path() {
    let inbox = Inbox::default();
    let stored = Arc::clone(&inbox);
    let notices = Notices::default().account_at("/a", account(OWN[1].1)).account_at("/b", account("990581007426002"));
    let webhook = building(notices, move |notice| {
        stored.lock().unwrap().push(notice);
        std::future::ready(Ok::<(), String>(()))
    });
    let webhook = webhook.build();
    let body = notice(&[("task_id", "7")]);
    for (path, status) in [("/b", 401), ("/c", 404), ("/a", 200)] {
        assert_eq!(respond(&webhook, post(path, body.clone())).await.0, status, "{path}");
    }
    let inbox = inbox.lock().unwrap();
    assert_eq!(inbox.iter().map(|noticed| &*noticed.cusid).collect::<Vec<_>>(), [OWN[1].1]);
}

#[tokio::test]
async fn a_genuine_notice_that_cannot_be_read_is_kept_or_refused() {
    let unreadable = notice(&[("complain_content", "canary"), ("task_id", "7&8")]);
    let (webhook, inbox) = storing(true);
    assert_eq!(respond(&webhook, post("/", unreadable.clone())).await.0, StatusCode::INTERNAL_SERVER_ERROR);

    let letters: Arc<Mutex<Vec<Unreadable>>> = Arc::default();
    let kept = Arc::clone(&letters);
    let handler = |notice: Noticed| -> std::future::Ready<Result<(), String>> { panic!("stored: {notice:?}") };
    let webhook = building(Notices::of(account(OWN[1].1)), handler);
    let webhook = webhook.dead_letters(move |letter| {
        kept.lock().unwrap().push(letter);
        std::future::ready(true)
    });
    let webhook = webhook.build();
    for _ in 0..2 {
        assert_eq!(respond(&webhook, post("/", unreadable.clone())).await, (StatusCode::OK, "success".to_owned()));
    }
    let letters = letters.lock().unwrap();
    let [letter] = &letters[..] else { panic!("one letter: {}", letters.len()) };
    assert_eq!((*letter.notice.document.expose()).as_str(), unreadable);
    assert_eq!(&*letter.cusid, OWN[1].1);
    assert!(!format!("{letter:?}").contains("canary") && inbox.lock().unwrap().is_empty());
}
