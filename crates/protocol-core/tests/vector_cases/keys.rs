//! Key files: read as what they are, refused as anything else, and fitting their other half.

use protocol_core::UnixTime;
use protocol_core::crypto::{Certificate, Expected, Found, KeyError, PrivateKey, PublicKey};
use protocol_core::wechat_pay::{signer, verifier};

use super::Outcome::{self, Accept, Refuse};
use super::read;

/// A certificate: its serial, its validity in Unix seconds (as `openssl x509` prints them), and a
/// file with the same key.
pub(crate) fn certificate(
    pem: &[u8],
    serial_no: &str,
    not_before: i64,
    not_after: i64,
    same_key: Option<&str>,
) -> Outcome {
    let certificate = Certificate::read(pem).expect("a certificate");
    assert_eq!(certificate.serial_no(), serial_no);
    assert_eq!(certificate.validity().not_before, UnixTime(not_before));
    assert_eq!(certificate.validity().not_after, UnixTime(not_after));
    if let Some(file) = same_key {
        assert_eq!(certificate.public_key(), &any_public_key(&read(file)), "the key is another one than {file}'s");
    }
    let (key, with) = PublicKey::read_with_certificate(pem).expect("a certificate holds a public key");
    assert_eq!((&key, with.as_ref()), (certificate.public_key(), Some(&certificate)));
    Accept
}

/// A private key: what it signs, its public half verifies, and so does the file named; another key
/// does not.
pub(crate) fn private_key(pem: &[u8], public_half: Option<&str>, other: &str) -> Outcome {
    let key = PrivateKey::read(pem).expect("a private key");
    let signature = signer(&key).unwrap().sign(&[b"mess", b"age"]).unwrap();
    let verifies = |key: &PublicKey| verifier(key).unwrap().verify(&[b"message"], signature.as_bytes()).is_ok();
    assert!(verifies(&key.public_key()));
    if let Some(file) = public_half {
        let file = any_public_key(&read(file));
        assert_eq!(key.public_key(), file);
        assert!(verifies(&file));
    }
    assert!(!verifies(&any_public_key(&read(other))), "{other} verifies this key's signature");
    Accept
}

/// A public key: equal to the one in another file.
pub(crate) fn public_key(pem: &[u8], same_key: &str) -> Outcome {
    let key = PublicKey::read(pem).expect("a public key");
    assert_eq!(key, any_public_key(&read(same_key)));
    assert_eq!(PublicKey::read_with_certificate(pem).unwrap(), (key, None));
    Accept
}

/// The documentation's platform key, whose private half is not published: it verifies the
/// platform's signature.
pub(crate) fn platform_public_key(pem: &[u8]) -> Outcome {
    let key = PublicKey::read(pem).expect("a public key");
    let response = super::json(&read("wechatpay/official/response_verify_pubkey_mode.json"));
    let headers = &response["headers"];
    let message = format!(
        "{}\n{}\n{}\n",
        super::text(headers, "Wechatpay-Timestamp"),
        super::text(headers, "Wechatpay-Nonce"),
        super::text(&response, "body")
    );
    let signature = super::base64(super::text(headers, "Wechatpay-Signature"));
    verifier(&key).unwrap().verify(&[message.as_bytes()], &signature).expect("the platform's own signature");
    Accept
}

/// Every reader that wants something else refuses the file and says what it is.
pub(crate) fn wrong_readers(pem: &[u8], found: Found) -> Outcome {
    let mismatch = |expected| KeyError::Mismatch { found, expected };
    if found != Found::PrivateKey {
        assert_eq!(PrivateKey::read(pem).unwrap_err(), mismatch(Expected::PrivateKey));
    }
    if found != Found::PublicKey {
        assert_eq!(PublicKey::read(pem).unwrap_err(), mismatch(Expected::PublicKey));
    }
    if found != Found::Certificate {
        assert_eq!(Certificate::read(pem).unwrap_err(), mismatch(Expected::Certificate));
    }
    if found == Found::PrivateKey {
        assert_eq!(PublicKey::read_with_certificate(pem).unwrap_err(), mismatch(Expected::PublicKeyOrCertificate));
    }
    Refuse
}

/// The public key in a file of any kind.
pub(crate) fn any_public_key(pem: &[u8]) -> PublicKey {
    match PrivateKey::read(pem) {
        Ok(key) => key.public_key(),
        Err(_) => PublicKey::read_with_certificate(pem).expect("a public key or a certificate").0,
    }
}
