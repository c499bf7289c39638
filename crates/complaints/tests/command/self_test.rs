//! `self-test`: every key tried, no complaint touched.

use platform_sandbox::{SandboxConfig, Signing};
use serde_json::Value;

use crate::platform::Platform;

#[test]
fn keys_and_clock_are_tried() {
    let platform = Platform::new();
    let json = platform.run(&["self-test"]).json();
    assert_eq!((&json["echo"], &json["encrypted"]), (&true.into(), &true.into()));
    assert!(json["clock_seconds"].as_i64().unwrap().abs() <= 2, "{json}");
    assert_eq!(platform.operations(), ["echo", "echo"]);
}

#[test]
fn certificates_serve_where_no_key_is_configured() {
    let platform = Platform::new();
    platform.sandbox.set_response_signing(Signing::Certificate);
    platform.forget_platform_keys();
    assert_eq!(platform.run(&["self-test"]).json()["encrypted"], Value::Null);
    assert_eq!(platform.operations(), ["list_certificates", "echo"]);
    platform.run(&["list"]).json();

    platform.sandbox.has_certificates(false);
    let outcome = platform.run(&["self-test"]);
    assert!(outcome.refused("config").contains("public key"), "{outcome:?}");
}

#[test]
fn a_wrong_apiv3_key_is_named() {
    let platform = Platform::new();
    platform.sandbox.set_response_signing(Signing::Certificate);
    platform.forget_platform_keys();
    platform.folder.write("sandbox_apiv3.key", "canary78901234567890123456789012");
    let outcome = platform.run(&["list"]);
    assert!(!outcome.stderr.contains("canary"), "{outcome:?}");
    outcome.refused("decrypt-failed");
}

#[test]
fn each_wrong_key_has_its_words() {
    let platform = Platform::new();
    let stranger = platform.sandbox.add_merchant(protocol_core::wechat_pay::Scheme::Rsa).unwrap();
    let right = std::fs::read(platform.folder.path().join("sandbox_merchant_key.pem")).unwrap();
    platform.folder.write("sandbox_merchant_key.pem", &stranger.private_key_pem);
    let outcome = platform.run(&["self-test"]);
    assert!(outcome.refused("rejected").contains("`serial_no`"), "{outcome:?}");
    platform.folder.write("sandbox_merchant_key.pem", right);

    platform.folder.write("sandbox_platform_key.pem", &stranger.certificate_pem);
    platform.run(&["self-test"]).refused("config");
    let other = platform.sandbox.sm_platform_key();
    platform.folder.write("sandbox_platform_key.pem", other.public_key_pem);
    platform.run(&["self-test"]).refused("bad-signature");
    platform.configure("id = ", "id = \"PUB_KEY_ID_1\"");
    platform.run(&["self-test"]).refused("unknown-key");
    // What it refused, it says all the same, for what it is worth.
    let outcome = platform.run(&["show", "200201820200101080076619999"]);
    let told = outcome.refused("unknown-key");
    assert!(told.contains("responded with 404") && told.contains("unproven") && told.contains("request "), "{told}");
}

#[test]
fn a_wrong_clock_is_named() {
    // The platform's clock is a year ahead; its own check of the request comes first.
    let ahead = || protocol_core::UnixTime(1_800_000_000 + 400_000_000);
    let platform = Platform::with(SandboxConfig::default().with_clock(ahead));
    let outcome = platform.run(&["self-test"]);
    assert!(outcome.refused("rejected").contains("this machine's clock"), "{outcome:?}");
}
