//! One entry of a complaint's negotiation history: an act, its actor, its time.

use super::{ComplaintMedia, NormalMessage, Timestamp};
use crate::codec::json::wire_object;
use crate::open_enum::open_enum;
use crate::secret::Personal;

wire_object! {
    /// An entry of the negotiation history.
    pub struct NegotiationRecord {
        /// The entry's id, at most 64 characters: stable, and unique among entries.
        log_id: String,
        /// The actor, in free Chinese text (投诉人, 商家, 系统 …). Do not branch on it.
        operator: Option<String> as asked,
        /// Time of the act.
        operate_time: Option<Timestamp> as asked,
        /// The kind of the act.
        operate_type: Option<OperateType> as asked,
        /// The actor's words, at most 500 characters (200 in older documentation).
        operate_details: Option<Personal<String>> as asked,
        /// Plain links to pictures, at most 4, valid for about an hour, on other hosts than the
        /// interface: never send an `Authorization` there.
        image_list: Vec<Personal<String>>,
        /// Pictures behind the image interface.
        complaint_media_list: Vec<ComplaintMedia>,
        /// The payer's reason to ask for the platform's assistance (spelled so on the wire).
        user_appy_platform_service_reason: Option<Personal<String>>,
        /// The same in the payer's words (spelled so on the wire).
        user_appy_platform_service_reason_description: Option<Personal<String>>,
        /// A message made of blocks.
        normal_message: Option<NormalMessage>,
        /// The payer's click in an earlier message.
        click_message: Option<ClickMessage>,
    }
}

wire_object! {
    /// The payer's click on a block of an earlier message.
    pub struct ClickMessage {
        /// The words that the click sends, at most 1024 characters.
        message_content: Option<Personal<String>>,
        /// The clicked action's id, at most 4096 characters.
        action_id: Option<String>,
        /// The entry that contains the clicked message, at most 128 characters.
        clicked_log_id: Option<String>,
    }
}

open_enum! {
    /// The kind of act that an entry of the history records. Two wire values are misspelled
    /// (`COMFIRM`, `RERUND`) and keep their spelling.
    ///
    /// The same acts have other names in notifications: see
    /// [`ActionType`](crate::wechat_pay::ActionType).
    pub enum OperateType {
        /// The payer files the complaint.
        UserCreateComplaint = "USER_CREATE_COMPLAINT",
        /// The payer continues it.
        UserContinueComplaint = "USER_CONTINUE_COMPLAINT",
        /// Message of the payer.
        UserResponse = "USER_RESPONSE",
        /// Message of the platform.
        PlatformResponse = "PLATFORM_RESPONSE",
        /// Message of the merchant.
        MerchantResponse = "MERCHANT_RESPONSE",
        /// The merchant asks to close it.
        MerchantConfirmComplete = "MERCHANT_CONFIRM_COMPLETE",
        /// System notice of the filing.
        UserCreateComplaintSystemMessage = "USER_CREATE_COMPLAINT_SYSTEM_MESSAGE",
        /// A full refund was started.
        ComplaintFullRefundedSystemMessage = "COMPLAINT_FULL_REFUNDED_SYSTEM_MESSAGE",
        /// System notice of the continuation.
        UserContinueComplaintSystemMessage = "USER_CONTINUE_COMPLAINT_SYSTEM_MESSAGE",
        /// The payer withdrew it (old complaints only).
        UserRevokeComplaint = "USER_REVOKE_COMPLAINT",
        /// The payer confirmed that it is solved (old complaints only; misspelled on the wire).
        UserConfirmSolved = "USER_COMFIRM_COMPLAINT",
        /// The platform urges the merchant.
        PlatformHelpApplication = "PLATFORM_HELP_APPLICATION",
        /// The payer asks the platform for help.
        UserApplyPlatformHelp = "USER_APPLY_PLATFORM_HELP",
        /// The merchant approves the refund.
        MerchantApproveRefund = "MERCHANT_APPROVE_REFUND",
        /// The merchant refuses the refund; the details hold the reason (misspelled on the wire).
        MerchantRefuseRefund = "MERCHANT_REFUSE_RERUND",
        /// Response to the satisfaction survey; the details hold the score.
        UserSubmitSatisfaction = "USER_SUBMIT_SATISFACTION",
        /// The service order was cancelled.
        ServiceOrderCancel = "SERVICE_ORDER_CANCEL",
        /// The service order is done.
        ServiceOrderComplete = "SERVICE_ORDER_COMPLETE",
        /// A partial refund was started.
        ComplaintPartialRefundedSystemMessage = "COMPLAINT_PARTIAL_REFUNDED_SYSTEM_MESSAGE",
        /// The refund arrived.
        ComplaintRefundReceivedSystemMessage = "COMPLAINT_REFUND_RECEIVED_SYSTEM_MESSAGE",
        /// Entrusted refund (since 2023-03).
        ComplaintEntrustedRefundSystemMessage = "COMPLAINT_ENTRUSTED_REFUND_SYSTEM_MESSAGE",
        /// The payer asks for the platform's assistance.
        UserApplyPlatformService = "USER_APPLY_PLATFORM_SERVICE",
        /// The payer withdraws that request.
        UserCancelPlatformService = "USER_CANCEL_PLATFORM_SERVICE",
        /// The assistance ended.
        PlatformServiceFinished = "PLATFORM_SERVICE_FINISHED",
        /// The payer clicked a block: see `click_message`.
        UserClickResponse = "USER_CLICK_RESPONSE",

        /// Full refund, dropped 2022-08.
        ComplaintFullRefunded = "COMPLAINT_FULL_REFUNDED",
        /// System notice of the merchant's wish to close, dropped 2022-08.
        MerchantConfirmCompleteSystemMessage = "MERCHANT_CONFIRM_COMPLETE_SYSTEM_MESSAGE",
        /// The service order waits for payment, 2022-05 and 2022-06.
        ServiceOrderWaitUserPay = "SERVICE_ORDER_WAIT_USER_PAY",
        /// First interface: filed through the platform.
        CreateComplaintByPlatform = "CREATE_COMPLAINT_BY_PLATFORM",
        /// First interface: confirmed by the payer.
        UserConfirmComplaint = "USER_CONFIRM_COMPLAINT",
        /// First interface: refund by the merchant.
        SellerRefund = "SELLER_REFUND",
        /// First interface: the merchant starts the confirmation.
        MerchantLaunchConfirmProcess = "MERCHANT_LAUNCH_CONFIRM_PROCESS",
        /// First interface: message of the platform.
        ResponseByPlatform = "RESPONSE_BY_PLATFORM",
        /// First interface: continued through the platform.
        ContinueComplaintByPlatform = "CONTINUE_COMPLAINT_BY_PLATFORM",
        /// First interface: system notice of the filing.
        CreateComplaintSystemMessage = "CREATE_COMPLAINT_SYSTEM_MESSAGE",
        /// First interface: the merchant missed the deadline.
        ComplaintTimeoutSystemMessage = "COMPLAINT_TIMEOUT_SYSTEM_MESSAGE",
        /// First interface: system notice of the refund.
        SellerRefundSystemMessage = "SELLER_REFUND_SYSTEM_MESSAGE",
        /// First interface: system notice of the continuation.
        ContinueComplaintSystemMessage = "CONTINUE_COMPLAINT_SYSTEM_MESSAGE",
        /// First interface: system notice of the confirmation.
        LaunchConfirmProcessSystemMessage = "LAUNCH_CONFIRM_PROCESS_SYSTEM_MESSAGE",
    }
}

impl OperateType {
    /// Whether the merchant has acted by it, so that it counts as a reply: a message, a completion, or a
    /// decision on a refund.
    ///
    /// ```
    /// use protocol_core::complaint::OperateType;
    ///
    /// assert!(OperateType::MerchantResponse.is_merchants_act());
    /// assert!(!OperateType::UserResponse.is_merchants_act());
    /// ```
    #[must_use]
    pub const fn is_merchants_act(&self) -> bool {
        matches!(
            self,
            Self::MerchantResponse
                | Self::MerchantConfirmComplete
                | Self::MerchantLaunchConfirmProcess
                | Self::MerchantApproveRefund
                | Self::MerchantRefuseRefund
        )
    }
}
