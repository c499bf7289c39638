//! Mini Program trade complaints through Allinpay.

use super::form::Form;
use super::operation::{Operation, Response};
use super::response_error::ResponseError;
use crate::complaint::OrderDetail;
use crate::operation::{Idempotency, OperationInfo};
use crate::request::{BuildError, Stamp};

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

impl OperationInfo for WxComplaintOrderDetail {
    type Response = OrderDetail;

    const NAME: &'static str = "wxcomplaintorderdetail";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
}

impl Operation for WxComplaintOrderDetail {
    fn request(&self, stamp: &Stamp<'_>) -> Result<Form<'_>, BuildError> {
        let mut form = Form::of_version("12");
        form.timestamp(stamp)?;
        form.required("complaintorderid", &self.complaintorderid, 32, "1 to 32 characters")?;
        Ok(form)
    }

    fn receive(&self, response: Response<'_>) -> Result<OrderDetail, ResponseError> {
        let response = response.open()?;
        // Every object decodes as a complaint order.
        response.unless_refused(response.document("a complaint order"), |_| true)
    }
}
