//! The entries of a negotiation history.

use protocol_core::allinpay::WxComplaintHistory;
use protocol_core::complaint::{MediaType, NegotiationHistory, NegotiationRecord, OperateType};

use crate::documents::{absent, decode, document, list, sample, unknown, words};
use crate::message::has_the_examples as message_has_the_examples;
use crate::platform::Platform;

/// Every sample and the table of names have these members, with the same example values.
fn has_the_examples(entry: &NegotiationRecord) {
    assert_eq!(unknown(entry), [""; 0]);
    assert_eq!(entry.log_id, "300285320210322170000071077");
    assert_eq!(entry.operator.as_deref(), Some("投诉人"));
    assert_eq!(entry.operate_time.as_ref().unwrap().as_str(), "2015-05-20T13:29:35.120+08:00");
    assert_eq!(entry.operate_type, Some(OperateType::UserCreateComplaint));
    assert_eq!(words(&entry.operate_details), Some("已与用户电话沟通解决"));
    assert_eq!(list(&entry.image_list), ["https://qpic.cn/xxx"]);
    let [media] = &*entry.complaint_media_list else { panic!("pictures of one kind") };
    assert_eq!(media.media_type, Some(MediaType::UserComplaintImage));
    assert_eq!(list(&media.media_url), ["https://api.mch.weixin.qq.com/v3/merchant-service/images/xxxxx"]);
}

fn has_the_reasons(entry: &NegotiationRecord) {
    assert_eq!(words(&entry.user_appy_platform_service_reason), Some("商家响应不及时"));
    assert_eq!(
        words(&entry.user_appy_platform_service_reason_description),
        Some("一周前就提交咨询了，到现在商家还没理我")
    );
}

#[test]
fn the_sample_of_a_history() {
    let history: NegotiationHistory =
        decode(&sample("wechatpay/fudiwei/samples/QueryMerchantServiceComplaintNegotiationHistoriesResponse.json"));
    assert_eq!(unknown(&history), [""; 0]);
    assert_eq!((history.limit, history.offset, history.total_count), (Some(50), Some(50), Some(1000)));
    let [first, second] = &*history.data else { panic!("two entries") };
    has_the_examples(first);
    has_the_examples(second);
    has_the_reasons(second);
    assert_eq!(absent(second), ["normal_message", "click_message"]);
    assert_eq!(
        absent(first),
        [
            "user_appy_platform_service_reason",
            "user_appy_platform_service_reason_description",
            "normal_message",
            "click_message"
        ]
    );
}

fn has_every_name(history: &NegotiationHistory) {
    assert_eq!(unknown(history), [""; 0]);
    assert_eq!((history.limit, history.offset, history.total_count), (Some(50), Some(10), Some(1000)));
    let [entry] = &*history.data else { panic!("one entry") };
    has_the_examples(entry);
    has_the_reasons(entry);
    message_has_the_examples(entry.normal_message.as_ref().unwrap());
    let click = entry.click_message.as_ref().unwrap();
    assert_eq!(words(&click.message_content), Some("example_message_content"));
    assert_eq!(click.action_id.as_deref(), Some("example_action_id"));
    assert_eq!(click.clicked_log_id.as_deref(), Some("example_clicked_log_id"));
    assert_eq!(absent(history), ["unreadable"]);
}

#[test]
fn every_published_name_of_a_history() {
    has_every_name(&decode(&document("wechat-pay/history.json")));
}

#[test]
fn every_published_name_at_allinpay() {
    let platform = Platform::sm2();
    let response = platform.records(document("wechat-pay/history.json"));
    has_every_name(&platform.decode::<WxComplaintHistory>(&response).unwrap());
}
