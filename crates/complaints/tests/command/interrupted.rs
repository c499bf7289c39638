//! Ctrl-C: an interrupted command says whether something may have been sent, and how to find out.
#![cfg(unix)]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use platform_sandbox::{Fault, FaultKind, NewComplaint};
use protocol_core::allinpay::ComplaintsResp;
use protocol_core::mini_program::RespondComplaint;
use protocol_core::wechat_pay::{
    CreateNotificationUrl, GetComplaint, GetNegotiationHistory, Respond, RespondImmediateService, UploadImage,
};

use crate::fixture::Outcome;
use crate::platform::Platform;

/// Longer than any test runs.
const HANGS: FaultKind = FaultKind::SlowResponse(Duration::from_secs(600));

/// Starts the command, waits until it sends this operation, interrupts it. Returns the outcome.
fn interrupted(platform: &Platform, arguments: &[&str], signal: &str, once_asked: &str) -> Outcome {
    let asked = || platform.operations().iter().filter(|operation| **operation == once_asked).count();
    let before = asked();
    let mut command = platform.folder.command(arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for(&child, || asked() > before);
    let sent = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    Outcome {
        status: output.status.code().expect("it ends by itself"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A generous deadline, for a machine that is busy.
fn wait_for(child: &Child, happened: impl Fn() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < Duration::from_secs(120), "process {} does not ask", child.id());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn an_act_that_may_have_been_sent_says_so_and_how_to_find_out() {
    for (arguments, operation) in [
        (&["reply", "ID", "--text", "canary", "--yes"][..], "respond"),
        (&["complete", "ID", "--yes"], "complete"),
        (&["refund", "ID", "--approve", "--yes"], "update_refund_progress"),
    ] {
        for signal in ["INT", "TERM"] {
            let (platform, id) = Platform::with_complaint();
            platform.sandbox.inject(Fault::once(HANGS).on_named(operation).unwrap().times(9));
            let arguments: Vec<_> = arguments.iter().map(|word| if *word == "ID" { &id } else { *word }).collect();
            let outcome = interrupted(&platform, &arguments, signal, operation);
            let message = outcome.refused("network");
            assert!(message.contains("interrupted") && message.contains("may have taken effect"), "{message}");
            assert!(message.contains(&format!("`complaints history {id}`")), "{message}");
            assert!(!message.contains("canary"), "{message}");
        }
    }
}

#[test]
fn while_it_only_asks_nothing_was_sent() {
    let (platform, id) = Platform::with_complaint();
    platform.sandbox.inject(Fault::once(HANGS).on::<GetComplaint>().times(9));
    for arguments in [&["reply", &id, "--text", "x", "--yes"][..], &["complete", &id, "--yes"], &["show", &id]] {
        let outcome = interrupted(&platform, arguments, "INT", "get_complaint");
        assert!(outcome.refused("network").contains("nothing was sent that changes anything"), "{outcome:?}");
        assert!(platform.was_only_asked());
    }
    // An uploaded picture is invisible, and changes nothing either.
    platform.folder.write("a.png", crate::platform::PICTURE);
    platform.sandbox.inject(Fault::once(HANGS).on::<UploadImage>().times(9));
    let mchid = platform.sandbox.merchant().mchid.clone();
    let reply = ["reply", &id, "--text", "x", "--image", "a.png", "--accused", &mchid, "--yes"];
    let outcome = interrupted(&platform, &reply, "INT", "upload_image");
    assert!(outcome.refused("network").contains("nothing was sent that changes anything"), "{outcome:?}");
    assert!(platform.said(&id).is_empty());
}

#[test]
fn while_the_outcome_is_looked_for_it_is_still_unknown() {
    let (platform, id) = Platform::with_complaint();
    // The reply arrived, its response is lost, and the history hangs.
    platform.sandbox.inject(Fault::once(FaultKind::DropConnection).on::<Respond>().after_effect());
    platform.sandbox.inject(Fault::once(HANGS).on::<GetNegotiationHistory>().times(9));
    let outcome = interrupted(&platform, &["reply", &id, "--text", "x", "--yes"], "INT", "get_negotiation_history");
    assert!(outcome.refused("network").contains("may have taken effect"), "{outcome:?}");
    assert_eq!(platform.said(&id).len(), 1, "and it had");
}

#[test]
fn an_immediate_response_tells_the_id_under_which_it_is_said_once() {
    let platform = Platform::new();
    let id = platform.sandbox.file_complaint(NewComplaint::default().with_immediate_service());
    platform.sandbox.inject(Fault::once(HANGS).on::<RespondImmediateService>().times(9));
    let reply = ["reply", &id, "--text", "x", "--immediate", "--yes"];
    let outcome = interrupted(&platform, &reply, "INT", "respond_immediate_service");
    let message = outcome.refused("network");
    let idempotent_id = message.split("--idempotent-id ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    assert_eq!(idempotent_id.len(), 32, "{message}");
}

#[test]
fn every_channel_has_its_own_way_to_look() {
    let (platform, id) = Platform::with_allinpay_complaint();
    platform.sandbox.inject(Fault::once(HANGS).on::<ComplaintsResp>().times(9));
    let reply = ["reply", &id, "--text", "x", "--via", "allinpay", "--yes"];
    let outcome = interrupted(&platform, &reply, "INT", "complaintsResp");
    let look = format!("`complaints history {id} --via allinpay`");
    assert!(outcome.refused("network").contains(&look), "{outcome:?}");

    let (platform, id) = Platform::with_order_complaint();
    platform.sandbox.inject(Fault::once(HANGS).on::<RespondComplaint>().times(9));
    let respond = ["mini-program", "reply", &id, "--agree", "--text", "x", "--yes"];
    let outcome = interrupted(&platform, &respond, "INT", "respond_complaint");
    let look = format!("`complaints mini-program show {id}`");
    assert!(outcome.refused("network").contains(&look), "{outcome:?}");

    let platform = Platform::new();
    platform.sandbox.inject(Fault::once(HANGS).on::<CreateNotificationUrl>().times(9));
    let create = ["callback", "create", "https://a.example/", "--yes"];
    let outcome = interrupted(&platform, &create, "INT", "create_notification_url");
    assert!(outcome.refused("network").contains("`complaints callback get`"), "{outcome:?}");
}
