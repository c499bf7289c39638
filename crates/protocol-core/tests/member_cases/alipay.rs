//! Alipay's complaints, as Allinpay hands them on.

use protocol_core::allinpay::{
    AlipayComplaint, AlipayComplaintList, AlipayComplaintQuery, AlipayComplaintQueryV2, AlipayComplaintStatus,
    AlipayFile, AlipayFileUpload, AlipayProcessCode, Notice, ResponseError,
};
use protocol_core::{Personal, UnixTime};

use crate::documents::{absent, decode, document, json, list, part, unknown, words};
use crate::platform::Platform;

const OTHERS: &str = "allinpay/alipay-others.json";

fn has_every_name(complaint: &AlipayComplaint) {
    assert_eq!((unknown(complaint), absent(complaint)), (Vec::new(), Vec::new()));
    assert_eq!(complaint.id, "2025031400000012345");
    assert_eq!(complaint.task_id.as_deref(), Some("TASK_1"));
    assert_eq!(complaint.opposite_pid.as_deref(), Some("2088000000000001"));
    assert_eq!(complaint.opposite_name.as_deref(), Some("商户名称"));
    assert_eq!(complaint.complain_amount.as_deref(), Some("12.50"));
    assert_eq!(words(&complaint.contact), Some("13900000000"));
    assert_eq!(words(&complaint.contactl), Some("13900000001"));
    assert_eq!(complaint.gmt_complain.as_deref(), Some("2025-03-14 15:09:26"));
    assert_eq!(complaint.gmt_process.as_deref(), Some("2025-03-14 16:09:26"));
    assert_eq!(complaint.gmt_overdue.as_deref(), Some("2025-03-15 15:09:26"));
    assert_eq!(words(&complaint.complain_content), Some("未收到货"));
    assert_eq!(complaint.trade_no.as_deref(), Some("2025031422001400000000000001"));
    assert_eq!(complaint.status, Some(AlipayComplaintStatus::OverdueProcessed));
    assert_eq!(complaint.status_description.as_deref(), Some("超时处理完成"));
    assert_eq!(complaint.process_code, Some(AlipayProcessCode::ConsensusWithClient));
    assert_eq!(complaint.process_message.as_deref(), Some("与客户协商一致"));
    assert_eq!(words(&complaint.process_remark), Some("已电话沟通"));
    assert_eq!(list(&complaint.process_img_url_list), ["https://example.alipay.com/process"]);
    assert_eq!(complaint.gmt_risk_finish_time.as_deref(), Some("2025-03-14 15:10:00"));
    assert_eq!(words(&complaint.complain_url), Some("https://example.alipay.com/complain"));
    assert_eq!(list(&complaint.certify_info), ["https://example.alipay.com/certify"]);
    assert_eq!(complaint.merchant_no.as_deref(), Some("990440148166000"));
    assert_eq!((complaint.filed(), complaint.fen()), (Some(UnixTime(1_741_936_166)), Some(1250)));

    let [trade] = &*complaint.complaint_trade_info_list else { panic!("one trade") };
    assert_eq!(trade.id.as_deref(), Some("2025031400000054321"));
    assert_eq!(trade.complaint_record_id.as_deref(), Some("2025031400000012346"));
    assert_eq!(trade.trade_no.as_deref(), Some("2025031422001400000000000002"));
    assert_eq!(trade.out_no.as_deref(), Some("OUT_1"));
    assert_eq!(trade.gmt_trade.as_deref(), Some("2025-03-13 10:00:00"));
    assert_eq!(trade.gmt_refund.as_deref(), Some("2025-03-14 10:00:00"));
    assert_eq!(trade.status, Some(AlipayComplaintStatus::WaitProcess));
    assert_eq!(trade.status_description.as_deref(), Some("待处理"));
    assert_eq!(trade.amount.as_deref(), Some("10.00"));
}

fn has_the_frame(page: &AlipayComplaintList) {
    assert!(page.extra.is_empty());
    assert_eq!((page.code.as_deref(), words(&page.msg)), (Some("10000"), Some("Success")));
    assert_eq!((page.total_size, page.current_page, page.page_size), (Some(21), Some(2), Some(20)));
}

#[test]
fn every_published_name_of_a_list() {
    let platform = Platform::sm2();
    let response = platform.records(document("allinpay/alipay-list.json"));
    let page = platform.decode::<AlipayComplaintQueryV2>(&response).unwrap();
    has_the_frame(&page);
    assert_eq!((unknown(&page), absent(&page)), (Vec::new(), vec!["unreadable".to_owned()]));
    let [complaint] = &*page.complaint_list else { panic!("one complaint") };
    has_every_name(complaint);
}

/// A row that cannot be read spoils neither the page's frame nor its own number: these are read
/// under their names, too.
#[test]
fn a_list_with_a_row_that_cannot_be_read() {
    let platform = Platform::sm2();
    let written = String::from_utf8(document("allinpay/alipay-list.json")).unwrap().replace(
        r#""complaint_list": ["#,
        r#""complaint_list": [{"task_id":"TASK_0"}, {"id":7,"complaint_trade_info_list":1},"#,
    );
    let page = platform.decode::<AlipayComplaintQueryV2>(&platform.records(written)).unwrap();
    has_the_frame(&page);
    assert!(!page.unreadable.is_empty(), "a row without its number cannot be read");
    has_every_name(page.complaint_list.last().unwrap());
    // Whether it counts as read or not.
    let read = page.complaint_list.iter().map(|complaint| &*complaint.id);
    let unread = page.unreadable.iter().filter_map(|row| row.id.as_deref());
    assert!(read.chain(unread).any(|number| number == "7"));
}

#[test]
fn every_published_name_of_one_complaint_and_of_a_file() {
    let platform = Platform::sm2();
    let one = json(&document("allinpay/alipay-list.json"))["complaint_list"][0].to_string();
    has_every_name(&platform.decode::<AlipayComplaintQuery>(&platform.records(one)).unwrap());

    let file: AlipayFile = platform.decode::<AlipayFileUpload<'_>>(&platform.records(part(OTHERS, "upload"))).unwrap();
    assert_eq!((unknown(&file), absent(&file)), (Vec::new(), Vec::new()));
    assert_eq!(file.file_key.as_deref(), Some("FILE_KEY"));
    assert_eq!(file.file_url.as_deref(), Some("https://example.alipay.com/file"));
}

#[test]
fn every_name_of_a_refusal() {
    let platform = Platform::sm2();
    let refusal = platform.records(part(OTHERS, "refused"));
    for error in [
        platform.decode::<AlipayComplaintQueryV2>(&refusal).unwrap_err(),
        platform.decode::<AlipayComplaintQuery>(&refusal).unwrap_err(),
        platform.decode::<AlipayFileUpload<'_>>(&refusal).unwrap_err(),
    ] {
        let ResponseError::Refused(refusal) = error else { panic!("{error}") };
        assert_eq!(refusal.code.as_deref(), Some("40004"));
        assert_eq!(refusal.message, Some(Personal::from("Business Failed")));
    }
}

#[test]
fn every_published_name_of_a_notice() {
    let notice: Notice = decode(&document("allinpay/notice.json"));
    assert_eq!((unknown(&notice), absent(&notice)), (Vec::new(), Vec::new()));
    assert_eq!((notice.cusid.as_str(), notice.appid.as_str()), ("990581007426001", "00000051"));
    assert_eq!(notice.task_id.as_deref(), Some("10243351927"));
    assert_eq!(notice.status, Some(AlipayComplaintStatus::WaitProcess));
    assert_eq!(notice.status_description.as_deref(), Some("待处理"));
    assert_eq!(notice.paychnl.as_deref(), Some("ALIPAY"));
    assert_eq!(notice.complain_amount.as_deref(), Some("29.90"));
    assert_eq!(words(&notice.complain_content), Some("重复扣费"));
    assert_eq!(words(&notice.contact), Some("13900000000"));
    assert_eq!(notice.create_time.as_deref(), Some("2025-03-14 15:09:26"));
    assert_eq!(notice.gmt_complain.as_deref(), Some("2025-03-14 15:00:00"));
    assert_eq!(notice.gmt_overdue.as_deref(), Some("2025-03-15 15:00:00"));
    assert_eq!(notice.gmt_process.as_deref(), Some("2025-03-14 16:00:00"));
    assert_eq!(notice.gmt_risk_finish_time.as_deref(), Some("2025-03-14 15:09:20"));
    assert_eq!(notice.opposite_name.as_deref(), Some("某某商户"));
    assert_eq!(notice.opposite_pid.as_deref(), Some("2088000000000001"));
    assert_eq!(notice.complaint_trade_info_list.len(), 1);
    assert!(notice.dedup_key.is_empty(), "it was not received");
}
