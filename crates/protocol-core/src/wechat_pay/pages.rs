//! Lists and histories as pages: how the next one is asked for, and what stands on it.

use super::complaints::MAX_LIST_PAGE;
use super::{GetNegotiationHistory, ListComplaints};
use crate::call::{Ending, Page, Paged};
use crate::complaint::{Complaint, ComplaintPage, NegotiationHistory, NegotiationRecord};
use crate::poller::{PolledList, pieces_in_days};
use crate::time::UnixTime;

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

impl PolledList for ListComplaints {
    fn of_span(&self, begin: UnixTime, end: UnixTime, page_size: Option<u32>) -> Vec<Self> {
        let limit = page_size.unwrap_or(MAX_LIST_PAGE).clamp(1, MAX_LIST_PAGE);
        let list = |(begin_date, end_date)| Self { begin_date, end_date, offset: 0, limit, ..self.clone() };
        pieces_in_days(begin, end).map(list).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{DAY, check_span};

    #[test]
    fn a_span_of_any_length_is_listed_in_pages_and_spans_that_are_taken() {
        let end = UnixTime(1_741_936_166);
        let list = ListComplaints::new("", "").with_offset(7).with_complainted_mchid("1900012181");
        for (days, pieces) in [(0, 1), (29, 1), (30, 2), (181, 7)] {
            let lists = list.of_span(UnixTime(end.0 - days * 86_400), end, None);
            assert_eq!((lists.len(), &*lists[pieces - 1].end_date), (pieces, "2025-03-14"));
            for list in lists {
                check_span((&list.begin_date, &list.end_date), DAY, std::convert::identity, "a span").unwrap();
                assert_eq!((list.offset, list.limit), (0, 50));
                assert_eq!(list.complainted_mchid.as_deref(), Some("1900012181"));
            }
        }
        for (asked, taken) in [(0, 1), (1, 1), (50, 50), (51, 50), (u32::MAX, 50)] {
            assert_eq!(list.of_span(end, end, Some(asked))[0].limit, taken);
        }
    }
}
