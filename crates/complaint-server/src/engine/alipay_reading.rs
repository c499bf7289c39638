//! A complaint of Alipay's through Allinpay, as the inbox keeps it: a decision, without I/O.
//!
//! Its number in the inbox is its task (`task_id`): a notice names no other, and the list finds a
//! complaint by it.

use complaint_inbox::{ComplaintKey, NewLetter, Reading, Reason, Sighting, Source};
use protocol_core::Unverified;
use protocol_core::allinpay::AlipayComplaint;
use protocol_core::complaint::Due;

use super::reading::word;
use super::story::{self, Before, Former, Now};
use super::{progress, search_text};

/// The complaint in a list, for the inbox to compare. One without a task is a letter.
pub(super) fn sighting(source: &Source, complaint: &AlipayComplaint) -> Result<Sighting, Box<NewLetter>> {
    let Some(task) = complaint.task_id.as_deref().filter(|task| !task.is_empty()) else {
        // A document that was read can be written.
        let content = serde_json::to_vec(complaint).unwrap_or_default();
        return Err(Box::new(NewLetter::new(source.clone(), Reason::new("no-number", WITHOUT_TASK), content)));
    };
    let key = ComplaintKey::new(&source.channel, &source.merchant, task);
    let accused = complaint.merchant_no.clone().filter(|number| !number.is_empty());
    Ok(Sighting { accused, ..Sighting::new(key, standing(complaint)) })
}

/// The reading of a complaint. Alipay's have no history.
///
/// # Errors
/// It cannot be written as JSON.
pub(super) fn of_alipay(complaint: &AlipayComplaint, former: Former<'_>) -> serde_json::Result<Reading> {
    let mut reading = Reading::new(serde_json::to_string(complaint)?);
    reading.standing = standing(complaint);
    reading.state = complaint.status.as_ref().map(|status| status.as_str().to_owned());
    reading.filed = complaint.filed();
    reading.deadlines = Some(complaint.deadlines());
    reading.amount = complaint.fen();
    reading.progress = progress::of_alipay(complaint);
    (reading.numbers, reading.searched) = search_text::of_alipay(complaint);
    reading.is_closed = is_closed(complaint);
    reading.entries = Some(Vec::new());
    // One that was kept by another version counts as changed.
    let before = former.document.map(|document| match read(document) {
        Some(complaint) => Before { condition: standing(&complaint), is_complete: is_closed(&complaint) },
        None => Before { condition: String::new(), is_complete: false },
    });
    let now = Now { condition: reading.standing.clone(), is_complete: reading.is_closed, refund: None };
    story::tell(&mut reading, &now, before.as_ref(), former);
    Ok(reading)
}

/// The complaint of a document in the inbox.
pub(super) fn read(document: &str) -> Option<AlipayComplaint> {
    AlipayComplaint::decode(document.as_bytes()).ok().map(Unverified::trust_anyway)
}

/// How a complaint stands. An unreadable member is not absent.
fn standing(complaint: &AlipayComplaint) -> String {
    [word(&complaint.status()), word(&complaint.gmt_overdue()), word(&complaint.process_code())].join(" ")
}

/// Whether it is processed or withdrawn: the merchant has no deadline.
fn is_closed(complaint: &AlipayComplaint) -> bool {
    complaint.deadlines().finish.due == Due::Met
}

/// The reason of a letter.
pub(super) const WITHOUT_TASK: &str = "a complaint of Alipay's without `task_id`, by which it could be read again";

#[cfg(test)]
mod tests {
    use complaint_inbox::{EventKind, Milestone};
    use protocol_core::UnixTime;

    use super::*;

    fn complaint(status: &str, more: &str) -> AlipayComplaint {
        let document = format!(
            r#"{{"id":"2025031400000012345","task_id":"7","complain_amount":"12.50","gmt_complain":"2025-03-14 15:09:26",
                "gmt_overdue":"2025-03-15 15:09:26","status":"{status}"{more}}}"#
        );
        read(&document).unwrap()
    }

    fn kinds(complaint: &AlipayComplaint, former: Option<&Reading>) -> (Reading, Vec<EventKind>) {
        let former = former.map_or_else(Former::default, |former| Former {
            document: Some(former.document.expose()),
            entries: former.entries.as_deref().unwrap_or_default(),
        });
        let reading = of_alipay(complaint, former).unwrap();
        let kinds = reading.events.iter().map(|event| event.kind).collect();
        (reading, kinds)
    }

    #[test]
    fn a_first_reading_is_a_filing_with_alipays_deadline_and_its_amount_in_fen() {
        let (reading, events) = kinds(&complaint("WAIT_PROCESS", ""), None);
        assert_eq!(events, [EventKind::Filed]);
        assert_eq!(
            (reading.state.as_deref(), reading.amount, reading.is_closed),
            (Some("WAIT_PROCESS"), Some(1250), false)
        );
        let filed = UnixTime(1_741_936_166);
        assert_eq!((reading.filed, reading.deadlines.unwrap().finish.at()), (Some(filed), Some(filed.plus(86_400))));
        assert!(reading.document.expose().contains(r#""id":"2025031400000012345""#), "every digit");
        assert_eq!(
            (reading.progress.reply, reading.searched.expose().as_str()),
            (Milestone::NotYet, "2025031400000012345")
        );
    }

    #[test]
    fn nothing_new_is_no_event_and_the_end_a_completion() {
        let (first, _) = kinds(&complaint("WAIT_PROCESS", ""), None);
        assert_eq!(kinds(&complaint("WAIT_PROCESS", ""), Some(&first)).1, []);
        assert_eq!(kinds(&complaint("OVERDUE", ""), Some(&first)).1, [EventKind::Updated]);
        for closed in ["PROCESSED", "OVERDUE_PROCESSED", "DROP_COMPLAIN"] {
            let (reading, events) = kinds(&complaint(closed, ""), Some(&first));
            assert_eq!((events, reading.is_closed), (vec![EventKind::Completed], true), "{closed}");
        }
        // A state of a later version closes nothing.
        let (reading, events) = kinds(&complaint("SOMETHING_NEW", ""), Some(&first));
        assert_eq!((events, reading.is_closed), (vec![EventKind::Updated], false));
    }

    #[test]
    fn a_list_names_a_complaint_by_its_task_and_an_agents_its_merchant() {
        let source = Source::new("allinpay-alipay", "55058100780004S");
        let sighted = |more| sighting(&source, &complaint("WAIT_PROCESS", more)).unwrap();
        assert_eq!(sighted("").key, ComplaintKey::new("allinpay-alipay", "55058100780004S", "7"));
        assert_eq!((sighted("").accused, sighted(r#","merchantNo":"""#).accused), (None, None));
        assert_eq!(sighted(r#","merchantNo":"990440148166000""#).accused.as_deref(), Some("990440148166000"));
        assert_eq!(sighted("").standing, Some(kinds(&complaint("WAIT_PROCESS", ""), None).0.standing));
        let odd = complaint("WAIT_PROCESS", r#","process_code":["REFUND"]"#);
        assert_ne!(sighting(&source, &odd).unwrap().standing, sighted("").standing);
    }

    #[test]
    fn a_complaint_without_a_task_is_a_letter() {
        for task in ["", r#","task_id":"""#] {
            let complaint = read(&format!(r#"{{"id":"1"{task},"complain_content":"canary"}}"#)).unwrap();
            let letter = sighting(&Source::new("allinpay-alipay", "1"), &complaint).unwrap_err();
            assert!(!letter.reason.words.contains("canary"));
            assert!(String::from_utf8_lossy(letter.content.expose()).contains("canary"));
        }
    }
}
