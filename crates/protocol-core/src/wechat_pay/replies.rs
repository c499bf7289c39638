//! A merchant's acts on a complaint: reply, complete, decide on a refund, reply immediately.
//!
//! The complaint's id stands in the path; the platform refuses it in the body.

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use super::operation::{Operation, Response, complaint_target, json, mchid, media_ids, optional_text, text};
use super::response::ResponseError;
use crate::codec::json::wire_object;
use crate::complaint::{Action, MiniProgramJumpInfo, NormalMessage, OperateType};
use crate::open_enum::open_enum;
use crate::operation::{Effect, Idempotency, OperationInfo, setters};
use crate::rate::RateGroup;
use crate::request::{BuildError, Method, RequestParts, Stamp};
use crate::secret::Personal;

/// A reply: `POST …/complaints-v2/{complaint_id}/response`. The response is 204.
///
/// Not idempotent: each accepted reply is another message to the payer. After an unknown outcome,
/// read the history before sending the reply again.
///
/// ```
/// use protocol_core::wechat_pay::{Operation, Respond};
/// use protocol_core::{Stamp, UnixTime};
///
/// # fn main() -> Result<(), protocol_core::BuildError> {
/// let stamp = Stamp { now: UnixTime(1_741_936_166), nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };
/// let reply = Respond::new("200201820200101080076610000", "1900012181", "已退款")
///     .with_response_images(vec!["file23578_21798531.jpg".to_owned()]);
/// let parts = reply.request(&stamp)?;
/// assert_eq!(
///     std::str::from_utf8(parts.body.bytes()),
///     Ok(r#"{"complainted_mchid":"1900012181","response_content":"已退款","response_images":["file23578_21798531.jpg"]}"#)
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[doc(alias("回复用户", "reply"))]
pub struct Respond {
    /// The complaint, 1 to 64 characters.
    #[serde(skip)]
    pub complaint_id: String,
    /// The accused merchant, as the complaint names it.
    pub complainted_mchid: String,
    /// The text, at most 500 characters (200 in older documentation), none outside the basic
    /// multilingual plane.
    pub response_content: Personal<String>,
    /// Ids of uploaded pictures, at most 4.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response_images: Vec<String>,
    /// A link, `https`, at most 512 characters. The account must be allowed links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jump_url: Option<String>,
    /// The link's caption, at most 10 characters; required with a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jump_url_text: Option<String>,
    /// A place in a Mini Program; all of its members are required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mini_program_jump_info: Option<MiniProgramJumpInfo>,
}

impl Respond {
    /// A reply of words alone.
    #[must_use]
    pub fn new(
        complaint_id: impl Into<String>,
        complainted_mchid: impl Into<String>,
        response_content: impl Into<Personal<String>>,
    ) -> Self {
        Self {
            complaint_id: complaint_id.into(),
            complainted_mchid: complainted_mchid.into(),
            response_content: response_content.into(),
            response_images: Vec::new(),
            jump_url: None,
            jump_url_text: None,
            mini_program_jump_info: None,
        }
    }

    /// Sets a link, `https`, at most 512 characters, and its caption, at most 10. The account must
    /// be allowed links.
    #[must_use]
    pub fn with_jump_url(mut self, jump_url: impl Into<String>, jump_url_text: impl Into<String>) -> Self {
        self.jump_url = Some(jump_url.into());
        self.jump_url_text = Some(jump_url_text.into());
        self
    }
}

setters! {
    impl Respond;
    with_response_images(response_images: Vec<String>) { response_images }
    with_mini_program_jump_info(mini_program_jump_info: MiniProgramJumpInfo) { Some(mini_program_jump_info) }
}

impl OperationInfo for Respond {
    type Response = Effect;

    const NAME: &'static str = "respond";
    const IDEMPOTENCY: Idempotency = Idempotency::Unsafe;
    const RATE: RateGroup = RateGroup::Reply;
}

impl Operation for Respond {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        mchid(&self.complainted_mchid)?;
        text("response_content", self.response_content.expose(), 1..=MAX_RESPONSE_CONTENT, "1 to 500 characters")?;
        media_ids("response_images", &self.response_images)?;
        if let Some(url) = &self.jump_url {
            text("jump_url", url, 1..=MAX_JUMP_URL, "at most 512 characters")?;
            if !url.starts_with("https://") {
                return Err(BuildError::Field { field: "jump_url", expected: "one that begins with https://" });
            }
        }
        optional_text("jump_url_text", self.jump_url_text.as_deref(), MAX_JUMP_URL_TEXT, "1 to 10 characters")?;
        if self.jump_url.is_some() != self.jump_url_text.is_some() {
            return Err(BuildError::Field { field: "jump_url_text", expected: "there exactly when jump_url is" });
        }
        if let Some(info) = &self.mini_program_jump_info
            && [&info.appid, &info.path, &info.text]
                .into_iter()
                .any(|member| member.as_ref().is_none_or(String::is_empty))
        {
            let expected = "one with appid, path and text";
            return Err(BuildError::Field { field: "mini_program_jump_info", expected });
        }
        json(Method::Post, complaint_target(&self.complaint_id, "/response")?, self)
    }

    fn receive(&self, response: Response<'_>) -> Result<Effect, ResponseError> {
        response.done()
    }

    fn evidence(&self) -> Option<(Evidence, Effect)> {
        Some((Evidence::of_reply(&self.complaint_id, &self.response_content), Effect::Found))
    }
}

/// Completes a complaint: `POST …/complaints-v2/{complaint_id}/complete`. The response is 204.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[doc(alias("反馈处理完成", "完结"))]
pub struct Complete {
    /// The complaint, 1 to 64 characters.
    #[serde(skip)]
    pub complaint_id: String,
    /// The accused merchant, as the complaint names it.
    pub complainted_mchid: String,
}

impl Complete {
    /// Completes this complaint.
    #[must_use]
    pub fn new(complaint_id: impl Into<String>, complainted_mchid: impl Into<String>) -> Self {
        Self { complaint_id: complaint_id.into(), complainted_mchid: complainted_mchid.into() }
    }
}

impl OperationInfo for Complete {
    type Response = Effect;

    const NAME: &'static str = "complete";
    /// A second one closes a complaint that the payer continued in between.
    const IDEMPOTENCY: Idempotency = Idempotency::Unsafe;
    const RATE: RateGroup = RateGroup::Complete;
}

impl Operation for Complete {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        mchid(&self.complainted_mchid)?;
        json(Method::Post, complaint_target(&self.complaint_id, "/complete")?, self)
    }

    fn receive(&self, response: Response<'_>) -> Result<Effect, ResponseError> {
        response.done()
    }

    fn evidence(&self) -> Option<(Evidence, Effect)> {
        Some((Evidence::of_entry(&self.complaint_id, OperateType::MerchantConfirmComplete), Effect::Found))
    }
}

/// Decides on a refund that the payer asked for:
/// `POST …/complaints-v2/{complaint_id}/update-refund-progress`. The response is 204.
///
/// Approval moves no money: another interface makes the refund.
///
/// ```
/// use protocol_core::wechat_pay::{RefundAction, UpdateRefundProgress};
///
/// let yes = UpdateRefundProgress::approve("200201820200101080076610000", 3);
/// assert_eq!((yes.action, yes.launch_refund_day), (RefundAction::Approve, Some(3)));
/// let no = UpdateRefundProgress::reject("200201820200101080076610000", "已发货").with_remark("SF1234");
/// assert_eq!(no.action, RefundAction::Reject);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[doc(alias("更新退款审批结果", "refund"))]
pub struct UpdateRefundProgress {
    /// The complaint, 1 to 64 characters.
    #[serde(skip)]
    pub complaint_id: String,
    /// Approval or rejection.
    pub action: RefundAction,
    /// With an approval: the number of working days until the refund starts; 0 is today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_refund_day: Option<u32>,
    /// With a rejection: the reason, at most 200 characters; the payer reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reject_reason: Option<Personal<String>>,
    /// With a rejection: ids of uploaded pictures, at most 4.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reject_media_list: Vec<String>,
    /// A note for the merchant itself, at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Personal<String>>,
}

impl UpdateRefundProgress {
    /// An approval: the refund starts in this number of working days; 0 is today.
    #[must_use]
    pub fn approve(complaint_id: impl Into<String>, launch_refund_day: u32) -> Self {
        let launch_refund_day = Some(launch_refund_day);
        Self { launch_refund_day, ..Self::decided(complaint_id.into(), RefundAction::Approve) }
    }

    /// A rejection for this reason, at most 200 characters; the payer reads it.
    #[must_use]
    pub fn reject(complaint_id: impl Into<String>, reject_reason: impl Into<Personal<String>>) -> Self {
        let reject_reason = Some(reject_reason.into());
        Self { reject_reason, ..Self::decided(complaint_id.into(), RefundAction::Reject) }
    }

    const fn decided(complaint_id: String, action: RefundAction) -> Self {
        Self {
            complaint_id,
            action,
            launch_refund_day: None,
            reject_reason: None,
            reject_media_list: Vec::new(),
            remark: None,
        }
    }
}

setters! {
    impl UpdateRefundProgress;
    with_reject_media_list(reject_media_list: Vec<String>) { reject_media_list }
    with_remark(remark: impl Into<Personal<String>>) { Some(remark.into()) }
}

impl OperationInfo for UpdateRefundProgress {
    type Response = Effect;

    const NAME: &'static str = "update_refund_progress";
    /// A second one is refused, and the refusal says nothing about the first.
    const IDEMPOTENCY: Idempotency = Idempotency::Unsafe;
}

impl Operation for UpdateRefundProgress {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        if !self.action.is_known() {
            return Err(BuildError::Field { field: "action", expected: "APPROVE or REJECT" });
        }
        optional_text(
            "reject_reason",
            personal(self.reject_reason.as_ref()),
            MAX_REJECT_REASON,
            "1 to 200 characters",
        )?;
        media_ids("reject_media_list", &self.reject_media_list)?;
        optional_text("remark", personal(self.remark.as_ref()), MAX_REMARK, "1 to 200 characters")?;
        json(Method::Post, complaint_target(&self.complaint_id, "/update-refund-progress")?, self)
    }

    fn receive(&self, response: Response<'_>) -> Result<Effect, ResponseError> {
        response.done()
    }

    fn evidence(&self) -> Option<(Evidence, Effect)> {
        let operate_type = match self.action {
            RefundAction::Approve => OperateType::MerchantApproveRefund,
            _ => OperateType::MerchantRefuseRefund,
        };
        Some((Evidence::of_entry(&self.complaint_id, operate_type), Effect::Found))
    }
}

open_enum! {
    /// The decision on a refund. The history calls a rejection `MERCHANT_REFUSE_RERUND`;
    /// notifications call it `MERCHANT_REJECT_REFUND`.
    pub enum RefundAction {
                /// The refund is approved.
        Approve = "APPROVE",
                /// The refund is rejected.
        Reject = "REJECT",
    }
}

/// Replies to a payer who waits: `POST …/complaints-v2/{complaint_id}/response-immediate-service`.
///
/// The platform accepts it only while `need_immediate_service` is true. Idempotent by
/// `idempotent_id`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[doc(alias("回复需要即时服务的用户", "response-immediate-service"))]
pub struct RespondImmediateService {
    /// The complaint, 1 to 64 characters.
    #[serde(skip)]
    pub complaint_id: String,
    /// The accused merchant, as the complaint names it.
    pub complainted_mchid: String,
    /// The message.
    pub message: NormalMessage,
    /// The caller's id of this message, at most 128 characters. The platform processes each id
    /// once.
    pub idempotent_id: String,
}

impl RespondImmediateService {
    /// A reply with this message.
    #[must_use]
    pub fn new(
        complaint_id: impl Into<String>,
        complainted_mchid: impl Into<String>,
        message: NormalMessage,
        idempotent_id: impl Into<String>,
    ) -> Self {
        Self {
            complaint_id: complaint_id.into(),
            complainted_mchid: complainted_mchid.into(),
            message,
            idempotent_id: idempotent_id.into(),
        }
    }
}

impl OperationInfo for RespondImmediateService {
    type Response = ImmediateResponseResult;

    const NAME: &'static str = "respond_immediate_service";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
}

impl Operation for RespondImmediateService {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        mchid(&self.complainted_mchid)?;
        text("idempotent_id", &self.idempotent_id, 1..=MAX_IDEMPOTENT_ID, "1 to 128 characters")?;
        check_message(&self.message)?;
        json(Method::Post, complaint_target(&self.complaint_id, "/response-immediate-service")?, self)
    }

    fn receive(&self, response: Response<'_>) -> Result<ImmediateResponseResult, ResponseError> {
        response.document("the response to an immediate reply")
    }
}

wire_object! {
    /// The response to a [`RespondImmediateService`].
    pub struct ImmediateResponseResult {
        /// The message's entry in the history.
        log_id: String,
    }
}

/// The response confirms the reply.
impl From<ImmediateResponseResult> for Effect {
    fn from(_: ImmediateResponseResult) -> Self {
        Self::Confirmed
    }
}

/// Longest text of a reply, in characters.
const MAX_RESPONSE_CONTENT: usize = 500;

/// Longest link, and the longest caption of one, in characters.
const MAX_JUMP_URL: usize = 512;
const MAX_JUMP_URL_TEXT: usize = 10;

/// Longest reason of a refusal, and longest note, in characters.
const MAX_REJECT_REASON: usize = 200;
const MAX_REMARK: usize = 200;

/// Longest id that a caller gives an immediate reply, in characters.
const MAX_IDEMPOTENT_ID: usize = 128;

/// Longest `custom_data` of a message and `action_id` of an action, in characters.
const MAX_CUSTOM_DATA: usize = 4096;
const MAX_ACTION_ID: usize = 4096;

fn personal(value: Option<&Personal<String>>) -> Option<&str> {
    value.map(|value| value.expose().as_str())
}

/// Checks the documented bounds of a message. Of its blocks' members, only the bounds of
/// `custom_data` and of actions are published.
fn check_message(message: &NormalMessage) -> Result<(), BuildError> {
    const DATA: &str = "at most 4096 characters";

    optional_text("custom_data", personal(message.custom_data.as_ref()), MAX_CUSTOM_DATA, DATA)?;
    for block in &message.blocks {
        let link = block.link.iter().map(|link| &link.action);
        let faqs = block.faq_list.iter().flat_map(|list| &list.faqs).map(|faq| &faq.action);
        let group = block.button_group.iter().flat_map(|group| &group.buttons);
        let buttons = block.button.iter().chain(group).map(|button| &button.action);
        link.chain(faqs).chain(buttons).flatten().try_for_each(check_action)?;
    }
    Ok(())
}

fn check_action(action: &Action) -> Result<(), BuildError> {
    optional_text("action_id", action.action_id.as_deref(), MAX_ACTION_ID, "1 to 4096 characters")?;
    if action.mini_program_jump_info.as_ref().is_some_and(|info| info.appid.is_none()) {
        return Err(BuildError::Field { field: "mini_program_jump_info", expected: "one with appid" });
    }
    match &action.message_info {
        Some(info) if info.content.is_none() => {
            Err(BuildError::Field { field: "message_info", expected: "one with content" })
        }
        _ => Ok(()),
    }
}
