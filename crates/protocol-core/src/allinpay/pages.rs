//! Lists and histories as pages: how the next one is asked for, and what stands on it.

use super::{
    AlipayComplaint, AlipayComplaintList, AlipayComplaintQueryV2, ComplaintList, WxComplaintHistory, WxComplaintList,
    WxComplaintListOlder,
};
use crate::call::{Page, Paged};
use crate::complaint::{Complaint, NegotiationHistory, NegotiationRecord};

impl Paged for WxComplaintList {
    type Response = ComplaintList;
    type Row = Complaint;

    fn at(&self, page: u32, _: u32) -> Self {
        self.clone().with_current_page_num(page)
    }

    fn page_size(&self) -> u32 {
        self.page_size
    }

    fn page(ComplaintList { complaints, unreadable, total_count, .. }: ComplaintList) -> Page<Complaint> {
        Page { rows: complaints, unreadable, total: total_count, size: None }
    }

    fn id(row: &Complaint) -> &str {
        &row.complaint_id
    }
}

impl Paged for WxComplaintListOlder {
    type Response = ComplaintList;
    type Row = Complaint;

    fn at(&self, _: u32, offset: u32) -> Self {
        self.clone().with_offset(offset)
    }

    fn page_size(&self) -> u32 {
        self.limit
    }

    fn page(ComplaintList { complaints, unreadable, total_count, .. }: ComplaintList) -> Page<Complaint> {
        Page { rows: complaints, unreadable, total: total_count, size: None }
    }

    fn id(row: &Complaint) -> &str {
        &row.complaint_id
    }
}

impl Paged for AlipayComplaintQueryV2 {
    type Response = AlipayComplaintList;
    type Row = AlipayComplaint;

    fn at(&self, page: u32, _: u32) -> Self {
        self.clone().with_current_page_num(page)
    }

    fn page_size(&self) -> u32 {
        self.page_size
    }

    fn page(response: AlipayComplaintList) -> Page<AlipayComplaint> {
        Page { rows: response.complaint_list, unreadable: response.unreadable, total: response.total_size, size: None }
    }

    fn id(row: &AlipayComplaint) -> &str {
        &row.id
    }
}

impl Paged for WxComplaintHistory {
    type Response = NegotiationHistory;
    type Row = NegotiationRecord;

    fn at(&self, _: u32, offset: u32) -> Self {
        self.clone().with_offset(offset)
    }

    fn page_size(&self) -> u32 {
        self.limit
    }

    fn page(response: NegotiationHistory) -> Page<NegotiationRecord> {
        Page { rows: response.data, unreadable: response.unreadable, total: response.total_count, size: None }
    }

    fn id(row: &NegotiationRecord) -> &str {
        &row.log_id
    }
}
