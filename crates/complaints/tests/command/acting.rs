//! `reply`, `complete`, `refund`: asked for, shown before, done once.

use bytes::Bytes;
use platform_sandbox::{Fault, FaultKind, NewComplaint, Sandbox};
use protocol_core::wechat_pay::{GetNegotiationHistory, Respond, RespondImmediateService};
use serde_json::{Value, json};

use crate::platform::{PICTURE, Platform};

#[test]
fn a_reply_reaches_the_payer() {
    let (platform, id) = Platform::with_complaint();
    let json = platform.run(&["reply", &id, "--text", "您好，\n已核实", "--yes"]).json();
    assert_eq!(json, json!({"complaint_id": id, "effect": "confirmed"}));
    assert_eq!(platform.said(&id)[0]["operate_details"], "您好，\n已核实");
    assert_eq!(platform.operations(), ["get_complaint", "respond"]);
    // --accused saves a request.
    let mchid = platform.sandbox.merchant().mchid.clone();
    platform.run(&["reply", &id, "--text", "x", "--accused", &mchid, "--yes"]).json();
    assert_eq!(platform.operations()[2..], ["respond"]);
}

#[test]
fn pictures_go_before_the_words_about_them() {
    let (platform, id) = Platform::with_complaint();
    platform.folder.write("a.png", PICTURE);
    platform.folder.write("b.jpg", PICTURE);
    platform.folder.write("text", "\u{feff}来自文件\r\n\n");
    let uploaded = platform.run(&["image", "upload", "b.jpg"]).json()["media_id"].as_str().unwrap().to_owned();
    platform.run(&["reply", &id, "--text-file", "text", "--image", "a.png", "--image-id", &uploaded, "--yes"]).json();
    assert_eq!(platform.operations(), ["upload_image", "get_complaint", "upload_image", "respond"]);
    let said = &platform.said(&id)[0];
    assert_eq!(said["operate_details"], "来自文件");
    assert_eq!(said["complaint_media_list"]["media_url"].as_array().map(Vec::len), Some(2), "{said}");
}

#[test]
fn a_payer_who_waits_gets_one_reply_an_id() {
    let platform = Platform::new();
    let id = platform.sandbox.file_complaint(NewComplaint::default().with_immediate_service());
    platform.folder.write("a.png", PICTURE);
    let reply = ["reply", &id, "--text", "马上", "--image", "a.png", "--immediate", "--idempotent-id", "1", "--yes"];
    for _ in 0..2 {
        assert_eq!(platform.run(&reply).json()["effect"], "confirmed");
    }
    let said = platform.said(&id);
    assert_eq!(said.len(), 1);
    assert_eq!(said[0]["normal_message"]["blocks"][0]["text"]["text"], "马上");
    assert_eq!(said[0]["normal_message"]["blocks"][1]["type"], "IMAGE");
}

#[test]
fn a_lost_response_is_looked_into_and_nothing_is_said_twice() {
    let (platform, id) = Platform::with_complaint();
    platform.sandbox.inject(Fault::once(FaultKind::DropConnection).on::<Respond>().after_effect());
    let json = platform.run(&["reply", &id, "--text", "一次", "--yes"]).json();
    assert_eq!(json["effect"], "found");
    assert_eq!(platform.said(&id).len(), 1);
}

#[test]
fn an_unknown_outcome_is_said() {
    let (platform, id) = Platform::with_complaint();
    // The response is lost, and the history cannot be read either.
    platform.sandbox.inject(Fault::once(FaultKind::DropConnection).on::<Respond>().after_effect());
    platform.sandbox.inject(Fault::once(FaultKind::DropConnection).on::<GetNegotiationHistory>().times(9));
    let outcome = platform.run(&["reply", &id, "--text", "canary", "--yes"]);
    let message = outcome.refused("network");
    assert!(message.contains("may have taken effect") && !message.contains("canary"), "{message}");

    let platform = Platform::new();
    let id = platform.sandbox.file_complaint(NewComplaint::default().with_immediate_service());
    platform.sandbox.inject(Fault::once(FaultKind::ForgedSignature).on::<RespondImmediateService>().times(9));
    let outcome = platform.run(&["reply", &id, "--text", "x", "--immediate", "--idempotent-id", "7", "--yes"]);
    let message = outcome.refused("bad-signature");
    assert!(message.contains("may have taken effect") && message.contains("--idempotent-id 7"), "{message}");
}

#[test]
fn a_complaint_is_completed_and_again_is_as_good() {
    let (platform, id) = Platform::with_complaint();
    assert_eq!(platform.run(&["complete", &id, "--yes"]).json()["effect"], "confirmed");
    assert_eq!(platform.sandbox.complaint(&id).unwrap()["complaint_state"], "PROCESSED");
    assert_eq!(platform.run(&["complete", &id, "--yes"]).json()["effect"], "found");
    let outcome = platform.run(&["complete", "nope", "--yes"]);
    assert!(outcome.refused("rejected").contains("404"), "{outcome:?}");
}

#[test]
fn a_refund_is_decided() {
    let (platform, id) = Platform::with_complaint();
    let json = platform.run(&["refund", &id, "--approve", "--days", "1", "--remark", "vip", "--yes"]).json();
    assert_eq!(json["effect"], "confirmed");
    platform.run(&["refund", &id, "--approve", "--yes"]).refused("rejected");

    let (platform, id) = Platform::with_complaint();
    platform.folder.write("a.png", PICTURE);
    platform.run(&["refund", &id, "--reject", "--reason", "没有重复扣费", "--image", "a.png", "--yes"]).json();
    assert_eq!(platform.operations(), ["upload_image", "update_refund_progress"]);
    assert_eq!(platform.sandbox.complaint(&id).unwrap()["complaint_state"], "PROCESSED");
}

/// Everything that changes something, rightly asked for.
fn acts(id: &str) -> Vec<Vec<&str>> {
    vec![
        vec!["callback", "create", "https://a.example/"],
        vec!["callback", "update", "https://a.example/"],
        vec!["callback", "ensure", "https://a.example/"],
        vec!["callback", "delete"],
        vec!["reply", id, "--text", "x"],
        vec!["reply", id, "--text", "x", "--image", "a.png"],
        vec!["complete", id],
        vec!["refund", id, "--approve"],
        vec!["refund", id, "--reject", "--reason", "x"],
    ]
}

#[test]
fn without_a_terminal_an_act_needs_a_decision() {
    let (platform, id) = Platform::with_complaint();
    platform.folder.write("a.png", PICTURE);
    for act in acts(&id) {
        let outcome = platform.run(&act);
        let message = outcome.refused("usage");
        assert!(message.contains("--yes") && message.contains("nothing was sent"), "{message}");
        platform.run(&[&act[..], &["--yes", "--dry-run"]].concat()).refused("usage");
    }
    assert!(platform.operations().is_empty());
}

#[test]
fn a_dry_run_changes_nothing_and_prints_what_would_be_sent() {
    let (platform, id) = Platform::with_complaint();
    platform.folder.write("a.png", PICTURE);
    for act in acts(&id) {
        let json = platform.run(&[&act[..], &["--dry-run"]].concat()).json();
        assert!(json["headers"]["Authorization"].as_str().unwrap().starts_with("WECHATPAY2-SHA256-RSA2048 "), "{json}");
        assert!(json["url"].as_str().unwrap().starts_with(&platform.sandbox.base_url()), "{json}");
    }
    platform.run(&["image", "upload", "a.png", "--dry-run"]).json();
    assert!(platform.was_only_asked(), "{:?}", platform.operations());
    assert!(platform.said(&id).is_empty());
}

/// Sends what a dry run printed; the status.
fn send(sandbox: &Sandbox, printed: &Value) -> u16 {
    let target = printed["url"].as_str().unwrap().strip_prefix(&sandbox.base_url()).unwrap();
    let mut request = http::Request::builder().method(printed["method"].as_str().unwrap()).uri(target);
    for (name, value) in printed["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    let body = printed["body"].as_str().unwrap_or_default().to_owned();
    let request = request.header("User-Agent", "another-client").body(Bytes::from(body)).unwrap();
    sandbox.handle(&request).unwrap().status().as_u16()
}

#[test]
fn what_a_dry_run_prints_is_the_request_itself() {
    let (platform, id) = Platform::with_complaint();
    let printed = platform.run(&["reply", &id, "--text", "您好", "--dry-run"]).json();
    assert_eq!(send(&platform.sandbox, &printed), 204);
    assert_eq!(platform.said(&id)[0]["operate_details"], "您好");
    // Once: the platform knows the nonce.
    assert_eq!(send(&platform.sandbox, &printed), 401);
    let printed = platform.run(&["callback", "create", "https://a.example/", "--dry-run"]).json();
    assert_eq!(send(&platform.sandbox, &printed), 200);
}

#[test]
fn uploads_are_shown_apart_with_their_length() {
    let (platform, id) = Platform::with_complaint();
    platform.folder.write("a.png", PICTURE);
    let json = platform.run(&["reply", &id, "--text", "x", "--image", "a.png", "--dry-run"]).json();
    assert!(json["body"].as_str().unwrap().contains("<id of a.png>"), "{json}");
    assert!(json["before"][0]["body"].as_u64().unwrap() > PICTURE.len() as u64, "{json}");
}

#[test]
fn what_the_platform_would_refuse_is_refused_unsent() {
    let (platform, id) = Platform::with_complaint();
    platform.folder.write("a.png", PICTURE);
    platform.folder.write("a.txt", "words");
    platform.folder.write("empty.png", "");
    platform.folder.write("svg.png", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    let long = "好".repeat(501);
    for arguments in [
        &["reply", &id][..],
        &["reply", &id, "--text", ""],
        &["reply", &id, "--text", &long],
        &["reply", &id, "--text", "😀"],
        &["reply", &id, "--text", "x", "--text-file", "a.txt"],
        &["reply", &id, "--text-file", "nowhere"],
        &["reply", &id, "--text-file", "a.png"],
        &["reply", &id, "--text", "x", "--image", "a.txt"],
        &["reply", &id, "--text", "x", "--image", "empty.png"],
        &["reply", &id, "--text", "x", "--image", "svg.png"],
        &["reply", &id, "--text", "x", "--image", "nowhere.png"],
        &[
            "reply",
            &id,
            "--text",
            "x",
            "--image",
            "a.png",
            "--image-id",
            "1",
            "--image-id",
            "2",
            "--image-id",
            "3",
            "--image-id",
            "4",
        ],
        &["reply", &id, "--text", "x", "--url", "https://a.example/"],
        &["reply", &id, "--text", "x", "--url", "http://a.example/", "--url-text", "x"],
        &["reply", &id, "--text", "x", "--idempotent-id", "1"],
        &["reply", &id, "--text", "x", "--accused", "a b"],
        &["reply", "", "--text", "x"],
        &["refund", &id],
        &["refund", &id, "--approve", "--reject", "--reason", "x"],
        &["refund", &id, "--approve", "--reason", "x"],
        &["refund", &id, "--approve", "--image", "a.png"],
        &["refund", &id, "--reject"],
        &["refund", &id, "--reject", "--reason", "x", "--days", "1"],
        &["refund", &id, "--reject", "--reason", &long],
        &["complete", ""],
        &["callback", "create", "http://a.example/"],
        &["callback", "ensure", "https://127.0.0.1/"],
        &["callback", "update", "https://a.example/?q"],
    ] {
        platform.run(&[arguments, &["--yes"]].concat()).refused("usage");
    }
    platform.folder.write("huge.png", vec![0; 2 * 1024 * 1024 + 1]);
    platform.run(&["reply", &id, "--text", "x", "--image", "huge.png", "--yes"]).refused("too-large");
    assert!(platform.operations().is_empty(), "{:?}", platform.operations());
}
