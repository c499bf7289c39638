//! A merchant's acts on a complaint: reply, complete.

use serde::Serialize;

use super::evidence::Evidence;
use super::merchant::Env;
use super::operation::{Operation, check_complaint_id, post};
use crate::complaint::OperateType;
use crate::mini_program::{Response, ResponseError};
use crate::operation::{Effect, Idempotency, OperationInfo, setters};
use crate::rate::RateGroup;
use crate::request::{BuildError, RequestParts, Stamp};
use crate::secret::Personal;

/// A reply: `POST /xpay/response_complaint`.
///
/// Not idempotent: each accepted reply is another message to the payer. After an unknown outcome,
/// read the history before sending the reply again.
///
/// ```
/// use protocol_core::virtual_payment::{Env, Operation, ResponseComplaint};
/// use protocol_core::{Stamp, UnixTime};
///
/// # fn main() -> Result<(), protocol_core::BuildError> {
/// let stamp = Stamp { now: UnixTime(1_741_936_166), nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };
/// let reply = ResponseComplaint::new("200000020250609150295416690", "已退款");
/// let parts = reply.request(Env::Production, &stamp)?;
/// assert_eq!(
///     std::str::from_utf8(parts.body.bytes()),
///     Ok(r#"{"env":0,"complaint_id":"200000020250609150295416690","response_content":"已退款","response_images":[]}"#)
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[doc(alias("回复用户投诉", "response_complaint", "reply"))]
pub struct ResponseComplaint {
    /// The complaint, 1 to 64 characters.
    pub complaint_id: String,
    /// The text, 1 to 500 characters: WeChat Pay's bound, since none is documented.
    pub response_content: Personal<String>,
    /// Ids of uploaded pictures, at most 4: see [`UploadVpFile`](super::UploadVpFile). Always
    /// written, since the documentation requires the member.
    pub response_images: Vec<String>,
}

impl ResponseComplaint {
    /// A reply of words alone.
    #[must_use]
    pub fn new(complaint_id: impl Into<String>, response_content: impl Into<Personal<String>>) -> Self {
        Self {
            complaint_id: complaint_id.into(),
            response_content: response_content.into(),
            response_images: Vec::new(),
        }
    }
}

setters! {
    impl ResponseComplaint;
    with_response_images(response_images: Vec<String>) { response_images }
}

impl OperationInfo for ResponseComplaint {
    type Response = Effect;

    const NAME: &'static str = "xpay_response_complaint";
    const IDEMPOTENCY: Idempotency = Idempotency::Unsafe;
    const RATE: RateGroup = RateGroup::Reply;
}

impl Operation for ResponseComplaint {
    fn request(&self, env: Env, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        check_complaint_id(&self.complaint_id)?;
        if !(1..=MAX_RESPONSE_CONTENT).contains(&self.response_content.expose().chars().count()) {
            return Err(BuildError::Field { field: "response_content", expected: "1 to 500 characters" });
        }
        let images = &self.response_images;
        if images.len() > MAX_PICTURES || images.iter().any(|id| !(1..=MAX_FILE_ID).contains(&id.chars().count())) {
            let expected = "at most 4 ids of uploaded pictures";
            return Err(BuildError::Field { field: "response_images", expected });
        }
        post("/xpay/response_complaint", env, self)
    }

    fn receive(&self, response: Response<'_>) -> Result<Effect, ResponseError> {
        response.done()
    }

    fn evidence(&self) -> Option<(Evidence, Effect)> {
        Some((Evidence::of_reply(&self.complaint_id, &self.response_content), Effect::Found))
    }
}

/// The completion: `POST /xpay/complete_complaint`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[doc(alias("完成投诉处理", "complete_complaint"))]
pub struct CompleteComplaint {
    /// The complaint, 1 to 64 characters.
    pub complaint_id: String,
}

impl CompleteComplaint {
    /// Completes this complaint.
    #[must_use]
    pub fn new(complaint_id: impl Into<String>) -> Self {
        Self { complaint_id: complaint_id.into() }
    }
}

impl OperationInfo for CompleteComplaint {
    type Response = Effect;

    const NAME: &'static str = "xpay_complete_complaint";
    const IDEMPOTENCY: Idempotency = Idempotency::Unsafe;
    const RATE: RateGroup = RateGroup::Complete;
}

impl Operation for CompleteComplaint {
    fn request(&self, env: Env, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        check_complaint_id(&self.complaint_id)?;
        post("/xpay/complete_complaint", env, self)
    }

    fn receive(&self, response: Response<'_>) -> Result<Effect, ResponseError> {
        response.done()
    }

    fn evidence(&self) -> Option<(Evidence, Effect)> {
        Some((Evidence::of_entry(&self.complaint_id, OperateType::MerchantConfirmComplete), Effect::Found))
    }
}

/// Longest text of a reply, in characters.
const MAX_RESPONSE_CONTENT: usize = 500;

/// Most pictures of one reply, and the longest id of one, in characters.
const MAX_PICTURES: usize = 4;
const MAX_FILE_ID: usize = 512;
