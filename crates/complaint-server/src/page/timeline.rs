//! The history of a complaint, oldest first, in words.

use complaint_inbox::{ComplaintRecord, Entry};
use complaint_texts::Language;
use protocol_core::codec::decode_json;
use protocol_core::complaint::{MessageBlock, NegotiationRecord, OrderItem};
use protocol_core::{DecodeError, Unverified};

use super::foreign::Foreign;
use super::pictures::{PictureView, Pictures};
use crate::moments::Moment;

/// An entry of the history.
pub(crate) struct EntryView {
    pub(crate) at: Option<Moment>,
    /// The person, as the platform names it.
    pub(crate) who: Option<Foreign>,
    pub(crate) what: Foreign,
    pub(crate) words: Vec<Foreign>,
    pub(crate) pictures: Vec<PictureView>,
    /// The reader has not seen it when the form was made.
    pub(crate) is_new: bool,
}

/// The entries, oldest first; those after the first `seen` are new.
pub(crate) fn entries(
    language: Language,
    record: &ComplaintRecord,
    pictures: &Pictures<'_>,
    seen: Option<usize>,
) -> Vec<EntryView> {
    let is_order = record.summary.key.channel == "mini-program";
    let view = |(place, entry): (usize, &Entry)| {
        let Told { who, what, words } = if is_order { of_item(language, entry) } else { of_record(language, entry) };
        EntryView {
            at: entry.at.map(Moment::new),
            who: Foreign::of(language, who.as_deref()),
            what: Foreign::new(language, &what),
            words: words.iter().filter_map(|words| Foreign::of(language, Some(words))).collect(),
            pictures: pictures.of_entry(&entry.id),
            is_new: seen.is_some_and(|seen| place >= seen),
        }
    };
    oldest_first(&record.entries).into_iter().enumerate().map(view).collect()
}

/// Platforms send either end first. An entry without a time stays beside its neighbour.
fn oldest_first(entries: &[Entry]) -> Vec<&Entry> {
    let mut times = entries.iter().filter_map(|entry| entry.at);
    let (first, last) = (times.next(), times.next_back());
    let mut entries: Vec<&Entry> = entries.iter().collect();
    if last.is_some() && first > last {
        entries.reverse();
    }
    let mut before = None;
    let mut timed: Vec<_> = entries
        .into_iter()
        .map(|entry| {
            before = entry.at.or(before);
            (before, entry)
        })
        .collect();
    timed.sort_by_key(|(time, _)| *time);
    timed.into_iter().map(|(_, entry)| entry).collect()
}

/// An entry as far as it was read.
struct Told {
    who: Option<String>,
    what: String,
    words: Vec<String>,
}

impl Told {
    fn unreadable(language: Language) -> Self {
        Self { who: None, what: language.text("timeline-unreadable"), words: Vec::new() }
    }
}

fn of_record(language: Language, entry: &Entry) -> Told {
    let record: Result<Unverified<NegotiationRecord>, DecodeError> =
        decode_json("an entry", entry.document.expose().as_bytes());
    let Ok(record) = record else { return Told::unreadable(language) };
    let record = record.trust_anyway();
    let click = record.click_message.as_ref().and_then(|click| click.message_content.as_ref());
    let personal = [
        &record.operate_details,
        &record.user_appy_platform_service_reason,
        &record.user_appy_platform_service_reason_description,
    ];
    let personal = personal.into_iter().flatten().chain(click).map(|words| words.expose().clone());
    let blocks = record.normal_message.iter().flat_map(|message| &message.blocks);
    let words = personal.chain(blocks.flat_map(|block| of_block(language, block))).collect();
    let what = record.operate_type.as_ref().map(|act| language.word("happened", act.as_str()).into_owned());
    Told { who: record.operator, what: what.unwrap_or_default(), words }
}

/// The words of a block. A link and a button are text: nothing foreign is followed from here.
fn of_block(language: Language, block: &MessageBlock) -> Vec<String> {
    let labelled = |name: fn(Language, &str) -> String, text: &Option<String>| {
        text.as_deref().filter(|text| !text.is_empty()).map(|text| name(language, text))
    };
    let text = block.text.iter().filter_map(|text| text.text.as_ref()).map(|text| text.expose().clone());
    let image = block.image.iter().map(|_| language.text("timeline-picture-shown"));
    let link = block.link.iter().filter_map(|link| {
        let target = link.action.as_ref().and_then(|action| action.jump_url.as_deref());
        let parts: Vec<&str> = [link.text.as_deref(), target].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| link_words(language, &parts.join(" ")))
    });
    let questions = block.faq_list.iter().flat_map(|list| &list.faqs);
    let questions = questions.filter_map(|faq| labelled(question_words, &faq.faq_title));
    let group = block.button_group.iter().flat_map(|group| &group.buttons);
    let buttons = block.button.iter().chain(group).filter_map(|button| labelled(button_words, &button.text));
    text.chain(image).chain(link).chain(questions).chain(buttons).collect()
}

fn link_words(language: Language, text: &str) -> String {
    language.text_with("timeline-link", [("text", text.into())])
}

fn question_words(language: Language, text: &str) -> String {
    language.text_with("timeline-question", [("text", text.into())])
}

fn button_words(language: Language, text: &str) -> String {
    language.text_with("timeline-button", [("text", text.into())])
}

fn of_item(language: Language, entry: &Entry) -> Told {
    let item: Result<Unverified<OrderItem>, DecodeError> = decode_json("an item", entry.document.expose().as_bytes());
    let Ok(item) = item else { return Told::unreadable(language) };
    let item = item.trust_anyway();
    let code = |family: &str, code: String| language.word(family, &code).into_owned();
    let what = item.item_type.map(|kind| code("order-item", kind.code().to_string())).unwrap_or_default();
    let appeal = item.appeal_item_type.filter(|state| state.code() != 0);
    let appeal = appeal.map(|state| code("appeal-state", state.code().to_string()));
    let blame = item.blame_result.map(|next| code("blame", next.code().to_string()));
    let words = item.content.map(|words| words.expose().clone()).into_iter().chain(blame).chain(appeal).collect();
    Told { who: None, what, words }
}

#[cfg(test)]
mod tests {
    use protocol_core::UnixTime;

    use super::*;

    fn entry(id: &str, at: Option<i64>, document: &str) -> Entry {
        Entry { id: id.to_owned(), kind: None, at: at.map(UnixTime), document: document.into() }
    }

    #[test]
    fn entries_are_oldest_first_from_either_end() {
        let ids = |times: &[(&str, Option<i64>)]| {
            let entries: Vec<Entry> = times.iter().map(|(id, at)| entry(id, *at, "{}")).collect();
            oldest_first(&entries).into_iter().map(|entry| entry.id.clone()).collect::<Vec<_>>().join("")
        };
        assert_eq!(ids(&[("c", Some(3)), ("b", Some(2)), ("a", Some(1))]), "abc");
        assert_eq!(ids(&[("a", Some(1)), ("b", Some(2)), ("c", Some(3))]), "abc");
        assert_eq!(ids(&[("a", Some(1)), ("b", None), ("c", Some(3))]), "abc");
        // Entries of one second keep the platform's order, reversed if it is newest first.
        assert_eq!(ids(&[("d", Some(9)), ("c", Some(2)), ("b", Some(2)), ("a", Some(1))]), "abcd");
        assert_eq!(ids(&[("a", Some(1)), ("b", Some(1))]), "ab");
        assert_eq!(ids(&[]), "");
    }

    #[test]
    fn an_event_of_an_order_says_who_is_to_do_what() {
        let told = |document: &str| of_item(Language::English, &entry("1", None, document));
        let blamed = told(r#"{"itemType":31,"content":"核实","blameResult":0,"appealItemType":401}"#);
        assert_eq!(blamed.what, "the merchant's fault");
        assert_eq!(blamed.words, ["核实", "proof of handling is awaited", "you may appeal"]);
        let new = told(r#"{"itemType":999}"#);
        assert_eq!((&*new.what, new.words.len()), ("999", 0));
    }

    #[test]
    fn an_entry_has_every_word_and_its_links_are_text() {
        let document = r#"{"log_id":"1","operator":"商家","operate_type":"NEW_TYPE","operate_details":"请稍等",
            "click_message":{"message_content":"好的"},
            "normal_message":{"blocks":[{"type":"TEXT","text":{"text":"您好"}},{"type":"IMAGE","image":{"media_id":"1"}},
            {"type":"LINK","link":{"text":"看这里","action":{"jump_url":"https://evil.example"}}},
            {"type":"FAQ_LIST","faq_list":{"faqs":[{"faq_title":"怎么退"}]}},
            {"type":"BUTTON_GROUP","button_group":{"buttons":[{"text":"是"},{"text":"否"}]}}]}}"#;
        let told = of_record(Language::English, &entry("1", None, document));
        assert_eq!((told.who.as_deref(), &*told.what), (Some("商家"), "NEW_TYPE"));
        let expected = [
            "请稍等",
            "好的",
            "您好",
            "A picture that the platform shows only to the payer.",
            "Link: 看这里 https://evil.example",
            "Question: 怎么退",
            "Button: 是",
            "Button: 否",
        ];
        assert_eq!(told.words, expected);
        assert_eq!(of_record(Language::English, &entry("1", None, "[")).what, "This entry cannot be read.");
    }

    #[test]
    fn a_mini_programs_item_has_its_words() {
        let told = of_item(Language::Chinese, &entry("1", None, r#"{"itemType":-7,"content":"没收到货"}"#));
        assert_eq!((&*told.what, told.words), ("-7", vec!["没收到货".to_owned()]));
    }
}
