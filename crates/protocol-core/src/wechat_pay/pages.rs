//! Lists and histories as pages: how the next one is asked for, and what stands on it.

use super::{GetNegotiationHistory, ListComplaints};
use crate::call::{Page, Paged};
use crate::complaint::{Complaint, ComplaintPage, NegotiationHistory, NegotiationRecord};

impl Paged for ListComplaints {
    type Response = ComplaintPage;
    type Row = Complaint;

    fn at(&self, _: u32, rows_before: u32) -> Self {
        self.clone().with_offset(rows_before)
    }

    fn page_size(&self) -> u32 {
        self.limit
    }

    fn page(ComplaintPage { data, unreadable, total_count, .. }: ComplaintPage) -> Page<Complaint> {
        Page { rows: data, unreadable, total: total_count }
    }

    fn id(row: &Complaint) -> &str {
        &row.complaint_id
    }
}

impl Paged for GetNegotiationHistory {
    type Response = NegotiationHistory;
    type Row = NegotiationRecord;

    fn at(&self, _: u32, rows_before: u32) -> Self {
        self.clone().with_offset(rows_before)
    }

    fn page_size(&self) -> u32 {
        self.limit
    }

    fn page(NegotiationHistory { data, unreadable, total_count, .. }: NegotiationHistory) -> Page<NegotiationRecord> {
        Page { rows: data, unreadable, total: total_count }
    }

    fn id(row: &NegotiationRecord) -> &str {
        &row.log_id
    }
}
