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
