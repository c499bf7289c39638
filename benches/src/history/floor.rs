//! The leanest struct that owns every known member of a history: derived, without unknown members.
//!
//! Enumerations are derived too. As `String`, with an allocation each, they made the floor slower
//! by a sixth.

#![expect(dead_code, reason = "ours reads every member, so the floor does")]

use serde::Deserialize;

#[derive(Deserialize)]
pub struct History {
    pub data: Vec<Record>,
    limit: Option<i64>,
    offset: Option<i64>,
    total_count: Option<i64>,
}

#[derive(Deserialize)]
pub struct Record {
    pub log_id: String,
    pub operator: Option<String>,
    operate_time: Option<String>,
    pub operate_type: Option<OperateType>,
    pub operate_details: Option<String>,
    #[serde(default)]
    image_list: Vec<String>,
    pub complaint_media_list: Option<Media>,
    user_appy_platform_service_reason: Option<String>,
    user_appy_platform_service_reason_description: Option<String>,
    pub normal_message: Option<NormalMessage>,
    pub click_message: Option<ClickMessage>,
}

#[derive(Deserialize)]
pub struct Media {
    media_type: Option<MediaType>,
    #[serde(default)]
    pub media_url: Vec<String>,
}

#[derive(Deserialize)]
pub struct ClickMessage {
    message_content: Option<String>,
    action_id: Option<String>,
    pub clicked_log_id: Option<String>,
}

#[derive(Deserialize)]
pub struct NormalMessage {
    #[serde(default)]
    pub blocks: Vec<Block>,
    sender_identity: Option<SenderIdentity>,
    custom_data: Option<String>,
}

#[derive(Deserialize)]
pub struct Block {
    #[serde(rename = "type")]
    kind: Option<BlockType>,
    text: Option<TextBlock>,
    image: Option<ImageBlock>,
    link: Option<Button>,
    faq_list: Option<FaqList>,
    button: Option<Button>,
    button_group: Option<ButtonGroup>,
}

#[derive(Deserialize)]
pub struct TextBlock {
    text: Option<String>,
    color: Option<TextColor>,
    is_bold: Option<bool>,
}

#[derive(Deserialize)]
pub struct ImageBlock {
    media_id: Option<String>,
    image_style_type: Option<ImageStyle>,
}

#[derive(Deserialize)]
pub struct FaqList {
    #[serde(default)]
    faqs: Vec<Faq>,
}

#[derive(Deserialize)]
pub struct Faq {
    faq_id: Option<String>,
    faq_title: Option<String>,
    action: Option<Action>,
}

#[derive(Deserialize)]
pub struct Button {
    text: Option<String>,
    action: Option<Action>,
    invalid_info: Option<InvalidInfo>,
}

#[derive(Deserialize)]
pub struct ButtonGroup {
    #[serde(default)]
    buttons: Vec<Button>,
    button_layout: Option<ButtonLayout>,
    invalid_info: Option<InvalidInfo>,
}

#[derive(Deserialize)]
pub struct Action {
    action_type: Option<ActionType>,
    jump_url: Option<String>,
    mini_program_jump_info: Option<MiniProgramJumpInfo>,
    message_info: Option<MessageInfo>,
    action_id: Option<String>,
}

#[derive(Deserialize)]
pub struct MiniProgramJumpInfo {
    appid: Option<String>,
    path: Option<String>,
    text: Option<String>,
}

#[derive(Deserialize)]
pub struct MessageInfo {
    content: Option<String>,
    custom_data: Option<String>,
}

#[derive(Deserialize)]
pub struct InvalidInfo {
    expired_time: Option<String>,
    multi_clickable: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OperateType {
    UserCreateComplaint,
    UserContinueComplaint,
    UserResponse,
    PlatformResponse,
    MerchantResponse,
    MerchantConfirmComplete,
    UserCreateComplaintSystemMessage,
    ComplaintFullRefundedSystemMessage,
    UserContinueComplaintSystemMessage,
    UserRevokeComplaint,
    UserComfirmComplaint,
    PlatformHelpApplication,
    UserApplyPlatformHelp,
    MerchantApproveRefund,
    MerchantRefuseRerund,
    UserSubmitSatisfaction,
    ServiceOrderCancel,
    ServiceOrderComplete,
    ComplaintPartialRefundedSystemMessage,
    ComplaintRefundReceivedSystemMessage,
    ComplaintEntrustedRefundSystemMessage,
    UserApplyPlatformService,
    UserCancelPlatformService,
    PlatformServiceFinished,
    UserClickResponse,
    ComplaintFullRefunded,
    MerchantConfirmCompleteSystemMessage,
    ServiceOrderWaitUserPay,
    CreateComplaintByPlatform,
    UserConfirmComplaint,
    SellerRefund,
    MerchantLaunchConfirmProcess,
    ResponseByPlatform,
    ContinueComplaintByPlatform,
    CreateComplaintSystemMessage,
    ComplaintTimeoutSystemMessage,
    SellerRefundSystemMessage,
    ContinueComplaintSystemMessage,
    LaunchConfirmProcessSystemMessage,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SenderIdentity {
    Unknown,
    Manual,
    Machine,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BlockType {
    Text,
    Image,
    Link,
    FaqList,
    Button,
    ButtonGroup,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TextColor {
    Default,
    Secondary,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
pub enum ImageStyle {
    #[serde(rename = "IMAGE_STYLE_TYPE_NARROW")]
    Narrow,
    #[serde(rename = "IMAGE_STYLE_TYPE_WIDE")]
    Wide,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ButtonLayout {
    LayoutUnknown,
    LayoutHorizontal,
    LayoutVertical,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
pub enum ActionType {
    #[serde(rename = "ACTION_TYPE_SEND_MESSAGE")]
    SendMessage,
    #[serde(rename = "ACTION_TYPE_JUMP_URL")]
    JumpUrl,
    #[serde(rename = "ACTION_TYPE_JUMP_MINI_PROGRAM")]
    JumpMiniProgram,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MediaType {
    UserComplaintImage,
    OperationImage,
    #[serde(other)]
    Other,
}
