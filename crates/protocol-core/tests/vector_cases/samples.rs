//! Documents as the platform's documentation shows them: read, written, read again.

use std::fmt::Debug;

use crate::common::decode_json;
use protocol_core::complaint::{Complaint, ComplaintPage, ComplaintState, MediaType, NegotiationHistory, OperateType};
use protocol_core::wechat_pay::{
    ActionType, ComplaintEvent, Complete, CreateNotificationUrl, NotificationUrl, RefundAction, Respond,
    UpdateNotificationUrl, UpdateRefundProgress, UploadedImage,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Outcome::{self, Accept, Refuse};
use super::json;

/// Reads a document, writes it, reads that, and compares the writing with the original.
fn round_trip<T: DeserializeOwned + Serialize + PartialEq + Debug>(file: &[u8]) -> T {
    let document: T = decode_json("a sample", file).expect("the sample is read");
    let written = serde_json::to_vec(&document).unwrap();
    let again: T = decode_json("a sample, written", &written).expect("what was written is read");
    assert_eq!(again, document);
    same_but_for_lists(&json(file), &json(&written), "");
    document
}

/// The two documented liberties of writing: a list that was not there is written as `[]`, and an
/// element that stood without its list is put into one. All else has to be the same, texts and
/// numbers to the character.
fn same_but_for_lists(original: &Value, written: &Value, at: &str) {
    match (original, written) {
        (Value::Object(original), Value::Object(written)) => {
            for (name, value) in original {
                let written = written.get(name).unwrap_or_else(|| panic!("{at}/{name} is lost"));
                same_but_for_lists(value, written, &format!("{at}/{name}"));
            }
            for (name, value) in written.iter().filter(|(name, _)| !original.contains_key(*name)) {
                assert_eq!(value, &serde_json::json!([]), "{at}/{name} was not there");
            }
        }
        (Value::Array(original), Value::Array(written)) => {
            assert_eq!(original.len(), written.len(), "{at}");
            for (index, (original, written)) in original.iter().zip(written).enumerate() {
                same_but_for_lists(original, written, &format!("{at}/{index}"));
            }
        }
        (Value::Object(_), Value::Array(list)) if list.len() == 1 => {
            same_but_for_lists(original, &list[0], at);
        }
        _ => assert_eq!(original, written, "{at}"),
    }
}

fn same<T: DeserializeOwned + Serialize + PartialEq + Debug>(file: &[u8]) -> T {
    let document = round_trip::<T>(file);
    assert_eq!(serde_json::to_value(&document).unwrap(), json(file), "nothing here may change at all");
    document
}

pub(crate) fn event(file: &[u8]) -> Outcome {
    let event = same::<ComplaintEvent>(file);
    assert_eq!(event.action_type, Some(ActionType::CreateComplaint));
    assert!(event.extra.is_empty());
    Accept
}

pub(crate) fn set_url(file: &[u8]) -> Outcome {
    assert_eq!(same::<CreateNotificationUrl>(file).url, "https://www.xxx.com/notify");
    assert_eq!(same::<UpdateNotificationUrl>(file).url, "https://www.xxx.com/notify");
    Accept
}

pub(crate) fn url(file: &[u8]) -> Outcome {
    let url = same::<NotificationUrl>(file);
    assert_eq!((url.mchid.as_deref(), &*url.url), (Some("1900012181"), "https://www.xxx.com/notify"));
    assert!(url.extra.is_empty());
    Accept
}

pub(crate) fn response(file: &[u8]) -> Outcome {
    let response = same::<Respond>(file);
    assert_eq!(response.response_content.expose(), "已与用户沟通解决");
    assert_eq!(response.mini_program_jump_info.and_then(|info| info.appid).as_deref(), Some("example_appid"));
    Accept
}

pub(crate) fn complete(file: &[u8]) -> Outcome {
    assert_eq!(same::<Complete>(file).complainted_mchid, "1900012181");
    Accept
}

pub(crate) fn refund_progress(file: &[u8]) -> Outcome {
    let progress = same::<UpdateRefundProgress>(file);
    assert_eq!((progress.action, progress.launch_refund_day), (RefundAction::Reject, Some(3)));
    Accept
}

pub(crate) fn uploaded(file: &[u8]) -> Outcome {
    let uploaded = same::<UploadedImage>(file);
    assert_eq!(uploaded.media_id, super::text(&json(file), "media_id"));
    assert!(uploaded.extra.is_empty());
    Accept
}

fn every_member_is_known(complaint: &Complaint) {
    assert!(complaint.extra.is_empty(), "{:?}", complaint.extra);
    assert_eq!(complaint.complaint_state, Some(ComplaintState::Pending));
    assert_eq!(complaint.complaint_order_info[0].amount.map(|fen| fen.0), Some(3));
    assert_eq!(complaint.complaint_media_list[0].media_type, Some(MediaType::UserComplaintImage));
    let info = complaint.additional_info.as_ref().unwrap();
    assert!(info.extra.is_empty() && info.share_power_info.as_ref().unwrap().extra.is_empty());
}

pub(crate) fn complaint(file: &[u8]) -> Outcome {
    let complaint = same::<Complaint>(file);
    every_member_is_known(&complaint);
    assert!(complaint.payer_openid.is_some());
    Accept
}

pub(crate) fn complaints(file: &[u8]) -> Outcome {
    let page = same::<ComplaintPage>(file);
    assert_eq!((page.limit, page.offset, page.total_count), (Some(5), Some(10), Some(1000)));
    let [complaint] = page.data.as_slice() else { panic!("one complaint") };
    every_member_is_known(complaint);
    assert_eq!(complaint.payer_openid, None);
    Accept
}

/// The first entry's media list is one object without its list: the two entries read alike in it.
pub(crate) fn history(file: &[u8]) -> Outcome {
    let original = json(file);
    assert!(original["data"][0]["complaint_media_list"].is_object());
    let history = round_trip::<NegotiationHistory>(file);
    let [bare, listed] = history.data.as_slice() else { panic!("two entries") };
    assert_eq!(bare.complaint_media_list, listed.complaint_media_list);
    assert_eq!(bare.operate_type, Some(OperateType::UserCreateComplaint));
    assert!(bare.extra.is_empty() && listed.extra.is_empty());
    assert!(listed.user_appy_platform_service_reason.is_some());
    Accept
}

/// The documentation prints the phone number in clear: no ciphertext, said so, and the complaint
/// around it is read.
pub(crate) fn clear_phone(file: &[u8]) -> Outcome {
    use protocol_core::crypto::CryptoError;
    use protocol_core::crypto::PrivateKey;

    let complaint: Complaint = decode_json("a sample", file).unwrap();
    let key = PrivateKey::read(&super::read("wechatpay/java/merchant_private_key.pem")).unwrap();
    let opened = complaint.payer_phone.unwrap().decrypt([&*protocol_core::wechat_pay::decryptor(&key)]);
    assert_eq!(opened.unwrap_err(), CryptoError::NotBase64);
    Refuse
}

/// The inputs that every reader of documents refuses: truncated text, trailing text, a known member
/// that occurs twice.
fn damaged<T: DeserializeOwned + Debug>(file: &[u8], member: &str) -> Outcome {
    let text = std::str::from_utf8(file).unwrap().trim_end();
    let short = &text[..text.len() - 1];
    let value = &json(file)[member];
    assert!(!value.is_null(), "{member} is there");
    super::refused([
        ("cut short", decode_json::<T>("a sample", short.as_bytes()).is_err()),
        ("trailing", decode_json::<T>("a sample", format!("{text}{{}}").as_bytes()).is_err()),
        ("a member twice", decode_json::<T>("a sample", format!("{short},\"{member}\":{value}}}").as_bytes()).is_err()),
    ])
}

pub(crate) fn damaged_complaint(file: &[u8]) -> Outcome {
    damaged::<Complaint>(file, "complaint_id")
}

pub(crate) fn damaged_page(file: &[u8]) -> Outcome {
    damaged::<ComplaintPage>(file, "total_count")
}

pub(crate) fn damaged_history(file: &[u8]) -> Outcome {
    damaged::<NegotiationHistory>(file, "data")
}

pub(crate) fn damaged_event(file: &[u8]) -> Outcome {
    damaged::<ComplaintEvent>(file, "complaint_id")
}
