//! `explain`: the string, the checks, and causes that really verify.

use protocol_core::crypto::{PrivateKey, Signer as _, Sm2SignatureEncoding, Sm2Signer};
use serde_json::Value;

use crate::fixture::{Folder, Message, NOW, PLATFORM_SERIAL, SM_KEY_ID, VECTORS, key};

/// The report, and the code on standard error if there is one.
fn explain(folder: &Folder, message: &Message, now: &str) -> (Value, String) {
    message.store(folder);
    let outcome =
        folder.run(&["explain", "open", "wechat-pay", "--headers", "headers", "--body", "body", "--now", now]);
    let short = folder.run(&["explain", "wechat-pay", "--headers", "headers", "--body", "body", "--now", now]);
    assert_eq!(outcome.stdout, short.stdout, "`open` may be left out");
    let code = outcome.stderr.split(['[', ']']).nth(1).unwrap_or_default().to_owned();
    assert_eq!(outcome.status, i32::from(!code.is_empty()), "{outcome:?}");
    (serde_json::from_str(&outcome.stdout).unwrap(), code)
}

fn result<'r>(report: &'r Value, check: &str) -> &'r str {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|row| row["check"] == check).unwrap()["result"].as_str().unwrap()
}

#[test]
fn a_good_message_passes_every_check() {
    let folder = Folder::configured();
    let message = Message::complaint();
    let (report, code) = explain(&folder, &message, NOW);
    assert_eq!(code, "");
    let order = ["size", "headers", "probe", "clock", "key", "signature", "envelope", "decryption"];
    let names: Vec<_> = report["checks"].as_array().unwrap().iter().map(|row| row["check"].as_str().unwrap()).collect();
    assert_eq!(names, order);
    assert!(order.iter().all(|check| result(&report, check) == "passed"), "{report}");
    let body = String::from_utf8(message.body).unwrap();
    assert_eq!(report["string_to_sign"], format!("{NOW}\nEcZ9Cmy4Xyx1i6RlJQzLcCyEqDa26NBz\n{body}\n"));
    assert_eq!(report["key"]["id"], PLATFORM_SERIAL);
    assert!(report.get("would_verify").is_none());
}

#[test]
fn the_cause_of_a_changed_body_is_named() {
    let folder = Folder::configured();
    let original = r#"{"id":"1","url":"https:\/\/a\/b","summary":"\u6295\u8bc9","x":1}"#;
    let good = Message::rsa(original);
    for (received, cause) in [
        (format!("{original}\n"), "the body without its final newline"),
        (format!("{original}\r\n"), "the body without its final newline"),
        (original.replace(",\"x\"", ", \"x\""), "the body minified"),
        (original.replace("\\/", "/"), "the body with `\\/` for `/`"),
        (original.replace("\\u6295\\u8bc9", "投诉"), "the body with `\\u` escapes for UTF-8"),
        (format!("\u{feff}{original}"), "the body without its byte-order mark"),
        (
            original.replace("\\/", "/").replace("\\u6295\\u8bc9", "投诉"),
            "the body with `\\/` for `/`, and the body with `\\u` escapes for UTF-8",
        ),
    ] {
        let (report, code) = explain(&folder, &Message { body: received.into_bytes(), ..good.clone() }, NOW);
        assert_eq!(code, "bad-signature");
        assert_eq!(report["would_verify"], serde_json::json!([cause]));
    }
    for (signed, received, cause) in [
        ("{\"a\":\"b/投\"}\n", "{\"a\":\"b/投\"}", "the body with a final newline added"),
        ("{\"a\":\"b/投\"}", "{\"a\":\"b\\/投\"}", "the body with `/` for `\\/`"),
        ("{\"a\":\"b/投\"}", "{\"a\":\"b/\\u6295\"}", "the body with UTF-8 for `\\u` escapes"),
        ("{\"a\":\"b/投\",\n\"c\":1}", "{\"a\":\"b/投\",\r\n\"c\":1}", "the body with LF for CRLF"),
        ("{\"a\":\"b/c\"}", "{\"a\":\"b%2Fc\"}", "the body with its percent-escapes decoded"),
    ] {
        let (report, _) =
            explain(&folder, &Message { body: received.as_bytes().to_vec(), ..Message::rsa(signed) }, NOW);
        assert_eq!(report["would_verify"], serde_json::json!([cause]));
    }
}

#[test]
fn a_forged_message_has_no_cause() {
    let folder = Folder::configured();
    let mut message = Message::complaint();
    let at = message.body.len() / 2;
    message.body[at] ^= 1;
    let (report, code) = explain(&folder, &message, NOW);
    assert_eq!(code, "bad-signature");
    assert_eq!(report["would_verify"], serde_json::json!([]));
    assert_eq!(result(&report, "decryption"), "not reached");
}

#[test]
fn a_spoilt_signature_is_named() {
    let folder = Folder::configured();
    let good = (0..)
        .map(|number| Message::rsa(format!("{{\"number\":{number}}}")))
        .find(|message| message.headers[3].1.contains('+') && message.headers[3].1.contains('/'))
        .unwrap();
    for (from, to, cause) in [
        ("+", " ", "the signature with `+` for its blanks"),
        ("+", "%2B", "the signature with its percent-escapes decoded"),
    ] {
        let mut message = good.clone();
        let spoilt = message.header("Wechatpay-Signature").replace(from, to);
        *message.header("Wechatpay-Signature") = spoilt;
        assert_eq!(explain(&folder, &message, NOW).0["would_verify"], serde_json::json!([cause]));
    }
}

#[test]
fn another_key_or_another_form_is_named() {
    let folder = Folder::configured();
    let mut message = Message::rsa("{}");
    *message.header("Wechatpay-Serial") = SM_KEY_ID.to_owned();
    let (report, code) = explain(&folder, &message, NOW);
    assert_eq!(code, "bad-signature");
    let cause = format!("the key {PLATFORM_SERIAL} instead of the one the message names");
    assert_eq!(report["would_verify"], serde_json::json!([cause]));
    *message.header("Wechatpay-Serial") = "7777".to_owned();
    let (report, code) = explain(&folder, &message, NOW);
    assert_eq!(code, "unknown-key");
    assert_eq!(report["would_verify"], serde_json::json!([cause]));

    let PrivateKey::Sm2(sm2) = key("java-shangmi/merchant_private_key.pem") else { panic!("an SM2 key") };
    let good = Message::sm2("{}");
    let parts = [NOW.as_bytes(), b"\n", good.headers[1].1.as_bytes(), b"\n{}\n"];
    for (user, encoding, cause) in [
        ("1234567812345678", Sm2SignatureEncoding::Raw, "a raw r‖s signature where DER is due"),
        ("", Sm2SignatureEncoding::Der, "an empty SM2 user id"),
    ] {
        let signature = Sm2Signer::new(&sm2, user, encoding).unwrap().sign(&parts).unwrap().to_base64();
        let mut message = good.clone();
        *message.header("Wechatpay-Signature") = signature;
        assert_eq!(explain(&folder, &message, NOW).0["would_verify"], serde_json::json!([cause]));
    }

    let mut message = good;
    *message.header("Wechatpay-Signature-Type") = "WECHATPAY2-SHA256-RSA2048".to_owned();
    let (report, _) = explain(&folder, &message, NOW);
    assert!(report["would_verify"][0].as_str().unwrap().contains("Wechatpay-Signature-Type"), "{report}");
}

#[test]
fn a_stale_message_says_that_its_signature_is_good() {
    let folder = Folder::configured();
    let (report, code) = explain(&folder, &Message::complaint(), "1741940000");
    assert_eq!(code, "stale-timestamp");
    assert_eq!(result(&report, "clock"), "failed");
    assert_eq!(result(&report, "signature"), "passed");
}

#[test]
fn responses_certificates_and_requests_are_explained_too() {
    let folder = Folder::configured();
    Message::rsa("").store(&folder);
    let response = folder.run(&[
        "explain",
        "wechat-pay-response",
        "--status",
        "204",
        "--headers",
        "headers",
        "--body",
        "body",
        "--now",
        NOW,
    ]);
    assert_eq!(response.json()["string_to_sign"], format!("{NOW}\nEcZ9Cmy4Xyx1i6RlJQzLcCyEqDa26NBz\n\n"));

    let list = format!("{VECTORS}/java/certificates_response_aes256.json");
    let certificates = folder.run(&["explain", "open", "wechat-pay-certificates", "--body", &list]).json();
    assert_eq!(result(&certificates, "certificates"), "passed");

    let request = ["wechat-pay", "--method", "GET", "--target", "/v3/x?a=%2F", "--now", NOW, "--nonce", "n"];
    let explained = folder.run(&[&["explain", "sign"], &request[..]].concat()).json();
    assert_eq!(explained["string_to_sign"], format!("GET\n/v3/x?a=%2F\n{NOW}\nn\n\n"));
    assert_eq!(result(&explained, "own public key"), "passed");
    let signed = folder.run(&[&["sign"], &request[..]].concat()).json();
    assert_eq!(explained["Authorization"], signed["Authorization"]);
    assert_eq!(folder.run(&[&["explain"], &request[..]].concat()).json(), explained);
}
