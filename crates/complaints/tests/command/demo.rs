//! `demo` and `sandbox`: everything at work with nothing configured.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::fixture::Folder;

#[test]
fn the_demonstration_ends_by_itself() {
    let folder = Folder::new();
    let json = folder.run(&["demo"]).json();
    let steps = json["steps"].as_array().unwrap();
    let commands: Vec<_> = steps.iter().map(|step| step["command"].as_str().unwrap()).collect();
    assert_eq!(
        commands,
        [
            "sandbox",
            "callback ensure",
            "notification",
            "show",
            "history",
            "reply",
            "notification",
            "history",
            "complete",
            "history",
            "callback delete",
            "mini-program push",
            "mini-program push",
            "mini-program show",
            "mini-program reply",
            "mini-program show",
            "virtual-payment push",
            "show --via virtual-payment",
            "reply --via virtual-payment",
            "complete --via virtual-payment",
            "history --via virtual-payment",
            "list --via allinpay",
            "show --via allinpay",
            "history --via allinpay",
            "reply --via allinpay",
            "complete --via allinpay",
            "history --via allinpay",
            "allinpay notice",
            "alicomplaintqueryv2",
            "alicomplaintprocessfinish",
            "alicomplaintqueryv2",
        ]
    );
    assert!(steps.iter().all(|step| step["milliseconds"].as_f64().is_some_and(|time| time >= 0.0)));
    let acts: Vec<_> =
        json["timeline"].as_array().unwrap().iter().map(|entry| entry["operate_type"].as_str().unwrap()).collect();
    assert_eq!(acts.first(), Some(&"USER_CREATE_COMPLAINT"));
    assert!(acts.contains(&"MERCHANT_RESPONSE") && acts.contains(&"USER_RESPONSE"), "{acts:?}");
    assert_eq!(acts.last(), Some(&"MERCHANT_CONFIRM_COMPLETE"));
    let what = |at: usize| steps[at]["what"].as_str().unwrap();
    assert!(what(13).starts_with("201, ") && what(15).starts_with("203, "), "{steps:?}");
    assert!(what(20) == "4 entries", "{steps:?}");
    assert!(what(27).contains("verified") && what(28).starts_with("WAIT_PROCESS"), "{steps:?}");
    assert!(what(30).starts_with("PROCESSED"), "{steps:?}");
    assert!(what(21).starts_with("1 complaint") && what(26) == "4 entries", "{steps:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn a_sandbox_runs_until_it_is_stopped() {
    for signal in ["-TERM", "-INT"] {
        let folder = Folder::new();
        let mut sandbox = folder
            .command(&["sandbox", "--folder", "here", "--time-scale", "100"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(sandbox.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let running: Value = serde_json::from_str(&line).unwrap();
        assert!(running["base_url"].as_str().unwrap().starts_with("https://127.0.0.1:"));
        let config = running["configuration"].as_str().unwrap();
        let listed = folder.run(&["--config", config, "list"]).json();
        assert_eq!(listed["data"].as_array().unwrap().len(), 2);
        let there = running["allinpay_complaints"][0].as_str().unwrap();
        let shown = folder.run(&["--config", config, "show", there, "--via", "allinpay"]).json();
        assert_eq!(shown["complaint_state"], "PENDING");
        let there = running["virtual_payment_complaints"][0].as_str().unwrap();
        let shown = folder.run(&["--config", config, "show", there, "--via", "virtual-payment"]).json();
        assert_eq!(shown["complaint_state"], "PENDING");
        let order = running["mini_program_complaints"][0].as_str().unwrap();
        let detail = folder.run(&["--config", config, "mini-program", "show", order]).json();
        assert_eq!(detail["complaintOrder"]["status"], 201);
        let id = running["complaints"][0].as_str().unwrap();
        folder.run(&["--config", config, "refund", id, "--approve", "--yes"]).json();
        let status = Command::new("kill").args([signal, &sandbox.id().to_string()]).status().unwrap();
        assert!(status.success());
        assert_eq!(sandbox.wait().unwrap().code(), Some(0));
        folder.run(&["--config", config, "list"]).refused("network");
        // The sandbox would overwrite its configuration; another program has the port.
        let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port().to_string();
        let outcome = folder.run(&["sandbox", "--folder", "here", "--port", &port]);
        assert!(outcome.refused("usage").contains("cannot listen"), "{outcome:?}");
    }
}

#[test]
fn a_foreign_configuration_is_spared() {
    let folder = Folder::configured();
    let before = std::fs::read(folder.path().join("complaints.toml")).unwrap();
    let outcome = folder.run(&["sandbox", "--folder", "."]);
    assert!(outcome.refused("usage").contains("--folder"), "{outcome:?}");
    assert_eq!(std::fs::read(folder.path().join("complaints.toml")).unwrap(), before);
    for arguments in [
        ["--port", "99999"],
        ["--time-scale", "0"],
        ["--time-scale", "NaN"],
        ["--time-scale", "1e-300"],
        ["--folder", "apiv3.key"],
    ] {
        folder.run(&[&["sandbox"], &arguments[..]].concat()).refused("usage");
    }
}
