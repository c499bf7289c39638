//! The bodies of the Mini Program server's interfaces, in both directions, member by member.

use protocol_core::complaint::{AppealState, OrderDetail, OrderItemType, ReturnStatus};
use protocol_core::mini_program::{
    BussiHandle, GetOrderDetail, Operation, RespondComplaint, Response, ResponseError, SupplyProof,
};
use protocol_core::{BuildError, Personal, Stamp, UnixTime};
use serde_json::Value;

use super::Outcome::{self, Accept};
use super::mini_program::is_no_event;
use super::{json, number, refused, text};

const STAMP: Stamp<'_> = Stamp { now: UnixTime(1_741_936_166), nonce: "n0nce" };

/// The sample of a request: both have empty words, no picture, and a byte-order mark.
fn request(file: &[u8]) -> Value {
    let sample = json(file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file));
    assert_eq!((text(&sample, "content"), &sample["mediaIdList"]), ("", &serde_json::json!([])));
    sample
}

/// The sample's complaint, words and a picture: the body has the sample's members, no other, and
/// its values where it has any.
fn has_the_members_of(file: &[u8], sent: &impl Operation) {
    let mut sample = request(file);
    sample["content"] = "words".into();
    sample["mediaIdList"] = serde_json::json!(["picture"]);
    assert_eq!(json(sent.request(&STAMP).unwrap().body.bytes()), sample);
    is_no_event(file);
}

fn says_nothing(file: &[u8], sent: &impl Operation) -> Outcome {
    request(file);
    let refusal = sent.request(&STAMP).unwrap_err();
    refused([("neither words nor pictures", matches!(refusal, BuildError::Field { field: "content", .. }))])
}

fn complaint(file: &[u8]) -> String {
    number(&request(file), "complaintOrderId").to_string()
}

pub(crate) fn respond(file: &[u8]) -> Outcome {
    let said = RespondComplaint::new(complaint(file), BussiHandle::Agree);
    has_the_members_of(file, &said.with_content("words").with_media_id_list(vec!["picture".to_owned()]));
    Accept
}

pub(crate) fn respond_with_nothing(file: &[u8]) -> Outcome {
    says_nothing(file, &RespondComplaint::new(complaint(file), BussiHandle::Agree).with_content(""))
}

pub(crate) fn proof(file: &[u8]) -> Outcome {
    let said = SupplyProof::new(complaint(file));
    has_the_members_of(file, &said.with_content("words").with_media_id_list(vec!["picture".to_owned()]));
    Accept
}

pub(crate) fn proof_with_nothing(file: &[u8]) -> Outcome {
    says_nothing(file, &SupplyProof::new(complaint(file)).with_content(""))
}

fn read(file: &[u8]) -> Result<OrderDetail, ResponseError> {
    GetOrderDetail::new("1212").receive(Response::new(200, file)).map(protocol_core::Unverified::trust_anyway)
}

fn words(member: &Option<Personal<String>>) -> Option<&str> {
    member.as_ref().map(|text| text.expose().as_str())
}

/// Both samples have these members, with the same values.
fn has_the_common_members(detail: &OrderDetail) {
    assert!(detail.extra.is_empty());
    assert_eq!((detail.errcode, words(&detail.errmsg)), (Some(0), Some("ok")));
    let complaint = detail.complaint_order.as_ref().unwrap();
    assert!(complaint.extra.is_empty());
    assert_eq!(words(&complaint.open_id), Some("dfasefasefase"));
    assert_eq!((complaint.kind, complaint.status), (Some(12.into()), Some(1.into())));
    let material = complaint.customer_material.as_ref().unwrap();
    assert!(material.extra.is_empty());
    assert_eq!(words(&material.content), Some(""));
    assert_eq!(material.media_id_list, [Personal::from("fsadfasdfsaf")]);
    assert_eq!((complaint.order_id.as_deref(), complaint.out_trade_no.as_deref()), (Some("2342"), Some("sdfsfd")));
    assert_eq!(complaint.product_name.as_deref(), Some("sdf"));
    let [item] = &*detail.item else { panic!("one thing happened") };
    assert!(item.extra.is_empty());
    assert_eq!((item.item_type, words(&item.content)), (Some(OrderItemType::UserFiled), Some("")));
    let bill = detail.return_bill.as_ref().unwrap();
    assert!(bill.extra.is_empty());
    assert_eq!(bill.return_id.as_deref(), Some("23234234234"));
}

pub(crate) fn detail(file: &[u8]) -> Outcome {
    let detail = read(file).unwrap();
    has_the_common_members(&detail);
    let complaint = detail.complaint_order.as_ref().unwrap();
    assert_eq!(complaint.complaint_order_id.as_deref(), Some("1212"));
    assert_eq!(complaint.create_time, Some(UnixTime(123_124_124)));
    assert_eq!(complaint.pay_time, Some(UnixTime(123_123)));
    assert_eq!(complaint.expire_time, Some(UnixTime(1_231_231)));
    assert_eq!(words(&complaint.phone_number), Some("156222222"));
    assert_eq!(complaint.total_cost_str.as_deref(), Some("￥0.01"));
    assert_eq!(words(&complaint.head_img_url), Some("http://xxx.xxx/xxx"));
    assert_eq!((words(&complaint.nick_name), complaint.appeal_state), (Some("xxxxxx"), Some(AppealState::InProgress)));
    let item = &detail.item[0];
    assert_eq!((item.time, words(&item.phone_number)), (Some(UnixTime(1_233_234_234)), Some("156222222")));
    assert_eq!(item.media_id_list, [Personal::from("asdfasdf")]);
    let bill = detail.return_bill.as_ref().unwrap();
    assert_eq!((bill.waybill_id.as_deref(), bill.order_status), (Some("adfasdf"), Some(ReturnStatus::Signed)));
    is_no_event(file);
    Accept
}

/// The documentation's `totalCost` in the place of `totalCostStr`, and a complaint's number that is
/// text.
pub(crate) fn detail_of_2022(file: &[u8]) -> Outcome {
    let detail = read(file).unwrap();
    has_the_common_members(&detail);
    let complaint = detail.complaint_order.as_ref().unwrap();
    assert_eq!(complaint.complaint_order_id.as_deref(), Some("sadfasdf"));
    assert_eq!(complaint.create_time, Some(UnixTime(1_658_903_527)));
    assert_eq!(complaint.pay_time, Some(UnixTime(1_658_903_465)));
    assert_eq!(complaint.expire_time, Some(UnixTime(1_658_903_564)));
    assert_eq!(words(&complaint.phone_number), Some("13599125777"));
    assert_eq!(complaint.total_cost.as_deref(), Some("￥0.01"));
    let item = &detail.item[0];
    assert_eq!((item.time, words(&item.phone_number)), (Some(UnixTime(1_658_903_527)), Some("13599125777")));
    assert_eq!(item.media_id_list, [Personal::from("https://asdfasdf")]);
    let bill = detail.return_bill.as_ref().unwrap();
    assert_eq!((bill.waybill_id.as_deref(), bill.delivery_name.as_deref()), (Some("YDxxxxd"), Some("韵达快递")));
    is_no_event(file);
    Accept
}

/// Cut short, with something after it, and with another `errcode`: no success.
pub(crate) fn damaged_detail(file: &[u8]) -> Outcome {
    let sample = std::str::from_utf8(file).unwrap().trim_end();
    let (short, _) = sample.split_at(sample.len() - 1);
    let refusal =
        sample.replacen(r#""errcode":0"#, r#""errcode":1"#, 1).replacen(r#""errcode": 0"#, r#""errcode":1"#, 1);
    assert_ne!(refusal, sample, "the sample has an errcode");
    refused([
        ("cut short", read(short.as_bytes()).is_err()),
        ("trailing", read(format!("{sample}{{}}").as_bytes()).is_err()),
        ("a refusal", matches!(read(refusal.as_bytes()), Err(ResponseError::Refused { .. }))),
    ])
}
