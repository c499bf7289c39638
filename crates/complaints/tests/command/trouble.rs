//! Failures of the network and of its configuration: errors say whether anything happened, and what
//! to mend.

use platform_sandbox::{Fault, FaultKind};
use protocol_core::wechat_pay::GetComplaint;

use crate::platform::Platform;

#[test]
fn a_host_that_cannot_be_reached() {
    let (platform, id) = Platform::with_complaint();
    platform.configure("base_url", "base_url = \"https://127.0.0.1:1\"");
    let outcome = platform.run(&["list"]);
    assert!(outcome.refused("network").contains("was not sent"), "{outcome:?}");
    let mchid = platform.sandbox.merchant().mchid.clone();
    let outcome = platform.run(&["complete", &id, "--accused", &mchid, "--yes"]);
    let message = outcome.refused("network");
    assert!(message.contains("was not sent") && !message.contains("may have"), "{message}");
}

#[test]
fn a_host_whose_certificate_is_not_trusted() {
    let platform = Platform::new();
    platform.configure("root_certificate", "");
    let outcome = platform.run(&["list"]);
    assert!(outcome.refused("network").contains("root_certificate"), "{outcome:?}");
    assert!(platform.operations().is_empty());
}

#[test]
fn a_proxy_that_cannot_be_reached_keeps_its_password() {
    let platform = Platform::new();
    let proxy = [("COMPLAINTS_WECHAT_PAY_PROXY", "http://me:s3cret@127.0.0.1:1")];
    let outcome = platform.folder.run_with(&["list"], &proxy);
    assert!(outcome.refused("network").contains("was not sent"), "{outcome:?}");
    assert!(!outcome.stderr.contains("s3cret"), "{outcome:?}");
    for proxy in ["socks5://me:s3cret@127.0.0.1:1", "s3cret"] {
        let outcome = platform.folder.run_with(&["list"], &[("COMPLAINTS_WECHAT_PAY_PROXY", proxy)]);
        assert!(outcome.refused("config").contains("COMPLAINTS_WECHAT_PAY_PROXY"), "{outcome:?}");
        assert!(!outcome.stderr.contains("s3cret"), "{outcome:?}");
    }
    platform.configure(
        "base_url",
        &format!("base_url = \"{}\"\nproxy = \"http://me:s3cret@127.0.0.1:1\"", platform.sandbox.base_url()),
    );
    let outcome = platform.run(&["list"]);
    assert!(!outcome.stderr.contains("s3cret"), "{outcome:?}");
    outcome.refused("network");
}

#[test]
fn a_base_url_is_a_host_under_https() {
    for url in ["http://127.0.0.1:1", "https://me:s3cret@a.example", "https://a.example/path", "https://", "s3cret", ""]
    {
        let platform = Platform::new();
        platform.configure("base_url", &format!("base_url = \"{url}\""));
        let outcome = platform.run(&["list"]);
        assert!(outcome.refused("config").contains("base_url"), "{outcome:?}");
        assert!(!outcome.stderr.contains("s3cret"), "{outcome:?}");
    }
    let platform = Platform::new();
    platform.configure("base_url", &format!("base_url = \"{}/\"", platform.sandbox.base_url()));
    platform.run(&["list"]).json();
}

#[test]
fn each_fault_has_its_code() {
    let (platform, id) = Platform::with_complaint();
    for (kind, code) in [
        (FaultKind::DropConnection, "network"),
        (FaultKind::TruncatedBody, "network"),
        (FaultKind::OversizeBody(9 << 20), "network"),
        (FaultKind::ForgedSignature, "bad-signature"),
        (FaultKind::NoSignature, "missing-header"),
        (FaultKind::Probe, "probe"),
        (FaultKind::UnknownSerial, "unknown-key"),
        (FaultKind::StaleTimestamp, "stale-timestamp"),
        (FaultKind::MalformedJson, "malformed"),
        (FaultKind::ServerError, "rejected"),
        (FaultKind::GatewayHtml(502), "rejected"),
        (FaultKind::Status202, "rejected"),
        (FaultKind::RateLimited { retry_after: Some(3600), signed: true }, "rejected"),
    ] {
        // As many as are asked for; what is not retried leaves none behind.
        let before = platform.operations().len();
        platform.sandbox.inject(Fault::once(kind).on::<GetComplaint>().times(3));
        let outcome = platform.run(&["show", &id]);
        outcome.refused(code);
        for _ in platform.operations().len() - before..3 {
            let _ = platform.run(&["show", &id]);
        }
    }
    platform.run(&["show", &id]).json();
}

#[test]
fn a_fault_that_passes_is_not_seen() {
    let (platform, id) = Platform::with_complaint();
    for kind in [FaultKind::DropConnection, FaultKind::ServerError, FaultKind::Probe] {
        platform.sandbox.inject(Fault::once(kind).on::<GetComplaint>());
        platform.run(&["show", &id]).json();
    }
}
