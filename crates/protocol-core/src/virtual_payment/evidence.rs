//! An act on a complaint is recognised in its history by the platform's own clock.

use super::{GetComplaintDetail, GetNegotiationHistory};
use crate::call::evidence_query::sight_of_completion;
use crate::call::history_look::{HistoryLook, Mark};
use crate::call::{self, Before, CallError, Doubt, EvidenceResponse, Look, Looked, Moment, Setback};
use crate::complaint::OperateType;
use crate::mini_program::ResponseError;
use crate::secret::Personal;

/// Entries a page of a history that is read to its end.
pub const HISTORY_PAGE: u32 = 100;

/// The evidence of an act: an entry of its type, for a reply with the same text, that is newer than
/// the act.
///
/// The platform's delay is not known. An act that may have happened, and that no look shows, may
/// still come: it is not sent again.
#[derive(Debug, Clone)]
pub struct Evidence {
    complaint_id: String,
    look: HistoryLook,
}

/// A query about an act.
pub type EvidenceQuery = call::EvidenceQuery<GetNegotiationHistory, GetComplaintDetail>;

impl Evidence {
    pub(super) fn of_reply(complaint_id: &str, text: &Personal<String>) -> Self {
        Self::new(complaint_id, Mark::Reply(text.clone()))
    }

    pub(super) fn of_entry(complaint_id: &str, operate_type: OperateType) -> Self {
        Self::new(complaint_id, Mark::Entry(operate_type))
    }

    /// The doubt that a failed send of an act leaves.
    #[must_use]
    pub fn setback(error: &CallError<ResponseError>) -> Setback {
        let failure = error.failure();
        let is_refused = matches!(error.response(), Some(ResponseError::Refused { .. }));
        let may_be_by_state = is_refused && !failure.may_have_happened && !failure.is_retryable;
        let is_about_us = error.response().is_some_and(ResponseError::is_token_error);
        Setback::new(failure, Doubt::MayStillCome).with_is_about_state(may_be_by_state && !is_about_us)
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

    const AFTER_CRASH: Doubt = Doubt::MayStillCome;

    fn ask(&mut self, look: Look, _: Option<&Before>) -> Option<EvidenceQuery> {
        if look == Look::State {
            // No code is known for a complaint that is complete already.
            let completes = self.look.mark().completes();
            return completes.then(|| EvidenceQuery::Complaint(GetComplaintDetail::new(self.complaint_id.clone())));
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
