//! A complaint of WeChat Pay, of virtual payment or of Allinpay, with its history, as the inbox keeps
//! it: a decision, without I/O.

use std::fmt::Debug;

use complaint_inbox::{Entry, Reading};
use protocol_core::complaint::{Complaint, ComplaintState, Deadlines, NegotiationRecord, ProblemType};

use super::story::{self, Before, Former, Now};
use super::{progress, search_text};

/// A history, as far as it was read.
#[derive(Debug, Clone, Copy)]
pub(super) enum History<'a> {
    /// Every entry.
    Whole(&'a [NegotiationRecord]),
    /// Some entries; others cannot be read.
    Partial(&'a [NegotiationRecord]),
    /// None. The inbox keeps the entries that it has.
    Unread,
}

impl<'a> History<'a> {
    /// The entries that could be read.
    const fn entries(self) -> &'a [NegotiationRecord] {
        match self {
            Self::Whole(entries) | Self::Partial(entries) => entries,
            Self::Unread => &[],
        }
    }
}

/// The reading of a complaint.
///
/// # Errors
/// It cannot be written as JSON.
pub(super) fn of_complaint(
    complaint: &Complaint,
    history: History<'_>,
    former: Former<'_>,
    deadlines: impl Fn(Deadlines) -> Deadlines,
) -> serde_json::Result<Reading> {
    let mut reading = Reading::new(serde_json::to_string(complaint)?);
    reading.standing = standing(complaint);
    reading.state = complaint.complaint_state.as_ref().map(|state| state.as_str().to_owned());
    reading.filed = complaint.complaint_time.as_ref().and_then(|time| time.to_unix());
    reading.amount = amount(complaint);
    reading.progress = progress::of_complaint(complaint, history, reading.filed);
    (reading.numbers, reading.searched) = search_text::of_complaint(complaint, history.entries());
    reading.is_closed = is_complete(complaint) && is_unassisted(complaint);
    reading.deadlines = Some(deadlines(match history {
        History::Whole(entries) => complaint.deadlines_with(entries),
        History::Partial(_) | History::Unread => complaint.deadlines(),
    }));
    reading.entries = match history {
        History::Whole(entries) | History::Partial(entries) => {
            Some(entries.iter().map(entry).collect::<Result<_, _>>()?)
        }
        History::Unread => None,
    };
    let before = former.document.map(|document| match Complaint::decode(document.as_bytes()) {
        Ok(complaint) => {
            let complaint = complaint.peek();
            Before { condition: condition(complaint), is_complete: is_complete(complaint) }
        }
        // It was kept by another version: it counts as changed.
        Err(_) => Before { condition: String::new(), is_complete: false },
    });
    let now = Now { condition: condition(complaint), is_complete: is_complete(complaint), refund: refund(complaint) };
    story::tell(&mut reading, &now, before.as_ref(), former);
    Ok(reading)
}

/// How a complaint stands, as far as every list shows it.
pub(super) fn standing(complaint: &Complaint) -> String {
    [
        word(&complaint.complaint_state()),
        word(&complaint.incoming_user_response()),
        word(&complaint.user_complaint_times()),
    ]
    .join(" ")
}

/// How it stands, with all that counts as a change.
fn condition(complaint: &Complaint) -> String {
    [
        standing(complaint),
        word(&complaint.complaint_full_refunded()),
        word(&complaint.in_platform_service()),
        word(&complaint.need_immediate_service()),
        word(&complaint.problem_type()),
        word(&complaint.apply_refund_amount()),
    ]
    .join(" ")
}

/// A member in a word. An unreadable one is not absent.
pub(super) fn word<T: Debug, M>(member: &Result<T, M>) -> String {
    member.as_ref().map_or_else(|_| "?".to_owned(), |value| format!("{value:?}"))
}

fn is_complete(complaint: &Complaint) -> bool {
    complaint.complaint_state == Some(ComplaintState::Processed)
}

/// Whether the platform certainly does not assist.
fn is_unassisted(complaint: &Complaint) -> bool {
    matches!(complaint.in_platform_service(), Ok(None | Some(false)))
}

/// The demand for a refund. One that the payer repeats with a continuation is another one.
fn refund(complaint: &Complaint) -> Option<String> {
    let is_demanded = complaint.problem_type == Some(ProblemType::Refund);
    let amount = complaint.apply_refund_amount.as_ref().map(|amount| amount.0);
    is_demanded.then(|| format!("{} {amount:?}", complaint.user_complaint_times.unwrap_or(1)))
}

/// The amount of all orders; `None` if one of them has none.
fn amount(complaint: &Complaint) -> Option<i64> {
    let orders = complaint.complaint_order_info().ok().filter(|orders| !orders.is_empty())?;
    orders.iter().try_fold(0_i64, |sum, order| sum.checked_add(order.amount.as_ref()?.0))
}

fn entry(record: &NegotiationRecord) -> serde_json::Result<Entry> {
    Ok(Entry {
        id: record.log_id.clone(),
        kind: record.operate_type.as_ref().map(|kind| kind.as_str().to_owned()),
        at: record.operate_time.as_ref().and_then(|time| time.to_unix()),
        document: serde_json::to_string(record)?.into(),
    })
}

#[cfg(test)]
mod tests {
    use complaint_inbox::{EventKind, Milestone};
    use protocol_core::UnixTime;
    use protocol_core::complaint::{DeadlineSource, NegotiationHistory};

    use super::*;

    const FILED: UnixTime = UnixTime(1_741_936_166);

    fn complaint(more: &str) -> Complaint {
        let document = format!(
            r#"{{"complaint_id":"1","complaint_time":"2025-03-14T15:09:26+08:00","user_complaint_times":1,
                "complaint_order_info":[{{"amount":3,"out_trade_no":"W-1"}},{{"amount":4}}],"complaint_state":"PENDING"{more}}}"#
        );
        // The last of two members of one name counts in a test alone.
        let document: serde_json::Value = serde_json::from_str(&document).unwrap();
        Complaint::decode(document.to_string().as_bytes()).unwrap().trust_anyway()
    }

    fn entries(kinds: &[&str]) -> Vec<NegotiationRecord> {
        let entries = kinds.iter().enumerate().map(|(number, kind)| {
            let time = 10 + number;
            format!(r#"{{"log_id":"{number}","operate_type":"{kind}","operate_time":"2025-03-14T15:{time}:00+08:00"}}"#)
        });
        let data = entries.collect::<Vec<_>>().join(",");
        let page = format!(r#"{{"data":[{data}],"offset":0,"limit":50,"total_count":{}}}"#, kinds.len());
        serde_json::from_str::<NegotiationHistory>(&page).unwrap().data
    }

    fn read(complaint: &Complaint, kinds: &[&str], former: Option<&Reading>) -> Reading {
        let former = former.map_or_else(Former::default, |former| Former {
            document: Some(former.document.expose()),
            entries: former.entries.as_deref().unwrap_or_default(),
        });
        of_complaint(complaint, History::Whole(&entries(kinds)), former, |deadlines| deadlines).unwrap()
    }

    fn kinds(reading: &Reading) -> Vec<(EventKind, Option<&str>)> {
        reading.events.iter().map(|event| (event.kind, event.once.as_deref())).collect()
    }

    const FIRST: &[&str] = &["USER_CREATE_COMPLAINT"];

    #[test]
    fn a_first_reading_is_a_filing_with_its_deadlines() {
        let reading = read(&complaint(""), FIRST, None);
        assert_eq!(kinds(&reading), [(EventKind::Filed, Some(""))]);
        assert_eq!((reading.state.as_deref(), reading.filed), (Some("PENDING"), Some(FILED)));
        assert_eq!((reading.amount, reading.is_closed), (Some(7), false));
        assert_eq!(reading.deadlines.unwrap().reply.at(), Some(FILED.plus(86_400)));
        assert_eq!((reading.progress.reply, reading.progress.times), (Milestone::NotYet, Some(1)));
        assert_eq!(reading.searched.expose(), "W-1");
        assert_eq!(reading.entries.unwrap()[0].kind.as_deref(), Some("USER_CREATE_COMPLAINT"));
    }

    #[test]
    fn nothing_new_makes_no_event_though_the_ciphertext_is_another_one() {
        let first = read(&complaint(r#","payer_phone":"AAAA""#), FIRST, None);
        let again = read(&complaint(r#","payer_phone":"BBBB""#), FIRST, Some(&first));
        assert_eq!(again.events, []);
        assert_eq!(again.standing, first.standing);
    }

    #[test]
    fn each_new_entry_of_the_payer_has_the_number_that_a_message_proves() {
        let first = read(&complaint(""), &[FIRST[0], "USER_RESPONSE"], None);
        let known = first.entries.clone().unwrap();
        // The entry that is known is of a minute and more before.
        let proven = |kind| {
            let sent = Some(FILED.plus(3600));
            story::proven(kind, &known, sent, serde_json::Value::Null).unwrap().once
        };
        assert_eq!(proven(EventKind::PayerResponded).as_deref(), Some("2"));
        assert_eq!(proven(EventKind::Continued).as_deref(), Some("1"));
        assert_eq!(proven(EventKind::Filed).as_deref(), Some(""));

        let now = [FIRST[0], "USER_RESPONSE", "USER_RESPONSE", "USER_CONTINUE_COMPLAINT", "USER_RESPONSE"];
        let reading = read(&complaint(r#","user_complaint_times":2"#), &now, Some(&first));
        let responded = EventKind::PayerResponded;
        assert_eq!(
            kinds(&reading),
            [(EventKind::Continued, Some("1")), (responded, Some("2")), (responded, Some("3")),]
        );
    }

    #[test]
    fn a_message_about_an_entry_that_may_be_known_proves_nothing() {
        let mut known = read(&complaint(""), &[FIRST[0], "USER_RESPONSE"], None).entries.unwrap();
        let at = known[1].at.unwrap();
        let proves = |known: &[Entry], kind, sent| story::proven(kind, known, sent, serde_json::Value::Null).is_some();
        let responded = EventKind::PayerResponded;
        for (sent, is_proven) in [(at, false), (at.plus(60), false), (at.plus(61), true), (UnixTime(0), false)] {
            assert_eq!(proves(&known, responded, Some(sent)), is_proven, "{sent:?}");
            assert!(proves(&known, EventKind::Continued, Some(sent)), "of another kind");
            assert!(proves(&known, EventKind::Filed, Some(sent)));
        }
        // An unknown time may be that of the entry.
        assert!(!proves(&known, responded, None) && proves(&[], responded, None));
        known[1].at = None;
        assert!(!proves(&known, responded, Some(at.plus(61))));
    }

    #[test]
    fn a_demand_for_a_refund_is_told_once_for_each_amount_and_continuation() {
        let refund = |times, amount| {
            let more =
                format!(r#","problem_type":"REFUND","apply_refund_amount":{amount},"user_complaint_times":{times}"#);
            let reading = read(&complaint(&more), FIRST, None);
            kinds(&reading)
                .into_iter()
                .find(|(kind, _)| *kind == EventKind::RefundRequested)
                .unwrap()
                .1
                .unwrap()
                .to_owned()
        };
        assert_eq!(refund(1, 5), refund(1, 5));
        assert_ne!(refund(1, 5), refund(2, 5));
        assert_ne!(refund(1, 5), refund(1, 6));
    }

    #[test]
    fn completion_is_told_when_it_comes_and_other_changes_are_updates() {
        let processed = r#","complaint_state":"PROCESSED""#;
        let first = read(&complaint(""), FIRST, None);
        let done = read(&complaint(processed), FIRST, Some(&first));
        assert_eq!(kinds(&done), [(EventKind::Completed, None)]);
        assert!(done.is_closed);
        assert_eq!(kinds(&read(&complaint(processed), FIRST, Some(&done))), []);
        let assisted = format!(r#"{processed},"in_platform_service":true"#);
        let assisted = read(&complaint(&assisted), FIRST, Some(&done));
        assert_eq!((kinds(&assisted), assisted.is_closed), (vec![(EventKind::Updated, None)], false));
        let replied = read(&complaint(""), &[FIRST[0], "MERCHANT_RESPONSE"], Some(&first));
        assert_eq!(kinds(&replied), [(EventKind::Updated, None)]);
    }

    #[test]
    fn an_unreadable_member_is_neither_absent_nor_a_reason_to_close() {
        let odd = complaint(r#","complaint_state":"PROCESSED","in_platform_service":"perhaps""#);
        assert!(!read(&odd, FIRST, None).is_closed);
        let odd = complaint(r#","incoming_user_response":"perhaps""#);
        assert_ne!(standing(&odd), standing(&complaint("")));
    }

    #[test]
    fn a_history_that_is_not_whole_decides_no_deadline() {
        let complaint = complaint("");
        let replied = entries(&[FIRST[0], "MERCHANT_RESPONSE"]);
        let read =
            |history| of_complaint(&complaint, history, Former::default(), Deadlines::taken_as_wechat_pays).unwrap();
        let deadlines = |history| read(history).deadlines.unwrap();
        assert_eq!(deadlines(History::Partial(&replied)), complaint.deadlines().taken_as_wechat_pays());
        assert_eq!(deadlines(History::Unread).reply.source, DeadlineSource::TakenAsWechatPays);
        assert_ne!(deadlines(History::Whole(&replied)).reply, deadlines(History::Unread).reply);
        assert_eq!((read(History::Unread).entries, read(History::Partial(&replied)).entries.unwrap().len()), (None, 2));
    }
}
