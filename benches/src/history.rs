//! A complaint's negotiation history in JSON.
//!
//! The floor is serde_json's `from_str` into the leanest struct that owns the same members. It
//! accepts the documented shape alone, and starts from text. Ours starts from a response's bytes,
//! so it has to check that they are UTF-8. [`floor_from_bytes`] has std's check: what a service
//! writes by hand. [`least_from_bytes`] checks by the same crate as ours, and so compares the decoders
//! alone.

use std::fmt::Write as _;

use protocol_core::Personal;
use protocol_core::codec::decode_json;
use protocol_core::complaint::NegotiationHistory;

pub mod floor;

/// Records of one page.
pub const PAGE: usize = 50;

/// The history as the library reads it.
pub fn ours(document: &[u8]) -> NegotiationHistory {
    decode_json("a history", document).unwrap().trust_anyway()
}

/// The least work with the same result, from text.
pub fn floor(document: &str) -> floor::History {
    serde_json::from_str(document).unwrap()
}

/// The same from bytes, after std's check of UTF-8.
pub fn floor_from_bytes(document: &[u8]) -> floor::History {
    floor(str::from_utf8(document).unwrap())
}

/// The least work with the same result, from bytes: std's check takes five times as long.
pub fn least_from_bytes(document: &[u8]) -> floor::History {
    floor(simdutf8::basic::from_utf8(document).unwrap())
}

/// Checks that both sides read the same from the same document.
pub fn assert_same(floor: &floor::History, ours: &NegotiationHistory) {
    assert_eq!(floor.data.len(), ours.data.len());
    for (floor, ours) in floor.data.iter().zip(&ours.data) {
        assert!(ours.extra.is_empty(), "the model knows every member of the document");
        assert!(!matches!(floor.operate_type, Some(floor::OperateType::Other)), "the floor knows every value");
        assert_eq!(floor.log_id, ours.log_id);
        assert_eq!(floor.operator, ours.operator);
        assert_eq!(floor.operate_details.as_ref(), ours.operate_details.as_ref().map(Personal::expose));
        assert!(
            floor.complaint_media_list.iter().flat_map(|media| &media.media_url).eq(ours
                .complaint_media_list
                .iter()
                .flat_map(|media| &media.media_url)
                .map(Personal::expose))
        );
        assert_eq!(
            floor.normal_message.as_ref().map(|message| message.blocks.len()),
            ours.normal_message.as_ref().map(|message| message.blocks.len())
        );
        assert_eq!(
            floor.click_message.as_ref().map(|click| &click.clicked_log_id),
            ours.click_message.as_ref().map(|click| &click.clicked_log_id)
        );
    }
}

/// About half a kilobyte a record, with the kinds of records of a long negotiation.
pub fn document(records: usize) -> String {
    let mut document = String::from(r#"{"data":["#);
    for index in 0..records {
        let comma = if index == 0 { "" } else { "," };
        let (operator, operate_type, rest) = record(index);
        write!(
            document,
            r#"{comma}{{"log_id":"3002853202103221700000{index:05}","operator":"{operator}","operate_time":"2025-03-14T15:{:02}:26+08:00","operate_type":"{operate_type}",{rest}}}"#,
            index % 60
        )
        .unwrap();
    }
    write!(document, r#"],"limit":{records},"offset":0,"total_count":{records}}}"#).unwrap();
    document
}

fn record(index: usize) -> (&'static str, &'static str, String) {
    let details = |text: &str| format!(r#""operate_details":"{text}","image_list":[]"#);
    match index % 10 {
        0 => {
            let words =
                details("不想要了，我想要退款。上周在你们店里下单的时候说好三天发货，到现在物流信息一直没有更新");
            ("投诉人", "USER_CREATE_COMPLAINT", words + &media("USER_COMPLAINT_IMAGE", index, 4))
        }
        1 => (
            "系统",
            "USER_CREATE_COMPLAINT_SYSTEM_MESSAGE",
            details("投诉人发起投诉，请商家在24小时内响应，逾期未处理平台将介入，并可能影响商家的相关权限"),
        ),
        2 => ("商家", "MERCHANT_RESPONSE", message(index)),
        3 => {
            let click = format!(
                r#""click_message":{{"message_content":"未解决","action_id":"a{index}","clicked_log_id":"3002853202103221700000{:05}"}}"#,
                index - 1
            );
            ("投诉人", "USER_CLICK_RESPONSE", click)
        }
        4 | 7 => {
            let words = details(
                "您好，非常抱歉给您带来不好的体验。\\n我们已经联系仓库核实，您的订单会在今天之内发出，请您耐心等待，如有疑问请随时与我们联系",
            );
            ("商家", "MERCHANT_RESPONSE", words + &media("OPERATION_IMAGE", index, 1))
        }
        5 => {
            let words = details("已经等了一个星期了，每次都说今天发货，我不想再等了，请直接退款");
            ("投诉人", "USER_RESPONSE", words + &media("USER_COMPLAINT_IMAGE", index, 2))
        }
        6 => (
            "投诉人",
            "USER_RESPONSE",
            details("这是和客服的聊天记录，请平台看一下，商家没有给出任何解决办法，我现在联系不上他们了"),
        ),
        8 => {
            let words = format!(
                r#""user_appy_platform_service_reason":"商家长时间未处理","user_appy_platform_service_reason_description":"第{index}次联系商家，仍然没有结果，希望平台介入","image_list":[]"#
            );
            ("投诉人", "USER_APPLY_PLATFORM_SERVICE", words)
        }
        _ => {
            let words = format!(
                r#""operate_details":"已为您办理退款，预计1至3个工作日原路退回，请注意查收","image_list":["https://qpic.cn/mmpayimage/{index:032}/0"]"#
            );
            ("商家", "MERCHANT_RESPONSE", words)
        }
    }
}

/// The pictures of a record: in a history one object, not a list.
fn media(kind: &str, index: usize, count: usize) -> String {
    let url = format!(
        r#""https://api.mch.weixin.qq.com/v3/merchant-service/images/ChsyMDAyMDA1MjAyMTA3MjIxNzAwMDAxMzIw{index:05}IYACD%2B9I6IBigBMAE4AQ%3D%3D""#
    );
    format!(r#","complaint_media_list":{{"media_type":"{kind}","media_url":[{}]}}"#, vec![url; count].join(","))
}

/// A paragraph, a link and two buttons: a machine's message.
fn message(index: usize) -> String {
    let text = r#"{"type":"TEXT","text":{"text":"您好，请问您的问题是否已经解决？如果没有，我们会尽快为您安排人工客服","color":"DEFAULT","is_bold":false}}"#;
    let link = format!(
        r#"{{"type":"LINK","link":{{"text":"查看退款进度","action":{{"action_type":"ACTION_TYPE_JUMP_URL","jump_url":"https://example.com/refunds/{index:024}?from=complaint","action_id":"l{index}"}},"invalid_info":{{"expired_time":"2025-03-15T15:09:26+08:00","multi_clickable":true}}}}}}"#
    );
    let buttons = ["已解决", "未解决"].map(|text| {
        format!(
            r#"{{"text":"{text}","action":{{"action_type":"ACTION_TYPE_SEND_MESSAGE","message_info":{{"content":"{text}"}},"action_id":"a{index}"}}}}"#
        )
    });
    format!(
        r#""normal_message":{{"blocks":[{text},{link},{{"type":"BUTTON_GROUP","button_group":{{"buttons":[{}],"button_layout":"LAYOUT_HORIZONTAL"}}}}],"sender_identity":"MACHINE"}}"#,
        buttons.join(",")
    )
}
