//! A complaint's history as text: time, person, act and words of each entry.

use protocol_core::complaint::{NegotiationRecord, NormalMessage};

use crate::language::say;
use crate::view::output::visible;
use crate::view::words::{self, china_time, happened};

/// The indent of the words of an entry.
const INDENT: &str = "                     ";

/// The entries, oldest first, without a line end after the last.
pub(crate) fn timeline(records: &[NegotiationRecord]) -> String {
    if records.is_empty() {
        return say("timeline-history-empty");
    }
    let entries: Vec<String> = records.iter().map(entry).collect();
    entries.join("\n")
}

fn entry(record: &NegotiationRecord) -> String {
    let time = record.operate_time.as_ref().map(china_time).unwrap_or_default();
    let mut lines = vec![format!("{time:19}  {}", what(record)).trim_end().to_owned()];
    for words in texts(record) {
        lines.extend(words.lines().map(|line| format!("{INDENT}{}", visible(line))));
    }
    lines.extend(words::pictures(pictures(record)).map(|pictures| format!("{INDENT}{pictures}")));
    lines.join("\n")
}

/// What happened, and who did it: the platform's words for the person stand beside an unknown act alone.
fn what(record: &NegotiationRecord) -> String {
    if let Some(happened) = record.operate_type.as_ref().and_then(happened) {
        return happened;
    }
    let act = record.operate_type.as_ref().map(|act| act.as_str());
    let parts: Vec<_> = [record.operator.as_deref(), act].into_iter().flatten().map(visible).collect();
    parts.join(" ")
}

/// Every text of the entry, in the order of its members.
fn texts(record: &NegotiationRecord) -> Vec<&str> {
    let click = record.click_message.as_ref().and_then(|click| click.message_content.as_ref());
    let personal = [
        &record.operate_details,
        &record.user_appy_platform_service_reason,
        &record.user_appy_platform_service_reason_description,
    ]
    .into_iter()
    .flatten()
    .chain(click)
    .map(|words| words.expose().as_str());
    personal.chain(record.normal_message.iter().flat_map(blocks)).filter(|words| !words.is_empty()).collect()
}

/// The texts and captions of a message made of blocks.
fn blocks(message: &NormalMessage) -> impl Iterator<Item = &str> {
    message.blocks.iter().flat_map(|block| {
        let text = block.text.iter().filter_map(|text| text.text.as_ref()).map(|text| text.expose().as_str());
        let link = block.link.iter().filter_map(|link| link.text.as_deref());
        let questions = block.faq_list.iter().flat_map(|list| &list.faqs).filter_map(|faq| faq.faq_title.as_deref());
        let group = block.button_group.iter().flat_map(|group| &group.buttons);
        let buttons = block.button.iter().chain(group).filter_map(|button| button.text.as_deref());
        text.chain(link).chain(questions).chain(buttons)
    })
}

/// The number of pictures. The history names each twice: by a link and by its `media_url`.
fn pictures(record: &NegotiationRecord) -> usize {
    let behind: usize = record.complaint_media_list.iter().map(|media| media.media_url.len()).sum();
    let in_message =
        record.normal_message.iter().flat_map(|message| &message.blocks).filter(|block| block.image.is_some()).count();
    behind.max(record.image_list.len()) + in_message
}

#[cfg(test)]
mod tests {
    use protocol_core::codec::decode_json;
    use protocol_core::complaint::NegotiationHistory;

    use super::*;

    #[test]
    fn a_history_reads_as_a_story() {
        let history = r#"{"data":[
            {"log_id":"1","operator":"投诉人","operate_time":"2025-03-14T07:09:26Z","operate_type":"USER_CREATE_COMPLAINT",
             "operate_details":"扣了两次\n请退款","image_list":["a"],
             "complaint_media_list":{"media_type":"USER_COMPLAINT_IMAGE","media_url":["a","b"]}},
            {"log_id":"2","operator":"商家","operate_time":"odd","operate_type":"NEW\u001b[2J",
             "normal_message":{"blocks":[{"type":"TEXT","text":{"text":"请稍等"}},{"type":"IMAGE","image":{"media_id":"1"}},
               {"type":"BUTTON","button":{"text":"好"}}]}},
            {"log_id":"3"}]}"#;
        let history: NegotiationHistory = decode_json("a history", history.as_bytes()).unwrap().trust_anyway();
        let expected = "\
2025-03-14 15:09:26  the payer filed the complaint
                     扣了两次
                     请退款
                     [2 pictures]
odd                  商家 NEW\\u{1b}[2J
                     请稍等
                     好
                     [1 picture]
";
        assert_eq!(timeline(&history.data), expected);
        assert_eq!(timeline(&[]), "the history is empty");
    }
}
