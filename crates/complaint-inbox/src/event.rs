//! Events: what changed, numbered in the order of commits.

use protocol_core::UnixTime;
use serde_json::Value;

use crate::complaint::ComplaintKey;

/// An event of the feed. It holds ids and states, no words of a payer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number, from 1: larger than that of every event that was committed before. Numbers may be
    /// left out, and are never given twice.
    pub number: i64,
    /// The complaint that changed.
    pub complaint: ComplaintKey,
    /// The kind of change.
    pub kind: EventKind,
    /// The time of the change, by the store's clock.
    pub at: UnixTime,
    /// Ids and states, as JSON.
    pub data: Value,
}

/// An event to be written in the transaction that makes the change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewEvent {
    /// The kind of change.
    pub kind: EventKind,
    /// A complaint has one event of a kind with this text; a second one is left out. `None`: it may
    /// recur.
    pub once: Option<String>,
    /// Ids and states, as JSON, without words of a payer.
    pub data: Value,
}

impl NewEvent {
    /// An event that may recur.
    #[must_use]
    pub const fn new(kind: EventKind, data: Value) -> Self {
        Self { kind, once: None, data }
    }

    /// An event that a complaint has once for this text, such as the id of an entry.
    #[must_use]
    pub fn once(kind: EventKind, once: impl Into<String>, data: Value) -> Self {
        Self { kind, once: Some(once.into()), data }
    }
}

/// The kind of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum EventKind {
    /// The complaint is new.
    Filed,
    /// Its document or its history changed in another way.
    Updated,
    /// The payer continued it.
    Continued,
    /// The payer wrote.
    PayerResponded,
    /// The payer asks for a refund.
    RefundRequested,
    /// A deadline is less than [`NEAR_SECONDS`](protocol_core::complaint::NEAR_SECONDS) away.
    DeadlineNear,
    /// A deadline passed.
    DeadlineOver,
    /// The complaint is complete.
    Completed,
    /// An act ended, with whatever outcome.
    ActFinished,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Filed,
        Self::Updated,
        Self::Continued,
        Self::PayerResponded,
        Self::RefundRequested,
        Self::DeadlineNear,
        Self::DeadlineOver,
        Self::Completed,
        Self::ActFinished,
    ];

    /// The name in the feed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Filed => "complaint.filed",
            Self::Updated => "complaint.updated",
            Self::Continued => "complaint.continued",
            Self::PayerResponded => "payer.responded",
            Self::RefundRequested => "refund.requested",
            Self::DeadlineNear => "deadline.near",
            Self::DeadlineOver => "deadline.over",
            Self::Completed => "complaint.completed",
            Self::ActFinished => "act.finished",
        }
    }

    /// The kind of this name; `None` if no kind has it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether the payer did it. An act that was asked for before such an event is stale.
    #[must_use]
    pub const fn is_the_payers(self) -> bool {
        matches!(self, Self::Filed | Self::Continued | Self::PayerResponded | Self::RefundRequested)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::from_name(kind.as_str()), Some(kind));
        }
        assert_eq!(EventKind::from_name("complaint"), None);
    }
}
