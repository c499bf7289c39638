//! Keys and certificates read from PEM. No goals: a service reads its keys once.
//!
//! The floor knows the kind of file. It drops the lines of dashes, decodes base64 and calls the
//! bare crate, which compares a private SM2 key with its public half, as ours does. Ours finds the
//! kind of file, accepts any line ends and blanks, checks the size and erases its copies.

use std::hint::black_box;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol_core::crypto::{Certificate, PrivateKey, PublicKey};
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use x509_cert::der::Decode as _;
use x509_cert::der::referenced::OwnedToRef as _;

use benches::alternate::Alternate;
use benches::comparison::Comparison;

const RSA_KEY: &str =
    include_str!("../../crates/protocol-core/tests/vectors/wechatpay/official/apiclient_test_key.pem");
const RSA_PUBLIC_KEY: &str =
    include_str!("../../crates/protocol-core/tests/vectors/wechatpay/official/wechatpay_public_key.pem");
const SM2_KEY: &str =
    include_str!("../../crates/protocol-core/tests/vectors/wechatpay/java-shangmi/merchant_private_key.pem");
const CERTIFICATE: &str = include_str!("../../samples/wechat-pay/platform_certificate.pem");

pub(crate) fn compare(bench: Alternate) -> Vec<Comparison> {
    vec![
        bench.compare(
            "key_rsa_private",
            || rsa::PrivateKey::from_pkcs8_der(&der(black_box(RSA_KEY))).unwrap(),
            || PrivateKey::read(black_box(RSA_KEY).as_bytes()).unwrap(),
        ),
        bench.compare(
            "key_rsa_public",
            || rsa::PublicKey::from_public_key_der(&der(black_box(RSA_PUBLIC_KEY))).unwrap(),
            || PublicKey::read(black_box(RSA_PUBLIC_KEY).as_bytes()).unwrap(),
        ),
        bench.compare(
            "key_sm2_private",
            || sm2::SecretKey::from_pkcs8_der(&der(black_box(SM2_KEY))).unwrap(),
            || PrivateKey::read(black_box(SM2_KEY).as_bytes()).unwrap(),
        ),
        bench.compare(
            "key_certificate",
            || certificate(&der(black_box(CERTIFICATE))),
            || Certificate::read(black_box(CERTIFICATE).as_bytes()).unwrap(),
        ),
    ]
}

/// A certificate and its key.
fn certificate(der: &[u8]) -> (x509_cert::Certificate, rsa::PublicKey) {
    let certificate = x509_cert::Certificate::from_der(der).unwrap();
    let info = certificate.tbs_certificate().subject_public_key_info().owned_to_ref();
    let key = rsa::PublicKey::try_from(info).unwrap();
    (certificate, key)
}

/// The bytes of a PEM file with one block.
pub(crate) fn der(pem: &str) -> Vec<u8> {
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(base64).unwrap()
}
