//! `doctor`: each thing that a service needs is found, or said to be wrong.
#![cfg(unix)]

use platform_sandbox::Signing;
use protocol_core::wechat_pay::Scheme;
use serde_json::Value;

use crate::fixture::{Folder, Outcome};
use crate::listening::{Listening, Service, response};
use crate::platform::Platform;

/// The report, whatever the exit status.
fn report(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome:?}"))
}

/// The state of a check of a channel, and its message.
#[track_caller]
fn found(outcome: &Outcome, channel: &str, check: &str) -> (String, String) {
    let report = report(outcome);
    let is_it = |line: &&Value| line["of"].as_str().unwrap().starts_with(channel) && line["check"] == check;
    let line = report["checks"].as_array().unwrap().iter().find(is_it);
    let line = line.unwrap_or_else(|| panic!("{channel} {check}: {report}"));
    (line["state"].as_str().unwrap().to_owned(), line["message"].as_str().unwrap().to_owned())
}

#[track_caller]
fn state(outcome: &Outcome, channel: &str, check: &str) -> String {
    found(outcome, channel, check).0
}

#[test]
fn a_sound_configuration_is_found_to_be_one() {
    let platform = Platform::new();
    let outcome = platform.run(&["doctor"]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{outcome:?}");
    for (channel, checks) in [
        ("wechat-pay", &["merchant", "private key", "APIv3 key", "platform keys", "keys at the platform", "clock"][..]),
        ("mini-program", &["app secret", "secrets at the platform", "clock", "push"]),
        ("virtual-payment", &["AppKey", "secrets at the platform", "clock"]),
        ("allinpay", &["merchant", "private key", "platform key", "keys at the platform", "clock"]),
    ] {
        for check in checks {
            assert_eq!(state(&outcome, channel, check), "ok", "{channel} {check}: {outcome:?}");
        }
    }
    // No URL is registered, and no other channel tells its own.
    let (told, message) = found(&outcome, "wechat-pay", "notification URL");
    assert!(told == "warning" && message.contains("`complaints callback ensure URL`"), "{message}");
    assert_eq!(state(&outcome, "mini-program", "push URL"), "unchecked");
    assert_eq!(state(&outcome, "allinpay", "notification URL"), "unchecked");
    assert_eq!(report(&outcome)["failed"], 0);
    // No complaint is touched.
    let mut asked = platform.operations();
    asked.sort_unstable();
    asked.dedup();
    let harmless = [
        "echo",
        "get_penalty_list",
        "get_stable_token",
        "query_notification_url",
        "wxcomplaintlistquery",
        "xpay_get_complaint_list",
    ];
    assert_eq!(asked, harmless);
}

#[test]
fn one_account_is_examined_alone() {
    let platform = Platform::new();
    let cusid = platform.sandbox.allinpay().cusid;
    let outcome = platform.run(&["doctor", "--account", &cusid]);
    assert_eq!(state(&outcome, "allinpay", "merchant"), "ok");
    assert!(!outcome.stdout.contains("mini-program "), "{outcome:?}");
    assert!(platform.run(&["doctor", "--account", "other"]).refused("config").contains("`complaints init`"));
    let folder = Folder::new();
    folder.write("complaints.toml", "");
    folder.run(&["doctor"]).refused("config");
}

#[test]
fn each_fault_of_the_files_is_told_with_the_others() {
    let platform = Platform::new();
    platform.folder.write("sandbox_apiv3.key", "canary");
    platform.folder.write("sandbox_token", "");
    std::fs::remove_file(platform.folder.path().join("sandbox_allinpay.key")).unwrap();
    let outcome = platform.run(&["doctor"]);
    assert_eq!(outcome.status, 2, "{outcome:?}");
    assert!(outcome.stderr.starts_with("error[config]: 3 of "), "{outcome:?}");
    for (channel, check) in [("wechat-pay", "APIv3 key"), ("mini-program", "push"), ("allinpay", "private key")] {
        assert_eq!(state(&outcome, channel, check), "failed", "{outcome:?}");
    }
    // Nothing is sent with keys that are wrong; the others are tried.
    assert_eq!(state(&outcome, "wechat-pay", "platform"), "unchecked");
    assert_eq!(state(&outcome, "virtual-payment", "secrets at the platform"), "ok");
    assert!(!outcome.stdout.contains("canary") && !outcome.stderr.contains("canary"), "{outcome:?}");
}

#[test]
fn a_key_that_the_platform_refuses_is_told_by_its_code() {
    let platform = Platform::new();
    let stranger = platform.sandbox.add_merchant(Scheme::Rsa).unwrap();
    platform.folder.write("sandbox_merchant_key.pem", &stranger.private_key_pem);
    platform.folder.write("sandbox_app_secret", "canary01canary01canary01canary01");
    let outcome = platform.run(&["doctor"]);
    assert_eq!(outcome.status, 1, "{outcome:?}");
    let (told, message) = found(&outcome, "wechat-pay", "keys at the platform");
    assert!(told == "failed" && message.contains("`serial_no`"), "{message}");
    let (told, message) = found(&outcome, "mini-program", "secrets at the platform");
    assert!(told == "failed" && message.contains("`app_secret_file`") && !message.contains("canary"), "{message}");
    // A certificate beside a key of another pair.
    let (platform, merchant) = (Platform::new(), stranger.certificate_pem);
    platform.folder.write("other.crt", merchant);
    platform.configure("algorithm", "algorithm = \"rsa\"\ncertificate = \"other.crt\"");
    let outcome = platform.run(&["doctor"]);
    assert_eq!((outcome.status, state(&outcome, "wechat-pay", "certificate")), (2, "failed".to_owned()), "{outcome:?}");
}

#[test]
fn certificates_are_fetched_where_no_key_is_configured() {
    let platform = Platform::new();
    platform.sandbox.set_response_signing(Signing::Certificate);
    platform.forget_platform_keys();
    let outcome = platform.run(&["doctor"]);
    assert_eq!((outcome.status, state(&outcome, "wechat-pay", "keys at the platform")), (0, "ok".to_owned()));
}

#[test]
fn webhooks_of_this_program_are_known_for_certain() {
    let platform = Platform::new();
    let listening = Listening::start(&platform.folder, &[]);
    let url = format!("http://{}", listening.address);
    let outcome = platform.run(&["doctor", "--public-url", &format!("{url}/")]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{outcome:?}");
    for channel in ["wechat-pay", "mini-program", "allinpay"] {
        assert_eq!(state(&outcome, channel, "webhook"), "ok", "{outcome:?}");
    }
    let (_, message) = found(&outcome, "allinpay", "notification URL");
    assert!(message.contains(&format!("{url}/allinpay/")), "{message}");
    // The requests are refused, or the console's own, so that they are no messages.
    assert_eq!(listening.stop().stdout, "");

    let outcome = platform.run(&["doctor", "--public-url", &url]);
    assert_eq!((outcome.status, state(&outcome, "wechat-pay", "webhook")), (1, "failed".to_owned()));
    assert!(outcome.stderr.starts_with("error[network]: 3 of "), "{outcome:?}");
    platform.run(&["doctor", "--public-url", "merchant.example"]).refused("usage");
}

#[test]
fn a_webhook_that_verifies_nothing_is_found_out() {
    let platform = Platform::new();
    // It takes everything, and echoes whatever it is asked to.
    let gullible = Service::start(|head| {
        let echo = head.split("echostr=").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default();
        response("200 OK", echo.as_bytes())
    });
    let outcome = platform.run(&["doctor", "--public-url", &gullible.url]);
    assert_eq!(outcome.status, 1, "{outcome:?}");
    for channel in ["wechat-pay", "mini-program", "allinpay"] {
        let (told, message) = found(&outcome, channel, "webhook");
        assert!(told == "failed" && message.contains("false signature"), "{message}");
    }
    let proxy = Service::start(|_| response("403 Forbidden", b"no"));
    let outcome = platform.run(&["doctor", "--public-url", &proxy.url]);
    assert_eq!(state(&outcome, "wechat-pay", "webhook"), "warning");
    assert_eq!(state(&outcome, "mini-program", "webhook"), "failed");
}

#[test]
fn a_url_that_is_registered_is_compared() {
    let platform = Platform::new();
    platform.run(&["callback", "ensure", "https://gone.invalid/notify", "--yes"]).json();
    let outcome = platform.run(&["doctor"]);
    let (told, message) = found(&outcome, "wechat-pay", "notification URL");
    assert!(told == "ok" && message.ends_with("posted to https://gone.invalid/notify"), "{message}");
    // The registered URL is tried; no name server knows it.
    let (told, message) = found(&outcome, "wechat-pay", "webhook");
    assert!(told == "failed" && message.contains("cannot be reached from here"), "{message}");
    let outcome = platform.run(&["doctor", "--public-url", "http://127.0.0.1:1"]);
    let (told, message) = found(&outcome, "wechat-pay", "notification URL");
    assert!(told == "warning" && message.contains("not to http://127.0.0.1:1/wechat-pay"), "{message}");
}

#[test]
fn a_secret_that_other_users_may_read_is_a_warning() {
    use std::os::unix::fs::PermissionsExt as _;

    let platform = Platform::new();
    let path = platform.folder.path().join("sandbox_token");
    for (mode, expected) in
        [(0o600, "ok"), (0o640, "ok"), (0o400, "ok"), (0o644, "warning"), (0o660, "warning"), (0o602, "warning")]
    {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let outcome = platform.run(&["doctor"]);
        let (told, message) = found(&outcome, "secrets", "file modes");
        assert_eq!((outcome.status, told.as_str()), (0, expected), "0{mode:o}: {message}");
        if expected == "warning" {
            assert!(message.contains(&format!("sandbox_token: its mode 0{mode:o} lets others")), "{message}");
        }
    }
}

#[cfg(feature = "serve")]
#[test]
fn a_configuration_that_the_server_refuses_is_not_sound() {
    let platform = Platform::new();
    platform.folder.write("short.secret", "whsec_AAAA");
    platform.folder.write("onward.secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
    let sound = std::fs::read_to_string(platform.folder.path().join("complaints.toml")).unwrap();
    let endpoint =
        |url: &str, secret: &str| format!("{sound}\n[onward]\nurl = \"{url}\"\nsecret_file = \"{secret}\"\n");
    let notice = |url: &str| {
        platform.folder.write(url.replace(['/', ':', '?', '='], "-").as_str(), url);
        let file = url.replace(['/', ':', '?', '='], "-");
        format!("{sound}\n[notice]\nkind = \"wecom\"\nurl_file = \"{file}\"\n")
    };
    let second = |mchid: &str, key: &str| {
        let number = format!("mchid = \"{}\"", platform.sandbox.merchant().mchid);
        let section = sound.split("[[wechat-pay.platform_keys]]").next().unwrap();
        let section = section.replace(&number, &format!("mchid = \"{mchid}\"")).replace("sandbox_apiv3.key", key);
        format!(
            "{}\n{}",
            section.replace("[wechat-pay]", "[[wechat-pay]]"),
            sound.replace("[wechat-pay]", "[[wechat-pay]]")
        )
    };
    platform.folder.write("other_apiv3.key", "0123456789abcdef0123456789abcdef");
    for (of, check, text, is_sound) in [
        ("onward", "endpoint", endpoint("http://127.0.0.1:9000/", "onward.secret"), true),
        ("notice", "recipient", notice("https://qyapi.weixin.qq.com/?key=AAAA"), true),
        ("notice", "recipient", notice("https://shop.example/?key=AAAA"), false),
        ("onward", "endpoint", endpoint("http://127.0.0.1:9000/", "short.secret"), false),
        ("onward", "endpoint", endpoint("http://shop.example/", "onward.secret"), false),
        ("serve", "webhooks", sound.clone(), true),
        ("serve", "webhooks", sound.replace("mode = \"secure\"", "mode = \"plain\""), false),
        ("serve", "webhooks", second("1900000009", "other_apiv3.key"), true),
        ("serve", "webhooks", second("1900000009", "sandbox_apiv3.key"), false),
    ] {
        platform.folder.write("complaints.toml", text);
        let outcome = platform.run(&["doctor"]);
        let (told, message) = found(&outcome, of, check);
        assert_eq!(told, if is_sound { "ok" } else { "failed" }, "{check}: {message}");
        assert!(!outcome.stdout.contains("AAAA"), "{outcome:?}");
    }
}

#[cfg(feature = "serve")]
#[test]
fn the_inbox_is_looked_at_while_it_is_used() {
    let platform = Platform::new();
    let outcome = platform.run(&["doctor"]);
    assert_eq!(state(&outcome, "inbox", "database"), "unchecked");
    assert_eq!(state(&outcome, "serve", "API tokens"), "unchecked");
    assert_eq!(state(&outcome, "serve", "users"), "unchecked");
    assert!(["ok", "warning"].contains(&state(&outcome, "inbox", "disk").as_str()), "{outcome:?}");
    assert!(!platform.folder.path().join("complaints.db").exists());

    let path = platform.folder.path().join("complaints.db");
    let store = complaint_inbox::SqliteStore::open(&path).unwrap();
    let token =
        complaint_server::Tokens::add(platform.folder.path().join("tokens.toml"), "crm", complaint_server::May::Act);
    let outcome = platform.run(&["doctor"]);
    assert_eq!((outcome.status, state(&outcome, "inbox", "database")), (0, "ok".to_owned()), "{outcome:?}");
    assert_eq!(state(&outcome, "serve", "API tokens"), "ok");
    let token = String::from_utf8(token.unwrap().expose().to_vec()).unwrap();
    assert!(!outcome.stdout.contains(&token), "{outcome:?}");
    drop(store);

    std::fs::write(&path, "canary".repeat(1000)).unwrap();
    platform.folder.write("tokens.toml", "canary");
    platform.folder.write("users.toml", "canary");
    let configuration = std::fs::read_to_string(platform.folder.path().join("complaints.toml")).unwrap();
    let onward = "[[onward]]\nurl = \"http://127.0.0.1:9000\"\nsecret_file = \"gone.secret\"\n";
    let replies = "[serve]\nreplies_file = \"gone.toml\"\n";
    platform.folder.write("complaints.toml", format!("{configuration}\n{onward}\n{replies}"));
    let outcome = platform.run(&["doctor"]);
    assert_eq!(outcome.status, 2, "{outcome:?}");
    for (of, check) in [
        ("inbox", "database"),
        ("serve", "API tokens"),
        ("serve", "users"),
        ("serve", "reply templates"),
        ("onward", "endpoint"),
    ] {
        assert_eq!(state(&outcome, of, check), "failed", "{outcome:?}");
    }
    assert!(!outcome.stdout.contains("canary") && !outcome.stderr.contains("canary"), "{outcome:?}");

    let elsewhere = format!("{configuration}\n[inbox]\ndatabase = \"none/complaints.db\"\n");
    platform.folder.write("complaints.toml", elsewhere);
    let (told, message) = found(&platform.run(&["doctor"]), "inbox", "disk");
    assert!(told == "failed" && message.contains("create the folder"), "{message}");
}
