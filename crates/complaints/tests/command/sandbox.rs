//! `sandbox` and `sandbox trigger`, as processes.
#![cfg(unix)]

use std::collections::BTreeSet;

use serde_json::Value;

use crate::fixture::Folder;
use crate::served::{Served, wait_for};

const HERE: [&str; 3] = ["sandbox", "--folder", "here"];
const CONFIGURED: [&str; 2] = ["--config", "here/complaints.toml"];

fn on(folder: &Folder, arguments: &[&str]) -> Value {
    folder.run(&[&CONFIGURED, arguments].concat()).json()
}

fn trigger(folder: &Folder, arguments: &[&str]) -> Value {
    folder.run(&[&["sandbox", "trigger", "--folder", "here"], arguments].concat()).json()
}

/// The first logged exchange like this.
fn wait_for_exchange(served: &Served, is_it: impl Fn(&Value) -> bool) -> Value {
    wait_for(|| {
        let log = served.log();
        let mut exchanges = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        exchanges.find(|exchange| is_it(exchange))
    })
}

fn members(exchange: &Value) -> BTreeSet<&str> {
    exchange.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn each_request_and_each_attempt_is_a_line_without_anything_private() {
    let folder = Folder::new();
    let served = Served::start(&folder, &HERE);
    on(&folder, &["list"]);
    let listed = wait_for_exchange(&served, |exchange| exchange["path"] == "/v3/merchant-service/complaints-v2");
    let of_all = ["at", "channel", "direction", "method", "milliseconds", "path", "status"];
    assert_eq!(members(&listed), of_all.into());
    let said = |name: &str| listed[name].as_str().unwrap();
    assert_eq!((said("direction"), said("channel"), said("method")), ("received", "wechat-pay", "GET"));
    assert_eq!(listed["status"], 200);
    let order = served.ready["mini_program_complaints"][0].as_str().unwrap();
    on(&folder, &["mini-program", "show", order]);
    let token = wait_for_exchange(&served, |exchange| exchange["channel"] == "mini-program");
    assert_eq!(token["path"], "/cgi-bin/stable_token");

    // Port 1 has no listener.
    on(&folder, &["callback", "create", "https://merchant.example:1/notify", "--yes"]);
    let told = trigger(&folder, &["complaint"]);
    let sent = wait_for_exchange(&served, |exchange| exchange["direction"] == "sent");
    let of_delivery = ["acknowledged", "attempt", "complaint", "error", "message"];
    assert_eq!(members(&sent), of_all.into_iter().chain(of_delivery).collect());
    assert_eq!(sent["complaint"], told["complaints"][0]);
    assert_eq!((&sent["attempt"], &sent["acknowledged"], &sent["status"]), (&1.into(), &false.into(), &Value::Null));
    assert_eq!((&sent["path"], &sent["message"]), (&"/notify".into(), &"COMPLAINT.CREATE CREATE_COMPLAINT".into()));
    assert!(sent["error"].as_str().is_some_and(|error| !error.is_empty()), "{sent}");

    let door: Value = serde_json::from_slice(&std::fs::read(folder.path().join("here/sandbox.door")).unwrap()).unwrap();
    let log = served.log();
    for private in ["13900001234", "重复扣费", "access_token", "pay_sig", door["token"].as_str().unwrap()] {
        assert!(!log.contains(private), "{private}: {log}");
    }
}

#[test]
fn keys_and_complaints_are_kept_over_restarts() {
    let folder = Folder::new();
    let served = Served::start(&folder, &HERE);
    let before = served.ready.clone();
    let id = before["complaints"][0].as_str().unwrap();
    on(&folder, &["reply", id, "--text", "您好，已为您核实", "--yes"]);
    let triggered = trigger(&folder, &["payer-responds", "--id", id]);
    assert_eq!(triggered["complaints"], serde_json::json!([id]));
    let history = on(&folder, &["history", id]);
    served.signal("-TERM");
    assert_eq!(served.end().0.code(), Some(0));
    let outcome = folder.run(&["sandbox", "trigger", "complaint", "--folder", "here"]);
    assert!(outcome.refused("network").contains("start the sandbox of this folder"), "{outcome:?}");

    let served = Served::start(&folder, &[&HERE[..], &["--quiet"]].concat());
    for name in ["complaints", "allinpay_complaints", "mini_program_complaints", "virtual_payment_complaints"] {
        assert_eq!(served.ready[name], before[name], "{name}");
    }
    assert_eq!(on(&folder, &["history", id])["data"], history["data"]);
    assert_eq!(on(&folder, &["show", id, "--decrypt"])["payer_phone"], "13900001234");
    let second = folder.run(&HERE);
    assert!(second.refused("usage").contains("another process serves this folder"), "{second:?}");
    served.signal("-TERM");
    assert_eq!(served.end().1, "", "quiet");
}

#[test]
fn a_story_is_refused_with_what_to_do() {
    let folder = Folder::new();
    let refused = |code: &str, arguments: &[&str]| {
        let outcome = folder.run(&[&["sandbox", "trigger", "--folder", "here"], arguments].concat());
        outcome.refused(code).to_owned()
    };
    assert!(refused("usage", &["complaint"]).contains("no sandbox has run in here"));
    let served = Served::start(&folder, &HERE);
    assert!(refused("usage", &["payer-sings"]).contains("--list"));
    assert!(refused("usage", &["complaint", "--id", "7"]).contains("complaint takes no --id"));
    refused("usage", &[]);
    refused("usage", &["complaint", "--list"]);
    for seconds in ["0", "3601"] {
        refused("usage", &["outage", "--seconds", seconds]);
    }
    for seconds in ["1", "3600"] {
        trigger(&folder, &["rate-limit", "--seconds", seconds]);
    }
    assert!(refused("rejected", &["payer-responds", "--id", "7"]).contains("no complaint 7"));
    assert!(refused("rejected", &["forged-signature"]).contains("no URL is registered"));
    // The token of an earlier start.
    let door = folder.path().join("here/sandbox.door");
    let mut changed: Value = serde_json::from_slice(&std::fs::read(&door).unwrap()).unwrap();
    changed["token"] = "canary".into();
    folder.write("here/sandbox.door", changed.to_string());
    let message = refused("rejected", &["complaint"]);
    assert!(message.contains("401") && !message.contains("canary"), "{message}");
    let listed = folder.run(&["sandbox", "trigger", "--list"]).json();
    assert!(listed.as_array().unwrap().iter().any(|story| story["name"] == "payer-responds"), "{listed}");
    drop(served);
}
