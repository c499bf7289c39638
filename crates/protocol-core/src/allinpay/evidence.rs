//! An act on a complaint is recognised in its history by the ids of the entries.
//!
//! A false "it is there" loses a reply, a false "it is not" sends it twice. Times prove nothing:
//! responses have no time of the platform's, entries are dated by WeChat's clock, and the same
//! canned sentence may have been sent a minute ago. So the history is read before the first send,
//! and only a new entry counts. The price is one query an act.

use super::response_error::ResponseError;
use super::{HISTORY_PAGE, WxComplaintDetail, WxComplaintHistory};
use crate::call::evidence_query::sight_of_completion;
use crate::call::{self, Before, Doubt, EvidenceResponse, Look, Looked, Moment, Pages, Sight};
use crate::complaint::{NegotiationRecord, OperateType};
use crate::secret::Personal;

/// The evidence of an act: a new entry of its type, for a reply with the same text.
///
/// Another new entry of the type, a missing old entry, and anything that cannot be read leave the
/// look unclear.
#[derive(Debug)]
pub struct Evidence {
    complaint_id: String,
    operate_type: OperateType,
    text: Option<Personal<String>>,
    /// The progress of the look.
    pages: Pages<WxComplaintHistory>,
    records: Vec<NegotiationRecord>,
}

/// A query about an act.
pub type EvidenceQuery = call::EvidenceQuery<WxComplaintHistory, WxComplaintDetail>;

impl Evidence {
    pub(super) fn new(complaint_id: &str, operate_type: OperateType) -> Self {
        Self {
            complaint_id: complaint_id.to_owned(),
            operate_type,
            text: None,
            pages: Pages::new(Vec::new()),
            records: Vec::new(),
        }
    }

    pub(super) fn with_text(mut self, text: &str) -> Self {
        self.text = Some(Personal::new(text.trim().to_owned()));
        self
    }

    fn is_ours(&self, record: &NegotiationRecord) -> bool {
        self.text.as_ref().is_none_or(|text| {
            record.operate_details.as_ref().is_some_and(|details| details.expose().trim() == text.expose())
        })
    }

    /// The result of a history that was read to its end.
    fn sight(&self, before: Option<&Before>) -> Sight {
        let Some(Before::Ids(before)) = before else { return Sight::Unclear };
        let (known, new): (Vec<_>, Vec<_>) = self.records.iter().partition(|record| before.contains(&record.log_id));
        let of_kind = |record: &&&NegotiationRecord| record.operate_type.as_ref() == Some(&self.operate_type);
        if new.iter().filter(of_kind).any(|record| self.is_ours(record)) {
            return Sight::Found;
        }
        // If an old entry is missing, the history is incomplete. An entry that cannot be read may
        // be the act.
        let is_clear = new.iter().all(|record| record.misfits().is_empty());
        let is_nothing = is_clear && known.len() >= before.len() && !new.iter().any(|record| of_kind(&record));
        if is_nothing { Sight::NotThere } else { Sight::Unclear }
    }
}

impl call::Evidence for Evidence {
    type Query = EvidenceQuery;
    type Response = EvidenceResponse;

    const LOOKS_FIRST: bool = true;

    /// The gateway's delay is not known.
    const AFTER_CRASH: Doubt = Doubt::MayStillCome;

    fn ask(&mut self, look: Look, before: Option<&Before>) -> Option<EvidenceQuery> {
        match look {
            Look::State => {
                let completes = self.operate_type == OperateType::MerchantConfirmComplete;
                completes.then(|| EvidenceQuery::Complaint(WxComplaintDetail::new(self.complaint_id.clone())))
            }
            Look::After if before.is_none() => None,
            Look::Before | Look::After => {
                self.pages =
                    Pages::new(vec![WxComplaintHistory::new(self.complaint_id.clone()).with_limit(HISTORY_PAGE)]);
                self.records.clear();
                self.pages.next().map(EvidenceQuery::History)
            }
        }
    }

    fn take(&mut self, response: EvidenceResponse, moment: Moment<'_>) -> Looked<EvidenceQuery> {
        match response {
            EvidenceResponse::History(page) => self.records.extend(self.pages.take(page)),
            EvidenceResponse::Complaint(complaint) => return Looked::Sight(sight_of_completion(&complaint)),
        }
        if let Some(page) = self.pages.next() {
            return Looked::More(EvidenceQuery::History(page));
        }
        let is_whole = self.pages.amiss::<ResponseError>().is_empty();
        match moment.look {
            Look::Before => {
                let ids = || Before::Ids(self.records.iter().map(|record| record.log_id.clone()).collect());
                // No history is empty, since it begins with the filing. One that seems empty proves
                // nothing.
                Looked::Before((is_whole && !self.records.is_empty()).then(ids))
            }
            _ if is_whole => Looked::Sight(self.sight(moment.before)),
            _ => Looked::Sight(Sight::Unclear),
        }
    }
}
