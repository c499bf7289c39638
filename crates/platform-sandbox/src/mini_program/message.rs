//! The message of a push, of either kind, and the platform's rules for its delivery.

use std::time::Duration;

use super::document::Event;
use super::push_config::{PushFormat, PushMode};
use crate::virtual_payment::{ComplaintNotice, RestrictionNotice};

/// A message to push.
#[derive(Clone)]
pub(crate) enum Message {
    /// `complaint_callback`.
    Order(Event),
    /// `xpay_complaint_notify`.
    VirtualPayment(ComplaintNotice),
    /// `xpay_wxpay_callback_notify`.
    Restriction(RestrictionNotice),
}

impl Message {
    pub(super) fn write(&self, original_id: &str, appid: &str, format: PushFormat) -> String {
        match self {
            Self::Order(event) => event.write(original_id, appid, format),
            Self::VirtualPayment(notice) => notice.write(original_id, format),
            Self::Restriction(notice) => notice.write(original_id, format),
        }
    }

    /// The event, and the state that it tells of.
    pub(super) fn title(&self) -> String {
        match self {
            Self::Order(event) => format!("complaint_callback {}", event.order.status),
            Self::VirtualPayment(_) => "xpay_complaint_notify".to_owned(),
            Self::Restriction(_) => "xpay_wxpay_callback_notify".to_owned(),
        }
    }

    /// The channel that it is about.
    pub(super) const fn channel(&self) -> &'static str {
        match self {
            Self::Order(_) => "mini-program",
            Self::VirtualPayment(_) | Self::Restriction(_) => "virtual-payment",
        }
    }

    pub(super) fn open_id(&self) -> &str {
        match self {
            Self::Order(event) => &event.order.open_id,
            Self::VirtualPayment(notice) => &notice.open_id,
            Self::Restriction(notice) => &notice.open_id,
        }
    }

    /// The complaint's number; a restriction has none.
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Order(event) => &event.order.id,
            Self::VirtualPayment(notice) => &notice.complaint_id,
            Self::Restriction(_) => "",
        }
    }

    /// The complaint's state by number; virtual payment's have none.
    pub(super) const fn status(&self) -> u32 {
        match self {
            Self::Order(event) => event.order.status,
            Self::VirtualPayment(_) | Self::Restriction(_) => 0,
        }
    }

    /// Adds to a text of the message.
    pub(super) fn push_str(&mut self, text: &str) {
        match self {
            Self::Order(event) => event.order.product_name.push_str(text),
            Self::VirtualPayment(notice) => notice.detail.push_str(text),
            Self::Restriction(notice) => notice.remark.push_str(text),
        }
    }

    /// The most attempts: virtual payment's first one and 15 retries.
    pub(super) const fn attempts(&self) -> u32 {
        match self {
            Self::Order(_) => 3,
            Self::VirtualPayment(_) | Self::Restriction(_) => 16,
        }
    }

    /// The wait after an attempt. Virtual payment's is documented as 2, 4, 8 … without a unit.
    pub(super) fn wait(&self, attempt: u32) -> Duration {
        Duration::from_secs(match self {
            Self::Order(_) => 5,
            Self::VirtualPayment(_) | Self::Restriction(_) => 1_u64.checked_shl(attempt).unwrap_or(u64::MAX),
        })
    }

    /// The message of an attempt: virtual payment's complaint counts its retries.
    pub(super) fn at(&mut self, attempt: u32) {
        if let Self::VirtualPayment(notice) = self {
            notice.retry_times = attempt.saturating_sub(1);
        }
    }

    /// Whether a body acknowledges the push: empty or `success`, or in plain mode virtual payment's
    /// own success in the format of the push.
    pub(super) fn is_acknowledged_by(&self, body: &[u8], mode: PushMode, format: PushFormat) -> bool {
        let is_own = !matches!(self, Self::Order(_)) && mode == PushMode::Plain;
        body.is_empty() || body == b"success" || (is_own && ComplaintNotice::is_success(body, format))
    }
}
