//! The admin interface refuses members and values that it does not know, and says which.
#![cfg(any(feature = "aws-lc-rs", feature = "ring"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test's helpers fail by panicking")]

mod common;

use common::{Client, started};
use platform_sandbox::{NewAlipayComplaint, NewComplaint, NewOrderComplaint, Sandbox};
use serde_json::{Value, json};

struct Admin {
    sandbox: Sandbox,
    client: Client,
}

impl Admin {
    async fn new() -> Self {
        let sandbox = started(1.0).await;
        Self { client: Client::new(&sandbox), sandbox }
    }

    async fn send(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/sandbox/{path}", self.sandbox.base_url());
        let request = http::Request::builder().method(method).uri(url).body(body.to_string().into());
        let response = self.client.http.send(request.unwrap()).await.unwrap();
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
    }

    /// The code and the message of a refusal with status 400.
    async fn refused(&self, method: &str, path: &str, body: Value) -> (String, String) {
        let (status, refusal) = self.send(method, path, &body).await;
        assert_eq!(status, 400, "{method} {path} {body}: {refusal}");
        let text = |name: &str| refusal[name].as_str().unwrap().to_owned();
        (text("code"), text("message"))
    }
}

#[tokio::test]
async fn every_path_refuses_an_unknown_member() {
    let admin = Admin::new().await;
    let id = admin.sandbox.file_complaint(NewComplaint::default());
    let order = admin.sandbox.file_order_complaint(NewOrderComplaint::default());
    let cusid = admin.sandbox.allinpay().cusid;
    let alipay = admin.sandbox.file_alipay_complaint(NewAlipayComplaint::default(), &cusid).unwrap();
    let history = admin.sandbox.history(&id);
    for (method, path, mut body) in [
        ("POST", "complaints".to_owned(), json!({})),
        ("POST", format!("complaints/{id}/messages"), json!({"text": "x"})),
        ("POST", format!("complaints/{id}/continue"), json!({"text": "x"})),
        ("POST", format!("complaints/{id}/refund-received"), json!({})),
        ("POST", "violations".to_owned(), json!({})),
        ("POST", "virtual-payment/complaints".to_owned(), json!({})),
        ("POST", "virtual-payment/restrictions".to_owned(), json!({})),
        ("POST", "mini-program/push".to_owned(), json!({"url": "https://a.example", "mode": "plain", "format": "xml"})),
        ("POST", "mini-program/complaints".to_owned(), json!({})),
        ("POST", format!("mini-program/complaints/{order}/messages"), json!({"text": "x"})),
        ("POST", format!("mini-program/complaints/{order}/status"), json!({"status": 206})),
        ("POST", format!("mini-program/complaints/{order}/appeal-state"), json!({"state": 401})),
        ("POST", "mini-program/expire-tokens".to_owned(), json!({})),
        ("POST", "allinpay/complaints".to_owned(), json!({})),
        ("POST", format!("allinpay/complaints/{id}/messages"), json!({"text": "x"})),
        ("POST", "allinpay/alipay-complaints".to_owned(), json!({})),
        ("POST", format!("allinpay/alipay-complaints/{alipay}/status"), json!({"status": "PROCESSED"})),
        ("POST", "allinpay/notice-url".to_owned(), json!({"url": "https://a.example"})),
        ("POST", "faults".to_owned(), json!({"kind": "probe"})),
        ("GET", "notifications".to_owned(), json!({})),
        ("GET", format!("complaints/{id}/history"), json!({})),
        ("GET", "stories".to_owned(), json!({})),
        ("POST", "stories/complaint".to_owned(), json!({})),
        ("GET", "pushes".to_owned(), json!({})),
        ("GET", "notices".to_owned(), json!({})),
        ("GET", "requests".to_owned(), json!({})),
        ("GET", "configuration".to_owned(), json!({})),
    ] {
        body["colour"] = json!("red");
        let (code, message) = admin.refused(method, &path, body).await;
        assert_eq!(code, "unknown-member", "{path}");
        assert!(message.contains("colour") && !message.contains("red"), "{path}: {message}");
    }
    // A refused request changes nothing.
    assert_eq!(admin.sandbox.history(&id), history);
    assert_eq!(admin.sandbox.alipay_complaint(&alipay).unwrap()["status"], "WAIT_PROCESS");
    assert_eq!(admin.sandbox.order_complaint(&order).unwrap()["complaintOrder"]["status"], 201);
}

#[tokio::test]
async fn a_fault_refuses_unknown_names_and_says_the_known_ones() {
    let admin = Admin::new().await;
    let (code, message) = admin.refused("POST", "faults", json!({"kind": "flood"})).await;
    assert_eq!(code, "unknown-value");
    let (words, known) = message.split_once("; it takes ").unwrap();
    assert_eq!(words, "the member kind has the unknown value \"flood\"");
    // Every kind in the list is one.
    let known: Vec<_> = known.split(", ").collect();
    assert_eq!(known.len(), 46);
    for kind in known {
        let body = match kind {
            "body" => json!({"kind": kind, "body": "{}"}),
            "handle_state" => json!({"kind": kind, "state": "0000"}),
            _ => json!({"kind": kind}),
        };
        assert_eq!(admin.send("POST", "faults", &body).await, (200, json!({})), "{kind}");
    }
    let (code, message) = admin.refused("POST", "faults", json!({"kind": "probe", "on": "response"})).await;
    assert_eq!(code, "unknown-operation");
    for name in ["response", "any", "respond", "get_token", "appeal", "complaintsResp"] {
        assert!(message.contains(name), "{message}");
    }
    for on in ["any", "respond", "get_token", "complaintsResp"] {
        assert_eq!(admin.send("POST", "faults", &json!({"kind": "probe", "on": on})).await.0, 200, "{on}");
    }
}

#[tokio::test]
async fn a_member_belongs_to_its_kind_and_keeps_its_bounds() {
    let admin = Admin::new().await;
    for (body, expected, named) in [
        (json!({"kind": "drop_connection", "millis": 5}), "unknown-member", "millis"),
        (json!({"kind": "notification_probe", "times": 2}), "unknown-member", "times"),
        (json!({"kind": "push_stale", "copies": 2}), "unknown-member", "copies"),
        (json!({"kind": "slow_body", "millis": "5"}), "invalid-member", "millis"),
        (json!({"kind": "slow_body", "millis": 3_600_001}), "invalid-member", "millis"),
        (json!({"kind": "oversize_body", "bytes": (256 << 20) + 1}), "invalid-member", "bytes"),
        (json!({"kind": "gateway_html", "status": 199}), "invalid-member", "status"),
        (json!({"kind": "empty_body", "status": 600}), "invalid-member", "status"),
        (json!({"kind": "rate_limited", "signed": 1}), "invalid-member", "signed"),
        (json!({"kind": "probe", "times": 0}), "invalid-member", "times"),
        (json!({"kind": "probe", "times": 1_u64 << 32}), "invalid-member", "times"),
        (json!({"kind": "probe", "after_effect": "yes"}), "invalid-member", "after_effect"),
        (json!({"kind": "probe", "on": null}), "invalid-member", "on"),
        (json!({"kind": "push_duplicate_at_once", "copies": 65}), "invalid-member", "copies"),
        (json!({"kind": "body"}), "missing-member", "body"),
        (json!({}), "missing-member", "kind"),
        (json!([]), "not-an-object", "object"),
    ] {
        let (code, message) = admin.refused("POST", "faults", body.clone()).await;
        assert!(code == expected && message.contains(named), "{body}: {code}, {message}");
    }
    let push = json!({"url": "https://a.example", "mode": "secret", "format": "xml"});
    let (code, message) = admin.refused("POST", "mini-program/push", push).await;
    assert_eq!(code, "unknown-value");
    assert!(message.contains("secret") && message.contains("plain, compatible, secure"), "{message}");
    let (code, message) = admin.refused("POST", "violations", json!({"event": "forgive"})).await;
    assert!(code == "unknown-value" && message.contains("punish, intercept, appeal"), "{message}");
    let (code, _) = admin.refused("POST", "complaints", json!({"amount": -1})).await;
    assert_eq!(code, "invalid-member");

    for (method, path) in [("POST", "complaint"), ("GET", "complaints"), ("POST", "complaints/1/close")] {
        let (status, refusal) = admin.send(method, path, &json!({})).await;
        assert_eq!((status, &refusal["code"]), (404, &json!("unknown-path")));
        assert_eq!(refusal["message"], format!("there is no {method} /sandbox/{path}"));
    }
}
