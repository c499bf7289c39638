//! An Allinpay response with a history of 50 records, verified and typed, under RSA and under SM2.
//! Goal: at most 5 µs above its floor, under SM2 3 µs.
//!
//! The floor is that of [`benches::allinpay_response`] with a parsed key. SM3 over the response takes
//! most of the time under SM2, and varies by more than the overhead. The last two lines show the
//! overhead alone: on both sides, every signature verifies. The last has the least work for a floor.

use std::hint::black_box;
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol_core::allinpay::{Merchant, PLATFORM_USER_ID, SignType, signer, verifier};
use protocol_core::crypto::{PrivateKey, PublicKey, SignatureAlgorithm, Signer, Verifier};
use sm2::elliptic_curve::sec1::ToSec1Point as _;
use sm2::pkcs8::DecodePrivateKey as _;
use sm2_precomputed::{UserId, VerifyingKey};

use benches::allinpay_response::{APPID, CUSID, document, floor, least, ours};
use benches::alternate::Alternate;
use benches::comparison::{Comparison, Goal};
use benches::history::{self, floor::History};
use benches::paths::Yes;

use crate::signatures::SM2_KEY;

/// The vendor's demo has this merchant's key; here it stands in for the platform's.
const KEYS: &str = include_str!("../../crates/protocol-core/tests/vectors/allinpay/published_keys.json");
const PRIVATE_KEY: &str = "/demo_merchants/test/rsa_private_pkcs8_b64";
const PUBLIC_KEY: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCYBzBmLLKYIbz/sgm4yxuNwpGbkN2Ccg3JhCsb5oG5SE35okz8dm/WNosA0/YJyxhMUw5tQS9gPFczKG42h34gpk2w3LbuvNDC5qQw5FV5iTqnZV4dLXC44TePogwNipEaoh8bA6Ymik+jDAbnnF0GybT5VXNV41YaFJc1IDwq7wIDAQAB";

pub(crate) fn compare(bench: Alternate) -> Vec<Comparison> {
    let keys: serde_json::Value = serde_json::from_str(KEYS).unwrap();
    let private_key = keys.pointer(PRIVATE_KEY).and_then(serde_json::Value::as_str).unwrap();
    let spki = STANDARD.decode(PUBLIC_KEY).unwrap();
    let key = ParsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, spki).unwrap();
    let verify_rsa = |parts: &[&[u8]], signature: &[u8]| {
        let mut digest = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
        parts.iter().for_each(|part| digest.update(part));
        key.verify_digest_sig(&digest.finish(), signature).unwrap();
    };
    let rsa = Side {
        sign_type: SignType::Rsa,
        signer: signer(&PrivateKey::read(private_key.as_bytes()).unwrap(), APPID).unwrap(),
        verifier: verifier(&PublicKey::read(PUBLIC_KEY.as_bytes()).unwrap()).unwrap(),
    };

    let sm2_key = PrivateKey::read(SM2_KEY.as_bytes()).unwrap();
    let bare_key = sm2::SecretKey::from_pkcs8_pem(SM2_KEY).unwrap().public_key();
    let user_id = UserId::new(PLATFORM_USER_ID.as_bytes()).unwrap();
    let bare = VerifyingKey::new(bare_key.to_sec1_point(false).as_bytes(), user_id).unwrap();
    bare.prepare();
    let verify_sm2 = |parts: &[&[u8]], signature: &[u8]| {
        bare.verify(parts.iter().copied(), &signature.try_into().unwrap()).unwrap();
    };
    let sm2 = Side {
        sign_type: SignType::Sm2,
        // Here the merchant's signer stands in for the platform's.
        signer: signer(&sm2_key, PLATFORM_USER_ID).unwrap(),
        verifier: verifier(&sm2_key.public_key()).unwrap(),
    };

    let without = Side {
        sign_type: SignType::Sm2,
        signer: Arc::new(Yes(SignatureAlgorithm::Sm2Sm3)),
        verifier: Arc::new(Yes(SignatureAlgorithm::Sm2Sm3)),
    };

    let (three, five) = (Goal::OverheadNs(3_000.0), Goal::OverheadNs(5_000.0));
    vec![
        rsa.compare(bench, "allinpay_response", |body| floor(body, verify_rsa)).goal(five),
        sm2.compare(bench, "allinpay_response_sm2", |body| floor(body, verify_sm2)).goal(three),
        without.compare(bench, "allinpay_response_without_sm2", |body| floor(body, |_, _| ())).goal(three),
        without.compare(bench, "allinpay_response_least", |body| least(body, |_, _| ())).held(five),
    ]
}

/// Ours under one kind of signature.
struct Side {
    sign_type: SignType,
    signer: Arc<dyn Signer>,
    verifier: Arc<dyn Verifier>,
}

impl Side {
    /// Beside a floor with the bare crate's verification.
    fn compare(&self, bench: Alternate, name: &'static str, floor: impl Fn(&[u8]) -> History) -> Comparison {
        let body = document(&history::document(history::PAGE), &*self.signer);
        let merchant = Merchant::new(APPID, CUSID, self.sign_type).unwrap();
        let ours = || ours(black_box(body.as_bytes()), &merchant, &*self.verifier);
        let floor = || floor(black_box(body.as_bytes()));
        history::assert_same(&floor(), &ours());
        bench.compare(name, floor, ours)
    }
}
