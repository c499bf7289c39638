//! The words of a notice: which complaint, how it stands, what is due. Nothing personal, unless it is
//! asked for.

use complaint_inbox::{ComplaintKey, ComplaintRecord, Event, EventKind};
use complaint_texts::Language;
use protocol_core::UnixTime;
use protocol_core::complaint::{Deadline, Deadlines, Due};
use serde_json::Value;

use super::body::fits;
use super::recipient::Recipient;
use crate::moments::{china_time, left};
use crate::url::complaint_path;

/// An event with its complaint, if the inbox still has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) event: &'a Event,
    pub(super) record: Option<&'a ComplaintRecord>,
}

/// The message of several events: one whole, or a count with those that are due first. It fits the
/// recipient.
pub(super) fn message(recipient: &Recipient, items: &[Item<'_>], now: UnixTime) -> String {
    let language = recipient.language;
    let mut items = items.to_vec();
    items.sort_by_key(Item::urgency);
    if let [item] = items[..] {
        return cut(recipient, &language.text_with("notice-one", [("text", lines(recipient, item, now).into())]));
    }
    let all = language.text_with("notice-many", [("count", items.len().into())]);
    let texts: Vec<String> =
        (1..).zip(&items).take(MAX_SHOWN).map(|(n, item)| format!("{n}. {}", lines(recipient, *item, now))).collect();
    let shown = |number: usize| {
        let head = if number < items.len() {
            let numbers = [("count", items.len().into()), ("shown", number.into())];
            language.text_with("notice-first", numbers)
        } else {
            all.clone()
        };
        [&[head], texts.get(..number).unwrap_or(&texts)].concat().join("\n\n")
    };
    let fitting = (1..=texts.len()).rev().map(shown).find(|text| fits(recipient, text));
    fitting.unwrap_or_else(|| cut(recipient, &shown(1)))
}

/// The message of what waits for a person: letters, and events that an endpoint was given up on.
pub(super) fn waiting(recipient: &Recipient, letters: u64, dead: u64) -> String {
    let language = recipient.language;
    let line = |name: &str, count: u64| (count > 0).then(|| language.text_with(name, [("count", count.into())]));
    let lines = [line("notice-letters", letters), line("notice-dead", dead), recipient.page.clone()];
    let text = lines.into_iter().flatten().collect::<Vec<_>>().join("\n");
    cut(recipient, &language.text_with("notice-one", [("text", text.into())]))
}

/// The message of a test.
pub(super) fn test(recipient: &Recipient) -> String {
    let text = recipient.language.text("notice-test");
    recipient.language.text_with("notice-one", [("text", text.into())])
}

impl Item<'_> {
    /// Unknown complaints first, then by deadline, the closed ones last.
    fn urgency(&self) -> (bool, Option<Deadline>, i64) {
        let summary = self.record.map(|record| &record.summary);
        let deadline = summary.and_then(|summary| summary.deadlines).map(|deadlines| deadlines.next());
        (summary.is_some_and(|summary| summary.is_closed), deadline, self.event.number)
    }
}

/// The lines of one event.
fn lines(recipient: &Recipient, Item { event, record }: Item<'_>, now: UnixTime) -> String {
    let (language, key) = (recipient.language, &event.complaint);
    let channel = language.word("channel", &key.channel);
    let merchant = foreign(recipient.merchant(key), MAX_NAME);
    let mut lines = vec![format!("{} · {} · {merchant}", head(language, event), foreign(&channel, MAX_NAME))];
    lines.push(language.text_with("notice-id", [("id", foreign(&key.id, MAX_NAME).into())]));
    if let Some(record) = record {
        lines.extend(standing(language, record, now));
        if recipient.with_text {
            let words = words(event, record).map(|words| foreign(&words, MAX_WORDS));
            lines.extend(words.map(|words| language.text_with("notice-words", [("words", words.into())])));
        }
    }
    lines.extend(recipient.page.as_ref().map(|page| link(page, key)));
    lines.join("\n")
}

fn head(language: Language, event: &Event) -> String {
    let word = |family: &str, member: &str| {
        let word = event.data.get(member).and_then(Value::as_str).unwrap_or_default();
        foreign(&language.word(family, word), MAX_NAME)
    };
    match event.kind {
        // People would do by hand what they are told has failed.
        EventKind::ActFinished if event.data.get("state").and_then(Value::as_str) == Some("unknown") => {
            language.text_with("notice-act-unknown", [("act", word("act", "kind").into())])
        }
        EventKind::ActFinished => {
            let values = [("act", word("act", "kind").into()), ("outcome", word("act-state", "state").into())];
            language.text_with("notice-act", values)
        }
        kind => language.word("event", kind.as_str()).into_owned(),
    }
}

/// The state, and the deadline to look at first.
fn standing(language: Language, record: &ComplaintRecord, now: UnixTime) -> Vec<String> {
    let summary = &record.summary;
    let state = summary.state.as_deref().map(|state| {
        let state = foreign(&language.word("state", state), MAX_NAME);
        language.text_with("notice-state", [("state", state.into())])
    });
    let due = summary.deadlines.filter(|_| !summary.is_closed).and_then(|deadlines| due(language, &deadlines, now));
    state.into_iter().chain(due).collect()
}

fn due(language: Language, deadlines: &Deadlines, now: UnixTime) -> Option<String> {
    let next = deadlines.next();
    let name = if next == deadlines.reply { "notice-reply-due" } else { "notice-finish-due" };
    match (next.due, next.at()) {
        (Due::Met, _) => None,
        (_, Some(time)) => {
            let values = [("time", china_time(time).into()), ("left", left(language, now, time).into())];
            Some(language.text_with(name, values))
        }
        (Due::Lapsed { .. }, None) => Some(language.word("deadline", "over").into_owned()),
        (_, None) => Some(language.word("deadline", "unknown").into_owned()),
    }
}

/// The payer's words that an event is about.
fn words(event: &Event, record: &ComplaintRecord) -> Option<String> {
    let read = |document: &str| serde_json::from_str::<Value>(document).ok();
    let first = |document: &Value, names: &[&str]| {
        names.iter().find_map(|name| document.get(name)?.as_str()).map(str::to_owned)
    };
    let of_entry = |document: &str| first(&read(document)?, &["operate_details", "content"]);
    match (event.kind, event.data.get("entry").and_then(Value::as_str)) {
        (EventKind::PayerResponded | EventKind::Continued, Some(id)) => {
            of_entry(record.entries.iter().find(|entry| entry.id == id)?.document.expose())
        }
        (EventKind::Filed, _) => {
            let document = read(record.document.as_ref()?.expose())?;
            let own = first(&document, &["complaint_detail", "complain_content"]);
            own.or_else(|| of_entry(record.entries.first()?.document.expose()))
        }
        _ => None,
    }
}

/// The complaint on the page.
fn link(page: &str, ComplaintKey { channel, merchant, id }: &ComplaintKey) -> String {
    format!("{page}{}", complaint_path(channel, merchant, id))
}

/// A text from outside in one bounded line, without the characters that make robots mention people,
/// link or fetch.
fn foreign(text: &str, most: usize) -> String {
    let safe = |letter: char| match letter {
        '<' => '＜',
        '>' => '＞',
        '[' => '［',
        ']' => '］',
        '!' => '！',
        '`' => '｀',
        letter if letter.is_control() || letter.is_whitespace() => ' ',
        letter => letter,
    };
    let visible = |letter: &char| !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    let mut letters = text.trim().chars().filter(visible).map(safe);
    let mut line: String = letters.by_ref().take(most).collect();
    if letters.next().is_some() {
        line.pop();
        line.push('…');
    }
    line
}

/// The longest beginning of a text that fits the recipient.
fn cut(recipient: &Recipient, text: &str) -> String {
    if fits(recipient, text) {
        return text.to_owned();
    }
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let beginning = |end: &usize| format!("{}…", text.get(..*end).unwrap_or_default());
    let fitting = ends.partition_point(|end| fits(recipient, &beginning(end)));
    fitting.checked_sub(1).and_then(|last| ends.get(last)).map(beginning).unwrap_or_default()
}

/// Most events that a message shows; it counts the others.
pub(super) const MAX_SHOWN: usize = 10;

/// Longest name, number or state from outside, in characters.
const MAX_NAME: usize = 64;

/// Most characters of a payer's words.
pub(super) const MAX_WORDS: usize = 200;

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
