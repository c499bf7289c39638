//! `sign wechat-pay`: the published signatures, byte for byte.

use serde_json::Value;

use crate::fixture::{Folder, VECTORS};

fn configured(algorithm: &str, key: &str) -> Folder {
    let folder = Folder::new();
    folder.write(
        "complaints.toml",
        format!(
            "[wechat-pay]\nmchid = \"1900007291\"\nserial_no = \"408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB\"\n\
             algorithm = \"{algorithm}\"\nprivate_key = \"{VECTORS}/{key}\"\n"
        ),
    );
    folder
}

#[test]
fn every_complaint_request_is_signed_as_published() {
    let folder = configured("rsa", "official/apiclient_test_key.pem");
    let text = std::fs::read(format!("{VECTORS}/synthetic/complaint_request_sign.json")).unwrap();
    let vectors: Value = serde_json::from_slice(&text).unwrap();
    for case in vectors["cases"].as_array().unwrap() {
        let text = |member: &str| case[member].as_str().unwrap();
        let method = text("method").to_lowercase();
        folder.write("body", text("signed_body"));
        let mut arguments = vec!["sign", "wechat-pay", "--method", &method, "--target", text("url")];
        arguments.extend(["--now", "1741936166", "--nonce", "593BEC0C930BF1AFEB40B4A08C8FB242"]);
        if !text("signed_body").is_empty() {
            arguments.extend(["--body", "body"]);
        }
        let json = folder.run(&arguments).json();
        assert_eq!(json, serde_json::json!({ "Authorization": text("authorization") }), "{}", text("url"));
    }
}

#[test]
fn sm_requests_carry_their_own_scheme() {
    let folder = configured("sm2", "java-shangmi/merchant_private_key.pem");
    let json = folder
        .run(&["sign", "wechat-pay", "--method", "GET", "--target", "/v3/certificates?algorithm_type=SM2"])
        .json();
    assert!(json["Authorization"].as_str().unwrap().starts_with("WECHATPAY2-SM2-WITH-SM3 mchid=\"1900007291\","));
}

#[test]
fn without_a_nonce_two_requests_differ() {
    let folder = configured("rsa", "official/apiclient_test_key.pem");
    let sign = || folder.run(&["sign", "wechat-pay", "--method", "GET", "--target", "/v3/x", "--now", "1"]).json();
    assert_ne!(sign(), sign());
}

#[test]
fn what_no_header_can_carry_is_usage() {
    let folder = configured("rsa", "official/apiclient_test_key.pem");
    for (target, nonce) in [
        ("https://api.mch.weixin.qq.com/v3/x", "a"),
        ("/v3/x y", "a"),
        ("/v3/x\n", "a"),
        ("/v3/x", "a\"b"),
        ("/v3/x", ""),
    ] {
        folder.run(&["sign", "wechat-pay", "--method", "GET", "--target", target, "--nonce", nonce]).refused("usage");
    }
    folder.run(&["sign", "wechat-pay", "--method", "BREW", "--target", "/v3/x"]).refused("usage");
    configured("sm2", "official/apiclient_test_key.pem")
        .run(&["sign", "wechat-pay", "--method", "GET", "--target", "/v3/x"])
        .refused("config");
}
