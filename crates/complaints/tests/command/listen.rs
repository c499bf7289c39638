//! `listen`: what the platforms send is verified, printed, and handed on unchanged.
#![cfg(unix)]

use platform_sandbox::{NewAlipayComplaint, PushFormat, PushMode};
use serde_json::Value;

use crate::fixture::Folder;
use crate::listening::{Listening, Service, response};
use crate::platform::Platform;

const COMPLAINT: &str = r#"{"complaint_id":"200201820200101080076610000","action_type":"CREATE_COMPLAINT"}"#;

/// A notification of a complaint, signed now: its headers and its body.
fn notification(platform: &Platform) -> (Vec<(String, String)>, Vec<u8>) {
    let mchid = &platform.sandbox.merchant().mchid;
    let signed = platform.sandbox.signed_resource(mchid, "COMPLAINT.CREATE", COMPLAINT.as_bytes()).unwrap();
    (signed.headers, signed.body)
}

#[test]
fn every_channels_messages_are_verified_and_printed() {
    let platform = Platform::new();
    let mut listening = Listening::start(&platform.folder, &[]);
    let (mchid, appid) = (&platform.sandbox.merchant().mchid, platform.sandbox.mini_program().appid);
    let cusid = platform.sandbox.allinpay().cusid;
    let paths: Vec<_> =
        listening.ready["webhooks"].as_array().unwrap().iter().map(|hook| hook["path"].clone()).collect();
    assert_eq!(paths, ["/wechat-pay".to_owned(), format!("/mini-program/{appid}"), format!("/allinpay/{cusid}")]);

    let (headers, body) = notification(&platform);
    // The registered URL may have any path, and each copy is printed.
    for path in ["/wechat-pay", "/notify/complaints", "/notify/complaints"] {
        assert_eq!(listening.send("POST", path, &headers, &body).status, 204);
        let line = listening.next();
        assert_eq!((&line["channel"], &line["merchant"]), (&Value::from("wechat-pay"), &Value::from(mchid.as_str())));
        assert_eq!((&line["verified"], line.get("forwarded")), (&Value::from(true), None));
        assert!(line["message"].to_string().contains("200201820200101080076610000"), "{line}");
    }

    let message = br#"{"Event":"complaint_callback","complaint_order_id":"8622001","phone_number":"13900001234"}"#;
    let push = platform.sandbox.signed_message(message, PushMode::Secure, PushFormat::Json);
    let target = format!("/mini-program/{appid}?{}", push.query);
    let reply = listening.send("POST", &target, &[], &push.body);
    assert_eq!((reply.status, reply.body.as_slice()), (200, &b"success"[..]));
    let line = listening.next();
    assert_eq!((&line["channel"], &line["merchant"]), (&Value::from("mini-program"), &Value::from(appid)));
    assert!(line["message"].to_string().contains("8622001"), "{line}");

    let new = NewAlipayComplaint::default().with_content("没有收到商品");
    let id = platform.sandbox.file_alipay_complaint(new, &cusid).unwrap();
    let notice = platform.sandbox.signed_notice(&id, None).unwrap();
    let reply = listening.send("POST", &format!("/allinpay/{cusid}"), &[], &notice);
    assert_eq!((reply.status, reply.body.as_slice()), (200, &b"success"[..]));
    assert_eq!(listening.next()["channel"], "allinpay");

    let end = listening.stop();
    assert_eq!((end.status, end.stdout.as_str(), end.stderr.as_str()), (0, "", ""));
}

#[test]
fn a_forgery_is_refused_and_neither_printed_nor_handed_on() {
    let platform = Platform::new();
    let service = Service::start(|_| response("204 No Content", b""));
    let listening = Listening::start(&platform.folder, &["--forward-to", &service.url]);
    let (headers, mut body) = notification(&platform);
    body.push(b' ');
    let reply = listening.send("POST", "/wechat-pay", &headers, &body);
    assert_eq!(reply.status, 401);
    assert!(String::from_utf8(reply.body).unwrap().contains("the signature is not accepted"));
    assert_eq!(listening.send("GET", "/wechat-pay", &[], b"").status, 405);
    assert_eq!(listening.send("POST", "/mini-program/other", &[], b"{}").status, 404);
    // The next genuine message is the first that the service gets.
    let (headers, genuine) = notification(&platform);
    assert_eq!(listening.send("POST", "/wechat-pay", &headers, &genuine).status, 204);
    assert_eq!(service.next().1, genuine);
    let end = listening.stop();
    assert_eq!((end.status, end.stdout.lines().count()), (0, 1), "{end:?}");
    assert_eq!(end.stderr.lines().filter(|line| line.starts_with("refused a ")).count(), 3, "{end:?}");
    assert!(end.stderr.contains("refused a notification: not proven to be a message for this receiver"), "{end:?}");
}

#[test]
fn the_request_is_handed_on_unchanged_and_the_response_back() {
    let platform = Platform::new();
    let service = Service::start(|_| response("503 Service Unavailable", "稍后".as_bytes()));
    let mut listening = Listening::start(&platform.folder, &["--forward-to", &service.url]);
    let (mut headers, body) = notification(&platform);
    headers.push(("X-Twice".to_owned(), "one".to_owned()));
    headers.push(("X-Twice".to_owned(), "two".to_owned()));
    let reply = listening.send("POST", "/notify/complaints?a=%20b", &headers, &body);
    assert_eq!((reply.status, reply.body.as_slice()), (503, "稍后".as_bytes()));
    assert!(reply.head.to_ascii_lowercase().contains("x-service: shop"), "{reply:?}");
    let (head, handed_on) = service.next();
    assert!(head.starts_with("POST /notify/complaints?a=%20b HTTP/1.1\r\n"), "{head}");
    assert_eq!(handed_on, body);
    for (name, value) in &headers {
        let line = format!("{}: {value}", name.to_ascii_lowercase());
        let is_it = |other: &str| {
            other
                .split_once(": ")
                .is_some_and(|(name, value)| format!("{}: {value}", name.to_ascii_lowercase()) == line)
        };
        assert!(head.lines().any(is_it), "{line}: {head}");
    }
    let host = format!("host: {}", service.url.strip_prefix("http://").unwrap());
    assert!(head.to_ascii_lowercase().contains(&host), "{head}");
    assert_eq!(listening.next()["forwarded"], 503);
    assert_eq!(listening.ready["forward_to"], service.url);
}

#[test]
fn a_response_is_bounded_and_without_one_the_platform_retries() {
    const MAX: usize = 64 * 1024;

    let platform = Platform::new();
    let large = |bytes: usize| Service::start(move |_| response("200 OK", &vec![b'x'; bytes]));
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (url, status) in [(large(MAX).url, 200), (large(MAX + 1).url, 500), (format!("http://{gone}"), 500)] {
        let mut listening = Listening::start(&platform.folder, &["--forward-to", &url]);
        let (headers, body) = notification(&platform);
        let reply = listening.send("POST", "/wechat-pay", &headers, &body);
        assert_eq!(reply.status, status, "{url}");
        assert!(reply.body.len() == MAX || status != 200);
        // It is printed all the same.
        let line = listening.next();
        assert_eq!(line.get("forwarded").and_then(Value::as_u64), (status == 200).then_some(200), "{line}");
        let end = listening.stop();
        assert_eq!(end.stderr.contains("the service of --forward-to gave no response"), status != 200, "{end:?}");
    }
}

#[test]
fn tls_is_that_of_the_server() {
    let platform = Platform::new();
    let configuration = platform.folder.path().join("complaints.toml");
    let text = std::fs::read_to_string(&configuration).unwrap();
    let serve = "[serve]\ntls_certificate = \"sandbox_webhook.pem\"\ntls_key = \"sandbox_webhook.key\"\n";
    platform.folder.write("complaints.toml", format!("{text}\n{serve}"));
    let mut listening = Listening::start(&platform.folder, &[]);
    assert!(listening.ready["listening"].as_str().unwrap().starts_with("https://127.0.0.1:"));
    let url = format!("https://merchant.example:{}/wechat-pay", listening.address.port());
    platform.run(&["callback", "ensure", &url, "--yes"]).json();
    let id = platform.sandbox.file_complaint(platform_sandbox::NewComplaint::default());
    assert!(listening.next()["message"].to_string().contains(&id));
    // A key that is none.
    platform.folder.write("sandbox_webhook.key", "canary");
    let refused = platform.run(&["listen", "--address", "127.0.0.1:0"]);
    assert!(refused.refused("config").contains("tls_key") && !refused.stderr.contains("canary"), "{refused:?}");
}

#[test]
fn what_cannot_receive_is_refused_before_it_listens() {
    let folder = Folder::new();
    folder.write("complaints.toml", "");
    assert!(folder.run(&["listen"]).refused("config").contains("no section can receive"));
    let platform = Platform::new();
    for url in ["127.0.0.1:9000", "http://a.example/?b=c"] {
        let refused = platform.run(&["listen", "--address", "127.0.0.1:0", "--forward-to", url]);
        assert!(refused.refused("usage").contains("--forward-to must be"), "{refused:?}");
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let refused = platform.run(&["listen", "--address", &taken.local_addr().unwrap().to_string()]);
    assert!(refused.refused("usage").contains("choose another --address"), "{refused:?}");
}
