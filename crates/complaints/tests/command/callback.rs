//! `callback`: the notification URL and the violation URL.

use platform_sandbox::{Fault, FaultKind};
use protocol_core::wechat_pay::{CreateNotificationUrl, CreateViolationUrl, UpdateNotificationUrl};
use serde_json::{Value, json};

use crate::platform::Platform;

#[test]
fn the_url_is_created_replaced_shown_and_taken_away() {
    let platform = Platform::new();
    let mchid = platform.sandbox.merchant().mchid.clone();
    let there = |url: &str| json!({"mchid": mchid, "url": url});
    let run = |arguments: &[&str]| platform.run(&[&["callback"], arguments].concat());

    assert!(run(&["get"]).refused("rejected").contains("RESOURCE_NOT_EXISTS"));
    let update = run(&["update", "https://a.example/", "--yes"]);
    assert!(update.refused("rejected").contains("`complaints callback ensure URL` registers one"), "{update:?}");
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

/// The violation URL has the same commands, in a place of its own.
#[test]
fn the_violation_url_is_created_replaced_shown_and_taken_away() {
    let platform = Platform::new();
    let mchid = platform.sandbox.merchant().mchid.clone();
    let there = |url: &str| json!({"mchid": mchid, "notify_url": url});
    let run = |arguments: &[&str]| platform.run(&[&["callback", "--violations"], arguments].concat());

    assert!(run(&["get"]).refused("rejected").contains("RESOURCE_NOT_EXISTS"));
    run(&["update", "https://a.example/", "--yes"]).refused("rejected");
    assert_eq!(run(&["create", "https://a.example/", "--yes"]).json(), there("https://a.example/"));
    run(&["create", "https://a.example/", "--yes"]).refused("rejected");
    assert_eq!(run(&["update", "https://b.example/", "--yes"]).json(), there("https://b.example/"));
    assert_eq!(run(&["ensure", "https://c.example/", "--yes"]).json(), there("https://c.example/"));
    // The option may stand behind the command, too.
    assert_eq!(platform.run(&["callback", "get", "--violations"]).json(), there("https://c.example/"));
    assert_eq!(platform.sandbox.notification_url(&mchid), None, "complaints go nowhere");
    for _ in 0..2 {
        assert_eq!(run(&["delete", "--yes"]).json(), Value::Null);
    }
    let get = run(&["get"]);
    assert!(get.refused("rejected").contains("`complaints callback ensure URL --violations` registers one"), "{get:?}");

    platform.sandbox.inject(Fault::once(FaultKind::DropConnection).on::<CreateViolationUrl>().after_effect());
    assert_eq!(run(&["ensure", "https://d.example/", "--yes"]).json(), there("https://d.example/"));
    assert_eq!(platform.operations().iter().filter(|name| **name == "create_violation_url").count(), 3);
}

#[test]
fn a_change_of_the_violation_url_needs_consent_and_a_good_url() {
    let platform = Platform::new();
    let run = |arguments: &[&str]| platform.run(&[&["callback"], arguments, &["--violations"]].concat());
    for (command, method) in [
        (&["create", "https://a.example/"][..], "POST"),
        (&["update", "https://a.example/"], "PUT"),
        (&["ensure", "https://a.example/"], "GET"),
        (&["delete"], "DELETE"),
    ] {
        assert!(run(command).refused("usage").contains("--dry-run"), "{command:?}");
        let request = run(&[command, &["--dry-run"]].concat()).json();
        assert_eq!(request["method"], method);
        assert!(request["url"].as_str().unwrap().ends_with("/v3/merchant-risk-manage/violation-notifications"));
        assert_eq!(
            request["body"].as_str(),
            method.starts_with('P').then_some(r#"{"notify_url":"https://a.example/"}"#)
        );
    }
    for command in ["create", "update", "ensure"] {
        for url in ["http://a.example/", "https://127.0.0.1/", "https://a.example/?a=1", ""] {
            run(&[command, url, "--yes"]).refused("usage");
        }
    }
    assert!(platform.operations().is_empty());
}
