//! One complaint's detail from the Mini Program's server.

use super::operation::{Operation, Response, check_number};
use super::response_error::ResponseError;
use crate::codec::percent::encode_into;
use crate::complaint::OrderDetail;
use crate::operation::{Idempotency, OperationInfo};
use crate::request::{BuildError, Method, RequestParts, Stamp};
use crate::trust::Unverified;

/// Requests a complaint: `GET /wxaapi/minishop/complaintOrderDetail`.
///
/// The push is incomplete, and there is no list: only the detail shows a complaint's state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias("投诉单详情", "complaintOrderDetail"))]
pub struct GetOrderDetail {
    /// The complaint's number, 1 to 64 characters; not an order's number.
    pub complaint_order_id: String,
}

impl GetOrderDetail {
    /// Requests this complaint.
    #[must_use]
    pub fn new(complaint_order_id: impl Into<String>) -> Self {
        Self { complaint_order_id: complaint_order_id.into() }
    }
}

impl OperationInfo for GetOrderDetail {
    /// TLS and the host vouch for it, nothing else.
    type Response = Unverified<OrderDetail>;

    const NAME: &'static str = "get_order_detail";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
}

impl Operation for GetOrderDetail {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        check_number("complaintOrderId", &self.complaint_order_id)?;
        let mut target = "/wxaapi/minishop/complaintOrderDetail?complaintOrderId=".to_owned();
        encode_into(&mut target, &self.complaint_order_id);
        Ok(RequestParts::without_body(Method::Get, target))
    }

    fn receive(&self, response: Response<'_>) -> Result<Unverified<OrderDetail>, ResponseError> {
        response.document("a complaint order")
    }
}
