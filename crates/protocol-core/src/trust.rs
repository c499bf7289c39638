//! Whether a signature covered a value: [`Verified`] (one did) or [`Unverified`] (none did).

use std::ops::Deref;

/// A value whose bytes a platform's signature covered. Only this crate's verification makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    #[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
    pub(crate) const fn new(value: T) -> Self {
        Self(value)
    }

    /// Returns the value, owned. Values that are made of it are no longer marked as verified.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A value that no signature covers: an image download, an unsigned error, a file given to a
/// decoder.
///
/// The function that returns it says where it comes from: TLS and an allow-listed host, the file's
/// owner, or no proof at all. Taking the value out is explicit.
///
/// ```
/// use protocol_core::codec::decode_json;
/// use protocol_core::complaint::Complaint;
///
/// # fn main() -> Result<(), protocol_core::DecodeError> {
/// let filed = decode_json::<Complaint>("a complaint", br#"{"complaint_id":"1"}"#)?;
/// let id = filed.map(|complaint| complaint.complaint_id);
/// assert_eq!(id.peek(), "1");
/// let id = id.trust_anyway(); // The caller vouches for it from here on.
/// # let _ = id;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unverified<T>(T);

impl<T> Unverified<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, taken without proof of where it comes from.
    pub fn trust_anyway(self) -> T {
        self.0
    }

    /// Maps the value; the result is as unverified as the value is.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Unverified<U> {
        Unverified(make(self.0))
    }

    /// Borrows the value, without proof of where it comes from.
    pub const fn peek(&self) -> &T {
        &self.0
    }
}
