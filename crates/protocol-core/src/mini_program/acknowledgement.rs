//! The response to a push that is stored.

use super::document::Document;
use super::push::{Event, Push};
use super::received::Received;
use super::receiver::SUCCESS;
use super::xpay::XPAY;

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
    /// For an event of virtual payment (`xpay_…`) in plain mode, it is the documented success in
    /// the push's own format. For all others it is [`SUCCESS`], which the platform takes for the
    /// same: in encrypted modes any other body would have to be encrypted.
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
        let is_of_virtual_payment = event.as_deref().is_some_and(|event| event.trim().starts_with(XPAY));
        match (received, content) {
            (Received::Unverified(_), Event::Other(Document::Json(_))) if is_of_virtual_payment => Self::JSON,
            (Received::Unverified(_), Event::Other(Document::Xml(_))) if is_of_virtual_payment => Self::XML,
            _ => Self::TEXT,
        }
    }

    /// The response to every push that is not virtual payment's.
    pub const TEXT: Self = Self { body: SUCCESS, content_type: "text/plain; charset=utf-8" };

    const JSON: Self = Self { body: r#"{"ErrCode":0,"ErrMsg":"success"}"#, content_type: "application/json" };
    const XML: Self = Self {
        body: "<xml><ErrCode>0</ErrCode><ErrMsg><![CDATA[success]]></ErrMsg></xml>",
        content_type: "application/xml",
    };
}
