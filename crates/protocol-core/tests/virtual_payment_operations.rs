//! Virtual payment's operations: the requests they make, their bounds on both sides, the responses
//! they read, and the events among the pushes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what must hold"
)]

#[path = "common/operations.rs"]
mod operations;

use std::time::Duration;

use protocol_core::call::{ActOnce, ActStep, CallError, Paged, Pages, RECHECK_DELAYS};
use protocol_core::complaint::{ComplaintPage, NegotiationHistory};
use protocol_core::limits::{MAX_FILENAME, MAX_ID, MAX_IMAGE_BODY};
use protocol_core::mini_program::{AccessToken, Acknowledgement, Operation as _, Push, Received};
use protocol_core::rate::RateGroup;
use protocol_core::retry::RetryPolicy;
use protocol_core::virtual_payment::{
    CompleteComplaint, Env, Evidence, EvidenceQuery, EvidenceResponse, FileSign, GetComplaintDetail, GetComplaintList,
    GetNegotiationHistory, GetUploadFileSign, MAX_VP_FILE, Merchant, Notice, Operation, Response, ResponseComplaint,
    ResponseError, ServerCode, Signed, UploadVpFile, pay_sig, receive_image,
};
use protocol_core::{
    BuildError, Delivery, Effect, Fault, Idempotency, Method, OperationInfo, RequestParts, Secret, Stamp, UnixTime,
};

const STAMP: Stamp<'_> = Stamp { now: UnixTime(1_741_936_166), nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };
const ID: &str = "200000020250609150295416690";
const PICTURE: &str = "https://api.mch.weixin.qq.com/v3/merchant-service/images/Cj%3D";
const CANARY: &str = "canary13900001234";

fn list() -> GetComplaintList {
    GetComplaintList::new("2025-06-01", "2025-06-09")
}

fn reply() -> ResponseComplaint {
    ResponseComplaint::new(ID, "已退款")
}

fn built(operation: &impl Operation) -> RequestParts {
    operation.request(Env::Production, &STAMP).unwrap()
}

fn body(operation: &impl Operation) -> String {
    String::from_utf8(built(operation).body.into_bytes()).unwrap()
}

fn refused(operation: &impl Operation) -> &'static str {
    match operation.request(Env::Production, &STAMP).unwrap_err() {
        BuildError::Field { field, .. } => field,
        other => panic!("{other}"),
    }
}

fn heard<O: Operation>(operation: &O, body: &str) -> Result<O::Response, ResponseError> {
    operation.receive(Response::new(200, body.as_bytes()))
}

#[test]
fn every_operation_is_posted_as_documented() {
    let file = UploadVpFile::new("a.png", b"\x89PNG").unwrap();
    let link = UploadVpFile::from_link("a.png", "https://merchant.example/a.png").unwrap();
    let sign = GetUploadFileSign::new(ID, PICTURE).with_convert_cos(true);
    for (parts, path, members) in [
        (
            built(&list().with_offset(50).with_limit(20)),
            "get_complaint_list",
            r#""begin_date":"2025-06-01","end_date":"2025-06-09","offset":50,"limit":20"#.to_owned(),
        ),
        (built(&GetComplaintDetail::new(ID)), "get_complaint_detail", format!(r#""complaint_id":"{ID}""#)),
        (
            built(&GetNegotiationHistory::new(ID).with_offset(100)),
            "get_negotiation_history",
            format!(r#""complaint_id":"{ID}","offset":100,"limit":100"#),
        ),
        (
            built(&reply().with_response_images(vec!["file_1".to_owned()])),
            "response_complaint",
            format!(r#""complaint_id":"{ID}","response_content":"已退款","response_images":["file_1"]"#),
        ),
        (built(&CompleteComplaint::new(ID)), "complete_complaint", format!(r#""complaint_id":"{ID}""#)),
        (built(&file), "upload_vp_file", r#""base64_img":"iVBORw==","file_name":"a.png""#.to_owned()),
        (
            built(&link),
            "upload_vp_file",
            r#""img_url":"https://merchant.example/a.png","file_name":"a.png""#.to_owned(),
        ),
        (
            built(&sign),
            "get_upload_file_sign",
            format!(r#""wxpay_url":"{PICTURE}","convert_cos":true,"complaint_id":"{ID}""#),
        ),
    ] {
        assert_eq!((parts.method, parts.target.as_str()), (Method::Post, &*format!("/xpay/{path}")));
        assert_eq!((parts.content_type.as_deref(), parts.accept), (Some("application/json"), "application/json"));
        assert_eq!(std::str::from_utf8(parts.body.bytes()), Ok(&*format!(r#"{{"env":0,{members}}}"#)));
    }
    let sandbox = reply().request(Env::Sandbox, &STAMP).unwrap();
    assert!(sandbox.body.bytes().starts_with(br#"{"env":1,"#));
}

#[test]
fn each_limit_counts_its_operations() {
    fn counted<O: Operation>() -> (RateGroup, RateGroup) {
        (O::RATE, <Signed<'_, O> as OperationInfo>::RATE)
    }

    for (counted, group) in [
        (counted::<GetComplaintList>(), RateGroup::List),
        (counted::<GetNegotiationHistory>(), RateGroup::History),
        (counted::<ResponseComplaint>(), RateGroup::Reply),
        (counted::<UploadVpFile<'_>>(), RateGroup::Upload),
        (counted::<CompleteComplaint>(), RateGroup::Complete),
        (counted::<GetComplaintDetail>(), RateGroup::Other),
        (counted::<GetUploadFileSign>(), RateGroup::Other),
    ] {
        assert_eq!(counted, (group, group));
    }
}

#[test]
fn a_request_is_signed_over_the_bytes_that_are_sent() {
    let merchant = Merchant::new(Secret::new(b"12345".to_vec()), Env::Sandbox).unwrap();
    let token = AccessToken::new("T/1").unwrap();
    let request = merchant.sign(&reply(), &STAMP, &token).unwrap();
    let signature = pay_sig(b"12345", "/xpay/response_complaint", request.body());
    assert_eq!(
        request.target(),
        format!("/xpay/response_complaint?pay_sig={signature}&access_token=T%2F1"),
        "the path is signed without its query"
    );
    assert!(request.body().starts_with(br#"{"env":1,"#));

    /// An operation with a query of its own.
    struct Queried;

    impl OperationInfo for Queried {
        type Response = Effect;

        const NAME: &'static str = "queried";
        const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    }

    impl Operation for Queried {
        fn request(&self, _: Env, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
            Ok(RequestParts::json(Method::Post, "/xpay/queried?a=1", b"{}".to_vec()))
        }

        fn receive(&self, response: Response<'_>) -> Result<Effect, ResponseError> {
            response.done()
        }
    }

    let signature = pay_sig(b"12345", "/xpay/queried", b"{}");
    let parts = merchant.signed(&Queried).request(&STAMP).unwrap();
    assert_eq!(parts.target, format!("/xpay/queried?a=1&pay_sig={signature}"));
    assert_eq!(merchant.signed(&Queried).receive(Response::new(200, b"{}")), Ok(Effect::Confirmed));

    for key in [&b""[..], b"a b", b"\xff", b"12345\n"] {
        assert!(Merchant::new(Secret::new(key.to_vec()), Env::Production).is_err());
    }
}

#[test]
fn requests_are_bounded_on_both_sides() {
    for id in ["", " ", "1\n", &"9".repeat(MAX_ID + 1)] {
        assert_eq!(refused(&GetComplaintDetail::new(id)), "complaint_id");
        assert_eq!(refused(&GetNegotiationHistory::new(id)), "complaint_id");
        assert_eq!(refused(&CompleteComplaint::new(id)), "complaint_id");
        assert_eq!(refused(&ResponseComplaint::new(id, "t")), "complaint_id");
        assert_eq!(refused(&GetUploadFileSign::new(id, PICTURE)), "complaint_id");
    }
    built(&GetComplaintDetail::new("9".repeat(MAX_ID)));

    for limit in [1, 50] {
        built(&list().with_limit(limit));
    }
    for limit in [0, 51] {
        assert_eq!(refused(&list().with_limit(limit)), "limit");
    }
    for limit in [1, 300] {
        built(&GetNegotiationHistory::new(ID).with_limit(limit));
    }
    for limit in [0, 301] {
        assert_eq!(refused(&GetNegotiationHistory::new(ID).with_limit(limit)), "limit");
    }
    built(&GetComplaintList::new("2025-06-01", "2025-07-01"));
    for (first, last) in [("2025-06-01", "2025-07-02"), ("2025-06-02", "2025-06-01"), ("2025-6-1", "2025-06-02")] {
        assert_eq!(refused(&GetComplaintList::new(first, last)), "the span of time");
    }

    let said = |text: String| ResponseComplaint::new(ID, text);
    built(&said("投".repeat(500)));
    assert_eq!(refused(&said("投".repeat(501))), "response_content");
    assert_eq!(refused(&said(String::new())), "response_content");
    let images = |images: &[String]| reply().with_response_images(images.to_vec());
    built(&images(&vec!["f".repeat(512); 4]));
    assert_eq!(refused(&images(&vec!["f".to_owned(); 5])), "response_images");
    for id in [String::new(), "f".repeat(513)] {
        assert_eq!(refused(&images(&[id])), "response_images");
    }
}

#[test]
fn pictures_are_bounded_on_both_sides() {
    let picture = |length: usize| [b"\x89PNG".to_vec(), vec![0; length - 4]].concat();
    UploadVpFile::new("a.png", &picture(MAX_VP_FILE)).unwrap();
    UploadVpFile::new("a.png", &picture(MAX_VP_FILE + 1)).unwrap_err();
    for other in [&b""[..], b"x", b"<svg/>", b"RIFF\x24\0\0\0WEBP"] {
        UploadVpFile::new("a.png", other).unwrap_err();
    }
    let png = picture(8);
    UploadVpFile::new(&"投".repeat(MAX_FILENAME), &png).unwrap();
    for name in ["", "a\n.png", &"投".repeat(MAX_FILENAME + 1)] {
        UploadVpFile::new(name, &png).unwrap_err();
        UploadVpFile::from_link(name, "https://a.example/b").unwrap_err();
    }
    let link = |length: usize| format!("https://{}", "a".repeat(length - "https://".len()));
    UploadVpFile::from_link("a", link(2048)).unwrap();
    UploadVpFile::from_link("a", "http://a.example/b").unwrap();
    for other in [link(2049), "ftp://a".to_owned(), "https://a b".to_owned(), "https://投".to_owned(), String::new()] {
        UploadVpFile::from_link("a", other).unwrap_err();
    }
    for other in ["https://evil.example/v3/merchant-service/images/Cj", "https://cos.example/a", ""] {
        assert_eq!(refused(&GetUploadFileSign::new(ID, other.to_owned())), "the media_url");
    }
}

#[test]
fn pages_are_read_row_by_row_and_to_their_end() {
    let page = |body: &str| heard(&list(), body).map(|page| page.trust_anyway());
    let read: ComplaintPage =
        page(r#"{"errcode":0,"total":3,"complaints":[{"complaint_id":"1"},{"complaint_id":{}},7],"new":1}"#).unwrap();
    assert_eq!((read.data.len(), read.unreadable.len(), read.total_count), (1, 2, Some(3)));
    assert_eq!(read.extra.iter().collect::<Vec<_>>(), [("new", "1")], "but not what tells success");
    for empty in [r#"{"errcode":0,"total":0}"#, r#"{"errcode":0,"complaints":[]}"#, r#"{"complaints":null}"#] {
        assert_eq!(page(empty).unwrap().data.len(), 0, "{empty}");
    }
    assert_eq!(page(r#"{"total":1,"complaints":{"complaint_id":"1"}}"#).unwrap().data.len(), 1, "one without its list");
    for other in [r#"{"errcode":0}"#, r#"{"errcode":0,"total":"many"}"#, r#"{"errcode":0,"complaints":"x"}"#] {
        let error = page(other).unwrap_err();
        assert!(matches!(error, ResponseError::Malformed(_)), "{other}: {error:?}");
    }
    let history = r#"{"errcode":0,"total":2,"history":[{"log_id":"1"},{"operate_type":"USER_RESPONSE"}]}"#;
    let history: NegotiationHistory = heard(&GetNegotiationHistory::new(ID), history).unwrap().trust_anyway();
    assert_eq!((history.data.len(), history.unreadable.len(), history.is_clear()), (1, 1, false));

    let mut pages = Pages::new(vec![list().with_limit(2)]);
    let mut offsets = Vec::new();
    while let Some(next) = pages.next() {
        offsets.push(next.offset);
        let rows: Vec<_> = (next.offset..3).take(2).map(|id| format!(r#"{{"complaint_id":"{id}"}}"#)).collect();
        pages.take(heard(&next, &format!(r#"{{"errcode":0,"total":3,"complaints":[{}]}}"#, rows.join(","))).unwrap());
    }
    assert_eq!((offsets, pages.amiss::<ResponseError>().len()), (vec![0, 2], 0));
    assert_eq!((list().page_size(), list().with_offset(7).start()), (50, 7));
}

#[test]
fn a_detail_without_its_complaint_is_none() {
    let detail = |body: &str| heard(&GetComplaintDetail::new(ID), body);
    let read =
        detail(r#"{"errcode":0,"complaint":{"complaint_id":"1","complaint_full_refunded":"partly","new":1}}"#).unwrap();
    assert_eq!((&*read.peek().complaint_id, read.peek().misfits().len()), ("1", 1));
    for body in [r#"{"errcode":0}"#, r#"{"complaint":null}"#, r#"{"complaint":[]}"#, r#"{"complaint":{"a":1}}"#] {
        assert!(matches!(detail(body), Err(ResponseError::Malformed(_))), "{body}");
    }
}

#[test]
fn refusals_have_their_documented_meaning() {
    let error = |code: i64| heard(&reply(), &format!(r#"{{"errcode":{code},"errmsg":"w rid: a-b"}}"#)).unwrap_err();
    for (code, known) in [
        (268_490_001, ServerCode::BadOpenid),
        (268_490_002, ServerCode::BadMember),
        (268_490_003, ServerCode::BadPaySignature),
        (268_490_007, ServerCode::NotAllowed),
        (268_490_015, ServerCode::TooFrequent),
    ] {
        let error = error(code);
        assert_eq!((error.code(), error.rid()), (Some(known), Some("a-b")));
        assert_eq!((error.failure().fault, error.failure().delivery), (Fault::Caller, Delivery::Processed));
        assert_eq!(error.failure().is_retryable, known == ServerCode::TooFrequent);
    }
    assert_eq!(error(268_490_015).failure().retry_after, Some(Duration::from_secs(60)));
    assert_eq!(error(-1).failure().delivery, Delivery::Unknown, "a system error");
    assert!(error(42_001).is_token_error());
    assert_eq!(heard(&reply(), r#"{"errcode":0,"errmsg":"ok"}"#), Ok(Effect::Confirmed));
    assert_eq!(heard(&CompleteComplaint::new(ID), r#"{"errcode":0}"#), Ok(Effect::Confirmed));
}

#[test]
fn each_operation_declares_its_idempotency() {
    use Idempotency::{Idempotent, Safe, Unsafe};
    let reads = [GetComplaintList::IDEMPOTENCY, GetComplaintDetail::IDEMPOTENCY, GetNegotiationHistory::IDEMPOTENCY];
    assert_eq!(reads, [Safe; 3]);
    assert_eq!([ResponseComplaint::IDEMPOTENCY, CompleteComplaint::IDEMPOTENCY], [Unsafe; 2]);
    assert_eq!([UploadVpFile::IDEMPOTENCY, GetUploadFileSign::IDEMPOTENCY], [Idempotent; 2]);
    const NAMES: [&str; 7] = [
        GetComplaintList::NAME,
        GetComplaintDetail::NAME,
        GetNegotiationHistory::NAME,
        ResponseComplaint::NAME,
        CompleteComplaint::NAME,
        UploadVpFile::NAME,
        GetUploadFileSign::NAME,
    ];
    let listed = [
        "GetComplaintList",
        "GetComplaintDetail",
        "GetNegotiationHistory",
        "ResponseComplaint",
        "CompleteComplaint",
        "UploadVpFile",
        "GetUploadFileSign",
    ];
    operations::are_all_of("virtual_payment", &listed);
    assert!(listed.iter().zip(NAMES).all(|(listed, name)| name == format!("xpay_{}", operations::snake_case(listed))));
    assert!(list().evidence().is_none() && GetComplaintDetail::new(ID).evidence().is_none());
}

/// Sends an act, whose send fails, and reads the history or the complaint.
fn outcome(evidence: Evidence, error: ResponseError, history: &str, state: &str) -> ActStep<EvidenceQuery> {
    let mut act = ActOnce::new(evidence, RetryPolicy::default(), &RECHECK_DELAYS);
    act.kept();
    assert_eq!(act.step(), ActStep::Send);
    act.sending(Duration::ZERO);
    act.failed(Evidence::setback(&CallError::Response(error)));
    loop {
        match act.step() {
            ActStep::Wait(_) => act.waited(),
            ActStep::Keep => act.kept(),
            ActStep::Look(query) => {
                let response = match &query {
                    EvidenceQuery::History(page) if page.offset == 0 => EvidenceResponse::History(
                        heard(page, &format!(r#"{{"total":1,"history":[{history}]}}"#)).unwrap().trust_anyway(),
                    ),
                    EvidenceQuery::History(page) => {
                        EvidenceResponse::History(heard(page, r#"{"total":1,"history":[]}"#).unwrap().trust_anyway())
                    }
                    EvidenceQuery::Complaint(complaint) => {
                        let body = format!(r#"{{"complaint":{{"complaint_id":"1","complaint_state":"{state}"}}}}"#);
                        EvidenceResponse::Complaint(Box::new(heard(complaint, &body).unwrap().trust_anyway()))
                    }
                };
                act.looked(Some(response), Some(UnixTime(1_749_452_520)), Duration::from_secs(1));
            }
            step => return step,
        }
    }
}

#[test]
fn an_act_that_may_have_happened_is_looked_for_and_never_sent_again() {
    let entry = |kind: &str, text: &str, time: &str| {
        format!(r#"{{"log_id":"1","operate_type":"{kind}","operate_details":"{text}","operate_time":"{time}"}}"#)
    };
    const SINCE: &str = "2025-06-09T15:02:00+08:00";
    const BEFORE: &str = "2025-06-09T14:00:00+08:00";
    let replied = || reply().evidence().unwrap().0;
    let completed = || CompleteComplaint::new(ID).evidence().unwrap().0;
    let lost = || ResponseError::NoResponse { status: 502 };
    let busy = || heard(&reply(), r#"{"errcode":-1}"#).unwrap_err();
    let found = ActStep::Done(Effect::Found);
    for error in [lost(), busy()] {
        let looked = |history: &str| outcome(replied(), error.clone(), history, "");
        assert_eq!(looked(&entry("MERCHANT_RESPONSE", "已退款", SINCE)), found);
        assert_eq!(looked(&entry("MERCHANT_RESPONSE", "已退款", BEFORE)), ActStep::GiveUp);
        assert_eq!(looked(&entry("MERCHANT_RESPONSE", "您好", SINCE)), ActStep::GiveUp);
        assert_eq!(looked(&entry("USER_RESPONSE", "已退款", SINCE)), ActStep::GiveUp);
    }
    assert_eq!(outcome(completed(), lost(), &entry("MERCHANT_CONFIRM_COMPLETE", "", SINCE), ""), found);
    assert_eq!(outcome(completed(), lost(), &entry("USER_RESPONSE", "", SINCE), "PROCESSED"), ActStep::GiveUp);

    // A refusal had no effect. A completion may be refused because the complaint is complete.
    let refusal = |code: i64| heard(&reply(), &format!(r#"{{"errcode":{code}}}"#)).unwrap_err();
    assert_eq!(outcome(completed(), refusal(268_490_002), "", "PROCESSED"), found);
    assert_eq!(outcome(completed(), refusal(268_490_002), "", "PROCESSING"), ActStep::GiveUp);
    assert_eq!(outcome(completed(), refusal(42_001), "", "PROCESSED"), ActStep::GiveUp, "about the token");
    assert_eq!(outcome(replied(), refusal(268_490_002), "", "PROCESSED"), ActStep::GiveUp);
}

#[test]
fn a_picture_is_fetched_with_its_permission_from_the_platform_alone() {
    let sign = |sign: &str| -> FileSign {
        let body = format!(r#"{{"errcode":0,"sign":{}}}"#, serde_json::to_string(sign).unwrap());
        heard(&GetUploadFileSign::new(ID, PICTURE), &body).unwrap().trust_anyway()
    };
    let header = "WECHATPAY2-SHA256-RSA2048 mchid=\"1\"";
    let request = sign(header).request(PICTURE).unwrap();
    assert_eq!((request.method(), request.target()), (Method::Get, "/v3/merchant-service/images/Cj%3D"));
    assert_eq!(request.headers().collect::<Vec<_>>(), [("Accept", "application/json"), ("Authorization", header)]);
    let _ = sign(&"s".repeat(2048)).request(PICTURE).unwrap();
    for other in [String::new(), "s".repeat(2049), "a\r\nHost: b".to_owned(), "投".to_owned()] {
        sign(&other).request(PICTURE).unwrap_err();
    }
    for other in [
        "https://evil.example/v3/merchant-service/images/Cj",
        "http://api.mch.weixin.qq.com/",
        PICTURE.trim_end_matches("Cj%3D"),
    ] {
        sign(header).request(other).unwrap_err();
    }

    let png = b"\x89PNG\r\n\x1a\n";
    assert_eq!(receive_image(200, png).unwrap().trust_anyway().expose(), png);
    assert_eq!(receive_image(404, png), Err(ResponseError::NoResponse { status: 404 }));
    assert!(matches!(receive_image(200, b"<svg/>"), Err(ResponseError::Malformed(_))));
    let mut large = png.to_vec();
    large.resize(MAX_IMAGE_BODY, 0);
    receive_image(200, &large).unwrap();
    large.push(0);
    assert_eq!(receive_image(200, &large), Err(ResponseError::TooLarge));
}

fn push(text: &str) -> Push {
    Push::decode(text.as_bytes()).unwrap().trust_anyway()
}

fn complaint(text: &str) -> protocol_core::virtual_payment::ComplaintNotify {
    match Notice::of(&push(text)).unwrap().unwrap() {
        Notice::Complaint(complaint) => *complaint,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_event_may_lack_the_number_and_a_member_that_does_not_fit_is_lost_alone() {
    for text in [
        r#"{"Event":"xpay_complaint_notify","WxOrderId":"w","RetryTimes":"2","ComplaintTime":"noon","New":1}"#,
        "<xml><Event>xpay_complaint_notify</Event><WxOrderId>w</WxOrderId><RetryTimes>2</RetryTimes>\
         <ComplaintTime>noon</ComplaintTime></xml>",
    ] {
        let complaint = complaint(text);
        assert_eq!((complaint.number(), complaint.complaint_id()), (None, Ok(&None)), "{text}");
        assert_eq!((complaint.wx_order_id.as_deref(), complaint.retry_times), (Some("w"), Some(2)));
        assert_eq!((complaint.complaint_time, complaint.misfits().len()), (None, 1));
        complaint.complaint_time().unwrap_err();
    }
    for (id, number) in
        [(String::new(), None), ("9".repeat(MAX_ID), Some("9".repeat(MAX_ID))), ("9".repeat(MAX_ID + 1), None)]
    {
        let read = complaint(&format!(r#"{{"Event":"xpay_complaint_notify","ComplaintId":"{id}"}}"#));
        assert_eq!(read.number().map(str::to_owned), number);
    }
    for other in [
        r#"{"Event":"xpay_refund_notify","ComplaintId":"1"}"#,
        r#"{"Event":"complaint_callback","complaint_order_id":"1"}"#,
        "{}",
        "xpay_complaint_notify",
        "<xml><ComplaintId>1</ComplaintId></xml>",
    ] {
        assert!(Notice::of(&push(other)).is_none(), "{other}");
    }
}

#[test]
fn an_event_is_about_a_complaint_by_its_number_or_else_by_its_order() {
    let listed = |orders: &str| {
        let text = format!(r#"{{"complaint_id":"7","complaint_order_info":[{orders}]}}"#);
        protocol_core::complaint::Complaint::decode(text.as_bytes()).unwrap().trust_anyway()
    };
    const ORDER: &str = r#"{"wx_order_id":"w","wxa_out_trade_no":"m","out_trade_no":"o"}"#;
    let blank = r#"{"wx_order_id":"","wxa_out_trade_no":" ","out_trade_no":""}"#;
    for (members, orders, is_about) in [
        (r#""ComplaintId":"7""#, "", true),
        (r#""ComplaintId":"8","WxOrderId":"w","MchOrderId":"m""#, ORDER, false),
        (r#""WxOrderId":"w""#, ORDER, true),
        (r#""WxOrderId":"w""#, &format!(r#"{{"wx_order_id":"v"}},{ORDER}"#), true),
        (r#""WxOrderId":"v","MchOrderId":"m""#, ORDER, false),
        (r#""MchOrderId":"m""#, ORDER, true),
        (r#""WxOrderId":"w","MchOrderId":"m""#, r#"{"wxa_out_trade_no":"m"}"#, true),
        (r#""WxOrderId":"","MchOrderId":"m""#, ORDER, true),
        (r#""MchOrderId":"o""#, ORDER, false),
        (r#""OpenId":"o""#, ORDER, false),
        (r#""OpenId":"o""#, "{}", false),
        (r#""ComplaintId":"","WxOrderId":"","MchOrderId":" ""#, blank, false),
        (r#""WxOrderId":"w""#, "", false),
    ] {
        let notice = complaint(&format!(r#"{{"Event":"xpay_complaint_notify",{members}}}"#));
        assert_eq!(notice.is_about(&listed(orders)), is_about, "{members} {orders}");
    }
}

#[test]
fn an_event_is_acknowledged_in_its_own_format() {
    let said = |text: &str| Acknowledgement::of(&Received::Unverified(Push::decode(text.as_bytes()).unwrap()));
    let json = (r#"{"ErrCode":0,"ErrMsg":"success"}"#, "application/json");
    let xml = ("<xml><ErrCode>0</ErrCode><ErrMsg><![CDATA[success]]></ErrMsg></xml>", "application/xml");
    let said = |text: &str| {
        let said = said(text);
        (said.body, said.content_type)
    };
    for event in ["xpay_complaint_notify", "xpay_wxpay_callback_notify"] {
        assert_eq!(said(&format!(r#"{{"Event":"{event}"}}"#)), json);
        assert_eq!(said(&format!("<xml><Event><![CDATA[{event}]]></Event></xml>")), xml);
    }
    for other in [
        r#"{"Event":"complaint_callback","complaint_order_id":"1"}"#,
        r#"{"Event":"debug_demo"}"#,
        "<xml/>",
        "",
        // `ErrCode` 0 would say that the goods are delivered.
        r#"{"Event":"xpay_goods_deliver_notify"}"#,
        "<xml><Event>xpay_goods_deliver_notify</Event></xml>",
        r#"{"Event":"xpay_refund_notify"}"#,
    ] {
        assert_eq!(said(other), ("success", "text/plain; charset=utf-8"), "{other}");
    }
}

#[test]
fn personal_data_and_secrets_are_not_shown() {
    let merchant = Merchant::new(Secret::new(CANARY.as_bytes().to_vec()), Env::Production).unwrap();
    let reply = ResponseComplaint::new(ID, CANARY);
    let request = merchant.sign(&reply, &STAMP, &AccessToken::new(CANARY).unwrap()).unwrap();
    let link = UploadVpFile::from_link("canary.png", format!("https://a.example/{CANARY}")).unwrap();
    let image = UploadVpFile::new("canary.png", &[b"\x89PNG", CANARY.as_bytes()].concat()).unwrap();
    let sign = GetUploadFileSign::new(ID, format!("{PICTURE}{CANARY}"));
    let permission = heard(&sign, &format!(r#"{{"sign":"{CANARY}","cos_url":"{CANARY}","x":"{CANARY}"}}"#)).unwrap();
    let fetched = permission.peek().request(PICTURE).unwrap();
    let notice = Notice::of(&push(&format!(
        r#"{{"Event":"xpay_complaint_notify","OpenId":"{CANARY}","ComplaintDetail":"{CANARY}","x":"{CANARY}"}}"#
    )));
    let restriction = Notice::of(&push(&format!(r#"{{"Event":"xpay_wxpay_callback_notify","Remark":"{CANARY}"}}"#)));
    let page = heard(&list(), &format!(r#"{{"total":1,"complaints":[{{"complaint_id":["{CANARY}"]}}]}}"#)).unwrap();
    for shown in [
        format!("{merchant:?} {reply:?} {request:#?} {:?} {link:?} {image:?} {sign:?}", merchant.signed(&reply)),
        format!("{permission:?} {fetched:?} {notice:#?} {restriction:?} {page:#?} {:?}", reply.evidence()),
    ] {
        assert!(!shown.contains("canary") && !shown.contains("pay_sig="), "{shown}");
    }
    assert!(request.target().contains("pay_sig="));
    assert!(body(&reply).contains(CANARY) && request.target().contains(CANARY));
}
