//! `sign virtual-payment` and its `explain`: the published signature, and the causes of others.

use serde_json::{Value, json};

use crate::fixture::{Folder, Outcome};
use crate::platform::Platform;

/// The published example: key, path, body, signature.
const KEY: &str = "12345";
const PATH: &str = "/xpay/query_user_balance";
const BODY: &str = r#"{"openid": "xxx", "user_ip": "127.0.0.1", "env": 0}"#;
const PAY_SIG: &str = "c37809f27c6d7fd1837ad2500a04512b66b34fd793a39a385fade56dca89a4b5";

/// A folder with the section that signing needs, and no other.
fn configured(key: &str) -> Folder {
    let folder = Folder::new();
    folder.write("key", format!("{key}\n"));
    folder.write("body", BODY);
    folder.write("complaints.toml", "[virtual-payment]\napp_key_file = \"key\"\n");
    folder
}

fn run(folder: &Folder, command: &[&str], more: &[&str]) -> Outcome {
    folder.run(&[command, &["virtual-payment", "--target", PATH, "--body", "body"], more].concat())
}

/// The report on another program's signature, and the code on standard error.
fn explain(folder: &Folder, given: &str) -> (Value, String) {
    let outcome = run(folder, &["explain", "sign"], &["--pay-sig", given]);
    let short = run(folder, &["explain"], &["--pay-sig", given]);
    assert_eq!(outcome.stdout, short.stdout, "`sign` may be left out");
    let code = outcome.stderr.split(['[', ']']).nth(1).unwrap_or_default().to_owned();
    assert_eq!(outcome.status, i32::from(!code.is_empty()), "{outcome:?}");
    (serde_json::from_str(&outcome.stdout).unwrap(), code)
}

#[test]
fn the_published_example_is_signed() {
    let folder = configured(KEY);
    assert_eq!(run(&folder, &["sign"], &[]).json(), json!({ "pay_sig": PAY_SIG }));
    assert_eq!(run(&folder, &["sign"], &["--pay-sig", PAY_SIG]).json(), json!({ "pay_sig": PAY_SIG }));
    let outcome = run(&folder, &["sign"], &["--pay-sig", &PAY_SIG.replace('c', "d")]);
    assert!(outcome.refused("bad-signature").contains("`complaints explain` tries the usual causes"), "{outcome:?}");
}

#[test]
fn a_request_of_the_client_has_the_same_signature() {
    let platform = Platform::new();
    let listed = platform.run(&["complete", "42", "--via", "virtual-payment", "--dry-run"]).json();
    platform.folder.write("body", listed["body"].as_str().unwrap());
    let sign = ["sign", "virtual-payment", "--target", "/xpay/complete_complaint", "--body", "body"];
    let signed = platform.run(&sign).json();
    let query = format!("?pay_sig={}&", signed["pay_sig"].as_str().unwrap());
    assert!(listed["url"].as_str().unwrap().contains(&query), "{listed} {signed}");
}

#[test]
fn what_is_signed_is_shown_and_the_key_is_not() {
    let (report, code) = explain(&configured(KEY), PAY_SIG);
    assert_eq!((&*code, &report["pay_sig"]), ("", &json!(PAY_SIG)));
    assert_eq!(report["string_to_sign"], format!("{PATH}&{BODY}"));
    assert_eq!(report["key"], json!({"id": "app_key, production", "algorithm": "HMAC-SHA256"}));
    let checks: Vec<_> = report["checks"].as_array().unwrap().iter().map(|check| &check["check"]).collect();
    assert_eq!(checks, ["size", "environment", "given pay_sig"]);
    assert!(report["checks"].as_array().unwrap().iter().all(|check| check["result"] == "passed"), "{report}");
    assert!(report.get("would_verify").is_none());
    let secret = "canary9f8e7d";
    let outcome = run(&configured(secret), &["explain", "sign"], &["--pay-sig", PAY_SIG]);
    assert!(!outcome.stdout.contains(secret) && !outcome.stderr.contains(secret), "{outcome:?}");
}

/// The signatures are OpenSSL's.
#[test]
fn the_usual_causes_are_named() {
    let folder = configured(KEY);
    let base64 = "w3gJ8nxtf9GDetJQCgRRK2azT9eTo5o4X63lbcqJpLU=";
    for (given, cause) in [
        (&*PAY_SIG.to_uppercase(), "hexadecimal in capitals, where small letters are due"),
        (&format!(" {PAY_SIG}\n"), "with blanks or quotes around it"),
        (base64, "base64, where hexadecimal is due"),
        (
            "80bd38b24d58c2bea4297ea932b6cab6abd297a4ebeb883cca8463d11acbd6a0",
            "over the body alone, without the path and `&`",
        ),
        (
            "df4b4736872b2e89df281d03011afad3e619fe1c02b9bd533155dedea91bd614",
            "over the path and the body without `&` between them",
        ),
        ("082c58dfec9cd1ceba535fe21acd16353ce25a89966227705c876bd761cbcc3c", "over the path alone"),
        ("9c66b4ea8beeb44af541b7e8e8100c01c008bcd0f37bc94b3b5195239f026b69", "over the path and `&`, without the body"),
        ("8e3b0b28b12177813cd7d2e063c7f8b65e520553fd7f6adcf39423b6859300c5", "over the path without the `/` before it"),
        (
            "4b933c64388fdc0b9a3ae80f7c6c010149d0769976490473d278365ecb519c4a",
            "over the whole address in place of the path",
        ),
        ("7b8958c3ddd86ccee41f7cef432411256a45cee88cb8325a779e5cd7e57be77f", "over the path with `?` after it"),
        ("7dd042b742b3babe850b9be81089004d676ecd6b6045f506ae6440792abb597a", "over the body before the path"),
        ("a84f2eff1176071ab5e0f6e4c3f50a628697616944b18aac58b6e1b4976459d2", "over a body with the other `env`"),
        ("02a70bf0d98eaa0ecb12be9a67213dcd3a8d5fd1bdabd55a56d78a1882549689", "with a line feed after the AppKey"),
        ("ace7bbe4629447a62dc416f7071af8c5f50c6a5d5353a2020d81d2623993d361", "with an empty AppKey"),
        ("ef3e91ba8f67a0c3a88c22447eb8ea0ca7f9e2d4", "by HMAC-SHA1"),
        ("f31096f3f5a7dfbca567f3033c699ba547134a92196b9b38ed725d5e3e6de643", "with the key and the message exchanged"),
        (
            "cc0f340ee22c82630a95d0b4ab18c7757d071cfcd5c7440a66afe316b0f694b2",
            "by SHA-256 without HMAC, the AppKey before the message",
        ),
        (
            "04549e9a1a96f518c85b08a9c14085cbc90b5a9a588e28b05c8ae1af19083126",
            "by SHA-256 without HMAC, the AppKey after the message",
        ),
        ("bf7d8464010d1f3766c937d75ba269e79365001595eb35291d8e45b60c50c2c1", "the body minified"),
        ("8b6281d9b9809a0e0b1f767579e9fd447e4200711d99dee3aeeb7a6a982fdeb1", "the body with a final newline added"),
    ] {
        let (report, code) = explain(&folder, given);
        assert_eq!((&*code, &report["would_verify"]), ("bad-signature", &json!([cause])));
    }
    let (report, _) = explain(&folder, &PAY_SIG.replace('c', "d"));
    assert_eq!(report["would_verify"], json!([]));
    let advice = report["advice"].to_string();
    assert!(advice.contains("the AppKey of the other environment") && advice.contains("session_key"), "{advice}");
}

#[test]
fn another_key_than_the_appkey_is_named() {
    let folder = configured("ab01");
    for (given, cause) in [
        ("f042ee0d4672f918eca5cddc03df1ba19fe4a79c7a8bdef9c1a0bd8959115de2", "with the AppKey decoded as hexadecimal"),
        ("7daf55bad97108b2c9fb85c07e03388d8fbe65fa28456c114518873bf9ff6674", "with the AppKey decoded as base64"),
    ] {
        assert_eq!(explain(&folder, given).0["would_verify"], json!([cause]));
    }
    let of_app_secret = "271b2de7436e0ffd18f76ab440a8a8dd279d5f44b82dc4dcea27f55ceb7baab1";
    assert_eq!(explain(&folder, of_app_secret).0["would_verify"], json!([]), "no secret is configured");
    folder.write("secret", "0123456789abcdef0123456789abcdef");
    folder.write(
        "complaints.toml",
        "[virtual-payment]\napp_key_file = \"key\"\n[mini-program]\nappid = \"wx1\"\napp_secret_file = \"secret\"\n",
    );
    let cause = "with the Mini Program's app secret as the AppKey";
    assert_eq!(explain(&folder, of_app_secret).0["would_verify"], json!([cause]));
}

/// Each environment has its own key: the platform would refuse the signature.
#[test]
fn a_body_for_the_other_environment_is_refused() {
    let folder = configured(KEY);
    folder.write("body", BODY.replace("\"env\": 0", "\"env\":1"));
    let outcome = run(&folder, &["sign"], &[]);
    assert!(outcome.refused("usage").contains("`env` 1, but `environment` is production"), "{outcome:?}");
    let outcome = run(&folder, &["explain", "sign"], &[]);
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((outcome.status, &report["checks"][1]["result"]), (2, &json!("failed")));
    assert!(report["pay_sig"].is_string(), "{report}");
    let config = "[virtual-payment]\napp_key_file = \"key\"\nenvironment = \"sandbox\"\n";
    folder.write("complaints.toml", config);
    run(&folder, &["sign"], &[]).json();
    // A body that names none is another interface's.
    folder.write("body", "{}");
    run(&folder, &["sign"], &[]).json();
    folder.write("complaints.toml", config.replace("sandbox", "Sandbox"));
    let outcome = run(&folder, &["sign"], &[]);
    assert!(outcome.refused("config").contains("`environment` must be \"production\" or \"sandbox\""), "{outcome:?}");
}

#[test]
fn what_is_no_path_is_refused() {
    let folder = configured(KEY);
    for (target, words) in [
        ("https://api.weixin.qq.com/xpay/x", "begins with /"),
        ("xpay/x", "begins with /"),
        ("/xpay/x?access_token=1", "the query is not signed"),
        ("/xpay/x y", "visible ASCII"),
        ("", "begins with /"),
    ] {
        let outcome = folder.run(&["sign", "virtual-payment", "--target", target, "--body", "body"]);
        assert!(outcome.refused("usage").contains(words), "{outcome:?}");
    }
    folder.run(&["sign", "virtual-payment", "--target", PATH]).refused("usage");
    let outcome = folder.run(&["explain", "virtual-payment"]);
    assert!(outcome.refused("usage").contains("--target <PATH>"), "it is `explain sign`: {outcome:?}");
    folder.run(&["sign", "virtual-payment", "--target", PATH, "--body", "missing"]).refused("usage");
    folder.write("complaints.toml", "[virtual-payment]\n");
    let outcome = run(&folder, &["sign"], &[]);
    assert!(outcome.refused("config").contains("COMPLAINTS_VIRTUAL_PAYMENT_APP_KEY"), "{outcome:?}");
}
