//! `callback`: the notification URL.

use platform_sandbox::{Fault, FaultKind};
use protocol_core::wechat_pay::{CreateNotificationUrl, UpdateNotificationUrl};
use serde_json::{Value, json};

use crate::platform::Platform;

#[test]
fn the_url_is_created_replaced_shown_and_taken_away() {
    let platform = Platform::new();
    let mchid = platform.sandbox.merchant().mchid.clone();
    let there = |url: &str| json!({"mchid": mchid, "url": url});
    let run = |arguments: &[&str]| platform.run(&[&["callback"], arguments].concat());

    assert!(run(&["get"]).refused("rejected").contains("RESOURCE_NOT_EXISTS"));
    run(&["update", "https://a.example/", "--yes"]).refused("rejected");
    assert_eq!(run(&["create", "https://a.example/", "--yes"]).json(), there("https://a.example/"));
    run(&["create", "https://a.example/", "--yes"]).refused("rejected");
    assert_eq!(run(&["update", "https://b.example/", "--yes"]).json(), there("https://b.example/"));
    assert_eq!(run(&["ensure", "https://c.example/", "--yes"]).json(), there("https://c.example/"));
    assert_eq!(run(&["get"]).json(), there("https://c.example/"));
    for _ in 0..2 {
        assert_eq!(run(&["delete", "--yes"]).json(), Value::Null);
    }
    assert_eq!(run(&["ensure", "https://d.example/", "--yes"]).json(), there("https://d.example/"));
    assert_eq!(platform.sandbox.notification_url(&mchid).as_deref(), Some("https://d.example/"));
}

#[test]
fn ensure_looks_into_a_lost_response() {
    let platform = Platform::new();
    platform.sandbox.inject(Fault::once(FaultKind::DropConnection).on::<CreateNotificationUrl>().after_effect());
    platform.run(&["callback", "ensure", "https://a.example/", "--yes"]).json();
    assert_eq!(platform.operations().iter().filter(|name| **name == "create_notification_url").count(), 1);
}

#[test]
fn an_unknown_outcome_is_told_as_one() {
    let platform = Platform::new();
    platform.sandbox.inject(Fault::once(FaultKind::NoSignature).on::<CreateNotificationUrl>().after_effect());
    let outcome = platform.run(&["callback", "create", "https://a.example/", "--yes"]);
    assert!(outcome.refused("missing-header").contains("may have taken effect"), "{outcome:?}");
    platform.sandbox.inject(Fault::once(FaultKind::DropConnection).on::<UpdateNotificationUrl>().times(9));
    let outcome = platform.run(&["callback", "update", "https://a.example/", "--yes"]);
    assert!(outcome.refused("network").contains("may have taken effect"), "{outcome:?}");
}
