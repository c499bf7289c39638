//! Messages made of blocks: the history shows them, immediate service sends them.

use protocol_core::complaint::{
    Action, ActionType, BlockType, Button, ButtonGroup, ButtonLayout, Faq, FaqList, ImageBlock, ImageStyle,
    InvalidInfo, Link, MessageBlock, MessageInfo, MiniProgramJumpInfo, NormalMessage, SenderIdentity, TextBlock,
    TextColor, Timestamp,
};
use serde_json::Value;

use crate::documents::{absent, decode, document, json, unknown, words};

/// A message with one block that has every companion object, as the published schema lists them.
pub(crate) fn has_the_examples(message: &NormalMessage) {
    assert_eq!((unknown(message), absent(message)), (Vec::new(), Vec::new()));
    assert_eq!(message.sender_identity, Some(SenderIdentity::UnknownSender));
    assert_eq!(words(&message.custom_data), Some("example_custom_data"));
    let [block] = &*message.blocks else { panic!("one block") };
    assert_eq!(block.kind, Some(BlockType::Text));

    let text = block.text.as_ref().unwrap();
    assert_eq!(words(&text.text), Some("example_text"));
    assert_eq!(text.color, Some(TextColor::Default));
    assert_eq!(text.is_bold, Some(true));

    let image = block.image.as_ref().unwrap();
    assert_eq!(image.media_id.as_deref(), Some("example_media_id"));
    assert_eq!(image.image_style_type, Some(ImageStyle::Narrow));

    let link = block.link.as_ref().unwrap();
    assert_eq!(link.text.as_deref(), Some("example_text"));
    action_has_the_examples(link.action.as_ref());
    end_has_the_examples(link.invalid_info.as_ref());

    let [faq] = &*block.faq_list.as_ref().unwrap().faqs else { panic!("one question") };
    assert_eq!(faq.faq_id.as_deref(), Some("example_faq_id"));
    assert_eq!(faq.faq_title.as_deref(), Some("example_faq_title"));
    action_has_the_examples(faq.action.as_ref());

    let group = block.button_group.as_ref().unwrap();
    assert_eq!(group.button_layout, Some(ButtonLayout::Horizontal));
    end_has_the_examples(group.invalid_info.as_ref());
    let [grouped] = &*group.buttons else { panic!("one button") };
    for button in [block.button.as_ref().unwrap(), grouped] {
        assert_eq!(button.text.as_deref(), Some("example_text"));
        action_has_the_examples(button.action.as_ref());
        end_has_the_examples(button.invalid_info.as_ref());
    }
}

fn action_has_the_examples(action: Option<&Action>) {
    let action = action.unwrap();
    assert_eq!(action.action_type, Some(ActionType::SendMessage));
    assert_eq!(action.jump_url.as_deref(), Some("example_jump_url"));
    assert_eq!(action.action_id.as_deref(), Some("example_action_id"));
    let place = action.mini_program_jump_info.as_ref().unwrap();
    assert_eq!(place.appid.as_deref(), Some("example_appid"));
    assert_eq!(place.path.as_deref(), Some("example_path"));
    assert_eq!(place.text.as_deref(), Some("example_text"));
    let said = action.message_info.as_ref().unwrap();
    assert_eq!(words(&said.content), Some("example_content"));
    assert_eq!(words(&said.custom_data), Some("example_custom_data"));
}

fn end_has_the_examples(end: Option<&InvalidInfo>) {
    let end = end.unwrap();
    assert_eq!(end.expired_time, Some(Timestamp::from("2015-05-20T13:29:35+08:00")));
    assert_eq!(end.multi_clickable, Some(true));
}

/// The value, changed.
fn with<T: Default>(change: impl FnOnce(&mut T)) -> T {
    let mut value = T::default();
    change(&mut value);
    value
}

fn action() -> Option<Action> {
    Some(with(|action: &mut Action| {
        action.action_type = Some(ActionType::SendMessage);
        action.jump_url = Some("example_jump_url".to_owned());
        action.mini_program_jump_info = Some(MiniProgramJumpInfo::new("example_appid", "example_path", "example_text"));
        action.message_info = Some(with(|info: &mut MessageInfo| {
            info.content = Some("example_content".into());
            info.custom_data = Some("example_custom_data".into());
        }));
        action.action_id = Some("example_action_id".to_owned());
    }))
}

fn end() -> Option<InvalidInfo> {
    Some(with(|end: &mut InvalidInfo| {
        end.expired_time = Some(Timestamp::from("2015-05-20T13:29:35+08:00"));
        end.multi_clickable = Some(true);
    }))
}

fn button() -> Button {
    with(|button: &mut Button| {
        button.text = Some("example_text".to_owned());
        button.action = action();
        button.invalid_info = end();
    })
}

/// The same message, made field by field.
pub(crate) fn of_the_examples() -> NormalMessage {
    let block = with(|block: &mut MessageBlock| {
        block.kind = Some(BlockType::Text);
        block.text = Some(with(|text: &mut TextBlock| {
            text.text = Some("example_text".into());
            text.color = Some(TextColor::Default);
            text.is_bold = Some(true);
        }));
        block.image = Some(with(|image: &mut ImageBlock| {
            image.media_id = Some("example_media_id".to_owned());
            image.image_style_type = Some(ImageStyle::Narrow);
        }));
        block.link = Some(with(|link: &mut Link| {
            link.text = Some("example_text".to_owned());
            link.action = action();
            link.invalid_info = end();
        }));
        let faq = with(|faq: &mut Faq| {
            faq.faq_id = Some("example_faq_id".to_owned());
            faq.faq_title = Some("example_faq_title".to_owned());
            faq.action = action();
        });
        block.faq_list = Some(with(|list: &mut FaqList| list.faqs = vec![faq]));
        block.button = Some(button());
        block.button_group = Some(with(|group: &mut ButtonGroup| {
            group.buttons = vec![button()];
            group.button_layout = Some(ButtonLayout::Horizontal);
            group.invalid_info = end();
        }));
    });
    let mut message = NormalMessage::new(vec![block]);
    message.sender_identity = Some(SenderIdentity::UnknownSender);
    message.custom_data = Some("example_custom_data".into());
    message
}

fn published() -> Value {
    json(&document("wechat-pay/immediate-response.json"))["message"].clone()
}

#[test]
fn every_published_name_is_read() {
    let message: NormalMessage = decode(published().to_string().as_bytes());
    has_the_examples(&message);
    assert_eq!(message, of_the_examples());
}

#[test]
fn every_published_name_is_written_and_no_other() {
    assert_eq!(serde_json::to_value(of_the_examples()).unwrap(), published());
}

/// Each block the library makes by itself is one of the published kinds, with its companion under
/// the published name.
#[test]
fn made_blocks_have_the_published_names() {
    let published = &published()["blocks"][0];
    let text = serde_json::to_value(MessageBlock::text("example_text")).unwrap();
    assert_eq!(text, serde_json::json!({"type": "TEXT", "text": {"text": published["text"]["text"]}}));
    let image = serde_json::to_value(MessageBlock::image("example_media_id")).unwrap();
    assert_eq!(image, serde_json::json!({"type": "IMAGE", "image": {"media_id": published["image"]["media_id"]}}));
}
