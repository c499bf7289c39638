//! The response to a push that is stored.

use super::document::Document;
use super::push::{Event, Push};
use super::received::Received;
use super::receiver::SUCCESS;
use super::xpay::{XPAY_COMPLAINT, XPAY_RESTRICTION};

/// The response to a push, once it is stored: its body, and the body's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Acknowledgement {
    /// The body.
    pub body: &'static str,
    /// Its `Content-Type`.
    pub content_type: &'static str,
}

impl Acknowledgement {
    /// The response to this push.
    ///
    /// For virtual payment's complaints (`xpay_complaint_notify`) and restrictions
    /// (`xpay_wxpay_callback_notify`) in plain mode, it is the documented success in the push's own
    /// format. For all others it is [`SUCCESS`]: in encrypted modes any other body would have to be
    /// encrypted, and other events of virtual payment, such as `xpay_goods_deliver_notify`, may
    /// take `ErrCode` 0 for the end of a delivery that this crate knows nothing of.
    ///
    /// ```
    /// use protocol_core::mini_program::{Acknowledgement, Push, Received};
    ///
    /// # fn main() -> Result<(), protocol_core::DecodeError> {
    /// let push = Push::decode(br#"{"Event":"xpay_complaint_notify"}"#)?;
    /// let acknowledgement = Acknowledgement::of(&Received::Unverified(push));
    /// assert_eq!(acknowledgement.body, r#"{"ErrCode":0,"ErrMsg":"success"}"#);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn of(received: &Received) -> Self {
        let Push { event, content, .. } = received.push();
        let is_typed = matches!(event.as_deref().map(str::trim), Some(XPAY_COMPLAINT | XPAY_RESTRICTION));
        match (received, content) {
            (Received::Unverified(_), Event::Other(Document::Json(_))) if is_typed => Self::JSON,
            (Received::Unverified(_), Event::Other(Document::Xml(_))) if is_typed => Self::XML,
            _ => Self::TEXT,
        }
    }

    /// The response to every other push.
    pub const TEXT: Self = Self { body: SUCCESS, content_type: "text/plain; charset=utf-8" };

    const JSON: Self = Self { body: r#"{"ErrCode":0,"ErrMsg":"success"}"#, content_type: "application/json" };
    const XML: Self = Self {
        body: "<xml><ErrCode>0</ErrCode><ErrMsg><![CDATA[success]]></ErrMsg></xml>",
        content_type: "application/xml",
    };
}
