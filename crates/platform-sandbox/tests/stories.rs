//! Stories by their names: what they change, what they take, and who may tell them.
#![cfg(any(feature = "aws-lc-rs", feature = "ring"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test's helpers fail by panicking")]

mod common;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use common::{Client, PATIENCE, SERVICE, Webhook, configured, offline};
use platform_sandbox::{
    Exchange, MAX_STORY_SECONDS, NewComplaint, Sandbox, SandboxConfig, SandboxError, Story, StoryDetails, ToldStory,
};
use protocol_core::wechat_pay::Scheme;
use protocol_core::{Secret, UnixTime};
use serde_json::{Value, json};

const DEFAULT: fn() -> StoryDetails = StoryDetails::default;

fn tell(sandbox: &Sandbox, name: &str, details: &StoryDetails) -> Result<ToldStory, SandboxError> {
    sandbox.tell(Story::named(name)?, details)
}

fn last_kind(sandbox: &Sandbox, id: &str) -> Value {
    sandbox.history(id).last().unwrap()["operate_type"].clone()
}

#[test]
fn every_story_has_its_own_name_and_sentences_and_can_be_told() {
    let sandbox = offline();
    let names: BTreeSet<&str> = Story::all().map(Story::name).collect();
    assert_eq!(names.len(), Story::all().count());
    for story in Story::all() {
        let (name, english, chinese) = (story.name(), story.english(), story.chinese());
        assert!(name.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase()), "{name}");
        assert!(english.ends_with('.') && chinese.ends_with('。'), "{name}");
        // No URL is registered: the messages of these are not sent.
        let needs_a_url = [
            "duplicate-push",
            "reordered-push",
            "forged-signature",
            "signature-probe",
            "mini-program-forged",
            "alipay-forged",
        ];
        match sandbox.tell(story, &DEFAULT()) {
            Ok(_) => assert!(!needs_a_url.contains(&name), "{name}"),
            Err(SandboxError::Story { reason, .. }) => {
                assert!(needs_a_url.contains(&name) && reason.contains("no URL is registered"), "{name}: {reason}");
            }
            Err(other) => panic!("{name}: {other}"),
        }
    }
    let unknown = tell(&sandbox, "payer-sings", &DEFAULT()).unwrap_err();
    assert!(unknown.to_string().contains("payer-responds, payer-continues"), "{unknown}");
}

#[test]
fn a_story_is_about_the_named_complaint_the_newest_that_fits_or_a_new_one() {
    let sandbox = offline();
    let told = tell(&sandbox, "payer-responds", &DEFAULT()).unwrap();
    let mchid = sandbox.merchant().mchid.clone();
    assert_eq!((told.channel, &told.merchant), ("wechat-pay", &mchid));
    let first = told.complaints[0].clone();
    assert_eq!(last_kind(&sandbox, &first), "USER_RESPONSE");
    let second = sandbox.file_complaint(NewComplaint::default());
    assert_eq!(tell(&sandbox, "payer-responds", &DEFAULT()).unwrap().complaints, [&*second]);
    assert_eq!(tell(&sandbox, "platform-completes", &DEFAULT()).unwrap().complaints, [&*second]);
    assert_eq!(sandbox.complaint(&second).unwrap()["complaint_state"], "PROCESSED");
    assert_eq!(tell(&sandbox, "payer-responds", &DEFAULT()).unwrap().complaints, [&*first]);
    assert_eq!(tell(&sandbox, "payer-continues", &DEFAULT()).unwrap().complaints, [&*second]);
    let continued = sandbox.complaint(&second).unwrap();
    assert_eq!((&continued["complaint_state"], &continued["user_complaint_times"]), (&json!("PENDING"), &json!(2)));
    // An open complaint is completed first.
    tell(&sandbox, "payer-continues", &DEFAULT().with_id(&*first)).unwrap();
    let kinds: Vec<_> = sandbox.history(&first).iter().map(|entry| entry["operate_type"].clone()).collect();
    assert!(kinds.contains(&json!("MERCHANT_CONFIRM_COMPLETE")), "{kinds:?}");

    let merchant = sandbox.add_merchant(Scheme::Sm2).unwrap().mchid;
    let told = tell(&sandbox, "complaint", &DEFAULT().with_merchant(&*merchant)).unwrap();
    assert_eq!((told.channel, &told.merchant), ("wechat-pay", &merchant));
    let cusid = sandbox.allinpay_sm2().cusid;
    let told = tell(&sandbox, "urgent", &DEFAULT().with_merchant(&*cusid)).unwrap();
    assert_eq!((told.channel, &told.merchant), ("allinpay", &cusid));
    for name in ["complaint", "payer-responds", "alipay"] {
        let error = tell(&sandbox, name, &DEFAULT().with_merchant("7")).unwrap_err();
        assert_eq!(error, SandboxError::UnknownMerchant("7".to_owned()), "{name}");
    }
    for name in ["payer-responds", "mini-program-responds", "virtual-payment-responds", "alipay-dropped"] {
        let error = tell(&sandbox, name, &DEFAULT().with_id("7")).unwrap_err();
        assert_eq!(error, SandboxError::UnknownComplaint("7".to_owned()), "{name}");
    }
}

#[test]
fn a_refund_that_fails_is_decided_once_more() {
    let sandbox = offline();
    let told = tell(&sandbox, "refund-fails", &DEFAULT()).unwrap();
    let id = &told.complaints[0];
    assert_eq!(last_kind(&sandbox, id), "PLATFORM_RESPONSE");
    let error = sandbox.refund_received(id).unwrap_err();
    assert_eq!(error, SandboxError::State("no refund was approved"));
    assert_eq!(tell(&sandbox, "refund-arrives", &DEFAULT()).unwrap().complaints, [&**id]);
    assert_eq!(sandbox.complaint(id).unwrap()["complaint_state"], "PROCESSED");
    // A complaint without a refund does not take part.
    let other = sandbox.file_complaint(NewComplaint::default());
    let error = tell(&sandbox, "refund-fails", &DEFAULT().with_id(other)).unwrap_err();
    assert_eq!(error, SandboxError::State("no refund was approved"));
}

#[test]
fn a_deadline_is_near_or_over_by_the_time_of_filing() {
    const NOW: UnixTime = UnixTime(1_741_936_166);
    let sandbox = Sandbox::offline(&SandboxConfig::default().with_clock(|| NOW)).unwrap();
    for (name, filed) in
        [("deadline-near", "2025-03-13T16:09:26+08:00"), ("deadline-over", "2025-03-13T14:09:26+08:00")]
    {
        let told = tell(&sandbox, name, &DEFAULT()).unwrap();
        assert_eq!(sandbox.complaint(&told.complaints[0]).unwrap()["complaint_time"], filed, "{name}");
    }
}

#[test]
fn a_story_takes_its_own_details_within_their_bounds() {
    let sandbox = offline();
    for (name, details) in [
        ("complaint", DEFAULT().with_id("7")),
        ("outage", DEFAULT().with_merchant("7")),
        ("mini-program", DEFAULT().with_status(206)),
        ("payer-responds", DEFAULT().with_seconds(1)),
        ("outage", DEFAULT().with_seconds(0)),
        ("rate-limit", DEFAULT().with_seconds(MAX_STORY_SECONDS + 1)),
    ] {
        let error = tell(&sandbox, name, &details).unwrap_err();
        assert!(matches!(error, SandboxError::Story { story, .. } if story == name), "{name}: {error}");
    }
    for seconds in [1, MAX_STORY_SECONDS] {
        tell(&sandbox, "outage", &DEFAULT().with_seconds(seconds)).unwrap();
    }
}

#[test]
fn an_outage_and_a_rate_limit_last_for_their_time() {
    let clock = Arc::new(Mutex::new(common::now()));
    let read = Arc::clone(&clock);
    let sandbox = Sandbox::offline(&SandboxConfig::default().with_clock(move || *read.lock().unwrap())).unwrap();
    let client = Client::new(&sandbox);
    let id = sandbox.file_complaint(NewComplaint::default());
    let status = || client.get(&format!("{SERVICE}/complaints-v2/{id}")).status;
    assert_eq!(status(), 200);
    tell(&sandbox, "outage", &DEFAULT().with_seconds(5)).unwrap();
    assert_eq!(status(), 503);
    tell(&sandbox, "rate-limit", &DEFAULT().with_seconds(5)).unwrap();
    assert_eq!(status(), 429);
    clock.lock().unwrap().0 += 5;
    assert_eq!(status(), 200);
}

#[tokio::test]
async fn a_story_is_told_over_http_to_those_who_have_the_token() {
    let config = configured(1.0).with_story_token(Secret::new(b"canary".to_vec()));
    let sandbox = Sandbox::start(config).await.unwrap();
    let client = Client::new(&sandbox);
    let send = async |name: &str, token: &str, body: Value| {
        let url = format!("{}/sandbox/stories/{name}", sandbox.base_url());
        let request = http::Request::post(url).header("Authorization", token).body(Bytes::from(body.to_string()));
        let response = client.http.send(request.unwrap()).await.unwrap();
        (response.status().as_u16(), serde_json::from_slice::<Value>(response.body()).unwrap())
    };
    for wrong in ["", "canary", "Bearer canar", "Bearer canary2"] {
        let (status, refusal) = send("complaint", wrong, json!({})).await;
        assert_eq!((status, &refusal["code"]), (401, &json!("wrong-token")), "{wrong}");
        assert!(!refusal.to_string().contains("canary"));
    }
    assert!(sandbox.complaint_ids().is_empty());
    let (status, told) = send("complaint", "Bearer canary", json!({})).await;
    assert_eq!((status, told["channel"].as_str()), (200, Some("wechat-pay")), "{told}");
    assert_eq!(told["complaints"], json!(sandbox.complaint_ids()));
    for (name, body, expected) in [
        ("complaint", json!({"colour": "red"}), (400, "unknown-member")),
        ("complaint", json!({"id": "7"}), (400, "story-detail")),
        ("outage", json!({"seconds": 3601}), (400, "invalid-member")),
        ("payer-sings", json!({}), (404, "unknown-story")),
        ("payer-responds", json!({"id": "7"}), (404, "unknown-complaint")),
    ] {
        let (status, refusal) = send(name, "Bearer canary", body).await;
        assert_eq!((status, refusal["code"].as_str().unwrap()), expected, "{refusal}");
    }
    let listed = client
        .http
        .send(http::Request::get(format!("{}/sandbox/stories", sandbox.base_url())).body(Bytes::new()).unwrap());
    let listed: Value = serde_json::from_slice(listed.await.unwrap().body()).unwrap();
    assert_eq!(listed["data"].as_array().unwrap().len(), Story::all().count());
}

#[tokio::test]
async fn an_observer_is_told_of_each_request_and_each_attempt() {
    let seen = Arc::new(Mutex::new(Vec::<Exchange>::new()));
    let observed = Arc::clone(&seen);
    let config = configured(1000.0).with_observer(move |exchange| observed.lock().unwrap().push(exchange.clone()));
    let sandbox = Sandbox::start(config).await.unwrap();
    let client = Client::new(&sandbox);
    let webhook = Webhook::start(&sandbox).await;
    client.register(&webhook.url);
    webhook.response(500, std::time::Duration::ZERO);
    let new = NewComplaint::default().with_complaint_detail("canary");
    let id = sandbox.file_complaint(new);
    assert!(sandbox.settled(PATIENCE).await);
    client.go_get(&format!("{SERVICE}/complaints-v2/{id}")).await.unwrap();
    client.go_get("/nowhere?token=canary").await.unwrap();
    let seen = seen.lock().unwrap();
    assert!(!format!("{seen:?}").contains("canary"), "{seen:?}");
    let (sent, received): (Vec<_>, Vec<_>) = seen.iter().partition(|exchange| exchange.delivery.is_some());
    let attempts: Vec<_> = sent
        .iter()
        .map(|sent| {
            let delivery = sent.delivery.as_ref().unwrap();
            assert_eq!((&*delivery.message, &delivery.complaint), ("COMPLAINT.CREATE CREATE_COMPLAINT", &id));
            assert_eq!((sent.channel, &*sent.method), ("wechat-pay", "POST"));
            (delivery.attempt, sent.status, delivery.acknowledged)
        })
        .collect();
    assert_eq!(attempts, [(1, Some(500), false), (2, Some(204), true)]);
    let requests: Vec<_> = received.iter().map(|one| (&*one.method, &*one.path, one.status)).collect();
    let path = format!("{SERVICE}/complaints-v2/{id}");
    assert_eq!(requests, [("GET", &*path, Some(200)), ("GET", "/nowhere", Some(404))]);
}
