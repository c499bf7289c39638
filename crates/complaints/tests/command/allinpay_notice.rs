//! `open allinpay-notice`, and `explain` of it.

use protocol_core::allinpay::PLATFORM_USER_ID;
use protocol_core::crypto::{PrivateKey, Signer as _, Sm2SignatureEncoding, Sm2Signer};
use serde_json::Value;

use crate::fixture::{Folder, Outcome, SAMPLES};

/// Made by OpenSSL.
const SAMPLE: &str = include_str!("../../../../samples/allinpay/notice.form");

fn run(words: &[&str], body: &str) -> Outcome {
    let folder = Folder::new();
    folder.write("body", body);
    folder.run(
        &[words, &["allinpay-notice", "--config", &format!("{SAMPLES}/complaints.toml"), "--body", "body"]].concat(),
    )
}

fn open(body: &str) -> Outcome {
    run(&["open"], body)
}

/// A form of these fields, which have no escapes and are sorted, signed with the platform's key.
fn signed(fields: &str) -> String {
    let keys: Value =
        serde_json::from_str(include_str!("../../../protocol-core/tests/vectors/allinpay/published_keys.json"))
            .unwrap();
    let key = keys["demo_merchants"]["smutil_demo"]["sm2_private_pkcs8_b64"].as_str().unwrap();
    let PrivateKey::Sm2(key) = PrivateKey::read(key.as_bytes()).unwrap() else { panic!("an SM2 key") };
    let signer = Sm2Signer::new(&key, PLATFORM_USER_ID, Sm2SignatureEncoding::Raw).unwrap();
    let sign = signer.sign(&[fields.as_bytes()]).unwrap().to_base64();
    format!("{fields}&sign={}", sign.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"))
}

const OWN: &str = "appid=00000051&cusid=990581007426001";

#[test]
fn the_shipped_sample_opens() {
    let json = open(SAMPLE).json();
    assert_eq!((&json["task_id"], &json["status"]), (&"10243351927".into(), &"WAIT_PROCESS".into()));
    assert_eq!(json["complaint_trade_info_list"][0]["id"], "10243352927");
    assert!(json.get("sign").is_none());
}

#[test]
fn each_refusal_has_its_code() {
    let whole = signed(&format!("{OWN}&task_id=7"));
    open(&whole).json();
    for (body, code) in [
        (whole.replace("task_id=7", "task_id=8"), "bad-signature"),
        (format!("{whole}&more=1"), "bad-signature"),
        (format!("{OWN}&task_id=7"), "bad-signature"),
        (format!("{OWN}&sign={}", "0f".repeat(16)), "bad-signature"),
        (format!("{whole}&signtype=RSA"), "config"),
        (signed("appid=00000051&cusid=990581007426002"), "wrong-appid"),
        (format!("{whole}&task_id=7"), "malformed"),
        (whole.replace("task_id=7", "task_id=%7"), "malformed"),
        ("\n".to_owned(), "malformed"),
        ("a=1&".repeat(1 << 18) + "&", "too-large"),
    ] {
        open(&body).refused(code);
    }
    // A notice that cannot be read is printed unchanged.
    let unread = signed(&format!("{OWN}&task_id={}", "7".repeat(65)));
    let outcome = open(&unread);
    let printed: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((printed["document"].as_str(), outcome.status), (Some(&*unread), 1));
    assert!(outcome.stderr.starts_with("error[malformed]"), "{outcome:?}");
}

#[test]
fn a_misfit_is_noted() {
    let fields = "appid=00000051&complaint_trade_info_list=[&cusid=990581007426001&task_id=7";
    let outcome = open(&signed(fields));
    let printed: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((&printed["task_id"], &printed["complaint_trade_info_list"]), (&"7".into(), &"[".into()));
    assert!(outcome.status == 0 && outcome.stderr.contains("complaint_trade_info_list"), "{outcome:?}");
}

#[test]
fn explain_shows_the_string_and_each_check() {
    let report = run(&["explain"], SAMPLE).json();
    assert!(report["string_to_sign"].as_str().unwrap().starts_with("appid=00000051&complain_amount=29.90&"));
    assert_eq!(report["key"]["algorithm"], "SM2");
    let results: Vec<_> =
        report["checks"].as_array().unwrap().iter().map(|check| check["result"].as_str().unwrap()).collect();
    assert_eq!(results, ["passed"; 6]);
}

#[test]
fn explain_finds_what_happened_to_a_notice() {
    let would_verify = |body: &str| {
        let outcome = run(&["explain", "open"], body);
        let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
        report["would_verify"].to_string()
    };
    assert!(would_verify(&format!("{SAMPLE}\n")).contains("without its final newline"));
    // A framework parsed the form, and logged its fields.
    let fields: Vec<(String, String)> = url_pairs(SAMPLE);
    let json: serde_json::Map<_, _> = fields.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
    assert!(would_verify(&Value::from(json).to_string()).contains("the fields as a form"));
    // The signature's `+` was not escaped.
    let unescaped = SAMPLE.replace("%2B", "+");
    assert!(unescaped == SAMPLE || would_verify(&unescaped).contains("`+` for its blanks"));
    assert_eq!(would_verify(&SAMPLE.replace("task_id=1", "task_id=2")), "[]");
}

fn url_pairs(form: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let digits = String::from_utf8(rest.by_ref().take(2).collect()).unwrap();
                    u8::from_str_radix(&digits, 16).unwrap()
                }
                other => other,
            });
        }
        String::from_utf8(bytes).unwrap()
    };
    form.split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}
