//! What a message is remembered by.

use core::fmt;

/// What a message is remembered by: its id and, where its signature could be used for another
/// message, what was signed.
///
/// ```
/// use protocol_core::replay::Key;
///
/// assert_eq!(Key::from("1900007291/EV-1"), Key { id: "1900007291/EV-1", signed: None });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key<'a> {
    /// The same in every copy of the message, and in no other message: `dedup_key()` of what the
    /// webhook hands out.
    pub id: &'a str,
    /// The digest of what a Mini Program's push was signed over. WeChat Pay's notifications have
    /// none: their id is signed.
    pub signed: Option<SignedDigest>,
}

impl<'a> From<&'a str> for Key<'a> {
    fn from(id: &'a str) -> Self {
        Self { id, signed: None }
    }
}

/// Stands for the string that a push was signed over: the same for every query and body whose
/// signature it is. 32 bytes, shown as 64 hexadecimal digits in lower case.
///
/// ```
/// use protocol_core::replay::SignedDigest;
///
/// assert_eq!(SignedDigest::new([0xab; 32]).to_string(), "ab".repeat(32));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SignedDigest([u8; 32]);

impl SignedDigest {
    /// A digest of these bytes: for a store's tests, and for digests read back.
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
