//! The content of a violation notification: a penalty of a service provider's merchant.

use crate::codec::json::{read_document, wire_object};
use crate::complaint::Timestamp;
use crate::error::DecodeError;
use crate::open_enum::open_enum;
use crate::trust::Unverified;

wire_object! {
    /// A penalty, an interception or an appeal of a merchant below a service provider: the resource
    /// of `VIOLATION.PUNISH`, `VIOLATION.INTERCEPT` and `VIOLATION.APPEAL`.
    ///
    /// Disputes with payers are one of the risks ([`RiskType::TransactionDispute`]). The events are
    /// registered at a separate URL ([`CreateViolationUrl`](super::CreateViolationUrl)), and are
    /// signed and encrypted like a complaint's. Source: official documentation partner/4012471330
    /// and 4012064844.
    #[doc(alias("处置通知", "商户违规"))]
    pub struct Violation {
        /// The merchant concerned.
        sub_mchid: Option<String> as asked,
        /// That merchant's company.
        company_name: Option<String>,
        /// The record's number.
        record_id: Option<String> as asked,
        /// The penalty.
        punish_plan: Option<String>,
        /// Time of the penalty.
        punish_time: Option<Timestamp> as asked,
        /// The penalty in words.
        punish_description: Option<String>,
        /// The kind of risk.
        risk_type: Option<RiskType> as asked,
        /// The same in words.
        risk_description: Option<String>,
    }
}

impl Violation {
    /// Decodes a resource that was decrypted elsewhere. A member that does not fit is lost alone,
    /// and [`misfits`](Self::misfits) lists it. The result is unverified: the caller knows how it
    /// was decrypted.
    ///
    /// # Errors
    /// [`DecodeError`] for anything but an object.
    pub fn decode(plaintext: &[u8]) -> Result<Unverified<Self>, DecodeError> {
        Self::read(plaintext).map(Unverified::new)
    }

    pub(super) fn read(plaintext: &[u8]) -> Result<Self, DecodeError> {
        read_document("a violation resource", plaintext)
    }
}

open_enum! {
    /// The kind of risk of a [`Violation`]. The documentation has 34 kinds and may add more. One has
    /// a name here; the others are kept unchanged.
    pub enum RiskType {
        /// Disputes about transactions.
        TransactionDispute = "TRANSACTION_DISPUTE",
    }
}
