//! RSA and SM2 signatures that other implementations published: made again byte for byte where the
//! algorithm is deterministic, verified, and refused once anything about them changes.

use protocol_core::crypto::{
    Certificate, PrivateKey, PublicKey, RsaDigest, RsaSigner, RsaVerifier, SM2_DEFAULT_USER_ID, Signer as _,
    Sm2SignatureEncoding, Sm2Signer, Sm2Verifier, Verifier as _,
};
use serde_json::Value;

use super::Outcome::{self, Accept};
use super::keys::any_public_key;
use super::{base64, beside, json, list, read, refused, text};

const GO: &str = "wechatpay/go";
const JAVA: &str = "wechatpay/java";
const SHANGMI: &str = "wechatpay/java-shangmi";

pub(crate) fn rsa_signer(pem: &[u8]) -> RsaSigner {
    match PrivateKey::read(pem).expect("a private key") {
        PrivateKey::Rsa(key) => RsaSigner::new(&key, RsaDigest::Sha256),
        other => panic!("{other:?} is not RSA"),
    }
}

fn rsa_verifier(pem: &[u8]) -> RsaVerifier {
    match any_public_key(pem) {
        PublicKey::Rsa(key) => RsaVerifier::new(&key, RsaDigest::Sha256),
        other => panic!("{other:?} is not RSA"),
    }
}

/// `message` and `signature_b64` under `private_key`: the same bytes again, in one part and in two,
/// and they verify.
fn signs_as_published(folder: &str, vector: &Value, verifying: &[&str]) -> Outcome {
    let message = text(vector, "message").as_bytes();
    let published = base64(text(vector, "signature_b64"));
    let signer = rsa_signer(&beside(folder, vector, "private_key"));
    assert_eq!(signer.sign(&[message]).unwrap().as_bytes(), published);
    let (head, tail) = message.split_at(message.len() / 2);
    let signature = signer.sign(&[head, b"", tail]).unwrap();
    assert_eq!(signature.as_bytes(), published);
    assert_eq!(signature.to_base64(), text(vector, "signature_b64"));
    for member in verifying {
        let verifier = rsa_verifier(&beside(folder, vector, member));
        assert_eq!(verifier.verify(&[message], &published), Ok(()), "by {member}");
        assert_eq!(verifier.verify(&[head, tail], &published), Ok(()), "by {member}, in parts");
    }
    Accept
}

pub(crate) fn go_rsa(file: &[u8]) -> Outcome {
    let vector = json(file);
    let certificate = Certificate::read(&beside(GO, &vector, "certificate")).unwrap();
    assert_eq!(certificate.serial_no(), text(&vector, "serial"));
    signs_as_published(GO, &vector, &["private_key", "public_key", "certificate"])
}

pub(crate) fn go_rsa_must_fail(file: &[u8]) -> Outcome {
    let vector = json(file);
    let verifier = rsa_verifier(&beside(GO, &vector, "public_key"));
    let message = text(&vector, "message").as_bytes();
    let signature = base64(text(&vector, "signature_b64"));
    let messages = list(&vector, "must_fail_messages").iter().map(|wrong| {
        let wrong = wrong.as_str().unwrap();
        (format!("message {wrong:?}"), verifier.verify(&[wrong.as_bytes()], &signature).is_err())
    });
    let signatures = list(&vector, "must_fail_signatures").iter().map(|wrong| {
        // Some are no base64; their own characters are then as good a wrong signature as any.
        let wrong = wrong.as_str().unwrap();
        (format!("signature {wrong:?}"), verifier.verify(&[message], wrong.as_bytes()).is_err())
    });
    refused(messages.chain(signatures).collect::<Vec<_>>())
}

pub(crate) fn java_rsa(file: &[u8]) -> Outcome {
    let vector = json(file);
    let certificate = Certificate::read(&beside(JAVA, &vector, "certificate")).unwrap();
    assert_eq!(certificate.serial_no(), text(&vector, "serial"));
    signs_as_published(JAVA, &vector, &["private_key", "certificate"])
}

pub(crate) fn java_rsa_must_fail(file: &[u8]) -> Outcome {
    let vector = json(file);
    let other = rsa_verifier(&beside(JAVA, &vector, "must_fail_public_key"));
    let own = rsa_verifier(&beside(JAVA, &vector, "certificate"));
    let message = text(&vector, "message").as_bytes();
    let signature = base64(text(&vector, "signature_b64"));
    let mut changed = signature.clone();
    changed[128] ^= 1;
    refused([
        ("under another key", other.verify(&[message], &signature).is_err()),
        ("one bit changed", own.verify(&[message], &changed).is_err()),
        ("one byte short", own.verify(&[message], &signature[..255]).is_err()),
        ("a zero before it", own.verify(&[message], &[&[0], &*signature].concat()).is_err()),
    ])
}

pub(crate) fn pay_sign(file: &[u8]) -> Outcome {
    signs_as_published("wechatpay/official", &json(file), &["private_key"])
}

fn sm2_verifier(pem: &[u8], user_id: &str, encoding: Sm2SignatureEncoding) -> Sm2Verifier {
    match any_public_key(pem) {
        PublicKey::Sm2(key) => Sm2Verifier::new(&key, user_id, encoding).unwrap(),
        other => panic!("{other:?} is not SM2"),
    }
}

/// An SM2 signature holds a random number, so the published one is verified; our own verifies by
/// the same key.
pub(crate) fn shangmi_sm2(file: &[u8]) -> Outcome {
    let vector = json(file);
    assert_eq!(text(&vector, "sm2_id"), SM2_DEFAULT_USER_ID);
    let certificate_file = beside(SHANGMI, &vector, "certificate");
    assert_eq!(Certificate::read(&certificate_file).unwrap().serial_no(), text(&vector, "serial"));
    let case = &vector["verify"];
    let message = text(case, "message").as_bytes();
    let verifier = sm2_verifier(&certificate_file, text(&vector, "sm2_id"), Sm2SignatureEncoding::Der);
    assert_eq!(verifier.verify(&[message], &base64(text(case, "signature_b64_der"))), Ok(()));
    let PrivateKey::Sm2(key) = PrivateKey::read(&beside(SHANGMI, &vector, "private_key")).unwrap() else {
        panic!("the private key is not SM2");
    };
    let signer = Sm2Signer::new(&key, text(&vector, "sm2_id"), Sm2SignatureEncoding::Der).unwrap();
    let own = signer.sign(&[message]).unwrap();
    assert_eq!(verifier.verify(&[message], own.as_bytes()), Ok(()));
    Accept
}

pub(crate) fn shangmi_sm2_must_fail(file: &[u8]) -> Outcome {
    let vector = json(file);
    let case = &vector["verify"];
    let certificate = beside(SHANGMI, &vector, "certificate");
    let verifier = |user_id, encoding| sm2_verifier(&certificate, user_id, encoding);
    let (der, raw) = (Sm2SignatureEncoding::Der, Sm2SignatureEncoding::Raw);
    let message = text(case, "message").as_bytes();
    let wrong = text(case, "must_fail_message").as_bytes();
    let signature = base64(text(case, "signature_b64_der"));
    let longer = [&*signature, &[0]].concat();
    let other_key = sm2_verifier(&read("wechatpay/java-shangmi/wechat_pay_certificate.pem"), SM2_DEFAULT_USER_ID, der);
    refused([
        ("another message", verifier(SM2_DEFAULT_USER_ID, der).verify(&[wrong], &signature).is_err()),
        ("another user id", verifier("Allinpay", der).verify(&[message], &signature).is_err()),
        ("DER read as raw", verifier(SM2_DEFAULT_USER_ID, raw).verify(&[message], &signature).is_err()),
        ("a byte after it", verifier(SM2_DEFAULT_USER_ID, der).verify(&[message], &longer).is_err()),
        ("another key", other_key.verify(&[message], &signature).is_err()),
    ])
}
