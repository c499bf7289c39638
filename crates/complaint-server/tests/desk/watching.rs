//! Health, metrics, replays; the rate of a token.

use std::time::Duration;

use axum::body::Body;
use complaint_inbox::{EventKind, HandoverOutcome, SqliteStore, StartAt, Store, StoreError};
use complaint_server::{Desk, Hosts, TOKEN_RATE, router};
use http::Request;
use serde_json::json;
use tower_service::Service as _;

use crate::world::{ENDPOINT, HOST, Seen, World, acts, address, memory, sqlite};

async fn probe<S: Store>(world: &World<S>, path: &str) -> Seen {
    Seen::of(world.send(Request::get(path).header("host", "10.0.0.7:8080").body(Body::empty()).unwrap()).await).await
}

pub(crate) async fn the_server_is_alive_and_ready_without_a_token<S: Store>(world: &World<S>) {
    assert_eq!(probe(world, "/healthz").await.ok(), json!({"status": "alive"}));
    assert_eq!(probe(world, "/readyz").await.ok(), json!({"status": "ready"}));
    world.stopping.stop();
    let stopping = probe(world, "/readyz").await;
    assert_eq!((stopping.status.as_u16(), &stopping.document()["reason"]), (503, &json!("stopping")));
    assert_eq!(probe(world, "/healthz").await.status, 200);
}

pub(crate) async fn the_metrics_count<S: Store>(world: &World<S>) {
    world.hear("1", &[EventKind::Filed]).await;
    world.get("/api/complaints").await.ok();
    world.get(&address("2")).await;
    let metrics = world.get("/metrics").await;
    assert_eq!(metrics.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    for line in [
        "complaints_due 1",
        "complaints_newest_event 1",
        r#"complaints_desk_responses_total{status="200",reason=""} 1"#,
        r#"complaints_desk_responses_total{status="404",reason="not-found"} 1"#,
    ] {
        assert!(metrics.text.lines().any(|found| found == line), "{line}: {}", metrics.text);
    }
}

pub(crate) async fn dead_events_are_replayed<S: Store>(world: &World<S>) {
    world.open_endpoint().await;
    world.hear("1", &[EventKind::Filed]).await;
    let claim = world.store.claim_handovers(ENDPOINT, 9, 60).await.unwrap().remove(0);
    assert!(world.store.finish_handover(&claim, HandoverOutcome::Dead).await.unwrap());
    let replay = async |endpoint: &str, body: &'static str| {
        world.post(&format!("/api/onward/{endpoint}/replay"), &[], body).await
    };
    assert_eq!(replay(ENDPOINT, r#"{"dead":{}}"#).await.ok(), json!({"events": 1}));
    assert_eq!(replay(ENDPOINT, r#"{"dead":{}}"#).await.ok(), json!({"events": 0}));
    assert_eq!(replay(ENDPOINT, r#"{"after":0}"#).await.ok(), json!({"events": 1}));
    assert_eq!(replay(ENDPOINT, r#"{"after":1}"#).await.ok(), json!({"events": 0}));
    replay("other", r#"{"dead":{}}"#).await.is_refused(404, "not-found");
    for body in ["", "{}", r#"{"dead":{},"after":0}"#, r#"{"dead":{"x":1}}"#, r#"{"after":"0"}"#] {
        replay(ENDPOINT, body).await.is_refused(400, "malformed");
    }
}

pub(crate) async fn an_endpoint_that_is_no_more_is_forgotten<S: Store>(world: &World<S>) {
    world.open_endpoint().await;
    world.store.open_endpoint("retired", StartAt::Oldest).await.unwrap();
    world.hear("1", &[EventKind::Filed]).await;
    let pending = async || world.store.figures().await.unwrap().handovers;
    assert_eq!(pending().await, 2);
    let forget = async |endpoint: &str| {
        let request = world.request("DELETE", &format!("/api/onward/{endpoint}"), &world.actor);
        Seen::of(world.send(request.body(Body::empty()).unwrap()).await).await
    };
    forget(ENDPOINT).await.is_refused(409, "configured");
    assert_eq!(pending().await, 2);
    assert_eq!(forget("retired").await.status, 204);
    assert_eq!(pending().await, 1);
    forget("retired").await.is_refused(404, "not-found");
}

#[tokio::test(start_paused = true)]
async fn a_token_has_its_rate_and_another_is_not_held_up() {
    let world = memory();
    for _ in 0..TOKEN_RATE.burst() {
        world.get("/api/complaints").await.ok();
    }
    let refused = world.get("/api/complaints").await;
    refused.is_refused(429, "too-many-requests");
    assert_eq!(refused.header("retry-after"), "1");
    assert_ne!(world.post(&acts("1"), &[], "").await.status, 429);
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.get("/api/complaints").await.ok();
}

#[tokio::test]
async fn a_store_that_cannot_be_written_is_503() {
    let world = sqlite();
    world.hear("1", &[EventKind::Filed]).await;
    let folder = world.tokens_file.parent().unwrap();
    let store = SqliteStore::open_to_read(folder.join("inbox.db")).unwrap();
    assert_eq!(store.sight(Vec::new()).await, Err(StoreError::ReadOnly));
    let mut desk = router(Desk::new(store, world.tokens.clone(), Hosts::of(HOST.parse().unwrap())));
    let request =
        world.request("POST", &acts("1"), &world.actor).header("idempotency-key", "K").header("if-match", "\"1\"");
    let refused = Seen::of(desk.call(request.body(Body::from(r#"{"complete":{}}"#)).unwrap()).await.unwrap()).await;
    refused.is_refused(503, "store");
    assert_eq!(refused.header("retry-after"), "1");
    assert!(!refused.text.contains("inbox.db"));
    let ready = Seen::of(desk.call(Request::get("/readyz").body(Body::empty()).unwrap()).await.unwrap()).await;
    assert_eq!((ready.status.as_u16(), &ready.document()["reason"]), (503, &json!("disk")));
    let alive = desk.call(Request::get("/healthz").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(alive.status(), 200);
}
