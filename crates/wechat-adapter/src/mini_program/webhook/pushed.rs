//! A push as the handler gets it.

use std::sync::Arc;

use protocol_core::mini_program::Received;
use protocol_core::replay::SignedDigest;

/// A push for one of the listener's Mini Programs.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Pushed {
    /// The Mini Program it is for.
    pub appid: Arc<str>,
    /// The push, and what vouches for it: in plain mode, nothing does. A push only says
    /// that the complaint changed; its detail says how.
    pub received: Received,
    /// The digest of what it was signed over; the webhook reserves and commits it with the key.
    /// `None` in a handler's tests.
    pub signed: Option<SignedDigest>,
}

impl Pushed {
    /// As the webhook hands it out; for tests of a handler.
    ///
    /// ```
    /// use protocol_core::mini_program::{Push, Received};
    /// use wechat_adapter::mini_program::Pushed;
    ///
    /// # fn main() -> Result<(), protocol_core::DecodeError> {
    /// let push = Push::decode(
    ///     br#"{"Event":"complaint_callback","complaint_order_id":"8622001","status":"201"}"#,
    /// )?;
    /// let pushed = Pushed::new("wxba5fad812f8e6fb9", Received::Unverified(push));
    /// assert!(pushed.received.push().complaint().is_some());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn new(appid: impl Into<Arc<str>>, received: Received) -> Self {
        Self { appid: appid.into(), received, signed: None }
    }

    /// With the digest of what it was signed over, as
    /// [`Receiver::open_signed`](protocol_core::mini_program::Receiver::open_signed) returns it.
    #[must_use]
    pub const fn with_signed(mut self, signed: SignedDigest) -> Self {
        self.signed = Some(signed);
        self
    }

    /// The key it is remembered by: the Mini Program, and what is the same in every copy of the
    /// push. The platform gives no id.
    #[must_use]
    pub fn dedup_key(&self) -> String {
        format!("{}/{}", self.appid, self.received.push().dedup_key())
    }
}
