//! The requests of the operations, and their bounds on both sides.

use std::time::Duration;

use protocol_core::Idempotency::{Idempotent, Safe, Unsafe};
use protocol_core::limits::{MAX_FILENAME, MAX_ID};
use protocol_core::mini_program::{
    AccessToken, Appeal, BussiHandle, GetOrderDetail, GetPenaltyList, GetStableToken, MAX_ACCESS_TOKEN, MAX_PENALTIES,
    MAX_TEMP_MEDIA, Operation, Response, ResponseError, ServerCode, ServerRequest, SupplyProof, TempMedia,
    UploadTempMedia,
};
use protocol_core::{Method, Personal, Secret, UnixTime};
use serde_json::{Value, json};

use crate::every::Row;
use crate::{
    CANARY, NONCE, STAMP, appeal, built, changed, detail, proof, refund, refused, respond, text, token_request,
};

const RESPOND: &[u8] = include_bytes!("../vectors/wechat-mp/api/WxaApiMiniShopBusinessRespondComplaintRequest.json");
const PROOF: &[u8] = include_bytes!("../vectors/wechat-mp/api/WxaApiMiniShopBusinessSupplyProofRequest.json");

/// Every operation, its idempotency, and its request to the letter. A new operation is a row here,
/// and its bounds are a test below.
#[rustfmt::skip]
pub(crate) fn every_operation() -> Vec<Row> {
    let picture = UploadTempMedia::new("a.gif", b"GIF89a").unwrap();
    vec![
        Row::new(respond(), Unsafe, "POST /wxaapi/minishop/bussiRespondComplaint", "{\"complaintOrderId\":8622001,\"bussiHandle\":1,\"content\":\"已退款\u{1f600}\"}"),
        Row::new(proof(), Unsafe, "POST /wxaapi/minishop/bussiSupplyProof", r#"{"complaintOrderId":8622001,"mediaIdList":["m1","m2"]}"#),
        Row::new(refund(), Unsafe, "POST /wxaapi/minishop/bussiSupplyRefund", r#"{"complaintOrderId":8622001,"content":"c","mediaIdList":["m1"],"acceptReturn":1,"returnId":23234234234}"#),
        Row::new(appeal(), Unsafe, "POST /wxaapi/minishop/busiAppeal", r#"{"complaintOrderId":8622001,"content":"c"}"#),
        Row::new(detail(), Safe, "GET /wxaapi/minishop/complaintOrderDetail?complaintOrderId=8622001", ""),
        Row::new(GetPenaltyList::new(100), Safe, "GET /wxaapi/wxamptrade/get_penalty_list?offset=100&limit=100", ""),
        Row::new(picture, Idempotent, "POST /cgi-bin/media/upload?type=image", "--593BEC0C930BF1AFEB40B4A08C8FB242\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.gif\"\r\nContent-Type: image/gif\r\n\r\nGIF89a\r\n--593BEC0C930BF1AFEB40B4A08C8FB242--\r\n"),
        Row::new(token_request(false), Idempotent, "POST /cgi-bin/stable_token", r#"{"grant_type":"client_credential","appid":"wx1","secret":"canary13900001234","force_refresh":false}"#),
    ]
}

#[test]
fn a_reply_may_refuse_and_a_refund_has_no_return() {
    let refusing = changed(respond(), |value| value.bussi_handle = BussiHandle::Refuse);
    assert!(text(&built(&refusing)).contains(r#""bussiHandle":2"#));
    let without_return = changed(refund(), |value| {
        value.accept_return = None;
        value.return_id = None;
    });
    assert_eq!(text(&built(&without_return)), r#"{"complaintOrderId":8622001,"content":"c","mediaIdList":["m1"]}"#);
}

#[test]
fn a_page_of_penalties_is_bounded() {
    let of = |limit| changed(GetPenaltyList::new(0), |value| value.limit = limit);
    assert!(built(&of(1)).target.ends_with("?offset=0&limit=1"));
    assert!(built(&of(MAX_PENALTIES)).target.ends_with("?offset=0&limit=100"));
    assert_eq!((refused(&of(0)), refused(&of(MAX_PENALTIES + 1))), ("limit", "limit"));
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
