//! How far the merchant is with a complaint, for the numbers by day: a decision, without I/O.
//!
//! Times are those of the first reply and of the first completion, so that the numbers of a day stay when
//! a payer continues a complaint.

use complaint_inbox::{Milestone, Progress};
use protocol_core::UnixTime;
use protocol_core::allinpay::{AlipayComplaint, AlipayComplaintStatus};
use protocol_core::complaint::{
    Complaint, ComplaintState, FINISH_WITHIN_SECONDS, NegotiationRecord, OperateType, REPLY_WITHIN_SECONDS,
};

use super::reading::History;

/// The progress of a complaint of WeChat Pay, virtual payment or Allinpay, which was filed at this time.
pub(super) fn of_complaint(complaint: &Complaint, history: History<'_>, filed: Option<UnixTime>) -> Progress {
    use ComplaintState as State;

    let state = complaint.complaint_state.as_ref();
    let times = complaint.user_complaint_times.and_then(|times| u32::try_from(times).ok());
    let is_first = times == Some(1);
    let is_continued = times.is_some_and(|times| times > 1);
    let entries = clear(history);
    let earliest = |of: fn(&OperateType) -> bool| {
        let kinds = |entry: &&NegotiationRecord| entry.operate_type.as_ref().is_some_and(of);
        let entries = entries?.iter().filter(kinds);
        first(entries.map(|entry| entry.operate_time.as_ref().and_then(|time| time.to_unix())))
    };
    let reply = earliest(OperateType::is_merchants_act).unwrap_or(match state {
        Some(State::Pending) if is_first || entries.is_some() => Milestone::NotYet,
        Some(State::Processing) if is_first => Milestone::AtSomeTime,
        _ => Milestone::Unknown,
    });
    let finish = match state {
        Some(State::Processed) => earliest(is_end).unwrap_or(Milestone::AtSomeTime),
        Some(State::Pending | State::Processing) if is_first => Milestone::NotYet,
        _ if is_continued => earliest(is_end).unwrap_or(Milestone::Unknown),
        _ => Milestone::Unknown,
    };
    let is_late = |done: Milestone, within| match (done, filed) {
        (Milestone::At(time), Some(filed)) => time >= filed.plus(within),
        _ => false,
    };
    let is_overdue = is_late(reply, REPLY_WITHIN_SECONDS) || is_late(finish, FINISH_WITHIN_SECONDS);
    Progress { reply, finish, times, is_overdue }
}

/// The entries of a history that is whole, and of which each kind can be read.
fn clear<'a>(history: History<'a>) -> Option<&'a [NegotiationRecord]> {
    match history {
        History::Whole(entries) if entries.iter().all(|entry| entry.operate_type().is_ok()) => Some(entries),
        _ => None,
    }
}

/// Whether a complaint may be complete by this entry: "complaint closed, refund refused, or refund arrived"
/// are the ends that WeChat Pay names.
const fn is_end(kind: &OperateType) -> bool {
    use OperateType as Type;

    matches!(
        kind,
        Type::MerchantConfirmComplete
            | Type::MerchantRefuseRefund
            | Type::ComplaintRefundReceivedSystemMessage
            | Type::UserRevokeComplaint
            | Type::UserConfirmSolved
            | Type::UserConfirmComplaint
    )
}

/// The first of these times; `None` if there are none.
fn first(times: impl Iterator<Item = Option<UnixTime>>) -> Option<Milestone> {
    times.fold(None, |first, time| match (first, time) {
        (None, Some(time)) => Some(Milestone::At(time)),
        (Some(Milestone::At(first)), Some(time)) => Some(Milestone::At(first.min(time))),
        // One without a time may be the first.
        _ => Some(Milestone::AtSomeTime),
    })
}

/// The progress of a Mini Program's complaint. Payers do not continue these.
#[cfg(feature = "mini-program")]
pub(super) fn of_order(detail: &protocol_core::complaint::OrderDetail) -> Progress {
    use protocol_core::complaint::{CallbackStatus as Status, OrderItemType as Type};

    let Some(complaint) = &detail.complaint_order else { return Progress::default() };
    let status = complaint.status.filter(|status| status.is_known());
    let has = |of: fn(Type) -> bool| detail.item.iter().filter(move |item| item.item_type.is_some_and(of));
    let earliest = |of| first(has(of).map(|item| item.time));
    let reply = earliest(|kind| {
        let (by_message, by_act) = (Type::MerchantMessage, Type::MerchantResponded);
        kind == by_message || kind == by_act || matches!(kind, Type::MerchantEvidence | Type::MerchantSubmittedProof)
    });
    let reply = reply.unwrap_or(match status {
        Some(Status::WaitingForMerchant | Status::MerchantTimedOut) => Milestone::NotYet,
        Some(Status::MerchantResponded203 | Status::MerchantResponded204) => Milestone::AtSomeTime,
        _ => Milestone::Unknown,
    });
    let is_end = |kind| {
        matches!(
            kind,
            Type::UserWithdrew
                | Type::ProofAbnormal26
                | Type::ProofAbnormal37
                | Type::MerchantNotLiableFinished
                | Type::ProofAccepted
                | Type::UserAccepted
                | Type::UserConfirmTimedOut
        )
    };
    let finish = match status {
        _ if complaint.is_closed() => earliest(is_end).unwrap_or(Milestone::AtSomeTime),
        Some(_) => Milestone::NotYet,
        None => Milestone::Unknown,
    };
    let is_late = |kind| {
        matches!(
            kind,
            Type::MerchantTimedOut
                | Type::ProofTimedOut
                | Type::MerchantEvidenceTimedOut
                | Type::EvidenceOfBothTimedOut
        )
    };
    Progress { reply, finish, times: None, is_overdue: has(is_late).next().is_some() }
}

/// The progress of a complaint of Alipay's: its processing is reply and completion in one. Payers do not
/// continue these.
pub(super) fn of_alipay(complaint: &AlipayComplaint) -> Progress {
    use AlipayComplaintStatus as Status;

    let processed = complaint.processed().map_or(Milestone::AtSomeTime, Milestone::At);
    let (reply, finish, is_overdue) = match &complaint.status {
        Some(Status::WaitProcess | Status::Processing) => (Milestone::NotYet, Milestone::NotYet, false),
        Some(Status::Overdue) => (Milestone::NotYet, Milestone::NotYet, true),
        Some(Status::PartOverdue) => (Milestone::Unknown, Milestone::NotYet, true),
        Some(Status::Processed | Status::DropProcessed) => (processed, processed, false),
        Some(Status::OverdueProcessed | Status::DropOverdueProcessed) => (processed, processed, true),
        Some(Status::DropComplain) => (Milestone::NotYet, Milestone::AtSomeTime, false),
        Some(Status::DropOverdueComplain) => (Milestone::NotYet, Milestone::AtSomeTime, true),
        _ => (Milestone::Unknown, Milestone::Unknown, false),
    };
    Progress { reply, finish, times: None, is_overdue }
}

#[cfg(test)]
mod tests {
    use Milestone as M;
    use protocol_core::complaint::NegotiationHistory;

    use super::*;

    /// 2025-03-14 15:09:26 in China.
    const FILED: UnixTime = UnixTime(1_741_936_166);

    fn entries(entries: &[(&str, &str)]) -> Vec<NegotiationRecord> {
        let entry = |(number, (kind, time)): (usize, &(&str, &str))| {
            let time = if time.is_empty() { String::new() } else { format!(r#","operate_time":"{time}+08:00""#) };
            format!(r#"{{"log_id":"{number}","operate_type":{kind}{time}}}"#)
        };
        let data = entries.iter().enumerate().map(entry).collect::<Vec<_>>().join(",");
        let page = format!(r#"{{"data":[{data}],"offset":0,"limit":50,"total_count":{}}}"#, entries.len());
        NegotiationHistory::decode(page.as_bytes()).unwrap().trust_anyway().data
    }

    fn complaint(state: &str, times: &str) -> Complaint {
        let document = format!(r#"{{"complaint_id":"1","complaint_state":{state},"user_complaint_times":{times}}}"#);
        Complaint::decode(document.as_bytes()).unwrap().trust_anyway()
    }

    /// Reply and finish, and whether it is overdue.
    fn of(state: &str, times: &str, history: &[(&str, &str)]) -> (M, M, bool) {
        let entries = entries(history);
        let progress = of_complaint(&complaint(state, times), History::Whole(&entries), Some(FILED));
        (progress.reply, progress.finish, progress.is_overdue)
    }

    const CREATED: (&str, &str) = (r#""USER_CREATE_COMPLAINT""#, "2025-03-14T15:09:26");
    const REPLY: &str = r#""MERCHANT_RESPONSE""#;
    const COMPLETE: &str = r#""MERCHANT_CONFIRM_COMPLETE""#;
    const PENDING: &str = r#""PENDING""#;
    const PROCESSING: &str = r#""PROCESSING""#;
    const PROCESSED: &str = r#""PROCESSED""#;

    #[test]
    fn the_first_reply_and_the_first_completion_count() {
        let hour = M::At(FILED.plus(3600));
        let replied = [CREATED, (REPLY, "2025-03-14T17:09:26"), (REPLY, "2025-03-14T16:09:26")];
        assert_eq!(of(PENDING, "1", &[CREATED]), (M::NotYet, M::NotYet, false));
        assert_eq!(of(PROCESSING, "1", &replied), (hour, M::NotYet, false));
        let complete = [CREATED, (COMPLETE, "2025-03-14T16:09:26")];
        assert_eq!(of(PROCESSED, "1", &complete), (hour, hour, false));
        let continued = [&complete[..], &[(r#""USER_CONTINUE_COMPLAINT""#, "2025-03-20T16:09:26")]].concat();
        assert_eq!(of(PENDING, "2", &continued), (hour, hour, false));
        let again = [&continued[..], &[(COMPLETE, "2025-03-21T16:09:26")]].concat();
        assert_eq!(of(PROCESSED, "2", &again), (hour, hour, false));
        let refunded = [CREATED, (r#""COMPLAINT_REFUND_RECEIVED_SYSTEM_MESSAGE""#, "2025-03-14T16:09:26")];
        assert_eq!(of(PROCESSED, "1", &refunded), (M::Unknown, hour, false));
    }

    #[test]
    fn late_is_what_certainly_came_a_day_or_three_after_the_filing() {
        for (time, is_late) in [("2025-03-15T15:09:25", false), ("2025-03-15T15:09:26", true)] {
            assert_eq!(of(PROCESSING, "1", &[CREATED, (REPLY, time)]).2, is_late, "{time}");
        }
        for (time, is_late) in [("2025-03-17T15:09:25", false), ("2025-03-17T15:09:26", true)] {
            let entries = [CREATED, (REPLY, "2025-03-14T16:09:26"), (COMPLETE, time)];
            assert_eq!(of(PROCESSED, "1", &entries).2, is_late, "{time}");
        }
        let late = entries(&[CREATED, (REPLY, "2025-03-20T15:09:26")]);
        assert!(!of_complaint(&complaint(PROCESSING, "1"), History::Whole(&late), None).is_overdue);
    }

    #[test]
    fn what_the_history_does_not_tell_is_unknown() {
        assert_eq!(of(PROCESSING, "1", &[CREATED, (REPLY, "")]), (M::AtSomeTime, M::NotYet, false));
        assert_eq!(of(PROCESSED, "1", &[CREATED]), (M::Unknown, M::AtSomeTime, false));
        assert_eq!(of(PENDING, "2", &[CREATED]), (M::NotYet, M::Unknown, false));
        assert_eq!(of(r#""NEW""#, "1", &[CREATED]), (M::Unknown, M::Unknown, false));
        assert_eq!(of(PROCESSED, r#""often""#, &[CREATED, (r#"["?"]"#, "")]), (M::Unknown, M::AtSomeTime, false));
        let read = |state, history| of_complaint(&complaint(state, "1"), history, Some(FILED));
        let some = entries(&[CREATED, (REPLY, "2025-03-20T15:09:26")]);
        for history in [History::Unread, History::Partial(&some)] {
            let progress = read(PROCESSING, history);
            assert_eq!((progress.reply, progress.finish, progress.is_overdue), (M::AtSomeTime, M::NotYet, false));
            assert_eq!(read(PENDING, history).reply, M::NotYet);
        }
        assert_eq!(
            (read(PENDING, History::Unread).times, complaint("null", "-1").user_complaint_times),
            (Some(1), Some(-1))
        );
        assert_eq!(of_complaint(&complaint("null", "-1"), History::Unread, None), Progress::default());
    }

    #[cfg(feature = "mini-program")]
    #[test]
    fn a_mini_programs_progress_is_in_its_items() {
        let read = |status: u32, items: &str| {
            let detail =
                format!(r#"{{"complaintOrder":{{"complaintOrderId":"1","status":{status}}},"item":[{items}]}}"#);
            let detail = protocol_core::complaint::OrderDetail::decode(detail.as_bytes()).unwrap().trust_anyway();
            let progress = of_order(&detail);
            assert_eq!(progress.times, None);
            (progress.reply, progress.finish, progress.is_overdue)
        };
        const FILED: &str = r#"{"itemType":1,"time":100}"#;
        let at = |time| M::At(UnixTime(time));
        assert_eq!(read(201, FILED), (M::NotYet, M::NotYet, false));
        assert_eq!(read(203, FILED), (M::AtSomeTime, M::NotYet, false));
        assert_eq!(read(203, &[FILED, r#"{"itemType":109,"time":200}"#].join(",")), (at(200), M::NotYet, false));
        let accepted = [FILED, r#"{"itemType":3,"time":200}"#, r#"{"itemType":104,"time":300}"#].join(",");
        assert_eq!(read(205, &accepted), (at(200), at(300), false));
        assert_eq!(read(209, FILED), (M::Unknown, M::AtSomeTime, false));
        assert_eq!(read(202, &[FILED, r#"{"itemType":101,"time":200}"#].join(",")), (M::NotYet, M::NotYet, true));
        assert_eq!(read(999, FILED), (M::Unknown, M::Unknown, false));
    }

    #[test]
    fn alipays_progress_is_in_its_state() {
        let read = |status: &str, more: &str| {
            let document = format!(r#"{{"id":"1","status":"{status}"{more}}}"#);
            let complaint = AlipayComplaint::decode(document.as_bytes()).unwrap().trust_anyway();
            let Progress { reply, finish, times, is_overdue } = of_alipay(&complaint);
            assert_eq!(times, None);
            (reply, finish, is_overdue)
        };
        let (time, at) = (r#","gmt_process":"2025-03-14 15:09:26""#, M::At(FILED));
        for (status, expected) in [
            ("WAIT_PROCESS", (M::NotYet, M::NotYet, false)),
            ("PROCESSING", (M::NotYet, M::NotYet, false)),
            ("OVERDUE", (M::NotYet, M::NotYet, true)),
            ("PART_OVERDUE", (M::Unknown, M::NotYet, true)),
            ("PROCESSED", (at, at, false)),
            ("DROP_PROCESSED", (at, at, false)),
            ("OVERDUE_PROCESSED", (at, at, true)),
            ("DROP_OVERDUE_PROCESSED", (at, at, true)),
            ("DROP_COMPLAIN", (M::NotYet, M::AtSomeTime, false)),
            ("DROP_OVERDUE_COMPLAIN", (M::NotYet, M::AtSomeTime, true)),
            ("SOMETHING_NEW", (M::Unknown, M::Unknown, false)),
        ] {
            assert_eq!(read(status, time), expected, "{status}");
        }
        assert_eq!(read("PROCESSED", ""), (M::AtSomeTime, M::AtSomeTime, false));
    }
}
