//! SM2, SM3 and SM4 against the standard's own values and Botan's collection.

use ::der::Encode as _;
use ::der::asn1::ObjectIdentifier;
use protocol_core::crypto::{
    CryptoError, Decryptor as _, KeyError, PrivateKey, PublicKey, SM2_DEFAULT_USER_ID, Signer as _, Sm2Decryptor,
    Sm2PrivateKey, Sm2PublicKey, Sm2SignatureEncoding, Sm2Signer, Sm2Verifier, Verifier as _, sm2_der_to_raw,
    sm2_raw_to_der, sm3,
};
use serde_json::Value;
use sm4::cipher::{BlockCipherEncrypt as _, KeyInit as _};

use super::Outcome::{self, Accept, Refuse};
use crate::sealing;

use super::{base64, der, hex, json, refused, text, vec_lines};

const SM2_CURVE: &str = "1.2.156.10197.1.301";

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

fn oid(text: &str) -> Vec<u8> {
    ObjectIdentifier::new(text).expect("an object identifier").to_der().unwrap()
}

/// `ECPrivateKey { 1, scalar, [0] curve }`: how a bare number becomes a document that the library
/// reads.
fn scalar_key(scalar: &[u8], curve: &str) -> Result<PrivateKey, KeyError> {
    let members = [der(INTEGER, &[1]), der(OCTET_STRING, scalar), der(0xa0, &oid(curve))].concat();
    PrivateKey::read(&der(SEQUENCE, &members))
}

fn sm2_key(scalar: &[u8]) -> Sm2PrivateKey {
    match scalar_key(scalar, SM2_CURVE) {
        Ok(PrivateKey::Sm2(key)) => key,
        other => panic!("{other:?}"),
    }
}

/// `SubjectPublicKeyInfo` of a point.
fn point_key(x: &[u8], y: &[u8]) -> Result<PublicKey, KeyError> {
    let algorithm = der(SEQUENCE, &[oid("1.2.840.10045.2.1"), oid(SM2_CURVE)].concat());
    let point = der(BIT_STRING, &[&[0, 4], x, y].concat());
    PublicKey::read(&der(SEQUENCE, &[algorithm, point].concat()))
}

/// The point, checked to be the scalar's.
fn standards_keys(case: &Value) -> (Sm2PrivateKey, Sm2PublicKey) {
    let private = sm2_key(&hex(text(case, "d")));
    let Ok(PublicKey::Sm2(public)) = point_key(&hex(text(case, "Px")), &hex(text(case, "Py"))) else {
        panic!("the standard's point is read");
    };
    assert!(private.public_key() == public, "the point belongs to the scalar");
    (private, public)
}

fn verifier(key: &Sm2PublicKey, user_id: &str, encoding: Sm2SignatureEncoding) -> Sm2Verifier {
    Sm2Verifier::new(key, user_id, encoding).unwrap()
}

/// Our signatures take their random number from RFC 6979, so the standard's r and s are verified,
/// not made again.
pub(crate) fn standard_signature(file: &[u8]) -> Outcome {
    let vector = json(file);
    assert_eq!(text(&vector["curve"], "oid"), SM2_CURVE);
    let case = &vector["sign"];
    assert_eq!(text(case, "user_id_ascii"), SM2_DEFAULT_USER_ID);
    let (private, public) = standards_keys(case);
    let message = text(case, "message_ascii").as_bytes();
    let der = hex(text(case, "der_hex"));
    let raw = [hex(text(case, "r")), hex(text(case, "s"))].concat();
    assert_eq!(base64(text(case, "raw_r_s_b64")), raw);
    assert_eq!(sm2_der_to_raw(&der).as_ref().map(|raw| &raw[..]), Some(&*raw));
    assert_eq!(sm2_raw_to_der(&raw), Some(der.clone()));
    for (encoding, signature) in [(Sm2SignatureEncoding::Der, &der), (Sm2SignatureEncoding::Raw, &raw)] {
        let verifier = verifier(&public, SM2_DEFAULT_USER_ID, encoding);
        assert_eq!(verifier.verify(&[message], signature), Ok(()), "{encoding:?}");
        assert_eq!(verifier.verify(&[&message[..3], &message[3..]], signature), Ok(()), "{encoding:?}");
        let signer = Sm2Signer::new(&private, SM2_DEFAULT_USER_ID, encoding).unwrap();
        assert_eq!(verifier.verify(&[message], signer.sign(&[message]).unwrap().as_bytes()), Ok(()));
    }
    Accept
}

/// The two hashes the standard prints on the way: Z over user id, curve and key, and e over Z and
/// the message.
pub(crate) fn standard_digests(file: &[u8]) -> Outcome {
    let vector = json(file);
    let (curve, case) = (&vector["curve"], &vector["sign"]);
    let user_id = text(case, "user_id_ascii").as_bytes();
    let bits = u16::try_from(user_id.len() * 8).unwrap().to_be_bytes();
    let numbers: Vec<u8> = ["a", "b", "Gx", "Gy"].iter().flat_map(|name| hex(text(curve, name))).collect();
    let z = sm3(&[&bits, user_id, &numbers, &hex(text(case, "Px")), &hex(text(case, "Py"))]);
    assert_eq!(&z[..], hex(text(case, "Z_A")));
    assert_eq!(&sm3(&[&z, text(case, "message_ascii").as_bytes()])[..], hex(text(case, "e")));
    Accept
}

/// The key's own Z and e are the standard's; what is signed over e verifies over the message, and
/// the other way round.
pub(crate) fn standard_digests_apart(file: &[u8]) -> Outcome {
    let vector = json(file);
    let case = &vector["sign"];
    let (private, public) = standards_keys(case);
    let message = text(case, "message_ascii").as_bytes();
    let (head, tail) = message.split_at(5);
    assert_eq!(&public.user_digest(SM2_DEFAULT_USER_ID).unwrap()[..], hex(text(case, "Z_A")));
    let e = public.message_digest(SM2_DEFAULT_USER_ID, &[head, b"", tail]).unwrap();
    assert_eq!(&e[..], hex(text(case, "e")));
    let standards = [(Sm2SignatureEncoding::Der, hex(text(case, "der_hex"))), {
        (Sm2SignatureEncoding::Raw, [hex(text(case, "r")), hex(text(case, "s"))].concat())
    }];
    for (encoding, signature) in standards {
        // Under another user id: the digest has its own.
        let elsewhere = verifier(&public, "another", encoding);
        assert_eq!(elsewhere.verify_prehashed(&e, &signature), Ok(()), "{encoding:?}");
        let signer = |user_id| Sm2Signer::new(&private, user_id, encoding).unwrap();
        let apart = signer("another").sign_prehashed(&e).unwrap();
        assert_eq!(apart, signer(SM2_DEFAULT_USER_ID).sign(&[message]).unwrap(), "{encoding:?}");
        assert_eq!(verifier(&public, SM2_DEFAULT_USER_ID, encoding).verify(&[message], apart.as_bytes()), Ok(()));
    }
    Accept
}

pub(crate) fn standard_digests_changed(file: &[u8]) -> Outcome {
    let vector = json(file);
    let case = &vector["sign"];
    let (_, public) = standards_keys(case);
    let message = text(case, "message_ascii").as_bytes();
    let raw = [hex(text(case, "r")), hex(text(case, "s"))].concat();
    let verifier = verifier(&public, SM2_DEFAULT_USER_ID, Sm2SignatureEncoding::Raw);
    let fails = |digest: &[u8; 32]| verifier.verify_prehashed(digest, &raw).is_err();
    let e = public.message_digest(SM2_DEFAULT_USER_ID, &[message]).unwrap();
    let mut flipped = e;
    flipped[31] ^= 1;
    let long = "u".repeat(8192);
    public.user_digest(&long[1..]).expect("the longest user id");
    refused([
        ("one bit of e", fails(&flipped)),
        ("the bare digest of the message, without Z", fails(&sm3(&[message]))),
        ("another user id's e", fails(&public.message_digest("1234567812345679", &[message]).unwrap())),
        ("e as the message", verifier.verify(&[&e], &raw).is_err()),
        ("a signature in the other form", verifier.verify_prehashed(&e, &hex(text(case, "der_hex"))).is_err()),
        ("a user id too long", public.user_digest(&long) == Err(CryptoError::UserId)),
        ("the same in e", public.message_digest(&long, &[]) == Err(CryptoError::UserId)),
    ])
}

pub(crate) fn standard_signature_changed(file: &[u8]) -> Outcome {
    let vector = json(file);
    let case = &vector["sign"];
    let (_, public) = standards_keys(case);
    let (der_encoding, raw_encoding) = (Sm2SignatureEncoding::Der, Sm2SignatureEncoding::Raw);
    let message = text(case, "message_ascii").as_bytes();
    let der = hex(text(case, "der_hex"));
    let raw = [hex(text(case, "r")), hex(text(case, "s"))].concat();
    let swapped = [hex(text(case, "s")), hex(text(case, "r"))].concat();
    let order = hex(text(&vector["curve"], "n"));
    let r_of_order = [&*order, &raw[32..]].concat();
    let s_of_nothing = [&raw[..32], &[0; 32]].concat();
    let fails = |user_id, encoding, message: &[u8], signature: &[u8]| {
        verifier(&public, user_id, encoding).verify(&[message], signature).is_err()
    };
    let default = SM2_DEFAULT_USER_ID;
    let x_and_wrong_y = point_key(&hex(text(case, "Px")), &hex(text(case, "Px")));
    refused([
        ("another message, DER", fails(default, der_encoding, b"message digesT", &der)),
        ("another message, raw", fails(default, raw_encoding, b"message digest ", &raw)),
        // The user id goes into Z, and Z into the signature.
        ("another user id, DER", fails("1234567812345679", der_encoding, message, &der)),
        ("another user id, raw", fails("", raw_encoding, message, &raw)),
        ("raw read as DER", fails(default, der_encoding, message, &raw)),
        ("DER read as raw", fails(default, raw_encoding, message, &der)),
        ("r and s swapped", fails(default, raw_encoding, message, &swapped)),
        ("r as large as the order", fails(default, raw_encoding, message, &r_of_order)),
        ("s of zero", fails(default, raw_encoding, message, &s_of_nothing)),
        ("r as large as the order, rewritten", sm2_raw_to_der(&r_of_order).is_none()),
        ("a point off the curve", x_and_wrong_y == Err(KeyError::Damaged)),
        ("a scalar as large as the order", scalar_key(&order, SM2_CURVE).is_err()),
    ])
}

/// `SEQUENCE { INTEGER x, INTEGER y, OCTET STRING C3, OCTET STRING C2 }`.
fn ciphertext(c1_x: &[u8], c1_y: &[u8], c3: &[u8], c2: &[u8]) -> Vec<u8> {
    // A first bit that is set would make the number negative.
    let integer = |number: &[u8]| match number {
        [0x80..=0xff, ..] => der(INTEGER, &[&[0], number].concat()),
        number => der(INTEGER, number),
    };
    let members = [integer(c1_x), integer(c1_y), der(OCTET_STRING, c3), der(OCTET_STRING, c2)].concat();
    der(SEQUENCE, &members)
}

fn standards_ciphertext(case: &Value) -> [Vec<u8>; 4] {
    ["C1x", "C1y", "C3", "C2"].map(|member| hex(text(case, member)))
}

pub(crate) fn standard_encryption(file: &[u8]) -> Outcome {
    let vector = json(file);
    let case = &vector["encrypt"];
    let [x, y, c3, c2] = standards_ciphertext(case);
    let key = Sm2Decryptor::new(&sm2_key(&hex(text(case, "d"))));
    let opened = key.decrypt(&ciphertext(&x, &y, &c3, &c2)).expect("the standard's ciphertext");
    assert_eq!(opened.expose(), text(case, "message_ascii").as_bytes());
    Accept
}

pub(crate) fn standard_encryption_changed(file: &[u8]) -> Outcome {
    let vector = json(file);
    let case = &vector["encrypt"];
    let [x, y, c3, c2] = standards_ciphertext(case);
    let key = Sm2Decryptor::new(&sm2_key(&hex(text(case, "d"))));
    let other = Sm2Decryptor::new(&sm2_key(&hex(text(case, "k"))));
    let whole = ciphertext(&x, &y, &c3, &c2);
    let fails = |ciphertext: &[u8]| key.decrypt(ciphertext).is_err();
    let flipped = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes[5] ^= 1;
        bytes
    };
    refused([
        ("C1 off the curve", fails(&ciphertext(&flipped(&x), &y, &c3, &c2))),
        ("C3 changed", fails(&ciphertext(&x, &y, &flipped(&c3), &c2))),
        ("C2 changed", fails(&ciphertext(&x, &y, &c3, &flipped(&c2)))),
        ("C2 and C3 in the old order", fails(&ciphertext(&x, &y, &c2, &c3))),
        ("no DER", fails(&[&[4], &*x, &*y, &*c3, &*c2].concat())),
        ("cut short", fails(&whole[..whole.len() - 1])),
        ("nothing", fails(b"")),
        ("another key", other.decrypt(&whole).is_err()),
    ])
}

/// B4: a key stream of zeros leaves the message in clear, and an empty one proves nothing. Both
/// pass the check of C3.
pub(crate) fn standard_encryption_without_a_stream(file: &[u8]) -> Outcome {
    let vector = json(file);
    let scalar = hex(text(&vector["encrypt"], "d"));
    let key = Sm2Decryptor::new(&sm2_key(&scalar));
    let point = sm2::SecretKey::from_slice(&scalar).unwrap().public_key();
    let point = sm2::elliptic_curve::sec1::ToSec1Point::to_sec1_point(&point, false);
    let mut attempts = Vec::new();
    let nonces = sealing::nonces(point.as_bytes());
    for byte in [0, 1, b'7', 0xff] {
        let [zero, sound] = nonces.map(|nonce| sealing::seal(point.as_bytes(), &[byte], nonce));
        assert_eq!(key.decrypt(&sound).expect("a sound ciphertext").expose(), [byte]);
        attempts.push((format!("a stream of one zero, over {byte}"), key.decrypt(&zero).is_err()));
    }
    for nonce in 1..4 {
        let sound = sealing::seal(point.as_bytes(), b"13900001234", nonce);
        assert_eq!(key.decrypt(&sound).expect("a sound ciphertext").expose(), b"13900001234");
        let empty = sealing::seal(point.as_bytes(), b"", nonce);
        attempts.push((format!("nothing, under the nonce {nonce}"), key.decrypt(&empty).is_err()));
    }
    refused(attempts)
}

pub(crate) fn botan_sm3(file: &[u8]) -> Outcome {
    let mut count = 0;
    let mut message = None;
    for (name, value) in vec_lines(file) {
        match name {
            "In" => message = Some(hex(value)),
            "Out" => {
                let message = message.take().expect("an input before each output");
                let expected = hex(value);
                assert_eq!(&sm3(&[&message])[..], expected, "case {count}");
                let (head, tail) = message.split_at(message.len() / 3);
                assert_eq!(&sm3(&[head, b"", tail])[..], expected, "case {count}, in parts");
                count += 1;
            }
            other => panic!("{other} is no member of an SM3 case"),
        }
    }
    assert_eq!(count, 139);
    Accept
}

/// The library exposes no bare SM4: this checks the crate that its SM4-GCM is built on, block by
/// block.
pub(crate) fn botan_sm4(file: &[u8]) -> Outcome {
    let (mut count, mut blocks_seen) = (0, 0);
    let (mut key, mut plaintext) = (None, None);
    for (name, value) in vec_lines(file) {
        match name {
            "Key" => key = Some(hex(value)),
            "In" => plaintext = Some(hex(value)),
            "Out" => {
                let cipher = sm4::Sm4::new_from_slice(&key.take().expect("a key")).expect("16 bytes");
                let mut blocks = plaintext.take().expect("an input");
                for block in blocks.chunks_mut(16) {
                    cipher.encrypt_block(block.try_into().expect("whole blocks"));
                    blocks_seen += 1;
                }
                assert_eq!(blocks, hex(value), "case {count}");
                count += 1;
            }
            other => panic!("{other} is no member of an SM4 case"),
        }
    }
    assert_eq!((count, blocks_seen), (22, 284));
    Accept
}

struct BotanSignature<'v> {
    curve: &'v str,
    hash: &'v str,
    user_id: &'v str,
    message: Vec<u8>,
    scalar: Vec<u8>,
    signature: Vec<u8>,
}

fn botan_signatures(file: &[u8]) -> Vec<BotanSignature<'_>> {
    let mut members = std::collections::HashMap::new();
    let mut cases = Vec::new();
    for (name, value) in vec_lines(file) {
        members.insert(name, value);
        // The signature ends a case; curve members stay good until the next curve.
        if name == "Signature" {
            cases.push(BotanSignature {
                curve: members["Oid"],
                hash: members["Hash"],
                user_id: members["Ident"],
                message: hex(members["Msg"]),
                scalar: hex(members["x"].trim_start_matches("0x")),
                signature: hex(value),
            });
        }
    }
    assert_eq!(cases.len(), 7);
    cases
}

/// One of the seven is ours: the recommended curve, and SM3 as the hash.
pub(crate) fn botan_sm2(file: &[u8]) -> Outcome {
    let cases = botan_signatures(file);
    let ours: Vec<_> = cases.iter().filter(|case| case.curve == SM2_CURVE && case.hash == "SM3").collect();
    let [case] = ours.as_slice() else { panic!("{} cases are ours", ours.len()) };
    let key = sm2_key(&case.scalar);
    let verifier = verifier(&key.public_key(), case.user_id, Sm2SignatureEncoding::Raw);
    assert_eq!(verifier.verify(&[&case.message], &case.signature), Ok(()));
    Accept
}

/// The other six: SM2 with SHA-256 on our curve (1), and keys on two other curves (5), which are
/// refused by name.
pub(crate) fn botan_sm2_others(file: &[u8]) -> Outcome {
    let (mut other_hash, mut other_curve) = (0, 0);
    for case in botan_signatures(file) {
        if case.curve != SM2_CURVE {
            match scalar_key(&case.scalar, case.curve).unwrap_err() {
                KeyError::Algorithm { oid } => assert_eq!(oid.to_string(), case.curve),
                other => panic!("{other}"),
            }
            other_curve += 1;
        } else if case.hash != "SM3" {
            let key = sm2_key(&case.scalar);
            let verifier = verifier(&key.public_key(), case.user_id, Sm2SignatureEncoding::Raw);
            assert!(verifier.verify(&[&case.message], &case.signature).is_err(), "SM2 with {}", case.hash);
            other_hash += 1;
        }
    }
    assert_eq!((other_hash, other_curve), (1, 5));
    Refuse
}
