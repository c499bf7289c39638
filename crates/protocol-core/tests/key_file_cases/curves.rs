//! Curves that are written out number by number.

use protocol_core::crypto::{Certificate, KeyError, PrivateKey, PublicKey};

use super::{
    BIT_STRING, EC_PUBLIC_KEY, INTEGER, OCTET_STRING, P_256, SEQUENCE, SM2_CURVE, der, oid, pkcs8, sec1, spki,
    standards_numbers, unhex,
};
use crate::{half, hex};

const P: &str = "fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff";
const A: &str = "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc";
const B: &str = "28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93";
const G_X: &str = "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7";
const G_Y: &str = "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0";
const N: &str = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";

/// Curve parameters as X9.62 writes them.
#[derive(Clone)]
struct Numbers {
    p: Vec<u8>,
    a: Vec<u8>,
    b: Vec<u8>,
    seed: Option<Vec<u8>>,
    generator: Vec<u8>,
    n: Vec<u8>,
    cofactor: Option<u8>,
}

fn sm2() -> Numbers {
    Numbers {
        p: unhex(P),
        a: unhex(A),
        b: unhex(B),
        seed: None,
        generator: unhex(&format!("04{G_X}{G_Y}")),
        n: unhex(N),
        cofactor: Some(1),
    }
}

impl Numbers {
    fn der(&self) -> Vec<u8> {
        let integer = |number: &[u8]| der(INTEGER, &[&[0], number].concat());
        let field = der(SEQUENCE, &[oid("1.2.840.10045.1.1"), integer(&self.p)].concat());
        let mut curve = [der(OCTET_STRING, &self.a), der(OCTET_STRING, &self.b)].concat();
        curve.extend(self.seed.iter().flat_map(|seed| der(BIT_STRING, &[&[0], &**seed].concat())));
        let mut members =
            [der(INTEGER, &[1]), field, der(SEQUENCE, &curve), der(OCTET_STRING, &self.generator), integer(&self.n)]
                .concat();
        members.extend(self.cofactor.iter().flat_map(|cofactor| der(INTEGER, &[*cofactor])));
        der(SEQUENCE, &members)
    }

    /// A private and a public key under them, in each place where they may stand.
    fn keys(&self) -> ([Vec<u8>; 3], Vec<u8>) {
        let [d, x, y] = standards_numbers();
        let algorithm = [oid(EC_PUBLIC_KEY), self.der()];
        let point = [&[4], &*x, &*y].concat();
        let private = [
            pkcs8(&algorithm, &sec1(&d, None, Some(&point))),
            pkcs8(&algorithm[..1], &sec1(&d, Some(&self.der()), None)),
            sec1(&d, Some(&self.der()), Some(&point)),
        ];
        (private, spki(&algorithm, &point))
    }
}

#[test]
fn sm2_written_out_is_sm2() {
    let [d, ..] = standards_numbers();
    let key = half(hex(&d));
    let compressed = unhex(&format!("02{G_X}"));
    for numbers in [
        sm2(),
        Numbers { generator: compressed, ..sm2() },
        Numbers { cofactor: None, ..sm2() },
        Numbers { seed: Some(vec![7; 20]), ..sm2() },
    ] {
        let (private, public) = numbers.keys();
        for private in private {
            assert_eq!(half(private), key);
        }
        assert_eq!(PublicKey::read(&public), Ok(key.clone()));
    }
    // Named inside only, outside only, in both places.
    let named = oid(SM2_CURVE);
    let algorithm = [oid(EC_PUBLIC_KEY), named.clone()];
    for document in [
        pkcs8(&algorithm, &sec1(&d, None, None)),
        pkcs8(&algorithm[..1], &sec1(&d, Some(&named), None)),
        pkcs8(&algorithm, &sec1(&d, Some(&named), None)),
        pkcs8(&algorithm, &sec1(&d, Some(&sm2().der()), None)),
        pkcs8(std::slice::from_ref(&named), &sec1(&d, None, None)),
    ] {
        assert_eq!(half(document), key);
    }
}

/// With another generator, anyone can make a private key for any public key: every number counts.
#[test]
fn other_numbers_are_not_sm2() {
    let flipped = |text: &str| {
        let mut bytes = unhex(text);
        bytes[9] ^= 4;
        bytes
    };
    for numbers in [
        Numbers { p: flipped(P), ..sm2() },
        Numbers { a: flipped(A), ..sm2() },
        Numbers { b: flipped(B), ..sm2() },
        Numbers { generator: [&[4], &*flipped(G_X), &*unhex(G_Y)].concat(), ..sm2() },
        Numbers { generator: [&[4], &*unhex(G_X), &*flipped(G_Y)].concat(), ..sm2() },
        Numbers { generator: unhex(&format!("03{G_X}")), ..sm2() },
        Numbers { generator: standards_numbers()[1..].concat(), ..sm2() },
        Numbers { generator: vec![], ..sm2() },
        Numbers { n: flipped(N), ..sm2() },
        Numbers { cofactor: Some(2), ..sm2() },
    ] {
        let (private, public) = numbers.keys();
        for private in private {
            assert_eq!(PrivateKey::read(&private).unwrap_err(), KeyError::WrittenOutCurve);
        }
        assert_eq!(PublicKey::read(&public).unwrap_err(), KeyError::WrittenOutCurve);
    }
}

#[test]
fn a_known_curve_is_named_though_it_is_written_out() {
    let p_256 = Numbers {
        p: unhex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"),
        a: unhex("ffffffff00000001000000000000000000000000fffffffffffffffffffffffc"),
        b: unhex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"),
        seed: Some(unhex("c49d360886e704936a6678e1139d26b7819f7e90")),
        generator: unhex(
            "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296\
             4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
        ),
        n: unhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
        cofactor: Some(1),
    };
    let (private, public) = p_256.keys();
    for refused in private.iter().map(|private| PrivateKey::read(private).unwrap_err()).chain([
        PublicKey::read(&public).unwrap_err(),
        PrivateKey::read(&pkcs8(&[oid(EC_PUBLIC_KEY), oid(P_256)], &sec1(&[7; 32], None, None))).unwrap_err(),
    ]) {
        let KeyError::Algorithm { oid } = refused else { panic!("{refused}") };
        assert_eq!(oid.to_string(), P_256);
    }
}

#[test]
fn parameters_that_are_none_are_damage() {
    let [d, ..] = standards_numbers();
    for nonsense in [der(SEQUENCE, &[]), der(INTEGER, &[1]), der(SEQUENCE, &der(INTEGER, &[1]))] {
        let document = pkcs8(&[oid(EC_PUBLIC_KEY), nonsense], &sec1(&d, None, None));
        assert_eq!(PrivateKey::read(&document).unwrap_err(), KeyError::Damaged);
    }
    // No curve at all is told as before.
    let nowhere = pkcs8(&[oid(EC_PUBLIC_KEY), vec![5, 0]], &sec1(&d, None, None));
    let KeyError::Algorithm { oid } = PrivateKey::read(&nowhere).unwrap_err() else { panic!("no algorithm") };
    assert_eq!(oid.to_string(), EC_PUBLIC_KEY);
}

/// A certificate's key may have its curve written out, too.
#[test]
fn a_certificate_with_a_curve_written_out_is_read() {
    let file = crate::bytes(crate::SM2_CERTIFICATE);
    let certificate = Certificate::read(&file).unwrap();
    let named = [oid(EC_PUBLIC_KEY), oid(SM2_CURVE)].concat();
    let written = [oid(EC_PUBLIC_KEY), sm2().der()].concat();
    let (named, written) = (der(SEQUENCE, &named), der(SEQUENCE, &written));
    // Certificate { TBSCertificate, … }: both lengths change, and the key's.
    let mut rest = ::der::SliceReader::new(&file).unwrap();
    let members = replace_in_sequence(&mut rest, &|tbs| {
        let mut rest = ::der::SliceReader::new(tbs).unwrap();
        replace_in_sequence(&mut rest, &|member| {
            let at = member.windows(named.len()).position(|window| window == named);
            at.map(|at| {
                let point = &member[at + named.len()..];
                der(SEQUENCE, &[&*written, point].concat())
            })
        })
    });
    assert_eq!(Certificate::read(&members.unwrap()).unwrap(), certificate);
}

/// The sequence, with the first member that `change` gives something for replaced.
fn replace_in_sequence(
    reader: &mut ::der::SliceReader<'_>,
    change: &dyn Fn(&[u8]) -> Option<Vec<u8>>,
) -> Option<Vec<u8>> {
    use ::der::{Decode as _, Encode as _, Reader as _};

    let sequence = ::der::asn1::AnyRef::decode(reader).ok()?;
    let mut inside = ::der::SliceReader::new(sequence.value()).ok()?;
    let (mut members, mut changed) = (Vec::new(), false);
    while !inside.is_finished() {
        let member = ::der::asn1::AnyRef::decode(&mut inside).ok()?.to_der().unwrap();
        match change(&member).filter(|_| !changed) {
            Some(instead) => {
                members.extend(instead);
                changed = true;
            }
            None => members.extend(member),
        }
    }
    changed.then(|| der(SEQUENCE, &members))
}
