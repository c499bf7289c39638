//! A complaint to file.

use std::fmt;

use bytes::Bytes;
use protocol_core::UnixTime;

use super::account::MerchantAccount;

/// A complaint to file. Default: a payer of the default merchant was charged 3 fen twice, and asks
/// for no refund.
#[derive(Clone, Default)]
#[must_use]
pub struct NewComplaint {
    pub(crate) mchid: Option<String>,
    pub(crate) complainted_mchid: Option<String>,
    pub(crate) complaint_detail: Option<String>,
    pub(crate) complaint_time: Option<UnixTime>,
    pub(crate) amount: Option<u64>,
    pub(crate) problem_description: Option<String>,
    pub(crate) problem_type: Option<String>,
    pub(crate) apply_refund_amount: Option<u64>,
    pub(crate) payer_phone: Option<String>,
    pub(crate) payer_openid: Option<String>,
    pub(crate) images: Vec<Bytes>,
    pub(crate) linked_images: Vec<String>,
    pub(crate) user_tags: Vec<String>,
    pub(crate) need_immediate_service: bool,
    pub(crate) service_order: bool,
    pub(crate) history_entries: usize,
}

/// The payer's words and phone number are left out.
impl fmt::Debug for NewComplaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewComplaint")
            .field("mchid", &self.mchid)
            .field("problem_type", &self.problem_type)
            .field("images", &self.images.len())
            .finish_non_exhaustive()
    }
}

impl NewComplaint {
    /// The merchant. Default: the default merchant.
    pub fn with_merchant(mut self, merchant: &MerchantAccount) -> Self {
        self.mchid = Some(merchant.mchid.clone());
        self
    }

    /// The accused merchant, if it is a sub-merchant of a service provider.
    pub fn with_complainted_mchid(mut self, mchid: impl Into<String>) -> Self {
        self.complainted_mchid = Some(mchid.into());
        self
    }

    /// The payer's words, at most 300 characters.
    pub fn with_complaint_detail(mut self, detail: impl Into<String>) -> Self {
        self.complaint_detail = Some(detail.into());
        self
    }

    /// The time of filing. Default: now.
    pub fn with_complaint_time(mut self, time: UnixTime) -> Self {
        self.complaint_time = Some(time);
        self
    }

    /// The order's amount, in fen.
    pub fn with_amount(mut self, fen: u64) -> Self {
        self.amount = Some(fen);
        self
    }

    /// The title of the help entry that the payer came from.
    pub fn with_problem_description(mut self, description: impl Into<String>) -> Self {
        self.problem_description = Some(description.into());
        self
    }

    /// `REFUND`, `SERVICE_NOT_WORK`, `OTHERS` or anything else.
    pub fn with_problem_type(mut self, problem_type: impl Into<String>) -> Self {
        self.problem_type = Some(problem_type.into());
        self
    }

    /// Asks for a refund of this many fen: `REFUND` and `apply_refund_amount`.
    pub fn with_refund(mut self, fen: u64) -> Self {
        self.apply_refund_amount = Some(fen);
        self.with_problem_type("REFUND")
    }

    /// The payer's phone number, in clear. Responses encrypt it to the merchant's certificate.
    pub fn with_payer_phone(mut self, phone: impl Into<String>) -> Self {
        self.payer_phone = Some(phone.into());
        self
    }

    /// The payer's openid. Only the detail has it.
    pub fn with_payer_openid(mut self, openid: impl Into<String>) -> Self {
        self.payer_openid = Some(openid.into());
        self
    }

    /// Adds one of the payer's pictures.
    pub fn with_image(mut self, bytes: impl Into<Bytes>) -> Self {
        self.images.push(bytes.into());
        self
    }

    /// Adds a plain link to a picture to the first entry of the history.
    pub fn with_linked_image(mut self, link: impl Into<String>) -> Self {
        self.linked_images.push(link.into());
        self
    }

    /// Adds a tag such as `TRUSTED` or `HIGH_RISK`.
    pub fn with_user_tag(mut self, tag: impl Into<String>) -> Self {
        self.user_tags.push(tag.into());
        self
    }

    /// The payer waits for immediate service.
    pub fn with_immediate_service(mut self) -> Self {
        self.need_immediate_service = true;
        self
    }

    /// The complaint also is about a pay-score service order.
    pub fn with_service_order(mut self) -> Self {
        self.service_order = true;
        self
    }

    /// Adds this many entries to the history, for paging.
    pub fn with_history_entries(mut self, count: usize) -> Self {
        self.history_entries = count;
        self
    }
}
