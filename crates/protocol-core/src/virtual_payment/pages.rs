//! Lists and histories as pages: how they are read, and how the next one is asked for.

use super::complaints::MAX_LIST_PAGE;
use super::{GetComplaintList, GetNegotiationHistory};
use crate::call::{Page, Paged};
use crate::codec::Extra;
use crate::codec::json::wire_object;
use crate::complaint::{
    Complaint, ComplaintPage, NegotiationHistory, NegotiationRecord, Row, Rows, by_rows, check_frame,
};
use crate::error::DecodeError;
use crate::poller::{PolledList, pieces_in_days};
use crate::time::UnixTime;
use crate::trust::Unverified;

/// The list of a response, with the members that a page has.
pub(super) fn read_list(json: &[u8]) -> Result<ComplaintPage, DecodeError> {
    let Read { rows, total, extra } = read("a complaint list", json, "complaints")?;
    let Rows { read: data, unreadable } = rows;
    Ok(ComplaintPage { data, limit: None, offset: None, total_count: total, extra, unreadable })
}

/// The history of a response, with the members that a page has.
pub(super) fn read_history(json: &[u8]) -> Result<NegotiationHistory, DecodeError> {
    let Read { rows, total, extra } = read("a negotiation history", json, "history")?;
    let Rows { read: data, unreadable } = rows;
    Ok(NegotiationHistory { data, limit: None, offset: None, total_count: total, extra, unreadable })
}

wire_object! {
    /// A page without its rows, which are among its unknown members.
    struct Frame {
        errcode: Option<i64> as decisive,
        errmsg: Option<String>,
        total: Option<i64> as decisive,
    }
}

struct Read<T> {
    rows: Rows<T>,
    total: Option<i64>,
    extra: Extra,
}

fn read<T: Row>(document: &'static str, json: &[u8], name: &'static str) -> Result<Read<T>, DecodeError> {
    let no_page = DecodeError::at(document, json, 0, "expected an object");
    let (frame, rows): (Frame, Rows<T>) = by_rows(document, json, name, no_page)?;
    let Frame { total, mut extra, .. } = frame;
    if rows.read.is_empty() && rows.unreadable.is_empty() && total.is_none() {
        check_frame(document, json, name)?;
    }
    extra.forget(|member| member == name);
    Ok(Read { rows, total, extra })
}

impl Paged for GetComplaintList {
    type Response = Unverified<ComplaintPage>;
    type Row = Complaint;

    fn at(&self, _: u32, rows_before: u32) -> Self {
        self.clone().with_offset(rows_before)
    }

    fn page_size(&self) -> u32 {
        self.limit
    }

    fn start(&self) -> u32 {
        self.offset
    }

    fn page(response: Unverified<ComplaintPage>) -> Page<Complaint> {
        let ComplaintPage { data, unreadable, total_count, .. } = response.trust_anyway();
        Page { rows: data, unreadable, total: total_count, size: None }
    }

    fn id(row: &Complaint) -> &str {
        &row.complaint_id
    }
}

impl PolledList for GetComplaintList {
    fn of_span(&self, begin: UnixTime, end: UnixTime, page_size: Option<u32>) -> Vec<Self> {
        let limit = page_size.unwrap_or(MAX_LIST_PAGE).clamp(1, MAX_LIST_PAGE);
        let list = |(begin_date, end_date)| Self { begin_date, end_date, offset: 0, limit };
        pieces_in_days(begin, end).map(list).collect()
    }
}

impl Paged for GetNegotiationHistory {
    type Response = Unverified<NegotiationHistory>;
    type Row = NegotiationRecord;

    fn at(&self, _: u32, rows_before: u32) -> Self {
        self.clone().with_offset(rows_before)
    }

    fn page_size(&self) -> u32 {
        self.limit
    }

    fn start(&self) -> u32 {
        self.offset
    }

    fn page(response: Unverified<NegotiationHistory>) -> Page<NegotiationRecord> {
        let NegotiationHistory { data, unreadable, total_count, .. } = response.trust_anyway();
        Page { rows: data, unreadable, total: total_count, size: None }
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
        let list = GetComplaintList::new("", "").with_offset(7);
        for (days, pieces) in [(0, 1), (29, 1), (30, 2), (181, 7)] {
            let lists = list.of_span(UnixTime(end.0 - days * 86_400), end, None);
            assert_eq!((lists.len(), &*lists[pieces - 1].end_date), (pieces, "2025-03-14"));
            for list in lists {
                check_span((&list.begin_date, &list.end_date), DAY, std::convert::identity, "a span").unwrap();
                assert_eq!((list.offset, list.limit), (0, 50));
            }
        }
        for (asked, taken) in [(0, 1), (1, 1), (50, 50), (51, 50), (u32::MAX, 50)] {
            assert_eq!(list.of_span(end, end, Some(asked))[0].limit, taken);
        }
    }
}
