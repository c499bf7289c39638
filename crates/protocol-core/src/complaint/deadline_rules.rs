//! The rules of the deadlines: of WeChat Pay's complaints, alone or with their history, and of a
//! Mini Program's.

use std::collections::BTreeSet;

use super::deadlines::{
    CountedFrom, Deadline, DeadlineSource, Deadlines, Due, FINISH_WITHIN_SECONDS, REPLY_WITHIN_SECONDS, UnknownDue,
};
use super::{CallbackStatus, Complaint, ComplaintState, NegotiationRecord, OperateType, OrderComplaint};
use crate::time::UnixTime;

impl Complaint {
    /// The deadlines, from this complaint alone, such as a row of a list. Those of virtual payment are
    /// marked as taken from WeChat Pay, not confirmed. The start is unknown
    /// unless `user_complaint_times` is 1: a complaint that the payer continued starts anew, and
    /// only the history tells when.
    #[must_use]
    pub fn deadlines(&self) -> Deadlines {
        self.sourced(self.deadlines_alone())
    }

    fn deadlines_alone(&self) -> Deadlines {
        let start = match (self.user_complaint_times(), self.filed()) {
            (Ok(Some(1)), Some(filed)) => Ok(CountedFrom::Filing(filed)),
            (Ok(Some(1)), None) => Err(UnknownDue::Time),
            _ => Err(UnknownDue::Continued),
        };
        let is_continued = start == Err(UnknownDue::Continued);
        match self.known_state() {
            None => counted(Progress::Unclear, Progress::Unclear, start),
            Some(ComplaintState::Processed) => counted(Progress::Done, Progress::Done, start),
            // A reply from before the continuation does not count.
            Some(ComplaintState::Processing) if !is_continued => counted(Progress::Done, Progress::Open, start),
            Some(_) => counted(Progress::Open, Progress::Open, start),
        }
    }

    /// The deadlines, with the history: every entry of every page, in any order. A complaint that
    /// the payer continued starts anew with the last continuation.
    ///
    /// The result is that of [`deadlines`](Self::deadlines) if the history is empty, has an entry
    /// whose kind or time cannot be read, or fewer continuations than `user_complaint_times` says.
    /// If the history has an unreadable row, call [`deadlines`](Self::deadlines) instead.
    #[must_use]
    pub fn deadlines_with(&self, history: &[NegotiationRecord]) -> Deadlines {
        self.sourced(self.deadlines_in(history))
    }

    fn deadlines_in(&self, history: &[NegotiationRecord]) -> Deadlines {
        let (Some(story), Ok(times)) = (Story::of(history), self.user_complaint_times()) else {
            return self.deadlines_alone();
        };
        let counted_here = times.map_or(story.continuations, |times| times.saturating_sub(1));
        if !(0..=story.continuations).contains(&counted_here) {
            return self.deadlines_alone();
        }
        let start = match (story.last_continuation, self.filed().or(story.filed)) {
            (Some(time), _) => Ok(CountedFrom::Continuation(time)),
            (None, Some(time)) => Ok(CountedFrom::Filing(time)),
            (None, None) => Err(UnknownDue::Time),
        };
        let acted = if story.has_acted { Progress::Done } else { Progress::Open };
        // The payer has continued it since the complaint was read: its state is a former one.
        if counted_here < story.continuations {
            return counted(acted, Progress::Open, start);
        }
        match self.known_state() {
            None => counted(Progress::Unclear, Progress::Unclear, start),
            Some(ComplaintState::Processed) => counted(Progress::Done, Progress::Done, start),
            Some(ComplaintState::Processing) if story.continuations == 0 => {
                counted(Progress::Done, Progress::Open, start)
            }
            Some(_) => counted(acted, Progress::Open, start),
        }
    }

    /// WeChat Pay's source, or none of its own for a complaint of virtual payment, which alone names
    /// its orders.
    fn sourced(&self, deadlines: Deadlines) -> Deadlines {
        let mut orders = self.complaint_order_info.iter();
        let is_virtual = orders.any(|order| order.wxa_out_trade_no.is_some() || order.wx_order_id.is_some());
        if is_virtual { deadlines.taken_as_wechat_pays() } else { deadlines }
    }

    fn filed(&self) -> Option<UnixTime> {
        self.complaint_time().ok()?.as_ref()?.to_unix()
    }

    fn known_state(&self) -> Option<&ComplaintState> {
        self.complaint_state().ok()?.as_ref().filter(|state| state.is_known())
    }
}

impl OrderComplaint {
    /// The deadlines. `expire_time` is the merchant's in the states 201 and 206 alone. The states
    /// 106, 108 and 311 ask the merchant for something at an unknown time, since their
    /// `expire_time` is not the merchant's; 202 and 208 say that the merchant was late.
    #[must_use]
    pub fn deadlines(&self) -> Deadlines {
        order_deadlines(self.status, self.expire_time)
    }
}

/// The deadlines of a Mini Program complaint. A member that cannot be read is absent or unknown.
pub(crate) fn order_deadlines(status: Option<CallbackStatus>, expire_time: Option<UnixTime>) -> Deadlines {
    use CallbackStatus as Status;

    let (given, others) = match expire_time.filter(|time| time.0 > 0) {
        Some(time) => {
            (Due::At { time, counted_from: CountedFrom::GivenTime }, Due::Unknown(UnknownDue::NotTheMerchants))
        }
        None => (Due::Unknown(UnknownDue::Time), Due::Unknown(UnknownDue::Time)),
    };
    let (reply, finish) = match status.filter(|status| status.is_known()) {
        None => (Due::Unknown(UnknownDue::State), Due::Unknown(UnknownDue::State)),
        Some(Status::WaitingForMerchant) => (given, Due::Met),
        Some(Status::HandlingProofWanted) => (Due::Met, given),
        Some(Status::MerchantTimedOut) => (Due::Lapsed { time: None }, Due::Met),
        Some(Status::ProofTimedOut) => (Due::Met, Due::Lapsed { time: None }),
        Some(Status::MerchantEvidenceWanted | Status::EvidenceWantedFromBoth | Status::DeliverySignatureAnomaly) => {
            (Due::Met, others)
        }
        Some(_) => (Due::Met, Due::Met),
    };
    let deadline = |due| Deadline::new(due, DeadlineSource::Document);
    Deadlines::new(deadline(reply), deadline(finish))
}

/// How far the merchant is.
#[derive(Clone, Copy)]
enum Progress {
    Open,
    Done,
    /// The state does not tell.
    Unclear,
}

/// Both deadlines of WeChat Pay, counted from a start.
fn counted(reply: Progress, finish: Progress, start: Result<CountedFrom, UnknownDue>) -> Deadlines {
    let deadline = |progress, within| {
        let due = match (progress, start) {
            (Progress::Done, _) => Due::Met,
            (Progress::Unclear, _) => Due::Unknown(UnknownDue::State),
            (Progress::Open, Err(unknown)) => Due::Unknown(unknown),
            (Progress::Open, Ok(counted_from)) => match counted_from {
                CountedFrom::Filing(start) | CountedFrom::Continuation(start) => {
                    Due::At { time: start.plus(within), counted_from }
                }
                CountedFrom::GivenTime => Due::Unknown(UnknownDue::Time),
            },
        };
        Deadline::new(due, DeadlineSource::WechatPayCustomerService)
    };
    Deadlines::new(deadline(reply, REPLY_WITHIN_SECONDS), deadline(finish, FINISH_WITHIN_SECONDS))
}

/// The entries of a history that decide about deadlines.
#[derive(Default)]
struct Story {
    filed: Option<UnixTime>,
    continuations: i64,
    last_continuation: Option<UnixTime>,
    /// Whether the merchant has acted since the filing or the last continuation.
    has_acted: bool,
}

impl Story {
    /// `None` for an empty history, and for one that is not clear.
    fn of(history: &[NegotiationRecord]) -> Option<Self> {
        let mut story = Self::default();
        let (mut continued, mut noted) = (Continuations::default(), Continuations::default());
        let mut last_act = None;
        for entry in history {
            let kind = entry.operate_type().ok()?.as_ref().map(Kind::of);
            let time = entry.operate_time().ok()?.as_ref().and_then(|time| time.to_unix());
            match kind {
                None | Some(Kind::Other) => {}
                Some(Kind::Filing) => {
                    let time = time?;
                    story.filed = Some(story.filed.map_or(time, |filed| filed.min(time)));
                }
                Some(Kind::Continuation) => continued.add(&entry.log_id, time?),
                Some(Kind::ContinuationNoted) => noted.add(&entry.log_id, time?),
                Some(Kind::Act) => last_act = last_act.max(Some(time?)),
            }
        }
        // Each continuation has an entry of the payer's and a notice of the system's, or one of both.
        let continuations = if noted.ids.len() > continued.ids.len() { noted } else { continued };
        story.continuations = i64::try_from(continuations.ids.len()).unwrap_or(i64::MAX);
        story.last_continuation = continuations.last;
        // Within a second, the act may be the earlier one.
        story.has_acted = last_act.is_some_and(|act| continuations.last.is_none_or(|last| act > last));
        (!history.is_empty()).then_some(story)
    }
}

#[derive(Default)]
struct Continuations<'a> {
    ids: BTreeSet<&'a str>,
    last: Option<UnixTime>,
}

impl<'a> Continuations<'a> {
    fn add(&mut self, id: &'a str, time: UnixTime) {
        self.ids.insert(id);
        self.last = self.last.max(Some(time));
    }
}

/// The meaning of an entry for the deadlines.
enum Kind {
    Filing,
    Continuation,
    /// The system's notice of a continuation.
    ContinuationNoted,
    /// An act of the merchant that counts as the first reply.
    Act,
    Other,
}

impl Kind {
    const fn of(kind: &OperateType) -> Self {
        use OperateType as Type;

        match kind {
            Type::UserCreateComplaint | Type::CreateComplaintByPlatform => Self::Filing,
            Type::UserContinueComplaint | Type::ContinueComplaintByPlatform => Self::Continuation,
            Type::UserContinueComplaintSystemMessage | Type::ContinueComplaintSystemMessage => Self::ContinuationNoted,
            kind if kind.is_merchants_act() => Self::Act,
            _ => Self::Other,
        }
    }
}
