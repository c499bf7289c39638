//! The rules of the interfaces, one by one, without a socket.
#![cfg(any(feature = "aws-lc-rs", feature = "ring"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test's helpers fail by panicking")]

mod common;

use common::{Client, SERVICE, now, offline};
use http::HeaderValue;
use platform_sandbox::{NewComplaint, PlatformService, Sandbox, SandboxError};
use protocol_core::complaint::{Complaint, NegotiationRecord};
use protocol_core::wechat_pay::Scheme;
use protocol_core::{Method, RequestParts, UnixTime};
use serde_json::{Value, json};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n picture";

fn state(sandbox: &Sandbox, id: &str) -> String {
    sandbox.complaint(id).unwrap()["complaint_state"].as_str().unwrap().to_owned()
}

fn types(sandbox: &Sandbox, id: &str) -> Vec<String> {
    sandbox.history(id).iter().map(|entry| entry["operate_type"].as_str().unwrap().to_owned()).collect()
}

fn refused(code: &str) -> (u16, String) {
    let status = match code {
        "NO_AUTH" => 403,
        "SIGN_ERROR" => 401,
        _ => 400,
    };
    (status, code.to_owned())
}

#[test]
fn what_is_not_signed_is_refused_as_the_platform_refuses_it() {
    let client = Client::new(&offline());
    let parts = || RequestParts::without_body(Method::Get, format!("{SERVICE}/complaint-notifications"));
    let mut forged = client.request(parts());
    *forged.uri_mut() = format!("{}/v3/merchant-service/complaints-v2/1", client.sandbox.base_url()).parse().unwrap();
    let got: common::Got = client.sandbox.handle(&forged).unwrap().into();
    assert_eq!(got.code(), refused("SIGN_ERROR"));
    assert!(got.headers.get("Wechatpay-Signature").is_none());
    assert!(got.headers.get("Request-ID").is_some());
    let detail = &got.json()["detail"];
    assert_eq!(detail["detail"]["issue"], "sign not match");
    let message = detail["sign_information"]["truncated_sign_message"].as_str().unwrap();
    assert!(message.starts_with("GET\n/v3/merchant-service/complaints-v2/1\n"), "{message}");

    // Twice the same nonce.
    let once = client.request(parts());
    assert_eq!(client.sandbox.handle(&once).unwrap().status(), 400);
    assert_eq!(client.sandbox.handle(&once).unwrap().status(), 401);

    for name in ["Accept", "User-Agent"] {
        let mut incomplete = client.request(parts());
        incomplete.headers_mut().remove(name);
        let got: common::Got = client.sandbox.handle(&incomplete).unwrap().into();
        assert_eq!(got.code(), refused("INVALID_REQUEST"), "{name}");
    }
    let mut anonymous = client.request(parts());
    anonymous.headers_mut().insert("Authorization", HeaderValue::from_static("Bearer x"));
    assert_eq!(client.sandbox.handle(&anonymous).unwrap().status(), 401);
    assert!(client.sandbox.requests().iter().any(|request| !request.verified && request.status == Some(401)));
}

#[test]
fn unknown_paths_are_the_gateways() {
    let got = Client::new(&offline()).get("/v3/merchant-service/complaints-v2/");
    assert_eq!(got.status, 404);
    assert!(got.body.starts_with(b"<html>"));
    assert!(got.headers.get("Wechatpay-Signature").is_none());
}

#[test]
fn a_merchant_has_one_notification_url() {
    let client = Client::new(&offline());
    let path = format!("{SERVICE}/complaint-notifications");
    let set = |method, url: &str| client.with_body(method, &path, &json!({"url": url}));
    let one = "https://www.xxx.com/notify";
    let delete = || client.send(RequestParts::without_body(Method::Delete, path.clone()));
    for missing in [client.get(&path), delete(), set(Method::Put, one)] {
        assert_eq!(missing.code(), refused("RESOURCE_NOT_EXISTS"));
    }
    let mchid = client.account.mchid.as_str();
    assert_eq!(set(Method::Post, one).json(), json!({"mchid": mchid, "url": one}));
    assert_eq!(set(Method::Post, one).code(), refused("INVALID_REQUEST"));
    let two = "https://www.xxx.com/other";
    assert_eq!(set(Method::Put, two).status, 200);
    assert_eq!(client.get(&path).json()["url"], two);
    assert_eq!(client.sandbox.notification_url(mchid).as_deref(), Some(two));
    assert_eq!(set(Method::Put, "http://www.xxx.com/").code(), refused("PARAM_ERROR"));
    let deleted = delete();
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
}

/// The violation URL keeps the same rules, in a place of its own.
#[test]
fn a_provider_has_one_violation_url() {
    let client = Client::new(&offline());
    let path = "/v3/merchant-risk-manage/violation-notifications";
    let set = |method, url: &str| client.with_body(method, path, &json!({"notify_url": url}));
    let delete = || client.send(RequestParts::without_body(Method::Delete, path));
    let (one, two) = ("https://www.xxx.com/violations", "https://www.xxx.com/other");
    for missing in [client.get(path), delete(), set(Method::Put, one)] {
        assert_eq!(missing.code(), refused("RESOURCE_NOT_EXISTS"));
    }
    assert_eq!(set(Method::Post, one).json()["notify_url"], one);
    assert_eq!(set(Method::Post, one).code(), refused("INVALID_REQUEST"));
    assert_eq!(set(Method::Put, two).status, 200);
    assert_eq!(client.get(path).json()["notify_url"], two);
    assert_eq!(set(Method::Put, "http://www.xxx.com/").code(), refused("PARAM_ERROR"));
    assert_eq!(client.with_body(Method::Put, path, &json!({"url": one})).code(), refused("PARAM_ERROR"));
    assert_eq!(client.sandbox.notification_url(client.account.mchid.as_str()), None);
    assert_eq!((delete().status, delete().code()), (204, refused("RESOURCE_NOT_EXISTS")));
}

#[test]
fn lists_are_paged_and_bounded() {
    let client = Client::new(&offline());
    let day = |day: i64| UnixTime(1_741_881_600 + day * 86_400); // 2025-03-14 00:00 in China
    for number in 0..5 {
        client.sandbox.file_complaint(NewComplaint::default().with_complaint_time(day(number)));
    }
    client
        .sandbox
        .file_complaint(NewComplaint::default().with_complaint_time(day(1)).with_complainted_mchid("1900009999"));
    let list = |query: &str| client.get(&format!("{SERVICE}/complaints-v2?{query}"));
    let page = list("begin_date=2025-03-14&end_date=2025-03-18&limit=2").json();
    assert_eq!((page["total_count"].as_u64(), page["data"].as_array().unwrap().len()), (Some(6), 2));
    assert_eq!(page["data"][0]["complaint_time"], "2025-03-18T00:00:00+08:00");
    let second = list("begin_date=2025-03-14&end_date=2025-03-18&limit=4&offset=4").json();
    assert_eq!((second.get("total_count"), second["data"].as_array().unwrap().len()), (None, 2));
    let beyond = list("begin_date=2025-03-14&end_date=2025-03-18&offset=6").json();
    assert_eq!(beyond, json!({"limit": 10, "offset": 6}));
    let of_sub = list("begin_date=2025-03-15&end_date=2025-03-15&complainted_mchid=1900009999").json();
    assert_eq!(of_sub["total_count"], 1);
    assert_eq!(list("begin_date=2025-03-01&end_date=2025-03-31").status, 200);
    for bad in [
        "begin_date=2025-03-01&end_date=2025-04-01",
        "begin_date=2025-03-02&end_date=2025-03-01",
        "begin_date=2025-03-01",
        "begin_date=20250301&end_date=2025-03-02",
        "begin_date=2025-03-01&end_date=2025-03-02&limit=0",
        "begin_date=2025-03-01&end_date=2025-03-02&limit=51",
        "begin_date=2025-03-01&end_date=2025-03-02&offset=-1",
        "begin_date=2025-03-01&end_date=2025-03-02&state=PENDING",
    ] {
        let got = list(bad);
        assert_eq!(got.code(), refused("PARAM_ERROR"), "{bad}");
        assert_eq!(got.json()["detail"]["location"], "query");
    }
}

#[test]
fn complaints_are_shown_whole_and_only_to_their_merchant() {
    let client = Client::new(&offline());
    let id = client.sandbox.file_complaint(
        NewComplaint::default()
            .with_complaint_detail("被重复扣费")
            .with_amount(1200)
            .with_refund(10)
            .with_payer_phone("13800000000")
            .with_payer_openid("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
            .with_image(PNG)
            .with_user_tag("TRUSTED")
            .with_service_order(),
    );
    let detail = client.get(&format!("{SERVICE}/complaints-v2/{id}"));
    let complaint: Complaint = serde_json::from_slice(&detail.body).unwrap();
    assert_eq!(serde_json::to_value(&complaint).unwrap(), detail.json(), "no member is unknown to the model");
    assert_eq!(complaint.complaint_id, id);
    let json = detail.json();
    assert_eq!(json["payer_phone"].as_str().unwrap().len(), 344);
    assert_eq!(json["complaint_media_list"][0]["media_type"], "USER_COMPLAINT_IMAGE");
    let today = &json["complaint_time"].as_str().unwrap()[..10];
    let list = client.get(&format!("{SERVICE}/complaints-v2?begin_date={today}&end_date={today}")).json();
    let mut without_openid = json.clone();
    without_openid.as_object_mut().unwrap().remove("payer_openid");
    assert_eq!(list["data"][0], without_openid);

    let other = Client::of(&client.sandbox, client.sandbox.add_merchant(Scheme::Rsa).unwrap());
    for path in [id.clone(), format!("{id}/negotiation-historys")] {
        assert_eq!(other.get(&format!("{SERVICE}/complaints-v2/{path}")).code(), refused("NO_AUTH"));
    }
    assert_eq!(other.reply(&id, "不是我的").code(), refused("NO_AUTH"));
    assert_eq!(client.get(&format!("{SERVICE}/complaints-v2/7")).code(), (404, "RESOURCE_NOT_EXISTS".to_owned()));
}

#[test]
fn the_states_follow_the_documents() {
    let client = Client::new(&offline());
    let sandbox = &client.sandbox;
    let id = sandbox.file_complaint(NewComplaint::default());
    assert_eq!(state(sandbox, &id), "PENDING");
    assert_eq!(sandbox.complaint(&id).unwrap()["incoming_user_response"], true);
    let replied = client.reply(&id, "已与用户沟通解决");
    assert_eq!((replied.status, replied.body.len()), (204, 0));
    assert_eq!(state(sandbox, &id), "PROCESSING");
    assert_eq!(sandbox.complaint(&id).unwrap()["incoming_user_response"], false);
    sandbox.user_message(&id, "还没有").unwrap();
    assert_eq!(sandbox.complaint(&id).unwrap()["incoming_user_response"], true);
    assert_eq!(client.reply(&id, "再看").status, 204);
    let complete = || client.act(&id, "complete", &json!({"complainted_mchid": client.account.mchid}));
    assert_eq!(complete().status, 204);
    assert_eq!(state(sandbox, &id), "PROCESSED");
    assert_eq!(complete().code(), refused("INVALID_REQUEST"));
    sandbox.user_continues(&id, "不满意").unwrap();
    assert_eq!(state(sandbox, &id), "PENDING");
    assert_eq!(sandbox.complaint(&id).unwrap()["user_complaint_times"], 2);
    assert_eq!(complete().status, 204);
    assert_eq!(
        types(sandbox, &id),
        [
            "USER_CREATE_COMPLAINT",
            "USER_CREATE_COMPLAINT_SYSTEM_MESSAGE",
            "MERCHANT_RESPONSE",
            "USER_RESPONSE",
            "MERCHANT_RESPONSE",
            "MERCHANT_CONFIRM_COMPLETE",
            "USER_CONTINUE_COMPLAINT",
            "USER_CONTINUE_COMPLAINT_SYSTEM_MESSAGE",
            "MERCHANT_CONFIRM_COMPLETE",
        ]
    );
    assert_eq!(sandbox.user_message("7", "x"), Err(SandboxError::UnknownComplaint("7".to_owned())));
}

#[test]
fn a_refund_is_decided_once() {
    let client = Client::new(&offline());
    let sandbox = &client.sandbox;
    let decide = |id: &str, body: Value| client.act(id, "update-refund-progress", &body);
    let none = sandbox.file_complaint(NewComplaint::default());
    assert_eq!(decide(&none, json!({"action": "APPROVE"})).code(), refused("INVALID_REQUEST"));

    let approved = sandbox.file_complaint(NewComplaint::default().with_refund(3));
    assert!(matches!(sandbox.refund_received(&approved), Err(SandboxError::State(_))));
    assert_eq!(decide(&approved, json!({"action": "APPROVE", "launch_refund_day": 3, "remark": "ok"})).status, 204);
    assert_ne!(state(sandbox, &approved), "PROCESSED");
    assert_eq!(decide(&approved, json!({"action": "REJECT"})).code(), refused("INVALID_REQUEST"));
    sandbox.refund_received(&approved).unwrap();
    assert_eq!(state(sandbox, &approved), "PROCESSED");
    assert_eq!(sandbox.complaint(&approved).unwrap()["complaint_full_refunded"], true);
    assert_eq!(types(sandbox, &approved).last().unwrap(), "COMPLAINT_REFUND_RECEIVED_SYSTEM_MESSAGE");

    let rejected = sandbox.file_complaint(NewComplaint::default().with_refund(3));
    let media_id = client.media_id(PNG);
    let body = json!({"action": "REJECT", "reject_reason": "已发货", "reject_media_list": [media_id]});
    assert_eq!(decide(&rejected, body.clone()).status, 204);
    assert_eq!(state(sandbox, &rejected), "PROCESSED");
    let entry = sandbox.history(&rejected).pop().unwrap();
    assert_eq!(
        (&entry["operate_type"], &entry["operate_details"]),
        (&json!("MERCHANT_REFUSE_RERUND"), &json!("已发货"))
    );
    assert_eq!(entry["complaint_media_list"]["media_type"], "OPERATION_IMAGE");
    assert_eq!(decide(&rejected, body).code(), refused("INVALID_REQUEST"));
}

#[test]
fn immediate_replies_are_idempotent() {
    let client = Client::new(&offline());
    let waits = client.sandbox.file_complaint(NewComplaint::default().with_immediate_service());
    let does_not = client.sandbox.file_complaint(NewComplaint::default());
    let body = |idempotent_id: &str, block: Value| {
        json!({
            "complainted_mchid": client.account.mchid,
            "message": {"blocks": [block], "sender_identity": "MANUAL"},
            "idempotent_id": idempotent_id,
        })
    };
    let text = json!({"type": "TEXT", "text": {"text": "您好", "color": "DEFAULT", "is_bold": false}});
    let send = |id: &str, body: &Value| client.act(id, "response-immediate-service", body);
    let first = send(&waits, &body("a", text.clone()));
    assert_eq!(first.status, 200);
    assert_eq!(send(&waits, &body("a", text.clone())).json(), first.json());
    assert_ne!(send(&waits, &body("b", text.clone())).json(), first.json());
    assert_eq!(client.sandbox.history(&waits).len(), 4);
    assert_eq!(state(&client.sandbox, &waits), "PROCESSING");
    assert_eq!(send(&does_not, &body("a", text)).code(), refused("INVALID_REQUEST"));
    let media_id = client.media_id(PNG);
    assert_eq!(send(&waits, &body("c", json!({"type": "IMAGE", "image": {"media_id": media_id}}))).status, 200);
    for bad in [
        json!({"type": "TEXT"}),
        json!({"type": "TEXT", "text": {"text": "a"}, "image": {"media_id": media_id}}),
        json!({"type": "IMAGE", "image": {"media_id": "never uploaded"}}),
        json!({"type": "VIDEO"}),
    ] {
        assert_eq!(send(&waits, &body("d", bad.clone())).code(), refused("PARAM_ERROR"), "{bad}");
    }
}

#[test]
fn bodies_are_checked_strictly() {
    let client = Client::new(&offline());
    let id = client.sandbox.file_complaint(NewComplaint::default().with_refund(1));
    let mchid = client.account.mchid.as_str();
    let media = client.media_id(PNG);
    let good = json!({"complainted_mchid": mchid, "response_content": "字".repeat(500), "response_images": [media]});
    assert_eq!(client.act(&id, "response", &good).status, 204);
    let bad = [
        ("response", json!({"response_content": "a"}), "/complainted_mchid"),
        ("response", json!({"complainted_mchid": "1", "response_content": "a"}), "/complainted_mchid"),
        ("response", json!({"complainted_mchid": mchid, "response_content": ""}), "/response_content"),
        ("response", json!({"complainted_mchid": mchid, "response_content": "a".repeat(501)}), "/response_content"),
        ("response", json!({"complainted_mchid": mchid, "response_content": "好😀"}), "/response_content"),
        ("response", json!({"complainted_mchid": mchid, "response_content": "a", "jump_url": null}), "/jump_url"),
        ("response", json!({"complainted_mchid": mchid, "response_content": "a", "complaint_id": id}), "/complaint_id"),
        (
            "response",
            json!({"complainted_mchid": mchid, "response_content": "a", "response_images": [media, media, media, media, media]}),
            "/response_images",
        ),
        (
            "response",
            json!({"complainted_mchid": mchid, "response_content": "a", "response_images": ["file1_1"]}),
            "/response_images",
        ),
        (
            "response",
            json!({"complainted_mchid": mchid, "response_content": "a", "jump_url": "https://a.example"}),
            "/jump_url_text",
        ),
        (
            "response",
            json!({"complainted_mchid": mchid, "response_content": "a", "jump_url": "http://a.example", "jump_url_text": "t"}),
            "/jump_url",
        ),
        (
            "response",
            json!({"complainted_mchid": mchid, "response_content": "a", "mini_program_jump_info": {"appid": "a", "path": "p"}}),
            "/mini_program_jump_info/text",
        ),
        ("complete", json!({}), "/complainted_mchid"),
        ("complete", json!({"complainted_mchid": 1}), "/complainted_mchid"),
        ("update-refund-progress", json!({"action": "MAYBE"}), "/action"),
        ("update-refund-progress", json!({"action": "APPROVE", "launch_refund_day": -1}), "/launch_refund_day"),
        ("update-refund-progress", json!({"action": "REJECT", "reject_reason": "a".repeat(201)}), "/reject_reason"),
        ("update-refund-progress", json!({"action": "REJECT", "complainted_mchid": mchid}), "/complainted_mchid"),
    ];
    for (act, body, field) in bad {
        let got = client.act(&id, act, &body);
        assert_eq!(got.code(), refused("PARAM_ERROR"), "{act} {body}");
        assert_eq!(got.json()["detail"]["field"], field, "{act} {body}");
    }
    let link = json!({
        "complainted_mchid": mchid, "response_content": "a", "jump_url": "https://a.example", "jump_url_text": "链接",
    });
    assert_eq!(client.act(&id, "response", &link).code(), refused("NO_AUTH"));
    client.sandbox.allow_links(mchid);
    assert_eq!(client.act(&id, "response", &link).status, 204);
    let not_json = RequestParts::json(Method::Post, format!("{SERVICE}/complaints-v2/{id}/complete"), b"{".to_vec());
    assert_eq!(client.send(not_json).code(), refused("PARAM_ERROR"));
}

#[test]
fn the_platforms_assistance_begins_and_ends() {
    let sandbox = offline();
    let id = sandbox.file_complaint(NewComplaint::default());
    let applied =
        || PlatformService::Applied { reason: "商家未处理".to_owned(), description: "等了三天".to_owned() };
    for (service, entry, running) in [
        (applied(), "USER_APPLY_PLATFORM_SERVICE", true),
        (PlatformService::Cancelled, "USER_CANCEL_PLATFORM_SERVICE", false),
        (applied(), "USER_APPLY_PLATFORM_SERVICE", true),
        (PlatformService::Finished, "PLATFORM_SERVICE_FINISHED", false),
    ] {
        sandbox.platform_service(&id, service).unwrap();
        assert_eq!(types(&sandbox, &id).last().unwrap(), entry);
        assert_eq!(sandbox.complaint(&id).unwrap()["in_platform_service"], running);
    }
}

#[test]
fn the_history_is_oldest_first_in_pages() {
    let client = Client::new(&offline());
    let id = client.sandbox.file_complaint(NewComplaint::default().with_image(PNG).with_history_entries(310));
    client.sandbox.platform_message(&id, "请尽快处理").unwrap();
    let service =
        PlatformService::Applied { reason: "商家未处理".to_owned(), description: "等了三天".to_owned() };
    client.sandbox.platform_service(&id, service).unwrap();
    assert_eq!(client.sandbox.complaint(&id).unwrap()["in_platform_service"], true);
    let log_id = client.sandbox.history(&id)[0]["log_id"].as_str().unwrap().to_owned();
    client.sandbox.user_click(&id, &log_id, "a1", "已解决").unwrap();
    let path = format!("{SERVICE}/complaints-v2/{id}/negotiation-historys");
    let first = client.get(&format!("{path}?limit=300&offset=0")).json();
    assert_eq!((first["data"].as_array().unwrap().len(), first["total_count"].as_u64()), (300, Some(315)));
    assert!(first["data"][0]["complaint_media_list"].is_object());
    let rest = client.get(&format!("{path}?limit=300&offset=300")).json();
    assert!(rest.get("total_count").is_none());
    let rest = rest["data"].as_array().unwrap();
    assert_eq!(rest.len(), 15);
    assert_eq!(rest[13]["user_appy_platform_service_reason"], "商家未处理");
    assert_eq!(client.get(&path).json()["data"].as_array().unwrap().len(), 100);
    assert_eq!(client.get(&format!("{path}?limit=301")).code(), refused("PARAM_ERROR"));
    let all = client.sandbox.history(&id);
    let mut ids: Vec<_> = all.iter().map(|entry| entry["log_id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all.len());
    for entry in all {
        let record: NegotiationRecord = serde_json::from_value(entry.clone()).unwrap();
        assert!(record.extra.is_empty(), "{entry}");
    }
}

#[test]
fn images_are_uploaded_used_and_downloaded() {
    let client = Client::new(&offline());
    let id = client.sandbox.file_complaint(NewComplaint::default().with_image(PNG));
    let media_id = client.media_id(b"\x89PNG merchant");
    let body =
        json!({"complainted_mchid": client.account.mchid, "response_content": "图", "response_images": [media_id]});
    assert_eq!(client.act(&id, "response", &body).status, 204);
    let complaint = client.sandbox.complaint(&id).unwrap();
    let media = complaint["complaint_media_list"].as_array().unwrap();
    assert_eq!(media.len(), 2);
    let target = |entry: &Value| {
        let url = entry["media_url"][0].as_str().unwrap();
        url.strip_prefix("https://api.mch.weixin.qq.com").unwrap().to_owned()
    };
    let user = target(&media[0]);
    for escape in ["%2B", "%2F", "%3D"] {
        assert!(user.contains(escape), "{user}");
    }
    let got = client.get(&user);
    assert_eq!((got.status, &got.body[..]), (200, PNG));
    assert_eq!(got.headers["Content-Type"], "image/png");
    assert!(got.headers.keys().all(|name| !name.as_str().starts_with("wechatpay-")));
    assert!(got.headers.get("Request-ID").is_some());
    assert_eq!(client.get(&target(&media[1])).body, &b"\x89PNG merchant"[..]);
    let history = client.sandbox.history(&id);
    assert_eq!(target(&history.last().unwrap()["complaint_media_list"]), target(&media[1]));

    let decoded = user.replace("%2B", "+").replace("%3D", "=");
    assert_eq!(client.get(&decoded).code(), (404, "RESOURCE_NOT_EXISTS".to_owned()));
    assert_eq!(client.get(&user.replace("%2F", "/")).status, 404);
    assert_eq!(client.get(&user.replace('%', "%25")).code(), refused("PARAM_ERROR"));
    assert_eq!(client.get(&format!("{SERVICE}/images/{media_id}")).code(), refused("PARAM_ERROR"));
    let other = Client::of(&client.sandbox, client.sandbox.add_merchant(Scheme::Rsa).unwrap());
    assert_eq!(other.get(&user).code(), refused("NO_AUTH"));
}

#[test]
fn uploads_are_checked() {
    let client = Client::new(&offline());
    let upload_with = |(content_type, meta_type): (&str, &str), meta: &str, file: &[u8], name: &str| {
        let mut body = format!(
            "--B\r\nContent-Disposition: form-data; name=\"meta\";\r\n{meta_type}\r\n{meta}\r\n\
             --B\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.png\";\r\nContent-Type: image/png\r\n\r\n"
        )
        .into_bytes();
        let at = body.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        let signed = at..at + meta.len();
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--B--\r\n");
        let mut parts = RequestParts::without_body(Method::Post, format!("{SERVICE}/images/upload"));
        parts.body = protocol_core::Body::partly_signed(body, signed).unwrap();
        parts.content_type = Some(content_type.to_owned().into());
        client.send(parts)
    };
    const META_TYPE: &str = "Content-Type: application/json\r\n";
    const FORM: &str = "multipart/form-data; boundary=B";
    let upload_as = |content_type: &str, meta: &str| upload_with((content_type, META_TYPE), meta, PNG, "file");
    let upload = |meta: &str, file: &[u8], name: &str| upload_with((FORM, META_TYPE), meta, file, name);
    let sha256 = |bytes: &[u8]| -> String {
        use sha2::Digest as _;
        sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let meta = |name: &str, bytes: &[u8]| format!("{{ \"filename\": \"{name}\", \"sha256\": \"{}\"}}", sha256(bytes));
    assert_eq!(upload(&meta("a.png", PNG), PNG, "file").status, 200);
    assert_eq!(upload(&meta("a.png", b"other"), PNG, "file").code(), refused("PARAM_ERROR"));
    assert_eq!(upload(&meta("a.gif", PNG), PNG, "file").code(), refused("PARAM_ERROR"));
    assert_eq!(upload(&meta("a.png", PNG), PNG, "picture").json()["detail"]["location"], "body");
    assert_eq!(upload("{}", PNG, "file").code(), refused("PARAM_ERROR"));
    // The body has the boundary too: the header may leave it out, and may not name another one.
    let fitting = meta("a.png", PNG);
    assert_eq!(upload_as("multipart/form-data", &fitting).status, 200);
    assert_eq!(upload_as("multipart/form-data; charset=utf-8", &fitting).status, 200);
    for other in ["multipart/form-data; boundary=C", "multipart/form-data; boundary=", "multipart/mixed", "image/png"] {
        assert_eq!(upload_as(other, &fitting).code(), (401, "SIGN_ERROR".to_owned()), "{other}");
    }
    // So may the type of `meta` be left out, but not be another one.
    assert_eq!(upload_with(("multipart/form-data", ""), &fitting, PNG, "file").status, 200);
    let typed = upload_with((FORM, "Content-Type: text/plain\r\n"), &fitting, PNG, "file");
    assert_eq!(typed.json()["detail"]["field"], "/meta");
    let largest = vec![0x89; 2 * 1024 * 1024];
    assert_eq!(upload(&meta("a.png", &largest), &largest, "file").status, 200);
    let larger = vec![0x89; 2 * 1024 * 1024 + 1];
    assert_eq!(upload(&meta("a.png", &larger), &larger, "file").code(), refused("PARAM_ERROR"));
    assert!(now().0 > 0);
}
