//! Over real TLS: faults of the transfer, deliveries, the admin interface.
#![cfg(any(feature = "aws-lc-rs", feature = "ring"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test's helpers fail by panicking")]

mod common;

use std::time::{Duration, Instant};

use common::{Client, PATIENCE as SOON, SERVICE, Webhook, configured, now, public_keys, started};
use http_transport::{Deadline, SendErrorKind};
use platform_sandbox::{Fault, FaultKind, NewComplaint, NotificationFault, Sandbox, SentNotification};
use protocol_core::crypto::ApiV3Key;
use protocol_core::wechat_pay::{Scheme, verify_notification};
use protocol_core::{Method, RequestParts};
use serde_json::{Value, json};

async fn with_webhook(time_scale: f64) -> (Client, Webhook) {
    with_webhook_at(started(time_scale).await).await
}

async fn with_webhook_at(sandbox: Sandbox) -> (Client, Webhook) {
    let client = Client::new(&sandbox);
    let webhook = Webhook::start(&sandbox).await;
    client.register(&webhook.url);
    (client, webhook)
}

fn attempts(sandbox: &Sandbox) -> Vec<(u32, Option<u16>)> {
    let sent = sandbox.sent_notifications();
    sent.iter().map(|sent: &SentNotification| (sent.attempt, sent.status)).collect()
}

#[tokio::test]
async fn a_transfer_fails_on_command() {
    let sandbox = started(1.0).await;
    let client = Client::new(&sandbox);
    let id = sandbox.file_complaint(NewComplaint::default());
    let target = format!("{SERVICE}/complaints-v2/{id}");
    let got = client.go_get(&target).await.unwrap();
    assert_eq!(got.json(), sandbox.complaint(&id).unwrap());
    let go = async |kind: FaultKind| {
        sandbox.inject(Fault::once(kind));
        client.go_get(&target).await
    };
    let dropped = go(FaultKind::DropConnection).await.unwrap_err();
    assert!(dropped.may_have_been_sent());
    assert_eq!(go(FaultKind::TruncatedBody).await.unwrap_err().kind(), SendErrorKind::Response);
    let oversize = go(FaultKind::OversizeBody(2 << 20)).await.unwrap_err();
    assert_eq!(oversize.kind(), SendErrorKind::ResponseTooLarge { limit: 1 << 20 });
    let since = Instant::now();
    for kind in [FaultKind::SlowResponse(Duration::from_millis(150)), FaultKind::SlowBody(Duration::from_millis(150))] {
        assert!(go(kind).await.unwrap().verify(&public_keys(&sandbox)).is_ok());
    }
    assert!(since.elapsed() >= Duration::from_millis(300));
    sandbox.inject(Fault::once(FaultKind::SlowResponse(SOON)));
    let mut hasty = client.request(RequestParts::without_body(Method::Get, target));
    hasty.extensions_mut().insert(Deadline(Duration::from_secs(5)));
    assert_eq!(client.http.send(hasty).await.unwrap_err().kind(), SendErrorKind::Timeout);
    let operations: Vec<_> = sandbox.requests().iter().map(|request| request.operation).collect();
    assert_eq!(operations, ["get_complaint"; 7]);
}

#[tokio::test]
async fn it_stops() {
    let sandbox = started(1.0).await;
    let client = Client::new(&sandbox);
    sandbox.stop().await;
    assert!(!client.go_get("/v3/certificates").await.unwrap_err().may_have_been_sent());
    // And with the last handle.
    let sandbox = started(1.0).await;
    let (url, root) = (sandbox.base_url(), Client::new(&sandbox).http);
    drop(sandbox);
    let since = Instant::now();
    loop {
        let request = http::Request::get(format!("{url}/v3/certificates")).body(bytes::Bytes::new()).unwrap();
        if root.send(request).await.is_err() {
            break;
        }
        assert!(since.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn notifications_arrive_signed_and_encrypted() {
    let (client, webhook) = with_webhook(1.0).await;
    let id = client.sandbox.file_complaint(NewComplaint::default().with_refund(3));
    client.sandbox.user_message(&id, "在吗").unwrap();
    client.sandbox.user_continues(&id, "继续").unwrap();
    client.sandbox.platform_message(&id, "请处理").unwrap();
    client.act(&id, "update-refund-progress", &json!({"action": "APPROVE"}));
    client.sandbox.refund_received(&id).unwrap();
    assert!(client.sandbox.settled(SOON).await);
    let key = ApiV3Key::new(client.account.api_v3_key.as_bytes()).unwrap();
    let keys = public_keys(&client.sandbox);
    let mut said: Vec<(String, String)> = Vec::new();
    for delivered in webhook.delivered() {
        let opened =
            verify_notification(&delivered.headers, &delivered.body, &keys, now()).unwrap().open(&key).unwrap();
        let resource = serde_json::to_value(&opened.resource).unwrap();
        assert_eq!(resource["complaint_id"], id);
        said.push((opened.event_type.as_str().to_owned(), resource["action_type"].as_str().unwrap().to_owned()));
    }
    said.sort();
    let change = |action: &str| ("COMPLAINT.STATE_CHANGE".to_owned(), action.to_owned());
    assert_eq!(
        said,
        [
            ("COMPLAINT.CREATE".to_owned(), "CREATE_COMPLAINT".to_owned()),
            change("CONTINUE_COMPLAINT"),
            change("REFUND_SUCCESS"),
            change("RESPONSE_BY_PLATFORM"),
            change("USER_RESPONSE"),
        ]
    );
    assert!(client.sandbox.sent_notifications().iter().all(|sent| sent.acknowledged && sent.attempt == 1));
}

#[tokio::test]
async fn refusals_are_retried_until_two_hours_are_over() {
    let (client, webhook) = with_webhook(6000.0).await;
    webhook.response(500, Duration::ZERO);
    webhook.response(401, Duration::ZERO);
    client.sandbox.file_complaint(NewComplaint::default());
    assert!(client.sandbox.settled(SOON).await);
    assert_eq!(attempts(&client.sandbox), [(1, Some(500)), (2, Some(401)), (3, Some(204))]);
    let delivered = webhook.delivered();
    assert!(delivered.iter().all(|one| one.id() == delivered[0].id()));
    let nonces: std::collections::HashSet<_> = delivered.iter().map(|one| &one.headers["Wechatpay-Nonce"]).collect();
    assert_eq!(nonces.len(), 3);

    (0..40).for_each(|_| webhook.response(503, Duration::ZERO));
    client.sandbox.file_complaint(NewComplaint::default());
    assert!(client.sandbox.settled(SOON).await);
    assert_eq!(client.sandbox.sent_notifications().len(), 3 + 33);
}

#[tokio::test]
async fn a_slow_webhook_delays_no_other_delivery() {
    let (client, webhook) = with_webhook(6000.0).await;
    webhook.response(204, SOON * 2);
    client.sandbox.file_complaint(NewComplaint::default());
    while webhook.delivered().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // The first one still waits; the second is sent and acknowledged.
    let second = client.sandbox.file_complaint(NewComplaint::default());
    while client.sandbox.sent_notifications().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let sent = client.sandbox.sent_notifications();
    assert_eq!((&sent[0].complaint_id, sent[0].status), (&second, Some(204)));
    assert_eq!((sent.len(), webhook.delivered().len()), (1, 2));
}

#[tokio::test]
async fn a_late_response_is_followed_by_a_retry() {
    let config = configured(6000.0).with_delivery_timeout(Duration::from_millis(700));
    let (client, webhook) = with_webhook_at(Sandbox::start(config).await.unwrap()).await;
    webhook.response(204, SOON);
    client.sandbox.file_complaint(NewComplaint::default());
    assert!(client.sandbox.settled(SOON).await);
    let sent = client.sandbox.sent_notifications();
    assert_eq!((sent[0].status, sent[0].error.as_deref()), (None, Some("no response within 0.7 seconds")));
    assert!(sent[1..].iter().any(|sent| sent.acknowledged), "{sent:?}");
    assert!(webhook.delivered().len() >= 2);
}

#[tokio::test]
async fn duplicates_come_later_or_at_once() {
    let (client, webhook) = with_webhook(6000.0).await;
    client.sandbox.inject_notification(NotificationFault::Duplicate);
    client.sandbox.file_complaint(NewComplaint::default());
    assert!(client.sandbox.settled(SOON).await);
    assert_eq!(attempts(&client.sandbox), [(1, Some(204)), (2, Some(204))]);
    client.sandbox.inject_notification(NotificationFault::DuplicateAtOnce(5));
    client.sandbox.file_complaint(NewComplaint::default());
    assert!(client.sandbox.settled(SOON).await);
    let delivered = webhook.delivered();
    assert_eq!(delivered.len(), 7);
    assert_eq!(delivered[0].id(), delivered[1].id());
    assert!(delivered[2..].iter().all(|one| one.id() == delivered[2].id()));
}

#[tokio::test]
async fn two_notifications_swap_on_command() {
    let (client, webhook) = with_webhook(6000.0).await;
    client.sandbox.inject_notification(NotificationFault::OutOfOrder);
    let id = client.sandbox.file_complaint(NewComplaint::default());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(webhook.delivered().is_empty());
    assert!(!client.sandbox.settled(Duration::from_millis(10)).await);
    client.sandbox.user_message(&id, "在吗").unwrap();
    assert!(client.sandbox.settled(SOON).await);
    let actions: Vec<_> = client.sandbox.sent_notifications().into_iter().map(|sent| sent.action_type).collect();
    assert_eq!(actions, ["USER_RESPONSE", "CREATE_COMPLAINT"]);
}

#[tokio::test]
async fn a_refused_probe_is_followed_by_a_valid_notification() {
    let (client, webhook) = with_webhook(6000.0).await;
    webhook.response(401, Duration::ZERO);
    client.sandbox.inject_notification(NotificationFault::Probe);
    client.sandbox.file_complaint(NewComplaint::default());
    assert!(client.sandbox.settled(SOON).await);
    let sent = client.sandbox.sent_notifications();
    assert_eq!((sent[0].fault, sent[0].acknowledged), (Some(NotificationFault::Probe), false));
    assert_eq!((sent[1].fault, sent[1].acknowledged), (None, true));
    let delivered = webhook.delivered();
    let keys = public_keys(&client.sandbox);
    let verified = |at: usize| verify_notification(&delivered[at].headers, &delivered[at].body, &keys, now()).is_ok();
    assert_eq!((verified(0), verified(1)), (false, true));
}

#[tokio::test]
async fn only_a_registered_url_is_notified_except_in_a_self_test() {
    let sandbox = started(6000.0).await;
    let client = Client::new(&sandbox);
    sandbox.file_complaint(NewComplaint::default());
    assert!(sandbox.settled(SOON).await);
    assert!(sandbox.sent_notifications().is_empty());
    let webhook = Webhook::start(&sandbox).await;
    let body = json!({"echo_message": "hi", "notify_url": webhook.url});
    assert_eq!(client.go_post("/v3/security/echo", &body).await.unwrap().status, 200);
    assert!(sandbox.settled(SOON).await);
    let delivered = webhook.delivered().remove(0);
    let key = ApiV3Key::new(client.account.api_v3_key.as_bytes()).unwrap();
    let keys = public_keys(&sandbox);
    let opened = verify_notification(&delivered.headers, &delivered.body, &keys, now()).unwrap().open(&key).unwrap();
    assert_eq!(opened.event_type.as_str(), "SECURITY.ECHO");
}

#[tokio::test]
async fn sm_merchants_are_notified_in_sm_and_of_their_own_acts_if_configured() {
    let config = configured(1.0).with_scheme(Scheme::Sm2).with_own_acts_notified(true);
    let sandbox = Sandbox::start(config).await.unwrap();
    let client = Client::new(&sandbox);
    let webhook = Webhook::start(&sandbox).await;
    client.register(&webhook.url);
    let id = sandbox.file_complaint(NewComplaint::default());
    assert_eq!(client.reply(&id, "好").status, 204);
    assert!(sandbox.settled(SOON).await);
    let key = ApiV3Key::new(client.account.api_v3_key.as_bytes()).unwrap();
    let keys = public_keys(&sandbox);
    let delivered = webhook.delivered();
    assert_eq!(delivered.len(), 2);
    for one in delivered {
        assert_eq!(one.headers["Wechatpay-Signature-Type"], Scheme::Sm2.as_str());
        let envelope: Value = serde_json::from_slice(&one.body).unwrap();
        assert_eq!(envelope["resource"]["algorithm"], "AEAD_SM4_GCM");
        verify_notification(&one.headers, &one.body, &keys, now()).unwrap().open(&key).unwrap();
    }
    let mut actions: Vec<_> = sandbox.sent_notifications().into_iter().map(|sent| sent.action_type).collect();
    actions.sort();
    assert_eq!(actions, ["CREATE_COMPLAINT", "MERCHANT_RESPONSE"]);
}

#[tokio::test]
async fn the_admin_interface_does_what_the_handle_does() {
    let (client, webhook) = with_webhook(6000.0).await;
    let sandbox = &client.sandbox;
    let admin = async |method: &str, path: &str, body: Value| {
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let request = http::Request::builder().method(method).uri(format!("{}/sandbox/{path}", sandbox.base_url()));
        let response = client.http.send(request.body(body.into()).unwrap()).await.unwrap();
        let value: Value = serde_json::from_slice(response.body()).unwrap();
        (response.status().as_u16(), value)
    };
    let new = json!({
        "complaint_detail": "坏了", "amount": 5, "apply_refund_amount": 5, "payer_phone": "138", "need_immediate_service": true,
    });
    let (status, filed) = admin("POST", "complaints", new).await;
    let id = filed["complaint_id"].as_str().unwrap().to_owned();
    assert_eq!(status, 200);
    let complaint = sandbox.complaint(&id).unwrap();
    assert_eq!((&complaint["problem_type"], &complaint["need_immediate_service"]), (&json!("REFUND"), &json!(true)));
    assert_eq!(admin("POST", &format!("complaints/{id}/messages"), json!({"text": "在吗"})).await.0, 200);
    assert_eq!(admin("POST", &format!("complaints/{id}/continue"), json!({"text": "继续"})).await.0, 200);
    assert_eq!(admin("POST", &format!("complaints/{id}/messages"), json!({})).await.0, 400);
    assert_eq!(admin("POST", &format!("complaints/{id}/refund-received"), json!({})).await.0, 409);
    assert_eq!(admin("POST", "complaints/7/continue", json!({"text": "x"})).await.0, 404);
    let fault = json!({"kind": "rate_limited", "on": "get_complaint", "times": 2, "retry_after": 1});
    assert_eq!(admin("POST", "faults", fault).await.0, 200);
    for expected in [429, 429, 200] {
        let parts = RequestParts::without_body(Method::Get, format!("{SERVICE}/complaints-v2/{id}"));
        assert_eq!(client.go(parts).await.unwrap().status, expected);
    }
    assert_eq!(admin("POST", "faults", json!({"kind": "notification_duplicate"})).await.0, 200);
    assert_eq!(admin("POST", "faults", json!({"kind": "flood"})).await.0, 400);
    assert!(sandbox.settled(SOON).await);
    sandbox.user_message(&id, "再说").unwrap();
    assert!(sandbox.settled(SOON).await);
    let (_, sent) = admin("GET", "notifications", Value::Null).await;
    assert_eq!(sent["data"].as_array().unwrap().len(), webhook.delivered().len());
    assert_eq!(webhook.delivered().len(), 5);
    let (_, requests) = admin("GET", "requests", Value::Null).await;
    assert!(requests["data"].as_array().unwrap().iter().any(|request| request["status"] == 429));
    let (_, configuration) = admin("GET", "configuration", Value::Null).await;
    assert_eq!(configuration["mchid"], sandbox.merchant().mchid);
    assert!(!configuration.to_string().contains("PRIVATE"));
    assert_eq!(admin("GET", "nothing", Value::Null).await.0, 404);
}

#[tokio::test]
async fn the_configuration_is_written_for_its_owner_only() {
    let sandbox = started(1.0).await;
    let folder = std::env::temp_dir().join(format!("sandbox-configuration-{}", common::nonce()));
    sandbox.write_configuration(&folder).unwrap();
    let written = std::fs::read_to_string(folder.join("complaints.toml")).unwrap();
    for part in
        [&sandbox.merchant().mchid, &sandbox.merchant().serial_no, &sandbox.base_url(), &sandbox.platform_key().id]
    {
        assert!(written.contains(part.as_str()), "{part}");
    }
    let (mini_program, allinpay) = (sandbox.mini_program(), sandbox.allinpay());
    for part in [&mini_program.appid, &allinpay.cusid, &format!("base_url = \"{}/cusapi\"", sandbox.base_url())] {
        assert!(written.contains(part.as_str()), "{part}");
    }
    for (file, secret) in [
        ("sandbox_apiv3.key", &sandbox.merchant().api_v3_key),
        ("sandbox_token", &mini_program.token),
        ("sandbox_encoding_aes_key", &mini_program.encoding_aes_key),
        ("sandbox_app_secret", &mini_program.app_secret),
        ("sandbox_allinpay.key", &allinpay.private_key),
    ] {
        assert_eq!(std::fs::read(folder.join(file)).unwrap(), secret.as_bytes());
        assert!(!written.contains(secret.as_str()));
    }
    let (chain, key) = sandbox.webhook_identity();
    for (file, content) in [("sandbox_webhook.pem", chain), ("sandbox_webhook.key", key)] {
        assert_eq!(std::fs::read(folder.join(file)).unwrap(), content.as_bytes());
    }
    for file in std::fs::read_dir(&folder).unwrap() {
        let file = file.unwrap();
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions()) & 0o777, 0o600);
        assert!(file.metadata().unwrap().len() > 0);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
