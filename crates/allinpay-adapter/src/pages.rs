//! Reading pages that shift while they are read: each row once, none missed.
//!
//! A row that was there when the reading began is found because pages are read forward: rows that arrive push older ones
//! towards pages yet to be read, where they are met once more and dropped by their id. Arrivals at the end, or in an order that
//! nobody documents, are found because the reading does not end before it has met as many rows as the platform says there are
//! (`total_count`): until then it begins again at the first page, as long as that brings anything new. Nor does it believe that a
//! short page is the last one while rows are missing: the platform may give smaller pages than it was asked for. Without a count, the
//! end is a page without rows.

use std::collections::{HashSet, VecDeque};

use futures_util::stream::{Stream, try_unfold};
use protocol_core::allinpay::{
    AlipayComplaint, AlipayComplaintList, AlipayComplaintQueryV2, ComplaintList, Operation, WxComplaintHistory,
    WxComplaintList, WxComplaintListOlder,
};
use protocol_core::complaint::{Complaint, NegotiationHistory, NegotiationRecord};

use crate::client::Client;
use crate::error::Error;
use crate::transport::Transport;

/// Entries of a history a page. WeChat refuses answers that grow too large, well above this.
const HISTORY_PAGE: u32 = 50;

/// The last page there can be.
const LAST_PAGE: u32 = 999_999;

/// So many pages without anything new are an end: a platform that repeats itself.
const STALE_PAGES: usize = 3;

impl<S: Transport> Client<S> {
    /// Every complaint of the span, each once although new ones shift the pages while they are read. From the first page on,
    /// whatever `current_page_num` says.
    pub fn complaints(&self, list: WxComplaintList) -> impl Stream<Item = Result<Complaint, Error>> + Send + use<S> {
        self.read(vec![list])
    }

    /// The same from the older interface. From the first row on, whatever `offset` says.
    pub fn complaints_older(
        &self,
        list: WxComplaintListOlder,
    ) -> impl Stream<Item = Result<Complaint, Error>> + Send + use<S> {
        self.read(vec![list])
    }

    /// Every complaint of Alipay's list, each once. From the first page on, whatever `current_page_num` says.
    pub fn alipay_complaints(
        &self,
        list: AlipayComplaintQueryV2,
    ) -> impl Stream<Item = Result<AlipayComplaint, Error>> + Send + use<S> {
        self.read(vec![list])
    }

    /// Every entry of a complaint's negotiation history, each once, in the platform's order: newest first, it seems.
    pub fn negotiation_history(
        &self,
        complaint_id: &str,
    ) -> impl Stream<Item = Result<NegotiationRecord, Error>> + Send + use<S> {
        let complaint_id = complaint_id.to_owned();
        self.read(vec![WxComplaintHistory { complaint_id, limit: HISTORY_PAGE, offset: 0 }])
    }

    /// Several lists one after the other, a row that stands in more than one of them once.
    pub(crate) fn read<P: Paged>(&self, lists: Vec<P>) -> impl Stream<Item = Result<P::Row, Error>> + Send + use<S, P> {
        try_unfold(
            (self.clone(), Reading::new(lists), VecDeque::new()),
            |(client, mut reading, mut ready)| async move {
                loop {
                    if let Some(row) = ready.pop_front() {
                        return Ok(Some((row, (client, reading, ready))));
                    }
                    let Some(page) = reading.next() else { return Ok(None) };
                    ready.extend(reading.take(client.send(&page).await?));
                }
            },
        )
    }
}

/// A list that comes in pages.
pub(crate) trait Paged: Operation<Answer: Send> + Clone + Send + Sync + 'static {
    /// What it lists.
    type Row: Send + 'static;

    /// The same list at another page.
    fn at(&self, page: u32, rows_before: u32) -> Self;

    /// Rows asked for.
    fn page_size(&self) -> u32;

    /// The rows of a page, and how many there are in all.
    fn rows(answer: Self::Answer) -> (Vec<Self::Row>, Option<i64>);

    /// What tells rows apart.
    fn id(row: &Self::Row) -> &str;
}

impl Paged for WxComplaintList {
    type Row = Complaint;

    fn at(&self, page: u32, _: u32) -> Self {
        Self { current_page_num: page, ..self.clone() }
    }

    fn page_size(&self) -> u32 {
        self.page_size
    }

    fn rows(answer: ComplaintList) -> (Vec<Complaint>, Option<i64>) {
        (answer.complaints, answer.total_count)
    }

    fn id(row: &Complaint) -> &str {
        &row.complaint_id
    }
}

impl Paged for WxComplaintListOlder {
    type Row = Complaint;

    fn at(&self, _: u32, offset: u32) -> Self {
        Self { offset, ..self.clone() }
    }

    fn page_size(&self) -> u32 {
        self.limit
    }

    fn rows(answer: ComplaintList) -> (Vec<Complaint>, Option<i64>) {
        (answer.complaints, answer.total_count)
    }

    fn id(row: &Complaint) -> &str {
        &row.complaint_id
    }
}

impl Paged for AlipayComplaintQueryV2 {
    type Row = AlipayComplaint;

    fn at(&self, page: u32, _: u32) -> Self {
        Self { current_page_num: page, ..self.clone() }
    }

    fn page_size(&self) -> u32 {
        self.page_size
    }

    fn rows(answer: AlipayComplaintList) -> (Vec<AlipayComplaint>, Option<i64>) {
        (answer.complaint_list, answer.total_size)
    }

    fn id(row: &AlipayComplaint) -> &str {
        &row.id
    }
}

impl Paged for WxComplaintHistory {
    type Row = NegotiationRecord;

    fn at(&self, _: u32, offset: u32) -> Self {
        Self { offset, ..self.clone() }
    }

    fn page_size(&self) -> u32 {
        self.limit
    }

    fn rows(answer: NegotiationHistory) -> (Vec<NegotiationRecord>, Option<i64>) {
        (answer.data, answer.total_count)
    }

    fn id(row: &NegotiationRecord) -> &str {
        &row.log_id
    }
}

/// Where the reading of some lists stands.
pub(crate) struct Reading<P> {
    /// The list that is being read, and those to come.
    lists: VecDeque<P>,
    /// Ids met in earlier lists, and in this one.
    before: HashSet<String>,
    seen: HashSet<String>,
    /// How many rows this list has, as last told.
    total: Option<usize>,
    /// The next page of this pass, from 1, and the rows before it.
    page: u32,
    rows: u32,
    pass: Pass,
}

/// One walk from the first page to the last.
#[derive(Default)]
struct Pass {
    fresh: usize,
    met_again: usize,
    /// Rows met again since the last new one.
    stale: usize,
}

impl<P: Paged> Reading<P> {
    pub(crate) fn new(lists: Vec<P>) -> Self {
        Self {
            lists: lists.into(),
            before: HashSet::new(),
            seen: HashSet::new(),
            total: None,
            page: 1,
            rows: 0,
            pass: Pass::default(),
        }
    }

    /// The page to ask for; `None` at the end. The same one until [`Reading::take`].
    pub(crate) fn next(&self) -> Option<P> {
        self.lists.front().map(|list| list.at(self.page, self.rows))
    }

    /// Takes the page in that was asked for; its rows that were not met before.
    pub(crate) fn take(&mut self, answer: P::Answer) -> Vec<P::Row> {
        let (page, total) = P::rows(answer);
        let length = page.len();
        self.total = total.and_then(|total| usize::try_from(total).ok()).or(self.total);
        let known = self.seen.len();
        let mut rows = page;
        rows.retain(|row| self.seen.insert(P::id(row).to_owned()));
        let fresh = self.seen.len() - known;
        rows.retain(|row| !self.before.contains(P::id(row)));
        self.page += 1;
        self.rows = self.rows.saturating_add(u32::try_from(length).unwrap_or(u32::MAX));
        self.pass.fresh += fresh;
        self.pass.met_again += length - fresh;
        self.pass.stale = if fresh == 0 { self.pass.stale + length } else { 0 };
        if self.pass_ends(length) {
            self.end_pass();
        }
        rows
    }

    /// Whether as many rows were met as there are.
    fn is_complete(&self) -> bool {
        self.total.is_some_and(|total| self.seen.len() >= total)
    }

    fn pass_ends(&self, length: usize) -> bool {
        let size = self.lists.front().map_or(0, |list| list.page_size() as usize);
        let patience = match self.total {
            Some(total) if !self.is_complete() => total.max(STALE_PAGES * size),
            _ => STALE_PAGES * size,
        };
        length == 0
            || self.pass.stale >= patience
            || self.is_complete()
            || self.page > LAST_PAGE
            || self.rows == u32::MAX
    }

    /// Begins again where rows are missing, or may be; ends the list where that brought nothing or there is no need.
    fn end_pass(&mut self) {
        let missing = match self.total {
            Some(_) => !self.is_complete(),
            None => self.pass.met_again > 0,
        };
        if !missing || self.pass.fresh == 0 {
            self.lists.pop_front();
            self.before.extend(self.seen.drain());
            self.total = None;
        }
        self.pass = Pass::default();
        self.page = 1;
        self.rows = 0;
    }
}
