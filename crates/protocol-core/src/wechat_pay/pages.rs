//! Lists and histories as pages: how the next one is asked for, and what stands on it.

use super::{GetNegotiationHistory, ListComplaints};
use crate::call::{Ending, Page, Paged};
use crate::complaint::{Complaint, ComplaintPage, NegotiationHistory, NegotiationRecord};

/// A page that is too large for the platform is asked for again in halves, down to this.
const SMALLEST_PAGE: u32 = 10;

fn halved(limit: u32) -> Option<u32> {
    (limit > SMALLEST_PAGE).then(|| (limit / 2).max(SMALLEST_PAGE))
}

impl Paged for ListComplaints {
    type Response = ComplaintPage;
    type Row = Complaint;

    const ENDING: Ending = Ending::ShortPage;

    fn at(&self, _: u32, rows_before: u32) -> Self {
        self.clone().with_offset(rows_before)
    }

    fn page_size(&self) -> u32 {
        self.limit
    }

    fn start(&self) -> u32 {
        self.offset
    }

    fn smaller(&self) -> Option<Self> {
        halved(self.limit).map(|limit| self.clone().with_limit(limit))
    }

    fn page(ComplaintPage { data, unreadable, total_count, limit, .. }: ComplaintPage) -> Page<Complaint> {
        Page { rows: data, unreadable, total: total_count.filter(|total| *total > 0), size: limit }
    }

    fn id(row: &Complaint) -> &str {
        &row.complaint_id
    }
}

impl Paged for GetNegotiationHistory {
    type Response = NegotiationHistory;
    type Row = NegotiationRecord;

    const ENDING: Ending = Ending::ShortPage;

    fn at(&self, _: u32, rows_before: u32) -> Self {
        self.clone().with_offset(rows_before)
    }

    fn page_size(&self) -> u32 {
        self.limit
    }

    fn start(&self) -> u32 {
        self.offset
    }

    fn smaller(&self) -> Option<Self> {
        halved(self.limit).map(|limit| self.clone().with_limit(limit))
    }

    fn page(
        NegotiationHistory { data, unreadable, total_count, limit, .. }: NegotiationHistory,
    ) -> Page<NegotiationRecord> {
        Page { rows: data, unreadable, total: total_count.filter(|total| *total > 0), size: limit }
    }

    fn id(row: &NegotiationRecord) -> &str {
        &row.log_id
    }
}
