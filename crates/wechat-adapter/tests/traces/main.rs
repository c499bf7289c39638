//! What is told to `tracing`: operation, attempt, outcome, request id; nothing of a person, nothing of a secret.
//!
//! A program of its own, and one test: what `tracing` remembers of its callers is the whole process's.
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

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use protocol_core::wechat_pay::{Authorization, GetComplaint, Respond};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::platform::{BROKEN, Reaction, client, signed, unsigned};

/// Writes everything down that it is told.
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
        metadata.target().starts_with("wechat_adapter")
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
        event.record(&mut Line(&mut heard));
        heard.push('\n');
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// What is told while a future runs.
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
}

async fn a_call_is_told_attempt_by_attempt() {
    let (client, _) = client([BROKEN, signed(500, "{}"), signed(200, r#"{"complaint_id":"1"}"#)]);
    let told = heard(async {
        client.send(&GetComplaint { complaint_id: "canary-id".to_owned() }).await.unwrap();
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
        let reply = Respond {
            complaint_id: "canary-id".to_owned(),
            complainted_mchid: "1900007291".to_owned(),
            response_content: protocol_core::Personal::new("canary-text".to_owned()),
            response_images: Vec::new(),
            jump_url: None,
            jump_url_text: None,
            mini_program_jump_info: None,
        };
        let told = heard(async { drop(client.send(&reply).await) }).await;
        assert!(told.contains("operation=\"respond\""), "{told}");
        let request = &platform.requests()[0];
        let authorization = request.headers()["Authorization"].to_str().unwrap();
        let authorization = Authorization::parse(authorization).unwrap();
        for secret in ["canary", &*authorization.signature, &*authorization.nonce_str] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}
