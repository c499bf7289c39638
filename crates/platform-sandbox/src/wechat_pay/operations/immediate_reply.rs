//! A merchant's immediate reply: a message of blocks.

use serde_json::{Value, json};

use super::super::authenticate::Caller;
use super::super::complaint::{Entry, MERCHANT};
use super::super::refusal::Refusal;
use super::super::request::Request;
use super::super::shape::{ID, Member, Shape, UNPUBLISHED, needed, optional, read_body, text};
use super::super::state::WechatPay;
use crate::platform_response::PlatformResponse;

impl WechatPay {
    pub(crate) fn respond_immediate_service(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        let id = request.id;
        let body = read_body(request.body, IMMEDIATE_REPLY)?;
        let complaint = self.accused_complaint(id, request.caller, &body)?;
        let idempotent_id = text(&body, "idempotent_id").unwrap_or_default();
        if let Some(log_id) = complaint.immediate.get(idempotent_id) {
            return Ok(PlatformResponse::json(&json!({"log_id": log_id})));
        }
        if !complaint.need_immediate_service {
            return Err(Refusal::invalid("该投诉单不需要即时服务"));
        }
        let message = body.get("message").cloned().unwrap_or_default();
        self.check_blocks(request.caller, &message)?;
        let log_id = self.next_log_id(request.now);
        if let Some(complaint) = self.complaints.get_mut(id) {
            let entry = Entry::default().with("normal_message", message);
            complaint.record(&log_id, request.now, MERCHANT, "MERCHANT_RESPONSE", entry);
            complaint.immediate.insert(idempotent_id.to_owned(), log_id.clone());
            complaint.replied();
        }
        self.notify_of_own_act(&request.caller.mchid, id, "MERCHANT_RESPONSE", request.now);
        Ok(PlatformResponse::json(&json!({"log_id": log_id})))
    }

    /// Checks that each block has the object of its type and no other, and that its picture was
    /// uploaded.
    fn check_blocks(&self, caller: &Caller, message: &Value) -> Result<(), Refusal> {
        let blocks = message.get("blocks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (index, block) in blocks.iter().enumerate() {
            let kind = block.get("type").and_then(Value::as_str).unwrap_or_default();
            for (of, companion) in BLOCK_TYPES {
                if (*of == kind) != block.get(companion).is_some() {
                    let field = format!("/message/blocks/{index}/{companion}");
                    return Err(Refusal::parameter("body", &field, Value::from(kind), "与type不匹配"));
                }
            }
            let media_id = block.pointer("/image/media_id").and_then(Value::as_str);
            if let Some(media_id) = media_id.filter(|id| self.images.uploaded(&caller.mchid, id).is_none()) {
                let field = format!("/message/blocks/{index}/image/media_id");
                return Err(Refusal::parameter("body", &field, Value::from(media_id), "media_id不存在"));
            }
        }
        Ok(())
    }
}

const IMMEDIATE_REPLY: &[Member] = &[
    needed("complainted_mchid", &ID),
    needed("message", &Shape::Object(NORMAL_MESSAGE)),
    needed("idempotent_id", &Shape::Text(128)),
];

const NORMAL_MESSAGE: &[Member] = &[
    optional("blocks", &Shape::List(100, &Shape::Object(BLOCK))),
    optional("sender_identity", &Shape::Word(&["UNKNOWN", "MANUAL", "MACHINE"])),
    optional("custom_data", &Shape::Text(4096)),
];

/// The types of a block, each with the object that belongs to it.
const BLOCK_TYPES: &[(&str, &str)] = &[
    ("TEXT", "text"),
    ("IMAGE", "image"),
    ("LINK", "link"),
    ("FAQ_LIST", "faq_list"),
    ("BUTTON", "button"),
    ("BUTTON_GROUP", "button_group"),
];

const BLOCK: &[Member] = &[
    needed("type", &Shape::Word(&["TEXT", "IMAGE", "LINK", "FAQ_LIST", "BUTTON", "BUTTON_GROUP"])),
    optional("text", &Shape::Object(TEXT)),
    optional("image", &Shape::Object(IMAGE)),
    optional("link", &Shape::Object(CLICKABLE)),
    optional("faq_list", &Shape::Object(FAQ_LIST)),
    optional("button", &Shape::Object(CLICKABLE)),
    optional("button_group", &Shape::Object(BUTTON_GROUP)),
];

const TEXT: &[Member] = &[
    optional("text", &UNPUBLISHED),
    optional("color", &Shape::Word(&["DEFAULT", "SECONDARY"])),
    optional("is_bold", &Shape::Flag),
];

const IMAGE: &[Member] = &[
    optional("media_id", &Shape::Text(512)),
    optional("image_style_type", &Shape::Word(&["IMAGE_STYLE_TYPE_NARROW", "IMAGE_STYLE_TYPE_WIDE"])),
];

const CLICKABLE: &[Member] = &[
    optional("text", &UNPUBLISHED),
    optional("action", &Shape::Object(ACTION)),
    optional("invalid_info", &Shape::Object(INVALID_INFO)),
];

const FAQ_LIST: &[Member] = &[optional("faqs", &Shape::List(100, &Shape::Object(FAQ)))];

const FAQ: &[Member] = &[
    optional("faq_id", &UNPUBLISHED),
    optional("faq_title", &UNPUBLISHED),
    optional("action", &Shape::Object(ACTION)),
];

const BUTTON_GROUP: &[Member] = &[
    optional("buttons", &Shape::List(100, &Shape::Object(CLICKABLE))),
    optional("button_layout", &Shape::Word(&["LAYOUT_UNKNOWN", "LAYOUT_HORIZONTAL", "LAYOUT_VERTICAL"])),
    optional("invalid_info", &Shape::Object(INVALID_INFO)),
];

const ACTION: &[Member] = &[
    optional(
        "action_type",
        &Shape::Word(&["ACTION_TYPE_SEND_MESSAGE", "ACTION_TYPE_JUMP_URL", "ACTION_TYPE_JUMP_MINI_PROGRAM"]),
    ),
    optional("jump_url", &UNPUBLISHED),
    optional("mini_program_jump_info", &Shape::Object(BLOCK_JUMP)),
    optional("message_info", &Shape::Object(MESSAGE_INFO)),
    optional("action_id", &Shape::Text(4096)),
];

const BLOCK_JUMP: &[Member] =
    &[needed("appid", &UNPUBLISHED), optional("path", &UNPUBLISHED), optional("text", &UNPUBLISHED)];

const MESSAGE_INFO: &[Member] = &[needed("content", &UNPUBLISHED), optional("custom_data", &Shape::Text(4096))];

const INVALID_INFO: &[Member] =
    &[optional("expired_time", &Shape::Text(64)), optional("multi_clickable", &Shape::Flag)];
