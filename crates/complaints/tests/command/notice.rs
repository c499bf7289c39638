//! `notice`, as a process, before a robot on loopback.
#![cfg(all(unix, feature = "serve"))]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use serde_json::{Value, json};

use crate::fixture::Folder;

/// A robot that responds once, and returns the request.
fn robot(response: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/cgi-bin/webhook/send?key=canary", listener.local_addr().unwrap());
    let serving = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"}}") {
            let mut part = [0; 4096];
            let read = connection.read(&mut part).unwrap();
            assert_ne!(read, 0, "{request:?}");
            request.extend(&part[..read]);
        }
        write!(
            connection,
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{response}",
            response.len()
        )
        .unwrap();
        String::from_utf8(request).unwrap()
    });
    (url, serving)
}

fn configured(url: &str) -> Folder {
    let folder = Folder::new();
    folder.write("robot.url", url);
    folder.write(
        "complaints.toml",
        "[[notice]]\nname = \"group\"\nkind = \"wecom\"\nurl_file = \"robot.url\"\nevents = [\"overdue\"]\n\
         near_hours = [6, 1]\n[[notice]]\nname = \"log\"\nkind = \"command\"\ncommand = [\"/bin/cat\"]\n",
    );
    folder
}

#[test]
fn a_robot_is_sent_a_test_message() {
    let (url, serving) = robot(r#"{"errcode":0,"errmsg":"ok"}"#);
    let outcome = configured(&url).run(&["notice", "test", "group"]);
    let told: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((&told[0]["name"], &told[0]["told"], outcome.status), (&json!("group"), &json!(true), 0), "{outcome:?}");
    let request = serving.join().unwrap();
    assert!(request.starts_with("POST /cgi-bin/webhook/send?key=canary HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(r#""content":"投诉通知：这是一条测试消息""#), "{request}");
}

#[test]
fn a_refusal_is_told_in_the_platforms_words() {
    let (url, serving) = robot(r#"{"errcode":93000,"errmsg":"invalid webhook url, hint: canary"}"#);
    let outcome = configured(&url).run(&["notice", "test", "group"]);
    let told: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((&told[0]["told"], &told[0]["response"]), (&json!(false), &json!("93000 invalid webhook url")));
    let error = "error[rejected]: [[notice]] group was not told: 93000 invalid webhook url;";
    assert!(outcome.status == 1 && outcome.stderr.starts_with(error), "{outcome:?}");
    assert!(!format!("{outcome:?}").contains("canary"));
    serving.join().unwrap();
}

#[test]
fn recipients_are_listed_and_examined_without_their_urls() {
    let folder = configured("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=canary");
    let listed = folder.run(&["notice", "list"]);
    let notices: Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(
        notices[0],
        json!({"name": "group", "kind": "wecom", "language": "zh", "events": ["overdue"], "near_hours": [6, 1], "with_text": false})
    );
    assert_eq!(notices[1]["kind"], "command");
    assert!(!listed.stdout.contains("canary"));
    assert!(folder.run(&["notice", "test", "other"]).refused("usage").contains("no [[notice]] other, but: group, log"));
    folder.write("complaints.toml", "[serve]\n");
    assert!(folder.run(&["notice", "test"]).refused("config").contains("has no [[notice]]"));
    folder.write("complaints.toml", "[[notice]]\nkind = \"wecom\"\n");
    assert!(folder.run(&["notice", "test"]).refused("config").contains("[notice] needs url_file"));
}
