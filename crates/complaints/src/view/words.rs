//! Times, amounts and words of the wire as text. Every result is visible.

use complaint_texts::Language;
use jiff::tz::Offset;
use protocol_core::UnixTime;
use protocol_core::complaint::{Complaint, Fen, OperateType, Timestamp};
use unicode_width::UnicodeWidthStr as _;

use crate::language::{of_results, say_with};
use crate::view::output::visible;
use crate::view::table::Cell;

/// A time in China's time zone. A text that is no time stays as it is.
pub(crate) fn china_time(time: &Timestamp) -> String {
    let instant = time.to_unix().and_then(|UnixTime(seconds)| jiff::Timestamp::from_second(seconds).ok());
    match instant {
        Some(instant) => Offset::constant(8).to_datetime(instant).to_string().replacen('T', " ", 1),
        None => visible(time.as_str()),
    }
}

/// A time in China's time zone; where a table has little room, without year and seconds.
pub(crate) fn time_cell(time: UnixTime) -> Cell {
    let whole = china_time(&time.into());
    let short = short_time(&whole).to_owned();
    Cell::new(whole).or(short)
}

/// `03-14 15:09` of `2025-03-14 15:09:26`.
pub(crate) fn short_time(china_time: &str) -> &str {
    china_time.get(5..16).unwrap_or(china_time)
}

/// The sum of the orders complained about.
pub(crate) fn amount(complaint: &Complaint) -> Option<Fen> {
    let orders = complaint.complaint_order_info.iter();
    orders.filter_map(|order| order.amount).map(|fen| fen.0).reduce(i64::saturating_add).map(Fen)
}

/// `12.05`
pub(crate) fn yuan(Fen(fen): Fen) -> String {
    complaint_texts::yuan(fen)
}

/// The same in words, with the zone: `2025-03-14 15:09:26 (China)`.
pub(crate) fn moment(time: &Timestamp) -> String {
    in_china(&china_time(time))
}

/// A time of China's, which is text already, with the zone.
pub(crate) fn in_china(time: &str) -> String {
    say_with("china-time", [("time", time.into())])
}

/// `12.05 yuan`
pub(crate) fn in_yuan(fen: Fen) -> String {
    say_with("amount-yuan", [("yuan", yuan(fen).into())])
}

/// A word of the wire. The words are English, and stay in it; in Chinese, people's words stand in
/// their place. An unknown word stays.
pub(crate) fn word(family: &str, wire: &str) -> String {
    word_in(of_results(), family, wire)
}

/// The same in this language.
pub(crate) fn word_in(language: Language, family: &str, wire: &str) -> String {
    match language {
        Language::English => visible(wire),
        language => visible(&language.word(family, wire)),
    }
}

/// A code of the wire with people's words: `201, waiting for the merchant`. An unknown code stays alone.
pub(crate) fn coded(family: &str, code: &str) -> String {
    coded_in(of_results(), family, code)
}

/// The same in this language.
pub(crate) fn coded_in(language: Language, family: &str, code: &str) -> String {
    match language.known_word(family, code) {
        Some(words) => language.text_with("coded-word", [("code", code.into()), ("words", words.into())]),
        None => visible(code),
    }
}

/// A text from outside, and what it means.
pub(crate) fn explained(text: &str, words: String) -> String {
    say_with("explained-code", [("code", visible(text).into()), ("words", words.into())])
}

/// An entry of a history; `None` if its kind is unknown.
pub(crate) fn happened(operate_type: &OperateType) -> Option<String> {
    of_results().known_word("happened", operate_type.as_str())
}

/// Several values, with what stands between them.
pub(crate) fn joined(values: impl IntoIterator<Item = String>) -> String {
    let mark = match of_results() {
        Language::English => ", ",
        Language::Chinese => "、",
    };
    values.into_iter().collect::<Vec<_>>().join(mark)
}

/// A number of pictures; `None` if there is none.
pub(crate) fn pictures(count: usize) -> Option<String> {
    (count > 0).then(|| say_with("pictures-count", [("count", count.into())]))
}

/// The text with blanks after it, to so many columns. A Chinese character takes two.
pub(crate) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_the_wire_stays_in_english_and_an_unknown_one_everywhere() {
        assert_eq!((&*word("state", "PENDING"), &*word("state", "NEW\u{1b}")), ("PENDING", "NEW\\u{1b}"));
        assert_eq!(
            (&*coded("state", "201"), &*coded("state", "9\u{1b}")),
            ("201, waiting for the merchant", "9\\u{1b}")
        );
        assert_eq!(happened(&OperateType::UserResponse).as_deref(), Some("the payer wrote"));
        assert_eq!(happened(&OperateType::from("NEW\u{1b}[2J")), None);
    }

    #[test]
    fn a_chinese_character_takes_two_columns() {
        assert_eq!((&*padded("投诉", 6), &*padded("state", 6), &*padded("投诉", 3)), ("投诉  ", "state ", "投诉"));
    }

    #[test]
    fn money_is_in_yuan_and_time_in_china() {
        assert_eq!([0, 3, 1205, -1205].map(|fen| yuan(Fen(fen))), ["0.00", "0.03", "12.05", "-12.05"]);
        assert_eq!(yuan(Fen(i64::MIN)), "-92233720368547758.08");
        assert_eq!(china_time(&Timestamp::from("2025-03-14T07:09:26Z")), "2025-03-14 15:09:26");
        assert_eq!(china_time(&Timestamp::from("20180225\u{1b}")), "20180225\\u{1b}");
        assert_eq!(time_cell(UnixTime(1_741_936_166)), Cell::new("2025-03-14 15:09:26").or("03-14 15:09"));
    }
}
