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

#[path = "../mini_program/platform.rs"]
mod mini_program;

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use protocol_core::mini_program::{BussiHandle, GetOrderDetail, RespondComplaint};
use protocol_core::wechat_pay::{Authorization, GetComplaint, Respond};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use wechat_adapter::mini_program::{Client, StableToken};

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
    a_mini_programs_call_is_told_without_its_token().await;
    nothing_of_a_mini_programs_act_is_told().await;
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
        let told = heard(async { drop(client.respond(&response).await) }).await;
        assert!(told.contains("operation=\"respond_complaint\""), "{told}");
        assert!(!told.contains("canary"), "{told}");
    }
}
