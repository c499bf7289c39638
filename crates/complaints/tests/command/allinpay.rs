//! `open allinpay`, `sign allinpay` and `explain` of both.

use std::sync::Arc;

use protocol_core::crypto::{PrivateKey, PublicKey, Signer, Sm2SignatureEncoding, Sm2Signer, Verifier as _};
use serde_json::{Value, json};

use crate::fixture::{Folder, Outcome, SAMPLES};

const KEYS: &str = include_str!("../../../protocol-core/tests/vectors/allinpay/published_keys.json");
const RSA_EXAMPLE: &str = include_str!("../../../protocol-core/tests/vectors/allinpay/doc_request_rsa_sha1.json");

fn published(path: &str) -> String {
    serde_json::from_str::<Value>(KEYS).unwrap().pointer(path).unwrap().as_str().unwrap().to_owned()
}

/// The vendor's demo key pair stands for the platform's.
fn platform() -> PrivateKey {
    PrivateKey::read(published("/demo_merchants/smutil_demo/sm2_private_pkcs8_b64").as_bytes()).unwrap()
}

fn sm2_signer(key: &PrivateKey, user: &str, encoding: Sm2SignatureEncoding) -> Arc<dyn Signer> {
    let PrivateKey::Sm2(key) = key else { panic!("an SM2 key") };
    Arc::new(Sm2Signer::new(key, user, encoding).unwrap())
}

fn configured() -> Folder {
    let folder = Folder::new();
    folder.write("merchant.key", published("/demo_merchants/test/sm2_private_pkcs8_b64"));
    folder.write("platform.pub", published("/demo_merchants/smutil_demo/sm2_public_spki_b64"));
    folder.write(
        "complaints.toml",
        "[allinpay]\nappid = \"00000051\"\ncusid = \"990581007426001\"\nsign_type = \"SM2\"\n\
         private_key = \"merchant.key\"\nplatform_key = \"platform.pub\"\n",
    );
    folder
}

/// Members and the string to sign, both written by hand, so that neither is the library's.
fn response(members: &str, string_to_sign: &str, signer: &dyn Signer) -> String {
    let sign = signer.sign(&[string_to_sign.as_bytes()]).unwrap().to_base64();
    format!(r#"{{{members},"sign":"{sign}"}}"#)
}

fn open(folder: &Folder, body: &str) -> Outcome {
    folder.write("body", body);
    folder.run(&["open", "allinpay", "--body", "body"])
}

const MEMBERS: &str =
    r#""retcode":"SUCCESS","appid":"00000051","n":1.50,"empty":"","records":"eyJhIjoxfQ==","url":"a\/b""#;
const STRING: &str = "appid=00000051&n=1.50&records=eyJhIjoxfQ==&retcode=SUCCESS&url=a/b";

/// A failure within, and its string to sign.
const FAILED: (&str, &str) = (
    r#""retcode":"SUCCESS","handlestate":"3999","handlemsg":"系统繁忙""#,
    "handlemsg=系统繁忙&handlestate=3999&retcode=SUCCESS",
);

#[test]
fn the_shipped_sample_opens() {
    let outcome = Folder::new().run(&[
        "open",
        "allinpay",
        "--config",
        &format!("{SAMPLES}/complaints.toml"),
        "--body",
        &format!("{SAMPLES}/allinpay/history.json"),
    ]);
    let json = outcome.json();
    assert_eq!(json["records"]["data"][1]["operate_type"], "MERCHANT_RESPONSE");
    assert_eq!(json["retmsg"], "处理成功");
}

#[test]
fn a_signed_response_is_printed_with_its_records_decoded() {
    let signer = sm2_signer(&platform(), "Allinpay", Sm2SignatureEncoding::Raw);
    let outcome = open(&configured(), &response(MEMBERS, STRING, &*signer));
    let json = outcome.json();
    assert_eq!((&json["records"], &json["url"]), (&json!({"a": 1}), &json!("a/b")));
    assert!(outcome.stdout.contains(r#""n":1.50"#), "{outcome:?}");
}

#[test]
fn each_row_of_the_contract_has_its_code() {
    let folder = configured();
    let platform = platform();
    let raw = |user: &str| sm2_signer(&platform, user, Sm2SignatureEncoding::Raw);
    let merchant = PrivateKey::read(published("/demo_merchants/test/sm2_private_pkcs8_b64").as_bytes()).unwrap();
    for signer in [
        raw("1234567812345678"),
        raw("00000051"),
        sm2_signer(&platform, "Allinpay", Sm2SignatureEncoding::Der),
        sm2_signer(&merchant, "Allinpay", Sm2SignatureEncoding::Raw),
    ] {
        open(&folder, &response(MEMBERS, STRING, &*signer)).refused("bad-signature");
    }
    let good = raw("Allinpay");
    open(&folder, &format!("{{{MEMBERS}}}")).refused("bad-signature");
    open(&folder, &format!(r#"{{{MEMBERS},"sign":""}}"#)).refused("bad-signature");
    open(&folder, &response(MEMBERS, STRING, &*good).replace("1.50", "1.5")).refused("bad-signature");
    let broken = (r#""retcode":"SUCCESS","records":"***""#, "records=***&retcode=SUCCESS");
    open(&folder, &response(broken.0, broken.1, &*good)).refused("malformed");
    let twice = r#""retcode":"SUCCESS","a":"1","\u0061":"1""#;
    open(&folder, &response(twice, "a=1&a=1&retcode=SUCCESS", &*good)).refused("malformed");
    for (members, string) in [
        (r#""retcode":"SUCCESS","appid":"00000052""#, "appid=00000052&retcode=SUCCESS"),
        (r#""retcode":"SUCCESS","cusid":"1""#, "cusid=1&retcode=SUCCESS"),
    ] {
        open(&folder, &response(members, string, &*good)).refused("wrong-appid");
    }
    let fail = open(&folder, r#"{"retcode":"FAIL","retmsg":"商户不存在"}"#);
    let message = fail.refused("rejected");
    assert!(message.contains("FAIL: 商户不存在") && message.contains("unauthenticated"), "{message}");
    let (members, string) = FAILED;
    let failed = open(&folder, &response(members, string, &*good));
    let message = failed.refused("rejected");
    assert!(message.contains("系统繁忙") && message.contains("(signed)"), "{message}");
    for body in ["", "[]", "{}", "<html>", r#"{"retcode":null}"#] {
        open(&folder, body).refused("malformed");
    }
    open(&folder, &" ".repeat(48 * 1024 * 1024 + 1)).refused("too-large");
}

#[test]
fn a_response_may_name_the_organisation() {
    let folder = configured();
    let config = std::fs::read_to_string(folder.path().join("complaints.toml")).unwrap();
    folder.write("complaints.toml", format!("{config}orgid = \"55058100780004S\"\n"));
    let signer = sm2_signer(&platform(), "Allinpay", Sm2SignatureEncoding::Raw);
    let members = r#""retcode":"SUCCESS","cusid":"55058100780004S""#;
    open(&folder, &response(members, "cusid=55058100780004S&retcode=SUCCESS", &*signer)).json();
}

#[test]
fn explain_says_which_of_the_three_it_is() {
    let folder = configured();
    let platform = platform();
    let merchant = PrivateKey::read(published("/demo_merchants/test/sm2_private_pkcs8_b64").as_bytes()).unwrap();
    let stranger = PrivateKey::read(include_bytes!(
        "../../../protocol-core/tests/vectors/wechatpay/java-shangmi/merchant_private_key.pem"
    ))
    .unwrap();
    let user = sm2_signer(&platform, "1234567812345678", Sm2SignatureEncoding::Raw);
    let der = sm2_signer(&platform, "Allinpay", Sm2SignatureEncoding::Der);
    let own = sm2_signer(&merchant, "Allinpay", Sm2SignatureEncoding::Raw);
    let unknown = sm2_signer(&stranger, "Allinpay", Sm2SignatureEncoding::Raw);
    for (signer, cause) in [
        (user, json!(["the SM2 user id `1234567812345678` instead of `Allinpay`"])),
        (der, json!(["a DER signature where raw r‖s is due"])),
        (own, json!(["the merchant's own key instead of the configured one"])),
        (unknown, json!([])),
    ] {
        folder.write("body", response(MEMBERS, STRING, &*signer));
        let outcome = folder.run(&["explain", "open", "allinpay", "--body", "body"]);
        assert_eq!(outcome.status, 1, "{outcome:?}");
        assert!(outcome.stderr.starts_with("error[bad-signature]"), "{outcome:?}");
        let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(report["string_to_sign"], STRING);
        assert_eq!(report["would_verify"], cause);
    }
}

#[test]
fn explain_shows_that_a_failure_is_signed() {
    let folder = configured();
    let (members, string) = FAILED;
    folder.write("body", response(members, string, &*sm2_signer(&platform(), "Allinpay", Sm2SignatureEncoding::Raw)));
    let outcome = folder.run(&["explain", "open", "allinpay", "--body", "body"]);
    assert!(outcome.stderr.starts_with("error[rejected]"), "{outcome:?}");
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let results: Vec<_> = report["checks"].as_array().unwrap().iter().map(|check| &check["result"]).collect();
    assert_eq!(results[1..5], ["passed", "passed", "passed", "passed"], "{report}");
    assert_eq!((&report["checks"][5]["check"], &report["string_to_sign"]), (&json!("handlestate"), &json!(string)));
}

#[test]
fn the_documentations_request_is_signed_byte_for_byte() {
    let example: Value = serde_json::from_str(RSA_EXAMPLE).unwrap();
    let folder = Folder::new();
    folder.write("merchant.key", example["private_key_pkcs8_der_b64"].as_str().unwrap());
    folder.write(
        "complaints.toml",
        "[allinpay]\nappid = \"00000051\"\ncusid = \"990581007426001\"\nsign_type = \"RSA\"\nprivate_key = \"merchant.key\"\n",
    );
    let outcome =
        folder.run(&["sign", "allinpay", "--param", "randomstr=82712208", "--param", "trxid=112094120001088317"]);
    let mut expected = example["params"].clone();
    expected["sign"] = example["sign"].clone();
    assert_eq!(outcome.json(), expected);
    let explained = folder
        .run(&["explain", "allinpay", "--param", "randomstr=82712208", "--param", "trxid=112094120001088317"])
        .json();
    assert_eq!((&explained["string_to_sign"], &explained["sign"]), (&example["string_to_sign"], &example["sign"]));
}

#[test]
fn parameters_are_raw_and_stand_once() {
    let folder = configured();
    let run = |parameters: &[&str]| {
        let flags: Vec<_> = parameters.iter().flat_map(|parameter| ["--param", *parameter]).collect();
        folder.run(&[&["sign", "allinpay"], &flags[..]].concat())
    };
    let json = run(&["offset=0", "a=b=c&d 投诉", "empty="]).json();
    assert_eq!((&json["offset"], &json["a"], &json["empty"]), (&json!("0"), &json!("b=c&d 投诉"), &json!("")));
    let string = ["a", "appid", "cusid", "offset", "randomstr", "signtype", "version"]
        .map(|name| format!("{name}={}", json[name].as_str().unwrap()))
        .join("&");
    let public =
        PrivateKey::read(published("/demo_merchants/test/sm2_private_pkcs8_b64").as_bytes()).unwrap().public_key();
    let PublicKey::Sm2(public) = public else { panic!("an SM2 key") };
    let verifier = protocol_core::crypto::Sm2Verifier::new(&public, "00000051", Sm2SignatureEncoding::Raw).unwrap();
    let signature = base64_decode(json["sign"].as_str().unwrap());
    assert_eq!(verifier.verify(&[string.as_bytes()], &signature), Ok(()));

    run(&["a=1", "a=2"]).refused("usage");
    run(&["sign=x"]).refused("usage");
    run(&["signtype=RSA"]).refused("usage");
    run(&["novalue"]).refused("usage");
}

fn base64_decode(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

#[test]
fn the_section_is_checked() {
    let folder = configured();
    let config = std::fs::read_to_string(folder.path().join("complaints.toml")).unwrap();
    let body = response(MEMBERS, STRING, &*sm2_signer(&platform(), "Allinpay", Sm2SignatureEncoding::Raw));
    for (from, to, words) in [
        ("sign_type = \"SM2\"", "sign_type = \"RSA\"", "kind differs from `sign_type`"),
        ("sign_type = \"SM2\"\n", "", "sign_type"),
        ("appid = \"00000051\"\n", "", "appid"),
        ("platform.pub", "merchant.key", "this is a private key"),
    ] {
        folder.write("complaints.toml", config.replace(from, to));
        let outcome = open(&folder, &body);
        assert!(outcome.refused("config").contains(words), "{outcome:?}");
    }
}
