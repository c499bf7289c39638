//! A push as the handler gets it.

use std::sync::Arc;

use protocol_core::mini_program::Received;

/// A push for one of the listener's Mini Programs.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Pushed {
    /// The Mini Program it is for.
    pub appid: Arc<str>,
    /// The push, and what vouches for it: in plain mode, nothing does. A push only says that something changed; the complaint's
    /// detail says what.
    pub received: Received,
}

impl Pushed {
    /// As the webhook hands it out; for tests of a handler.
    ///
    /// ```
    /// use protocol_core::mini_program::{Push, Received};
    /// use wechat_adapter::mini_program::Pushed;
    ///
    /// # fn main() -> Result<(), protocol_core::DecodeError> {
    /// let push = Push::decode(br#"{"Event":"complaint_callback","complaint_order_id":"8622001","status":"201"}"#)?;
    /// let pushed = Pushed::new("wxba5fad812f8e6fb9", Received::Unverified(push));
    /// assert!(pushed.received.push().complaint().is_some());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn new(appid: impl Into<Arc<str>>, received: Received) -> Self {
        Self { appid: appid.into(), received }
    }

    /// The key it is remembered by: the Mini Program, and what is the same in every copy of the push. The platform gives no id.
    #[must_use]
    pub fn dedup_key(&self) -> String {
        format!("{}/{}", self.appid, self.received.push().dedup_key())
    }
}
