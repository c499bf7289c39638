//! Signatures and their two encodings.

use alloc::vec::Vec;
use core::fmt;

use subtle::ConstantTimeEq as _;

use crate::scalar::Scalar;

/// An SM2 signature: r and s, both from 1 to n − 1.
#[derive(Clone, Copy)]
pub struct Signature {
    pub(crate) r: Scalar,
    pub(crate) s: Scalar,
}

impl Signature {
    /// The longest DER encoding in bytes.
    pub const MAX_DER_BYTES: usize = 72;

    /// Reads r and s, 32 bytes each, big-endian. `None` if one of them is out of range.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 64]) -> Option<Self> {
        let (r, s) = bytes.split_first_chunk()?;
        Self::new(Scalar::from_bytes(r)?, Scalar::from_bytes(s.first_chunk()?)?)
    }

    /// Reads ASN.1 `SEQUENCE { INTEGER r, INTEGER s }`. `None` if it is not DER to the last byte, or
    /// r or s is out of range.
    #[must_use]
    pub fn from_der(der: &[u8]) -> Option<Self> {
        let (members, rest) = read_element(SEQUENCE, der)?;
        let (r, members) = read_element(INTEGER, members)?;
        let (s, end) = read_element(INTEGER, members)?;
        if !rest.is_empty() || !end.is_empty() {
            return None;
        }
        Self::new(read_scalar(r)?, read_scalar(s)?)
    }

    /// r and s, 32 bytes each, big-endian.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        let (r, s) = bytes.split_at_mut(32);
        r.copy_from_slice(&self.r.to_bytes());
        s.copy_from_slice(&self.s.to_bytes());
        bytes
    }

    /// ASN.1 DER, 8 to 72 bytes.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let mut der = Vec::with_capacity(Self::MAX_DER_BYTES);
        der.extend([SEQUENCE, 0]);
        for scalar in [&self.r, &self.s] {
            let bytes = scalar.to_bytes();
            let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
            let significant = bytes.get(zeros..).unwrap_or_default();
            // A set top bit would mean a negative number.
            let sign = significant.first().is_some_and(|&byte| byte >= 0x80).then_some(0);
            der.extend([INTEGER, (significant.len() + usize::from(sign.is_some())) as u8]);
            der.extend(sign);
            der.extend(significant);
        }
        let length = (der.len() - 2) as u8;
        if let Some(slot) = der.get_mut(1) {
            *slot = length;
        }
        der
    }

    pub(crate) fn new(r: Scalar, s: Scalar) -> Option<Self> {
        // Public: a signature is.
        (!bool::from(r.is_zero() | s.is_zero())).then_some(Self { r, s })
    }
}

impl PartialEq for Signature {
    fn eq(&self, other: &Self) -> bool {
        bool::from(self.r.ct_eq(&other.r) & self.s.ct_eq(&other.s))
    }
}

impl Eq for Signature {}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(")?;
        self.to_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

/// The content of an element with a length below 128, as all of these have, and what is behind it.
fn read_element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[first, length], rest) = der.split_first_chunk()?;
    if first != tag || length >= 0x80 {
        return None;
    }
    rest.split_at_checked(length.into())
}

/// The content of a DER integer that is not negative and below n.
fn read_scalar(content: &[u8]) -> Option<Scalar> {
    let magnitude = match content {
        [0, rest @ ..] if matches!(rest, [0x80..=0xff, ..]) => rest,
        // No content, a needless zero, a negative number.
        [] | [0, _, ..] | [0x80..=0xff, ..] => return None,
        all => all,
    };
    let mut bytes = [0; 32];
    let start = bytes.len().checked_sub(magnitude.len())?;
    bytes.get_mut(start..)?.copy_from_slice(magnitude);
    Scalar::from_bytes(&bytes)
}

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limbs;
    use crate::scalar::N;
    use alloc::format;

    /// The smallest and the largest signature, in both encodings.
    #[test]
    fn encodings_have_their_least_and_most_bytes() {
        let mut one = [0; 64];
        (one[31], one[63]) = (1, 1);
        let least = Signature::from_bytes(&one).unwrap();
        assert_eq!(least.to_der(), [0x30, 6, 2, 1, 1, 2, 1, 1]);
        assert_eq!(Signature::from_der(&least.to_der()), Some(least));

        let last = limbs::to_bytes(&limbs::subtract_wide(&N, &[1, 0, 0, 0]).0);
        let most = Signature::from_bytes(&[last, last].concat().try_into().unwrap()).unwrap();
        assert_eq!(most.to_der().len(), Signature::MAX_DER_BYTES);
        assert_eq!(Signature::from_der(&most.to_der()), Some(most));
        assert!(format!("{most:?}").starts_with("Signature(fffffffe"));
        assert_ne!(least, most);
    }

    #[test]
    fn der_that_is_not_strict_is_refused() {
        for (reason, der) in [
            ("nothing", &[][..]),
            ("no length", &[0x30]),
            ("another tag", &[0x31, 6, 2, 1, 1, 2, 1, 1]),
            ("a member of another tag", &[0x30, 6, 2, 1, 1, 3, 1, 1]),
            ("a byte behind it", &[0x30, 6, 2, 1, 1, 2, 1, 1, 0]),
            ("a byte behind its members", &[0x30, 7, 2, 1, 1, 2, 1, 1, 0]),
            ("a byte too few", &[0x30, 6, 2, 1, 1, 2, 1]),
            ("a length in two bytes", &[0x30, 0x81, 6, 2, 1, 1, 2, 1, 1]),
            ("an indefinite length", &[0x30, 0x80, 2, 1, 1, 2, 1, 1, 0, 0]),
            ("a needless zero", &[0x30, 7, 2, 2, 0, 1, 2, 1, 1]),
            ("a negative number", &[0x30, 6, 2, 1, 0x81, 2, 1, 1]),
            ("no content", &[0x30, 5, 2, 0, 2, 1, 1]),
            ("zero", &[0x30, 6, 2, 1, 0, 2, 1, 1]),
            ("one member", &[0x30, 3, 2, 1, 1]),
            ("three members", &[0x30, 9, 2, 1, 1, 2, 1, 1, 2, 1, 1]),
        ] {
            assert_eq!(Signature::from_der(der), None, "{reason}");
        }
        let mut wide = [1; 39];
        wide[..4].copy_from_slice(&[0x30, 37, 2, 33]);
        wide[36] = 2;
        assert_eq!(Signature::from_der(&wide), None, "33 bytes");
    }
}
