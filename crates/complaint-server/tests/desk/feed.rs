//! The feed: pages, waits, streams.

use std::time::Duration;

use axum::body::Body;
use complaint_inbox::{EventKind, Store};
use complaint_server::{FEED_STREAM_SECONDS, MAX_FEED_WAIT_SECONDS, MAX_FEED_WAITERS};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::world::{Seen, World, memory};

fn numbers(feed: &Value) -> Vec<i64> {
    feed["events"].as_array().unwrap().iter().map(|event| event["data"]["version"].as_i64().unwrap()).collect()
}

pub(crate) async fn the_feed_goes_on_after_a_number<S: Store>(world: &World<S>) {
    world.hear("1", &[EventKind::Filed, EventKind::RefundRequested]).await;
    world.hear("2", &[EventKind::Filed]).await;
    let feed = world.get("/api/events").await.ok();
    let known = json!({"type": "complaint.filed", "timestamp": "2025-03-14T07:09:26Z", "data":
        {"version": 1, "channel": "wechat-pay", "merchant": "1900000001", "id": "1", "detail": {}}});
    assert_eq!((&feed["events"][0], numbers(&feed), &feed["next"]), (&known, vec![1, 2, 3], &json!(3)));
    let feed = world.get("/api/events?after=1&limit=1").await.ok();
    assert_eq!((numbers(&feed), &feed["next"]), (vec![2], &json!(2)));
    let feed = world.get("/api/events?after=3&wait=0").await.ok();
    assert_eq!((numbers(&feed), &feed["next"]), (vec![], &json!(3)));
    for query in ["after=-1", "after=a", "wait=26", "since=1"] {
        world.get(&format!("/api/events?{query}")).await.is_refused(400, "malformed");
    }
}

pub(crate) async fn a_reader_that_is_ahead_of_the_feed_is_told<S: Store>(world: &World<S>) {
    world.hear("1", &[EventKind::Filed]).await;
    let refused = world.get("/api/events?after=2").await;
    refused.is_refused(409, "ahead-of-feed");
    assert_eq!(refused.document()["error"]["newest"], 1);
    world.get("/api/events?after=1&wait=0").await.ok();
    for (last, status, code) in [("2", 409, "ahead-of-feed"), ("-1", 400, "malformed"), ("a", 400, "malformed")] {
        let stream = world.request("GET", "/api/events", &world.reader).header("accept", "text/event-stream");
        let stream = stream.header("last-event-id", last).body(Body::empty()).unwrap();
        Seen::of(world.send(stream).await).await.is_refused(status, code);
    }
}

pub(crate) async fn the_stream_has_events_with_their_numbers<S: Store>(world: &World<S>) {
    world.hear("1", &[EventKind::Filed, EventKind::Updated]).await;
    let mut stream = open(world, "/api/events?after=0", &[("last-event-id", "1")]).await;
    assert_eq!(piece(&mut stream).await.unwrap(), ": events follow\n\n");
    let events = piece(&mut stream).await.unwrap();
    let data = r#"{"type":"complaint.updated","timestamp":"2025-03-14T07:09:26Z","data":{"version":2,"channel":"wechat-pay","merchant":"1900000001","id":"1","detail":{}}}"#;
    assert_eq!(events, format!("id: 2\nevent: complaint.updated\ndata: {data}\n\n"));
    world.stopping.stop();
    assert_eq!(piece(&mut stream).await, None);
}

async fn open<S: Store>(world: &World<S>, path: &str, headers: &[(&str, &str)]) -> Body {
    let request = world.request("GET", path, &world.reader).header("accept", "text/html, text/event-stream;q=0.9");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let response = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    response.into_body()
}

async fn piece(stream: &mut Body) -> Option<String> {
    let frame = stream.frame().await?.unwrap();
    Some(String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap())
}

// Time passes by itself under tokio's paused clock, and the store in memory is ready at once.

#[tokio::test(start_paused = true)]
async fn a_wait_ends_with_the_next_event_or_in_time() {
    let world = memory();
    let began = Instant::now();
    let feed = world.get(&format!("/api/events?wait={MAX_FEED_WAIT_SECONDS}")).await.ok();
    assert_eq!((numbers(&feed), began.elapsed()), (vec![], Duration::from_secs(MAX_FEED_WAIT_SECONDS.into())));
    let (feed, ()) = tokio::join!(world.get("/api/events"), async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        world.hear("1", &[EventKind::Filed]).await;
    });
    assert_eq!(numbers(&feed.ok()), [1]);
    assert!(began.elapsed() < Duration::from_secs(u64::from(MAX_FEED_WAIT_SECONDS) + 5));
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_at_once_when_the_bell_rings() {
    let world = memory();
    let began = Instant::now();
    let (feed, ()) = tokio::join!(world.get("/api/events"), async {
        tokio::time::sleep(Duration::from_millis(1_234)).await;
        world.hear("1", &[EventKind::Filed]).await;
        world.events.ring();
    });
    assert_eq!((numbers(&feed.ok()), began.elapsed()), (vec![1], Duration::from_millis(1_234)));
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_when_the_server_stops() {
    let world = memory();
    let began = Instant::now();
    let (feed, ()) = tokio::join!(world.get("/api/events"), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        world.stopping.stop();
    });
    assert_eq!((numbers(&feed.ok()), began.elapsed()), (vec![], Duration::from_secs(1)));
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_shows_that_it_is_alive_and_ends() {
    let world = memory();
    let began = Instant::now();
    let mut stream = open(&world, "/api/events", &[]).await;
    assert_eq!(piece(&mut stream).await.unwrap(), ": events follow\n\n");
    assert_eq!(piece(&mut stream).await.unwrap(), ":\n\n");
    assert_eq!(began.elapsed(), Duration::from_secs(15));
    while piece(&mut stream).await.is_some() {}
    assert_eq!(began.elapsed(), Duration::from_secs(FEED_STREAM_SECONDS.into()));
}

#[tokio::test(start_paused = true)]
async fn so_many_wait_for_events_and_no_more() {
    let world = memory();
    let mut streams = Vec::new();
    for _ in 0..MAX_FEED_WAITERS {
        streams.push(open(&world, "/api/events", &[]).await);
        // The rate of a token is another bound.
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let refused = world.get("/api/events").await;
    refused.is_refused(429, "too-many-waiting");
    assert_eq!(refused.header("retry-after"), "1");
    world.get("/api/events?wait=0").await.ok();
    drop(streams.pop());
    drop(open(&world, "/api/events", &[]).await);
}
