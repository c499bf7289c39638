//! Acting on WeChat complaints: reply, complete, decide on a refund.

use super::evidence::Evidence;
use super::form::Form;
use super::operation::{Operation, Response};
use super::response_error::ResponseError;
use crate::complaint::OperateType;
use crate::operation::{Effect, Idempotency, OperationInfo, setters};
use crate::rate::RateGroup;
use crate::request::{BuildError, Stamp};

/// `complaintsResp`: a message to the payer. The payer sees each one that is sent.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias("回复", "reply"))]
pub struct ComplaintsResp {
    /// WeChat's complaint number.
    pub complaint_id: String,
    /// The text, at most 500 characters (200 in older documentation).
    pub response_content: String,
    /// Ids of uploaded pictures, at most 4.
    pub response_images: Vec<String>,
}

impl ComplaintsResp {
    /// A message of words alone.
    #[must_use]
    pub fn new(complaint_id: impl Into<String>, response_content: impl Into<String>) -> Self {
        Self {
            complaint_id: complaint_id.into(),
            response_content: response_content.into(),
            response_images: Vec::new(),
        }
    }
}

setters! {
    impl ComplaintsResp;
    with_response_images(response_images: Vec<String>) { response_images }
}

/// Leaves out the words to the payer.
impl std::fmt::Debug for ComplaintsResp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ComplaintsResp").field("complaint_id", &self.complaint_id).finish_non_exhaustive()
    }
}

impl OperationInfo for ComplaintsResp {
    type Response = Effect;

    const NAME: &'static str = "complaintsResp";
    const IDEMPOTENCY: Idempotency = Idempotency::Unsafe;
    const RATE: RateGroup = RateGroup::Reply;
}

impl Operation for ComplaintsResp {
    fn request(&self, _: &Stamp<'_>) -> Result<Form<'_>, BuildError> {
        let mut form = Form::default();
        form.complaint_id(&self.complaint_id)?;
        form.required("response_content", &self.response_content, 500, "1 to 500 characters")?;
        form.media_ids("response_images", &self.response_images)?;
        Ok(form)
    }

    fn receive(&self, response: Response<'_>) -> Result<Effect, ResponseError> {
        response.done()
    }

    fn evidence(&self) -> Option<(Evidence, Effect)> {
        let evidence =
            Evidence::new(&self.complaint_id, OperateType::MerchantResponse).with_text(&self.response_content);
        Some((evidence, Effect::Found))
    }
}

/// `complaintsComplete`: closes a complaint. A second one may close a complaint that the payer
/// continued in between.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias("反馈处理完成", "完结"))]
pub struct ComplaintsComplete {
    /// WeChat's complaint number.
    pub complaint_id: String,
}

impl ComplaintsComplete {
    /// Completes this complaint.
    #[must_use]
    pub fn new(complaint_id: impl Into<String>) -> Self {
        Self { complaint_id: complaint_id.into() }
    }
}

impl OperationInfo for ComplaintsComplete {
    type Response = Effect;

    const NAME: &'static str = "complaintsComplete";
    const IDEMPOTENCY: Idempotency = Idempotency::Unsafe;
    const RATE: RateGroup = RateGroup::Complete;
}

impl Operation for ComplaintsComplete {
    fn request(&self, _: &Stamp<'_>) -> Result<Form<'_>, BuildError> {
        let mut form = Form::default();
        form.complaint_id(&self.complaint_id)?;
        Ok(form)
    }

    fn receive(&self, response: Response<'_>) -> Result<Effect, ResponseError> {
        response.done()
    }

    fn evidence(&self) -> Option<(Evidence, Effect)> {
        Some((Evidence::new(&self.complaint_id, OperateType::MerchantConfirmComplete), Effect::Found))
    }
}

/// `wxcomplaintsrefundprogress`: the decision on a refund the payer asks for. It moves no money. A
/// second one may decide on another request of the payer's.
///
/// ```
/// use protocol_core::allinpay::{WxComplaintsRefundProgress, WxRefundRejection};
///
/// let yes = WxComplaintsRefundProgress::approve("200201820200101080076610000", 3);
/// let no = WxRefundRejection::new("200201820200101080076610000", "已发货").with_remark("SF1234");
/// assert_ne!(yes, WxComplaintsRefundProgress::from(no));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias("退款审批", "refund"))]
pub enum WxComplaintsRefundProgress {
    /// `APPROVE`.
    #[non_exhaustive]
    Approve {
        /// WeChat's complaint number.
        complaint_id: String,
        /// The number of days until the refund starts; 0 is today.
        launch_refund_day: u32,
    },
    /// `REJECT`.
    Reject(WxRefundRejection),
}

impl WxComplaintsRefundProgress {
    /// `APPROVE`: the refund starts in this number of days; 0 is today.
    #[must_use]
    pub fn approve(complaint_id: impl Into<String>, launch_refund_day: u32) -> Self {
        Self::Approve { complaint_id: complaint_id.into(), launch_refund_day }
    }
}

impl From<WxRefundRejection> for WxComplaintsRefundProgress {
    fn from(rejection: WxRefundRejection) -> Self {
        Self::Reject(rejection)
    }
}

impl OperationInfo for WxComplaintsRefundProgress {
    type Response = Effect;

    const NAME: &'static str = "wxcomplaintsrefundprogress";
    const IDEMPOTENCY: Idempotency = Idempotency::Unsafe;
}

impl Operation for WxComplaintsRefundProgress {
    fn request(&self, _: &Stamp<'_>) -> Result<Form<'_>, BuildError> {
        let mut form = Form::default();
        match self {
            Self::Approve { complaint_id: id, launch_refund_day } => {
                form.complaint_id(id)?;
                form.set("action", "APPROVE");
                form.set("launch_refund_day", launch_refund_day.to_string());
            }
            Self::Reject(WxRefundRejection { complaint_id: id, reject_reason, reject_media_list, remark }) => {
                form.complaint_id(id)?;
                form.set("action", "REJECT");
                form.required("reject_reason", reject_reason, 200, "1 to 200 characters")?;
                form.media_ids("reject_media_list", reject_media_list)?;
                form.optional("remark", remark, 200, "at most 200 characters")?;
            }
        }
        Ok(form)
    }

    fn receive(&self, response: Response<'_>) -> Result<Effect, ResponseError> {
        response.done()
    }

    fn evidence(&self) -> Option<(Evidence, Effect)> {
        let evidence = match self {
            Self::Approve { complaint_id, .. } => Evidence::new(complaint_id, OperateType::MerchantApproveRefund),
            Self::Reject(rejection) => Evidence::new(&rejection.complaint_id, OperateType::MerchantRefuseRefund),
        };
        Some((evidence, Effect::Found))
    }
}

/// A refund that is not made, and the reason.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WxRefundRejection {
    /// WeChat's complaint number.
    pub complaint_id: String,
    /// The reason, 1 to 200 characters; the payer reads it.
    pub reject_reason: String,
    /// Ids of uploaded pictures, at most 4.
    pub reject_media_list: Vec<String>,
    /// A note for the merchant itself, at most 200 characters.
    pub remark: String,
}

impl WxRefundRejection {
    /// A rejection for this reason, 1 to 200 characters; the payer reads it.
    #[must_use]
    pub fn new(complaint_id: impl Into<String>, reject_reason: impl Into<String>) -> Self {
        Self {
            complaint_id: complaint_id.into(),
            reject_reason: reject_reason.into(),
            reject_media_list: Vec::new(),
            remark: String::new(),
        }
    }
}

setters! {
    impl WxRefundRejection;
    with_reject_media_list(reject_media_list: Vec<String>) { reject_media_list }
    with_remark(remark: impl Into<String>) { remark.into() }
}

/// Leaves out the reason and the note.
impl std::fmt::Debug for WxRefundRejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WxRefundRejection").field("complaint_id", &self.complaint_id).finish_non_exhaustive()
    }
}
