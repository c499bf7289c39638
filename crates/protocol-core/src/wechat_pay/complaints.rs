//! Operations that read complaints: the list, one complaint, its negotiation history.

use super::operation::{Operation, Response, complaint_target, list_target, mchid};
use super::response::ResponseError;
use crate::complaint::{Complaint, ComplaintPage, NegotiationHistory};
use crate::operation::{Idempotency, OperationInfo, setters};
use crate::rate::RateGroup;
use crate::request::{BuildError, Method, RequestParts, Stamp};
use crate::time::{DAY, check_span};

/// The list: `GET …/complaints-v2`.
///
/// Read on until a page is empty, or is shorter than `limit` and `total_count` is reached. New
/// complaints shift the offsets, so identify complaints by `complaint_id`.
///
/// ```
/// use protocol_core::wechat_pay::{ListComplaints, Operation};
/// use protocol_core::{BuildError, Stamp, UnixTime};
///
/// # fn main() -> Result<(), BuildError> {
/// let stamp = Stamp { now: UnixTime(1_741_936_166), nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };
/// let page = ListComplaints::new("2025-03-01", "2025-03-14").with_limit(20).with_offset(40);
/// assert!(
///     page.request(&stamp)?
///         .target
///         .ends_with("?limit=20&offset=40&begin_date=2025-03-01&end_date=2025-03-14")
/// );
///
/// // Checked before anything is sent.
/// let too_long = ListComplaints::new("2025-01-01", "2025-03-14").request(&stamp);
/// assert!(matches!(too_long, Err(BuildError::Field { .. })));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias("查询投诉单列表", "complaints-v2"))]
pub struct ListComplaints {
    /// The first day of filing, `YYYY-MM-DD` in China.
    pub begin_date: String,
    /// The last day, included; at most 30 days after the first.
    pub end_date: String,
    /// Complaints per page, 1 to 50; the platform's default is 10.
    pub limit: u32,
    /// The first complaint's offset, from 0.
    pub offset: u32,
    /// Restricts the list to complaints against this merchant. A service provider that leaves it
    /// out gets those against all sub-merchants.
    pub complainted_mchid: Option<String>,
}

impl ListComplaints {
    /// The complaints of these days, from the first, 50 a page.
    #[must_use]
    pub fn new(begin_date: impl Into<String>, end_date: impl Into<String>) -> Self {
        Self {
            begin_date: begin_date.into(),
            end_date: end_date.into(),
            limit: MAX_LIST_PAGE,
            offset: 0,
            complainted_mchid: None,
        }
    }
}

setters! {
    impl ListComplaints;
    with_limit(limit: u32) { limit }
    with_offset(offset: u32) { offset }
    with_complainted_mchid(complainted_mchid: impl Into<String>) { Some(complainted_mchid.into()) }
}

impl OperationInfo for ListComplaints {
    type Response = ComplaintPage;

    const NAME: &'static str = "list_complaints";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const RATE: RateGroup = RateGroup::List;
}

impl Operation for ListComplaints {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        if !(1..=MAX_LIST_PAGE).contains(&self.limit) {
            return Err(BuildError::Field { field: "limit", expected: "1 to 50" });
        }
        let expected = "two days, YYYY-MM-DD, the second not before the first and at most 30 days after it";
        check_span((&self.begin_date, &self.end_date), DAY, std::convert::identity, expected)?;
        let Self { begin_date, end_date, limit, offset, complainted_mchid } = self;
        let mut query = format!("limit={limit}&offset={offset}&begin_date={begin_date}&end_date={end_date}");
        if let Some(accused) = complainted_mchid {
            mchid(accused)?;
            query.push_str("&complainted_mchid=");
            query.push_str(accused);
        }
        Ok(RequestParts::without_body(Method::Get, list_target(&query)))
    }

    fn receive(&self, response: Response<'_>) -> Result<ComplaintPage, ResponseError> {
        const DOCUMENT: &str = "a complaint list";
        let body = response.finished()?.body;
        let page = ComplaintPage::read(DOCUMENT, body).and_then(|page| page.framed(DOCUMENT, body));
        response.unless_refused(body, page, |page| page.data.is_empty() && page.unreadable.is_empty())
    }
}

/// One complaint: `GET …/complaints-v2/{complaint_id}`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias("查询投诉单详情"))]
pub struct GetComplaint {
    /// The complaint, 1 to 64 characters.
    pub complaint_id: String,
}

impl GetComplaint {
    /// This complaint.
    #[must_use]
    pub fn new(complaint_id: impl Into<String>) -> Self {
        Self { complaint_id: complaint_id.into() }
    }
}

impl OperationInfo for GetComplaint {
    type Response = Complaint;

    const NAME: &'static str = "get_complaint";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
}

impl Operation for GetComplaint {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        Ok(RequestParts::without_body(Method::Get, complaint_target(&self.complaint_id, "")?))
    }

    fn receive(&self, response: Response<'_>) -> Result<Complaint, ResponseError> {
        response.document("a complaint")
    }
}

/// The history of a complaint: `GET …/complaints-v2/{complaint_id}/negotiation-historys` (sic).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias("查询投诉单协商历史", "negotiation-historys"))]
pub struct GetNegotiationHistory {
    /// The complaint, 1 to 64 characters.
    pub complaint_id: String,
    /// Entries a page, 1 to 300; the platform's default is 100. More than about 130 were seen to
    /// fail.
    pub limit: u32,
    /// The first entry's offset, from 0.
    pub offset: u32,
}

impl GetNegotiationHistory {
    /// This complaint's history, from the first entry, 100 a page.
    #[must_use]
    pub fn new(complaint_id: impl Into<String>) -> Self {
        Self { complaint_id: complaint_id.into(), limit: DEFAULT_HISTORY_PAGE, offset: 0 }
    }
}

setters! {
    impl GetNegotiationHistory;
    with_limit(limit: u32) { limit }
    with_offset(offset: u32) { offset }
}

impl OperationInfo for GetNegotiationHistory {
    type Response = NegotiationHistory;

    const NAME: &'static str = "get_negotiation_history";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const RATE: RateGroup = RateGroup::History;
}

impl Operation for GetNegotiationHistory {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        if !(1..=MAX_HISTORY_PAGE).contains(&self.limit) {
            return Err(BuildError::Field { field: "limit", expected: "1 to 300" });
        }
        let rest = format!("/negotiation-historys?limit={}&offset={}", self.limit, self.offset);
        Ok(RequestParts::without_body(Method::Get, complaint_target(&self.complaint_id, &rest)?))
    }

    fn receive(&self, response: Response<'_>) -> Result<NegotiationHistory, ResponseError> {
        const DOCUMENT: &str = "a negotiation history";
        let body = response.finished()?.body;
        let history = NegotiationHistory::read(DOCUMENT, body).and_then(|history| history.framed(DOCUMENT, body));
        response.unless_refused(body, history, |history| history.data.is_empty() && history.unreadable.is_empty())
    }
}

/// Most complaints a page, and most entries a page of a history.
pub(super) const MAX_LIST_PAGE: u32 = 50;
const MAX_HISTORY_PAGE: u32 = 300;

/// Entries a page of a history: the platform's default.
const DEFAULT_HISTORY_PAGE: u32 = 100;
