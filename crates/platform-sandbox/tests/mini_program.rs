//! The Mini Program: what it pushes, read by the protocol core; its tokens, its rules, its faults.
#![cfg(any(feature = "aws-lc-rs", feature = "ring"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test's helpers fail by panicking")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use common::{now, offline};
use http::Request;
use platform_sandbox::{
    Fault, FaultKind, NewOrderComplaint, PushFault, PushFormat, PushMode, Sandbox, SandboxConfig, SandboxError,
};
use protocol_core::mini_program::{
    EncodingAesKey, Event, GetOrderDetail, GetStableToken, Mode, PushError, Received, Receiver, RespondComplaint,
};
use protocol_core::{Secret, UnixTime};
use serde_json::{Value, json};

const MODES: [(PushMode, Mode); 3] =
    [(PushMode::Plain, Mode::Plain), (PushMode::Compatible, Mode::Compatible), (PushMode::Secure, Mode::Secure)];
const FORMATS: [PushFormat; 3] = [PushFormat::Xml, PushFormat::FlatXml, PushFormat::Json];

fn receiver(sandbox: &Sandbox, mode: Mode) -> Receiver {
    let account = sandbox.mini_program();
    let key = EncodingAesKey::read(&account.encoding_aes_key).unwrap();
    Receiver::new(account.appid, Secret::new(account.token.into_bytes()), mode, Some(key)).unwrap()
}

fn filed(sandbox: &Sandbox) -> String {
    let new = NewOrderComplaint::default()
        .with_type(643)
        .with_content("坏了]]>🍚")
        .with_phone_number("+8613900000000")
        .with_open_id("oTest")
        .with_product_name("五常大米 & <油>")
        .with_total_cost(5000)
        .with_out_trade_no("0012")
        .with_media_link("https://cdn.example/1?x=1,2")
        .with_history_entries(2);
    sandbox.file_order_complaint(new)
}

#[test]
fn pushes_open_in_every_mode_and_format() {
    let sandbox = offline();
    let id = filed(&sandbox);
    for (push_mode, mode) in MODES {
        for format in FORMATS {
            let push = sandbox.signed_push(&id, push_mode, format, None);
            let received = receiver(&sandbox, mode).open(&push.query, &push.body, now()).unwrap();
            assert_eq!(matches!(received, Received::Verified(_)), mode != Mode::Plain);
            let push = received.push();
            assert_eq!(push.to_user_name.as_ref(), Some(&sandbox.mini_program().original_id));
            let Event::Complaint(complaint) = &push.content else { panic!("{mode:?} {format:?}") };
            assert_eq!(complaint.complaint_order_id.as_ref(), Some(&id));
            assert_eq!(complaint.status.unwrap().code(), 201);
            assert_eq!(complaint.kind.unwrap().code(), 643);
            assert_eq!(complaint.total_cost.unwrap().0, 5000);
            assert_eq!(complaint.customer_material_content.as_ref().unwrap().expose(), "坏了]]>🍚");
            assert_eq!(complaint.product_name.as_deref(), Some("五常大米 & <油>"));
            assert_eq!(complaint.phone_number.as_ref().unwrap().expose(), "+8613900000000");
            assert_eq!(complaint.out_trade_no.as_deref(), Some("0012"));
            assert!(complaint.transaction_id().unwrap().starts_with("42"));
            assert_eq!(complaint.customer_material_media_id_list.iter().count(), 1);
            assert_eq!(complaint.history.len(), 3);
            assert!(complaint.expire_time.unwrap() > complaint.create_time.unwrap());
        }
    }
    // One entry is an object in JSON; it need not have been filed.
    let push = sandbox.signed_push("77", PushMode::Secure, PushFormat::Json, None);
    let received = receiver(&sandbox, Mode::Secure).open(&push.query, &push.body, now()).unwrap();
    let Event::Complaint(complaint) = &received.push().content else { panic!() };
    assert_eq!((complaint.complaint_order_id.as_deref(), complaint.history.len()), (Some("77"), 1));
}

#[test]
fn pushes_have_the_injected_faults() {
    let sandbox = offline();
    let id = filed(&sandbox);
    let open = |fault, push_mode, mode, format| {
        let push = sandbox.signed_push(&id, push_mode, format, Some(fault));
        receiver(&sandbox, mode).open(&push.query, &push.body, now())
    };
    for format in FORMATS {
        for (push_mode, mode) in MODES {
            let open = |fault| open(fault, push_mode, mode, format);
            let sealed = mode != Mode::Plain;
            assert_eq!(open(PushFault::Forged).unwrap_err(), PushError::BadSignature);
            assert_eq!(open(PushFault::WrongAppid).unwrap_err(), PushError::WrongAppid);
            assert!(matches!(open(PushFault::Stale), Err(PushError::StaleTimestamp { seconds: 600, .. })));
            assert_eq!(
                open(PushFault::WrongMode).unwrap_err(),
                if sealed { PushError::BadSignature } else { PushError::Encrypted }
            );
            for fault in [PushFault::Truncated, PushFault::EntityBomb] {
                let refused = open(fault).unwrap_err();
                match refused {
                    PushError::Unreadable { .. } | PushError::Malformed(_) => {}
                    other => panic!("{fault:?} {mode:?} {format:?}: {other:?}"),
                }
            }
            match open(PushFault::Doctype).unwrap_err() {
                PushError::Malformed(_) if sealed => {}
                PushError::Unreadable { document, .. } if !sealed => {
                    assert!(document.as_str().starts_with("<!DOCTYPE"))
                }
                other => panic!("{mode:?} {format:?}: {other:?}"),
            }
            // Payers' texts are read without their control characters.
            let received = open(PushFault::ControlCharacters).unwrap();
            let Event::Complaint(complaint) = &received.push().content else { panic!() };
            assert_eq!(complaint.product_name.as_deref(), Some("五常大米 & <油>"));
        }
    }
}

/// A client of the server's interfaces.
struct Caller {
    sandbox: Sandbox,
    token: String,
}

impl Caller {
    fn new(sandbox: &Sandbox) -> Self {
        let mut caller = Self { sandbox: sandbox.clone(), token: String::new() };
        caller.token = caller.stable(false)["access_token"].as_str().unwrap().to_owned();
        caller
    }

    fn send(&self, method: &str, target: &str, content_type: &str, body: impl Into<Bytes>) -> Value {
        let request = Request::builder().method(method).uri(target).header("Content-Type", content_type);
        let response = self.sandbox.handle(&request.body(body.into()).unwrap()).unwrap();
        assert_eq!(response.status(), 200);
        serde_json::from_slice(response.body()).unwrap()
    }

    fn post(&self, target: &str, body: &Value) -> Value {
        self.send("POST", target, "application/json", body.to_string())
    }

    fn stable(&self, force: bool) -> Value {
        let account = self.sandbox.mini_program();
        let body = json!({
            "grant_type": "client_credential", "appid": account.appid, "secret": account.app_secret,
            "force_refresh": force,
        });
        self.post("/cgi-bin/stable_token", &body)
    }

    fn classic(&self) -> Value {
        let account = self.sandbox.mini_program();
        let target = format!(
            "/cgi-bin/token?grant_type=client_credential&appid={}&secret={}",
            account.appid, account.app_secret
        );
        self.send("GET", &target, "", "")
    }

    fn act(&self, name: &str, body: &Value) -> Value {
        self.post(&format!("/wxaapi/minishop/{name}?access_token={}", self.token), body)
    }

    fn detail_with(&self, token: &str, id: &str) -> Value {
        let target = format!("/wxaapi/minishop/complaintOrderDetail?access_token={token}&complaintOrderId={id}");
        self.send("GET", &target, "", "")
    }

    fn detail(&self, id: &str) -> Value {
        self.detail_with(&self.token, id)
    }

    fn status(&self, id: &str) -> u64 {
        self.detail(id)["complaintOrder"]["status"].as_u64().unwrap()
    }

    fn upload(&self, kind: &str, part: &str) -> Value {
        let target = format!("/cgi-bin/media/upload?access_token={}&type={kind}", self.token);
        let body = format!("--B\r\nContent-Disposition: form-data; {part}\r\n\r\nbytes\r\n--B--\r\n");
        self.send("POST", &target, "multipart/form-data; boundary=B", body)
    }

    fn media_id(&self) -> String {
        let uploaded = self.upload("image", "name=\"media\"; filename=\"a.png\"");
        assert_eq!(uploaded["type"], "image");
        assert!(uploaded["created_at"].is_i64());
        uploaded["media_id"].as_str().unwrap().to_owned()
    }
}

fn errcode(response: &Value) -> i64 {
    response["errcode"].as_i64().unwrap_or_else(|| panic!("{response}"))
}

#[test]
fn tokens_need_the_right_credentials() {
    let sandbox = offline();
    let caller = Caller::new(&sandbox);
    let account = sandbox.mini_program();
    let good = json!({"grant_type": "client_credential", "appid": account.appid, "secret": account.app_secret});
    let changed = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        errcode(&caller.post("/cgi-bin/stable_token", &body))
    };
    for (name, value, expected) in [
        ("grant_type", json!("password"), 40_002),
        ("appid", json!(""), 41_002),
        ("appid", json!("wx1"), 40_013),
        ("secret", Value::Null, 41_004),
        ("secret", json!("0"), 40_125),
        ("force_refresh", json!("yes"), 47_001),
    ] {
        assert_eq!(changed(name, value), expected, "{name}");
    }
    let issued = caller.stable(false);
    assert_eq!(issued["access_token"], caller.token);
    assert!(issued["expires_in"].as_i64().unwrap() <= 7200);
    assert_ne!(caller.classic()["access_token"], caller.classic()["access_token"]);
    assert_eq!(errcode(&caller.send("GET", "/cgi-bin/stable_token", "", "")), 43_002);
    let refused = caller.send("GET", "/cgi-bin/token?grant_type=client_credential&appid=a&secret=b", "", "");
    assert_eq!(errcode(&refused), 40_013);
    assert!(refused["errmsg"].as_str().unwrap().contains(" rid: "));
}

#[test]
fn tokens_are_accepted_while_they_last() {
    let time = Arc::new(AtomicI64::new(1_744_244_406));
    let clock = Arc::clone(&time);
    let config = SandboxConfig::default().with_clock(move || UnixTime(clock.load(Ordering::Relaxed)));
    let sandbox = Sandbox::offline(&config).unwrap();
    let caller = Caller::new(&sandbox);
    let id = filed(&sandbox);
    let taken = |token: &str| errcode(&caller.detail_with(token, &id));
    assert_eq!(taken(&caller.token), 0);
    assert_eq!(taken(""), 41_001);
    assert_eq!(taken("short"), 40_014);
    assert_eq!(taken(&"x".repeat(136)), 40_001);
    let text = |response: Value| response["access_token"].as_str().unwrap().to_owned();
    let classic = text(caller.classic());
    assert_eq!((taken(&classic), taken(&caller.token)), (0, 0));
    // In its last five minutes there is a new one, and both are taken.
    time.fetch_add(6900, Ordering::Relaxed);
    let renewed = text(caller.stable(false));
    assert_ne!(renewed, caller.token);
    assert_eq!((taken(&renewed), taken(&caller.token)), (0, 0));
    time.fetch_add(300, Ordering::Relaxed);
    assert_eq!((taken(&renewed), taken(&caller.token), taken(&classic)), (0, 42_001, 42_001));
    let forced = text(caller.stable(true));
    assert_eq!((taken(&renewed), taken(&forced)), (40_001, 0));
    assert_eq!(errcode(&caller.stable(true)), 45_011);
    sandbox.expire_tokens();
    assert_eq!(taken(&forced), 42_001);
    assert_eq!(taken(&text(caller.stable(false))), 0);
}

#[test]
fn each_state_allows_its_own_operation() {
    let sandbox = offline();
    let caller = Caller::new(&sandbox);
    let id = filed(&sandbox);
    let calls = ["bussiRespondComplaint", "bussiSupplyProof", "bussiSupplyRefund"];
    let allowed = |status: u32| match status {
        201 => Some((0, 203)),
        106 | 108 => Some((1, 107)),
        206 | 208 | 308 | 309 | 311 => Some((2, 207)),
        _ => None,
    };
    for status in [
        101, 102, 103, 104, 105, 106, 107, 108, 109, 112, 115, 116, 201, 202, 203, 204, 205, 206, 207, 208, 209, 305,
        307, 308, 309, 310, 311, 312,
    ] {
        for (call, name) in calls.into_iter().enumerate() {
            sandbox.order_status(&id, status).unwrap();
            // As a number or as text: both are seen.
            let number = id.parse::<u64>().unwrap();
            let named = if call == 1 { json!(id) } else { json!(number) };
            let mut body = json!({"complaintOrderId": named, "content": "已处理"});
            if call == 0 {
                body["bussiHandle"] = json!(1);
            }
            if call == 2 && matches!(status, 308 | 309) {
                body["acceptReturn"] = json!(1);
                body["returnId"] = caller.detail(&id)["returnBill"]["returnId"].clone();
            }
            let response = caller.act(name, &body);
            match allowed(status).filter(|(allowed, _)| *allowed == call) {
                Some((_, next)) => {
                    assert_eq!((errcode(&response), caller.status(&id)), (0, next), "{status} {name}");
                }
                None => {
                    // The shape that was seen: no `errcode` at all.
                    assert_eq!(
                        (&response["code"], &response["success"]),
                        (&json!(309), &json!(false)),
                        "{status} {name}"
                    );
                    assert!(
                        response.get("errcode").is_none() && response["msg"].as_str().unwrap().starts_with(" rid: ")
                    );
                    assert_eq!(caller.status(&id), u64::from(status));
                }
            }
        }
    }
}

#[test]
fn an_appeal_is_accepted_in_its_state_and_time() {
    let time = Arc::new(AtomicI64::new(1_744_244_406));
    let clock = Arc::clone(&time);
    let config = SandboxConfig::default().with_clock(move || UnixTime(clock.load(Ordering::Relaxed)));
    let sandbox = Sandbox::offline(&config).unwrap();
    let mut caller = Caller::new(&sandbox);
    let id = filed(&sandbox);
    let body = json!({"complaintOrderId": id, "content": "不是我们的责任"});
    let refused = caller.act("busiAppeal", &body);
    assert_eq!((errcode(&refused), refused.get("errmsg")), (1002, None));
    assert!(refused["rid"].is_string());
    sandbox.order_appeal_state(&id, 401).unwrap();
    let with_media = json!({"complaintOrderId": id, "mediaIdList": ["nothing"]});
    assert_eq!(errcode(&caller.act("busiAppeal", &with_media)), 2);
    assert_eq!(caller.act("busiAppeal", &body), json!({"errcode": 0}));
    assert_eq!(caller.detail(&id)["complaintOrder"]["appealState"], 403);
    assert_eq!(errcode(&caller.act("busiAppeal", &body)), 1002);
    sandbox.order_appeal_state(&id, 401).unwrap();
    time.fetch_add(72 * 3600 + 1, Ordering::Relaxed);
    caller = Caller::new(&sandbox);
    assert_eq!(errcode(&caller.act("busiAppeal", &body)), 1002);
    // And the 48 hours of the first response are over too.
    let late = json!({"complaintOrderId": id, "content": "好", "bussiHandle": 2});
    assert_eq!(caller.act("bussiRespondComplaint", &late)["code"], 309);
}

#[test]
fn bodies_are_accepted_as_documented() {
    let sandbox = offline();
    let caller = Caller::new(&sandbox);
    let id = filed(&sandbox);
    let respond = |body: &Value| errcode(&caller.act("bussiRespondComplaint", body));
    for (body, expected) in [
        (json!({"complaintOrderId": id, "bussiHandle": 1}), 10_001),
        (json!({"complaintOrderId": id, "bussiHandle": 1, "content": "", "mediaIdList": []}), 10_001),
        (json!({"complaintOrderId": id, "bussiHandle": 3, "content": "好"}), 10_001),
        (json!({"complaintOrderId": id, "content": "好"}), 10_001),
        (json!({"bussiHandle": 1, "content": "好"}), 10_001),
        (json!({"complaintOrderId": id, "bussiHandle": 1, "content": 1}), 10_001),
        (json!({"complaintOrderId": id, "bussiHandle": 1, "mediaIdList": "m"}), 10_001),
        (json!({"complaintOrderId": id, "bussiHandle": 1, "mediaIdList": ["unknown"]}), 10_001),
        (json!({"complaintOrderId": id, "bussiHandle": 1, "content": "好", "acceptReturn": 1}), 10_001),
        (json!({"complaintOrderId": 1, "bussiHandle": 1, "content": "好"}), 1),
    ] {
        assert_eq!(respond(&body), expected, "{body}");
    }
    // A form is taken for nothing at all.
    let target = format!("/wxaapi/minishop/bussiSupplyProof?access_token={}", caller.token);
    let refused = caller.send("POST", &target, "application/x-www-form-urlencoded", "content=1&complaintOrderId=1");
    assert_eq!(errcode(&refused), 10_001);
    assert!(refused["errmsg"].as_str().unwrap().starts_with("content or image may not be empty"));
    assert_eq!(errcode(&caller.send("GET", &target, "", "")), 43_002);
    let media = caller.media_id();
    assert_eq!(respond(&json!({"complaintOrderId": id, "bussiHandle": 1, "mediaIdList": [media]})), 0);
    // A return must be named.
    sandbox.order_status(&id, 308).unwrap();
    let bill = caller.detail(&id)["returnBill"].clone();
    for (body, code) in [
        (json!({"complaintOrderId": id, "content": "a"}), 10_001),
        (json!({"complaintOrderId": id, "content": "a", "acceptReturn": 1, "returnId": "1"}), 10_001),
        (json!({"complaintOrderId": id, "content": "a", "returnId": bill["returnId"]}), 10_001),
        (json!({"complaintOrderId": id, "content": "a", "acceptReturn": 1, "returnId": bill["returnId"]}), 0),
    ] {
        assert_eq!(errcode(&caller.act("bussiSupplyRefund", &body)), code, "{body}");
    }
}

#[test]
fn pictures_are_uploaded_as_documented() {
    let sandbox = offline();
    let caller = Caller::new(&sandbox);
    assert_eq!(errcode(&caller.upload("video", "name=\"media\"; filename=\"a.png\"")), 40_004);
    assert_eq!(errcode(&caller.upload("image", "name=\"file\"; filename=\"a.png\"")), 41_005);
    assert_eq!(errcode(&caller.upload("image", "name=\"media\"")), 41_005);
    assert_ne!(caller.media_id(), caller.media_id());
}

#[test]
fn a_picture_lasts_three_days() {
    let time = Arc::new(AtomicI64::new(1_744_244_406));
    let clock = Arc::clone(&time);
    let config = SandboxConfig::default().with_clock(move || UnixTime(clock.load(Ordering::Relaxed)));
    let sandbox = Sandbox::offline(&config).unwrap();
    let media = Caller::new(&sandbox).media_id();
    let id = filed(&sandbox);
    for (later, expected) in [(3 * 86_400 - 1, 0), (1, 10_001)] {
        time.fetch_add(later, Ordering::Relaxed);
        sandbox.order_status(&id, 206).unwrap();
        let body = json!({"complaintOrderId": id, "mediaIdList": [media]});
        assert_eq!(errcode(&Caller::new(&sandbox).act("bussiSupplyRefund", &body)), expected);
    }
}

#[test]
fn the_detail_is_written_as_in_the_samples() {
    let sandbox = offline();
    let caller = Caller::new(&sandbox);
    let id = sandbox.file_order_complaint(NewOrderComplaint::default().with_total_cost(1).with_phone_number("0138"));
    let detail = caller.detail(&id);
    assert_eq!(Some(&detail), sandbox.order_complaint(&id).as_ref());
    let order = &detail["complaintOrder"];
    assert_eq!(order["complaintOrderId"].to_string(), id);
    assert_eq!((&order["totalCostStr"], &order["phoneNumber"]), (&json!("￥0.01"), &json!("0138")));
    assert!(order["openId"].is_string() && detail.get("returnBill").is_none());
    // One thing that happened is the thing itself.
    assert_eq!(detail["item"]["itemType"], 1);
    sandbox.order_message(&id, "在吗").unwrap();
    sandbox.order_status(&id, 309).unwrap();
    let detail = caller.detail(&id);
    assert_eq!(detail["item"].as_array().unwrap().len(), 3);
    assert_eq!(detail["returnBill"]["orderStatus"], 4);
    assert_eq!(errcode(&caller.detail("1")), 1);
    assert_eq!(sandbox.order_message("1", "?").unwrap_err(), SandboxError::UnknownComplaint("1".to_owned()));
}

#[test]
fn faults_wait_for_their_operation() {
    let sandbox = offline();
    let caller = Caller::new(&sandbox);
    let id = filed(&sandbox);
    let respond =
        || caller.act("bussiRespondComplaint", &json!({"complaintOrderId": id, "content": "好", "bussiHandle": 1}));
    for (kind, code) in
        [(FaultKind::ServerError, -1), (FaultKind::RateLimited { retry_after: None, signed: true }, 45_009)]
    {
        sandbox.inject(Fault::once(kind).on::<RespondComplaint>());
        assert_eq!(errcode(&respond()), code);
        assert_eq!(caller.status(&id), 201);
    }
    sandbox.inject(Fault::once(FaultKind::ServerError).on::<RespondComplaint>().after_effect());
    assert_eq!(errcode(&respond()), -1);
    assert_eq!(caller.status(&id), 203);
    sandbox.inject(Fault::once(FaultKind::MalformedJson).on::<GetOrderDetail>());
    assert!(caller.detail(&id)["errcode"].is_string());
    sandbox.inject(Fault::once(FaultKind::NoSignature).on::<GetOrderDetail>());
    assert_eq!(errcode(&caller.detail(&id)), 0);
    sandbox.inject(Fault::once(FaultKind::DropConnection).on::<GetStableToken>());
    let request = Request::post("/cgi-bin/stable_token").body(Bytes::new()).unwrap();
    assert!(sandbox.handle(&request).is_none());
    let last = sandbox.requests().pop().unwrap();
    assert_eq!((last.operation, last.status, last.verified), ("get_stable_token", None, false));
}

#[test]
fn secrets_are_not_shown() {
    let sandbox = offline();
    let account = sandbox.mini_program();
    let shown = format!("{account:?} {:?}", sandbox.signed_push("1", PushMode::Secure, PushFormat::Xml, None));
    for secret in [&account.app_secret, &account.token, &account.encoding_aes_key, &"msg_signature".to_owned()] {
        assert!(!shown.contains(secret.as_str()));
    }
}

/// A complaint that was lost stands in the only list that names complaints.
#[test]
fn penalties_name_the_complaints_that_were_lost() {
    let sandbox = offline();
    let caller = Caller::new(&sandbox);
    let list = |query: &str| {
        let target = format!("/wxaapi/wxamptrade/get_penalty_list?access_token={}{query}", caller.token);
        caller.send("GET", &target, "application/json", "")
    };
    let page = |offset: u32, limit: u32| list(&format!("&offset={offset}&limit={limit}"));
    let ids: Vec<_> = (0..5).map(|_| filed(&sandbox)).collect();
    assert_eq!((&page(0, 100)["totalNum"], &page(0, 100)["appealList"]), (&json!(0), &json!([])));
    for (id, status) in ids.iter().zip([202, 208, 312, 205, 206]) {
        sandbox.order_status(id, status).unwrap();
    }
    let all = page(0, 100);
    let named: Vec<_> =
        all["appealList"].as_array().unwrap().iter().map(|row| row["complaintOrderId"].to_string()).collect();
    assert_eq!((all["totalNum"].as_u64(), named), (Some(3), vec![ids[2].clone(), ids[1].clone(), ids[0].clone()]));
    let second = page(1, 1);
    assert_eq!(second["appealList"][0]["complaintOrderId"].to_string(), ids[1]);
    assert_eq!((second["totalNum"].as_u64(), second["appealList"].as_array().unwrap().len()), (Some(3), 1));
    for bad in ["", "&offset=0", "&limit=1", "&offset=0&limit=0", "&offset=0&limit=101", "&offset=-1&limit=1"] {
        assert_eq!(list(bad)["errcode"], 10_001, "{bad}");
    }
}
