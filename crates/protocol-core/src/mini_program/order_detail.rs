//! One complaint's detail from the Mini Program's server.

use super::operation::{Operation, check_number};
use crate::codec::json::read_document;
use crate::codec::percent::encode_into;
use crate::complaint::OrderDetail;
use crate::error::DecodeError;
use crate::request::{BuildError, Idempotency, Method, RequestParts};

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

impl Operation for GetOrderDetail {
    type Response = OrderDetail;

    const NAME: &'static str = "get_order_detail";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;

    fn request(&self, _: &str) -> Result<RequestParts, BuildError> {
        check_number("complaintOrderId", &self.complaint_order_id)?;
        let mut target = "/wxaapi/minishop/complaintOrderDetail?complaintOrderId=".to_owned();
        encode_into(&mut target, &self.complaint_order_id);
        Ok(RequestParts::without_body(Method::Get, target))
    }

    fn decode(body: &[u8]) -> Result<OrderDetail, DecodeError> {
        read_document("a complaint order", body)
    }
}
