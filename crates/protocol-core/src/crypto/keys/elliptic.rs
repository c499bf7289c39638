//! Elliptic-curve keys: which curve they are on, named or in numbers, and whether the halves of a
//! private key fit.

use std::borrow::Cow;

use der::asn1::{AnyRef, BitStringRef, ContextSpecific, ObjectIdentifier, OctetStringRef, UintRef};
use der::{Decode as _, Reader as _, SliceReader, Tag, TagNumber, Tagged as _};
use spki::AlgorithmIdentifierRef;

use super::super::sm2::{Sm2PrivateKey, Sm2PublicKey, curve};
use super::error::{AlgorithmOid, KeyError};

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SM2_CURVE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.301");
const PRIME_FIELD: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.1.1");

/// Other curves that people have keys on, by the orders of their generators, so that errors name a
/// curve that is written in numbers.
const OTHER_CURVES: [(ObjectIdentifier, &[u8]); 3] = [
    // P-256
    (
        ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
        b"\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\
          \xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51",
    ),
    // secp256k1
    (
        ObjectIdentifier::new_unwrap("1.3.132.0.10"),
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe\
          \xba\xae\xdc\xe6\xaf\x48\xa0\x3b\xbf\xd2\x5e\x8c\xd0\x36\x41\x41",
    ),
    // P-384
    (
        ObjectIdentifier::new_unwrap("1.3.132.0.34"),
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
          \xff\xff\xff\xff\xff\xff\xff\xff\xc7\x63\x4d\x81\xf4\x37\x2d\xdf\
          \x58\x1a\x0d\xb2\x48\xb0\xa7\x7a\xec\xec\x19\x6a\xcc\xc5\x29\x73",
    ),
];

/// Whether an algorithm is SM2's. The curve may also be named inside the private key.
///
/// `None` if the algorithm is not on an elliptic curve.
pub(super) fn is_sm2(
    algorithm: &AlgorithmIdentifierRef<'_>,
    inside: Option<AnyRef<'_>>,
) -> Option<Result<(), KeyError>> {
    let outside = algorithm.parameters.filter(|parameters| !parameters.is_null());
    match algorithm.oid {
        // The curve's identifier in place of the algorithm's.
        SM2_CURVE => Some(agrees(outside).and_then(|()| agrees(inside))),
        EC_PUBLIC_KEY => Some(match (outside, inside) {
            (Some(outside), inside) => check_curve(outside).and_then(|()| agrees(inside)),
            (None, Some(inside)) => check_curve(inside),
            (None, None) => Err(KeyError::Algorithm { oid: AlgorithmOid(EC_PUBLIC_KEY) }),
        }),
        _ => None,
    }
}

/// Checks a second mention of the curve, once the first was SM2's.
fn agrees(curve: Option<AnyRef<'_>>) -> Result<(), KeyError> {
    curve.map_or(Ok(()), |curve| check_curve(curve).map_err(|_| KeyError::Damaged))
}

/// Curve parameters: a name, or the numbers.
fn check_curve(parameters: AnyRef<'_>) -> Result<(), KeyError> {
    match parameters.decode_as::<ObjectIdentifier>() {
        Ok(SM2_CURVE) => Ok(()),
        Ok(oid) => Err(KeyError::Algorithm { oid: AlgorithmOid(oid) }),
        Err(_) => check_numbers(WrittenOut::read(parameters).ok_or(KeyError::Damaged)?),
    }
}

fn check_numbers(written: WrittenOut<'_>) -> Result<(), KeyError> {
    // Every number counts: with another generator, anyone can make a private key for our public
    // key.
    if written.is_sm2() {
        return Ok(());
    }
    let known = OTHER_CURVES.iter().find(|(_, order)| *order == written.order);
    Err(known.map_or(KeyError::WrittenOutCurve, |(oid, _)| KeyError::Algorithm { oid: AlgorithmOid(*oid) }))
}

/// `ECParameters` with the curve in numbers (X9.62, SEC 1 C.2).
struct WrittenOut<'a> {
    field: ObjectIdentifier,
    prime: &'a [u8],
    a: &'a [u8],
    b: &'a [u8],
    generator: &'a [u8],
    order: &'a [u8],
    cofactor: Option<&'a [u8]>,
}

impl<'a> WrittenOut<'a> {
    fn read(parameters: AnyRef<'a>) -> Option<Self> {
        parameters
            .sequence(|reader| {
                let _version = u8::decode(reader)?;
                let (field, prime) = reader.sequence(|reader| {
                    let field = ObjectIdentifier::decode(reader)?;
                    // A field of characteristic two has more numbers, and none of them are SM2's.
                    let prime = AnyRef::decode(reader)?;
                    Ok::<_, der::Error>((field, prime))
                })?;
                let prime =
                    if prime.tag() == Tag::Integer { prime.decode_as::<UintRef<'_>>()?.as_bytes() } else { &[] };
                let (a, b) = reader.sequence(|reader| {
                    let a = <&OctetStringRef>::decode(reader)?.as_bytes();
                    let b = <&OctetStringRef>::decode(reader)?.as_bytes();
                    let _seed = Option::<BitStringRef<'_>>::decode(reader)?;
                    Ok::<_, der::Error>((a, b))
                })?;
                let generator = <&OctetStringRef>::decode(reader)?.as_bytes();
                let order = UintRef::decode(reader)?.as_bytes();
                let cofactor = Option::<UintRef<'_>>::decode(reader)?.map(|cofactor| cofactor.as_bytes());
                // A digest, from which the curve was derived, may follow.
                if !reader.is_finished() {
                    AnyRef::decode(reader)?;
                }
                Ok::<_, der::Error>(Self { field, prime, a, b, generator, order, cofactor })
            })
            .ok()
    }

    fn is_sm2(&self) -> bool {
        let curve::Numbers { p, a, b, g_x, g_y, n } = &curve::SM2;
        let generator = match self.generator {
            [4, point @ ..] => point.strip_prefix(g_x) == Some(g_y),
            [2, x @ ..] => x == g_x,
            _ => false,
        };
        self.field == PRIME_FIELD
            && self.prime == p
            && self.a == a
            && self.b == b
            && generator
            && self.order == n
            && matches!(self.cofactor, None | Some([1]))
    }
}

/// `ECPrivateKey` (RFC 5915), its curve named or written out.
pub(super) struct Sec1<'a> {
    scalar: &'a [u8],
    pub(super) curve: Option<AnyRef<'a>>,
    point: Option<&'a [u8]>,
}

impl<'a> Sec1<'a> {
    /// `None` when the bytes are something else.
    pub(super) fn recognise(der: &'a [u8]) -> Option<Self> {
        let mut reader = SliceReader::new(der).ok()?;
        let key = reader
            .sequence(|reader| {
                let version = u8::decode(reader)?;
                let scalar = <&OctetStringRef>::decode(reader)?.as_bytes();
                let curve = ContextSpecific::<AnyRef<'_>>::decode_explicit(reader, TagNumber(0))?;
                let point = ContextSpecific::<BitStringRef<'_>>::decode_explicit(reader, TagNumber(1))?;
                let point = point.map(|point| point.value.as_bytes().ok_or(Tag::BitString.value_error()));
                let key = Self { scalar, curve: curve.map(|curve| curve.value), point: point.transpose()? };
                Ok::<_, der::Error>((version == 1).then_some(key))
            })
            .ok()??;
        reader.is_finished().then_some(key)
    }

    /// Reads a key outside of PKCS#8. Without a curve, it can only be SM2's.
    pub(super) fn read(&self) -> Result<Sm2PrivateKey, KeyError> {
        self.curve.map_or(Ok(()), check_curve)?;
        self.key(None)
    }

    /// The key, on SM2's curve. A public half beside it must be its own.
    pub(super) fn key(&self, another_point: Option<&[u8]>) -> Result<Sm2PrivateKey, KeyError> {
        let key = Sm2PrivateKey::from_scalar(self.scalar).ok_or(KeyError::Damaged)?;
        for point in self.point.into_iter().chain(another_point) {
            if Sm2PublicKey::from_point(point).is_none_or(|point| point != key.public_key()) {
                return Err(KeyError::Damaged);
            }
        }
        Ok(key)
    }
}

/// A number without anything around it. A private key has 32 bytes, or 33 with a leading zero for
/// the sign. A point has two coordinates of 32 bytes, or either form of SEC 1 (65 bytes starting
/// with 4, or 33 starting with 2 or 3). Other lengths are refused: a lost digit would make another
/// key.
pub(super) enum Bare<'a> {
    Private(&'a [u8]),
    Public(Cow<'a, [u8]>),
}

impl<'a> Bare<'a> {
    pub(super) fn recognise(bytes: &'a [u8]) -> Option<Self> {
        match (bytes.len(), bytes.first()?) {
            (32, _) | (33, 0) => Some(Self::Private(bytes)),
            (64, _) => Some(Self::Public(Cow::Owned([&[4], bytes].concat()))),
            (65, 4) | (33, 2 | 3) => Some(Self::Public(Cow::Borrowed(bytes))),
            _ => None,
        }
    }
}
