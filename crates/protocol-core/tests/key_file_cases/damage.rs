//! Private keys whose parts do not fit each other.

use base64::Engine as _;
use protocol_core::crypto::{KeyError, PrivateKey};

use super::{EC_PUBLIC_KEY, P_256, SM2_CURVE, der, oid, pkcs8, sec1, standards_numbers};
use crate::{RSA_KEY, STANDARD, bytes, half, hex};

/// A PEM file with another key's public half beside the scalar.
pub(crate) fn damaged_sm2() -> String {
    let [d, x, y] = standards_numbers();
    let algorithm = [oid(EC_PUBLIC_KEY), oid(SM2_CURVE)];
    let mut other = d;
    other[31] ^= 1;
    let document = pkcs8(&algorithm, &sec1(&other, None, Some(&[&[4], &*x, &*y].concat())));
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(document))
}

#[test]
fn a_public_half_that_is_not_the_scalars_is_damage() {
    let [d, x, y] = standards_numbers();
    let algorithm = [oid(EC_PUBLIC_KEY), oid(SM2_CURVE)];
    let sign = 2 + (y[31] & 1);
    for point in [[&[4], &*x, &*y].concat(), [&[sign], &*x].concat()] {
        for document in [pkcs8(&algorithm, &sec1(&d, None, Some(&point))), sec1(&d, None, Some(&point))] {
            assert_eq!(half(document), half(hex(&d)));
        }
    }
    let other = half(hex(&[7; 32]));
    assert_ne!(other, half(hex(&d)));
    for point in
        [[&[4], &*y, &*x].concat(), [&[sign ^ 1], &*x].concat(), [&*x, &*y].concat(), vec![0], vec![], vec![0; 65]]
    {
        for document in [pkcs8(&algorithm, &sec1(&d, None, Some(&point))), sec1(&d, None, Some(&point))] {
            assert_eq!(PrivateKey::read(&document).unwrap_err(), KeyError::Damaged, "{}", hex(&point));
        }
    }
    assert_eq!(PrivateKey::read(damaged_sm2().as_bytes()).unwrap_err(), KeyError::Damaged);
}

/// RFC 5958 has a place for the public half beside the private key, too.
#[test]
fn the_outer_public_half_has_to_fit_as_well() {
    let [d, x, y] = standards_numbers();
    let with_half = |point: &[u8]| {
        let algorithm = der(0x30, &[oid(EC_PUBLIC_KEY), oid(SM2_CURVE)].concat());
        let members =
            [der(0x02, &[1]), algorithm, der(0x04, &sec1(&d, None, None)), der(0x81, &[&[0], point].concat())];
        der(0x30, &members.concat())
    };
    assert_eq!(half(with_half(&[&[4], &*x, &*y].concat())), half(hex(&d)));
    assert_eq!(PrivateKey::read(&with_half(&[&[4], &*y, &*x].concat())).unwrap_err(), KeyError::Damaged);
}

#[test]
fn a_curve_inside_that_is_another_than_outside_is_damage() {
    let [d, ..] = standards_numbers();
    let (sm2, p_256) = (oid(SM2_CURVE), oid(P_256));
    for algorithm in [vec![oid(EC_PUBLIC_KEY), sm2.clone()], vec![sm2.clone()], vec![sm2.clone(), vec![5, 0]]] {
        let document = pkcs8(&algorithm, &sec1(&d, Some(&p_256), None));
        assert_eq!(PrivateKey::read(&document).unwrap_err(), KeyError::Damaged);
        assert_eq!(half(pkcs8(&algorithm, &sec1(&d, Some(&sm2), None))), half(hex(&d)));
    }
    // The curve as the algorithm, with another as its parameters.
    assert_eq!(PrivateKey::read(&pkcs8(&[sm2, p_256], &sec1(&d, None, None))).unwrap_err(), KeyError::Damaged);
}

/// d mod p − 1, d mod q − 1 and q⁻¹ mod p are computed anew, which is no reason to read other ones.
#[test]
fn every_number_of_an_rsa_key_counts() {
    let file = bytes(RSA_KEY);
    let info = pkcs8::PrivateKeyInfoRef::try_from(file.as_slice()).unwrap();
    let inner = info.private_key.as_bytes();
    let key = pkcs1::RsaPrivateKeyRef::try_from(inner).unwrap();
    half(inner);
    for (name, number) in [
        ("modulus", key.modulus),
        ("private exponent", key.private_exponent),
        ("p", key.prime1),
        ("q", key.prime2),
        ("d mod p - 1", key.exponent1),
        ("d mod q - 1", key.exponent2),
        ("q inverse", key.coefficient),
    ] {
        let number = number.as_bytes();
        let at = inner.windows(number.len()).position(|window| window == number).unwrap();
        // Even steps keep an odd number odd.
        for (offset, change) in [(number.len() - 1, 2), (number.len() / 2, 0x10)] {
            let mut changed = inner.to_vec();
            changed[at + offset] ^= change;
            assert_eq!(PrivateKey::read(&changed).unwrap_err(), KeyError::Damaged, "{name}");
        }
    }
    let public_exponent = key.public_exponent.as_bytes();
    assert_eq!(public_exponent, [1, 0, 1]);
    let mut changed = inner.to_vec();
    let at = inner.windows(5).position(|window| window == [2, 3, 1, 0, 1]).unwrap();
    changed[at + 4] = 3;
    assert_eq!(PrivateKey::read(&changed).unwrap_err(), KeyError::Damaged);
    // Two numbers that have changed places.
    let swapped = pkcs1::RsaPrivateKey { exponent1: key.exponent2, exponent2: key.exponent1, ..key };
    let swapped = ::der::Encode::to_der(&swapped).unwrap();
    assert_eq!(PrivateKey::read(&swapped).unwrap_err(), KeyError::Damaged);
}
