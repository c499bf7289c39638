//! `mini-program`: transaction complaints of the Mini Program.

use platform_sandbox::{Fault, FaultKind};
use protocol_core::mini_program::{GetOrderDetail, RespondComplaint};
use serde_json::Value;

use crate::fixture::Outcome;
use crate::platform::{PICTURE, Platform};

fn run(platform: &Platform, arguments: &[&str]) -> Outcome {
    platform.run(&[&["mini-program"], arguments].concat())
}

fn status(platform: &Platform, id: &str) -> Value {
    platform.sandbox.order_complaint(id).unwrap()["complaintOrder"]["status"].clone()
}

#[test]
fn a_complaint_is_read_and_responded_to() {
    let (platform, id) = Platform::with_order_complaint();
    let detail = run(&platform, &["show", &id]).json();
    assert_eq!(detail["complaintOrder"]["status"], 201);
    assert_eq!(detail["complaintOrder"]["customerMaterial"]["content"], "收到的商品与描述不符");
    platform.folder.write("a.png", PICTURE);
    let media_id = run(&platform, &["upload", "a.png"]).json()["media_id"].as_str().unwrap().to_owned();
    let json = run(
        &platform,
        &["reply", &id, "--agree", "--text", "同意退款", "--image", "a.png", "--image-id", &media_id, "--yes"],
    )
    .json();
    assert_eq!((&json["complaint_order_id"], &json["effect"]), (&Value::from(id.as_str()), &Value::from("confirmed")));
    assert_eq!(status(&platform, &id), 203);
    let told = platform.sandbox.order_complaint(&id).unwrap();
    assert!(told.to_string().contains("同意退款"), "{told}");
}

#[test]
fn refusing_proving_and_appealing() {
    let (platform, id) = Platform::with_order_complaint();
    run(&platform, &["reply", &id, "--refuse", "--text", "商品与描述一致", "--yes"]).json();
    assert_eq!(status(&platform, &id), 203);

    platform.sandbox.order_status(&id, 106).unwrap();
    run(&platform, &["supply-proof", &id, "--text", "发货记录", "--yes"]).json();
    assert_ne!(status(&platform, &id), 106);

    platform.sandbox.order_status(&id, 206).unwrap();
    run(&platform, &["supply-refund", &id, "--text", "已退款", "--yes"]).json();
    assert_eq!(status(&platform, &id), 207);

    platform.sandbox.order_status(&id, 308).unwrap();
    let detail = run(&platform, &["show", &id]).json();
    let return_id = detail["returnBill"]["returnId"].as_str().unwrap();
    let outcome = run(&platform, &["supply-refund", &id, "--text", "已退款", "--yes"]);
    assert!(outcome.refused("rejected").contains("10001"), "{outcome:?}");
    run(
        &platform,
        &["supply-refund", &id, "--text", "已退款", "--accept-return", "1", "--return-id", return_id, "--yes"],
    )
    .json();
    assert_eq!(status(&platform, &id), 207);

    platform.sandbox.order_appeal_state(&id, 401).unwrap();
    run(&platform, &["appeal", &id, "--text", "申诉", "--yes"]).json();
    assert_eq!(platform.sandbox.order_complaint(&id).unwrap()["complaintOrder"]["appealState"], 403);
}

/// Everything that changes something, rightly asked for.
fn acts(id: &str) -> Vec<Vec<&str>> {
    vec![
        vec!["reply", id, "--agree", "--text", "x"],
        vec!["reply", id, "--refuse", "--text", "x", "--image", "a.png"],
        vec!["supply-proof", id, "--text", "x"],
        vec!["supply-refund", id, "--text", "x", "--accept-return", "1", "--return-id", "2"],
        vec!["appeal", id, "--image", "a.png"],
    ]
}

#[test]
fn without_a_terminal_an_act_needs_a_decision() {
    let (platform, id) = Platform::with_order_complaint();
    platform.folder.write("a.png", PICTURE);
    for act in acts(&id) {
        let outcome = run(&platform, &act);
        let message = outcome.refused("usage");
        assert!(message.contains("--yes") && message.contains("nothing was sent"), "{message}");
    }
    assert!(platform.operations().is_empty());
}

#[test]
fn a_dry_run_sends_nothing_and_shows_no_secret() {
    let (platform, id) = Platform::with_order_complaint();
    platform.folder.write("a.png", PICTURE);
    for act in acts(&id) {
        let json = run(&platform, &[&act[..], &["--dry-run"]].concat()).json();
        let url = json["url"].as_str().unwrap();
        assert!(url.starts_with(&platform.sandbox.base_url()), "{json}");
        assert!(url.ends_with("?access_token=ACCESS_TOKEN"), "{json}");
        assert!(json["body"].as_str().unwrap().contains(&format!("\"complaintOrderId\":{id}")), "{json}");
        assert_eq!(json["before"].is_array(), act.contains(&"a.png"), "{json}");
    }
    let json = run(&platform, &["upload", "a.png", "--dry-run"]).json();
    assert!(json["body"].as_u64().unwrap() > PICTURE.len() as u64, "{json}");
    assert!(platform.operations().is_empty(), "{:?}", platform.operations());
}

#[test]
fn what_cannot_be_right_is_refused_unsent() {
    let (platform, id) = Platform::with_order_complaint();
    platform.folder.write("a.txt", "words");
    platform.folder.write("empty.png", "");
    for arguments in [
        &["reply", &id, "--agree"][..],
        &["reply", &id, "--text", "x"],
        &["reply", &id, "--agree", "--refuse", "--text", "x"],
        &["reply", &id, "--agree", "--text", ""],
        &["reply", &id, "--agree", "--image-id", ""],
        &["reply", "", "--agree", "--text", "x"],
        &["supply-proof", &id],
        &["supply-proof", &id, "--image", "a.txt"],
        &["supply-proof", &id, "--image", "empty.png"],
        &["supply-proof", &id, "--image", "nowhere.png"],
        &["supply-refund", &id, "--text", "x", "--accept-return", "1"],
        &["supply-refund", &id, "--text", "x", "--return-id", "1"],
        &["supply-refund", &id, "--text", "x", "--accept-return", "-1", "--return-id", "1"],
        &["appeal", &id],
    ] {
        run(&platform, &[arguments, &["--yes"]].concat()).refused("usage");
    }
    run(&platform, &["upload", "a.txt"]).refused("usage");
    run(&platform, &["show", ""]).refused("usage");
    platform.folder.write("huge.png", vec![0; 10 * 1024 * 1024 + 1]);
    run(&platform, &["upload", "huge.png"]).refused("too-large");
    assert!(platform.operations().is_empty(), "{:?}", platform.operations());
}

#[test]
fn refusals_say_what_they_mean() {
    let (platform, id) = Platform::with_order_complaint();
    let outcome = run(&platform, &["show", "1"]);
    assert!(outcome.refused("rejected").contains("compare the number"), "{outcome:?}");
    let outcome = run(&platform, &["supply-proof", &id, "--text", "x", "--yes"]);
    let message = outcome.refused("rejected");
    assert!(message.contains("309") && message.contains("moved on") && !message.contains("may have"), "{message}");
    let outcome = run(&platform, &["appeal", &id, "--text", "x", "--yes"]);
    let message = outcome.refused("rejected");
    assert!(message.contains("1002") && message.contains("does not allow an appeal"), "{message}");
    run(&platform, &["reply", &id, "--agree", "--image-id", "nope", "--yes"]).refused("rejected");
    assert_eq!(status(&platform, &id), 201);
}

#[test]
fn a_lost_response_is_looked_after() {
    let (platform, id) = Platform::with_order_complaint();
    platform.sandbox.inject(Fault::once(FaultKind::DropConnection).on::<RespondComplaint>().after_effect());
    let json = run(&platform, &["reply", &id, "--agree", "--text", "x", "--yes"]).json();
    assert_eq!(json["effect"], "found");

    let (platform, id) = Platform::with_order_complaint();
    platform.sandbox.inject(Fault::once(FaultKind::DropConnection).on::<RespondComplaint>().times(9));
    let outcome = run(&platform, &["reply", &id, "--agree", "--text", "canary", "--yes"]);
    let message = outcome.refused("network");
    assert!(message.contains("may have taken effect") && !message.contains("canary"), "{message}");

    platform.sandbox.inject(Fault::once(FaultKind::GatewayHtml(403)).on::<GetOrderDetail>());
    let outcome = run(&platform, &["show", &id]);
    assert!(outcome.refused("rejected").contains("who stands between"), "{outcome:?}");
}

#[test]
fn a_wrong_secret_is_told_and_never_shown() {
    let (platform, id) = Platform::with_order_complaint();
    let with = |secret: &str| {
        let secret = [("COMPLAINTS_MINI_PROGRAM_APP_SECRET", secret)];
        platform.folder.run_with(&["mini-program", "show", &id], &secret)
    };
    let outcome = with("c0ffeec0ffeec0ffeec0ffeec0ffeec0");
    let message = outcome.refused("rejected");
    assert!(
        message.contains("40125") && message.contains("app_secret_file") && !message.contains("c0ffee"),
        "{message}"
    );
    let outcome = with("s3cret s3cret");
    assert!(outcome.refused("config").contains("visible ASCII"), "{outcome:?}");
    assert!(!outcome.stderr.contains("s3cret"), "{outcome:?}");
    with("").refused("config");
    let right = platform.sandbox.mini_program().app_secret;
    platform.configure("app_secret_file", "");
    let outcome = run(&platform, &["show", &id]);
    assert!(outcome.refused("config").contains("COMPLAINTS_MINI_PROGRAM_APP_SECRET"), "{outcome:?}");
    let secret = [("COMPLAINTS_MINI_PROGRAM_APP_SECRET", &*format!("{right}\n"))];
    platform.folder.run_with(&["mini-program", "show", &id], &secret).json();
}

#[test]
fn a_host_that_cannot_be_reached() {
    let (platform, id) = Platform::with_order_complaint();
    let base_url = platform.sandbox.base_url();
    let config = std::fs::read_to_string(platform.folder.path().join("complaints.toml")).unwrap();
    platform.folder.write("complaints.toml", config.replace(&base_url, "https://127.0.0.1:1"));
    for arguments in [&["show", &id][..], &["reply", &id, "--agree", "--text", "x", "--yes"]] {
        let outcome = run(&platform, arguments);
        let message = outcome.refused("network");
        assert!(message.contains("was not sent") && !message.contains("may have"), "{message}");
    }
    platform.folder.write("complaints.toml", config.replace(&base_url, "https://a.example/path"));
    assert!(run(&platform, &["show", &id]).refused("config").contains("base_url"));
    platform.folder.write("complaints.toml", &config);
    let proxy = [("COMPLAINTS_MINI_PROGRAM_PROXY", "http://me:s3cret@127.0.0.1:1")];
    let outcome = platform.folder.run_with(&["mini-program", "show", &id], &proxy);
    outcome.refused("network");
    assert!(!outcome.stderr.contains("s3cret"), "{outcome:?}");
}
