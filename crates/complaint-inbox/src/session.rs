//! Those who are logged in.

use protocol_core::UnixTime;

/// A person who is logged in, until a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The digest of the token that the person's browser holds. The token itself is not kept.
    pub digest: [u8; 32],
    /// The name of the person.
    pub user: String,
    /// The time of the log-in.
    pub opened: UnixTime,
    /// The time from which on the session is over.
    pub expires: UnixTime,
}

impl Session {
    /// Whether it is not over.
    pub(crate) fn is_open(&self, now: UnixTime) -> bool {
        now < self.expires
    }
}
