//! Complaints as the inbox knows them: their key, what lists show, and the whole.

use std::fmt;

use protocol_core::complaint::Deadlines;
use protocol_core::{Personal, UnixTime};

use crate::act::ActRecord;
use crate::picture::{PhoneLooks, PictureRecord};
use crate::reading::Entry;

/// A merchant on a channel. Complaints are read, swept and acted on for each source by itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source {
    /// The channel's name, such as `wechat-pay`.
    pub channel: String,
    /// The merchant's number, or the application's id.
    pub merchant: String,
}

impl Source {
    /// A merchant on a channel.
    #[must_use]
    pub fn new(channel: impl Into<String>, merchant: impl Into<String>) -> Self {
        Self { channel: channel.into(), merchant: merchant.into() }
    }
}

/// The complaint, unique in the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ComplaintKey {
    /// The channel's name, such as `wechat-pay`.
    pub channel: String,
    /// The merchant's number, or the application's id.
    pub merchant: String,
    /// The complaint's number.
    pub id: String,
}

impl ComplaintKey {
    /// A complaint of a merchant on a channel.
    #[must_use]
    pub fn new(channel: impl Into<String>, merchant: impl Into<String>, id: impl Into<String>) -> Self {
        Self { channel: channel.into(), merchant: merchant.into(), id: id.into() }
    }

    /// The merchant on the channel.
    #[must_use]
    pub fn source(&self) -> Source {
        Source { channel: self.channel.clone(), merchant: self.merchant.clone() }
    }
}

/// A complaint in a list: everything except its document, its history and its acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The complaint.
    pub key: ComplaintKey,
    /// The number of its last event; 0 if it has none.
    pub version: i64,
    /// How often there was reason to read it.
    pub heard: i64,
    /// How many of these reasons its document reflects. It is due to be read while this is less than
    /// `heard`.
    pub read: i64,
    /// The time at which it was read last; `None` before the first reading.
    pub read_at: Option<UnixTime>,
    /// How often the platform refused it since.
    pub refused: u32,
    /// The platform's word for its state.
    pub state: Option<String>,
    /// The time of the filing.
    pub filed: Option<UnixTime>,
    /// The merchant's deadlines; `None` before the first reading.
    pub deadlines: Option<Deadlines>,
    /// The amount in fen.
    pub amount: Option<i64>,
    /// The product that was bought, if the platform names one.
    pub product: Option<String>,
    /// Whether it is closed, so that it is not read without a message.
    pub is_closed: bool,
}

/// A complaint, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComplaintRecord {
    /// The summary.
    pub summary: Summary,
    /// The merchant that it is against, as an agent's list or message named it; `None` for the
    /// merchant of the source.
    pub accused: Option<String>,
    /// Its document as it was read last, JSON; `None` before the first reading.
    pub document: Option<Personal<String>>,
    /// Its history, in the platform's order.
    pub entries: Vec<Entry>,
    /// The acts that were asked for, oldest first.
    pub acts: Vec<ActRecord>,
    /// Its pictures, by number.
    pub pictures: Vec<PictureRecord>,
    /// Those who were shown the payer's telephone number.
    pub phone_looks: PhoneLooks,
}

/// A complaint with its document, without its history and its acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The summary.
    pub summary: Summary,
    /// Its document as it was read last, JSON; `None` before the first reading.
    pub document: Option<Personal<String>>,
}

/// The complaints that a list shows. Default: all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only open ones, or only closed ones.
    pub is_open: Option<bool>,
    /// Only those of this channel.
    pub channel: Option<String>,
    /// Only those of this merchant.
    pub merchant: Option<String>,
    /// Only those of this number: each account may have one.
    pub id: Option<String>,
    /// Only those whose next deadline is at this time or before, or is unknown.
    pub due_by: Option<UnixTime>,
    /// Only those in this state: the platform's word for it.
    pub state: Option<String>,
    /// Only those about this product.
    pub product: Option<String>,
    /// Only those in which each of these words is found, whatever its case: as a part of the
    /// complaint's number, of a number of its orders, or of the payer's words. A word that is the whole
    /// number of a complaint that was read, or of one of its orders, finds those with this number alone.
    /// Words stand between blanks; two Chinese characters are enough. The first
    /// [`MAX_SEARCH_WORDS`](crate::MAX_SEARCH_WORDS) count.
    pub text: Option<String>,
}

/// Some rows of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The rows, the earliest deadline first: unknown ones, lapsed ones, by time, met ones, closed
    /// ones; then by key.
    pub rows: Vec<Summary>,
    /// The place where the next page begins; `None` at the end. A page of a [search](Filter::text) ends
    /// after [`MAX_SEARCHED`](crate::MAX_SEARCHED) complaints that were looked through, though it has few
    /// rows or none.
    pub next: Option<Cursor>,
}

/// A place in a list. Its text is opaque: a caller passes back what a page had.
///
/// A complaint that is read meanwhile may move to another place. It then may be shown twice, or
/// not on the pages that are left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) urgency: i64,
    pub(crate) key: ComplaintKey,
}

impl Cursor {
    /// The place of a row.
    pub(crate) const fn new(urgency: i64, key: ComplaintKey) -> Self {
        Self { urgency, key }
    }

    /// Reads a cursor's text; `None` if it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_CURSOR || !text.len().is_multiple_of(2) {
            return None;
        }
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let digits: Vec<u8> = text.as_bytes().iter().map(digit).collect::<Option<_>>()?;
        let bytes: Vec<u8> =
            digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
        let (urgency, channel, merchant, id) = serde_json::from_slice::<(i64, String, String, String)>(&bytes).ok()?;
        Some(Self { urgency, key: ComplaintKey { channel, merchant, id } })
    }
}

/// The text for [`Cursor::parse`]: hexadecimal digits.
impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ComplaintKey { channel, merchant, id } = &self.key;
        let text = serde_json::to_string(&(self.urgency, channel, merchant, id)).map_err(|_| fmt::Error)?;
        text.bytes().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The values that a [`Filter`] may take, each list in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// The channels of the first [`MAX_CHOICES`] sources.
    pub channels: Vec<String>,
    /// The merchants of the first [`MAX_CHOICES`] sources.
    pub merchants: Vec<String>,
    /// The states, [`MAX_CHOICES`] at most.
    pub states: Vec<String>,
    /// The products, [`MAX_CHOICES`] at most.
    pub products: Vec<String>,
}

/// Most values of a member of [`Choices`].
pub const MAX_CHOICES: usize = 200;

/// The numbers that tell how the inbox stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Complaints that are not closed.
    pub open: u64,
    /// Complaints that are due to be read.
    pub due: u64,
    /// Acts that are asked for or being sent.
    pub acts: u64,
    /// Pictures that are neither kept nor given up.
    pub pictures: u64,
    /// Letters that are kept.
    pub letters: u64,
    /// Events that an endpoint has yet to receive.
    pub handovers: u64,
    /// Events that an endpoint was given up on.
    pub dead: u64,
    /// The number of the newest event.
    pub newest_event: i64,
}

/// The rows that [`Store::forget`](crate::Store::forget) removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Complaints, each with its history, acts and events.
    pub complaints: u64,
    /// Messages: their content, or their keys after [the time that copies take](crate::Store::forget).
    pub messages: u64,
    /// Letters.
    pub letters: u64,
    /// Pictures.
    pub pictures: u64,
    /// Deeds about no complaint.
    pub deeds: u64,
    /// Sessions.
    pub sessions: u64,
}

impl Forgotten {
    /// Whether anything was removed, so that there may be more.
    #[must_use]
    pub fn is_any(&self) -> bool {
        *self != Self::default()
    }
}

/// Longest text of a cursor, in bytes.
pub(crate) const MAX_CURSOR: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_from_its_text() {
        for id in ["1", "投诉", "\"\\\u{0}"] {
            let cursor = Cursor::new(-7, ComplaintKey::new("wechat-pay", "1900000001", id));
            assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        }
    }

    #[test]
    fn another_text_is_no_cursor() {
        for text in ["", "0", "zz", "+1", "5b", "投诉", "5b5d"] {
            assert_eq!(Cursor::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_cursor_is_as_long_as_it_may_be() {
        let text = |blanks: usize| {
            let cursor = Cursor::new(1, ComplaintKey::new("a", "b", "c")).to_string();
            format!("{}{cursor}", "20".repeat(blanks))
        };
        let most = (MAX_CURSOR - text(0).len()) / 2;
        assert_eq!(text(most).len(), MAX_CURSOR);
        assert!(Cursor::parse(&text(most)).is_some());
        assert_eq!(Cursor::parse(&text(most + 1)), None);
    }
}
