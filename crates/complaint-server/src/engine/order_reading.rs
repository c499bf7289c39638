//! A complaint of the Mini Program, with its events, as the inbox keeps it: a decision, without I/O.

use std::collections::HashMap;

use complaint_inbox::{Entry, Reading};
use protocol_core::complaint::{OrderComplaint, OrderDetail, OrderItem};

use super::story::{self, Before, Former, Now};
use super::{progress, search_text};

/// The reading of a detail; `None` if it has no complaint.
///
/// # Errors
/// It cannot be written as JSON.
pub(super) fn of_order(detail: &OrderDetail, former: Former<'_>) -> serde_json::Result<Option<Reading>> {
    let Some(complaint) = &detail.complaint_order else { return Ok(None) };
    let mut reading = Reading::new(serde_json::to_string(detail)?);
    reading.standing = standing(complaint);
    reading.state = complaint.status.map(|status| status.code().to_string());
    reading.filed = complaint.create_time;
    reading.deadlines = Some(complaint.deadlines());
    reading.product = complaint.product_name.clone().filter(|name| !name.is_empty());
    reading.progress = progress::of_order(detail);
    (reading.numbers, reading.searched) = search_text::of_order(detail);
    reading.is_closed = complaint.is_closed();
    reading.entries = Some(entries(&detail.item)?);
    let before = former.document.map(|document| {
        let detail = OrderDetail::decode(document.as_bytes()).ok();
        // One that was kept by another version counts as changed.
        let complaint = detail.as_ref().and_then(|detail| detail.peek().complaint_order.as_ref());
        Before {
            condition: complaint.map(standing).unwrap_or_default(),
            is_complete: complaint.is_some_and(OrderComplaint::is_closed),
        }
    });
    let now = Now { condition: reading.standing.clone(), is_complete: reading.is_closed, refund: None };
    story::tell(&mut reading, &now, before.as_ref(), former);
    Ok(Some(reading))
}

fn standing(complaint: &OrderComplaint) -> String {
    let appeal = complaint.appeal_state().map_or_else(|_| "?".to_owned(), |state| format!("{state:?}"));
    format!("{:?} {appeal}", complaint.status)
}

/// The platform gives its items no ids: an item is known by its time, its kind, and its place among
/// those of the same time and kind.
fn entries(items: &[OrderItem]) -> serde_json::Result<Vec<Entry>> {
    let mut places = HashMap::new();
    let entry = |item: &OrderItem| {
        let kind = item.item_type.map(|kind| kind.code().to_string());
        let at = item.time;
        let place: &mut u32 = places.entry((at, kind.clone())).or_default();
        *place += 1;
        let time = at.map(|at| at.0).unwrap_or_default();
        let id = format!("{time}-{}-{place}", kind.as_deref().unwrap_or_default());
        Ok(Entry { id, kind, at, document: serde_json::to_string(item)?.into() })
    };
    items.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use complaint_inbox::{EventKind, Milestone};
    use protocol_core::UnixTime;

    use super::*;

    fn read(status: u32, items: &str, former: Option<&Reading>) -> Reading {
        let detail = format!(
            r#"{{"complaintOrder":{{"complaintOrderId":"1","status":{status},"createTime":1741936166,"expireTime":1742108966,"productName":"月卡"}},
                "item":[{items}]}}"#
        );
        let detail = OrderDetail::decode(detail.as_bytes()).unwrap().trust_anyway();
        let former = former.map_or_else(Former::default, |former| Former {
            document: Some(former.document.expose()),
            entries: former.entries.as_deref().unwrap_or_default(),
        });
        of_order(&detail, former).unwrap().unwrap()
    }

    fn kinds(reading: &Reading) -> Vec<EventKind> {
        reading.events.iter().map(|event| event.kind).collect()
    }

    const FILED: &str = r#"{"itemType":1,"time":1741936166}"#;
    const MESSAGE: &str = r#"{"itemType":2,"time":1741936170}"#;

    #[test]
    fn a_complaint_of_the_mini_program_has_the_platforms_own_deadline() {
        let reading = read(201, FILED, None);
        assert_eq!((kinds(&reading), reading.state.as_deref()), (vec![EventKind::Filed], Some("201")));
        assert_eq!(reading.deadlines.unwrap().reply.at(), Some(UnixTime(1_742_108_966)));
        assert_eq!(reading.filed, Some(UnixTime(1_741_936_166)));
        assert_eq!((reading.product.as_deref(), reading.progress.reply), (Some("月卡"), Milestone::NotYet));
        assert_eq!(reading.searched.expose(), "月卡");
    }

    #[test]
    fn items_without_ids_are_told_apart() {
        let first = read(201, &[FILED, MESSAGE].join(","), None);
        let again = read(201, &[FILED, MESSAGE, MESSAGE].join(","), Some(&first));
        assert_eq!(kinds(&again), [EventKind::PayerResponded]);
        let ids: Vec<_> = again.entries.as_ref().unwrap().iter().map(|entry| entry.id.as_str()).collect();
        assert_eq!(ids, ["1741936166-1-1", "1741936170-2-1", "1741936170-2-2"]);
        assert_eq!(again.events, read(201, &[FILED, MESSAGE, MESSAGE].join(","), Some(&first)).events);
    }

    #[test]
    fn a_new_state_is_an_update_and_the_end_a_completion() {
        let first = read(201, FILED, None);
        assert_eq!(kinds(&read(201, FILED, Some(&first))), []);
        assert_eq!(kinds(&read(203, FILED, Some(&first))), [EventKind::Updated]);
        let done = read(209, FILED, Some(&first));
        assert_eq!((kinds(&done), done.is_closed), (vec![EventKind::Completed], true));
    }

    #[test]
    fn a_detail_without_a_complaint_is_no_reading() {
        let detail = OrderDetail::decode(br#"{"errcode":0}"#).unwrap().trust_anyway();
        assert_eq!(of_order(&detail, Former::default()).unwrap(), None);
    }
}
