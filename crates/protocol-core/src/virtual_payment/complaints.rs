//! Operations that read complaints: the list, one complaint, its negotiation history.

use serde::Serialize;

use super::merchant::Env;
use super::operation::{Operation, check_complaint_id, post};
use super::pages::{read_history, read_list};
use crate::codec::json::wire_object;
use crate::complaint::{Complaint, ComplaintPage, NegotiationHistory};
use crate::mini_program::{Response, ResponseError};
use crate::operation::{Idempotency, OperationInfo, setters};
use crate::rate::RateGroup;
use crate::request::{BuildError, RequestParts, Stamp};
use crate::time::{DAY, check_span};
use crate::trust::Unverified;

/// The list: `POST /xpay/get_complaint_list`.
///
/// Read pages until `total_count` complaints were met. New complaints shift the offsets, so tell
/// complaints apart by `complaint_id`. The documentation states no bounds; these are WeChat Pay's,
/// whose complaints they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[doc(alias("获取投诉列表", "get_complaint_list"))]
pub struct GetComplaintList {
    /// The first day of filing, `YYYY-MM-DD`, taken as a day in China.
    pub begin_date: String,
    /// The last day; at most 30 days after the first.
    pub end_date: String,
    /// The first complaint's offset, from 0.
    pub offset: u32,
    /// Complaints per page, 1 to 50.
    pub limit: u32,
}

impl GetComplaintList {
    /// The complaints of these days, from the first, 50 a page.
    #[must_use]
    pub fn new(begin_date: impl Into<String>, end_date: impl Into<String>) -> Self {
        Self { begin_date: begin_date.into(), end_date: end_date.into(), offset: 0, limit: MAX_LIST_PAGE }
    }
}

setters! {
    impl GetComplaintList;
    with_offset(offset: u32) { offset }
    with_limit(limit: u32) { limit }
}

impl OperationInfo for GetComplaintList {
    /// TLS and the host vouch for it, nothing else.
    type Response = Unverified<ComplaintPage>;

    const NAME: &'static str = "xpay_get_complaint_list";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const RATE: RateGroup = RateGroup::List;
}

impl Operation for GetComplaintList {
    fn request(&self, env: Env, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        check_limit(self.limit, MAX_LIST_PAGE, "1 to 50")?;
        let expected = "two days, YYYY-MM-DD, the second not before the first and at most 30 days after it";
        check_span((&self.begin_date, &self.end_date), DAY, std::convert::identity, expected)?;
        post("/xpay/get_complaint_list", env, self)
    }

    fn receive(&self, response: Response<'_>) -> Result<Unverified<ComplaintPage>, ResponseError> {
        response.done()?;
        Ok(Unverified::new(read_list(response.body)?))
    }
}

/// One complaint: `POST /xpay/get_complaint_detail`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[doc(alias("获取投诉详情", "get_complaint_detail"))]
pub struct GetComplaintDetail {
    /// The complaint, 1 to 64 characters.
    pub complaint_id: String,
}

impl GetComplaintDetail {
    /// This complaint.
    #[must_use]
    pub fn new(complaint_id: impl Into<String>) -> Self {
        Self { complaint_id: complaint_id.into() }
    }
}

impl OperationInfo for GetComplaintDetail {
    /// TLS and the host vouch for it, nothing else.
    type Response = Unverified<Complaint>;

    const NAME: &'static str = "xpay_get_complaint_detail";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
}

impl Operation for GetComplaintDetail {
    fn request(&self, env: Env, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        check_complaint_id(&self.complaint_id)?;
        post("/xpay/get_complaint_detail", env, self)
    }

    fn receive(&self, response: Response<'_>) -> Result<Unverified<Complaint>, ResponseError> {
        wire_object! {
            /// The response on the wire.
            struct Detail {
                /// The complaint.
                complaint: Complaint as decisive,
            }
        }

        Ok(response.document::<Detail>("a complaint")?.map(|detail| detail.complaint))
    }
}

/// The history of a complaint: `POST /xpay/get_negotiation_history`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[doc(alias("获取协商历史", "get_negotiation_history"))]
pub struct GetNegotiationHistory {
    /// The complaint, 1 to 64 characters.
    pub complaint_id: String,
    /// The first entry's offset, from 0.
    pub offset: u32,
    /// Entries a page, 1 to 300: WeChat Pay's bound, since none is documented.
    pub limit: u32,
}

impl GetNegotiationHistory {
    /// This complaint's history, from the first entry, 100 a page.
    #[must_use]
    pub fn new(complaint_id: impl Into<String>) -> Self {
        Self { complaint_id: complaint_id.into(), offset: 0, limit: DEFAULT_HISTORY_PAGE }
    }
}

setters! {
    impl GetNegotiationHistory;
    with_offset(offset: u32) { offset }
    with_limit(limit: u32) { limit }
}

impl OperationInfo for GetNegotiationHistory {
    /// TLS and the host vouch for it, nothing else.
    type Response = Unverified<NegotiationHistory>;

    const NAME: &'static str = "xpay_get_negotiation_history";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const RATE: RateGroup = RateGroup::History;
}

impl Operation for GetNegotiationHistory {
    fn request(&self, env: Env, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        check_complaint_id(&self.complaint_id)?;
        check_limit(self.limit, MAX_HISTORY_PAGE, "1 to 300")?;
        post("/xpay/get_negotiation_history", env, self)
    }

    fn receive(&self, response: Response<'_>) -> Result<Unverified<NegotiationHistory>, ResponseError> {
        response.done()?;
        Ok(Unverified::new(read_history(response.body)?))
    }
}

/// Most complaints a page, and most entries a page of a history.
pub(super) const MAX_LIST_PAGE: u32 = 50;
const MAX_HISTORY_PAGE: u32 = 300;

/// Entries a page of a history, as WeChat Pay gives by default.
const DEFAULT_HISTORY_PAGE: u32 = 100;

fn check_limit(limit: u32, most: u32, expected: &'static str) -> Result<(), BuildError> {
    if (1..=most).contains(&limit) { Ok(()) } else { Err(BuildError::Field { field: "limit", expected }) }
}
