//! The Mini Program server's operations: the requests they make, their bounds on both sides, the
//! responses they read.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what must hold"
)]

use std::time::Duration;

use protocol_core::complaint::OrderDetail;
use protocol_core::limits::{MAX_FILENAME, MAX_ID, MAX_RESPONSE_BODY};
use protocol_core::mini_program::{
    AccessToken, Appeal, BussiHandle, GetOrderDetail, GetStableToken, MAX_ACCESS_TOKEN, MAX_TEMP_MEDIA, Operation,
    RespondComplaint, Response, ResponseError, ServerCode, ServerRequest, SubmitRefund, SupplyProof, TempMedia,
    UploadTempMedia, responded_at,
};
use protocol_core::{
    BuildError, Delivery, Effect, Fault, Idempotency, Method, OperationInfo, Personal, RequestParts, Secret, Stamp,
    UnixTime,
};
use serde_json::{Value, json};

const NONCE: &str = "593BEC0C930BF1AFEB40B4A08C8FB242";
const STAMP: Stamp<'_> = Stamp { now: UnixTime(1_741_936_166), nonce: NONCE };
const CANARY: &str = "canary13900001234";
const RID: &str = "6312c9f9-5a2e6f0b-1c9a4b3d";

const RESPOND: &[u8] = include_bytes!("vectors/wechat-mp/api/WxaApiMiniShopBusinessRespondComplaintRequest.json");
const PROOF: &[u8] = include_bytes!("vectors/wechat-mp/api/WxaApiMiniShopBusinessSupplyProofRequest.json");
const DETAIL: &[u8] = include_bytes!("vectors/wechat-mp/api/WxaApiMiniShopComplaintOrderDetailResponse.json");
const DETAIL_2022: &[u8] = include_bytes!("vectors/wechat-mp/api/complaintOrderDetail.2022-client.json");

/// The value, changed.
fn changed<T>(mut value: T, change: impl FnOnce(&mut T)) -> T {
    change(&mut value);
    value
}

fn respond() -> RespondComplaint {
    RespondComplaint::new("8622001", BussiHandle::Agree).with_content("已退款\u{1f600}")
}

fn proof() -> SupplyProof {
    SupplyProof::new("8622001").with_media_id_list(vec!["m1".to_owned(), "m2".to_owned()])
}

fn refund() -> SubmitRefund {
    SubmitRefund::new("8622001")
        .with_content("c")
        .with_media_id_list(vec!["m1".to_owned()])
        .with_accept_return(1)
        .with_return_id("23234234234")
}

fn appeal() -> Appeal {
    Appeal::new("8622001").with_content("c")
}

fn detail() -> GetOrderDetail {
    GetOrderDetail::new("8622001")
}

fn token_request(force_refresh: bool) -> GetStableToken {
    GetStableToken::new("wx1", Secret::new(CANARY.as_bytes().to_vec())).with_force_refresh(force_refresh)
}

fn built(operation: &impl Operation) -> RequestParts {
    operation.request(&STAMP).unwrap()
}

fn refused(operation: &impl Operation) -> &'static str {
    match operation.request(&STAMP).unwrap_err() {
        BuildError::Field { field, .. } => field,
        other => panic!("{other}"),
    }
}

fn text(parts: &RequestParts) -> &str {
    std::str::from_utf8(parts.body.bytes()).unwrap()
}

fn heard(body: &str) -> Result<(), ResponseError> {
    appeal().receive(Response::new(200, body.as_bytes())).map(drop)
}

#[test]
fn the_acts_are_posted_as_documented() {
    let acts = [
        (
            built(&respond()),
            "bussiRespondComplaint",
            "{\"complaintOrderId\":8622001,\"bussiHandle\":1,\"content\":\"已退款\u{1f600}\"}",
        ),
        (built(&proof()), "bussiSupplyProof", r#"{"complaintOrderId":8622001,"mediaIdList":["m1","m2"]}"#),
        (
            built(&refund()),
            "bussiSupplyRefund",
            r#"{"complaintOrderId":8622001,"content":"c","mediaIdList":["m1"],"acceptReturn":1,"returnId":23234234234}"#,
        ),
        (built(&appeal()), "busiAppeal", r#"{"complaintOrderId":8622001,"content":"c"}"#),
    ];
    for (parts, name, body) in acts {
        assert_eq!((parts.method, &*parts.target), (Method::Post, &*format!("/wxaapi/minishop/{name}")));
        assert_eq!((parts.content_type.as_deref(), parts.accept), (Some("application/json"), "application/json"));
        assert_eq!(text(&parts), body);
    }
    let refusing = changed(respond(), |value| value.bussi_handle = BussiHandle::Refuse);
    assert!(text(&built(&refusing)).contains(r#""bussiHandle":2"#));
    let without_return = changed(refund(), |value| {
        value.accept_return = None;
        value.return_id = None;
    });
    assert_eq!(text(&built(&without_return)), r#"{"complaintOrderId":8622001,"content":"c","mediaIdList":["m1"]}"#);
}

#[test]
fn the_acts_write_the_members_of_the_samples() {
    let sample =
        |bytes: &[u8]| -> Value { serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap()).unwrap() };
    let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let (content, media_id_list) = (Some(Personal::new("c".to_owned())), vec!["m".to_owned()]);
    let number = "1212".to_owned();
    let respond = changed(respond().with_media_id_list(media_id_list.clone()), |value| {
        value.complaint_order_id = number.clone();
        value.content = content.clone();
    });
    let proof = changed(SupplyProof::new(number).with_media_id_list(media_id_list), |value| value.content = content);
    for (sample, parts) in [(sample(RESPOND), built(&respond)), (sample(PROOF), built(&proof))] {
        let written: Value = serde_json::from_str(text(&parts)).unwrap();
        assert_eq!(members(&written), members(&sample));
        assert_eq!(written["complaintOrderId"], sample["complaintOrderId"]);
        assert_eq!(written["bussiHandle"], sample["bussiHandle"]);
    }
}

#[test]
fn words_or_pictures_have_to_be_there() {
    let empty = || Some(Personal::new(String::new()));
    for content in [None, empty()] {
        let media_id_list = Vec::new();
        assert_eq!(refused(&changed(respond(), |value| value.content = content.clone())), "content");
        assert_eq!(
            refused(&changed(proof().with_media_id_list(Vec::new()), |value| value.content = content.clone())),
            "content"
        );
        assert_eq!(
            refused(&changed(refund().with_media_id_list(media_id_list), |value| value.content = content.clone())),
            "content"
        );
        assert_eq!(refused(&changed(appeal(), |value| value.content = content)), "content");
    }
    assert_eq!(refused(&proof().with_media_id_list(vec!["m".to_owned(), String::new()])), "mediaIdList");
    // Empty words beside pictures are left out.
    assert_eq!(text(&built(&changed(proof(), |value| value.content = empty()))), text(&built(&proof())));
}

#[test]
fn numbers_are_bounded_and_otherwise_opaque() {
    let with = |id: &str| changed(appeal(), |value| value.complaint_order_id = id.to_owned());
    for id in ["", "1\n", &"9".repeat(MAX_ID + 1)] {
        assert_eq!(refused(&with(id)), "complaintOrderId");
        assert_eq!(refused(&GetOrderDetail::new(id)), "complaintOrderId");
        assert_eq!(refused(&refund().with_return_id(id)), "returnId");
    }
    let longest = "9".repeat(MAX_ID);
    for (id, json) in [("sadfasdf", "\"sadfasdf\""), ("0012", "\"0012\""), (&longest, &format!("\"{longest}\""))] {
        assert!(text(&built(&with(id))).contains(&format!("\"complaintOrderId\":{json}")), "{id}");
    }
    let odd = GetOrderDetail::new("1&a=投");
    assert_eq!(built(&odd).target, "/wxaapi/minishop/complaintOrderDetail?complaintOrderId=1%26a%3D%E6%8A%95");
}

#[test]
fn the_detail_is_a_get_and_reads_as_it_was_seen() {
    let parts = built(&detail());
    assert_eq!((parts.method, parts.body.bytes()), (Method::Get, &b""[..]));
    assert_eq!(parts.content_type, None);
    let read = |body: &[u8]| detail().receive(Response::new(200, body)).unwrap().trust_anyway();
    let sample: OrderDetail = read(DETAIL);
    let complaint = sample.complaint_order.unwrap();
    assert_eq!(complaint.complaint_order_id.as_deref(), Some("1212"));
    assert_eq!((complaint.appeal_state, complaint.total_cost_str.as_deref()), (Some(403), Some("￥0.01")));
    assert_eq!((sample.item.len(), sample.item[0].item_type), (1, Some(1)));
    assert_eq!(sample.return_bill.unwrap().order_status, Some(4));
    let sample = read(DETAIL_2022);
    assert_eq!(sample.complaint_order.unwrap().complaint_order_id.as_deref(), Some("sadfasdf"));
    // One item without its list, no return.
    let one = read(br#"{"complaintOrder":{"openid":"o"},"item":{"itemType":"109","time":"7"},"returnBill":null}"#);
    assert_eq!((one.item.len(), one.item[0].item_type, one.item[0].time), (1, Some(109), Some(UnixTime(7))));
}

#[test]
fn payers_texts_are_read_though_cut_or_with_control_characters() {
    for (spoilt, words) in [(&b"a\x10\x1db"[..], "ab"), (b"a\xe6\x8a", "a\u{fffd}"), (b"\xff\x00", "\u{fffd}")] {
        let body = [br#"{"errcode":0,"item":{"content":""#, spoilt, br#""}}"#].concat();
        let detail = detail().receive(Response::new(200, &body)).unwrap().trust_anyway();
        assert_eq!(detail.item[0].content.as_ref().unwrap().expose(), words);
        // A refusal's words may quote them.
        let body = [br#"{"errcode":309,"errmsg":""#, spoilt, br#" rid: 1-a"}"#].concat();
        let error = appeal().receive(Response::new(200, &body)).unwrap_err();
        assert_eq!((error.code(), error.rid()), (Some(ServerCode::WrongStatus), Some("1-a")));
        assert_eq!(error.words().unwrap().peek().expose(), words);
    }
    // The trouble is told with its place in what came.
    let error = OrderDetail::decode(b"{\"item\":{\"content\":\"\x10\xff\",\n\"time\"}}").unwrap_err();
    assert_eq!(error.to_string(), "a complaint order: not UTF-8, line 1 column 22");
    // An id is never read as another one.
    let token = |token: &[u8]| {
        let body = [br#"{"expires_in":7200,"access_token":""#, token, br#""}"#].concat();
        token_request(false).receive(Response::new(200, &body))
    };
    assert!(matches!(token(b"to\x10ken"), Err(ResponseError::Malformed(_))));
}

#[test]
fn a_picture_is_uploaded_in_one_part_within_its_bounds() {
    let picture = UploadTempMedia::new("证据.JPG", b"\xff\xd8\xff").unwrap();
    let parts = built(&picture);
    assert_eq!((parts.method, &*parts.target), (Method::Post, "/cgi-bin/media/upload?type=image"));
    assert_eq!(parts.content_type.as_deref(), Some(&*format!("multipart/form-data; boundary={NONCE}")));
    let head =
        "Content-Disposition: form-data; name=\"media\"; filename=\"证据.JPG\"\r\nContent-Type: image/jpeg\r\n\r\n";
    let (before, after) = (format!("--{NONCE}\r\n{head}"), format!("\r\n--{NONCE}--\r\n"));
    let body = [before.as_bytes(), b"\xff\xd8\xff", after.as_bytes()];
    assert_eq!(parts.body.bytes(), body.concat());
    let response = br#"{"type":"image","media_id":"MEDIA_ID","created_at":123456789}"#;
    let media: TempMedia = picture.receive(Response::new(200, response)).unwrap().trust_anyway();
    assert_eq!((&*media.media_id, media.created_at), ("MEDIA_ID", Some(UnixTime(123_456_789))));

    let picture = |length: usize| [b"\x89PNG".to_vec(), vec![0; length - 4]].concat();
    assert!(UploadTempMedia::new("a.png", &picture(MAX_TEMP_MEDIA)).is_ok());
    assert!(UploadTempMedia::new("a.png", &picture(MAX_TEMP_MEDIA + 1)).is_err());
    for other in [&b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"[..], b"x", b"RIFF\x24\0\0\0WEBP"] {
        let error = UploadTempMedia::new("a.png", other).unwrap_err().to_string();
        assert!(error.contains("JPEG, PNG, BMP or GIF, by its first bytes"), "{error}");
    }
    assert!(UploadTempMedia::new("a.png", b"").is_err());
    let name = |length: usize| format!("{}.gif", "投".repeat(length - 4));
    assert!(UploadTempMedia::new(&name(MAX_FILENAME), b"GIF89a").is_ok());
    assert!(UploadTempMedia::new(&name(MAX_FILENAME + 1), b"GIF89a").is_err());
    for name in ["a", "a.mp4", "a\".png", "a\\.png", "a\r\n.png", ""] {
        assert!(UploadTempMedia::new(name, b"GIF89a").is_err(), "{name:?}");
    }
    let inside = [b"GIF89a", NONCE.as_bytes()].concat();
    let inside = UploadTempMedia::new("a.gif", &inside).unwrap();
    assert_eq!(refused(&inside), "the boundary");
}

#[test]
fn the_stable_token_is_asked_for_without_a_token() {
    const { assert!(!GetStableToken::NEEDS_TOKEN && Appeal::NEEDS_TOKEN && GetOrderDetail::NEEDS_TOKEN) };
    for force in [false, true] {
        let parts = built(&token_request(force));
        assert_eq!((parts.method, &*parts.target), (Method::Post, "/cgi-bin/stable_token"));
        let body: Value = serde_json::from_str(text(&parts)).unwrap();
        let expected =
            json!({"grant_type": "client_credential", "appid": "wx1", "secret": CANARY, "force_refresh": force});
        assert_eq!(body, expected);
    }
    assert_eq!(refused(&changed(token_request(false), |value| value.appid = String::new())), "the application id");
    for secret in [&b""[..], b"a b", b"\xff"] {
        let request = changed(token_request(false), |value| value.secret = Secret::new(secret.to_vec()));
        assert_eq!(refused(&request), "the application's secret");
    }
    let receive = |body: &str| token_request(false).receive(Response::new(200, body.as_bytes()));
    let issued = receive(r#"{"access_token":"T1","expires_in":7200}"#).unwrap().trust_anyway();
    assert_eq!((issued.access_token.expose(), issued.expires_in), ("T1", Duration::from_secs(7200)));
    for body in [
        r#"{"access_token":"","expires_in":7200}"#,
        r#"{"access_token":"T1","expires_in":-1}"#,
        r#"{"access_token":"T1"}"#,
        r#"{"expires_in":7200}"#,
    ] {
        assert!(matches!(receive(body), Err(ResponseError::Malformed(_))), "{body}");
    }
    let secret = receive(r#"{"errcode":40125,"errmsg":"invalid appsecret rid: a-b-c"}"#).unwrap_err();
    assert_eq!((secret.code(), secret.rid()), (Some(ServerCode::BadSecret), Some("a-b-c")));
}

#[test]
fn a_token_goes_into_the_query_and_into_nothing_else() {
    let token = AccessToken::new("a+b/c=&d").unwrap();
    let request = ServerRequest::sign(&appeal(), &STAMP, &token).unwrap();
    assert_eq!(request.target(), "/wxaapi/minishop/busiAppeal?access_token=a%2Bb%2Fc%3D%26d");
    let request = ServerRequest::sign(&detail(), &STAMP, &token).unwrap();
    assert!(request.target().ends_with("?complaintOrderId=8622001&access_token=a%2Bb%2Fc%3D%26d"));
    assert_eq!(request.headers().collect::<Vec<_>>(), [("Accept", "application/json")]);
    let request = ServerRequest::prepare(&appeal(), &STAMP).unwrap();
    assert_eq!(request.target(), "/wxaapi/minishop/busiAppeal");
    let headers = [("Accept", "application/json"), ("Content-Type", "application/json")];
    assert_eq!(request.headers().collect::<Vec<_>>(), headers);
    assert_eq!((request.method(), request.body()), (Method::Post, built(&appeal()).body.bytes()));

    assert!(AccessToken::new("x".repeat(MAX_ACCESS_TOKEN)).is_ok());
    for text in [String::new(), "x".repeat(MAX_ACCESS_TOKEN + 1), "a b".to_owned(), "a\n".to_owned(), "投".to_owned()]
    {
        assert!(AccessToken::new(text).is_err());
    }
    assert!(token == AccessToken::new("a+b/c=&d").unwrap() && token != AccessToken::new("a+b/c=&e").unwrap());
}

#[cfg(feature = "http")]
#[test]
fn the_http_crate_gets_the_same_request() {
    let token = AccessToken::new("T1").unwrap();
    let request = ServerRequest::sign(&appeal(), &STAMP, &token).unwrap();
    let http = request.clone().into_http("https://api.weixin.qq.com").unwrap();
    assert_eq!(http.uri(), "https://api.weixin.qq.com/wxaapi/minishop/busiAppeal?access_token=T1");
    assert_eq!((http.method().as_str(), http.body().as_slice()), ("POST", request.body()));
    assert_eq!(http.headers()["Content-Type"], "application/json");
}

#[test]
fn success_in_every_shape() {
    for body in [
        r#"{"errcode":0,"errmsg":"ok"}"#,
        r#"{"errcode":0}"#,
        r#"{"errcode":"0"}"#,
        r#"{"code":0,"msg":"","success":true}"#,
        r#"{"success":true}"#,
        "\u{feff}{\"errcode\":0}",
    ] {
        heard(body).unwrap();
    }
}

#[test]
fn refusals_in_every_shape() {
    for (body, code, words, rid) in [
        (format!(r#"{{"errcode":1002,"rid":"{RID}"}}"#), 1002, None, Some(RID)),
        (format!(r#"{{"code":309,"msg":" rid: {RID}","success":false}}"#), 309, None, Some(RID)),
        (r#"{"code":309,"msg":" rid: ","success":false}"#.to_owned(), 309, Some("rid:"), None),
        (format!(r#"{{"errcode":10001,"errmsg":"参数错误 rid: {RID}"}}"#), 10001, Some("参数错误"), Some(RID)),
        (r#"{"errcode":1,"errmsg":"not found"}"#.to_owned(), 1, Some("not found"), None),
        (r#"{"errcode":-1}"#.to_owned(), -1, None, None),
        (r#"{"errcode":"40001","errmsg":null}"#.to_owned(), 40001, None, None),
        (r#"{"errcode":47001,"errmsg":"data format error"}"#.to_owned(), 47001, Some("data format error"), None),
        (r#"{"errcode":1002,"errmsg":"a rid: b c","rid":"<script>"}"#.to_owned(), 1002, Some("a rid: b c"), None),
    ] {
        let error = heard(&body).unwrap_err();
        assert_eq!(error.code(), Some(ServerCode::from(code)), "{body}");
        assert_eq!(error.words().map(|words| words.peek().expose().as_str()), words, "{body}");
        assert_eq!(error.rid(), rid, "{body}");
        assert_eq!(error.to_string(), format!("the server refused with code {code}"));
    }
    let silent = heard(r#"{"success":false}"#).unwrap_err();
    assert!(matches!(silent, ResponseError::Refused { status: 200, code: None, .. }), "{silent:?}");
    assert_eq!(
        (silent.to_string().as_str(), silent.failure().delivery),
        ("the server refused without a code", Delivery::Unknown)
    );
}

#[test]
fn another_document_is_not_a_response_of_the_server() {
    for body in
        ["", " ", "<html><h1>502</h1></html>", "[]", "0", "\"ok\"", "null", "{\"errcode\":0", "{\"errcode\":{}}"]
    {
        for (status, fault, retryable) in [
            (200, Fault::Network, true),
            (302, Fault::Caller, false),
            (404, Fault::Caller, false),
            (429, Fault::Platform, true),
            (502, Fault::Platform, true),
        ] {
            let error = appeal().receive(Response::new(status, body.as_bytes())).unwrap_err();
            assert_eq!(error, ResponseError::NoResponse { status }, "{body}");
            assert_eq!((error.failure().fault, error.failure().delivery), (fault, Delivery::Unknown));
            assert_eq!(error.failure().is_retryable, retryable);
        }
    }
    // A gateway's own JSON is no success, a refusal with a status is one all the same.
    assert_eq!(appeal().receive(Response::new(503, b"{}")).unwrap_err(), ResponseError::NoResponse { status: 503 });
    let refused = appeal().receive(Response::new(500, br#"{"errcode":1}"#)).unwrap_err();
    assert_eq!((refused.failure().delivery, refused.failure().fault), (Delivery::Unknown, Fault::Platform));
    let refused = appeal().receive(Response::new(400, br#"{"errcode":1}"#)).unwrap_err();
    assert_eq!((refused.failure().delivery, refused.failure().fault), (Delivery::Processed, Fault::Caller));
}

#[test]
fn a_response_is_bounded() {
    let padded = |size: usize| {
        let mut body = br#"{"errcode":0}"#.to_vec();
        body.resize(size, b' ');
        appeal().receive(Response::new(200, &body)).map(drop)
    };
    padded(MAX_RESPONSE_BODY).unwrap();
    let error = padded(MAX_RESPONSE_BODY + 1).unwrap_err();
    assert_eq!(error, ResponseError::TooLarge);
    assert_eq!(
        (error.failure().fault, error.failure().delivery, error.failure().is_retryable),
        (Fault::Platform, Delivery::Unknown, false)
    );
    assert_eq!((error.code(), error.words(), error.rid()), (None, None, None), "only a refusal has them");
}

#[test]
fn every_act_is_done_with_the_code_alone() {
    let done = br#"{"errcode":0,"errmsg":"ok"}"#;
    for heard in [
        respond().receive(Response::new(200, done)),
        proof().receive(Response::new(200, done)),
        refund().receive(Response::new(200, done)),
        appeal().receive(Response::new(200, done)),
    ] {
        assert_eq!(heard, Ok(Effect::Confirmed));
    }
}

#[test]
fn codes_have_their_documented_meaning() {
    let error = |code: ServerCode| heard(&format!(r#"{{"errcode":{code}}}"#)).unwrap_err();
    for &code in ServerCode::KNOWN {
        let error = error(code);
        assert_eq!(error.is_token_error(), [40001, 40014, 42001].contains(&code.code()), "{code}");
        assert_eq!(error.is_state_error(), [309, 1002].contains(&code.code()), "{code}");
        assert_eq!(error.failure().is_retryable, [-1, 45011, 268_490_015].contains(&code.code()), "{code}");
        let busy = code == ServerCode::Busy;
        assert_eq!(error.failure().delivery, if busy { Delivery::Unknown } else { Delivery::Processed }, "{code}");
        assert_eq!(error.failure().fault, if busy { Fault::Platform } else { Fault::Caller }, "{code}");
    }
    assert_eq!(error(ServerCode::MinuteQuota).failure().retry_after, Some(Duration::from_secs(60)));
    assert_eq!(error(ServerCode::Busy).failure().retry_after, None);
    let unknown = error(ServerCode::from(-1000));
    assert_eq!((unknown.failure().delivery, unknown.failure().is_retryable), (Delivery::Unknown, false));
    assert!(!unknown.code().unwrap().is_known());
}

#[test]
fn each_operation_declares_its_idempotency() {
    use Idempotency::{Idempotent, Safe, Unsafe};
    let acts =
        [RespondComplaint::IDEMPOTENCY, SupplyProof::IDEMPOTENCY, SubmitRefund::IDEMPOTENCY, Appeal::IDEMPOTENCY];
    assert_eq!(acts, [Unsafe; 4]);
    assert_eq!((GetOrderDetail::IDEMPOTENCY, UploadTempMedia::IDEMPOTENCY), (Safe, Idempotent));
}

#[test]
fn the_platforms_clock_is_in_its_responses() {
    let at = |date: &'static str| responded_at(&[("date", date)]);
    assert_eq!(at("Fri, 14 Mar 2025 07:09:26 GMT"), Some(UnixTime(1_741_936_166)));
    assert_eq!(at("soon"), None);
    let none: [(&str, &str); 0] = [];
    assert_eq!(responded_at(&none), None);
}

#[test]
fn personal_data_and_secrets_are_not_shown() {
    let token = AccessToken::new(CANARY).unwrap();
    let with_words = respond().with_content(CANARY);
    let request = ServerRequest::sign(&with_words, &STAMP, &token).unwrap();
    assert!(request.target().contains(CANARY));
    let issued = format!(r#"{{"access_token":"{CANARY}","expires_in":7200,"{CANARY}x":1}}"#);
    let issued = token_request(false).receive(Response::new(200, issued.as_bytes())).unwrap();
    let refusal = heard(&format!(r#"{{"errcode":40001,"errmsg":"{CANARY} rid: {RID}"}}"#)).unwrap_err();
    let malformed =
        token_request(false).receive(Response::new(200, format!(r#"{{"access_token":["{CANARY}"]}}"#).as_bytes()));
    let malformed = malformed.unwrap_err();
    let detail = format!(
        r#"{{"complaintOrder":{{"openid":"{CANARY}","phoneNumber":"{CANARY}","nickName":"{CANARY}","headImgUrl":"{CANARY}","customerMaterial":{{"content":"{CANARY}","mediaIdList":["{CANARY}"]}}}},"item":[{{"content":"{CANARY}","mediaIdList":["{CANARY}"],"phoneNumber":"{CANARY}","nickName":"{CANARY}"}}]}}"#
    );
    let detail = self::detail().receive(Response::new(200, detail.as_bytes())).unwrap();
    let picture = [b"\x89PNG", CANARY.as_bytes()].concat();
    let picture = UploadTempMedia::new("canary.png", &picture).unwrap();
    for shown in [
        format!("{token:?} {issued:#?} {request:#?} {with_words:?} {picture:?}"),
        format!("{:?} {:?}", token_request(true), built(&token_request(true))),
        format!("{refusal:?} {refusal} {malformed:?} {malformed} {detail:?}"),
    ] {
        assert!(!shown.contains("canary"), "{shown}");
    }
}
