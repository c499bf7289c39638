//! A complaint in detail, as the Mini Program's server and Allinpay return it, and how they refuse.

use std::time::Duration;

use protocol_core::UnixTime;
use protocol_core::allinpay::{self, WxComplaintOrderDetail};
use protocol_core::complaint::{
    AppealState, BlameResult, CallbackStatus, CallbackType, OrderDetail, OrderItemType, ReturnStatus,
};
use protocol_core::mini_program::{
    GetOrderDetail, GetPenaltyList, GetStableToken, Operation, PenaltyList, Response, ResponseError, ServerCode,
    TempMedia, UploadTempMedia,
};
use protocol_core::{Personal, Secret};

use crate::documents::{absent, decode, document, list, part, sample, unknown, words};
use crate::platform::Platform;

const RESPONSES: &str = "mini-program/responses.json";

fn has_every_name(detail: &OrderDetail) {
    assert_eq!((unknown(detail), absent(detail)), (Vec::new(), Vec::new()));
    assert_eq!((detail.errcode, words(&detail.errmsg)), (Some(0), Some("ok")));

    let complaint = detail.complaint_order.as_ref().unwrap();
    assert_eq!(complaint.complaint_order_id.as_deref(), Some("8622001"));
    assert_eq!(words(&complaint.open_id), Some("oR2XT5Z70fuusMRK"));
    assert_eq!(words(&complaint.openid), Some("oR2XT5TrHrdQ1PBpMpEtJ3h9MU4"));
    assert_eq!(complaint.create_time, Some(UnixTime(1_744_244_406)));
    assert_eq!(complaint.pay_time, Some(UnixTime(1_744_194_760)));
    assert_eq!(complaint.expire_time, Some(UnixTime(1_744_417_206)));
    assert_eq!(words(&complaint.phone_number), Some("13599125777"));
    assert_eq!(complaint.kind, Some(CallbackType::GoodsOther));
    assert_eq!(complaint.status, Some(CallbackStatus::WaitingForMerchant));
    assert_eq!(complaint.appeal_state, Some(AppealState::InProgress));
    let material = complaint.customer_material.as_ref().unwrap();
    assert_eq!(words(&material.content), Some("商品与描述不符"));
    assert_eq!(list(&material.media_id_list), ["https://mmbiz.qpic.cn/customer"]);
    assert_eq!(complaint.order_id.as_deref(), Some("4200002656202"));
    assert_eq!(complaint.transaction_id(), Some("4200002656202"));
    assert_eq!(complaint.out_trade_no.as_deref(), Some("1909917325"));
    assert_eq!(complaint.product_name.as_deref(), Some("五"));
    assert_eq!(complaint.total_cost.as_deref(), Some("￥0.01"));
    assert_eq!(complaint.total_cost_str.as_deref(), Some("￥0.02"));
    assert_eq!(words(&complaint.head_img_url), Some("https://mmbiz.qpic.cn/head"));
    assert_eq!(words(&complaint.nick_name), Some("昵称"));

    let [item] = &*detail.item else { panic!("one thing happened") };
    assert_eq!((item.item_type, item.time), (Some(OrderItemType::MerchantLiable31), Some(UnixTime(1_744_244_407))));
    assert_eq!(words(&item.content), Some("判定商家责任"));
    assert_eq!(list(&item.media_id_list), ["https://mmbiz.qpic.cn/item"]);
    assert_eq!(words(&item.phone_number), Some("13599125778"));
    assert_eq!(item.blame_result, Some(BlameResult::AwaitingReturn));
    assert_eq!(item.appeal_item_type, Some(AppealState::MerchantMayAppeal));
    assert_eq!(words(&item.nick_name), Some("平台"));

    let bill = detail.return_bill.as_ref().unwrap();
    assert_eq!(bill.return_id.as_deref(), Some("23234234234"));
    assert_eq!(bill.waybill_id.as_deref(), Some("YT1234567890123"));
    assert_eq!(bill.delivery_name.as_deref(), Some("韵达快递"));
    assert_eq!(bill.order_status, Some(ReturnStatus::Signed));
}

#[test]
fn every_published_name_of_a_detail() {
    let written = document("mini-program/order-detail.json");
    has_every_name(&GetOrderDetail::new("8622001").receive(Response::new(200, &written)).unwrap().trust_anyway());
    let platform = Platform::sm2();
    has_every_name(&platform.decode::<WxComplaintOrderDetail>(&platform.records(&written)).unwrap());
}

/// The two samples leave different members out; the manifest of the vectors compares the values of
/// the others.
#[test]
fn the_samples_have_no_unknown_member() {
    let newer: OrderDetail = decode(&sample("wechat-mp/api/WxaApiMiniShopComplaintOrderDetailResponse.json"));
    assert_eq!(unknown(&newer), [""; 0]);
    let left_out = ["openid", "total_cost", "blame_result", "nick_name", "appeal_item_type", "delivery_name"];
    assert_eq!(absent(&newer), left_out);
    let older: OrderDetail = decode(&sample("wechat-mp/api/complaintOrderDetail.2022-client.json"));
    assert_eq!(unknown(&older), [""; 0]);
    let of_complaint = ["openid", "total_cost_str", "head_img_url", "nick_name", "appeal_state"];
    let of_the_rest = ["blame_result", "nick_name", "appeal_item_type", "order_status"];
    assert_eq!(absent(&older), [&of_complaint[..], &of_the_rest[..]].concat());
}

#[test]
fn the_time_of_a_penalty_is_read_in_every_likely_form() {
    let changed = |times: &str| {
        let list = format!(r#"{{"errcode":0,"totalNum":1,"appealList":[{{"complaintOrderId":1{times}}}]}}"#);
        let list = GetPenaltyList::new(0).receive(Response::new(200, list.as_bytes())).unwrap().trust_anyway();
        list.appeal_list[0].changed()
    };
    for time in ["1744244406", "\"1744244406\"", "1744244406999", "\"2025-04-10 08:20:06\"", "\"2025-04-10T00:20:06Z\""]
    {
        assert_eq!(changed(&format!(r#","illegalTime":{time}"#)), Some(UnixTime(1_744_244_406)), "{time}");
    }
    assert_eq!(changed(r#","illegalTime":1,"updateTime":2"#), Some(UnixTime(2)));
    assert_eq!(changed(r#","illegalTime":1,"updateTime":"soon""#), Some(UnixTime(1)));
    assert_eq!((changed(""), changed(r#","illegalTime":"99999999999999999999""#)), (None, None));
}

#[test]
fn every_published_name_of_a_penalty() {
    let read = |body: &[u8]| GetPenaltyList::new(0).receive(Response::new(200, body));
    let list: PenaltyList = read(&document("mini-program/penalties.json")).unwrap().trust_anyway();
    assert_eq!((unknown(&list), absent(&list)), (Vec::new(), vec!["unreadable".to_owned()]));
    assert_eq!((list.errcode, words(&list.errmsg)), (Some(0), Some("ok")));
    assert_eq!((list.current_score, list.total_num), (Some(92), 31));
    let [penalty] = &*list.appeal_list else { panic!("one penalty") };
    assert_eq!(penalty.illegal_order_id.as_deref(), Some("700001"));
    assert_eq!(penalty.complaint_order_id.as_deref(), Some("8622001"));
    assert_eq!(words(&penalty.illegal_wording), Some("交易纠纷"));
    assert_eq!((penalty.status, penalty.minus_score), (Some(2), Some(4)));
    assert_eq!(penalty.order_id.as_deref(), Some("4200002656202"));
    assert_eq!(penalty.illegal_time.as_ref().unwrap().as_str(), "1744244406");
    assert_eq!(penalty.update_time.as_ref().unwrap().as_str(), "1744244407");
    assert_eq!(penalty.changed(), Some(UnixTime(1_744_244_407)));

    // Numbers instead of texts, one row without its list, a member that does not fit.
    let odd = br#"{"errcode":0,"totalNum":"1","appealList":{"complaintOrderId":8622001,"illegalTime":1744244406,"status":"x"}}"#;
    let list = read(odd).unwrap().trust_anyway();
    let penalty = &list.appeal_list[0];
    assert_eq!(penalty.complaint_order_id.as_deref(), Some("8622001"));
    assert_eq!(penalty.illegal_time.as_ref().unwrap().as_str(), "1744244406");
    assert!(penalty.status().is_err() && list.misfits().len() == 1);
    // A row that cannot be read hides no other.
    let odd = r#"{"errcode":0,"totalNum":4,"appealList":[{"illegalOrderId":"1","complaintOrderId":"2"},7,
        {"illegalOrderId":"3","complaintOrderId":"4","complaintOrderId":"5"},
        {"illegalOrderId":{"CANARY":1},"complaintOrderId":"6"}],"new":1.50}"#;
    let list = read(odd.as_bytes()).unwrap().trust_anyway();
    let ids: Vec<_> = list.appeal_list.iter().map(|penalty| penalty.complaint_order_id.as_deref()).collect();
    assert_eq!((ids, list.total_num), (vec![Some("2"), None, Some("6")], 4));
    assert_eq!((list.extra.get("new"), list.extra.get("appealList")), (Some("1.50"), None));
    let [row] = &*list.unreadable else { panic!("one row") };
    assert_eq!(row.complaint_id(), None);
    assert!(row.to_string().starts_with("a penalty cannot be read, not even its complaint's number ("), "{row}");
    assert!(!format!("{list:?} {row}").contains("CANARY"));
    // A document of another kind is no empty page.
    assert!(read(br#"{"errcode":0,"errmsg":"ok"}"#).is_err());
    assert!(read(br#"{"errcode":40001}"#).unwrap_err().is_token_error());
}

fn refused(name: &str) -> ResponseError {
    GetOrderDetail::new("8622001").receive(Response::new(200, &part(RESPONSES, name))).unwrap_err()
}

fn told(error: &ResponseError) -> Option<&str> {
    error.words().map(|words| words.peek().expose().as_str())
}

/// `errcode` and `errmsg`, `rid`, and `code`, `msg` and `success` where there is no `errcode`.
#[test]
fn every_name_of_a_refusal() {
    const RID: &str = "6312c9f9-5a2e6f0b-1c9a4b3d";

    let error = refused("refused");
    assert_eq!((error.code(), told(&error)), (Some(ServerCode::BadParameter), Some("bad parameter")));
    let error = refused("refusedWithRid");
    assert_eq!((error.code(), error.rid()), (Some(ServerCode::StateForbids), Some(RID)));
    let error = refused("refusedWithoutErrcode");
    assert_eq!((error.code(), told(&error)), (Some(ServerCode::WrongStatus), Some("wrong status")));
    // Where both stand, `errcode` and `errmsg` count.
    let error = refused("refusedWithBoth");
    assert_eq!((error.code(), told(&error)), (Some(ServerCode::BadParameter), Some("bad parameter")));
    let error = refused("refusedWithoutCode");
    assert_eq!((error.code(), error.rid(), told(&error)), (None, None, None));
}

/// The same members behind Allinpay's signature.
#[test]
fn every_name_of_a_refusal_at_allinpay() {
    let platform = Platform::sm2();
    for (name, words) in [
        ("refused", Some("bad parameter rid: 6312c9f9-5a2e6f0b-1c9a4b3d")),
        ("refusedWithoutErrcode", Some("wrong status")),
    ] {
        let error = platform.decode::<WxComplaintOrderDetail>(&platform.records(part(RESPONSES, name))).unwrap_err();
        let allinpay::ResponseError::Refused(refusal) = error else { panic!("{name}: {error}") };
        assert_eq!(refusal.message, words.map(Personal::from), "{name}");
    }
}

#[test]
fn a_token_and_an_uploaded_picture() {
    let token = GetStableToken::new("wx1", Secret::new(b"c0ffee".to_vec()));
    let issued = token.receive(Response::new(200, &part(RESPONSES, "stableToken"))).unwrap().trust_anyway();
    assert_eq!((issued.access_token.expose(), issued.expires_in), ("ACCESS_TOKEN", Duration::from_secs(7200)));

    let upload = UploadTempMedia::new("a.png", b"\x89PNG").unwrap();
    let media: TempMedia =
        upload.receive(Response::new(200, &part(RESPONSES, "uploadTempMedia"))).unwrap().trust_anyway();
    assert_eq!((unknown(&media), absent(&media)), (Vec::new(), Vec::new()));
    assert_eq!((media.kind.as_deref(), &*media.media_id), (Some("image"), "MEDIA_1"));
    assert_eq!(media.created_at, Some(UnixTime(1_744_244_408)));
}
