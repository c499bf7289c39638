//! A transaction complaint to file.

use std::fmt;

use protocol_core::UnixTime;

/// A transaction complaint to file. Default: goods for 50 yuan are not as described; no pictures.
#[derive(Clone, Default)]
#[must_use]
pub struct NewOrderComplaint {
    pub(super) kind: Option<u32>,
    pub(super) content: Option<String>,
    pub(super) phone_number: Option<String>,
    pub(super) open_id: Option<String>,
    pub(super) product_name: Option<String>,
    pub(super) total_cost: Option<u64>,
    pub(super) out_trade_no: Option<String>,
    pub(super) time: Option<UnixTime>,
    pub(super) media_links: Vec<String>,
    pub(super) history_entries: usize,
}

/// The payer's words and phone number are left out.
impl fmt::Debug for NewOrderComplaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewOrderComplaint").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl NewOrderComplaint {
    /// The type of the complaint, such as 643.
    pub fn with_type(mut self, kind: u32) -> Self {
        self.kind = Some(kind);
        self
    }

    /// The payer's words. With an empty text the push lacks the member.
    pub fn with_content(mut self, content: impl Into<String>) -> Self {
        self.content = Some(content.into());
        self
    }

    /// The payer's phone number.
    pub fn with_phone_number(mut self, phone: impl Into<String>) -> Self {
        self.phone_number = Some(phone.into());
        self
    }

    /// The payer's openid.
    pub fn with_open_id(mut self, open_id: impl Into<String>) -> Self {
        self.open_id = Some(open_id.into());
        self
    }

    /// The product's name.
    pub fn with_product_name(mut self, name: impl Into<String>) -> Self {
        self.product_name = Some(name.into());
        self
    }

    /// The order's amount, in fen.
    pub fn with_total_cost(mut self, fen: u64) -> Self {
        self.total_cost = Some(fen);
        self
    }

    /// The merchant's order number.
    pub fn with_out_trade_no(mut self, number: impl Into<String>) -> Self {
        self.out_trade_no = Some(number.into());
        self
    }

    /// The time of filing. Default: now.
    pub fn with_time(mut self, time: UnixTime) -> Self {
        self.time = Some(time);
        self
    }

    /// Adds a link to one of the payer's pictures.
    pub fn with_media_link(mut self, link: impl Into<String>) -> Self {
        self.media_links.push(link.into());
        self
    }

    /// Adds this many messages of the payer after the complaint itself, one history entry each.
    pub fn with_history_entries(mut self, count: usize) -> Self {
        self.history_entries = count;
        self
    }
}
