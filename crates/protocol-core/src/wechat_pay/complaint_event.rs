//! The content of a complaint notification: the complaint's number, and the act.

use crate::codec::id::{ID, is_id};
use crate::codec::json::{read_document, wire_object};
use crate::codec::text::bare;
use crate::complaint::{ComplaintState, Encrypted, Fen, Timestamp};
use crate::error::DecodeError;
use crate::open_enum::open_enum;
use crate::secret::Personal;
use crate::trust::Unverified;

wire_object! {
    /// The content of a complaint notification: the complaint's number, and the act.
    ///
    /// The other members come from older versions of the interface. Treat them as hints: read the
    /// complaint and its history again.
    pub struct ComplaintEvent {
        /// The complaint's number, 1 to 64 characters.
        complaint_id: String,
        /// The act.
        action_type: Option<ActionType> as asked,
        /// Older: the merchant's order number.
        out_trade_no: Option<String>,
        /// Older: time of filing.
        complaint_time: Option<Timestamp>,
        /// Older: the order's amount.
        amount: Option<Fen>,
        /// Older: the payer's phone number, encrypted to the merchant's certificate.
        payer_phone: Option<Encrypted>,
        /// Older: the payer's words.
        complaint_detail: Option<Personal<String>>,
        /// Older: the complaint's state.
        complaint_state: Option<ComplaintState> as asked,
        /// Older: WeChat Pay's order number.
        transaction_id: Option<String>,
        /// Older: the act, in other words.
        complaint_handle_state: Option<String>,
    }
}

impl ComplaintEvent {
    /// Decodes a resource that was decrypted elsewhere. A member that does not fit is lost alone,
    /// and [`misfits`](Self::misfits) lists it. The result is unverified: the caller knows how it
    /// was decrypted.
    ///
    /// # Errors
    /// [`DecodeError`] for anything but a complaint event: `complaint_id` is required, with 1 to 64
    /// characters.
    pub fn decode(plaintext: &[u8]) -> Result<Unverified<Self>, DecodeError> {
        Self::read(plaintext).map(Unverified::new)
    }

    /// A list of one event is unambiguous, and read as that event.
    pub(super) fn read(plaintext: &[u8]) -> Result<Self, DecodeError> {
        let event: Self = read_document(RESOURCE, plaintext).or_else(|error| {
            let listed = bare(plaintext).strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]"));
            listed.and_then(|element| read_document(RESOURCE, element).ok()).ok_or(error)
        })?;
        if is_id(&event.complaint_id) {
            Ok(event)
        } else {
            Err(DecodeError::at(RESOURCE, b"", 0, format!("expected `complaint_id` to have {ID}")))
        }
    }
}

open_enum! {
    /// The act that a notification reports.
    ///
    /// The history names some acts differently: see [`OperateType`](crate::complaint::OperateType).
    /// Handle an unknown value like any other change, and report it to a person. Do not rely on
    /// notifications of the merchant's own acts.
    pub enum ActionType {
        /// Filed by the payer.
        CreateComplaint = "CREATE_COMPLAINT",
        /// Continued by the payer.
        ContinueComplaint = "CONTINUE_COMPLAINT",
        /// Message of the payer.
        UserResponse = "USER_RESPONSE",
        /// Message of the platform (`PLATFORM_RESPONSE` in the history).
        ResponseByPlatform = "RESPONSE_BY_PLATFORM",
        /// The merchant started a full refund.
        SellerRefund = "SELLER_REFUND",
        /// Message of the merchant.
        MerchantResponse = "MERCHANT_RESPONSE",
        /// Closed by the merchant.
        MerchantConfirmComplete = "MERCHANT_CONFIRM_COMPLETE",
        /// The payer asks for the platform's assistance.
        UserApplyPlatformService = "USER_APPLY_PLATFORM_SERVICE",
        /// The same in the spelling of WeChat Pay's changelog of 2024-09: see
        /// [`meaning`](Self::meaning).
        UserApplyPlatformServiceMisspelled = "USER_APPLY_PLATFORM_SERIVCE",
        /// The payer withdraws that request.
        UserCancelPlatformService = "USER_CANCEL_PLATFORM_SERVICE",
        /// The assistance ended.
        PlatformServiceFinished = "PLATFORM_SERVICE_FINISHED",
        /// The merchant approves the refund.
        MerchantApproveRefund = "MERCHANT_APPROVE_REFUND",
        /// The merchant refuses the refund (`MERCHANT_REFUSE_RERUND` in the history).
        MerchantRejectRefund = "MERCHANT_REJECT_REFUND",
        /// The refund arrived.
        RefundSuccess = "REFUND_SUCCESS",
    }
}

impl ActionType {
    /// The act without its second spelling: `USER_APPLY_PLATFORM_SERIVCE` means
    /// [`UserApplyPlatformService`](Self::UserApplyPlatformService), every other value itself. Branch
    /// on this. The value itself is written back as it was spelled.
    ///
    /// ```
    /// use protocol_core::wechat_pay::ActionType;
    ///
    /// let misspelled = ActionType::from("USER_APPLY_PLATFORM_SERIVCE");
    /// assert_eq!(misspelled.meaning(), &ActionType::UserApplyPlatformService);
    /// assert_eq!(misspelled.as_str(), "USER_APPLY_PLATFORM_SERIVCE");
    /// ```
    #[must_use]
    pub const fn meaning(&self) -> &Self {
        match self {
            Self::UserApplyPlatformServiceMisspelled => &Self::UserApplyPlatformService,
            other => other,
        }
    }
}

/// The name of a complaint event's plaintext in errors.
const RESOURCE: &str = "a complaint resource";
