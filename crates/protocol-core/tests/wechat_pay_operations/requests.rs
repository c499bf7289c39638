//! The requests of the operations, to the letter, and their bounds on both sides.

use std::sync::LazyLock;

use protocol_core::Idempotency::{Idempotent, Safe, Unsafe};
use protocol_core::complaint::{MiniProgramJumpInfo, NormalMessage};
use protocol_core::crypto::ApiV3Key;
use protocol_core::wechat_pay::{
    AlgorithmType, CreateNotificationUrl, CreateViolationUrl, DeleteNotificationUrl, DeleteViolationUrl, DownloadImage,
    Echo, GetComplaint, GetNegotiationHistory, ListCertificates, Operation, QueryNotificationUrl, QueryViolationUrl,
    RefundAction, UpdateNotificationUrl, UpdateRefundProgress, UpdateViolationUrl, UploadImage,
};
use protocol_core::{Method, Personal, RequestParts};
use serde_json::{Value, json};

use crate::every::Row;
use crate::{ID, STAMP, body, built, changed, complete, immediate, list, refund, refused, respond};

/// Every operation, its idempotency, and its request to the letter: method and target, and the body
/// that is signed. A new operation is a row here, and its bounds are a test below.
#[rustfmt::skip]
pub(crate) fn every_operation() -> Vec<Row> {
    static KEY: LazyLock<ApiV3Key> = LazyLock::new(|| ApiV3Key::new(&[b'k'; 32]).unwrap());
    const URL: &str = "https://www.xxx.com/notify";
    let image = UploadImage::new("a.png", b"\x89PNG").unwrap();
    vec![
        Row::new(list(), Safe, "GET /v3/merchant-service/complaints-v2?limit=50&offset=0&begin_date=2025-03-01&end_date=2025-03-30&complainted_mchid=1900007291", ""),
        Row::new(GetComplaint::new(ID), Safe, "GET /v3/merchant-service/complaints-v2/200201820200101080076610000", ""),
        Row::new(GetNegotiationHistory::new(ID), Safe, "GET /v3/merchant-service/complaints-v2/200201820200101080076610000/negotiation-historys?limit=100&offset=0", ""),
        Row::new(respond(), Unsafe, "POST /v3/merchant-service/complaints-v2/200201820200101080076610000/response", r#"{"complainted_mchid":"1900007291","response_content":"已与用户沟通解决"}"#),
        Row::new(complete(), Unsafe, "POST /v3/merchant-service/complaints-v2/200201820200101080076610000/complete", r#"{"complainted_mchid":"1900007291"}"#),
        Row::new(UpdateRefundProgress::approve(ID, 0), Unsafe, "POST /v3/merchant-service/complaints-v2/200201820200101080076610000/update-refund-progress", r#"{"action":"APPROVE","launch_refund_day":0}"#),
        Row::new(immediate(NormalMessage::default()), Idempotent, "POST /v3/merchant-service/complaints-v2/200201820200101080076610000/response-immediate-service", r#"{"complainted_mchid":"1900007291","message":{"blocks":[]},"idempotent_id":"0f8b1a52-6a0e-4c0b-9f3d-0b8e6a2c1d77"}"#),
        Row::new(QueryNotificationUrl, Safe, "GET /v3/merchant-service/complaint-notifications", ""),
        Row::new(CreateNotificationUrl::new(URL), Unsafe, "POST /v3/merchant-service/complaint-notifications", r#"{"url":"https://www.xxx.com/notify"}"#),
        Row::new(UpdateNotificationUrl::new(URL), Idempotent, "PUT /v3/merchant-service/complaint-notifications", r#"{"url":"https://www.xxx.com/notify"}"#),
        Row::new(DeleteNotificationUrl, Idempotent, "DELETE /v3/merchant-service/complaint-notifications", ""),
        Row::new(QueryViolationUrl, Safe, "GET /v3/merchant-risk-manage/violation-notifications", ""),
        Row::new(CreateViolationUrl::new(URL), Unsafe, "POST /v3/merchant-risk-manage/violation-notifications", r#"{"notify_url":"https://www.xxx.com/notify"}"#),
        Row::new(UpdateViolationUrl::new(URL), Idempotent, "PUT /v3/merchant-risk-manage/violation-notifications", r#"{"notify_url":"https://www.xxx.com/notify"}"#),
        Row::new(DeleteViolationUrl, Idempotent, "DELETE /v3/merchant-risk-manage/violation-notifications", ""),
        Row::new(image, Idempotent, "POST /v3/merchant-service/images/upload", r#"{"filename":"a.png","sha256":"0f4636c78f65d3639ece5a064b5ae753e3408614a14fb18ab4d7540d2c248543"}"#),
        Row::new(DownloadImage::from_media_id("a/b").unwrap(), Safe, "GET /v3/merchant-service/images/a%2Fb", ""),
        Row::new(ListCertificates::new(&KEY), Safe, "GET /v3/certificates", ""),
        Row::new(Echo::new("hello"), Idempotent, "POST /v3/security/echo", r#"{"echo_message":"hello"}"#),
    ]
}

#[track_caller]
fn is(case: &Value, parts: &RequestParts) {
    let sent = (parts.method.as_str(), parts.target.as_str(), std::str::from_utf8(parts.body.signed_bytes()).unwrap());
    let expected = ["method", "url", "signed_body"].map(|member| case[member].as_str().unwrap());
    assert_eq!(sent, expected.into());
}

/// The URL keeps the rules of the notification URL.
#[test]
fn a_violation_url_is_public_https_without_a_query() {
    let longest = format!("https://www.xxx.com/{}", "a".repeat(235));
    assert!(CreateViolationUrl::new(&longest).request(&STAMP).is_ok());
    assert!(UpdateViolationUrl::new(&longest).request(&STAMP).is_ok());
    for bad in [format!("{longest}a"), "http://www.xxx.com/notify".to_owned(), "https://127.0.0.1/".to_owned()] {
        assert_eq!(refused(&CreateViolationUrl::new(&bad)), "the notification URL");
        assert_eq!(refused(&UpdateViolationUrl::new(&bad)), "the notification URL");
    }
}

/// The requests that the published signatures are over, made by the operations: target and signed
/// bytes to the letter.
#[test]
fn operations_make_the_requests_of_the_vectors() {
    let vector: Value =
        serde_json::from_str(include_str!("../vectors/wechatpay/synthetic/complaint_request_sign.json")).unwrap();
    let cases = vector["cases"].as_array().unwrap();
    let [listed, detail, history, response, completed, image, deleted, upload] = cases.as_slice() else {
        panic!("eight cases")
    };
    is(listed, &built(&list()));
    is(detail, &built(&GetComplaint::new(ID)));
    is(history, &built(&GetNegotiationHistory::new(ID)));
    is(response, &built(&respond()));
    is(completed, &built(&complete()));
    let url = format!("https://api.mch.weixin.qq.com{}", image["url"].as_str().unwrap());
    is(image, &built(&DownloadImage::from_media_url(&url).unwrap()));
    is(deleted, &built(&DeleteNotificationUrl));
    // The vector's upload names the digest of an empty file, which no upload is; the rest of it has
    // to be the same.
    let parts = built(&UploadImage::new("a.png", b"\x89PNG").unwrap());
    assert_eq!(
        (parts.method.as_str(), &*parts.target),
        (upload["method"].as_str().unwrap(), upload["url"].as_str().unwrap())
    );
    let digest = "0f4636c78f65d3639ece5a064b5ae753e3408614a14fb18ab4d7540d2c248543";
    assert_eq!(parts.body.signed_bytes(), format!(r#"{{"filename":"a.png","sha256":"{digest}"}}"#).as_bytes());
}

#[test]
fn bodies_are_the_documented_ones() {
    let url = "https://www.xxx.com/notify".to_owned();
    let created = built(&CreateNotificationUrl::new(url.clone()));
    let updated = built(&UpdateNotificationUrl::new(url));
    for (parts, method) in [(&created, Method::Post), (&updated, Method::Put)] {
        assert_eq!((parts.method, &*parts.target), (method, "/v3/merchant-service/complaint-notifications"));
        assert_eq!(body(parts), r#"{"url":"https://www.xxx.com/notify"}"#);
    }
    let queried = built(&QueryNotificationUrl);
    assert_eq!((queried.method, body(&queried)), (Method::Get, ""));

    let approve = UpdateRefundProgress::approve(ID, 3).with_remark("ok");
    assert_eq!(body(&built(&approve)), r#"{"action":"APPROVE","launch_refund_day":3,"remark":"ok"}"#);
    assert!(built(&approve).target.ends_with("/200201820200101080076610000/update-refund-progress"));

    let message: NormalMessage = serde_json::from_value(json!({
        "blocks": [{"type": "TEXT", "text": {"text": "您好，马上为您处理", "color": "DEFAULT", "is_bold": false}}],
        "sender_identity": "MANUAL"
    }))
    .unwrap();
    let parts = built(&immediate(message));
    assert!(parts.target.ends_with("/200201820200101080076610000/response-immediate-service"));
    assert_eq!(
        body(&parts),
        r#"{"complainted_mchid":"1900007291","message":{"blocks":[{"type":"TEXT","text":{"text":"您好，马上为您处理","color":"DEFAULT","is_bold":false}}],"sender_identity":"MANUAL"},"idempotent_id":"0f8b1a52-6a0e-4c0b-9f3d-0b8e6a2c1d77"}"#
    );

    let echo = Echo::new("hello");
    assert_eq!((&*built(&echo).target, body(&built(&echo))), ("/v3/security/echo", r#"{"echo_message":"hello"}"#));

    let key = ApiV3Key::new(&[b'k'; 32]).unwrap();
    let certificates = |algorithm_type| {
        built(&changed(ListCertificates::new(&key), |value| value.algorithm_type = algorithm_type)).target
    };
    assert_eq!(certificates(None), "/v3/certificates");
    assert_eq!(certificates(Some(&AlgorithmType::Sm2)), "/v3/certificates?algorithm_type=SM2");
    let unknown = AlgorithmType::from("X\n");
    assert_eq!(refused(&ListCertificates::new(&key).with_algorithm_type(&unknown)), "algorithm_type");
}

#[test]
fn pages_and_spans_have_bounds() {
    for limit in [1, 50] {
        built(&list().with_limit(limit));
    }
    for limit in [0, 51] {
        assert_eq!(refused(&list().with_limit(limit)), "limit");
    }
    let history = |limit| GetNegotiationHistory::new(ID).with_limit(limit).with_offset(7);
    assert!(built(&history(300)).target.ends_with("/negotiation-historys?limit=300&offset=7"));
    assert_eq!([refused(&history(0)), refused(&history(301))], ["limit"; 2]);
    let span = |first: &str, last: &str| {
        changed(list(), |value| {
            value.begin_date = first.to_owned();
            value.end_date = last.to_owned();
        })
    };
    for (first, last) in [("2025-03-01", "2025-03-31"), ("2025-03-01", "2025-03-01"), ("2024-02-01", "2024-03-02")] {
        built(&span(first, last));
    }
    for (first, last) in [
        ("2025-03-01", "2025-04-01"),
        ("2025-03-02", "2025-03-01"),
        ("2025-3-1", "2025-03-02"),
        ("2025-02-29", "2025-03-02"),
        ("20250301", "20250302"),
        ("", ""),
        ("2025-03-01&limit=1", "2025-03-02"),
    ] {
        assert_eq!(refused(&span(first, last)), "the span of time", "{first} {last}");
    }
    assert!(!built(&changed(list(), |value| value.complainted_mchid = None)).target.contains("complainted_mchid"));
    let accused = |mchid: &str| list().with_complainted_mchid(mchid);
    built(&accused(&"1".repeat(64)));
    for mchid in ["", "1&limit=1", "商户", &"1".repeat(65)] {
        assert_eq!(refused(&accused(mchid)), "complainted_mchid", "{mchid}");
    }
}

#[test]
fn ids_are_opaque() {
    let target = |id: &str| built(&GetComplaint::new(id)).target;
    assert_eq!(target("a/..b?c"), "/v3/merchant-service/complaints-v2/a%2F..b%3Fc");
    target(&"投".repeat(64));
    for id in ["", "..", "a/../b?c", &"1".repeat(65)] {
        assert_eq!(refused(&GetComplaint::new(id)), "complaint_id", "{id}");
        assert_eq!(refused(&changed(complete(), |value| value.complaint_id = id.to_owned())), "complaint_id", "{id}");
    }
}

#[test]
fn a_reply_is_bounded_in_characters() {
    let content = |text: String| changed(respond(), |value| value.response_content = Personal::new(text));
    built(&content("字".repeat(500)));
    for text in [String::new(), "字".repeat(501), "好\u{1f44c}".to_owned()] {
        assert_eq!(refused(&content(text)), "response_content");
    }
    let images = |count| respond().with_response_images(vec!["file23578_21798531.jpg".to_owned(); count]);
    assert!(body(&built(&images(4))).contains("response_images"));
    assert_eq!(refused(&images(5)), "response_images");
    assert_eq!(refused(&respond().with_response_images(vec![String::new()])), "response_images");

    let link = |url: &str, text: Option<&str>| {
        changed(respond(), |value| {
            value.jump_url = Some(url.to_owned());
            value.jump_url_text = text.map(str::to_owned);
        })
    };
    let longest = format!("https://{}", "a".repeat(504));
    built(&link(&longest, Some(&"字".repeat(10))));
    assert_eq!(refused(&link(&format!("{longest}a"), Some("x"))), "jump_url");
    assert_eq!(refused(&link("http://a.example", Some("x"))), "jump_url");
    for text in [None, Some(""), Some("12345678901")] {
        assert_eq!(refused(&link("https://a.example", text)), "jump_url_text", "{text:?}");
    }
    assert_eq!(refused(&changed(respond(), |value| value.jump_url_text = Some("x".to_owned()))), "jump_url_text");

    let mut place = MiniProgramJumpInfo::default();
    for member in 0..3 {
        let incomplete = respond().with_mini_program_jump_info(place.clone());
        assert_eq!(refused(&incomplete), "mini_program_jump_info");
        let members = [&mut place.appid, &mut place.path, &mut place.text];
        *members.into_iter().nth(member).unwrap() = Some("x".to_owned());
    }
    built(&respond().with_mini_program_jump_info(place));
    for mchid in ["", "1900007291 ", "\u{1f600}"] {
        assert_eq!(
            refused(&changed(respond(), |value| value.complainted_mchid = mchid.to_owned())),
            "complainted_mchid"
        );
    }
}

#[test]
fn a_refund_decision_is_bounded() {
    let words = |length| Some(Personal::new("字".repeat(length)));
    for length in [0, 201] {
        let reason = changed(refund(RefundAction::Reject), |value| value.reject_reason = words(length));
        assert_eq!(refused(&reason), "reject_reason");
        assert_eq!(refused(&changed(refund(RefundAction::Reject), |value| value.remark = words(length))), "remark");
    }
    built(&changed(refund(RefundAction::Reject), |value| {
        value.reject_reason = words(200);
        value.remark = words(200);
    }));
    assert_eq!(refused(&refund(RefundAction::from("MAYBE"))), "action");
    let pictures = |count| refund(RefundAction::Reject).with_reject_media_list(vec!["id".to_owned(); count]);
    built(&pictures(4));
    assert_eq!(refused(&pictures(5)), "reject_media_list");
}

#[test]
fn a_message_of_blocks_is_bounded_wherever_its_actions_stand() {
    let message = |message: Value| serde_json::from_value::<NormalMessage>(message).unwrap();
    let bad = json!({ "action": { "message_info": {} } });
    for block in [
        json!({ "link": bad }),
        json!({ "button": bad }),
        json!({ "button_group": { "buttons": [{}, bad] } }),
        json!({ "faq_list": { "faqs": [{}, bad] } }),
    ] {
        assert_eq!(refused(&immediate(message(json!({ "blocks": [{}, block] })))), "message_info", "{block}");
    }
    let place = json!({ "blocks": [{ "link": { "action": { "mini_program_jump_info": { "path": "p" } } } }] });
    assert_eq!(refused(&immediate(message(place))), "mini_program_jump_info");
    let data = |length| message(json!({ "custom_data": "字".repeat(length) }));
    built(&immediate(data(4096)));
    assert_eq!(refused(&immediate(data(4097))), "custom_data");
    let id = |length| changed(immediate(data(1)), |value| value.idempotent_id = "x".repeat(length));
    built(&id(128));
    assert_eq!([refused(&id(0)), refused(&id(129))], ["idempotent_id"; 2]);
    // A member this version does not know goes out as it is, unless the platform refuses any
    // document with it.
    for (member, fits) in [(json!(1), true), (json!(null), false), (json!("\u{1f600}"), false)] {
        let message = message(json!({ "blocks": [], "new": member }));
        assert_eq!(immediate(message).request(&STAMP).is_ok(), fits, "{member}");
    }
}

#[test]
fn only_links_of_the_image_interface_are_signed() {
    let target = |url: &str| built(&DownloadImage::from_media_url(url).unwrap()).target;
    // As in the platform's own responses, raw `=` and escapes side by side.
    let id = "ChsyMDAyMDA1MjAyMTA3MjIxNzAwMDAxMzIwNzIYACD%2B9I6IBigBMAE4AQ==";
    // As in WxJava's issue 2952: a slash of base64 that was not escaped.
    let slashed = "ChsyMDAwMDAwMjAyMzAzMTcxODAwNjk0NzQxMjYYBSCd/9CgBigBMAE4AQ%3D%3D";
    for host in ["api.mch.weixin.qq.com", "API2.mch.weixin.qq.com", "api.wechatpay.cn"] {
        for id in [id, slashed] {
            assert_eq!(
                target(&format!("https://{host}/v3/merchant-service/images/{id}")),
                format!("/v3/merchant-service/images/{id}")
            );
        }
    }
    for url in [
        "http://api.mch.weixin.qq.com/v3/merchant-service/images/a",
        "https://api.mch.weixin.qq.com.evil.example/v3/merchant-service/images/a",
        "https://evil.example/v3/merchant-service/images/a",
        "https://user@api.mch.weixin.qq.com/v3/merchant-service/images/a",
        "https://api.mch.weixin.qq.com:444/v3/merchant-service/images/a",
        "https://api.mch.weixin.qq.com/v3/merchant-service/images/",
        "https://api.mch.weixin.qq.com/v3/merchant-service/images/..",
        "https://api.mch.weixin.qq.com/v3/merchant-service/images/%2E.",
        "https://api.mch.weixin.qq.com/v3/merchant-service/images/../complaints-v2",
        "https://api.mch.weixin.qq.com/v3/merchant-service/images/a/%2e%2E/b",
        "https://api.mch.weixin.qq.com/v3/merchant-service/images/a/.",
        "https://api.mch.weixin.qq.com/v3/merchant-service/images/%2E%2e%2fcomplaints-v2",
        "https://api.mch.weixin.qq.com/v3/merchant-service/images/..;/complaints-v2",
        "https://api.mch.weixin.qq.com/v3/merchant-service/images/a%5C..%5c..%5Ccomplaints-v2",
        "https://api.mch.weixin.qq.com/v3/merchant-service/images/%252e%252e%252fcomplaints-v2",
        "https://api.mch.weixin.qq.com/v3/merchant-service/images/a?b",
        "https://api.mch.weixin.qq.com/v3/merchant-service/images/a\r\nb",
        "https://api.mch.weixin.qq.com/v3/merchant-service/complaints-v2",
        "https://api.mch.weixin.qq.com",
        "",
    ] {
        assert!(DownloadImage::from_media_url(url).is_err(), "{url}");
    }
    let encoded = built(&DownloadImage::from_media_id("a/b+c=").unwrap());
    assert_eq!((&*encoded.target, encoded.accept), ("/v3/merchant-service/images/a%2Fb%2Bc%3D", "*/*"));
    for id in [&*"a".repeat(257), "../complaints-v2", "a\\..", "..;/a", "%2e%2e/a"] {
        assert!(DownloadImage::from_media_id(id).is_err(), "{id}");
    }
    let image = DownloadImage::from_media_id("canary").unwrap();
    assert!(!format!("{image:?}").contains("canary"));
}
