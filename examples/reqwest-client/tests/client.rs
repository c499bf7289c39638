//! The client against the simulated platform.
#![allow(clippy::unwrap_used, reason = "a test's helpers fail by panicking")]

use complaint_channels::Settings;
use platform_sandbox::{Fault, FaultKind, NewComplaint, Sandbox, SandboxConfig};
use protocol_core::call::CallError;
use protocol_core::wechat_pay::{GetComplaint, ListComplaints, Respond, ResponseError, Sender as _};
use protocol_core::{Delivery, Effect};
use reqwest_client::Client;
use tempfile::TempDir;

/// A client with the sandbox's configuration file, changed.
fn client(sandbox: &Sandbox, change: impl FnOnce(String) -> String) -> Client {
    let folder = TempDir::new().unwrap();
    sandbox.write_configuration(folder.path()).unwrap();
    let path = folder.path().join("complaints.toml");
    std::fs::write(&path, change(std::fs::read_to_string(&path).unwrap())).unwrap();
    Client::new(&Settings::from_file(path).unwrap().wechat_pay(None).unwrap()).unwrap()
}

#[tokio::test]
async fn complaints_are_shown_and_replied_to_once() {
    let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
    let client = client(&sandbox, |settings| settings);
    let number = sandbox.file_complaint(NewComplaint::default());
    let complaint = client.send(&GetComplaint::new(&number)).await.unwrap();
    let reply = Respond::new(&number, complaint.complainted_mchid.unwrap(), "您好");

    // The response is lost after the platform has taken the reply.
    sandbox.inject(Fault::once(FaultKind::DropConnection).on::<Respond>().after_effect());
    assert_eq!(client.send(&reply).await.unwrap(), Effect::Found);
    let replies = sandbox.history(&number);
    assert_eq!(replies.iter().filter(|entry| entry["operate_type"] == "MERCHANT_RESPONSE").count(), 1);
}

#[tokio::test]
async fn a_response_that_is_not_proven_or_too_large_is_refused() {
    let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
    let client = client(&sandbox, |settings| settings);
    let number = sandbox.file_complaint(NewComplaint::default());

    sandbox.inject(Fault::once(FaultKind::ForgedSignature).on::<GetComplaint>().times(9));
    let error = client.send(&GetComplaint::new(&number)).await.unwrap_err();
    assert!(matches!(error.response(), Some(ResponseError::Verification(_))), "{error}");
    sandbox.clear_faults();

    sandbox.inject(Fault::once(FaultKind::OversizeBody(9 << 20)).on::<GetComplaint>().times(9));
    let error = client.send(&GetComplaint::new(&number)).await.unwrap_err();
    assert!(error.response().is_some(), "{error}");
}

#[tokio::test]
async fn a_request_without_a_connection_was_not_sent() {
    let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
    let client = client(&sandbox, |settings| settings.replacen(&sandbox.base_url(), "https://127.0.0.1:1", 1));
    let error = client.send(&ListComplaints::new("2025-03-01", "2025-03-14")).await.unwrap_err();
    assert!(matches!(error, CallError::Send(_)) && error.failure().delivery == Delivery::NotSent, "{error}");
    assert!(!format!("{error} {error:?}").contains("complaints-v2"), "{error:?}");
}
