//! The Mini Program and Allinpay over real TLS: deliveries, faults of the way, the admin interface.
#![cfg(any(feature = "aws-lc-rs", feature = "ring"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test's helpers fail by panicking")]

mod common;

use std::time::{Duration, Instant};

use bytes::Bytes;
use common::{Client, PATIENCE as SOON, Webhook, configured, now, started};
use http::Request;
use http_transport::SendErrorKind;
use platform_sandbox::{
    Fault, FaultKind, NewOrderComplaint, PushConfig, PushFault, PushFormat, PushMode, Sandbox, SandboxError, SentPush,
};
use protocol_core::Secret;
use protocol_core::allinpay::WxComplaintListOlder;
use protocol_core::mini_program::{EncodingAesKey, Event, GetOrderDetail, Mode, PushError, Receiver};
use serde_json::{Value, json};

async fn with_push(mode: PushMode, format: PushFormat) -> (Sandbox, Webhook) {
    with_push_at(started(500.0).await, mode, format).await
}

async fn with_push_at(sandbox: Sandbox, mode: PushMode, format: PushFormat) -> (Sandbox, Webhook) {
    let webhook = Webhook::start(&sandbox).await;
    sandbox.set_push(PushConfig::new(webhook.url.clone()).with_mode(mode).with_format(format)).await.unwrap();
    (sandbox, webhook)
}

fn receiver(sandbox: &Sandbox, mode: Mode) -> Receiver {
    let account = sandbox.mini_program();
    let key = EncodingAesKey::read(&account.encoding_aes_key).unwrap();
    Receiver::new(account.appid, Secret::new(account.token.into_bytes()), mode, Some(key)).unwrap()
}

fn attempts(sandbox: &Sandbox) -> Vec<(u32, Option<u16>, bool)> {
    let sent = sandbox.sent_pushes();
    sent.iter().map(|sent: &SentPush| (sent.attempt, sent.http_status, sent.acknowledged)).collect()
}

#[tokio::test]
async fn a_url_is_accepted_only_if_it_returns_echostr() {
    let sandbox = started(1.0).await;
    let webhook = Webhook::start(&sandbox).await;
    let config = |url: &str| PushConfig::new(url);
    for (status, body, why) in [
        (200, "success", "the response is not echostr"),
        (200, "", "the response is not echostr"),
        (403, "", "status 403"),
    ] {
        webhook.response_with(status, body);
        let refused = sandbox.set_push(config(&webhook.url)).await.unwrap_err();
        assert_eq!(refused, SandboxError::Url(why.to_owned()));
    }
    assert!(sandbox.set_push(config("https://merchant.example:1/")).await.is_err());
    assert!(sandbox.set_push(config("not an address")).await.is_err());
    sandbox.file_order_complaint(NewOrderComplaint::default());
    assert!(sandbox.settled(SOON).await);
    assert!(sandbox.sent_pushes().is_empty());
    sandbox.set_push(config(&format!("{}?shop=1", webhook.url))).await.unwrap();
    sandbox.file_order_complaint(NewOrderComplaint::default());
    assert!(sandbox.settled(SOON).await);
    assert!(webhook.delivered()[0].query.starts_with("shop=1&signature="));
}

#[tokio::test]
async fn what_happens_is_pushed_in_every_mode() {
    for (push_mode, mode) in
        [(PushMode::Plain, Mode::Plain), (PushMode::Compatible, Mode::Compatible), (PushMode::Secure, Mode::Secure)]
    {
        let (sandbox, webhook) = with_push(push_mode, PushFormat::Json).await;
        let id = sandbox.file_order_complaint(NewOrderComplaint::default());
        assert!(sandbox.settled(SOON).await);
        sandbox.order_message(&id, "在吗").unwrap();
        assert!(sandbox.settled(SOON).await);
        sandbox.order_status(&id, 206).unwrap();
        assert!(sandbox.settled(SOON).await);
        let seen: Vec<_> = webhook
            .delivered()
            .iter()
            .map(|delivered| {
                let received = receiver(&sandbox, mode).open(&delivered.query, &delivered.body, now()).unwrap();
                let Event::Complaint(complaint) = &received.push().content else { panic!() };
                assert_eq!(complaint.complaint_order_id.as_ref(), Some(&id));
                (complaint.option_type.unwrap().code(), complaint.status.unwrap().code(), complaint.history.len())
            })
            .collect();
        assert_eq!(seen, [(1, 201, 1), (2, 201, 2), (2, 206, 3)]);
    }
}

#[tokio::test]
async fn three_attempts_until_one_is_acknowledged() {
    let (sandbox, webhook) = with_push(PushMode::Secure, PushFormat::Xml).await;
    webhook.response_with(500, "");
    webhook.response_with(200, "fail");
    sandbox.file_order_complaint(NewOrderComplaint::default());
    assert!(sandbox.settled(SOON).await);
    assert_eq!(attempts(&sandbox), [(1, Some(500), false), (2, Some(200), false), (3, Some(200), true)]);
    let delivered = webhook.delivered();
    // Once the same again, once signed anew: a receiver has to know both.
    assert_eq!((&delivered[0].query, &delivered[0].body), (&delivered[1].query, &delivered[1].body));
    assert_ne!(delivered[1].query, delivered[2].query);
    for delivered in &delivered {
        assert_eq!(delivered.headers["Content-Type"], "text/xml");
        assert!(receiver(&sandbox, Mode::Secure).open(&delivered.query, &delivered.body, now()).is_ok());
    }
    for _ in 0..3 {
        webhook.response_with(404, "");
    }
    sandbox.file_order_complaint(NewOrderComplaint::default());
    assert!(sandbox.settled(SOON).await);
    assert_eq!(attempts(&sandbox)[3..], [(1, Some(404), false), (2, Some(404), false), (3, Some(404), false)]);
    webhook.response_with(200, "");
    sandbox.file_order_complaint(NewOrderComplaint::default());
    assert!(sandbox.settled(SOON).await);
    assert_eq!(attempts(&sandbox)[6..], [(1, Some(200), true)]);
}

#[tokio::test]
async fn who_does_not_respond_in_time_is_asked_again() {
    // The push has three attempts. The remaining two are acknowledged unless the machine stalls for
    // longer than this.
    let config = configured(500.0).with_delivery_timeout(Duration::from_secs(4));
    let (sandbox, webhook) =
        with_push_at(Sandbox::start(config).await.unwrap(), PushMode::Plain, PushFormat::Xml).await;
    webhook.response(200, SOON);
    sandbox.file_order_complaint(NewOrderComplaint::default());
    assert!(sandbox.settled(SOON).await);
    let sent = sandbox.sent_pushes();
    assert_eq!((sent[0].http_status, sent[0].error.as_deref()), (None, Some("no response within 4 seconds")));
    assert!(sent[1..].iter().any(|sent| sent.acknowledged), "{sent:?}");
}

#[tokio::test]
async fn a_faulty_push_is_followed_by_a_valid_one() {
    let (sandbox, webhook) = with_push(PushMode::Secure, PushFormat::Json).await;
    webhook.response_with(403, "");
    sandbox.inject_push(PushFault::Forged);
    sandbox.file_order_complaint(NewOrderComplaint::default());
    assert!(sandbox.settled(SOON).await);
    let delivered = webhook.delivered();
    let open = |at: usize| {
        let opened = receiver(&sandbox, Mode::Secure).open(&delivered[at].query, &delivered[at].body, now());
        opened.map(drop)
    };
    assert_eq!(open(0), Err(PushError::BadSignature));
    assert_eq!(open(1), Ok(()));
    let sent = sandbox.sent_pushes();
    assert_eq!((sent[0].fault, sent[1].fault), (Some(PushFault::Forged), None));
    for (fault, copies) in [(PushFault::Duplicate, 2), (PushFault::DuplicateAtOnce(5), 5)] {
        let before = webhook.delivered().len();
        sandbox.inject_push(fault);
        sandbox.file_order_complaint(NewOrderComplaint::default());
        assert!(sandbox.settled(SOON).await);
        let delivered = webhook.delivered();
        assert_eq!(delivered.len(), before + copies);
        assert!(delivered[before..].iter().all(|copy| copy.query == delivered[before].query));
    }
}

/// Anybody's request over TLS.
async fn go(sandbox: &Sandbox, method: &str, target: &str, body: &str) -> Result<(u16, Bytes), SendErrorKind> {
    let request = Request::builder()
        .method(method)
        .uri(format!("{}{target}", sandbox.base_url()))
        .header("Content-Type", "application/json");
    let sent = Client::new(sandbox).http.send(request.body(Bytes::from(body.to_owned())).unwrap()).await;
    sent.map(|response| (response.status().as_u16(), response.into_body())).map_err(|error| error.kind())
}

fn value(response: (u16, Bytes)) -> Value {
    assert_eq!(response.0, 200);
    serde_json::from_slice(&response.1).unwrap()
}

#[tokio::test]
async fn a_token_expires_and_is_renewed_while_transfers_fail() {
    let sandbox = started(1.0).await;
    let account = sandbox.mini_program();
    let id = sandbox.file_order_complaint(NewOrderComplaint::default());
    let asked =
        json!({"grant_type": "client_credential", "appid": account.appid, "secret": account.app_secret}).to_string();
    let token = async || {
        let response = go(&sandbox, "POST", "/cgi-bin/stable_token", &asked).await;
        value(response.unwrap())["access_token"].as_str().unwrap().to_owned()
    };
    let detail = async |token: &str| {
        let target = format!("/wxaapi/minishop/complaintOrderDetail?access_token={token}&complaintOrderId={id}");
        go(&sandbox, "GET", &target, "").await
    };
    let first = token().await;
    assert_eq!(value(detail(&first).await.unwrap())["errcode"], 0);
    sandbox.expire_tokens();
    assert_eq!(value(detail(&first).await.unwrap())["errcode"], 42_001);
    let second = token().await;
    assert_ne!(first, second);
    let with_fault = async |kind: FaultKind| {
        sandbox.inject(Fault::once(kind).on::<GetOrderDetail>());
        detail(&second).await
    };
    // Only its caller sends a GET again; the transport reports.
    assert!(with_fault(FaultKind::DropConnection).await.is_err());
    assert_eq!(with_fault(FaultKind::TruncatedBody).await.unwrap_err(), SendErrorKind::Response);
    assert_eq!(
        with_fault(FaultKind::OversizeBody(2 << 20)).await.unwrap_err(),
        SendErrorKind::ResponseTooLarge { limit: 1 << 20 }
    );
    assert_eq!(with_fault(FaultKind::GatewayHtml(502)).await.unwrap().0, 502);
    let since = Instant::now();
    for kind in [FaultKind::SlowResponse(Duration::from_millis(100)), FaultKind::SlowBody(Duration::from_millis(100))] {
        assert_eq!(value(with_fault(kind).await.unwrap())["errcode"], 0);
    }
    assert!(since.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn the_gateway_listens_beside_the_others() {
    let sandbox = started(1.0).await;
    let response = go(&sandbox, "POST", "/cusapi/riskfeeback/complaintqry", "{}").await;
    assert_eq!(value(response.unwrap())["retcode"], "FAIL");
    sandbox.inject(Fault::once(FaultKind::DropConnection).on::<WxComplaintListOlder>());
    assert!(go(&sandbox, "POST", "/cusapi/riskfeeback/complaintqry", "{}").await.is_err());
    let logged: Vec<_> = sandbox.requests().iter().map(|request| (request.operation, request.verified)).collect();
    assert_eq!(logged, [("complaintqry", false); 2]);
}

#[tokio::test]
async fn the_admin_interface_acts_on_all_platforms() {
    let sandbox = started(500.0).await;
    let webhook = Webhook::start(&sandbox).await;
    let admin = async |method: &str, path: &str, body: Value| {
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let (status, body) = go(&sandbox, method, &format!("/sandbox/{path}"), &body).await.unwrap();
        (status, serde_json::from_slice::<Value>(&body).unwrap())
    };
    let push = json!({"url": webhook.url, "mode": "compatible", "format": "flat_xml"});
    assert_eq!(admin("POST", "mini-program/push", push.clone()).await.0, 200);
    webhook.response_with(200, "no");
    assert_eq!(admin("POST", "mini-program/push", push).await.0, 409);
    assert_eq!(admin("POST", "mini-program/push", json!({"url": "x", "mode": "y"})).await.0, 400);
    let new = json!({"type": 611, "content": "没发货", "total_cost": 7, "phone_number": "138", "product_name": "米"});
    let (_, filed) = admin("POST", "mini-program/complaints", new).await;
    let id = filed["complaint_order_id"].as_str().unwrap().to_owned();
    let path = |act: &str| format!("mini-program/complaints/{id}/{act}");
    assert_eq!(admin("POST", &path("messages"), json!({"text": "在吗"})).await.0, 200);
    assert_eq!(admin("POST", &path("messages"), json!({})).await.0, 400);
    assert_eq!(admin("POST", &path("status"), json!({"status": 206})).await.0, 200);
    assert_eq!(admin("POST", &path("appeal-state"), json!({"state": 401})).await.0, 200);
    assert_eq!(admin("POST", "mini-program/complaints/1/status", json!({"status": 206})).await.0, 404);
    assert_eq!(admin("POST", "mini-program/expire-tokens", json!({})).await.0, 200);
    let order = sandbox.order_complaint(&id).unwrap()["complaintOrder"].clone();
    assert_eq!((&order["type"], &order["status"], &order["appealState"]), (&json!(611), &json!(206), &json!(401)));
    assert_eq!(admin("POST", "faults", json!({"kind": "push_duplicate_at_once", "copies": 3})).await.0, 200);
    assert_eq!(admin("POST", "faults", json!({"kind": "push_flood"})).await.0, 400);
    assert_eq!(admin("POST", "mini-program/complaints", json!({})).await.0, 200);
    assert!(sandbox.settled(SOON).await);
    let (_, pushes) = admin("GET", "pushes", Value::Null).await;
    assert_eq!(pushes["data"].as_array().unwrap().len(), 7);

    let (_, filed) = admin("POST", "allinpay/complaints", json!({"payer_phone": "138"})).await;
    let id = filed["complaint_id"].as_str().unwrap().to_owned();
    assert_eq!(sandbox.complaint(&id).unwrap()["payer_phone"], "138");
    let path = format!("allinpay/complaints/{id}/messages");
    assert_eq!(admin("POST", &path, json!({"text": "在吗"})).await.0, 200);
    assert_eq!(admin("POST", "allinpay/complaints", json!({"cusid": "nobody"})).await.0, 404);
    let sm2 = sandbox.allinpay_sm2().cusid;
    let new = json!({"cusid": sm2, "complain_amount": "1.00", "complain_content": "坏了", "contact": "138"});
    let (_, filed) = admin("POST", "allinpay/alipay-complaints", new).await;
    let complaint = sandbox.alipay_complaint(filed["id"].as_str().unwrap()).unwrap();
    assert_eq!(complaint["complain_amount"], "1.00");

    // Notices go to the merchant that has a URL for them, in each state.
    (0..3).for_each(|_| webhook.response_with(200, "success"));
    assert_eq!(admin("POST", "allinpay/notice-url", json!({"url": webhook.url})).await, (200, json!({})));
    assert_eq!(admin("POST", "allinpay/notice-url", json!({"url": "http://a.example"})).await.0, 409);
    assert_eq!(admin("POST", "allinpay/notice-url", json!({})).await.0, 400);
    assert_eq!(admin("POST", "faults", json!({"kind": "notice_duplicate"})).await.0, 200);
    let (_, filed) = admin("POST", "allinpay/alipay-complaints", json!({})).await;
    let path = format!("allinpay/alipay-complaints/{}/status", filed["id"].as_str().unwrap());
    assert_eq!(admin("POST", &path, json!({"status": "DROP_COMPLAIN"})).await.0, 200);
    assert_eq!(admin("POST", &path, json!({})).await.0, 400);
    assert_eq!(admin("POST", "allinpay/alipay-complaints/1/status", json!({"status": "x"})).await.0, 404);
    assert!(sandbox.settled(SOON).await);
    let (_, notices) = admin("GET", "notices", Value::Null).await;
    let mut sent: Vec<_> =
        notices["data"].as_array().unwrap().iter().map(|sent| sent["complaint_status"].clone()).collect();
    sent.sort_by_key(ToString::to_string);
    assert_eq!(sent, ["DROP_COMPLAIN", "WAIT_PROCESS", "WAIT_PROCESS"]);
    assert_eq!(admin("POST", "allinpay/nothing", json!({})).await.0, 404);

    let (_, configuration) = admin("GET", "configuration", Value::Null).await;
    assert_eq!(configuration["mini_program"]["push_url"], webhook.url);
    assert_eq!(configuration["allinpay"][0]["cusid"], sandbox.allinpay().cusid);
    for secret in [sandbox.mini_program().token, sandbox.allinpay().private_key] {
        assert!(!configuration.to_string().contains(&secret));
    }
}
