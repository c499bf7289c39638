//! The documents that hold keys, in DER: their kind is recognised first, their content read
//! afterwards.

#[cfg(feature = "rsa")]
use der::asn1::ObjectIdentifier;
use der::{Decode as _, Encode as _};
use pkcs8::PrivateKeyInfoRef;
use spki::SubjectPublicKeyInfoRef;
use x509_cert::certificate::{CertificateInner, Raw};
#[cfg(feature = "rsa")]
use zeroize::Zeroizing;

#[cfg(feature = "rsa")]
use super::super::rsa::{RsaPrivateKey, RsaPublicKey};
#[cfg(feature = "sm2")]
use super::super::sm2::{Sm2PrivateKey, Sm2PublicKey};
#[cfg(feature = "sm2")]
use super::elliptic::{Bare, Sec1, is_sm2};
use super::error::{AlgorithmOid, Expected, Found, KeyError};
use super::{Certificate, PrivateKey, PublicKey, Validity};
#[cfg(feature = "rsa")]
use crate::limits::{MAX_RSA_BITS, MIN_RSA_BITS};
use crate::time::UnixTime;

#[cfg(feature = "rsa")]
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// A document of any kind that this file knows, not read yet.
pub(super) enum Document<'a> {
    Pkcs8(PrivateKeyInfoRef<'a>),
    #[cfg(feature = "rsa")]
    Pkcs1(pkcs1::RsaPrivateKeyRef<'a>),
    #[cfg(feature = "sm2")]
    Sec1(Sec1<'a>),
    Spki(SubjectPublicKeyInfoRef<'a>),
    #[cfg(feature = "rsa")]
    Pkcs1Public(pkcs1::RsaPublicKeyRef<'a>),
    // A certificate is accepted with a serial number longer than RFC 5280 allows.
    Certificate(Box<CertificateInner<Raw>>),
    #[cfg(feature = "sm2")]
    Bare(Bare<'a>),
}

/// The key or certificate of a document.
pub(super) enum Parsed {
    Private(PrivateKey),
    Public(PublicKey),
    Certificate(Certificate),
}

impl Parsed {
    pub(super) const fn instead_of(&self, expected: Expected) -> KeyError {
        let found = match self {
            Self::Private(_) => Found::PrivateKey,
            Self::Public(_) => Found::PublicKey,
            Self::Certificate(_) => Found::Certificate,
        };
        KeyError::Mismatch { found, expected }
    }
}

impl<'a> Document<'a> {
    /// `None` when the bytes are not a document of a known kind.
    pub(super) fn recognise(der: &'a [u8]) -> Option<Self> {
        if let Ok(info) = PrivateKeyInfoRef::try_from(der) {
            return Some(Self::Pkcs8(info));
        }
        #[cfg(feature = "rsa")]
        if let Ok(key) = pkcs1::RsaPrivateKeyRef::try_from(der) {
            return Some(Self::Pkcs1(key));
        }
        #[cfg(feature = "sm2")]
        if let Some(key) = Sec1::recognise(der) {
            return Some(Self::Sec1(key));
        }
        if let Ok(info) = SubjectPublicKeyInfoRef::try_from(der) {
            return Some(Self::Spki(info));
        }
        #[cfg(feature = "rsa")]
        if let Ok(key) = pkcs1::RsaPublicKeyRef::try_from(der) {
            return Some(Self::Pkcs1Public(key));
        }
        CertificateInner::from_der(der).ok().map(|certificate| Self::Certificate(Box::new(certificate)))
    }

    /// A number without anything around it.
    pub(super) fn bare(bytes: &'a [u8]) -> Option<Self> {
        #[cfg(feature = "sm2")]
        return Bare::recognise(bytes).map(Self::Bare);
        #[cfg(not(feature = "sm2"))]
        {
            let _ = bytes;
            None
        }
    }

    pub(super) const fn kind(&self) -> Found {
        match self {
            Self::Pkcs8(_) => Found::PrivateKey,
            #[cfg(feature = "rsa")]
            Self::Pkcs1(_) => Found::PrivateKey,
            #[cfg(feature = "sm2")]
            Self::Sec1(_) | Self::Bare(Bare::Private(_)) => Found::PrivateKey,
            Self::Spki(_) => Found::PublicKey,
            #[cfg(feature = "rsa")]
            Self::Pkcs1Public(_) => Found::PublicKey,
            #[cfg(feature = "sm2")]
            Self::Bare(Bare::Public(_)) => Found::PublicKey,
            Self::Certificate(_) => Found::Certificate,
        }
    }

    pub(super) fn read(&self) -> Result<Parsed, KeyError> {
        match self {
            Self::Pkcs8(info) => private_key(info).map(Parsed::Private),
            #[cfg(feature = "rsa")]
            Self::Pkcs1(key) => rsa_private_key(key).map(Parsed::Private),
            #[cfg(feature = "sm2")]
            Self::Sec1(key) => key.read().map(|key| Parsed::Private(PrivateKey::Sm2(key))),
            Self::Spki(info) => public_key(info).map(Parsed::Public),
            #[cfg(feature = "rsa")]
            Self::Pkcs1Public(key) => rsa_public_key(key).map(Parsed::Public),
            #[cfg(feature = "sm2")]
            Self::Bare(Bare::Private(scalar)) => Sm2PrivateKey::from_scalar(scalar)
                .map(|key| Parsed::Private(PrivateKey::Sm2(key)))
                .ok_or(KeyError::Damaged),
            #[cfg(feature = "sm2")]
            Self::Bare(Bare::Public(point)) => {
                Sm2PublicKey::from_point(point).map(|key| Parsed::Public(PublicKey::Sm2(key))).ok_or(KeyError::Damaged)
            }
            Self::Certificate(document) => certificate(document).map(Parsed::Certificate),
        }
    }
}

fn private_key(info: &PrivateKeyInfoRef<'_>) -> Result<PrivateKey, KeyError> {
    let oid = info.algorithm.oid;
    let inner = info.private_key.as_bytes();
    #[cfg(feature = "rsa")]
    if oid == RSA_ENCRYPTION {
        let key = pkcs1::RsaPrivateKeyRef::try_from(inner).map_err(|_| KeyError::Damaged)?;
        return rsa_private_key(&key);
    }
    #[cfg(feature = "sm2")]
    {
        let key = Sec1::recognise(inner);
        let curve = key.as_ref().and_then(|key| key.curve);
        if let Some(fits) = is_sm2(&info.algorithm, curve) {
            fits?;
            let point = info.public_key.map(|point| point.as_bytes().ok_or(KeyError::Damaged)).transpose()?;
            return key.ok_or(KeyError::Damaged)?.key(point).map(PrivateKey::Sm2);
        }
    }
    let _ = inner;
    Err(KeyError::Algorithm { oid: AlgorithmOid(oid) })
}

#[cfg(feature = "rsa")]
fn rsa_private_key(key: &pkcs1::RsaPrivateKeyRef<'_>) -> Result<PrivateKey, KeyError> {
    check_modulus(&key.modulus)?;
    // The crate's own decoder checks that the primes, the modulus and the exponents fit each other,
    // and computes the rest anew.
    let der = Zeroizing::new(key.to_der().map_err(|_| KeyError::Damaged)?);
    let read =
        <::rsa::PrivateKey as pkcs1::DecodeRsaPrivateKey>::from_pkcs1_der(&der).map_err(|_| KeyError::Damaged)?;
    let read = RsaPrivateKey::new(read);
    let written = [key.exponent1, key.exponent2, key.coefficient].map(|number| number.as_bytes());
    if read.has_remainders(written) { Ok(PrivateKey::Rsa(read)) } else { Err(KeyError::Damaged) }
}

#[cfg(feature = "rsa")]
fn rsa_public_key(key: &pkcs1::RsaPublicKeyRef<'_>) -> Result<PublicKey, KeyError> {
    check_modulus(&key.modulus)?;
    let der = key.to_der().map_err(|_| KeyError::Damaged)?;
    let key = <::rsa::PublicKey as pkcs1::DecodeRsaPublicKey>::from_pkcs1_der(&der).map_err(|_| KeyError::Damaged)?;
    Ok(PublicKey::Rsa(RsaPublicKey::new(key)))
}

/// Checked before any arithmetic, so that a huge modulus costs no time. The exponent's bounds are
/// `rsa`'s own (odd, 3 to 2^33 - 1).
#[cfg(feature = "rsa")]
fn check_modulus(modulus: &der::asn1::UintRef<'_>) -> Result<(), KeyError> {
    let bytes = modulus.as_bytes();
    let leading = bytes.first().map_or(0, |byte| byte.leading_zeros() as usize);
    let bits = bytes.len() * 8 - leading;
    if (MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits) { Ok(()) } else { Err(KeyError::RsaSize { bits }) }
}

fn public_key(info: &SubjectPublicKeyInfoRef<'_>) -> Result<PublicKey, KeyError> {
    let bytes = info.subject_public_key.as_bytes().ok_or(KeyError::Damaged)?;
    #[cfg(feature = "rsa")]
    if info.algorithm.oid == RSA_ENCRYPTION {
        let key = pkcs1::RsaPublicKeyRef::try_from(bytes).map_err(|_| KeyError::Damaged)?;
        return rsa_public_key(&key);
    }
    #[cfg(feature = "sm2")]
    if let Some(fits) = is_sm2(&info.algorithm, None) {
        fits?;
        return Sm2PublicKey::from_point(bytes).map(PublicKey::Sm2).ok_or(KeyError::Damaged);
    }
    let _ = bytes;
    Err(KeyError::Algorithm { oid: AlgorithmOid(info.algorithm.oid) })
}

fn certificate(document: &CertificateInner<Raw>) -> Result<Certificate, KeyError> {
    let body = document.tbs_certificate();
    let serial = body.serial_number().as_bytes();
    let significant = serial.iter().position(|&byte| byte != 0).and_then(|at| serial.get(at..)).unwrap_or(&[0]);
    let serial_no = significant.iter().map(|byte| format!("{byte:02X}")).collect();
    let seconds =
        |time: x509_cert::time::Time| UnixTime(i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX));
    let validity =
        Validity { not_before: seconds(body.validity().not_before), not_after: seconds(body.validity().not_after) };
    let der = body.subject_public_key_info().to_der().map_err(|_| KeyError::Damaged)?;
    let info = SubjectPublicKeyInfoRef::try_from(der.as_slice()).map_err(|_| KeyError::Damaged)?;
    Ok(Certificate { serial_no, validity, public_key: public_key(&info)? })
}
