//! The events that a reading makes, and those that a message proves before it: a decision, without
//! I/O.
//!
//! A message and the reading after it tell of the same change. The payer's entries of a kind are
//! counted: a message proves the one after those that are known, and a reading tells each new one
//! under its number. The inbox keeps one event of a kind under a number. A message that arrives after
//! the reading of its own entry proves nothing: the number of a next entry would be taken by it.

use complaint_inbox::{Entry, EventKind, NewEvent, Reading};
use protocol_core::UnixTime;
use protocol_core::complaint::{OperateType, OrderItemType};
use serde_json::{Value, json};

/// The complaint as it was read last.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Former<'a> {
    /// Its document; `None` before the first reading.
    pub(super) document: Option<&'a str>,
    /// Its history.
    pub(super) entries: &'a [Entry],
}

/// The former reading, as far as events depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Before {
    /// How it stood, with all that counts as a change.
    pub(super) condition: String,
    /// Whether it was complete.
    pub(super) is_complete: bool,
}

/// The complaint as it is now.
#[derive(Debug)]
pub(super) struct Now {
    /// How it stands, with all that counts as a change.
    pub(super) condition: String,
    /// Whether it is complete.
    pub(super) is_complete: bool,
    /// The payer's demand for a refund, as a text that is another one for another demand.
    pub(super) refund: Option<String>,
}

/// Adds the events that a reading makes.
pub(super) fn tell(reading: &mut Reading, now: &Now, before: Option<&Before>, former: Former<'_>) {
    let state = json!({ "state": reading.state });
    let mut events = Vec::new();
    if before.is_none() {
        events.push(filed(state.clone()));
    }
    if let Some(refund) = &now.refund {
        events.push(NewEvent::once(EventKind::RefundRequested, refund, json!({ "amount": reading.amount })));
    }
    let new = reading.entries.as_deref().unwrap_or_default().iter().filter(|entry| !holds(former.entries, entry));
    let new: Vec<&Entry> = new.collect();
    if before.is_some() {
        for kind in [EventKind::Continued, EventKind::PayerResponded] {
            let known = count(former.entries, kind);
            let of_kind = new.iter().filter(|entry| payers(entry) == Some(kind));
            events.extend(
                of_kind
                    .zip(known + 1..)
                    .map(|(entry, number)| numbered(kind, number, json!({ "entry": entry.id, "kind": entry.kind }))),
            );
        }
    }
    if now.is_complete && before.is_none_or(|before| !before.is_complete) {
        events.push(NewEvent::new(EventKind::Completed, state.clone()));
    }
    let tells = events.iter().any(|event| event.kind != EventKind::RefundRequested);
    let is_changed = before.is_some_and(|before| before.condition != now.condition) || !new.is_empty();
    if is_changed && !tells {
        events.push(NewEvent::new(EventKind::Updated, state));
    }
    reading.events = events;
}

/// The event that a message of this time proves, with the history that is known; `None` if its entry
/// may be in that history already. A reading then tells an entry that is not.
pub(super) fn proven(kind: EventKind, known: &[Entry], sent: Option<UnixTime>, data: Value) -> Option<NewEvent> {
    if kind == EventKind::Filed {
        return Some(filed(data));
    }
    let may_be_of = |entry: &Entry| match (entry.at, sent) {
        (Some(at), Some(sent)) => at.plus(AROUND_SECONDS) >= sent,
        _ => true,
    };
    let may_be_known = known.iter().any(|entry| payers(entry) == Some(kind) && may_be_of(entry));
    (!may_be_known).then(|| numbered(kind, count(known, kind) + 1, data))
}

/// A complaint is filed once.
fn filed(data: Value) -> NewEvent {
    NewEvent::once(EventKind::Filed, "", data)
}

fn numbered(kind: EventKind, number: usize, data: Value) -> NewEvent {
    NewEvent::once(kind, number.to_string(), data)
}

fn count(entries: &[Entry], kind: EventKind) -> usize {
    entries.iter().filter(|entry| payers(entry) == Some(kind)).count()
}

fn holds(entries: &[Entry], entry: &Entry) -> bool {
    entries.iter().any(|other| other.id == entry.id)
}

/// The event that an entry of the payer's makes. The Mini Program's kinds are numbers.
fn payers(entry: &Entry) -> Option<EventKind> {
    use OperateType as Type;

    let kind = entry.kind.as_deref()?;
    if let Ok(code) = kind.parse::<i64>() {
        let is_message = matches!(OrderItemType::from(code), OrderItemType::UserMessage | OrderItemType::UserEvidence);
        return is_message.then_some(EventKind::PayerResponded);
    }
    match Type::from(kind) {
        Type::UserContinueComplaint | Type::ContinueComplaintByPlatform => Some(EventKind::Continued),
        Type::UserResponse | Type::UserClickResponse => Some(EventKind::PayerResponded),
        _ => None,
    }
}

/// A message is made at most so many seconds after its entry: a guess on the safe side.
const AROUND_SECONDS: u32 = 60;
