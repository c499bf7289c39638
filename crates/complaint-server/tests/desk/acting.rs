//! Asking for acts.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use complaint_inbox::{ActOutcome, EventKind, Reason, Source, Store};
use complaint_server::{MAX_IDEMPOTENCY_KEY, MAX_REQUEST_BODY};
use futures_util::stream;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::world::{Seen, World, acts, address, due, filed, memory};

const REPLY: &str = r#"{"reply":{"text":"已退款"}}"#;

async fn ask<S: Store>(world: &World<S>, key: &str, seen: &str, body: &str) -> Seen {
    world.post(&acts("1"), &[("idempotency-key", key), ("if-match", seen)], body.to_owned()).await
}

async fn filed_one<S: Store>(world: &World<S>) {
    world.file("1", due(filed(14))).await;
}

pub(crate) async fn an_act_is_asked_for_and_shown_as_it_stands<S: Store>(world: &World<S>) {
    filed_one(world).await;
    let asked = ask(world, "K-1", "\"1\"", REPLY).await;
    assert_eq!((asked.status.as_u16(), asked.header("location")), (202, "/api/acts/K-1"));
    let known = json!({
        "key": "K-1", "channel": "wechat-pay", "merchant": "1900000001", "id": "1", "state": "asked",
        "act": {"reply": {"text": "已退款"}}, "seen": 1, "by": "actor", "asked_at": "2025-03-14T07:09:26Z",
        "finished_at": null, "code": null, "words": null, "quote": null
    });
    assert_eq!(asked.ok(), known);
    assert_eq!(world.get("/api/acts/K-1").await.ok(), known);
    assert_eq!(world.get(&address("1")).await.ok()["acts"], json!([known]));
    let claims = world.store.claim_acts(&Source::new("wechat-pay", "1900000001"), 9, 60).await.unwrap();
    let reason = Reason::new("rejected", "status 400").with_quote(Some("PARAM_ERROR".to_owned().into()));
    assert!(world.store.finish_act(&claims[0], ActOutcome::Refused, Some(&reason)).await.unwrap());
    let act = world.get("/api/acts/K-1").await.ok();
    assert_eq!((&act["state"], &act["code"]), (&json!("refused"), &json!("rejected")));
    assert_eq!((&act["words"], &act["quote"]), (&json!("status 400"), &json!("PARAM_ERROR")));
    assert_eq!(act["finished_at"], "2025-03-14T07:09:26Z");
}

/// It comes before every other check, so that a lost response costs nothing.
pub(crate) async fn the_same_request_again_gets_its_act<S: Store>(world: &World<S>) {
    filed_one(world).await;
    let first = ask(world, "K-1", "\"1\"", REPLY).await.ok();
    world.hear("1", &[EventKind::PayerResponded]).await;
    assert_eq!(ask(world, "K-1", "\"1\"", REPLY).await.ok(), first);
    let spaced = r#" { "reply" : { "text" : "已退款" } } "#;
    let without = world.post(&acts("1"), &[("idempotency-key", "K-1")], spaced).await;
    assert_eq!((without.status.as_u16(), without.ok()), (202, first));
}

pub(crate) async fn a_key_with_other_content_is_a_conflict<S: Store>(world: &World<S>) {
    filed_one(world).await;
    world.file("2", due(filed(14))).await;
    ask(world, "K-1", "\"1\"", REPLY).await.ok();
    ask(world, "K-1", "\"1\"", r#"{"complete":{}}"#).await.is_refused(409, "other-content");
    let headers = [("idempotency-key", "K-1"), ("if-match", "\"2\"")];
    world.post(&acts("2"), &headers, REPLY).await.is_refused(409, "other-content");
}

pub(crate) async fn another_act_of_the_kind_in_hand_is_a_conflict<S: Store>(world: &World<S>) {
    filed_one(world).await;
    ask(world, "K-1", "\"1\"", REPLY).await.ok();
    let refused = ask(world, "K-2", "\"1\"", r#"{"reply":{"text":"b"}}"#).await;
    refused.is_refused(409, "in-hand");
    assert_eq!(refused.document()["error"]["act"], "K-1");
    ask(world, "K-2", "\"1\"", r#"{"complete":{}}"#).await.ok();
}

pub(crate) async fn an_act_is_stale_once_the_payer_has_written<S: Store>(world: &World<S>) {
    filed_one(world).await;
    world.hear("1", &[EventKind::PayerResponded]).await;
    let refused = ask(world, "K-1", "\"1\"", REPLY).await;
    refused.is_refused(412, "stale");
    assert_eq!(refused.document()["error"]["version"], 2);
    ask(world, "K-1", "\"3\"", REPLY).await.is_refused(412, "stale");
    ask(world, "K-1", "\"2\"", REPLY).await.ok();
}

pub(crate) async fn an_act_needs_if_match<S: Store>(world: &World<S>) {
    filed_one(world).await;
    world.post(&acts("1"), &[("idempotency-key", "K-1")], REPLY).await.is_refused(428, "no-if-match");
    for seen in ["1", "*", "W/\"1\"", "\"\"", "\"-1\"", "\"+1\"", "\"1\", \"2\"", "\"99999999999999999999\""] {
        ask(world, "K-1", seen, REPLY).await.is_refused(400, "malformed");
    }
    let twice = [("idempotency-key", "K-1"), ("if-match", "\"1\""), ("if-match", "\"1\"")];
    world.post(&acts("1"), &twice, REPLY).await.is_refused(400, "malformed");
    world.get("/api/acts/K-1").await.is_refused(404, "not-found");
}

pub(crate) async fn an_act_needs_a_key_of_its_form<S: Store>(world: &World<S>) {
    filed_one(world).await;
    world.post(&acts("1"), &[("if-match", "\"1\"")], REPLY).await.is_refused(400, "malformed");
    let longest = "k".repeat(MAX_IDEMPOTENCY_KEY);
    for key in ["", "a/b", "a b", "a%20", "ä", &format!("{longest}k")] {
        ask(world, key, "\"1\"", REPLY).await.is_refused(400, "malformed");
    }
    ask(world, &longest, "\"1\"", REPLY).await.ok();
    world.get(&format!("/api/acts/{longest}")).await.ok();
}

pub(crate) async fn an_act_on_no_complaint_is_not_found<S: Store>(world: &World<S>) {
    ask(world, "K-1", "\"0\"", REPLY).await.is_refused(404, "not-found");
}

pub(crate) async fn a_body_that_is_no_act_is_refused_and_not_quoted<S: Store>(world: &World<S>) {
    filed_one(world).await;
    for body in [
        "",
        "canary",
        "{}",
        r#"{"canary":{}}"#,
        r#"{"reply":{"text":"a","canary":1}}"#,
        r#"{"reply":{"text":"a"},"complete":{}}"#,
        r#"{"reply":{"text":"a"}} canary"#,
        r#"["canary"]"#,
    ] {
        let refused = ask(world, "K-1", "\"1\"", body).await;
        refused.is_refused(400, "malformed");
        assert!(!refused.text.contains("canary"), "{}", refused.text);
    }
}

pub(crate) async fn a_body_has_its_bound<S: Store>(world: &World<S>) {
    filed_one(world).await;
    let padded = |bytes: usize| format!("{REPLY}{}", " ".repeat(bytes - REPLY.len()));
    ask(world, "K-1", "\"1\"", &padded(MAX_REQUEST_BODY + 1)).await.is_refused(413, "too-large");
    ask(world, "K-1", "\"1\"", &padded(MAX_REQUEST_BODY)).await.ok();
}

#[tokio::test(start_paused = true)]
async fn a_body_arrives_in_time_or_not_at_all() {
    let world = memory();
    filed_one(&world).await;
    let headers = [("idempotency-key", "K-1"), ("if-match", "\"1\"")];
    let after = |seconds: u64| {
        Body::from_stream(stream::once(async move {
            sleep(Duration::from_secs(seconds)).await;
            Ok::<_, Infallible>(Bytes::from_static(REPLY.as_bytes()))
        }))
    };
    let began = Instant::now();
    world.post(&acts("1"), &headers, after(11)).await.is_refused(408, "timed-out");
    assert_eq!(began.elapsed(), Duration::from_secs(10));
    world.post(&acts("1"), &headers, after(9)).await.ok();
}

#[tokio::test(start_paused = true)]
async fn a_new_act_rings_and_a_repeated_or_refused_one_does_not() {
    let world = memory();
    filed_one(&world).await;
    let mut bell = world.work.listener();
    let mut rang = async || tokio::time::timeout(Duration::from_secs(1), bell.rung()).await.is_ok();
    ask(&world, "K-1", "\"1\"", REPLY).await.ok();
    assert!(rang().await);
    ask(&world, "K-1", "\"1\"", REPLY).await.ok();
    ask(&world, "K-2", "\"1\"", REPLY).await.is_refused(409, "in-hand");
    assert!(!rang().await);
}
