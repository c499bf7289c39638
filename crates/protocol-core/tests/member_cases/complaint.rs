//! A complaint, its orders, pictures and places, and the page of a list.

use protocol_core::allinpay::{WxComplaintDetail, WxComplaintList};
use protocol_core::complaint::{
    AdditionalInfoType, Complaint, ComplaintPage, ComplaintState, Fen, MediaType, ProblemType, ServiceOrderState,
    UserTag,
};

use crate::documents::{absent, decode, document, list, sample, unknown, words};
use crate::platform::Platform;

/// Every sample and every table of names has these members, with the same example values.
fn has_the_examples(complaint: &Complaint) {
    assert_eq!(unknown(complaint), [""; 0]);
    assert_eq!(complaint.complaint_id, "200201820200101080076610000");
    assert_eq!(complaint.complaint_time.as_ref().unwrap().as_str(), "2015-05-20T13:29:35.120+08:00");
    assert_eq!(words(&complaint.complaint_detail), Some("反馈一个重复扣费的问题"));
    assert_eq!(complaint.complaint_state, Some(ComplaintState::Pending));
    assert_eq!(complaint.user_complaint_times, Some(1));
    assert_eq!(complaint.problem_description.as_deref(), Some("不满意商家服务"));
    assert_eq!(complaint.problem_type, Some(ProblemType::Refund));
    assert_eq!(complaint.apply_refund_amount, Some(Fen(10)));
    assert_eq!(complaint.user_tag_list, [UserTag::Trusted]);

    let [order] = &*complaint.complaint_order_info else { panic!("one order") };
    assert_eq!(order.transaction_id.as_deref(), Some("4200000404201909069117582536"));
    assert_eq!(order.out_trade_no.as_deref(), Some("20190906154617947762231"));
    assert_eq!(order.amount, Some(Fen(3)));

    let [media] = &*complaint.complaint_media_list else { panic!("pictures of one kind") };
    assert_eq!(media.media_type, Some(MediaType::UserComplaintImage));
    assert_eq!(list(&media.media_url), ["https://api.mch.weixin.qq.com/v3/merchant-service/images/xxxxx"]);

    let [service_order] = &*complaint.service_order_info else { panic!("one service order") };
    assert_eq!(service_order.order_id.as_deref(), Some("15646546545165651651"));
    assert_eq!(service_order.out_order_no.as_deref(), Some("1234323JKHDFE1243252"));
    assert_eq!(service_order.state, Some(ServiceOrderState::Doing));

    let info = complaint.additional_info.as_ref().unwrap();
    assert_eq!(info.kind, Some(AdditionalInfoType::SharePower));
    let power = info.share_power_info.as_ref().unwrap();
    assert_eq!(power.return_time.as_ref().unwrap().as_str(), "2015-05-20T13:29:35+08:00");
    assert_eq!(power.is_returned_to_same_machine, Some(false));
    let place = power.return_address_info.as_ref().unwrap();
    let address = "广东省深圳市南山区海天二路南山区后海腾讯滨海大厦(海天二路西)";
    assert_eq!(words(&place.return_address), Some(address));
    assert_eq!(words(&place.longitude), Some("113.93535488533665"));
    assert_eq!(words(&place.latitude), Some("22.52305518747831"));
}

/// The five members that say yes or no. No two of them have the same values in all of the
/// documents.
fn flags(complaint: &Complaint) -> [Option<bool>; 5] {
    [
        complaint.complaint_full_refunded,
        complaint.incoming_user_response,
        complaint.in_platform_service,
        complaint.need_immediate_service,
        complaint.is_agent_mode,
    ]
}

fn phone(complaint: &Complaint) -> &str {
    complaint.payer_phone.as_ref().unwrap().as_wire()
}

#[test]
fn the_sample_of_a_detail() {
    let complaint: Complaint =
        decode(&sample("wechatpay/fudiwei/samples/GetMerchantServiceComplaintByComplaintIdResponse.json"));
    has_the_examples(&complaint);
    assert_eq!(phone(&complaint), "18500000000");
    assert_eq!(words(&complaint.payer_openid), Some("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"));
    assert_eq!(flags(&complaint), [Some(true), Some(true), Some(true), Some(true), None]);
    assert_eq!(
        absent(&complaint),
        ["complainted_mchid", "wxa_out_trade_no", "wx_order_id", "is_agent_mode", "merchant_no"]
    );
}

#[test]
fn the_sample_of_a_list() {
    let page: ComplaintPage = decode(&sample("wechatpay/fudiwei/samples/QueryMerchantServiceComplaintsResponse.json"));
    assert_eq!(unknown(&page), [""; 0]);
    assert_eq!((page.limit, page.offset, page.total_count), (Some(5), Some(10), Some(1000)));
    let [complaint] = &*page.data else { panic!("one complaint") };
    has_the_examples(complaint);
    assert_eq!(phone(complaint), "18500000000");
    assert_eq!(flags(complaint), [Some(true), Some(true), Some(true), Some(true), None]);
    assert_eq!(
        absent(complaint),
        ["complainted_mchid", "payer_openid", "wxa_out_trade_no", "wx_order_id", "is_agent_mode", "merchant_no"]
    );
}

#[test]
fn every_published_name_of_a_detail() {
    let complaint: Complaint = decode(&document("wechat-pay/complaint.json"));
    has_the_examples(&complaint);
    assert_eq!(complaint.complainted_mchid.as_deref(), Some("1900012181"));
    assert_eq!(phone(&complaint), "sGdNeTHMQGlxCWiUyHu6XNO9GCYln2Luv4HhwJzZBfcL12sB");
    assert_eq!(words(&complaint.payer_openid), Some("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"));
    assert_eq!(flags(&complaint), [false, true, true, true, false].map(Some));
    assert_eq!(absent(&complaint), ["wxa_out_trade_no", "wx_order_id", "merchant_no"]);
}

#[test]
fn every_published_name_of_a_list() {
    let page: ComplaintPage = decode(&document("wechat-pay/complaint-page.json"));
    assert_eq!(unknown(&page), [""; 0]);
    assert_eq!((page.limit, page.offset, page.total_count), (Some(5), Some(10), Some(1000)));
    let [complaint] = &*page.data else { panic!("one complaint") };
    has_the_examples(complaint);
    assert_eq!(complaint.complainted_mchid.as_deref(), Some("1900012181"));
    assert!(phone(complaint).starts_with("Qe41VhP/sGdN"));
    assert_eq!(flags(complaint), [true, false, true, true, false].map(Some));
    assert_eq!(absent(complaint), ["payer_openid", "wxa_out_trade_no", "wx_order_id", "merchant_no"]);
}

/// Allinpay passes WeChat Pay's object on, with an additional member.
#[test]
fn every_published_name_at_allinpay() {
    let platform = Platform::sm2();
    let written = document("allinpay/complaint.json");
    let complaint = platform.decode::<WxComplaintDetail>(&platform.records(&written)).unwrap();
    has_the_examples(&complaint);
    assert_eq!(phone(&complaint), "13900000000");
    assert_eq!(flags(&complaint), [false, true, false, true, true].map(Some));
    assert_eq!(complaint.merchant_no.as_deref(), Some("990440148166000"));
    assert_eq!(absent(&complaint), ["wxa_out_trade_no", "wx_order_id"]);

    let list = platform.decode::<WxComplaintList>(&platform.records(format!("[{}]", text(&written)))).unwrap();
    assert_eq!(list.complaints, [complaint]);
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A row that cannot be read spoils neither the page's frame nor its own number: these are read
/// under their names, too.
#[test]
fn a_page_with_a_row_that_cannot_be_read() {
    let written = text(&document("wechat-pay/complaint-page.json")).replace(
        r#""data": ["#,
        r#""data": [{"complaint_time":"2015"}, {"complaint_id":"7","user_complaint_times":{}},"#,
    );
    let page = ComplaintPage::decode(written.as_bytes()).unwrap().trust_anyway();
    assert!(!page.unreadable.is_empty(), "a row without its number cannot be read");
    assert_eq!(unknown(&page.data.last()), [""; 0]);
    assert!(page.extra.is_empty());
    assert_eq!((page.limit, page.offset, page.total_count), (Some(5), Some(10), Some(1000)));
    // Whether it counts as read or not.
    let read = page.data.iter().map(|complaint| &*complaint.complaint_id);
    let unread = page.unreadable.iter().filter_map(|row| row.id.as_deref());
    assert!(read.chain(unread).any(|number| number == "7"));
}
