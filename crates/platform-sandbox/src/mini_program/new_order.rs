//! A transaction complaint to file.

use std::fmt;

use protocol_core::UnixTime;

/// A transaction complaint to file. The default: goods for 50 yuan are not as described, no pictures.
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

/// The payer's words and phone number are not shown.
impl fmt::Debug for NewOrderComplaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewOrderComplaint").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl NewOrderComplaint {
    /// What it is about: 643 and so on.
    pub fn with_type(mut self, kind: u32) -> Self {
        self.kind = Some(kind);
        self
    }

    /// The payer's words; empty for none, and then the push has no such member.
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

    /// What was bought.
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

    /// When it was filed, if not now.
    pub fn with_time(mut self, time: UnixTime) -> Self {
        self.time = Some(time);
        self
    }

    /// A link to a picture of the payer's.
    pub fn with_media_link(mut self, link: impl Into<String>) -> Self {
        self.media_links.push(link.into());
        self
    }

    /// So many messages of the payer after the complaint itself: the push has that many entries more.
    pub fn with_history_entries(mut self, count: usize) -> Self {
        self.history_entries = count;
        self
    }
}
