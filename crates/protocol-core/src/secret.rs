//! Secrets and personal data: types whose `Debug` never shows what they hold.

use std::fmt;

use crate::codec::pasted;

/// Secret bytes (a key, a password). Overwritten when dropped, never printed, not comparable.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes the bytes over. Other copies of them are the caller's to erase.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Reads a secret from a file or a variable, as people save it. A byte-order mark, whitespace
    /// around it and one pair of quotes are removed; UTF-16 is converted. No platform's token, key
    /// or secret contains quotes or whitespace.
    ///
    /// ```
    /// use protocol_core::Secret;
    ///
    /// let utf16 = b"\xff\xfet\x000\0k\0e\0n\0";
    /// for file in [&b"t0ken"[..], b"t0ken \r\n", b"\xef\xbb\xbft0ken", b"\"t0ken\"\n", utf16] {
    ///     assert_eq!(Secret::read(file).expose(), b"t0ken");
    /// }
    /// ```
    #[must_use]
    pub fn read(file: &[u8]) -> Self {
        Self(pasted::unquoted(pasted::Text::of_file(file).trimmed()).to_vec())
    }

    /// Borrows the bytes.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

/// Erases at the speed of a fill: `Zeroizing` writes byte by byte, which took longer than to
/// decrypt the bytes.
impl Drop for Secret {
    fn drop(&mut self) {
        self.0.resize(self.0.capacity(), 0);
        self.0.fill(0);
        zeroize::optimization_barrier(self.0.as_slice());
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Personal data on the wire: a phone number, an openid, an address, a payer's own words.
///
/// Serde reads and writes the value unchanged, but `Debug` shows only that there is one. There is
/// no `Display` and no `Deref`: every reader calls [`expose`](Self::expose).
///
/// ```
/// use protocol_core::Personal;
/// let openid = Personal::new("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".to_owned());
/// assert_eq!(format!("{openid:?}"), "Personal(***)");
/// assert_eq!(openid.expose(), "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Marks a value as personal.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, owned.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> From<T> for Personal<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl From<&str> for Personal<String> {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Personal(***)")
    }
}

impl<T: serde::Serialize> serde::Serialize for Personal<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Personal<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_taken_over_are_unchanged() {
        assert_eq!(Secret::new(b"key".to_vec()).expose(), b"key");
        assert_eq!(Personal::<String>::from("words").into_exposed(), "words");
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::new(b"canary".to_vec())), "Secret(***)");
        assert_eq!(format!("{:?}", Personal::new("canary")), "Personal(***)");
    }
}
