//! Keys and certificates in every form people paste, and errors that name what was pasted instead.
//!
//! Accepted:
//! - documents: PKCS#8, PKCS#1, SEC1 (`EC PRIVATE KEY`, OpenSSL's `SM2 PRIVATE KEY`),
//!   `SubjectPublicKeyInfo`, X.509, with curves named or in numbers;
//! - encodings: PEM, base64, hexadecimal, DER;
//! - bare numbers: SM2 only, as base64 or hexadecimal;
//! - around them: UTF-16, CRLF, a byte-order mark, whitespace, quotes; around PEM blocks, text of
//!   any encoding.
//!
//! Of several PEM blocks, the first of the needed kind is read. The bytes decide the kind of a
//! file; its PEM labels are ignored.

#[cfg(feature = "rsa")]
use super::rsa::{RsaPrivateKey, RsaPublicKey};
#[cfg(feature = "sm2")]
use super::sm2::{Sm2PrivateKey, Sm2PublicKey};
use crate::limits::MAX_KEY_FILE;
use crate::time::UnixTime;

mod document;
#[cfg(feature = "sm2")]
mod elliptic;
mod error;
mod forms;
mod others;
mod pem;

use document::Parsed;
pub use error::{AlgorithmOid, Expected, Found, KeyError};
use forms::Item;

/// A private key of either kind.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum PrivateKey {
    /// RSA.
    #[cfg(feature = "rsa")]
    Rsa(RsaPrivateKey),
    /// SM2.
    #[cfg(feature = "sm2")]
    Sm2(Sm2PrivateKey),
}

/// A public key of either kind.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublicKey {
    /// RSA.
    #[cfg(feature = "rsa")]
    Rsa(RsaPublicKey),
    /// SM2.
    #[cfg(feature = "sm2")]
    Sm2(Sm2PublicKey),
}

/// The parts of an X.509 certificate that this crate uses. Its own signature is not checked:
/// platforms vouch for their certificates by other means (the APIv3 key, the merchant's console).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    serial_no: String,
    validity: Validity,
    public_key: PublicKey,
}

/// The validity of a certificate, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// First second of validity.
    pub not_before: UnixTime,
    /// Last second of validity.
    pub not_after: UnixTime,
}

impl Certificate {
    /// The serial number as on the wire: upper-case hexadecimal.
    #[must_use]
    pub fn serial_no(&self) -> &str {
        &self.serial_no
    }

    /// The validity window.
    #[must_use]
    pub const fn validity(&self) -> Validity {
        self.validity
    }

    /// The certified key.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// Reads a certificate; of a chain, the first one.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn read(input: &[u8]) -> Result<Self, KeyError> {
        match find(input, Expected::Certificate)? {
            Parsed::Certificate(certificate) => Ok(certificate),
            other => Err(other.instead_of(Expected::Certificate)),
        }
    }
}

impl PrivateKey {
    /// Reads a private key.
    ///
    /// ```
    /// use protocol_core::crypto::PrivateKey;
    ///
    /// let certificate =
    ///     include_bytes!("../../tests/vectors/wechatpay/java/merchant_certificate.pem");
    /// let error = PrivateKey::read(certificate).unwrap_err();
    /// assert_eq!(error.to_string(), "this is a certificate; a private key is needed");
    /// ```
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn read(input: &[u8]) -> Result<Self, KeyError> {
        match find(input, Expected::PrivateKey)? {
            Parsed::Private(key) => Ok(key),
            other => Err(other.instead_of(Expected::PrivateKey)),
        }
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        match self {
            #[cfg(feature = "rsa")]
            Self::Rsa(key) => PublicKey::Rsa(key.public_key()),
            #[cfg(feature = "sm2")]
            Self::Sm2(key) => PublicKey::Sm2(key.public_key()),
        }
    }
}

impl PublicKey {
    /// Reads a public key that is not in a certificate. A certificate is refused, since its serial
    /// and its end would be lost: see [`PublicKey::read_with_certificate`].
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn read(input: &[u8]) -> Result<Self, KeyError> {
        match find(input, Expected::PublicKey)? {
            Parsed::Public(key) => Ok(key),
            other => Err(other.instead_of(Expected::PublicKey)),
        }
    }

    /// Reads a public key that stands alone or in a certificate; with the certificate, if it is
    /// one.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn read_with_certificate(input: &[u8]) -> Result<(Self, Option<Certificate>), KeyError> {
        match find(input, Expected::PublicKeyOrCertificate)? {
            Parsed::Public(key) => Ok((key, None)),
            Parsed::Certificate(certificate) => Ok((certificate.public_key.clone(), Some(certificate))),
            other => Err(other.instead_of(Expected::PublicKeyOrCertificate)),
        }
    }
}

/// The first document of the needed kind, else an error that names what was found instead.
fn find(input: &[u8], expected: Expected) -> Result<Parsed, KeyError> {
    if input.len() > MAX_KEY_FILE {
        return Err(KeyError::Mismatch { found: Found::TooLong, expected });
    }
    let mut instead = None;
    for item in forms::items(input) {
        let found = match item.as_ref().map_err(|found| *found).and_then(Item::document) {
            Ok(document) if expected.takes(document.kind()) => return document.read(),
            Ok(document) => document.kind(),
            Err(found) => found,
        };
        if instead.is_none_or(|instead: Found| found.tells(expected) > instead.tells(expected)) {
            instead = Some(found);
        }
    }
    Err(KeyError::Mismatch { found: instead.unwrap_or(Found::Nothing), expected })
}

#[cfg(test)]
mod tests {
    #[cfg(feature = "rsa")]
    use der::Encode as _;

    use super::*;
    use crate::limits::{MAX_RSA_BITS, MIN_RSA_BITS};

    /// `RSAPublicKey` with a modulus of so many ones and the exponent 65537.
    #[cfg(feature = "rsa")]
    fn rsa_key(bits: usize) -> Vec<u8> {
        let mut modulus = vec![0xFF; bits.div_ceil(8)];
        modulus[0] >>= modulus.len() * 8 - bits;
        let key = pkcs1::RsaPublicKey {
            modulus: der::asn1::UintRef::new(&modulus).unwrap(),
            public_exponent: der::asn1::UintRef::new(&[1, 0, 1]).unwrap(),
        };
        key.to_der().unwrap()
    }

    #[test]
    #[cfg(feature = "rsa")]
    fn rsa_keys_are_bounded_to_the_bit() {
        for bits in [MIN_RSA_BITS, MAX_RSA_BITS] {
            let key = PublicKey::read(&rsa_key(bits)).unwrap();
            assert_eq!(format!("{key:?}"), format!("Rsa(RsaPublicKey({bits} bits))"));
        }
        for bits in [MIN_RSA_BITS - 1, MAX_RSA_BITS + 1, 16_384] {
            assert_eq!(PublicKey::read(&rsa_key(bits)).unwrap_err(), KeyError::RsaSize { bits });
        }
    }
}
