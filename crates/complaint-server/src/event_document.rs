//! An event as JSON: in the feed, in the stream, and in what is handed on.

use complaint_inbox::Event;
use protocol_core::UnixTime;
use serde::Serialize;
use serde_json::Value;

/// An event as JSON, in the form that Standard Webhooks gives it. It holds ids and states, no words
/// of a payer.
#[derive(Debug, Serialize)]
pub struct EventDocument<'e> {
    r#type: &'static str,
    /// The time of the event, not of an attempt to send it.
    timestamp: String,
    data: Data<'e>,
}

#[derive(Debug, Serialize)]
struct Data<'e> {
    /// The number of the event. It is the complaint's version until its next event.
    version: i64,
    channel: &'e str,
    merchant: &'e str,
    id: &'e str,
    detail: &'e Value,
}

impl<'e> EventDocument<'e> {
    /// The event's document.
    #[must_use]
    pub fn new(event: &'e Event) -> Self {
        let Event { number, complaint, kind, at, data: detail } = event;
        let (channel, merchant, id) = (&*complaint.channel, &*complaint.merchant, &*complaint.id);
        Self {
            r#type: kind.as_str(),
            timestamp: moment(*at),
            data: Data { version: *number, channel, merchant, id, detail },
        }
    }
}

/// A time in RFC 3339, in UTC. One that no calendar has is taken as 1970.
pub(crate) fn moment(time: UnixTime) -> String {
    jiff::Timestamp::from_second(time.0).unwrap_or_default().to_string()
}

#[cfg(test)]
pub(crate) mod samples {
    use complaint_inbox::{ComplaintKey, EventKind};
    use serde_json::json;

    use super::*;

    pub(crate) fn event(number: i64) -> Event {
        Event {
            number,
            complaint: ComplaintKey::new("wechat-pay", "1900000001", "200201820200101080076610000"),
            kind: EventKind::DeadlineNear,
            at: UnixTime(1_795_939_200),
            data: json!({ "deadline": "reply" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_written_in_one_form() {
        assert_eq!(
            serde_json::to_string(&EventDocument::new(&samples::event(42))).unwrap(),
            r#"{"type":"deadline.near","timestamp":"2026-11-29T08:00:00Z","data":{"version":42,"channel":"wechat-pay","merchant":"1900000001","id":"200201820200101080076610000","detail":{"deadline":"reply"}}}"#
        );
        assert_eq!(moment(UnixTime(i64::MAX)), "1970-01-01T00:00:00Z");
    }
}
