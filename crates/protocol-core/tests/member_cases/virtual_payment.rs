//! Virtual payment: its responses, and its events among the pushes.

use protocol_core::complaint::{ComplaintState, Fen, MediaType, OperateType};
use protocol_core::mini_program::Push;
use protocol_core::virtual_payment::{
    ComplaintNotify, CompleteComplaint, Env, FileSign, GetComplaintDetail, GetComplaintList, GetNegotiationHistory,
    GetUploadFileSign, Notice, Operation, Response, ResponseComplaint, RestrictionNotify, UploadVpFile, UploadedFile,
};
use protocol_core::{Stamp, UnixTime};
use serde_json::Value;

use crate::documents::{absent, document, json, list, part, unknown, words};

const RESPONSES: &str = "virtual-payment/responses.json";
const NOTICES: &str = "virtual-payment/notices.json";
const ID: &str = "200000020250609150295416690";
const PICTURE: &str = "https://api.mch.weixin.qq.com/v3/merchant-service/images/Cj%3D";

fn sent(operation: &impl Operation) -> Value {
    let stamp = Stamp { now: UnixTime(1_741_936_166), nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };
    json(operation.request(Env::Production, &stamp).unwrap().body.bytes())
}

#[test]
fn the_bodies_have_the_published_names() {
    let list = GetComplaintList::new("2025-06-01", "2025-06-09").with_offset(20).with_limit(10);
    let reply = ResponseComplaint::new(ID, "已处理").with_response_images(vec!["file_1".to_owned()]);
    let sign = GetUploadFileSign::new(ID, PICTURE).with_convert_cos(true);
    assert_eq!(sign.wxpay_url.expose(), PICTURE);
    let source = [
        UploadVpFile::new("a.png", b"\x89PNG").unwrap(),
        UploadVpFile::from_link("b.png", "https://merchant.example/a.png").unwrap(),
    ];
    for (name, sent) in [
        ("list", sent(&list)),
        ("detail", sent(&GetComplaintDetail::new(ID))),
        ("history", sent(&GetNegotiationHistory::new(ID).with_offset(30).with_limit(40))),
        ("response", sent(&reply)),
        ("complete", sent(&CompleteComplaint::new(ID))),
        ("upload", sent(&source[0])),
        ("link", sent(&source[1])),
        ("sign", sent(&sign)),
    ] {
        assert_eq!(sent, json(&part("virtual-payment/requests.json", name)), "{name}");
    }
}

fn received<O: Operation>(operation: &O, name: &str) -> O::Response {
    operation.receive(Response::new(200, &part(RESPONSES, name))).unwrap()
}

#[test]
fn every_published_name_of_a_list() {
    let page = received(&GetComplaintList::new("2025-06-01", "2025-06-09"), "list").trust_anyway();
    // `errcode`, `errmsg` and `total` are known; the first two say success, and end there.
    assert_eq!((unknown(&page), page.total_count), (Vec::new(), Some(41)));
    let [complaint] = &*page.data else { panic!("one complaint") };
    assert_eq!((&*complaint.complaint_id, &complaint.complaint_state), (ID, &Some(ComplaintState::Pending)));
    assert_eq!(complaint.payer_phone.as_ref().map(|phone| phone.as_wire()), Some("18500000000"));
    let [order] = &*complaint.complaint_order_info else { panic!("one order") };
    assert_eq!(absent(order), Vec::<String>::new());
    assert_eq!(order.transaction_id.as_deref(), Some("4200002656202506091234567890"));
    assert_eq!(order.out_trade_no.as_deref(), Some("20250609channel"));
    assert_eq!(order.amount, Some(Fen(990)));
    assert_eq!(order.wxa_out_trade_no.as_deref(), Some("course-17"));
    assert_eq!(order.wx_order_id.as_deref(), Some("MP20250609000001"));
}

#[test]
fn every_published_name_of_the_other_responses() {
    let complaint = received(&GetComplaintDetail::new(ID), "detail").trust_anyway();
    assert_eq!((&*complaint.complaint_id, complaint.complaint_state), (ID, Some(ComplaintState::Processing)));

    let history = received(&GetNegotiationHistory::new(ID), "history").trust_anyway();
    assert_eq!((unknown(&history), history.total_count, history.data.len()), (Vec::new(), Some(2), 2));
    assert_eq!(history.data[1].operate_type, Some(OperateType::MerchantResponse));
    let [media] = &*history.data[1].complaint_media_list else { panic!("an object in place of a list") };
    assert_eq!((&media.media_type, list(&media.media_url)), (&Some(MediaType::OperationImage), vec![PICTURE]));

    let file: UploadedFile = received(&UploadVpFile::new("a.png", b"\x89PNG").unwrap(), "upload").trust_anyway();
    assert_eq!(file.file_id, "file_1");

    let sign: FileSign = received(&GetUploadFileSign::new(ID, PICTURE), "sign").trust_anyway();
    assert_eq!(words(&sign.sign), Some("WECHATPAY2-SHA256-RSA2048 mchid=\"1900000001\""));
    assert_eq!(words(&sign.cos_url), Some("https://cos.example/Cj"));
}

fn notice(bytes: &[u8]) -> Notice {
    let push = Push::decode(bytes).unwrap().trust_anyway();
    assert!(push.complaint().is_none() && push.create_time.is_some());
    Notice::of(&push).unwrap().unwrap()
}

fn complaint(bytes: &[u8]) -> ComplaintNotify {
    match notice(bytes) {
        Notice::Complaint(complaint) => *complaint,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_published_name_of_a_complaint_in_either_format() {
    for bytes in [part(NOTICES, "complaint"), document("virtual-payment/complaint.xml")] {
        let complaint = complaint(&bytes);
        assert_eq!((unknown(&complaint), absent(&complaint)), (Vec::new(), Vec::new()));
        assert_eq!(words(&complaint.open_id), Some("oR2XT5TrHrdQ1PBpMpEtJ3h9MU4"));
        assert_eq!(complaint.wx_order_id.as_deref(), Some("MP20250609000001"));
        assert_eq!(complaint.mch_order_id.as_deref(), Some("course-17"));
        assert_eq!(complaint.transaction_id.as_deref(), Some("4200002656202506091234567890"));
        assert_eq!((complaint.complaint_id.as_deref(), complaint.number()), (Some(ID), Some(ID)));
        assert_eq!(words(&complaint.complaint_detail), Some("课程打不开"));
        assert_eq!(complaint.complaint_time, Some(UnixTime(1_749_452_519)));
        assert_eq!((complaint.retry_times, complaint.request_id.as_deref()), (Some(3), Some("5f0c")));
    }
}

#[test]
fn an_unknown_member_of_an_event_is_kept_in_either_format() {
    let complaint_of = |complaint: ComplaintNotify| serde_json::to_value(complaint).unwrap();
    let json = br#"{"CreateTime":1,"Event":"xpay_complaint_notify","WxOrderId":"MP1","NewMember":"new"}"#;
    let xml = b"<xml><CreateTime>1</CreateTime><Event>xpay_complaint_notify</Event><WxOrderId>MP1</WxOrderId>\
        <NewMember><![CDATA[new]]></NewMember></xml>";
    let expected = serde_json::json!({"WxOrderId": "MP1", "NewMember": "new"});
    assert_eq!(complaint_of(complaint(json)), expected);
    assert_eq!(complaint_of(complaint(xml)), expected);
}

#[test]
fn every_published_name_of_a_restriction() {
    let Notice::Restriction(restriction) = notice(&part(NOTICES, "restriction")) else { panic!("a restriction") };
    let restriction: RestrictionNotify = *restriction;
    assert_eq!((unknown(&restriction), absent(&restriction)), (Vec::new(), Vec::new()));
    assert_eq!(restriction.merchant_code.as_deref(), Some("1900000001"));
    assert_eq!(restriction.business_code.as_deref(), Some("case-9"));
    assert_eq!(restriction.business_state.as_deref(), Some("LIMITED"));
    assert_eq!(restriction.event_type.as_deref(), Some("RISK"));
    assert_eq!(words(&restriction.remark), Some("交易异常"));
    assert_eq!((restriction.retry_times, restriction.request_id.as_deref()), (Some(0), Some("5f0d")));
}
