//! Pages: of complaints, and of one complaint's negotiation history.

use super::{Complaint, NegotiationRecord};
use crate::codec::json::wire_object;

wire_object! {
    /// One page of the complaint list.
    ///
    /// Read on until a page is empty or shorter than `limit`; new complaints shift the offsets, so tell
    /// complaints apart by `complaint_id`.
    pub struct ComplaintPage {
        /// The complaints.
        data: Vec<Complaint>,
        /// The page size asked for, 1 to 50.
        limit: Option<i64>,
        /// The offset asked for.
        offset: Option<i64>,
        /// How many there are in all; only on the first page.
        total_count: Option<i64>,
    }
}

wire_object! {
    /// One page of a complaint's negotiation history, oldest first.
    pub struct NegotiationHistory {
        /// The entries.
        data: Vec<NegotiationRecord>,
        /// The page size asked for, 1 to 300.
        limit: Option<i64>,
        /// The offset asked for.
        offset: Option<i64>,
        /// How many there are in all; only on the first page.
        total_count: Option<i64>,
    }
}

#[cfg(feature = "allinpay")]
impl NegotiationHistory {
    /// A history without paging.
    pub(crate) fn of(data: Vec<NegotiationRecord>) -> Self {
        Self { data, limit: None, offset: None, total_count: None, extra: crate::codec::Extra::default() }
    }
}
