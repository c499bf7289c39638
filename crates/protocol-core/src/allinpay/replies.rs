//! Acting on WeChat complaints: reply, complete, decide on a refund.

use super::evidence::Evidence;
use super::handled::Handled;
use super::operation::{Operation, complaint_id, media_ids, optional, required};
use super::response::{Response, ResponseError};
use crate::codec::Parameters;
use crate::complaint::OperateType;
use crate::request::{BuildError, Idempotency, Stamp};
use crate::trust::Verified;

/// `complaintsResp`: a message to the payer. Every one that is sent is shown.
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

    /// Ids of uploaded pictures, at most 4.
    #[must_use]
    pub fn with_response_images(mut self, response_images: Vec<String>) -> Self {
        self.response_images = response_images;
        self
    }
}

/// `complaintsComplete`: closes a complaint. Sent twice, it may close one that the payer continued in between.
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

/// `wxcomplaintsrefundprogress`: the decision on a refund the payer asks for. It moves no money. Sent twice, it may decide on
/// another request of the payer's.
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
        /// In how many days the refund starts; 0 is today.
        launch_refund_day: u32,
    },
    /// `REJECT`.
    Reject(WxRefundRejection),
}

impl WxComplaintsRefundProgress {
    /// `APPROVE`: the refund starts in so many days; 0 is today.
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

/// Why a refund is not made.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WxRefundRejection {
    /// WeChat's complaint number.
    pub complaint_id: String,
    /// Why, 1 to 200 characters; the payer reads it.
    pub reject_reason: String,
    /// Ids of uploaded pictures, at most 4.
    pub reject_media_list: Vec<String>,
    /// A note for the merchant itself, at most 200 characters.
    pub remark: String,
}

impl WxRefundRejection {
    /// For this reason, 1 to 200 characters; the payer reads it.
    #[must_use]
    pub fn new(complaint_id: impl Into<String>, reject_reason: impl Into<String>) -> Self {
        Self {
            complaint_id: complaint_id.into(),
            reject_reason: reject_reason.into(),
            reject_media_list: Vec::new(),
            remark: String::new(),
        }
    }

    /// Ids of uploaded pictures, at most 4.
    #[must_use]
    pub fn with_reject_media_list(mut self, reject_media_list: Vec<String>) -> Self {
        self.reject_media_list = reject_media_list;
        self
    }

    /// A note for the merchant itself, at most 200 characters.
    #[must_use]
    pub fn with_remark(mut self, remark: impl Into<String>) -> Self {
        self.remark = remark.into();
        self
    }
}

/// Without what is said to the payer.
impl core::fmt::Debug for ComplaintsResp {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ComplaintsResp").field("complaint_id", &self.complaint_id).finish_non_exhaustive()
    }
}

/// Without the reason and the note.
impl core::fmt::Debug for WxRefundRejection {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("WxRefundRejection").field("complaint_id", &self.complaint_id).finish_non_exhaustive()
    }
}

impl Operation for ComplaintsResp {
    type Response = Handled;

    const NAME: &'static str = "complaintsResp";
    const IDEMPOTENCY: Idempotency = Idempotency::Unsafe;

    fn parameters(&self, parameters: &mut Parameters, _: Stamp<'_>) -> Result<(), BuildError> {
        complaint_id(parameters, &self.complaint_id)?;
        required(parameters, "response_content", &self.response_content, 500, "1 to 500 characters")?;
        media_ids(parameters, "response_images", &self.response_images)
    }

    fn decode(response: &Verified<Response<'_>>) -> Result<Handled, ResponseError> {
        response.done()
    }

    fn evidence(&self) -> Option<(Evidence, Handled)> {
        let evidence =
            Evidence::new(&self.complaint_id, OperateType::MerchantResponse).with_text(&self.response_content);
        Some((evidence, Handled::default()))
    }
}

impl Operation for ComplaintsComplete {
    type Response = Handled;

    const NAME: &'static str = "complaintsComplete";
    const IDEMPOTENCY: Idempotency = Idempotency::Unsafe;

    fn parameters(&self, parameters: &mut Parameters, _: Stamp<'_>) -> Result<(), BuildError> {
        complaint_id(parameters, &self.complaint_id)
    }

    fn decode(response: &Verified<Response<'_>>) -> Result<Handled, ResponseError> {
        response.done()
    }

    fn evidence(&self) -> Option<(Evidence, Handled)> {
        let evidence = Evidence::new(&self.complaint_id, OperateType::MerchantConfirmComplete);
        Some((evidence, Handled::default()))
    }
}

impl Operation for WxComplaintsRefundProgress {
    type Response = Handled;

    const NAME: &'static str = "wxcomplaintsrefundprogress";
    const IDEMPOTENCY: Idempotency = Idempotency::Unsafe;

    fn parameters(&self, parameters: &mut Parameters, _: Stamp<'_>) -> Result<(), BuildError> {
        match self {
            Self::Approve { complaint_id: id, launch_refund_day } => {
                complaint_id(parameters, id)?;
                parameters.set("action", "APPROVE");
                parameters.set("launch_refund_day", launch_refund_day.to_string());
                Ok(())
            }
            Self::Reject(WxRefundRejection { complaint_id: id, reject_reason, reject_media_list, remark }) => {
                complaint_id(parameters, id)?;
                parameters.set("action", "REJECT");
                required(parameters, "reject_reason", reject_reason, 200, "1 to 200 characters")?;
                media_ids(parameters, "reject_media_list", reject_media_list)?;
                optional(parameters, "remark", remark, 200, "at most 200 characters")
            }
        }
    }

    fn decode(response: &Verified<Response<'_>>) -> Result<Handled, ResponseError> {
        response.done()
    }

    fn evidence(&self) -> Option<(Evidence, Handled)> {
        let evidence = match self {
            Self::Approve { complaint_id, .. } => Evidence::new(complaint_id, OperateType::MerchantApproveRefund),
            Self::Reject(rejection) => Evidence::new(&rejection.complaint_id, OperateType::MerchantRefuseRefund),
        };
        Some((evidence, Handled::default()))
    }
}
