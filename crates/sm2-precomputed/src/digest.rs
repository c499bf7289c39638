//! Digests: Z_A of a user id and a key, and e of a message.

use core::fmt;

use sm3::{Digest as _, Sm3};

use crate::point::Affine;

/// The id of a signer, which its signatures cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UserId<'a>(&'a [u8]);

impl<'a> UserId<'a> {
    /// The id to use where the parties agree on none (GM/T 0009, 7).
    pub const DEFAULT: UserId<'static> = UserId(b"1234567812345678");

    /// The longest id in bytes: its length in bits has to fit 16 bits.
    pub const MAX_BYTES: usize = 8191;

    /// A user id. `None` if it is longer than [`MAX_BYTES`](Self::MAX_BYTES).
    ///
    /// ```
    /// use sm2_precomputed::UserId;
    ///
    /// assert_eq!(UserId::new(b"1234567812345678"), Some(UserId::DEFAULT));
    /// ```
    #[must_use]
    pub const fn new(id: &'a [u8]) -> Option<Self> {
        if id.len() <= Self::MAX_BYTES { Some(Self(id)) } else { None }
    }

    /// Z_A (GB/T 32918.2, 5.5).
    pub(crate) fn digest_with(self, key: &Affine) -> [u8; 32] {
        let bits = self.0.len() as u16 * 8;
        let mut digest = Sm3::new();
        digest.update(bits.to_be_bytes());
        digest.update(self.0);
        digest.update(A);
        digest.update(B);
        for point in [&Affine::GENERATOR, key] {
            digest.update(point.x.to_bytes());
            digest.update(point.y.to_bytes());
        }
        digest.finalize().into()
    }
}

impl Default for UserId<'_> {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The digest of a message under a key and its user id, part by part.
///
/// ```
/// # use sm2_precomputed::{SigningKey, UserId};
/// # let key = SigningKey::new(&[7; 32], UserId::DEFAULT).ok_or("the scalar is out of range")?;
/// let mut digest = key.verifying_key().digest();
/// digest.update(b"one part, ");
/// digest.update(b"and another");
/// let signature = key.sign_digest(&digest.finish());
/// assert!(key.verifying_key().verify([&b"one part, and another"[..]], &signature).is_ok());
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone)]
pub struct Digest(Sm3);

impl Digest {
    /// A digest that begins with Z_A.
    pub(crate) fn new(user_digest: &[u8; 32]) -> Self {
        Self(Sm3::new_with_prefix(user_digest))
    }

    /// Adds the next part of the message.
    pub fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    /// e: the digest to sign or to verify.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest")
    }
}

/// The curve's a = p − 3, big-endian.
const A: [u8; 32] = [
    0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc,
];
/// The curve's b, big-endian.
const B: [u8; 32] = [
    0x28, 0xe9, 0xfa, 0x9e, 0x9d, 0x9f, 0x5e, 0x34, 0x4d, 0x5a, 0x9e, 0x4b, 0xcf, 0x65, 0x09, 0xa7, 0xf3, 0x97, 0x89,
    0xf5, 0x15, 0xab, 0x8f, 0x92, 0xdd, 0xbc, 0xbd, 0x41, 0x4d, 0x94, 0x0e, 0x93,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Field;
    use alloc::{format, vec};

    #[test]
    fn a_user_id_has_8191_bytes_at_most() {
        let long = vec![b'u'; UserId::MAX_BYTES + 1];
        assert!(UserId::new(&long).is_none());
        let longest = UserId::new(&long[1..]).unwrap();
        assert!(UserId::new(b"").is_some());
        // Its length in bits is the greatest multiple of 8 in 16 bits.
        let mut reference = Sm3::new();
        reference.update([0xff, 0xf8]);
        reference.update(&long[1..]);
        reference.update(A);
        reference.update(B);
        for point in [&Affine::GENERATOR; 2] {
            reference.update(point.x.to_bytes());
            reference.update(point.y.to_bytes());
        }
        let expected: [u8; 32] = reference.finalize().into();
        assert_eq!(longest.digest_with(&Affine::GENERATOR), expected);
        assert_eq!(UserId::default(), UserId::DEFAULT);
    }

    #[test]
    fn the_curve_is_that_of_its_generator() {
        let (x, y) = (Affine::GENERATOR.x, Affine::GENERATOR.y);
        let (a, b) = (Field::from_bytes(&A).unwrap(), Field::from_bytes(&B).unwrap());
        let right = x.square().multiply(&x).add(&a.multiply(&x)).add(&b);
        assert!(y.square().subtract(&right).is_zero_public());
    }

    #[test]
    fn a_digest_is_printed_without_its_state() {
        assert_eq!(format!("{:?}", Digest::new(&[7; 32])), "Digest");
    }
}
