//! A merchant's acts on a complaint: reply, supply proof, submit a refund's proof, appeal.

use serde::Serialize;

use super::evidence::{Evidence, Kind};
use super::operation::{Number, Operation, Response, check_number};
use super::response_error::ResponseError;
use crate::operation::{Effect, Idempotency, OperationInfo, setters};
use crate::rate::RateGroup;
use crate::request::{BuildError, Method, RequestParts, Stamp};
use crate::secret::Personal;

/// A reply to the payer: `POST /wxaapi/minishop/bussiRespondComplaint`, while the complaint waits
/// for the merchant (status 201).
///
/// Not idempotent, like all acts of this module. After an unknown outcome, read the detail before
/// sending the reply again.
///
/// ```
/// use protocol_core::mini_program::{BussiHandle, Operation, RespondComplaint};
/// use protocol_core::{Stamp, UnixTime};
///
/// # fn main() -> Result<(), protocol_core::BuildError> {
/// let stamp = Stamp { now: UnixTime(1_741_936_166), nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };
/// let reply = RespondComplaint::new("8622001", BussiHandle::Agree).with_content("已退款");
/// let parts = reply.request(&stamp)?;
/// assert_eq!(
///     std::str::from_utf8(parts.body.bytes()),
///     Ok(r#"{"complaintOrderId":8622001,"bussiHandle":1,"content":"已退款"}"#)
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias("回复", "bussiRespondComplaint", "reply"))]
pub struct RespondComplaint {
    /// The complaint's number, 1 to 64 characters. Digits are sent as a number, as documented.
    pub complaint_order_id: String,
    /// Whether the merchant agrees to settle.
    pub bussi_handle: BussiHandle,
    /// The words. Words or pictures are required.
    pub content: Option<Personal<String>>,
    /// Ids of uploaded pictures: see [`UploadTempMedia`](super::UploadTempMedia).
    pub media_id_list: Vec<String>,
}

impl RespondComplaint {
    /// A reply, at first without words and pictures.
    #[must_use]
    pub fn new(complaint_order_id: impl Into<String>, bussi_handle: BussiHandle) -> Self {
        Self { complaint_order_id: complaint_order_id.into(), bussi_handle, content: None, media_id_list: Vec::new() }
    }
}

setters! {
    impl RespondComplaint;
    with_content(content: impl Into<Personal<String>>) { Some(content.into()) }
    with_media_id_list(media_id_list: Vec<String>) { media_id_list }
}

impl OperationInfo for RespondComplaint {
    type Response = Effect;

    const NAME: &'static str = "respond_complaint";
    const IDEMPOTENCY: Idempotency = Idempotency::Unsafe;
    const RATE: RateGroup = RateGroup::Reply;
}

impl Operation for RespondComplaint {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        let body = Body::new(&self.complaint_order_id, self.content.as_ref(), &self.media_id_list)?;
        Body { bussi_handle: Some(self.bussi_handle as u8), ..body }.request("/wxaapi/minishop/bussiRespondComplaint")
    }

    fn receive(&self, response: Response<'_>) -> Result<Effect, ResponseError> {
        response.done()
    }

    fn evidence(&self) -> Option<(Evidence, Effect)> {
        Some((Evidence::of(self, &self.complaint_order_id, Kind::Responded), Effect::Found))
    }
}

/// The merchant's decision on a complaint. Exhaustive: the caller makes the decision, and no
/// response holds one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BussiHandle {
    /// The merchant agrees to settle: `1`.
    Agree = 1,
    /// The merchant refuses: `2`.
    Refuse = 2,
}

/// Evidence: `POST /wxaapi/minishop/bussiSupplyProof`, while the platform asks for some (status 106
/// or 108).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias("举证", "bussiSupplyProof"))]
pub struct SupplyProof {
    /// The complaint's number, 1 to 64 characters.
    pub complaint_order_id: String,
    /// The words. Words or pictures are required.
    pub content: Option<Personal<String>>,
    /// Ids of uploaded pictures.
    pub media_id_list: Vec<String>,
}

impl SupplyProof {
    /// Evidence, at first without words and pictures.
    #[must_use]
    pub fn new(complaint_order_id: impl Into<String>) -> Self {
        Self { complaint_order_id: complaint_order_id.into(), content: None, media_id_list: Vec::new() }
    }
}

setters! {
    impl SupplyProof;
    with_content(content: impl Into<Personal<String>>) { Some(content.into()) }
    with_media_id_list(media_id_list: Vec<String>) { media_id_list }
}

impl OperationInfo for SupplyProof {
    type Response = Effect;

    const NAME: &'static str = "supply_proof";
    const IDEMPOTENCY: Idempotency = Idempotency::Unsafe;
}

impl Operation for SupplyProof {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        Body::new(&self.complaint_order_id, self.content.as_ref(), &self.media_id_list)?
            .request("/wxaapi/minishop/bussiSupplyProof")
    }

    fn receive(&self, response: Response<'_>) -> Result<Effect, ResponseError> {
        response.done()
    }

    fn evidence(&self) -> Option<(Evidence, Effect)> {
        Some((Evidence::of(self, &self.complaint_order_id, Kind::Evidence), Effect::Found))
    }
}

/// Proof of a refund or of another remedy: `POST /wxaapi/minishop/bussiSupplyRefund`, while the
/// platform asks for it (status 206, for instance).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias("退款凭证", "bussiSupplyRefund"))]
pub struct SubmitRefund {
    /// The complaint's number, 1 to 64 characters.
    pub complaint_order_id: String,
    /// The words. Words or pictures are required.
    pub content: Option<Personal<String>>,
    /// Ids of uploaded pictures.
    pub media_id_list: Vec<String>,
    /// During a return of goods: whether they arrived. The values are not documented.
    pub accept_return: Option<i64>,
    /// During a return of goods: the number of the return, as the detail has it.
    pub return_id: Option<String>,
}

impl SubmitRefund {
    /// Proof, at first without words and pictures.
    #[must_use]
    pub fn new(complaint_order_id: impl Into<String>) -> Self {
        Self {
            complaint_order_id: complaint_order_id.into(),
            content: None,
            media_id_list: Vec::new(),
            accept_return: None,
            return_id: None,
        }
    }
}

setters! {
    impl SubmitRefund;
    with_content(content: impl Into<Personal<String>>) { Some(content.into()) }
    with_media_id_list(media_id_list: Vec<String>) { media_id_list }
    with_accept_return(accept_return: i64) { Some(accept_return) }
    with_return_id(return_id: impl Into<String>) { Some(return_id.into()) }
}

impl OperationInfo for SubmitRefund {
    type Response = Effect;

    const NAME: &'static str = "submit_refund";
    const IDEMPOTENCY: Idempotency = Idempotency::Unsafe;
}

impl Operation for SubmitRefund {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        let body = Body::new(&self.complaint_order_id, self.content.as_ref(), &self.media_id_list)?;
        let return_id = self.return_id.as_deref();
        return_id.map_or(Ok(()), |id| check_number("returnId", id))?;
        Body { accept_return: self.accept_return, return_id: return_id.map(Number), ..body }
            .request("/wxaapi/minishop/bussiSupplyRefund")
    }

    fn receive(&self, response: Response<'_>) -> Result<Effect, ResponseError> {
        response.done()
    }

    fn evidence(&self) -> Option<(Evidence, Effect)> {
        Some((Evidence::of(self, &self.complaint_order_id, Kind::SubmittedProof), Effect::Found))
    }
}

/// An appeal: `POST /wxaapi/minishop/busiAppeal`, while `appeal_state` is 401.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias("申诉", "busiAppeal"))]
pub struct Appeal {
    /// The complaint's number, 1 to 64 characters.
    pub complaint_order_id: String,
    /// The words. Words or pictures are required.
    pub content: Option<Personal<String>>,
    /// Ids of uploaded pictures.
    pub media_id_list: Vec<String>,
}

impl Appeal {
    /// An appeal, at first without words and pictures.
    #[must_use]
    pub fn new(complaint_order_id: impl Into<String>) -> Self {
        Self { complaint_order_id: complaint_order_id.into(), content: None, media_id_list: Vec::new() }
    }
}

setters! {
    impl Appeal;
    with_content(content: impl Into<Personal<String>>) { Some(content.into()) }
    with_media_id_list(media_id_list: Vec<String>) { media_id_list }
}

impl OperationInfo for Appeal {
    type Response = Effect;

    const NAME: &'static str = "appeal";
    const IDEMPOTENCY: Idempotency = Idempotency::Unsafe;
}

impl Operation for Appeal {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        // One `s`, unlike the others.
        Body::new(&self.complaint_order_id, self.content.as_ref(), &self.media_id_list)?
            .request("/wxaapi/minishop/busiAppeal")
    }

    fn receive(&self, response: Response<'_>) -> Result<Effect, ResponseError> {
        response.done()
    }

    fn evidence(&self) -> Option<(Evidence, Effect)> {
        Some((Evidence::of(self, &self.complaint_order_id, Kind::Appeal), Effect::Found))
    }
}

/// The body of all four acts. Absent members are not written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    complaint_order_id: Number<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bussi_handle: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    media_id_list: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    accept_return: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    return_id: Option<Number<'a>>,
}

impl<'a> Body<'a> {
    fn new(
        complaint_order_id: &'a str,
        content: Option<&'a Personal<String>>,
        media_id_list: &'a [String],
    ) -> Result<Self, BuildError> {
        check_number("complaintOrderId", complaint_order_id)?;
        let content = content.map(|content| content.expose().as_str()).filter(|content| !content.is_empty());
        if media_id_list.iter().any(String::is_empty) {
            return Err(BuildError::Field { field: "mediaIdList", expected: "ids of uploaded pictures, none empty" });
        }
        if content.is_none() && media_id_list.is_empty() {
            return Err(BuildError::Field { field: "content", expected: "there, or else pictures in mediaIdList" });
        }
        Ok(Self {
            complaint_order_id: Number(complaint_order_id),
            bussi_handle: None,
            content,
            media_id_list,
            accept_return: None,
            return_id: None,
        })
    }

    fn request(&self, target: &'static str) -> Result<RequestParts, BuildError> {
        let misfit = |_| BuildError::Field { field: "the body", expected: "something that can be written as JSON" };
        Ok(RequestParts::json(Method::Post, target, serde_json::to_vec(self).map_err(misfit)?))
    }
}
