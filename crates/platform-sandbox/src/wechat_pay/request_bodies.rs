//! The bodies that the platform accepts, with the documented lengths.

use super::shape::{Member, Shape, needed, optional};

const ID: Shape = Shape::Text(64);
const MEDIA_IDS: Shape = Shape::List(4, &Shape::Text(512));
/// The blocks of a message have no published lengths.
const UNPUBLISHED: Shape = Shape::Text(4096);

/// `{url}`
pub(crate) const NOTIFICATION_URL: &[Member] = &[needed("url", &Shape::Text(255))];

/// `{echo_message, encrypted_echo_message?, notify_url?}`
pub(crate) const ECHO: &[Member] = &[
    needed("echo_message", &UNPUBLISHED),
    optional("encrypted_echo_message", &UNPUBLISHED),
    optional("notify_url", &Shape::Text(255)),
];

/// A reply.
pub(crate) const RESPOND: &[Member] = &[
    needed("complainted_mchid", &ID),
    needed("response_content", &Shape::Text(500)),
    optional("response_images", &MEDIA_IDS),
    optional("jump_url", &Shape::Text(512)),
    optional("jump_url_text", &Shape::Text(10)),
    optional("mini_program_jump_info", &Shape::Object(REPLY_JUMP)),
];

/// A reply needs all the members; a block needs `appid` alone.
const REPLY_JUMP: &[Member] =
    &[needed("appid", &UNPUBLISHED), needed("path", &UNPUBLISHED), needed("text", &UNPUBLISHED)];

/// `{complainted_mchid}`
pub(crate) const COMPLETE: &[Member] = &[needed("complainted_mchid", &ID)];

/// The decision on a refund.
pub(crate) const REFUND_PROGRESS: &[Member] = &[
    needed("action", &Shape::Word(&["APPROVE", "REJECT"])),
    optional("launch_refund_day", &Shape::Number),
    optional("reject_reason", &Shape::Text(200)),
    optional("reject_media_list", &MEDIA_IDS),
    optional("remark", &Shape::Text(200)),
];

/// An immediate reply.
pub(crate) const IMMEDIATE: &[Member] = &[
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
pub(crate) const BLOCK_TYPES: &[(&str, &str)] = &[
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
