//! The key that identifies a message to the deduplication store.

use std::fmt;

/// The key of a message: its id and, if its signature could be used for another message, a digest
/// of the signed string.
///
/// ```
/// use protocol_core::replay::Key;
///
/// assert_eq!(Key::from("1900007291/EV-1"), Key { id: "1900007291/EV-1", signed: None });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key<'a> {
    /// The same in every copy of the message, and in no other message: `dedup_key()` of the
    /// webhook's message.
    pub id: &'a str,
    /// The digest of the string that a Mini Program's push was signed over. WeChat Pay's
    /// notifications have none: their signature covers the id.
    pub signed: Option<SignedDigest>,
}

impl<'a> From<&'a str> for Key<'a> {
    fn from(id: &'a str) -> Self {
        Self { id, signed: None }
    }
}

/// Represents the string that a push was signed over: the same for every query and body that the
/// signature fits. 32 bytes, shown as 64 lower-case hexadecimal digits.
///
/// ```
/// use protocol_core::replay::SignedDigest;
///
/// assert_eq!(SignedDigest::new([0xab; 32]).to_string(), "ab".repeat(32));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SignedDigest([u8; 32]);

impl SignedDigest {
    /// A digest of these bytes, for a store's tests and for digests read from it.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for SignedDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SignedDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedDigest({self})")
    }
}
