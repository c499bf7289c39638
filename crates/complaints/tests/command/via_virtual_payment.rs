//! `--via virtual-payment`: the same commands through virtual payment.

use platform_sandbox::{Fault, FaultKind, NewComplaint};
use protocol_core::virtual_payment::{MAX_VP_FILE, ResponseComplaint, pay_sig};
use serde_json::json;

use crate::fixture::Outcome;
use crate::platform::{PICTURE, Platform};

fn with_complaint() -> (Platform, String) {
    let platform = Platform::new();
    let complaint = NewComplaint::default().with_complaint_detail("课程打不开").with_payer_phone("13900001234");
    let id = platform.sandbox.file_virtual_payment_complaint(complaint.with_image(PICTURE)).unwrap();
    (platform, id)
}

/// Runs a command through virtual payment.
fn via(platform: &Platform, arguments: &[&str]) -> Outcome {
    platform.run(&[arguments, &["--via", "virtual-payment"]].concat())
}

#[test]
fn a_complaint_is_read_and_gets_a_reply() {
    let (platform, id) = with_complaint();
    platform.folder.write("a.png", PICTURE);
    let listed = via(&platform, &["list"]).json();
    assert_eq!(listed["data"][0]["complaint_id"], id.as_str());
    assert_eq!(listed["data"][0]["payer_phone"], "13900001234");
    // No source names a deadline of this channel.
    let reply = &listed["deadlines"][0]["reply"];
    assert_eq!(reply["status"], "open", "{listed}");
    assert!(reply["source"].as_str().unwrap().contains("not confirmed"), "{reply}");
    let shown = via(&platform, &["show", &id]).json();
    assert!(shown["complaint_order_info"][0]["wx_order_id"].as_str().unwrap().starts_with("MP"), "{shown}");

    let json = via(&platform, &["reply", &id, "--text", "您好", "--image", "a.png", "--yes"]).json();
    assert_eq!(json["effect"], "confirmed");
    assert_eq!(platform.said(&id)[0]["operate_details"], "您好");
    let history = via(&platform, &["history", &id]).json();
    let entries = history["data"].as_array().unwrap();
    assert_eq!(entries.last().unwrap()["operate_type"], "MERCHANT_RESPONSE");

    let picture = entries[0]["complaint_media_list"][0]["media_url"][0].as_str().unwrap().to_owned();
    let download = ["image", "download", &picture, "--file", "b.png"];
    assert!(via(&platform, &download).refused("usage").contains("--complaint ID"));
    let written = via(&platform, &[&download[..], &["--complaint", &id]].concat()).json();
    assert_eq!(written["bytes"], json!(PICTURE.len()));
    assert_eq!(std::fs::read(platform.folder.path().join("b.png")).unwrap(), PICTURE);

    via(&platform, &["complete", &id, "--yes"]).json();
    assert_eq!(platform.sandbox.complaint(&id).unwrap()["complaint_state"], "PROCESSED");
    assert_eq!(via(&platform, &["complete", &id, "--yes"]).json()["effect"], "found");
}

#[test]
fn a_lost_response_is_found_in_the_history() {
    let (platform, id) = with_complaint();
    platform.sandbox.inject(Fault::once(FaultKind::DropConnection).on::<ResponseComplaint>().after_effect());
    let json = via(&platform, &["reply", &id, "--text", "您好", "--yes"]).json();
    assert_eq!((&json["effect"], platform.said(&id).len()), (&json!("found"), 1));
}

#[test]
fn a_dry_run_prints_the_signed_request_without_the_token() {
    let (platform, id) = with_complaint();
    let printed = via(&platform, &["reply", &id, "--text", "您好", "--dry-run"]).json();
    let (url, body) = (printed["url"].as_str().unwrap(), printed["body"].as_str().unwrap());
    let key = platform.sandbox.virtual_payment().app_key;
    let signature = pay_sig(key.as_bytes(), "/xpay/response_complaint", body.as_bytes());
    assert!(url.ends_with(&format!("/xpay/response_complaint?pay_sig={signature}&access_token=ACCESS_TOKEN")), "{url}");
    assert!(platform.operations().is_empty());
}

#[test]
fn what_virtual_payment_does_not_take_is_refused_before_anything_is_sent() {
    let (platform, id) = with_complaint();
    for yes in [&["--yes"][..], &[]] {
        let refund = via(&platform, &[&["refund", &id, "--approve"], yes].concat());
        assert!(refund.refused("usage").contains("virtual payment takes no refund"), "{refund:?}");
    }
    let link = via(&platform, &["reply", &id, "--text", "x", "--url", "https://a.example", "--url-text", "b", "--yes"]);
    assert!(link.refused("usage").contains("--via virtual-payment does not take --url"), "{link:?}");
    via(&platform, &["list", "--merchant", "1"]).refused("usage");
    for command in [&["list", "--decrypt"][..], &["show", &id, "--decrypt"]] {
        assert!(via(&platform, command).refused("usage").contains("not confirmed"), "{command:?}");
    }
    assert!(platform.operations().is_empty());
    platform.folder.write("sandbox_app_key", "another");
    let outcome = via(&platform, &["list"]);
    assert!(outcome.refused("rejected").contains("268490003"), "{outcome:?}");
    assert!(outcome.stderr.contains("production and sandbox have a key each"), "{outcome:?}");
    platform.folder.write("sandbox_app_key", "a b");
    via(&platform, &["list"]).refused("config");
}

#[test]
fn a_picture_is_uploaded_by_its_link() {
    let (platform, id) = with_complaint();
    let link = "https://merchant.example/pictures/a.png?size=1";
    let upload = |more: &[&str]| via(&platform, &[&["image", "upload", "--link"], more].concat());
    let shown = upload(&[link, "--dry-run"]).json();
    let body = r#"{"img_url":"https://merchant.example/pictures/a.png?size=1","file_name":"a.png","env":0}"#;
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(shown["body"].as_str().unwrap()).unwrap(),
        serde_json::from_str::<serde_json::Value>(body).unwrap()
    );
    assert!(shown["url"].as_str().unwrap().contains("/xpay/upload_vp_file?pay_sig="), "{shown}");
    assert!(platform.operations().is_empty());
    let media_id = upload(&[link]).json()["media_id"].as_str().unwrap().to_owned();
    via(&platform, &["reply", &id, "--text", "请看", "--image-id", &media_id, "--yes"]).json();
    assert_eq!(platform.said(&id)[0]["operate_details"], "请看");
    let asked = platform.operations().len();
    let bare = upload(&["https://merchant.example/"]);
    assert!(bare.refused("usage").contains("--name NAME"), "{bare:?}");
    for bad in ["ftp://merchant.example/a.png", "merchant.example/a.png", "https://merchant.example/图/a.png", ""] {
        upload(&[bad, "--name", "a.png"]).refused("usage");
    }
    upload(&[&format!("https://merchant.example/{}", "a".repeat(2049)), "--name", "a.png"]).refused("usage");
    upload(&[link, "--name", &"a".repeat(129)]).refused("usage");
    upload(&[link, "a.png"]).refused("usage");
    via(&platform, &["image", "upload"]).refused("usage");
    via(&platform, &["image", "upload", "a.png", "--name", "b.png"]).refused("usage");
    for channel in ["wechat-pay", "allinpay"] {
        let other = platform.run(&["image", "upload", "--link", link, "--via", channel]);
        let words = format!("--link needs --via virtual-payment; {channel} has no such interface");
        assert!(other.refused("usage").contains(&words), "{other:?}");
    }
    assert_eq!(platform.operations().len(), asked);
    upload(&["https://merchant.example/", "--name", "a.png"]).json();
}

#[test]
fn the_permission_for_a_picture_is_requested() {
    let (platform, id) = with_complaint();
    let shown = via(&platform, &["show", &id]).json();
    let picture = shown["complaint_media_list"][0]["media_url"][0].as_str().unwrap().to_owned();
    let permit = |more: &[&str]| via(&platform, &[&["image", "permit"], more].concat());
    let json = permit(&[&picture, "--complaint", &id]).json();
    assert!(json["sign"].as_str().unwrap().starts_with("WECHATPAY2-SHA256-RSA2048 mchid="), "{json}");
    assert!(json.get("cos_url").is_none(), "{json}");
    let json = permit(&[&picture, "--complaint", &id, "--convert-cos"]).json();
    assert!(json["cos_url"].as_str().unwrap().starts_with("https://"), "{json}");
    let asked = platform.operations().len();
    let shown = permit(&[&picture, "--complaint", &id, "--convert-cos", "--dry-run"]).json();
    let body: serde_json::Value = serde_json::from_str(shown["body"].as_str().unwrap()).unwrap();
    assert_eq!(body, json!({"wxpay_url": picture, "convert_cos": true, "complaint_id": id, "env": 0}));
    permit(&[&picture]).refused("usage");
    permit(&["https://evil.example/v3/merchant-service/images/a", "--complaint", &id]).refused("usage");
    permit(&[&picture, "--complaint", ""]).refused("usage");
    let other = platform.run(&["image", "permit", &picture, "--complaint", &id]);
    assert!(other.refused("usage").contains("`image permit` needs --via virtual-payment"), "{other:?}");
    assert_eq!(platform.operations().len(), asked);
    let unknown = permit(&[&picture, "--complaint", "42"]);
    assert!(unknown.refused("rejected").contains("compare the complaint's number"), "{unknown:?}");
}

/// Before the question: after it, the reply would be half sent.
#[test]
fn a_picture_beyond_this_channels_bound_is_refused_before_anything_is_sent() {
    let (platform, id) = with_complaint();
    let picture = |beginning: &[u8], length: usize| {
        let mut bytes = beginning.to_vec();
        bytes.resize(length, 0);
        bytes
    };
    platform.folder.write("large.png", picture(PICTURE, MAX_VP_FILE + 1));
    for act in [&["reply", &id, "--text", "x", "--image", "large.png", "--yes"][..], &["image", "upload", "large.png"]]
    {
        assert!(via(&platform, act).refused("too-large").contains("1048576"), "{act:?}");
    }
    platform.folder.write("large.webp", b"RIFF\0\0\0\0WEBPVP8 ");
    via(&platform, &["image", "upload", "large.webp"]).refused("usage");
    assert!(platform.operations().is_empty());
    platform.folder.write("fits.gif", picture(b"GIF89a", MAX_VP_FILE));
    assert!(via(&platform, &["image", "upload", "fits.gif"]).json()["media_id"].is_string());
    // The other channels take more, but no GIF.
    platform.run(&["image", "upload", "large.png"]).json();
    platform.run(&["image", "upload", "fits.gif"]).refused("usage");
}
