//! The queries that look for an act of the channels whose complaints have a history, and their
//! responses.

use super::Sight;
use crate::complaint::{Complaint, ComplaintState, NegotiationHistory};

/// A query about an act: a channel's query `H` for a page of the history, or its query `C` for the
/// complaint. Exhaustive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidenceQuery<H, C> {
    /// For a page of the history.
    History(H),
    /// For the complaint.
    Complaint(C),
}

/// The response to an [`EvidenceQuery`], of the same kind. Exhaustive.
#[derive(Debug, Clone, PartialEq)]
pub enum EvidenceResponse {
    /// A page of the history.
    History(NegotiationHistory),
    /// The complaint.
    Complaint(Box<Complaint>),
}

/// Whether a complaint shows by its state that it was completed.
pub(crate) fn sight_of_completion(complaint: &Complaint) -> Sight {
    let is_complete = complaint.complaint_state == Some(ComplaintState::Processed);
    if is_complete { Sight::Found } else { Sight::Unclear }
}
