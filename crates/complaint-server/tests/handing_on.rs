//! Events on their way to a service on loopback, from an inbox in SQLite.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test states what must hold")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use complaint_inbox::{ComplaintKey, EventKind, Message, NewEvent, SqliteStore, Store};
use complaint_server::{Endpoint, Metrics, Onward, SigningSecret, Stopping};
use http::{HeaderMap, StatusCode};
use http_transport::{ClientConfig, HttpsClient, Listener, ListenerConfig};
use serde_json::json;
use tokio::sync::mpsc;

/// A redirect is a failure, and no request follows it.
#[tokio::test]
async fn a_service_receives_an_event_and_a_redirect_is_not_followed() {
    let (arrived, mut arrivals) = mpsc::unbounded_channel();
    let first = Arc::new(Mutex::new(true));
    let receive = move |headers: HeaderMap, body: Bytes| {
        let is_first = std::mem::take(&mut *first.lock().unwrap());
        arrived.send((headers, body)).unwrap();
        async move {
            let status = if is_first { StatusCode::TEMPORARY_REDIRECT } else { StatusCode::NO_CONTENT };
            (status, [("location", "/elsewhere")])
        }
    };
    let was_followed = Arc::new(AtomicBool::new(false));
    let followed = Arc::clone(&was_followed);
    let elsewhere = move || async move { followed.store(true, Ordering::SeqCst) };
    let service = Router::new().route("/complaints", post(receive)).route("/elsewhere", post(elsewhere));
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), ListenerConfig::default()).await.unwrap();
    let url = format!("http://{}/complaints", listener.local_addr());
    tokio::spawn(listener.serve(service, std::future::pending()));

    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("inbox.db")).unwrap();
    let mut message = Message::new("EV-1", ComplaintKey::new("wechat-pay", "1900000001", "1"));
    message.events = vec![NewEvent::new(EventKind::Filed, json!({}))];
    store.hear(message).await.unwrap();

    let stopping = Stopping::default();
    let secret = SigningSecret::generate().unwrap();
    let client = HttpsClient::new(ClientConfig::default().with_allow_http(true)).unwrap();
    let onward = Onward::new(store.clone(), client)
        .endpoint(Endpoint::new("shop", &url, secret).unwrap())
        .unwrap()
        .with_stopping(stopping.clone())
        .with_metrics(Metrics::default());
    let running = tokio::spawn(onward.run());
    let (first, second) = (arrivals.recv().await.unwrap(), arrivals.recv().await.unwrap());
    stopping.stop();
    running.await.unwrap();

    assert!(!was_followed.load(Ordering::SeqCst));
    assert_eq!(first.0["webhook-id"], second.0["webhook-id"]);
    assert_eq!(first.1, second.1);
    assert_eq!(first.0["content-type"], "application/json");
    assert!(first.0["user-agent"].to_str().unwrap().starts_with("complaint-server/"));
    let document: serde_json::Value = serde_json::from_slice(&first.1).unwrap();
    assert_eq!((&document["type"], &document["data"]["id"]), (&json!("complaint.filed"), &json!("1")));
    let figures = store.figures().await.unwrap();
    assert_eq!((figures.handovers, figures.dead), (0, 0));
}
