//! An act on a complaint is recognised in its history by the platform's own clock.

use std::time::Duration;

use super::response::ResponseError;
use super::{GetComplaint, GetNegotiationHistory};
use crate::call::evidence_query::sight_of_completion;
use crate::call::history_look::{HistoryLook, Mark};
use crate::call::{self, Before, CallError, Doubt, EvidenceResponse, Look, Looked, Moment, Setback};
use crate::complaint::OperateType;
use crate::secret::Personal;

/// Entries a page of a history that is read to its end. More than about 130 were seen to fail.
pub const HISTORY_PAGE: u32 = 100;

/// The evidence of an act.
///
/// A reply is an entry with the same text, a decision or completion an entry of its type. The entry
/// must be newer than the act: by the platform's clock or, if the history was read before, by its
/// id. Another reply since then, a decision or completion of the minute before, an entry without a
/// time, or anything that cannot be read leaves the look unclear.
#[derive(Debug, Clone)]
pub struct Evidence {
    complaint_id: String,
    look: HistoryLook,
}

/// A query about an act.
pub type EvidenceQuery = call::EvidenceQuery<GetNegotiationHistory, GetComplaint>;

impl Evidence {
    pub(super) fn of_reply(complaint_id: &str, text: &Personal<String>) -> Self {
        Self::new(complaint_id, Mark::Reply(text.clone()))
    }

    pub(super) fn of_entry(complaint_id: &str, operate_type: OperateType) -> Self {
        Self::new(complaint_id, Mark::Entry(operate_type))
    }

    /// The doubt that a failed send of an act leaves; `retry_after` is the wait that the response
    /// asks for.
    #[must_use]
    pub fn setback(error: &CallError<ResponseError>, retry_after: Option<Duration>) -> Setback {
        let failure = error.failure().with_retry_after(retry_after);
        // The platform has not finished, or its response of success cannot be read.
        let may_still_come =
            matches!(error, CallError::Response(ResponseError::NotFinished | ResponseError::Malformed(_)));
        let is_lost = failure.may_have_happened && !may_still_come;
        let refusal = error.response().and_then(ResponseError::refusal);
        let is_about_state = refusal.is_some_and(|(status, code)| status < 500 && !is_about_us(code));
        Setback::new(failure, if is_lost { Doubt::Lost } else { Doubt::MayStillCome })
            .with_is_about_state(is_about_state)
    }

    fn new(complaint_id: &str, mark: Mark) -> Self {
        Self { complaint_id: complaint_id.to_owned(), look: HistoryLook::new(mark, HISTORY_PAGE) }
    }

    fn page(&self, offset: u32) -> EvidenceQuery {
        let history = GetNegotiationHistory::new(self.complaint_id.clone());
        EvidenceQuery::History(history.with_limit(HISTORY_PAGE).with_offset(offset))
    }
}

impl call::Evidence for Evidence {
    type Query = EvidenceQuery;
    type Response = EvidenceResponse;

    const AFTER_CRASH: Doubt = Doubt::Lost;

    fn ask(&mut self, look: Look, _: Option<&Before>) -> Option<EvidenceQuery> {
        if look == Look::State {
            // The platform has no code for a complaint that is complete already. After a lost
            // response the state alone proves nothing: the payer may have continued in between.
            let completes = self.look.mark().completes();
            return completes.then(|| EvidenceQuery::Complaint(GetComplaint::new(self.complaint_id.clone())));
        }
        self.look.restart();
        Some(self.page(0))
    }

    fn take(&mut self, response: EvidenceResponse, moment: Moment<'_>) -> Looked<EvidenceQuery> {
        match response {
            EvidenceResponse::History(page) => match self.look.take(&page, &moment) {
                Looked::More(offset) => Looked::More(self.page(offset)),
                Looked::Before(before) => Looked::Before(before),
                Looked::Sight(sight) => Looked::Sight(sight),
            },
            EvidenceResponse::Complaint(complaint) => Looked::Sight(sight_of_completion(&complaint)),
        }
    }
}

/// A refusal that says nothing about the complaint's state.
fn is_about_us(code: Option<&str>) -> bool {
    matches!(code, None | Some("SIGN_ERROR" | "NO_AUTH" | "FREQUENCY_LIMITED" | "RATELIMIT_EXCEEDED" | "RATE_LIMITED"))
}
