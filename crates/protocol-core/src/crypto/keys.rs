//! Keys and certificates in every form people paste, and errors that say what was pasted instead.
//!
//! Read: PKCS#8, PKCS#1, SEC1 (`EC PRIVATE KEY`, OpenSSL's `SM2 PRIVATE KEY`), `SubjectPublicKeyInfo`,
//! X.509; as PEM, as bare base64, as DER; with CRLF, a byte-order mark and blanks around.
//! The bytes decide what a file is; a PEM label is not believed.

use core::fmt;

use der::asn1::ObjectIdentifier;
use der::{Decode as _, Encode as _, Reader as _, SliceReader};
use pkcs8::PrivateKeyInfoRef;
use spki::SubjectPublicKeyInfoRef;
use zeroize::Zeroizing;

use super::pem;
#[cfg(feature = "rsa")]
use super::rsa::{RsaPrivateKey, RsaPublicKey};
#[cfg(feature = "sm2")]
use super::sm2::{Sm2PrivateKey, Sm2PublicKey};
use crate::codec::base64;
use crate::error::Fault;
use crate::limits::{MAX_KEY_FILE, MAX_RSA_BITS, MIN_RSA_BITS};
use crate::time::UnixTime;

#[cfg(feature = "rsa")]
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
#[cfg(feature = "sm2")]
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
#[cfg(feature = "sm2")]
const SM2_CURVE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.301");

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

/// What is used of an X.509 certificate. Its own signature is not checked: platforms vouch for theirs
/// by other means (the APIv3 key, the merchant's console).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    serial_no: String,
    validity: Validity,
    public_key: PublicKey,
}

/// When a certificate is valid, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// First second of validity.
    pub not_before: UnixTime,
    /// Last second of validity.
    pub not_after: UnixTime,
}

impl Certificate {
    /// The serial number as the wire names it: upper-case hexadecimal.
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
        match parse(input, Expected::Certificate)? {
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
    /// let certificate = include_bytes!("../../tests/vectors/wechatpay/java/merchant_certificate.pem");
    /// let error = PrivateKey::read(certificate).unwrap_err();
    /// assert_eq!(error.to_string(), "this is a certificate; a private key is needed");
    /// ```
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn read(input: &[u8]) -> Result<Self, KeyError> {
        match parse(input, Expected::PrivateKey)? {
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
    /// Reads a public key that stands alone. A certificate is refused, since its serial and its end would be lost:
    /// see [`PublicKey::read_with_certificate`].
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn read(input: &[u8]) -> Result<Self, KeyError> {
        match parse(input, Expected::PublicKey)? {
            Parsed::Public(key) => Ok(key),
            other => Err(other.instead_of(Expected::PublicKey)),
        }
    }

    /// Reads a public key that stands alone or in a certificate; with the certificate, if it is one.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn read_with_certificate(input: &[u8]) -> Result<(Self, Option<Certificate>), KeyError> {
        match parse(input, Expected::PublicKeyOrCertificate)? {
            Parsed::Public(key) => Ok((key, None)),
            Parsed::Certificate(certificate) => Ok((certificate.public_key.clone(), Some(certificate))),
            other => Err(other.instead_of(Expected::PublicKeyOrCertificate)),
        }
    }
}

/// What a caller needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// A private key.
    PrivateKey,
    /// A public key.
    PublicKey,
    /// A certificate.
    Certificate,
    /// Either of the two.
    PublicKeyOrCertificate,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PrivateKey => "a private key",
            Self::PublicKey => "a public key",
            Self::Certificate => "a certificate",
            Self::PublicKeyOrCertificate => "a public key or a certificate",
        })
    }
}

/// What was given instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// Nothing, or blanks only.
    Nothing,
    /// A private key.
    PrivateKey,
    /// A private key under a password.
    EncryptedPrivateKey,
    /// A public key.
    PublicKey,
    /// A certificate.
    Certificate,
    /// A request for a certificate.
    CertificateRequest,
    /// A PKCS#12 file.
    Pkcs12,
    /// Curve parameters without a key.
    CurveParameters,
    /// A PEM block without its end.
    UnclosedPem,
    /// A PEM block that is not base64 inside.
    DamagedPem,
    /// More bytes than a key has.
    TooLong,
    /// Something else.
    Unrecognised,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "this is empty",
            Self::PrivateKey => "this is a private key",
            Self::EncryptedPrivateKey => "this is a private key under a password (take the password off first)",
            Self::PublicKey => "this is a public key",
            Self::Certificate => "this is a certificate",
            Self::CertificateRequest => "this is a certificate request",
            Self::Pkcs12 => "this is a PKCS#12 file (export the part that is needed as PEM)",
            Self::CurveParameters => "this holds curve parameters only",
            Self::UnclosedPem => "this is a PEM block without its END line",
            Self::DamagedPem => "this is a PEM block whose inside is not base64",
            Self::TooLong => "this is longer than any key",
            Self::Unrecognised => "this is neither PEM, nor base64, nor DER of a key",
        })
    }
}

/// Object identifier of an algorithm or of a curve; its text is the dotted form, `1.2.840.10045.3.1.7` say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlgorithmOid(ObjectIdentifier);

impl fmt::Display for AlgorithmOid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why no key could be read. Nothing of the input is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It is something else than what is needed.
    #[error("{found}; {expected} is needed")]
    Mismatch {
        /// What was given.
        found: Found,
        /// What is needed.
        expected: Expected,
    },
    /// An RSA modulus outside the bounds.
    #[error("this RSA key has {bits} bits; keys from {MIN_RSA_BITS} to {MAX_RSA_BITS} bits are taken")]
    RsaSize {
        /// Its length.
        bits: usize,
    },
    /// A key of another algorithm or curve.
    #[error("this key's algorithm is {oid}; RSA or SM2 is needed, and this build has to have its feature")]
    Algorithm {
        /// Object identifier of the algorithm, or of the curve.
        oid: AlgorithmOid,
    },
    /// The right kind of key, with numbers in it that do not fit each other, or (RSA) primes of unequal length,
    /// which the backends do not take.
    #[error("this key is damaged or of an unusual make: its numbers do not fit each other")]
    Damaged,
}

impl KeyError {
    /// Whoever gave the key.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        Fault::Caller
    }
}

/// Any document of the kinds this file knows.
enum Parsed {
    Private(PrivateKey),
    Public(PublicKey),
    Certificate(Certificate),
}

impl Parsed {
    const fn instead_of(&self, expected: Expected) -> KeyError {
        let found = match self {
            Self::Private(_) => Found::PrivateKey,
            Self::Public(_) => Found::PublicKey,
            Self::Certificate(_) => Found::Certificate,
        };
        KeyError::Mismatch { found, expected }
    }
}

fn parse(input: &[u8], expected: Expected) -> Result<Parsed, KeyError> {
    let mismatch = |found| KeyError::Mismatch { found, expected };
    if input.len() > MAX_KEY_FILE {
        return Err(mismatch(Found::TooLong));
    }
    let text = core::str::from_utf8(input).ok().map(|text| text.trim_start_matches('\u{feff}').trim());
    if text == Some("") {
        return Err(mismatch(Found::Nothing));
    }
    let der = match text.and_then(pem::first_block) {
        Some(Ok(block)) if block.encrypted => return Err(mismatch(Found::EncryptedPrivateKey)),
        Some(Ok(block)) if block.label.ends_with(" PARAMETERS") => return Err(mismatch(Found::CurveParameters)),
        Some(Ok(block)) => block.der,
        Some(Err(pem::Fault::Unclosed)) => return Err(mismatch(Found::UnclosedPem)),
        Some(Err(pem::Fault::NotBase64)) => return Err(mismatch(Found::DamagedPem)),
        None => match text.and_then(base64::decode_pasted) {
            Some(der) => der,
            None => Zeroizing::new(input.to_vec()),
        },
    };
    if let Some(found) = recognise_other(&der) {
        return Err(mismatch(found));
    }
    parse_der(&der).unwrap_or_else(|| Err(mismatch(Found::Unrecognised)))
}

/// `None` when the bytes are no document this file reads.
fn parse_der(der: &[u8]) -> Option<Result<Parsed, KeyError>> {
    if let Ok(info) = PrivateKeyInfoRef::try_from(der) {
        return Some(private_key(&info));
    }
    #[cfg(feature = "rsa")]
    if let Ok(key) = pkcs1::RsaPrivateKeyRef::try_from(der) {
        return Some(rsa_private_key(&key));
    }
    #[cfg(feature = "sm2")]
    if let Ok(key) = sec1::EcPrivateKey::try_from(der) {
        return Some(sec1_private_key(&key, None));
    }
    if let Ok(info) = SubjectPublicKeyInfoRef::try_from(der) {
        return Some(public_key(&info).map(Parsed::Public));
    }
    #[cfg(feature = "rsa")]
    if let Ok(key) = pkcs1::RsaPublicKeyRef::try_from(der) {
        return Some(rsa_public_key(&key).map(Parsed::Public));
    }
    certificate(der)
}

fn private_key(info: &PrivateKeyInfoRef<'_>) -> Result<Parsed, KeyError> {
    let oid = info.algorithm.oid;
    let inner = info.private_key.as_bytes();
    #[cfg(feature = "rsa")]
    if oid == RSA_ENCRYPTION {
        let key = pkcs1::RsaPrivateKeyRef::try_from(inner).map_err(|_| KeyError::Damaged)?;
        return rsa_private_key(&key);
    }
    #[cfg(feature = "sm2")]
    if is_sm2(&info.algorithm)? {
        let key = sec1::EcPrivateKey::try_from(inner).map_err(|_| KeyError::Damaged)?;
        return sec1_private_key(&key, Some(SM2_CURVE));
    }
    let _ = inner;
    Err(KeyError::Algorithm { oid: AlgorithmOid(oid) })
}

/// SM2 is written as an elliptic-curve key on its curve, or with the curve's identifier as the algorithm.
#[cfg(feature = "sm2")]
fn is_sm2(algorithm: &spki::AlgorithmIdentifierRef<'_>) -> Result<bool, KeyError> {
    if algorithm.oid == SM2_CURVE {
        return Ok(true);
    }
    if algorithm.oid != EC_PUBLIC_KEY {
        return Ok(false);
    }
    match algorithm.parameters_oid() {
        Ok(curve) if curve == SM2_CURVE => Ok(true),
        Ok(curve) => Err(KeyError::Algorithm { oid: AlgorithmOid(curve) }),
        Err(_) => Err(KeyError::Algorithm { oid: AlgorithmOid(EC_PUBLIC_KEY) }),
    }
}

#[cfg(feature = "rsa")]
fn rsa_private_key(key: &pkcs1::RsaPrivateKeyRef<'_>) -> Result<Parsed, KeyError> {
    check_modulus(&key.modulus)?;
    // The crate's own decoder checks that the primes, the modulus and the exponents fit each other.
    let der = Zeroizing::new(key.to_der().map_err(|_| KeyError::Damaged)?);
    let key = <::rsa::PrivateKey as pkcs1::DecodeRsaPrivateKey>::from_pkcs1_der(&der).map_err(|_| KeyError::Damaged)?;
    Ok(Parsed::Private(PrivateKey::Rsa(RsaPrivateKey::new(key))))
}

#[cfg(feature = "rsa")]
fn rsa_public_key(key: &pkcs1::RsaPublicKeyRef<'_>) -> Result<PublicKey, KeyError> {
    check_modulus(&key.modulus)?;
    let der = key.to_der().map_err(|_| KeyError::Damaged)?;
    let key = <::rsa::PublicKey as pkcs1::DecodeRsaPublicKey>::from_pkcs1_der(&der).map_err(|_| KeyError::Damaged)?;
    Ok(PublicKey::Rsa(RsaPublicKey::new(key)))
}

/// Before any arithmetic, so that a huge modulus costs nothing. The exponent's bounds are `rsa`'s own (odd, 3 to 2^33 - 1).
#[cfg(feature = "rsa")]
fn check_modulus(modulus: &der::asn1::UintRef<'_>) -> Result<(), KeyError> {
    let bytes = modulus.as_bytes();
    let leading = bytes.first().map_or(0, |byte| byte.leading_zeros() as usize);
    let bits = bytes.len() * 8 - leading;
    if (MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits) { Ok(()) } else { Err(KeyError::RsaSize { bits }) }
}

/// `curve` is the one an outer document names; without either, SM2 is the only curve there can be.
#[cfg(feature = "sm2")]
fn sec1_private_key(key: &sec1::EcPrivateKey<'_>, curve: Option<ObjectIdentifier>) -> Result<Parsed, KeyError> {
    let named = key.parameters.and_then(|parameters| parameters.named_curve());
    match curve.or(named) {
        Some(SM2_CURVE) | None => {}
        Some(oid) => return Err(KeyError::Algorithm { oid: AlgorithmOid(oid) }),
    }
    Sm2PrivateKey::from_scalar(key.private_key)
        .map(|key| Parsed::Private(PrivateKey::Sm2(key)))
        .ok_or(KeyError::Damaged)
}

fn public_key(info: &SubjectPublicKeyInfoRef<'_>) -> Result<PublicKey, KeyError> {
    let bytes = info.subject_public_key.as_bytes().ok_or(KeyError::Damaged)?;
    #[cfg(feature = "rsa")]
    if info.algorithm.oid == RSA_ENCRYPTION {
        let key = pkcs1::RsaPublicKeyRef::try_from(bytes).map_err(|_| KeyError::Damaged)?;
        return rsa_public_key(&key);
    }
    #[cfg(feature = "sm2")]
    if is_sm2(&info.algorithm)? {
        return Sm2PublicKey::from_point(bytes).map(PublicKey::Sm2).ok_or(KeyError::Damaged);
    }
    let _ = bytes;
    Err(KeyError::Algorithm { oid: AlgorithmOid(info.algorithm.oid) })
}

fn certificate(der: &[u8]) -> Option<Result<Parsed, KeyError>> {
    // The `Raw` profile: a serial number longer than RFC 5280 allows is no reason to refuse a key.
    let certificate = x509_cert::certificate::CertificateInner::<x509_cert::certificate::Raw>::from_der(der).ok()?;
    let body = certificate.tbs_certificate();
    let serial = body.serial_number().as_bytes();
    let significant = serial.iter().position(|&byte| byte != 0).and_then(|at| serial.get(at..)).unwrap_or(&[0]);
    let serial_no = significant.iter().map(|byte| format!("{byte:02X}")).collect();
    let seconds =
        |time: x509_cert::time::Time| UnixTime(i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX));
    let validity =
        Validity { not_before: seconds(body.validity().not_before), not_after: seconds(body.validity().not_after) };
    let key = body.subject_public_key_info().to_der().map_err(|_| KeyError::Damaged).and_then(|der| {
        let info = SubjectPublicKeyInfoRef::try_from(der.as_slice()).map_err(|_| KeyError::Damaged)?;
        public_key(&info)
    });
    Some(key.map(|public_key| Parsed::Certificate(Certificate { serial_no, validity, public_key })))
}

/// Documents people paste by mistake and that hold no key to read, told by the tags they start with.
fn recognise_other(der: &[u8]) -> Option<Found> {
    use der::Tag::{BitString, ContextSpecific, Integer, OctetString, Sequence};

    let mut reader = SliceReader::new(der).ok()?;
    let mut outer = members(&mut reader)?;
    let first = outer.next()?;
    let second = outer.next()?.0;
    let third = outer.next().map(|(tag, _)| tag);
    match (first.0, second, third) {
        // EncryptedPrivateKeyInfo { AlgorithmIdentifier, OCTET STRING }
        (Sequence, OctetString, None) => Some(Found::EncryptedPrivateKey),
        // PFX { INTEGER 3, ContentInfo { OID, [0] … }, … }
        (Integer, Sequence, Some(Sequence) | None) if first.1 == [3] => Some(Found::Pkcs12),
        // CertificationRequest { { INTEGER 0, Name, … }, AlgorithmIdentifier, BIT STRING }; a certificate's first
        // member starts with [0], or with a serial number followed by an AlgorithmIdentifier and more.
        (Sequence, Sequence, Some(BitString)) => {
            let mut body = SliceReader::new(first.1).ok()?;
            let tags: Vec<_> = values(&mut body).map(|(tag, _)| tag).collect();
            matches!(tags.as_slice(), [Integer, Sequence, Sequence, ContextSpecific { .. }])
                .then_some(Found::CertificateRequest)
        }
        _ => None,
    }
}

/// The members of the sequence that the reader stands at.
fn members<'a>(reader: &mut SliceReader<'a>) -> Option<std::vec::IntoIter<(der::Tag, &'a [u8])>> {
    let sequence = der::asn1::AnyRef::decode(reader).ok().filter(|any| der::Tagged::tag(any) == der::Tag::Sequence)?;
    let mut inside = SliceReader::new(sequence.value()).ok()?;
    Some(values(&mut inside).collect::<Vec<_>>().into_iter())
}

/// At most the first four values: no document here needs more to be told.
fn values<'a>(reader: &mut SliceReader<'a>) -> impl Iterator<Item = (der::Tag, &'a [u8])> {
    core::iter::from_fn(|| {
        if reader.is_finished() {
            return None;
        }
        der::asn1::AnyRef::decode(reader).ok().map(|any| (der::Tagged::tag(&any), any.value()))
    })
    .take(4)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_file_of_another_kind_is_told_in_words() {
        for (found, told) in [
            (Found::Nothing, "empty"),
            (Found::PrivateKey, "a private key"),
            (Found::EncryptedPrivateKey, "a private key under a password"),
            (Found::PublicKey, "a public key"),
            (Found::Certificate, "a certificate"),
            (Found::CertificateRequest, "a certificate request"),
            (Found::Pkcs12, "a PKCS#12 file"),
            (Found::CurveParameters, "curve parameters only"),
            (Found::UnclosedPem, "without its END line"),
            (Found::DamagedPem, "not base64"),
            (Found::TooLong, "longer than any key"),
            (Found::Unrecognised, "neither PEM, nor base64, nor DER"),
        ] {
            let error = KeyError::Mismatch { found, expected: Expected::PublicKeyOrCertificate };
            let text = error.to_string();
            assert!(text.contains(told) && text.contains("a public key or a certificate"), "{found:?}: {text}");
            assert_eq!(error.fault(), Fault::Caller);
        }
    }
}
