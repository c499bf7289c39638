//! Messages made of blocks: the form of immediate replies, and of their entries in the history.
//!
//! Every member is optional in both directions, as documented. A block's type says which companion
//! object it has.

use super::Timestamp;
use crate::codec::json::wire_object;
use crate::open_enum::open_enum;
use crate::secret::Personal;

wire_object! {
    /// A message made of blocks.
    #[derive(Default)]
    pub struct NormalMessage {
        /// The blocks, in order.
        blocks: Vec<MessageBlock>,
        /// Whether a person or a machine wrote it.
        sender_identity: Option<SenderIdentity>,
        /// The merchant's own data, at most 4096 characters.
        custom_data: Option<Personal<String>>,
    }
}

impl NormalMessage {
    /// A message of these blocks.
    ///
    /// ```
    /// use protocol_core::complaint::{MessageBlock, NormalMessage};
    ///
    /// let message = NormalMessage::new(vec![
    ///     MessageBlock::text("我们已收到"),
    ///     MessageBlock::image("ChsyMDAzMTAwMTI4"),
    /// ]);
    /// assert_eq!(
    ///     serde_json::to_string(&message)?,
    ///     r#"{"blocks":[{"type":"TEXT","text":{"text":"我们已收到"}},{"type":"IMAGE","image":{"media_id":"ChsyMDAzMTAwMTI4"}}]}"#,
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn new(blocks: Vec<MessageBlock>) -> Self {
        Self { blocks, ..Self::default() }
    }
}

wire_object! {
    /// A block: its type, and the companion object of that type.
    #[derive(Default)]
    pub struct MessageBlock {
        /// The kind of block.
        kind = "type": Option<BlockType>,
        /// With [`BlockType::Text`].
        text: Option<TextBlock>,
        /// With [`BlockType::Image`].
        image: Option<ImageBlock>,
        /// With [`BlockType::Link`].
        link: Option<Link>,
        /// With [`BlockType::FaqList`].
        faq_list: Option<FaqList>,
        /// With [`BlockType::Button`].
        button: Option<Button>,
        /// With [`BlockType::ButtonGroup`].
        button_group: Option<ButtonGroup>,
    }
}

impl MessageBlock {
    /// A paragraph of text.
    #[must_use]
    pub fn text(text: impl Into<Personal<String>>) -> Self {
        let text = TextBlock { text: Some(text.into()), ..TextBlock::default() };
        Self { kind: Some(BlockType::Text), text: Some(text), ..Self::default() }
    }

    /// A picture, by the id that its upload returned.
    #[must_use]
    pub fn image(media_id: impl Into<String>) -> Self {
        let image = ImageBlock { media_id: Some(media_id.into()), ..ImageBlock::default() };
        Self { kind: Some(BlockType::Image), image: Some(image), ..Self::default() }
    }
}

wire_object! {
    /// A paragraph of text.
    #[derive(Default)]
    pub struct TextBlock {
        /// The text.
        text: Option<Personal<String>>,
        /// The text's colour.
        color: Option<TextColor>,
        /// Whether it is bold.
        is_bold: Option<bool>,
    }
}

wire_object! {
    /// A picture.
    #[derive(Default)]
    pub struct ImageBlock {
        /// The picture's id, as its upload returned it.
        media_id: Option<String>,
        /// Its width.
        image_style_type: Option<ImageStyle>,
    }
}

wire_object! {
    /// A link.
    #[derive(Default)]
    pub struct Link {
        /// Its caption.
        text: Option<String>,
        /// The action of a click.
        action: Option<Action>,
        /// The end of its validity.
        invalid_info: Option<InvalidInfo>,
    }
}

wire_object! {
    /// A list of questions.
    #[derive(Default)]
    pub struct FaqList {
        /// The questions.
        faqs: Vec<Faq>,
    }
}

wire_object! {
    /// A question.
    #[derive(Default)]
    pub struct Faq {
        /// Its id.
        faq_id: Option<String>,
        /// Its title.
        faq_title: Option<String>,
        /// The action of a click.
        action: Option<Action>,
    }
}

wire_object! {
    /// A button, alone or in a group.
    #[derive(Default)]
    pub struct Button {
        /// Its caption.
        text: Option<String>,
        /// The action of a click.
        action: Option<Action>,
        /// The end of its validity. Not documented for the buttons of a group, but seen there.
        invalid_info: Option<InvalidInfo>,
    }
}

wire_object! {
    /// Buttons that belong together.
    #[derive(Default)]
    pub struct ButtonGroup {
        /// The buttons.
        buttons: Vec<Button>,
        /// Their arrangement.
        button_layout: Option<ButtonLayout>,
        /// The end of their validity.
        invalid_info: Option<InvalidInfo>,
    }
}

wire_object! {
    /// The action of a click.
    #[derive(Default)]
    pub struct Action {
        /// The kind of action.
        action_type: Option<ActionType>,
        /// With [`ActionType::JumpUrl`]: the target.
        jump_url: Option<String>,
        /// With [`ActionType::JumpMiniProgram`]: the target.
        mini_program_jump_info: Option<MiniProgramJumpInfo>,
        /// With [`ActionType::SendMessage`]: the payer's message.
        message_info: Option<MessageInfo>,
        /// The action's id, at most 4096 characters. A click sends it back.
        action_id: Option<String>,
    }
}

wire_object! {
    /// A place in a Mini Program.
    #[derive(Default)]
    pub struct MiniProgramJumpInfo {
        /// The Mini Program's application id.
        appid: Option<String>,
        /// The page.
        path: Option<String>,
        /// The caption.
        text: Option<String>,
    }
}

impl MiniProgramJumpInfo {
    /// A page of a Mini Program, and the caption of the link to it.
    #[must_use]
    pub fn new(appid: impl Into<String>, path: impl Into<String>, text: impl Into<String>) -> Self {
        let (appid, path, text) = (Some(appid.into()), Some(path.into()), Some(text.into()));
        Self { appid, path, text, ..Self::default() }
    }
}

wire_object! {
    /// The message that a click sends in the payer's name.
    #[derive(Default)]
    pub struct MessageInfo {
        /// The words.
        content: Option<Personal<String>>,
        /// The merchant's own data.
        custom_data: Option<Personal<String>>,
    }
}

wire_object! {
    /// The validity of a clickable block.
    #[derive(Default)]
    pub struct InvalidInfo {
        /// Clicks have no effect from this time on.
        expired_time: Option<Timestamp>,
        /// Whether it may be clicked more than once.
        multi_clickable: Option<bool>,
    }
}

open_enum! {
    /// The author of a message.
    pub enum SenderIdentity {
        /// Unspecified.
        UnknownSender = "UNKNOWN",
        /// A person.
        Manual = "MANUAL",
        /// A machine.
        Machine = "MACHINE",
    }
}

open_enum! {
    /// The kind of a block.
    pub enum BlockType {
        /// A paragraph.
        Text = "TEXT",
        /// A picture.
        Image = "IMAGE",
        /// A link.
        Link = "LINK",
        /// A list of questions.
        FaqList = "FAQ_LIST",
        /// A button.
        Button = "BUTTON",
        /// Buttons that belong together.
        ButtonGroup = "BUTTON_GROUP",
    }
}

open_enum! {
    /// A text's colour.
    pub enum TextColor {
        /// The usual colour.
        Default = "DEFAULT",
        /// A fainter colour.
        Secondary = "SECONDARY",
    }
}

open_enum! {
    /// A picture's width.
    pub enum ImageStyle {
        /// Narrow.
        Narrow = "IMAGE_STYLE_TYPE_NARROW",
        /// Wide.
        Wide = "IMAGE_STYLE_TYPE_WIDE",
    }
}

open_enum! {
    /// The arrangement of buttons.
    pub enum ButtonLayout {
        /// Unspecified.
        UnknownLayout = "LAYOUT_UNKNOWN",
        /// Side by side.
        Horizontal = "LAYOUT_HORIZONTAL",
        /// One below the other.
        Vertical = "LAYOUT_VERTICAL",
    }
}

open_enum! {
    /// The kind of an action.
    pub enum ActionType {
        /// The payer sends a message.
        SendMessage = "ACTION_TYPE_SEND_MESSAGE",
        /// A page opens.
        JumpUrl = "ACTION_TYPE_JUMP_URL",
        /// A Mini Program opens.
        JumpMiniProgram = "ACTION_TYPE_JUMP_MINI_PROGRAM",
    }
}
