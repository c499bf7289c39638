//! One complaint, as the list and the detail return it.

use super::{Encrypted, Fen, Timestamp};
use crate::codec::json::{read_document, wire_object};
use crate::error::DecodeError;
use crate::open_enum::open_enum;
use crate::secret::Personal;
use crate::trust::Unverified;

wire_object! {
    /// A complaint. The list omits `payer_openid`; otherwise list and detail are the same.
    #[doc(alias("投诉单", "投诉", "complaints-v2"))]
    pub struct Complaint {
        /// The platform's id of the complaint, at most 64 characters. Digits today; treat it as
        /// opaque.
        complaint_id: String,
        /// When the payer filed it.
        complaint_time: Option<Timestamp> as asked,
        /// The payer's words, at most 300 characters.
        complaint_detail: Option<Personal<String>>,
        /// The complaint's state.
        complaint_state: Option<ComplaintState> as asked,
        /// The accused merchant; under a service provider, the sub-merchant. Missing in older data.
        complainted_mchid: Option<String> as decisive,
        /// The payer's phone number, encrypted to the merchant's certificate; only if the payer
        /// left one. Through Allinpay it is unencrypted.
        payer_phone: Option<Encrypted>,
        /// The payer's openid under the merchant's application; in the detail only, and not for
        /// pay-score orders.
        payer_openid: Option<Personal<String>>,
        /// The orders complained about: one today; the platform may send more.
        complaint_order_info: Vec<ComplaintOrder> as asked,
        /// Whether every order of the complaint is fully refunded.
        complaint_full_refunded: Option<bool> as asked,
        /// Whether a message of the payer waits for a reply.
        incoming_user_response: Option<bool> as asked,
        /// Number of the payer's complaints: 1 at first, one more for each continuation.
        user_complaint_times: Option<i64> as asked,
        /// Pictures of the payer and of the log.
        complaint_media_list: Vec<ComplaintMedia>,
        /// Title of the help entry that led the payer here, at most 256 characters.
        problem_description: Option<String>,
        /// The payer's demand.
        problem_type: Option<ProblemType> as asked,
        /// Amount of the refund that the payer demands; only with [`ProblemType::Refund`].
        apply_refund_amount: Option<Fen> as asked,
        /// The platform's marks on the payer or the complaint.
        user_tag_list: Vec<UserTag> as asked,
        /// Pay-score service orders.
        service_order_info: Vec<ServiceOrder> as asked,
        /// More about the case, depending on the kind of business.
        additional_info: Option<AdditionalInfo>,
        /// Whether the platform is assisting (since 2024-09).
        in_platform_service: Option<bool> as asked,
        /// Whether the payer waits for immediate service (since 2024-09).
        need_immediate_service: Option<bool> as asked,
        /// Whether the payer's AI agent filed it (since 2025-09): 是否是智能体投诉. No human agent is
        /// meant.
        is_agent_mode: Option<bool> as asked,
        /// Allinpay only: the merchant the complaint belongs to, for an agent's lists.
        merchant_no = "merchantNo": Option<String> as decisive,
    }
}

impl Complaint {
    /// Decodes one complaint. A member that does not fit is lost alone, and
    /// [`misfits`](Self::misfits) lists it. The result is unverified: the caller knows where the
    /// bytes come from.
    ///
    /// ```
    /// use protocol_core::complaint::Complaint;
    ///
    /// # fn main() -> Result<(), protocol_core::DecodeError> {
    /// let document = br#"{"complaint_id":"1","complaint_full_refunded":"partly"}"#;
    /// let complaint = Complaint::decode(document)?.trust_anyway();
    /// assert_eq!(complaint.complaint_full_refunded, None);
    /// // Unreadable is not absent: call the method before deciding by the member.
    /// assert!(complaint.complaint_full_refunded().is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`DecodeError`] for anything but a complaint.
    pub fn decode(document: &[u8]) -> Result<Unverified<Self>, DecodeError> {
        read_document("a complaint", document).map(Unverified::new)
    }
}

wire_object! {
    /// An order complained about.
    pub struct ComplaintOrder {
        /// WeChat Pay's order number, at most 64 characters.
        transaction_id: Option<String> as asked,
        /// The merchant's order number, at most 64 characters.
        out_trade_no: Option<String> as asked,
        /// The order's amount.
        amount: Option<Fen> as asked,
        /// Virtual payment only: the merchant's order number. `out_trade_no` is the platform's
        /// there.
        wxa_out_trade_no: Option<String> as asked,
        /// Virtual payment only: the platform's number of the virtual order.
        wx_order_id: Option<String> as asked,
    }
}

wire_object! {
    /// Pictures of one kind. A complaint has a list of these, a history entry one object; both read
    /// alike.
    pub struct ComplaintMedia {
        /// The kind of the pictures.
        media_type: Option<MediaType>,
        /// Addresses at the platform's image interface, fetched with a signed request. Use each
        /// unchanged: its percent-escapes are part of the signature.
        media_url: Vec<Personal<String>>,
    }
}

wire_object! {
    /// A pay-score service order.
    pub struct ServiceOrder {
        /// WeChat Pay's number of the service order, at most 128 characters.
        order_id: Option<String>,
        /// The merchant's number of it, at most 128 characters.
        out_order_no: Option<String>,
        /// Its state when the complaint was filed; later changes do not show.
        state: Option<ServiceOrderState>,
    }
}

wire_object! {
    /// More about the case, depending on the kind of business.
    pub struct AdditionalInfo {
        /// The kind; it decides which of the other members is present.
        kind = "type": Option<AdditionalInfoType>,
        /// Power-bank rental.
        share_power_info: Option<SharePowerInfo>,
    }
}

wire_object! {
    /// A power bank's return.
    pub struct SharePowerInfo {
        /// Time of the return.
        return_time: Option<Timestamp>,
        /// Place of the return.
        return_address_info: Option<ReturnAddressInfo>,
        /// Whether it went back into the machine it came from.
        is_returned_to_same_machine: Option<bool>,
    }
}

wire_object! {
    /// The place where a power bank was returned, which shows where the payer was.
    pub struct ReturnAddressInfo {
        /// Address in words, at most 256 characters.
        return_address: Option<Personal<String>>,
        /// Longitude in degrees, as a decimal string.
        longitude: Option<Personal<String>>,
        /// Latitude in degrees, as a decimal string.
        latitude: Option<Personal<String>>,
    }
}

open_enum! {
    /// A complaint's state.
    ///
    /// `PENDING` becomes `PROCESSING` with the merchant's first reply. It becomes `PROCESSED` when
    /// the complaint is completed, its refund was refused, or the refund arrived. If the payer
    /// continues the complaint, it reopens.
    #[doc(alias("投诉状态"))]
    pub enum ComplaintState {
        /// Waits for the merchant's first reply.
        Pending = "PENDING",
        /// Being negotiated.
        Processing = "PROCESSING",
        /// Closed.
        Processed = "PROCESSED",
    }
}

open_enum! {
    /// The kind of a picture's origin.
    pub enum MediaType {
        /// Uploaded by the payer.
        UserComplaintImage = "USER_COMPLAINT_IMAGE",
        /// Belonging to an entry of the log.
        OperationImage = "OPERATION_IMAGE",
    }
}

open_enum! {
    /// The payer's demand.
    pub enum ProblemType {
        /// A refund.
        Refund = "REFUND",
        /// The service does not work.
        ServiceNotWork = "SERVICE_NOT_WORK",
        /// Something else.
        Others = "OTHERS",
    }
}

open_enum! {
    /// A mark on the payer or the complaint.
    pub enum UserTag {
        /// The payer meets the condition for a fast refund.
        Trusted = "TRUSTED",
        /// High risk: handle this one first.
        HighRisk = "HIGH_RISK",
        /// Not eligible for a fast refund (older data).
        Others = "OTHERS",
    }
}

open_enum! {
    /// A service order's state.
    pub enum ServiceOrderState {
        /// Running.
        Doing = "DOING",
        /// Cancelled.
        Revoked = "REVOKED",
        /// Waiting for payment.
        WaitPay = "WAITPAY",
        /// Done.
        Done = "DONE",
        /// Waiting for payment, until 2022-06.
        Created = "CREATED",
        /// Expired, until 2022-06.
        Expired = "EXPIRED",
    }
}

open_enum! {
    /// The kind of an [`AdditionalInfo`].
    pub enum AdditionalInfoType {
        /// Power-bank rental.
        SharePower = "SHARE_POWER_TYPE",
    }
}
