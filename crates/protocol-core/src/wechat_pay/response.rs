//! What a merchant does about a complaint: reply, complete, decide on a refund, answer at once.

use serde::{Deserialize, Serialize};

use crate::codec::json::wire_object;
use crate::complaint::{MiniProgramJumpInfo, NormalMessage};
use crate::open_enum::open_enum;
use crate::secret::Personal;

/// A reply: `POST …/complaints-v2/{complaint_id}/response`, answered with 204.
///
/// Not idempotent: every accepted one is another message to the payer. The complaint's id does not belong into the body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The accused merchant, as the complaint names it.
    pub complainted_mchid: String,
    /// The text, at most 500 characters (200 in older documentation), none outside the basic multilingual plane.
    pub response_content: Personal<String>,
    /// Ids of uploaded pictures, at most 4.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response_images: Vec<String>,
    /// A link, `https`, at most 512 characters; for accounts that are allowed links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jump_url: Option<String>,
    /// The link's caption, at most 10 characters; needed with a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jump_url_text: Option<String>,
    /// A place in a Mini Program; all of its members are needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mini_program_jump_info: Option<MiniProgramJumpInfo>,
}

/// Completes a complaint: `POST …/complaints-v2/{complaint_id}/complete`, answered with 204.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complete {
    /// The accused merchant, as the complaint names it.
    pub complainted_mchid: String,
}

/// Decides on a refund that the payer asked for: `POST …/complaints-v2/{complaint_id}/update-refund-progress`, 204.
///
/// Approving moves no money: the refund itself is another interface's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundProgress {
    /// Yes or no.
    pub action: RefundAction,
    /// With yes: in how many working days the refund starts; 0 is today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_refund_day: Option<u32>,
    /// With no: why, at most 200 characters; the payer reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reject_reason: Option<Personal<String>>,
    /// With no: ids of uploaded pictures, at most 4.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reject_media_list: Vec<String>,
    /// A note for the merchant itself, at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Personal<String>>,
}

open_enum! {
    /// The decision on a refund. The history calls the refusal `MERCHANT_REFUSE_RERUND`, notifications `MERCHANT_REJECT_REFUND`.
    pub enum RefundAction {
        /// Yes.
        Approve = "APPROVE",
        /// No.
        Reject = "REJECT",
    }
}

/// Answers a payer who waits: `POST …/complaints-v2/{complaint_id}/response-immediate-service`.
///
/// Only while `need_immediate_service` is true. Idempotent by `idempotent_id`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImmediateResponse {
    /// The accused merchant, as the complaint names it.
    pub complainted_mchid: String,
    /// The message.
    pub message: NormalMessage,
    /// The caller's own id of this message, at most 128 characters: the same id is processed once.
    pub idempotent_id: String,
}

wire_object! {
    /// The answer to an [`ImmediateResponse`].
    pub struct ImmediateResponseResult {
        /// The message's entry in the history.
        log_id: String,
    }
}
