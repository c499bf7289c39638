//! Published signatures, read where the repository keeps them with their sources:
//! `crates/protocol-core/tests/vectors/README.md`.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]
#![allow(clippy::indexing_slicing, reason = "a vector without its members has to stop the test")]

use serde_json::Value;
use sm2_precomputed::{Signature, SigningKey, UserId, VerifyingKey};

macro_rules! vector {
    ($path:literal) => {
        include_str!(concat!("../../protocol-core/tests/vectors/", $path))
    };
}

#[test]
fn the_standards_signature_is_accepted() {
    let vector: Value = serde_json::from_str(vector!("crypto/gmt0003_5_sm2.json")).unwrap();
    let case = &vector["sign"];
    let key = SigningKey::new(&number(&case["d"]), UserId::DEFAULT).unwrap();
    let verifying = key.verifying_key();
    assert_eq!(verifying.to_bytes()[1..33], number(&case["Px"]));
    assert_eq!(verifying.to_bytes()[33..], number(&case["Py"]));
    assert_eq!(verifying.user_digest(), &number(&case["Z_A"]));
    let message = text(&case["message_ascii"]).as_bytes();
    let e = number(&case["e"]);
    assert_eq!(verifying.digest_of([&message[..3], &message[3..]]), e);
    let signature = Signature::from_der(&hex(text(&case["der_hex"]))).unwrap();
    assert_eq!(signature.to_bytes()[..32], number(&case["r"]));
    assert_eq!(signature.to_bytes()[32..], number(&case["s"]));
    assert!(verifying.verify_digest(&e, &signature).is_ok());
    accepts(verifying, message, &signature);
    accepts(verifying, message, &key.sign([message]));
}

#[test]
fn wechat_pays_signature_is_accepted() {
    let vector: Value = serde_json::from_str(vector!("wechatpay/java-shangmi/sm2.json")).unwrap();
    let certificate = base64(
        &vector!("wechatpay/java-shangmi/merchant_certificate.pem")
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect::<String>(),
    );
    // BIT STRING of 66 bytes, no unused bits, an uncompressed point: the key of the certificate.
    let start = certificate.windows(4).position(|bytes| bytes == [3, 0x42, 0, 4]).unwrap() + 3;
    let user_id = UserId::new(text(&vector["sm2_id"]).as_bytes()).unwrap();
    let key = VerifyingKey::new(&certificate[start..start + 65], user_id).unwrap();
    let case = &vector["verify"];
    let signature = Signature::from_der(&base64(text(&case["signature_b64_der"]))).unwrap();
    accepts(&key, text(&case["message"]).as_bytes(), &signature);
    assert!(key.verify([text(&case["must_fail_message"]).as_bytes()], &signature).is_err());
}

#[test]
fn allinpays_signatures_are_accepted() {
    for (vector, message) in [
        (vector!("allinpay/doc_request_sm2.json"), "string_to_sign"),
        (vector!("allinpay/demo_response_sm2.json"), "message_utf8"),
    ] {
        let vector: Value = serde_json::from_str(vector).unwrap();
        let user_id = UserId::new(text(&vector["user_id"]).as_bytes()).unwrap();
        let key = VerifyingKey::new(&hex(text(&vector["public_key_point_hex"])), user_id).unwrap();
        assert_eq!(key.user_digest(), &number(&vector["Z_A"]));
        let message = text(&vector[message]).as_bytes();
        assert_eq!(key.digest_of([message]), number(&vector["e"]));
        let raw = base64(text(&vector["sign_b64_raw_r_s"]));
        let signature = Signature::from_bytes(&raw.try_into().unwrap()).unwrap();
        assert_eq!(signature.to_der(), hex(text(&vector["same_signature_as_der_hex"])));
        accepts(&key, message, &signature);
        for another in [UserId::DEFAULT, UserId::new(b"").unwrap()] {
            let key = VerifyingKey::new(&key.to_bytes(), another).unwrap();
            assert!(key.verify([message], &signature).is_err());
        }
    }
}

/// Those of SM3 over the recommended curve; Botan's collection has other curves and hashes too.
#[test]
fn botans_signatures_are_accepted() {
    let (mut order, mut members, mut count) = ("", Vec::new(), 0);
    for line in vector!("crypto/botan/sm2_sig.vec").lines() {
        let Some((name, value)) = line.split_once(" = ") else { continue };
        if name == "Order" {
            order = value;
        }
        members.push((name, value));
        if name != "Signature" {
            continue;
        }
        let member = |wanted: &str| members.iter().rev().find(|(name, _)| *name == wanted).unwrap().1;
        if order == ORDER && member("Hash") == "SM3" {
            let user_id = UserId::new(member("Ident").as_bytes()).unwrap();
            let key = SigningKey::new(&hex(&member("x")[2..]).try_into().unwrap(), user_id).unwrap();
            let signature = Signature::from_bytes(&hex(value).try_into().unwrap()).unwrap();
            accepts(key.verifying_key(), &hex(member("Msg")), &signature);
            count += 1;
        }
    }
    assert_eq!(count, 1);
}

/// Before and after its tables are made, whole and in parts, and not with a bit changed.
fn accepts(key: &VerifyingKey, message: &[u8], signature: &Signature) {
    for _ in 0..2 {
        assert!(key.verify([message], signature).is_ok());
        assert!(key.verify(message.chunks(1), signature).is_ok());
        let mut changed = message.to_vec();
        changed[0] ^= 1;
        assert!(key.verify([&changed[..]], signature).is_err());
        for at in 0..64 {
            let mut changed = signature.to_bytes();
            changed[at] ^= 1;
            assert!(Signature::from_bytes(&changed).is_none_or(|changed| key.verify([message], &changed).is_err()));
        }
        key.prepare();
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn number(value: &Value) -> [u8; 32] {
    hex(text(value)).try_into().unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn base64(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

const ORDER: &str = "0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123";
