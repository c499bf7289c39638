//! Lists and histories as pages: how they are read, and how the next one is asked for.

use super::{GetComplaintList, GetNegotiationHistory};
use crate::call::{Page, Paged};
use crate::codec::Extra;
use crate::codec::json::wire_object;
use crate::complaint::{
    Complaint, ComplaintPage, NegotiationHistory, NegotiationRecord, Row, Rows, by_rows, check_frame,
};
use crate::error::DecodeError;
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
