//! A third inbound channel costs its own facts: at most 150 lines with its types. All else is the
//! webhook's.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test states what must hold"
)]

mod channel;

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use protocol_core::allinpay::{PLATFORM_USER_ID, Parameters, signer, verifier};
use protocol_core::crypto::PrivateKey;
use protocol_core::replay::MemoryDeduplicate;
use tower_service::Service;
use webhook_service::{Handler, Inbound as _, Replaceable, Webhook, WebhookBuilder, WebhookError};

use crate::channel::{Notice, NoticeError, Notices};

fn key() -> PrivateKey {
    PrivateKey::read(include_bytes!("../../../protocol-core/samples/allinpay/merchant_sm2.key")).unwrap()
}

fn fields() -> Parameters {
    let mut fields = Parameters::default();
    for (name, value) in [
        ("cusid", "990581007426001"),
        ("appid", "00000051"),
        ("task_id", "2025031400001"),
        ("status", "WAIT_PROCESS"),
        ("complain_content", "重复扣费 canary"),
        ("gmt_process", ""),
        ("of_a_later_version", "1+1=2&3"),
    ] {
        fields.set(name, value);
    }
    fields
}

/// The form as the platform signs it.
fn signed(mut fields: Parameters) -> String {
    let signature = signer(&key(), PLATFORM_USER_ID).unwrap().sign(&fields.parts_to_sign()).unwrap();
    fields.set("sign", signature.to_base64());
    fields.encode()
}

fn without(name: &'static str) -> Parameters {
    let mut fields = fields();
    fields.set(name, "");
    fields
}

type Building<H> = WebhookBuilder<Notices, H, MemoryDeduplicate>;

fn building<H: Handler<Notice>>(handler: H) -> Building<H> {
    let store = MemoryDeduplicate::new(NonZeroUsize::new(100).unwrap(), 60);
    Webhook::builder(Notices::new(verifier(&key().public_key()).unwrap()), store, handler)
}

type Heard = Arc<Mutex<Vec<Notice>>>;

fn keeping() -> (Heard, impl Handler<Notice>) {
    let heard = Heard::default();
    let ear = Arc::clone(&heard);
    let handler = move |notice: Notice| {
        ear.lock().unwrap().push(notice);
        async { Ok::<(), Infallible>(()) }
    };
    (heard, handler)
}

async fn posted<H: Handler<Notice>>(
    webhook: &Webhook<Notices, H, MemoryDeduplicate>,
    body: impl Into<Bytes>,
) -> (u16, String) {
    let request = Request::post("/notices").body(Full::new(body.into())).unwrap();
    let response = webhook.clone().call(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[test]
fn a_third_channel_costs_at_most_150_lines() {
    let lines = include_str!("channel.rs").lines().count();
    assert!(lines <= 150, "{lines}");
}

#[tokio::test]
async fn a_notice_is_delivered_once_and_its_copies_are_acknowledged() {
    let (heard, handler) = keeping();
    let webhook = building(handler).build();
    for _ in 0..3 {
        assert_eq!(posted(&webhook, signed(fields())).await, (200, "success".to_owned()));
    }
    let mut later = fields();
    later.set("status", "PROCESSING");
    assert_eq!(posted(&webhook, signed(later)).await.0, 200);
    let heard = heard.lock().unwrap();
    let states: Vec<_> = heard.iter().map(|notice| notice.status.as_deref()).collect();
    assert_eq!(states, [Some("WAIT_PROCESS"), Some("PROCESSING")]);
    assert_eq!((&*heard[0].cusid, &*heard[0].task_id), ("990581007426001", "2025031400001"));
    assert_eq!(heard[0].complain_content.as_ref().unwrap().expose(), "重复扣费 canary");
    assert_eq!(heard[0].fields.get("of_a_later_version"), Some("1+1=2&3"));
    assert!(!format!("{heard:?}").contains("canary"), "{heard:?}");
}

#[tokio::test]
async fn what_is_not_the_platforms_is_refused_and_not_delivered() {
    let (heard, handler) = keeping();
    let refusals = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&refusals);
    let webhook = building(handler).on_refusal(move |refusal| seen.lock().unwrap().push(refusal.to_string())).build();
    let genuine = signed(fields());
    let forbidden = (401, "the signature is not accepted".to_owned());
    assert_eq!(posted(&webhook, genuine.replace("WAIT_PROCESS", "PROCESSED")).await, forbidden);
    assert_eq!(posted(&webhook, format!("{genuine}&added=1")).await, forbidden);
    assert_eq!(posted(&webhook, fields().encode()).await, forbidden);
    assert_eq!(posted(&webhook, format!("{genuine}&status=PROCESSED")).await, (400, "this is no notice".to_owned()));
    assert_eq!(posted(&webhook, &b"\xff"[..]).await.0, 400);
    assert_eq!(posted(&webhook, vec![b'a'; Notices::MAX_BODY + 1]).await.0, 413);
    assert_eq!(posted(&webhook, vec![b'a'; Notices::MAX_BODY]).await.0, 401);
    let get = Request::get("/notices").body(Full::<Bytes>::default()).unwrap();
    let response = webhook.clone().call(get).await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["Allow"]), (405, &"POST".parse().unwrap()));
    assert_eq!(heard.lock().unwrap().len(), 0);
    let refusals = refusals.lock().unwrap();
    assert_eq!(refusals[0], "not proven to be a message for this receiver: the sign does not verify");
    assert_eq!(refusals[3], "no message of this channel: a field stands twice");
}

#[tokio::test]
async fn a_channel_is_replaced_while_it_serves() {
    let (heard, handler) = keeping();
    let store = MemoryDeduplicate::new(NonZeroUsize::new(100).unwrap(), 60);
    let notices = |key: &PrivateKey| Notices::new(verifier(&key.public_key()).unwrap());
    let channel = Replaceable::new(notices(&key()));
    let mut webhook = Webhook::builder(channel.clone(), store, handler).build();
    let mut post = async |form: String| {
        let request = Request::post("/notify/allinpay").body(Full::<Bytes>::from(form)).unwrap();
        webhook.call(request).await.unwrap().status().as_u16()
    };
    assert_eq!(post(signed(fields())).await, 200);
    let another =
        PrivateKey::read(include_bytes!("../../../protocol-core/samples/wechat-pay/merchant_key.pem")).unwrap();
    channel.replace(notices(&another));
    let mut next = fields();
    next.set("task_id", "2025031400002");
    assert_eq!(post(signed(next.clone())).await, 401);
    channel.replace(notices(&key()));
    assert_eq!(post(signed(next)).await, 200);
    assert_eq!(heard.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_notice_that_cannot_be_read_is_kept_once() {
    let letters = Arc::new(Mutex::new(Vec::new()));
    let tray = Arc::clone(&letters);
    let (heard, handler) = keeping();
    let webhook = building(handler).dead_letters(move |letter| {
        tray.lock().unwrap().push(letter);
        async { true }
    });
    let webhook = webhook.build();
    for _ in 0..2 {
        assert_eq!(posted(&webhook, signed(without("task_id"))).await, (200, "success".to_owned()));
    }
    let letters = letters.lock().unwrap();
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!(
        (&letter.error, letter.fields.get("cusid")),
        (&NoticeError::Missing("task_id"), Some("990581007426001"))
    );
    assert_eq!(heard.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn without_dead_letters_such_a_notice_is_refused_and_wants_attention() {
    let refusals = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&refusals);
    let observer = move |refusal: &WebhookError<NoticeError>| seen.lock().unwrap().push(refusal.clone());
    let webhook = building(keeping().1).on_refusal(observer).build();
    assert_eq!(posted(&webhook, signed(without("cusid"))).await.0, 500);
    let refusals = refusals.lock().unwrap();
    assert_eq!((refusals[0].name(), refusals[0].wants_attention()), ("unreadable", true));
    assert_eq!(refusals[0].to_string(), "genuine, but it cannot be read: the notice has no cusid");
}

#[tokio::test]
async fn a_notice_that_was_not_stored_is_sent_again() {
    let tries = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&tries);
    let webhook = building(move |_: Notice| {
        let mut tries = counter.lock().unwrap();
        *tries += 1;
        std::future::ready(if *tries > 1 { Ok(()) } else { Err("the disk is full") })
    })
    .build();
    let genuine = signed(fields());
    let refused = (500, "not stored yet, send it again".to_owned());
    assert_eq!(posted(&webhook, genuine.clone()).await, refused);
    assert_eq!(posted(&webhook, genuine).await.0, 200);
    assert_eq!(*tries.lock().unwrap(), 2);
}
