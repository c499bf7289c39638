//! Mini Program trade complaints through Allinpay.

use super::operation::{Operation, required, timestamp};
use super::response::{Response, ResponseError};
use crate::codec::Parameters;
use crate::complaint::OrderDetail;
use crate::request::{BuildError, Idempotency, Stamp};
use crate::trust::Verified;

/// `wxcomplaintorderdetail`: one Mini Program trade complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WxComplaintOrderDetail {
    /// The complaint's number, at most 32 characters.
    pub complaintorderid: String,
}

impl WxComplaintOrderDetail {
    /// Requests this complaint.
    #[must_use]
    pub fn new(complaintorderid: impl Into<String>) -> Self {
        Self { complaintorderid: complaintorderid.into() }
    }
}

impl Operation for WxComplaintOrderDetail {
    type Response = OrderDetail;

    const NAME: &'static str = "wxcomplaintorderdetail";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const VERSION: &'static str = "12";

    fn parameters(&self, parameters: &mut Parameters, stamp: Stamp<'_>) -> Result<(), BuildError> {
        timestamp(parameters, stamp)?;
        required(parameters, "complaintorderid", &self.complaintorderid, 32, "1 to 32 characters")
    }

    fn decode(response: &Verified<Response<'_>>) -> Result<OrderDetail, ResponseError> {
        // Every object decodes as a complaint order.
        response.unless_refused(response.document("a complaint order"), |_| true)
    }
}
