//! Files without a readable key: the error names the kind of file, and the command to run.

use base64::Engine as _;
use protocol_core::crypto::{Certificate, Expected, Found, PrivateKey, PublicKey};

use super::{INTEGER, OCTET_STRING, SEQUENCE, der, oid};
use crate::{RSA_KEY, STANDARD, half, mismatch, pem};

const SSH_KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIKDWzLAUSXpbWYYmT2KvJfYtzLPqcV8lmqIGZZfVSgOZ";

#[track_caller]
fn is(text: &str, found: Found) {
    for text in [text.to_owned(), format!("\u{feff}\r\n {text}\r\n"), text.replace('\n', "\r\n")] {
        assert_eq!(PrivateKey::read(text.as_bytes()).unwrap_err(), mismatch(found, Expected::PrivateKey), "{text}");
        assert_eq!(PublicKey::read(text.as_bytes()).unwrap_err(), mismatch(found, Expected::PublicKey), "{text}");
        assert_eq!(Certificate::read(text.as_bytes()).unwrap_err(), mismatch(found, Expected::Certificate), "{text}");
    }
    let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(PrivateKey::read(&utf16).unwrap_err(), mismatch(found, Expected::PrivateKey), "{text}");
}

#[test]
fn keys_in_other_peoples_formats_are_named() {
    is("<RSAKeyValue><Modulus>0Rv7</Modulus><Exponent>AQAB</Exponent><D>BQ==</D></RSAKeyValue>", Found::XmlKey);
    is("<?xml version=\"1.0\"?>\n<RSAKeyValue>\n  <Modulus>0Rv7</Modulus>\n</RSAKeyValue>", Found::XmlKey);
    is(r#"{"kty":"RSA","n":"0Rv7","e":"AQAB"}"#, Found::Jwk);
    is("{\n  \"keys\": [ { \"kty\" : \"EC\", \"crv\": \"P-256\" } ]\n}", Found::Jwk);
    is(&format!("ssh-ed25519 {SSH_KEY} somebody@merchant"), Found::SshPublicKey);
    is(&format!("ecdsa-sha2-nistp256 {SSH_KEY}"), Found::SshPublicKey);
    is(
        &format!("---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"x\"\n{SSH_KEY}\n---- END SSH2 PUBLIC KEY ----"),
        Found::SshPublicKey,
    );
    let openssh = STANDARD.encode([&b"openssh-key-v1\0\0\0\0\x04none"[..], &[0; 64]].concat());
    is(
        &format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{openssh}\n-----END OPENSSH PRIVATE KEY-----"),
        Found::SshPrivateKey,
    );
    // Other JSON, other XML, other words are nothing in particular.
    for text in [r#"{"n":"0Rv7"}"#, "<xml><Modulus/></xml>", "ssh-rsa", "kty"] {
        is(text, Found::Unrecognised);
    }
}

#[test]
fn containers_are_named_in_der_base64_and_hexadecimal() {
    let pkcs7 = der(0xa0, &der(SEQUENCE, &der(INTEGER, &[1])));
    let content = der(SEQUENCE, &[oid("1.2.840.113549.1.7.1"), der(0xa0, &der(OCTET_STRING, b"x"))].concat());
    let mac = der(SEQUENCE, &[der(SEQUENCE, &[]), der(OCTET_STRING, &[1; 8])].concat());
    let pkcs12 = der(SEQUENCE, &[der(INTEGER, &[3]), content, mac].concat());
    let pkcs7 = der(SEQUENCE, &[oid("1.2.840.113549.1.7.2"), pkcs7].concat());
    let encrypted =
        der(SEQUENCE, &[der(SEQUENCE, &oid("1.2.840.113549.1.5.13")), der(OCTET_STRING, &[9; 40])].concat());
    for (document, found) in [(pkcs12, Found::Pkcs12), (pkcs7, Found::Pkcs7), (encrypted, Found::EncryptedPrivateKey)] {
        let base64 = STANDARD.encode(&document);
        assert_eq!(PrivateKey::read(&document).unwrap_err(), mismatch(found, Expected::PrivateKey));
        is(&base64, found);
        is(&format!("\"{base64}\""), found);
        is(&crate::hex(&document), found);
        is(&format!("-----BEGIN PKCS12-----\n{base64}\n-----END PKCS12-----"), found);
    }
}

#[test]
fn the_most_telling_of_several_documents_is_named() {
    let certificate = pem(crate::RSA_CERTIFICATE);
    let encrypted = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    let both = format!("{certificate}{encrypted}");
    let refused = PrivateKey::read(both.as_bytes()).unwrap_err();
    assert_eq!(refused, mismatch(Found::EncryptedPrivateKey, Expected::PrivateKey));
    assert_eq!(
        refused.to_string(),
        "this is a private key under a password; a private key is needed. Run: openssl pkey -in FILE -out key.pem"
    );
    Certificate::read(both.as_bytes()).unwrap();
    assert_eq!(half(format!("{both}{}", pem(RSA_KEY))), half(pem(RSA_KEY)));
    let parameters = "-----BEGIN SM2 PARAMETERS-----\nBggqgRzPVQGCLQ==\n-----END SM2 PARAMETERS-----\n";
    is(parameters, Found::CurveParameters);
    let refused = PrivateKey::read(format!("{parameters}{certificate}").as_bytes()).unwrap_err();
    assert_eq!(refused, mismatch(Found::Certificate, Expected::PrivateKey));
}
