//! The responses that the operations read, and refusals.

use std::time::Duration;

use protocol_core::complaint::{AppealState, OrderDetail, OrderItemType, ReturnStatus};
use protocol_core::limits::MAX_RESPONSE_BODY;
use protocol_core::mini_program::{
    AccessToken, Operation, Response, ResponseError, ServerCode, ServerRequest, UploadTempMedia, responded_at,
};
use protocol_core::{Delivery, Fault, Method, UnixTime};

use crate::{CANARY, STAMP, appeal, built, detail, respond, token_request};

const RID: &str = "6312c9f9-5a2e6f0b-1c9a4b3d";
const DETAIL: &[u8] = include_bytes!("../vectors/wechat-mp/api/WxaApiMiniShopComplaintOrderDetailResponse.json");
const DETAIL_2022: &[u8] = include_bytes!("../vectors/wechat-mp/api/complaintOrderDetail.2022-client.json");

fn heard(body: &str) -> Result<(), ResponseError> {
    appeal().receive(Response::new(200, body.as_bytes())).map(drop)
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
    assert_eq!(
        (complaint.appeal_state, complaint.total_cost_str.as_deref()),
        (Some(AppealState::InProgress), Some("￥0.01"))
    );
    assert_eq!((sample.item.len(), sample.item[0].item_type), (1, Some(OrderItemType::UserFiled)));
    assert_eq!(sample.return_bill.unwrap().order_status, Some(ReturnStatus::Signed));
    let sample = read(DETAIL_2022);
    assert_eq!(sample.complaint_order.unwrap().complaint_order_id.as_deref(), Some("sadfasdf"));
    // One item without its list, no return.
    let one = read(br#"{"complaintOrder":{"openid":"o"},"item":{"itemType":"109","time":"7"},"returnBill":null}"#);
    assert_eq!(
        (one.item.len(), one.item[0].item_type, one.item[0].time),
        (1, Some(OrderItemType::MerchantResponded), Some(UnixTime(7)))
    );
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
