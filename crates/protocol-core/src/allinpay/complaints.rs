//! Asking for WeChat complaints: lists, detail, negotiation history.

use super::form::Form;
use super::operation::{Operation, Response};
use super::response::Members;
use super::response_error::ResponseError;
use crate::codec::text::{bare, marked_json};
use crate::complaint::{Complaint, ComplaintPage, NegotiationHistory, Rows, UnreadableRow};
use crate::operation::{Idempotency, OperationInfo, setters};
use crate::rate::RateGroup;
use crate::request::{BuildError, Stamp};
use crate::time::{DAY, MOMENT, check_span};
use crate::trust::Verified;

/// `wxcomplaintlistquery`: the list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias("投诉单列表", "wxcomplaintlistquery"))]
pub struct WxComplaintList {
    /// Page, from 1 to 999 999.
    pub current_page_num: u32,
    /// Complaints per page, 1 to 999 999; Allinpay advises at most 20.
    pub page_size: u32,
    /// The first moment, `yyyy-MM-dd HH:mm:ss` in China.
    pub begindate: String,
    /// The last moment, at most 30 days later.
    pub enddate: String,
    /// In group mode: whether the list holds the whole group's complaints.
    pub groupall: bool,
}

impl WxComplaintList {
    /// The first 20 complaints between two moments.
    #[must_use]
    pub fn new(begindate: impl Into<String>, enddate: impl Into<String>) -> Self {
        Self {
            current_page_num: 1,
            page_size: DEFAULT_PAGE,
            begindate: begindate.into(),
            enddate: enddate.into(),
            groupall: false,
        }
    }
}

setters! {
    impl WxComplaintList;
    with_current_page_num(current_page_num: u32) { current_page_num }
    with_page_size(page_size: u32) { page_size }
    with_groupall(groupall: bool) { groupall }
}

impl OperationInfo for WxComplaintList {
    type Response = ComplaintList;

    const NAME: &'static str = "wxcomplaintlistquery";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const RATE: RateGroup = RateGroup::List;
}

impl Operation for WxComplaintList {
    fn request(&self, _: &Stamp<'_>) -> Result<Form<'_>, BuildError> {
        let mut form = Form::default();
        form.set("current_page_num", paging("current_page_num", self.current_page_num)?);
        form.set("page_size", paging("page_size", self.page_size)?);
        let expected = "`yyyy-MM-dd HH:mm:ss` twice, in order, at most 30 days apart";
        check_span((&self.begindate, &self.enddate), MOMENT, jiff::civil::DateTime::date, expected)?;
        form.set("begindate", &self.begindate);
        form.set("enddate", &self.enddate);
        if self.groupall {
            form.set("groupall", "1");
        }
        Ok(form)
    }

    fn receive(&self, response: Response<'_>) -> Result<ComplaintList, ResponseError> {
        ComplaintList::decode(&response.open()?)
    }
}

/// `complaintqry`: the older list, by days.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WxComplaintListOlder {
    /// First day, `yyyy-MM-dd` in China.
    pub begin_date: String,
    /// Last day, at most 30 days later.
    pub end_date: String,
    /// First row, from 0.
    pub offset: u32,
    /// Rows a page.
    pub limit: u32,
}

impl WxComplaintListOlder {
    /// The first 20 complaints of these days.
    #[must_use]
    pub fn new(begin_date: impl Into<String>, end_date: impl Into<String>) -> Self {
        Self { begin_date: begin_date.into(), end_date: end_date.into(), offset: 0, limit: DEFAULT_PAGE }
    }
}

setters! {
    impl WxComplaintListOlder;
    with_offset(offset: u32) { offset }
    with_limit(limit: u32) { limit }
}

impl OperationInfo for WxComplaintListOlder {
    type Response = ComplaintList;

    const NAME: &'static str = "complaintqry";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const RATE: RateGroup = RateGroup::List;
}

impl Operation for WxComplaintListOlder {
    fn request(&self, _: &Stamp<'_>) -> Result<Form<'_>, BuildError> {
        let mut form = Form::default();
        let expected = "`yyyy-MM-dd` twice, in order, at most 30 days apart";
        check_span((&self.begin_date, &self.end_date), DAY, std::convert::identity, expected)?;
        form.set("begin_date", &self.begin_date);
        form.set("end_date", &self.end_date);
        form.set("offset", self.offset.to_string());
        form.set("limit", paging("limit", self.limit)?);
        Ok(form)
    }

    fn receive(&self, response: Response<'_>) -> Result<ComplaintList, ResponseError> {
        ComplaintList::decode(&response.open()?)
    }
}

/// `wxcomplaintdetail`: one complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias("投诉单详情"))]
pub struct WxComplaintDetail {
    /// WeChat's complaint number.
    pub complaint_id: String,
}

impl WxComplaintDetail {
    /// This complaint.
    #[must_use]
    pub fn new(complaint_id: impl Into<String>) -> Self {
        Self { complaint_id: complaint_id.into() }
    }
}

impl OperationInfo for WxComplaintDetail {
    type Response = Complaint;

    const NAME: &'static str = "wxcomplaintdetail";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
}

impl Operation for WxComplaintDetail {
    fn request(&self, _: &Stamp<'_>) -> Result<Form<'_>, BuildError> {
        let mut form = Form::default();
        form.complaint_id(&self.complaint_id)?;
        Ok(form)
    }

    fn receive(&self, response: Response<'_>) -> Result<Complaint, ResponseError> {
        response.open()?.document("a complaint")
    }
}

/// `wxcomplainthistory`: the history of one complaint. Allinpay passes on WeChat's own entries.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias("协商历史"))]
pub struct WxComplaintHistory {
    /// WeChat's complaint number.
    pub complaint_id: String,
    /// Entries a page, 1 to 300.
    pub limit: u32,
    /// First entry, from 0. A 0 is signed like any other value.
    pub offset: u32,
}

impl WxComplaintHistory {
    /// This complaint's history, from the first entry, 100 a page.
    #[must_use]
    pub fn new(complaint_id: impl Into<String>) -> Self {
        Self { complaint_id: complaint_id.into(), limit: DEFAULT_HISTORY_PAGE, offset: 0 }
    }
}

setters! {
    impl WxComplaintHistory;
    with_limit(limit: u32) { limit }
    with_offset(offset: u32) { offset }
}

impl OperationInfo for WxComplaintHistory {
    type Response = NegotiationHistory;

    const NAME: &'static str = "wxcomplainthistory";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const RATE: RateGroup = RateGroup::History;
}

impl Operation for WxComplaintHistory {
    fn request(&self, _: &Stamp<'_>) -> Result<Form<'_>, BuildError> {
        let mut form = Form::default();
        form.complaint_id(&self.complaint_id)?;
        if !(1..=300).contains(&self.limit) {
            return Err(BuildError::Field { field: "limit", expected: "1 to 300" });
        }
        form.set("limit", self.limit.to_string());
        form.set("offset", self.offset.to_string());
        Ok(form)
    }

    fn receive(&self, response: Response<'_>) -> Result<NegotiationHistory, ResponseError> {
        let response = response.open()?;
        response.unless_refused(history(&response), |history| history.data.is_empty() && history.unreadable.is_empty())
    }
}

/// Complaints, and their number.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ComplaintList {
    /// The complaints; in agent mode each names its merchant (`merchant_no`).
    pub complaints: Vec<Complaint>,
    /// The number of complaints in all.
    pub total_count: Option<i64>,
    /// Complaints that stand on the page but cannot be read.
    pub unreadable: Vec<UnreadableRow>,
}

impl ComplaintList {
    /// Reads a list, a page object or a single complaint: the form that older interfaces send is
    /// not confirmed.
    fn decode(response: &Verified<Members<'_>>) -> Result<Self, ResponseError> {
        response.unless_refused(Self::read(response), |list| list.complaints.is_empty() && list.unreadable.is_empty())
    }

    fn read(response: &Verified<Members<'_>>) -> Result<Self, ResponseError> {
        const DOCUMENT: &str = "a complaint list";
        let total_count = total_count(response);
        let Some(json) = response.page_json()? else {
            return Ok(Self { complaints: Vec::new(), total_count, unreadable: Vec::new() });
        };
        if is_list(json) {
            return Self::of_rows(total_count, json);
        }
        let page = ComplaintPage::read(DOCUMENT, json)?;
        if page.data.is_empty() && page.unreadable.is_empty() && page.extra.get("complaint_id").is_some() {
            return Self::of_rows(total_count, json);
        }
        // The count may stand beside the page.
        let page = if total_count.is_some() { page } else { page.framed(DOCUMENT, json)? };
        Ok(Self { complaints: page.data, total_count: page.total_count.or(total_count), unreadable: page.unreadable })
    }

    /// Rows without a page.
    fn of_rows(total_count: Option<i64>, json: &[u8]) -> Result<Self, ResponseError> {
        let Rows { read, unreadable } = Rows::read("a complaint list", &marked_json(json))?;
        Ok(Self { complaints: read, total_count, unreadable })
    }
}

/// Complaints per page, at most, as Allinpay advises.
pub(super) const DEFAULT_PAGE: u32 = 20;

/// The most complaints a page, and the last page.
pub(super) const MAX_PAGE: u32 = 999_999;

/// Entries of a history a page: WeChat Pay's own default.
const DEFAULT_HISTORY_PAGE: u32 = 100;

/// Reads a number or its digits: the form is not confirmed.
fn total_count(response: &Members<'_>) -> Option<i64> {
    response.get("total_count").and_then(|digits| digits.trim().parse().ok())
}

fn is_list(json: &[u8]) -> bool {
    bare(json).starts_with(b"[")
}

fn paging(name: &'static str, value: u32) -> Result<String, BuildError> {
    if (1..=MAX_PAGE).contains(&value) {
        Ok(value.to_string())
    } else {
        Err(BuildError::Field { field: name, expected: "1 to 999999" })
    }
}

/// Reads both forms: responses hold an object, the documentation a list.
fn history(response: &Verified<Members<'_>>) -> Result<NegotiationHistory, ResponseError> {
    const DOCUMENT: &str = "a negotiation history";
    let Some(json) = response.page_json()? else { return Ok(NegotiationHistory::of(Rows::default())) };
    if is_list(json) {
        return Ok(NegotiationHistory::of(Rows::read(DOCUMENT, &marked_json(json))?));
    }
    let history = NegotiationHistory::read(DOCUMENT, json)?;
    // The count may stand beside the page.
    Ok(if total_count(response).is_some() { history } else { history.framed(DOCUMENT, json)? })
}
