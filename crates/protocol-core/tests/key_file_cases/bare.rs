//! SM2 keys that are a number and nothing else.

use protocol_core::crypto::{Expected, Found, KeyError, PrivateKey, PublicKey};
use protocol_core::wechat_pay::{signer, verifier};

use super::{standards_numbers, unhex};
use crate::{STANDARD, half, hex, mismatch};
use base64::Engine as _;

fn forms(number: &[u8]) -> [String; 6] {
    [
        hex(number),
        hex(number).to_uppercase(),
        format!("0x{}\r\n", hex(number)),
        format!("\"{}\"", hex(number)),
        STANDARD.encode(number),
        format!("\u{feff}'{}'\n", STANDARD.encode(number)),
    ]
}

#[test]
fn a_private_number_is_read_and_has_the_standards_public_half() {
    let [d, x, y] = standards_numbers();
    let point = [&[4], &*x, &*y].concat();
    let public = PublicKey::read(hex(&point).as_bytes()).unwrap();
    for private in forms(&d).into_iter().chain(forms(&[&[0], &*d].concat())) {
        assert_eq!(half(&private), public, "{private}");
        let refused = PublicKey::read(private.as_bytes()).unwrap_err();
        assert_eq!(refused, mismatch(Found::PrivateKey, Expected::PublicKey));
    }
}

#[test]
fn a_public_number_is_read_in_every_form_of_a_point() {
    let [d, x, y] = standards_numbers();
    let public = half(hex(&d));
    let sign = 2 + (y[31] & 1);
    for point in [[&*x, &*y].concat(), [&[4], &*x, &*y].concat(), [&[sign], &*x].concat()] {
        for written in forms(&point) {
            assert_eq!(PublicKey::read(written.as_bytes()).as_ref(), Ok(&public), "{written}");
            let refused = PrivateKey::read(written.as_bytes()).unwrap_err();
            assert_eq!(refused, mismatch(Found::PublicKey, Expected::PrivateKey));
        }
    }
    // The other sign is the other point.
    assert_ne!(PublicKey::read(hex(&[&[sign ^ 1], &*x].concat()).as_bytes()).unwrap(), public);
}

#[test]
fn a_number_that_is_no_key_is_damage() {
    let [_, x, y] = standards_numbers();
    let order = unhex("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123");
    // n − 1 has no inverse of 1 + d (GB/T 32918.1, 6.1).
    let before = unhex("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54122");
    for number in [vec![0; 32], order, before, vec![0xff; 32]] {
        assert_eq!(PrivateKey::read(hex(&number).as_bytes()).unwrap_err(), KeyError::Damaged);
    }
    for point in [[&*x, &*x].concat(), [&[4], &*y, &*x].concat(), vec![0; 64], [&[2], &[0xff; 32][..]].concat()] {
        assert_eq!(PublicKey::read(hex(&point).as_bytes()).unwrap_err(), KeyError::Damaged);
    }
}

#[test]
fn the_first_and_the_last_private_key_sign() {
    let last = unhex("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54121");
    for number in [[&[0; 31][..], &[1]].concat(), last] {
        let key = PrivateKey::read(hex(&number).as_bytes()).unwrap();
        let signature = signer(&key).unwrap().sign(&[b"message"]).unwrap();
        assert_eq!(verifier(&key.public_key()).unwrap().verify(&[b"message"], signature.as_bytes()), Ok(()));
    }
}

/// A digit lost while pasting would make another key. Bytes that were not written as a number may
/// be any secret.
#[test]
fn another_length_or_form_is_no_number() {
    let [d, x, y] = standards_numbers();
    let [digits, point] = [hex(&d), hex(&[&[4], &*x, &*y].concat())];
    for text in [&digits[1..], &digits[2..], &digits[..63], &point[2..128], &point[..128]] {
        let refused = PrivateKey::read(text.as_bytes());
        assert!(matches!(refused, Err(KeyError::Mismatch { .. })), "{text}: {refused:?}");
    }
    for bytes in [d.clone(), [&[0], &*d].concat()] {
        assert_eq!(PrivateKey::read(&bytes).unwrap_err(), mismatch(Found::Unrecognised, Expected::PrivateKey));
    }
    // Prefixes that no form has.
    for prefix in [1, 5, 6, 7] {
        let text = hex(&[&[prefix], &*x, &*y].concat());
        assert_eq!(PublicKey::read(text.as_bytes()).unwrap_err(), mismatch(Found::Unrecognised, Expected::PublicKey));
    }
    // An APIv3 key and an application's secret are not taken for one.
    for secret in ["a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb", "0123456789abcdef0123456789abcdef"] {
        let refused = PrivateKey::read(secret.as_bytes()).unwrap_err();
        assert_eq!(refused, mismatch(Found::Unrecognised, Expected::PrivateKey));
    }
}
