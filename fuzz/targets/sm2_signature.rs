//! An SM2 signature: DER and r‖s are two ways to write one, each canonical; under a key no other
//! bytes verify than those that were made with it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use protocol_core::crypto::{
    PrivateKey, Signer as _, Sm2SignatureEncoding, Sm2Signer, Sm2Verifier, Verifier as _, sm2_der_to_raw,
    sm2_raw_to_der,
};

const KEY: &[u8] =
    include_bytes!("../../crates/protocol-core/tests/vectors/wechatpay/java-shangmi/merchant_private_key.pem");

/// Order of the curve, big-endian: r and s lie between 0 and it.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x72, 0x03, 0xdf,
    0x6b, 0x21, 0xc6, 0x05, 0x2b, 0x53, 0xbb, 0xf4, 0x09, 0x39, 0xd5, 0x41, 0x23,
];

/// A verifier of each encoding, with the one signature that it takes.
static VERIFIERS: LazyLock<[(Sm2Verifier, Vec<u8>); 2]> = LazyLock::new(|| {
    let Ok(PrivateKey::Sm2(key)) = PrivateKey::read(KEY) else { panic!("an SM2 key") };
    [Sm2SignatureEncoding::Der, Sm2SignatureEncoding::Raw].map(|encoding| {
        let signer = Sm2Signer::new(&key, "1234567812345678", encoding).expect("a signer");
        let verifier = Sm2Verifier::new(&key.public_key(), "1234567812345678", encoding).expect("a verifier");
        (verifier, signer.sign(&[b"message"]).expect("a signature").as_bytes().to_vec())
    })
});

fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    let mut content = number[zeros..].to_vec();
    if content.first().is_some_and(|&byte| byte >= 0x80) {
        content.insert(0, 0);
    }
    [&[2, content.len() as u8], &content[..]].concat()
}

fuzz_target!(|bytes: &[u8]| {
    if let Some(raw) = sm2_der_to_raw(bytes) {
        assert_eq!(sm2_raw_to_der(&raw).expect("it was one"), bytes);
    }
    let (r, s) = bytes.split_at(bytes.len().min(32));
    let in_range = |number: &[u8]| number.iter().any(|&byte| byte != 0) && *number < ORDER[..];
    let expected = (bytes.len() == 64 && in_range(r) && in_range(s)).then(|| {
        let content = [integer(r), integer(s)].concat();
        [&[0x30, content.len() as u8], &content[..]].concat()
    });
    let der = sm2_raw_to_der(bytes);
    assert_eq!(der, expected);
    if let Some(der) = der {
        assert_eq!(sm2_der_to_raw(&der).expect("it was one").as_slice(), bytes);
    }
    for (verifier, signature) in &*VERIFIERS {
        assert_eq!(verifier.verify(&[b"message"], bytes).is_ok(), bytes == signature);
    }
});
