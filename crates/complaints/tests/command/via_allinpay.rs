//! `--via allinpay`: the same commands through Allinpay's gateway.

use platform_sandbox::{Fault, FaultKind, NewComplaint};
use protocol_core::allinpay::{ComplaintsComplete, SignType, WxComplaintDetail, WxComplaintList};
use serde_json::{Value, json};

use crate::fixture::Outcome;
use crate::platform::{PICTURE, Platform};

/// Runs a command through Allinpay.
fn via(platform: &Platform, arguments: &[&str]) -> Outcome {
    platform.run(&[arguments, &["--via", "allinpay"]].concat())
}

fn acts(history: &Value) -> Vec<&str> {
    history["data"].as_array().unwrap().iter().map(|entry| entry["operate_type"].as_str().unwrap()).collect()
}

#[test]
fn a_complaint_is_read_and_gets_a_reply() {
    let (platform, id) = Platform::with_allinpay_complaint();
    platform.folder.write("a.png", PICTURE);
    let listed = via(&platform, &["list"]).json();
    assert_eq!(listed["data"][0]["complaint_id"], id.as_str());
    assert_eq!(listed["data"][0]["payer_phone"], "13900001234");
    assert!(via(&platform, &["list", "--state", "processed"]).json()["data"].as_array().unwrap().is_empty());
    assert_eq!(via(&platform, &["show", &id]).json()["apply_refund_amount"], 2990);

    let json = via(&platform, &["reply", &id, "--text", "您好", "--image", "a.png", "--yes"]).json();
    assert_eq!(json["effect"], "confirmed");
    assert_eq!(platform.said(&id)[0]["operate_details"], "您好");
    let history = via(&platform, &["history", &id]).json();
    assert_eq!(acts(&history).first(), Some(&"USER_CREATE_COMPLAINT"), "oldest first");
    assert_eq!(acts(&history).last(), Some(&"MERCHANT_RESPONSE"));

    let picture =
        history["data"].as_array().unwrap().last().unwrap()["complaint_media_list"][0]["media_url"][0].clone();
    let written = via(&platform, &["image", "download", picture.as_str().unwrap(), "--file", "b.png"]).json();
    assert_eq!((&written["bytes"], &written["content_type"]), (&json!(PICTURE.len()), &json!("image/png")));
    assert_eq!(std::fs::read(platform.folder.path().join("b.png")).unwrap(), PICTURE);
    assert!(via(&platform, &["image", "upload", "a.png"]).json()["media_id"].is_string());

    via(&platform, &["complete", &id, "--yes"]).json();
    assert_eq!(platform.sandbox.complaint(&id).unwrap()["complaint_state"], "PROCESSED");
    let again = via(&platform, &["complete", &id, "--yes"]).json();
    assert_eq!(again["effect"], "found");
}

#[test]
fn a_refund_is_decided() {
    let (platform, id) = Platform::with_allinpay_complaint();
    let outcome = via(&platform, &["refund", &id, "--approve", "--yes"]);
    assert!(outcome.refused("usage").contains("--days"), "{outcome:?}");
    via(&platform, &["refund", &id, "--approve", "--days", "0", "--remark", "x", "--yes"]).refused("usage");
    assert!(platform.operations().is_empty());
    assert_eq!(via(&platform, &["refund", &id, "--approve", "--days", "0", "--yes"]).json()["effect"], "confirmed");
    let outcome = via(&platform, &["refund", &id, "--approve", "--days", "0", "--yes"]);
    assert!(outcome.refused("rejected").contains("(signed)"), "{outcome:?}");

    let (platform, id) = Platform::with_allinpay_complaint();
    platform.folder.write("a.png", PICTURE);
    via(&platform, &["refund", &id, "--reject", "--reason", "已到账", "--image", "a.png", "--yes"]).json();
    assert_eq!(platform.sandbox.complaint(&id).unwrap()["complaint_state"], "PROCESSED");
}

#[test]
fn sm2_serves_as_well() {
    let platform = Platform::new();
    let account = platform.sandbox.allinpay_sm2();
    platform.speak_as(&account);
    let id = platform.sandbox.file_allinpay_complaint(NewComplaint::default(), &account.cusid).unwrap();
    via(&platform, &["reply", &id, "--text", "x", "--yes"]).json();
    assert_eq!(platform.said(&id).len(), 1);
}

#[test]
fn an_agent_asks_for_all_and_responses_for_one() {
    let platform = Platform::new();
    let agent = platform.sandbox.add_allinpay(SignType::Rsa, true).unwrap();
    platform.speak_as(&agent);
    let below = &agent.merchants[1];
    let id = platform.sandbox.file_allinpay_complaint(NewComplaint::default(), below).unwrap();
    let listed = via(&platform, &["list"]).json();
    assert_eq!(listed["data"][0]["merchantNo"], below.as_str());
    via(&platform, &["show", &id]).refused("rejected");
    platform.folder.write("a.png", PICTURE);
    for arguments in [
        &["show", &id][..],
        &["history", &id],
        &["reply", &id, "--text", "x", "--image", "a.png", "--yes"],
        &["complete", &id, "--yes"],
    ] {
        via(&platform, &[arguments, &["--merchant", below]].concat()).json();
    }
    assert_eq!(platform.sandbox.complaint(&id).unwrap()["complaint_state"], "PROCESSED");
    let printed = via(&platform, &["complete", &id, "--merchant", below, "--dry-run"]).json();
    assert!(printed["body"].as_str().unwrap().contains(&format!("cusid={below}&")), "{printed}");
    via(&platform, &["show", &id, "--merchant", "990581007429999"]).refused("rejected");
    via(&platform, &["show", &id, "--merchant", ""]).refused("usage");
}

#[test]
fn a_dry_run_changes_nothing_and_prints_the_signed_form() {
    let (platform, id) = Platform::with_allinpay_complaint();
    platform.folder.write("a.png", PICTURE);
    for act in [
        &["reply", &id, "--text", "您好"][..],
        &["reply", &id, "--text", "x", "--image", "a.png"],
        &["complete", &id],
        &["refund", &id, "--approve", "--days", "0"],
        &["refund", &id, "--reject", "--reason", "x"],
    ] {
        let outcome = via(&platform, act);
        assert!(outcome.refused("usage").contains("--yes"), "{outcome:?}");
        let json = via(&platform, &[act, &["--dry-run"]].concat()).json();
        let url = json["url"].as_str().unwrap();
        assert!(url.starts_with(&format!("{}/cusapi/riskfeeback/", platform.sandbox.base_url())), "{json}");
        assert!(json["body"].as_str().unwrap().contains("&sign="), "{json}");
    }
    let json = via(&platform, &["image", "upload", "a.png", "--dry-run"]).json();
    assert!(json["body"].as_u64().unwrap() > PICTURE.len() as u64, "{json}");
    assert!(platform.operations().is_empty(), "{:?}", platform.operations());
}

#[test]
fn what_a_dry_run_prints_is_the_request_itself() {
    let (platform, id) = Platform::with_allinpay_complaint();
    let printed = via(&platform, &["reply", &id, "--text", "您好", "--dry-run"]).json();
    let target = printed["url"].as_str().unwrap().strip_prefix(&platform.sandbox.base_url()).unwrap();
    let mut request = http::Request::post(target);
    for (name, value) in printed["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    let request = request.body(bytes::Bytes::from(printed["body"].as_str().unwrap().to_owned())).unwrap();
    assert_eq!(platform.sandbox.handle(&request).unwrap().status(), 200);
    assert_eq!(platform.said(&id)[0]["operate_details"], "您好");
}

#[test]
fn what_wechat_pay_has_alone_is_refused() {
    let (platform, id) = Platform::with_allinpay_complaint();
    for (arguments, option) in [
        (&["reply", &id, "--text", "x", "--immediate", "--yes"][..], "--immediate"),
        (&["reply", &id, "--text", "x", "--url", "https://a.example/", "--url-text", "x", "--yes"], "--url"),
        (&["reply", &id, "--text", "x", "--accused", "1900000000", "--yes"], "--accused"),
        (&["complete", &id, "--accused", "1900000000", "--yes"], "--accused"),
        (&["list", "--accused", "1900000000"], "--accused"),
        (&["list", "--page-size", "10"], "--page-size"),
        (&["list", "--decrypt"], "in clear"),
        (&["show", &id, "--decrypt"], "in clear"),
        (&["image", "download", "a-media-id", "--file", "b.png"], "address"),
    ] {
        let outcome = via(&platform, arguments);
        assert!(outcome.refused("usage").contains(option), "{outcome:?}");
    }
    for arguments in [&["self-test"][..], &["callback", "get"]] {
        via(&platform, arguments).refused("usage");
    }
    let outcome = platform.run(&["list", "--merchant", "990581007426001"]);
    assert!(outcome.refused("usage").contains("--via allinpay"), "{outcome:?}");
    platform.run(&["list", "--via", "alipay"]).refused("usage");
    assert!(platform.operations().is_empty());
}

#[test]
fn what_the_platform_would_refuse_is_refused_unsent() {
    let (platform, id) = Platform::with_allinpay_complaint();
    platform.folder.write("a.txt", "words");
    let long = "好".repeat(501);
    for arguments in [
        &["reply", &id, "--text", ""][..],
        &["reply", &id, "--text", &long],
        &["reply", &id, "--text", "😀"],
        &["reply", "", "--text", "x"],
        &["reply", &id, "--text", "x", "--image", "a.txt"],
        &["refund", &id, "--reject", "--reason", &long],
        &["complete", ""],
    ] {
        via(&platform, &[arguments, &["--yes"]].concat()).refused("usage");
    }
    via(&platform, &["show", ""]).refused("usage");
    via(&platform, &["history", ""]).refused("usage");
    assert!(platform.operations().is_empty(), "{:?}", platform.operations());
}

#[test]
fn only_its_own_section_is_needed_and_keys_fit_it() {
    let (platform, _) = Platform::with_allinpay_complaint();
    let config = std::fs::read_to_string(platform.folder.path().join("complaints.toml")).unwrap();
    let (others, own) = config.split_once("[allinpay]").unwrap();
    platform.folder.write("complaints.toml", format!("[allinpay]{own}"));
    via(&platform, &["list"]).json();
    platform.folder.write("complaints.toml", others);
    assert!(via(&platform, &["list"]).refused("config").contains("[allinpay]"));
    platform.folder.write("complaints.toml", config.replace("sign_type = \"RSA\"", "sign_type = \"SM2\""));
    assert!(via(&platform, &["list"]).refused("config").contains("sign_type"));
}

#[test]
fn errors_have_the_documented_codes() {
    let (platform, id) = Platform::with_allinpay_complaint();
    let outcome = via(&platform, &["show", "nope"]);
    assert!(outcome.refused("rejected").contains("unauthenticated"), "{outcome:?}");
    let outcome = via(&platform, &["complete", "nope", "--yes"]);
    assert!(outcome.refused("rejected").contains("may have taken effect"), "a refusal is not signed: {outcome:?}");

    platform.sandbox.inject(Fault::once(FaultKind::ForgedSignature).on::<WxComplaintDetail>());
    let outcome = via(&platform, &["show", &id]);
    assert!(outcome.refused("bad-signature").contains("platform_key"), "{outcome:?}");
    platform.sandbox.inject(Fault::once(FaultKind::ForgedSignature).on::<ComplaintsComplete>());
    platform.sandbox.inject(Fault::once(FaultKind::DropConnection).on::<WxComplaintDetail>().times(9));
    let outcome = via(&platform, &["complete", &id, "--yes"]);
    assert!(outcome.refused("bad-signature").contains("may have taken effect"), "{outcome:?}");

    let platform = Platform::new();
    platform.sandbox.inject(Fault::once(FaultKind::GatewayHtml(403)).on::<WxComplaintList>());
    let outcome = via(&platform, &["list"]);
    assert!(outcome.refused("rejected").contains("base_url"), "{outcome:?}");
}

#[test]
fn a_host_that_cannot_be_reached() {
    let (platform, id) = Platform::with_allinpay_complaint();
    let base_url = platform.sandbox.base_url();
    let config = std::fs::read_to_string(platform.folder.path().join("complaints.toml")).unwrap();
    platform.folder.write("complaints.toml", config.replace(&base_url, "https://127.0.0.1:1"));
    for arguments in [&["list"][..], &["complete", &id, "--yes"]] {
        let outcome = via(&platform, arguments);
        let message = outcome.refused("network");
        assert!(message.contains("was not sent") && !message.contains("may have"), "{message}");
    }
    platform.folder.write("complaints.toml", config.replace(&format!("{base_url}/cusapi"), "http://a.example/?q"));
    assert!(via(&platform, &["list"]).refused("config").contains("base_url"));
    platform.folder.write("complaints.toml", &config);
    let proxy = [("COMPLAINTS_ALLINPAY_PROXY", "http://me:s3cret@127.0.0.1:1")];
    let outcome = platform.folder.run_with(&["list", "--via", "allinpay"], &proxy);
    outcome.refused("network");
    assert!(!outcome.stderr.contains("s3cret"), "{outcome:?}");
}
