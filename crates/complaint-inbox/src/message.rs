//! What arrives: messages that were opened, and letters that could not be read.

use protocol_core::{Personal, UnixTime};

use crate::complaint::{ComplaintKey, Source};
use crate::event::NewEvent;
use crate::reason::Reason;

/// A verified message, to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// The key under which the webhook reserved it: `dedup_key()` of the message.
    pub dedup_key: String,
    /// The complaint that it tells of.
    pub complaint: ComplaintKey,
    /// The merchant that the complaint is against, if it was sent to an agent and names one.
    pub accused: Option<String>,
    /// The platform's word for its kind.
    pub kind: Option<String>,
    /// Its content, if that is to be kept.
    pub content: Option<Personal<Vec<u8>>>,
    /// The events that it proves.
    pub events: Vec<NewEvent>,
}

impl Message {
    /// A message about a complaint, whose content is not kept and that proves no event.
    #[must_use]
    pub fn new(dedup_key: impl Into<String>, complaint: ComplaintKey) -> Self {
        let dedup_key = dedup_key.into();
        Self { dedup_key, complaint, accused: None, kind: None, content: None, events: Vec::new() }
    }
}

/// The outcome of [`Store::hear`](crate::Store::hear). Exhaustive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It is kept, and its complaint is due to be read.
    First,
    /// A copy was kept before. It changed nothing.
    Copy,
}

/// A message that is the platform's but cannot be read, to be kept whole for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewLetter {
    /// The merchant to whom it was sent, and the channel.
    pub source: Source,
    /// The number of the complaint, if that can be told: the complaint is then due to be read.
    pub complaint_id: Option<String>,
    /// The reason why it cannot be read, without a word of its content.
    pub reason: Reason,
    /// Its content, unchanged.
    pub content: Personal<Vec<u8>>,
}

impl NewLetter {
    /// A letter that names no complaint.
    #[must_use]
    pub fn new(source: Source, reason: impl Into<Reason>, content: impl Into<Personal<Vec<u8>>>) -> Self {
        Self { source, complaint_id: None, reason: reason.into(), content: content.into() }
    }
}

/// A letter that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its number, from 1.
    pub number: i64,
    /// The time of its arrival.
    pub at: UnixTime,
    /// The letter.
    pub letter: NewLetter,
}
