//! `serve`, `token` and `onward`, as processes.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use platform_sandbox::{Fault, FaultKind, NewComplaint};
use serde_json::{Value, json};

use crate::fixture::Folder;
use crate::platform::Platform;
use crate::served::{Served, refused, wait_for};

const TRIAL: [&str; 4] = ["serve", "--sandbox", "--folder", "trial"];

fn read(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap()
}

fn members(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The complaints of the list that were read, by their numbers.
fn listed(served: &Served, token: &str) -> Vec<(String, String)> {
    let (status, page) = served.get("/api/complaints?limit=200", token);
    assert_eq!(status, 200, "{page}");
    let read = page["complaints"].as_array().unwrap().iter().filter(|row| !row["read_at"].is_null());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut rows: Vec<_> = read.map(|row| (text(&row["channel"]), text(&row["id"]))).collect();
    rows.sort();
    rows
}

#[test]
fn the_sandbox_and_its_inbox_go_on_after_a_kill() {
    let folder = Folder::new();
    let served = Served::start(&folder, &TRIAL);
    assert_eq!(members(&served.ready), ["api_token_file", "database", "desk", "sandbox", "webhooks"].into());
    assert!(served.ready["webhooks"].as_str().unwrap().starts_with("https://127.0.0.1:"));
    assert_eq!(served.ready["api_token_file"], "trial/api.token");
    for name in ["trial/api.token", "trial/tokens.toml", "trial/complaints.db", "trial/sandbox.json"] {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let token = read(&folder, "trial/api.token");
    // Pushes tell of three channels, the sweep of the fourth.
    let before = wait_for(|| Some(listed(&served, &token)).filter(|rows| rows.len() == 5));
    let channels: BTreeSet<&str> = before.iter().map(|(channel, _)| channel.as_str()).collect();
    assert_eq!(channels, ["allinpay", "mini-program", "virtual-payment", "wechat-pay"].into());

    let (_, page) = served.get("/api/complaints?channel=wechat-pay", &token);
    let complaint = page["complaints"].as_array().unwrap().iter().find(|row| row["amount"] == 2990).unwrap();
    let id = complaint["id"].as_str().unwrap();
    let path = format!("/api/complaints/wechat-pay/{}/{id}", complaint["merchant"].as_str().unwrap());
    let (bearer, version) = (format!("Bearer {token}"), format!("\"{}\"", complaint["version"]));
    let ask = [("Authorization", &*bearer), ("Idempotency-Key", "reply-1"), ("If-Match", &version)];
    let asked = served.request(&format!("POST {path}/acts"), &ask, r#"{"reply":{"text":"已收到"}}"#);
    assert_eq!(asked.0, 202, "{asked:?}");
    let state = |served: &Served| served.get("/api/acts/reply-1", &token).1["state"].as_str().unwrap().to_owned();
    wait_for(|| (state(&served) == "done").then_some(()));
    // Pictures are fetched, and the telephone number is decrypted.
    let shown = served.request(&format!("POST {path}/phone"), &ask[..1], "");
    assert_eq!(shown, (200, json!({"phone": "13900001234"})));
    let picture = format!("GET {}/1", path.replacen("complaints", "pictures", 1));
    let same = [("Authorization", &*bearer), ("If-None-Match", "*")];
    wait_for(|| (served.request(&picture, &same, "").0 == 304).then_some(()));
    let feed = |served: &Served| served.get("/api/events?after=0&wait=0", &token).1["events"].clone();
    let told = feed(&served);
    let old_desk = served.ready["desk"].clone();
    served.signal("-KILL");
    let (_, log) = served.end();
    assert!(!log.contains("重复扣费") && !log.contains("13900001234") && !log.contains(token.trim()), "{log}");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // The simulated platforms log what they receive and what they send.
    for direction in ["received", "sent"] {
        assert!(lines.iter().any(|line| line["direction"] == direction), "{direction}: {log}");
    }

    let served = Served::start(&folder, &TRIAL);
    assert_ne!(served.ready["desk"], old_desk);
    assert_eq!(read(&folder, "trial/api.token"), token);
    assert_eq!((listed(&served, &token), state(&served)), (before.clone(), "done".to_owned()));
    let (told, now) = (told.as_array().unwrap(), feed(&served));
    assert_eq!(now.as_array().unwrap()[..told.len()], told[..]);
    // The merchant's key is as before: it opens what the platform encrypted for it then.
    let phone = served.request(&format!("POST {path}/phone"), &ask[..1], "");
    assert!(phone.0 == 200 && phone.1.to_string().contains("13900001234"), "{}", phone.0);
    // The same request again is the same act, and the platform has one reply.
    assert_eq!(served.request(&format!("POST {path}/acts"), &ask, r#"{"reply":{"text":"已收到"}}"#).0, 202);
    let history = folder.run(&["--config", "trial/complaints.toml", "history", id]).json();
    let replies = history["data"].as_array().unwrap().iter();
    assert_eq!(replies.filter(|entry| entry["operate_type"] == "MERCHANT_RESPONSE").count(), 1, "{history}");

    // One process serves the folder.
    for arguments in [&TRIAL[..], &["sandbox", "--folder", "trial"]] {
        let second = folder.run(arguments);
        assert!(second.refused("usage").contains("another process serves this folder"), "{second:?}");
    }
    served.signal("-TERM");
    assert_eq!(served.end().0.code(), Some(0));

    // Without its inbox, the server hears of every complaint again: of those on no list by a push.
    let all = before.len();
    for name in ["complaints.db", "complaints.db-wal", "complaints.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join("trial").join(name));
    }
    let served = Served::start(&folder, &TRIAL);
    wait_for(|| (listed(&served, &token).len() == all).then_some(()));
}

#[test]
fn an_edited_configuration_stays_after_a_start_that_was_killed() {
    let folder = Folder::new();
    let served = Served::start(&folder, &TRIAL);
    let before = served.ready["sandbox"].as_str().unwrap().to_owned();
    served.signal("-KILL");
    served.end();
    // What a start leaves that is killed before it writes the configuration, and the next one after
    // it filed complaints of some channels.
    let memory = read(&folder, "trial/sandbox.json").replace(&before, "https://127.0.0.1:1");
    folder.write("trial/sandbox.json", memory);
    std::fs::remove_file(folder.path().join("trial/sandbox.filed")).unwrap();
    let text = read(&folder, "trial/complaints.toml").replace("[serve]\n", "[serve]  # my ports\n");
    let (kept, _) = text.split_once("[inbox]").unwrap();
    folder.write("trial/complaints.toml", kept);

    let served = Served::start(&folder, &TRIAL);
    let now = read(&folder, "trial/complaints.toml");
    let inbox = "[inbox]\ndatabase = \"complaints.db\"\n";
    let moved = kept.replace(&before, served.ready["sandbox"].as_str().unwrap());
    assert_eq!(now, format!("{moved}\n{inbox}"));
    let token = read(&folder, "trial/api.token");
    wait_for(|| (listed(&served, &token).len() == 10).then_some(()));
}

/// A configuration with these sections of the server, and a token that may read.
fn configured(sections: &str) -> (Platform, String) {
    let platform = Platform::new();
    let text = read(&platform.folder, "complaints.toml");
    let addresses =
        if sections.contains("[serve]") { "" } else { "[serve]\nwebhooks = \"127.0.0.1:0\"\ndesk = \"127.0.0.1:0\"\n" };
    platform.folder.write("complaints.toml", format!("{text}\n{addresses}{sections}"));
    let token = platform.run(&["token", "add", "reader", "--may", "read"]).json();
    (platform, token["token"].as_str().unwrap().to_owned())
}

#[test]
fn a_server_is_ready_reads_its_files_again_and_stops() {
    let (platform, token) = configured("[inbox]\ndatabase = \"inbox.db\"\n");
    let served = Served::start(&platform.folder, &["serve"]);
    assert_eq!(members(&served.ready), ["database", "desk", "webhooks"].into());
    assert!(served.ready["webhooks"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert_eq!(served.ready["database"], "inbox.db");
    assert_eq!(served.request("GET /readyz", &[], "").0, 200);
    assert_eq!(served.get("/api/complaints", &token).0, 200);
    let outcome = platform.run(&["serve"]);
    assert!(refused(&outcome, "config").contains("another process has this inbox"), "{outcome:?}");

    let crm = platform.run(&["token", "add", "crm", "--may", "act"]).json()["token"].as_str().unwrap().to_owned();
    assert_eq!(served.get("/api/complaints", &crm).0, 401);
    served.signal("-HUP");
    wait_for(|| (served.get("/api/complaints", &crm).0 == 200).then_some(()));

    // A broken file changes nothing, and the log says so.
    let (text, tokens) = (read(&platform.folder, "complaints.toml"), read(&platform.folder, "tokens.toml"));
    platform.folder.write("complaints.toml", format!("{text}[wechat-bay]\n"));
    platform.folder.write("tokens.toml", "[[token]]\nname = \"canary\"\n");
    served.signal("-HUP");
    let faults = wait_for(|| {
        let log = served.log();
        let faults: Vec<Value> = log
            .lines()
            .filter(|line| line.contains("everything is as before"))
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        (faults.len() == 2).then_some(faults)
    });
    let reason = |at: usize| faults[at]["reason"].as_str().unwrap();
    assert!(reason(0).contains("unknown field `wechat-bay`") && reason(1).contains("tokens.toml"), "{faults:?}");
    assert!(!served.log().contains("canary"));
    assert_eq!(served.get("/api/complaints", &crm).0, 200);
    // A token whose lines were removed is refused.
    platform.folder.write("complaints.toml", text);
    platform.folder.write("tokens.toml", tokens.split("[[token]]").take(2).collect::<Vec<_>>().join("[[token]]"));
    served.signal("-HUP");
    wait_for(|| (served.get("/api/complaints", &crm).0 == 401).then_some(()));
    assert_eq!(served.get("/api/complaints", &token).0, 200);

    served.signal("-INT");
    assert_eq!(served.end().0.code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_low_limit_of_open_files_is_raised() {
    let (platform, _) = configured("");
    for arguments in ["serve", "listen --address 127.0.0.1:0"] {
        let script = format!("ulimit -S -n 256 && exec {} {arguments}", env!("CARGO_BIN_EXE_complaints"));
        let mut child = std::process::Command::new("sh")
            .args(["-c", &script])
            .current_dir(platform.folder.path())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut String::new()).unwrap();
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let limit = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
        let soft: u64 = limit.split_whitespace().nth(3).unwrap().parse().unwrap();
        assert!(soft > 256, "{arguments}: {limit}");
    }
}

#[test]
fn an_act_in_hand_is_finished_unless_it_is_stopped_again() {
    let (platform, _) = configured("");
    let id = platform.sandbox.file_complaint(NewComplaint::default());
    platform
        .sandbox
        .inject(Fault::once(FaultKind::SlowResponse(Duration::from_secs(600))).on_named("respond").unwrap());
    let token =
        platform.run(&["token", "add", "operator", "--may", "act"]).json()["token"].as_str().unwrap().to_owned();
    let served = Served::start(&platform.folder, &["serve"]);
    let path = format!("/api/complaints/wechat-pay/{}/{id}", platform.sandbox.merchant().mchid);
    let read = |document: Value| document["version"].as_i64().filter(|_| !document["read_at"].is_null());
    let version = wait_for(|| read(served.get(&path, &token).1));
    let (bearer, version) = (format!("Bearer {token}"), format!("\"{version}\""));
    let ask = [("Authorization", &*bearer), ("Idempotency-Key", "1"), ("If-Match", &version)];
    assert_eq!(served.request(&format!("POST {path}/acts"), &ask, r#"{"reply":{"text":"您好"}}"#).0, 202);
    wait_for(|| platform.operations().contains(&"respond").then_some(()));
    served.signal("-TERM");
    wait_for(|| served.log().contains("stopping: ").then_some(()));
    served.signal("-TERM");
    let (status, log) = served.end();
    assert_eq!(status.code(), Some(1));
    assert!(log.lines().last().unwrap().starts_with("error[network]: stopped before the work in hand"), "{log}");
}

#[test]
fn a_configuration_with_a_fault_starts_nothing() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let taken = taken.local_addr().unwrap();
    let (platform, _) = configured("");
    let text = read(&platform.folder, "complaints.toml");
    platform.folder.write("other.db", "no database");
    platform.folder.write("short.secret", "whsec_AAAA");
    for (from, to, words) in [
        (
            "desk = \"127.0.0.1:0\"",
            "desk = \"localhost\"",
            "[serve]: `desk` must be an IP address and a port".to_owned(),
        ),
        (
            "desk = \"127.0.0.1:0\"",
            &format!("desk = \"{taken}\""),
            format!("cannot listen on {taken}, which `desk` names"),
        ),
        (
            "[serve]",
            "[serve]\napi_tokens_file = \"gone.toml\"",
            "`complaints token add NAME --may read` makes one".to_owned(),
        ),
        (
            "[serve]",
            "[serve]\ntls_certificate = \"sandbox_root.pem\"",
            "[serve] needs tls_key beside tls_certificate".to_owned(),
        ),
        (
            "[serve]",
            "[serve]\ntls_certificate = \"sandbox_root.pem\"\ntls_key = \"sandbox_token\"",
            "`tls_certificate` and `tls_key`: no readable private key".to_owned(),
        ),
        ("[serve]", "[inbox]\ndatabase = \"other.db\"\n[serve]", "this file is no inbox; name another file".to_owned()),
        ("[serve]", "[inbox]\nkeep_days = 0\n[serve]", "`keep_days` must be 30 to 36500".to_owned()),
        (
            "[serve]",
            "[onward]\nsecret_file = \"short.secret\"\n[serve]",
            "it is `secret_file` of [[onward]] onward".to_owned(),
        ),
        ("mode = \"secure\"", "mode = \"plain\"", "are not signed".to_owned()),
    ] {
        platform.folder.write("complaints.toml", text.replacen(from, to, 1));
        let outcome = platform.run(&["serve"]);
        assert!(refused(&outcome, "config").contains(&words), "{words}: {outcome:?}");
    }
    platform.folder.write("complaints.toml", "[serve]\n");
    let outcome = platform.run(&["serve"]);
    assert!(outcome.refused("config").contains("has no merchant and no application"), "{outcome:?}");
    let outcome = platform.run(&["serve", "--config", "gone.toml"]);
    assert!(outcome.refused("config").contains("--config FILE"), "{outcome:?}");
    platform.run(&["serve", "--folder", "trial"]).refused("usage");
    // A folder with a merchant's own configuration is spared.
    let outcome = Folder::configured().run(&["serve", "--sandbox", "--folder", "."]);
    assert!(outcome.refused("usage").contains("--folder"), "{outcome:?}");
}

#[test]
fn a_token_is_printed_once_and_kept_as_a_hash() {
    let folder = Folder::new();
    folder.write("complaints.toml", "[serve]\napi_tokens_file = \"desk.toml\"\n");
    let made = folder.run(&["token", "add", "crm", "--may", "act"]).json();
    assert_eq!((&made["name"], &made["may"]), (&json!("crm"), &json!("act")));
    let token = made["token"].as_str().unwrap();
    assert!(token.starts_with("complaints_") && token.len() > 40, "{made}");
    let file = read(&folder, "desk.toml");
    assert!(file.contains("name = \"crm\"\nmay = \"act\"\n") && !file.contains(token), "{file}");
    let mode = std::fs::metadata(folder.path().join("desk.toml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let outcome = folder.run(&["token", "add", "crm", "--may", "read"]);
    assert!(outcome.refused("config").contains("there is a token crm"), "{outcome:?}");
    folder.run(&["token", "add", "a/b", "--may", "read"]).refused("config");
    folder.run(&["token", "add", "another"]).refused("usage");
    folder.run(&["token", "add", "another", "--may", "write"]).refused("usage");
    assert_eq!(read(&folder, "desk.toml"), file);
}

/// Accepts what is handed on: the ids, as they arrive.
fn receiver() -> (u16, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (told, ids) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut length, mut id) = (0, String::new());
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                let Some((name, value)) = line.trim().split_once(": ") else {
                    if line.trim().is_empty() { break } else { continue }
                };
                match name.to_ascii_lowercase().as_str() {
                    "content-length" => length = value.parse().unwrap(),
                    "webhook-id" => id = value.to_owned(),
                    _ => {}
                }
            }
            stream.read_exact(&mut vec![0; length]).unwrap();
            let response = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
            stream.get_mut().write_all(response.as_bytes()).unwrap();
            if told.send(id).is_err() {
                break;
            }
        }
    });
    (port, ids)
}

#[test]
fn events_are_handed_on_and_replayed() {
    let (port, ids) = receiver();
    let section =
        format!("[onward]\nname = \"shop\"\nurl = \"http://127.0.0.1:{port}/in\"\nsecret_file = \"shop.secret\"\n");
    let (platform, reader) = configured(&section);
    platform.folder.write("shop.secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
    platform.sandbox.file_complaint(NewComplaint::default());
    let token = platform.run(&["token", "add", "operator", "--may", "act"]).json();
    platform.folder.write("operator.token", token["token"].as_str().unwrap());
    platform.folder.write("reader.token", &reader);
    let served = Served::start(&platform.folder, &["serve"]);
    let first = ids.recv_timeout(Duration::from_secs(300)).unwrap();
    assert!(first.starts_with("evt_"), "{first}");

    let desk = served.ready["desk"].as_str().unwrap();
    let replay = |more: &[&str]| platform.run(&[&["onward", "replay"], more, &["--desk", desk]].concat());
    let operator = ["--token-file", "operator.token"];
    assert_eq!(replay(&[&["shop", "--dead"], &operator[..]].concat()).json(), json!({"events": 0}));
    let replayed = replay(&[&["shop", "--after", "0"], &operator[..]].concat()).json();
    assert!(replayed["events"].as_u64().unwrap() >= 1, "{replayed}");
    wait_for(|| ids.try_recv().ok().filter(|id| *id == first));
    let outcome = replay(&["shop", "--dead", "--token-file", "reader.token"]);
    assert!(outcome.refused("rejected").contains("403 (may-not-act)"), "{outcome:?}");
    let outcome = replay(&[&["another", "--dead"], &operator[..]].concat());
    assert!(outcome.refused("rejected").contains("404 (not-found)"), "{outcome:?}");
    replay(&[&["shop"], &operator[..]].concat()).refused("usage");
    replay(&[&["shop", "--dead", "--after", "1"], &operator[..]].concat()).refused("usage");
    let forget = |name: &str| platform.run(&[&["onward", "forget", name, "--desk", desk], &operator[..]].concat());
    let outcome = forget("shop");
    assert!(outcome.refused("rejected").contains("409 (configured)"), "{outcome:?}");
    let outcome = forget("another");
    assert!(outcome.refused("rejected").contains("404 (not-found)"), "{outcome:?}");
    for desk in ["http://desk.example", "http://192.0.2.1:8080", "desk.example", "ftp://127.0.0.1"] {
        let outcome = platform.run(&[&["onward", "replay", "shop", "--dead", "--desk", desk], &operator[..]].concat());
        assert!(outcome.refused("usage").contains("--desk must be https://"), "{outcome:?}");
    }
    // Any free port is in the configuration.
    let outcome = platform.run(&[&["onward", "replay", "shop", "--dead"], &operator[..]].concat());
    assert!(outcome.refused("usage").contains("--desk"), "{outcome:?}");
    // Under a new name it is a new endpoint; the old one keeps its events until it is forgotten.
    platform.configure("secret_file = \"shop.secret\"", "secret_file = \"gone.secret\"");
    served.signal("-HUP");
    wait_for(|| served.log().contains("everything is as before").then_some(()));
    assert!(forget("shop").refused("rejected").contains("409 (configured)"));
    platform.configure("secret_file = \"gone.secret\"", "secret_file = \"shop.secret\"");
    platform.configure("name = \"shop\"", "name = \"store\"");
    served.signal("-HUP");
    wait_for(|| ids.try_recv().ok().filter(|id| *id == first));
    let told = wait_for(|| served.log().lines().find(|line| line.contains("no longer configured")).map(str::to_owned));
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap()["endpoint"], "shop");
    assert_eq!(forget("shop").json(), json!({"forgotten": "shop"}));
    assert!(forget("shop").refused("rejected").contains("404 (not-found)"));
    assert!(forget("store").refused("rejected").contains("409 (configured)"));
    served.signal("-TERM");
    let (status, log) = served.end();
    assert_eq!(status.code(), Some(0));
    assert!(!log.contains("whsec_") && !log.contains("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    let outcome = platform
        .run(&[&["onward", "replay", "shop", "--dead", "--desk", "http://127.0.0.1:9"], &operator[..]].concat());
    assert!(outcome.refused("network").contains("check that the server runs"), "{outcome:?}");
}
