//! An Allinpay response with a history of 50 records, verified and typed, under RSA and under SM2.
//! Goal: at most 5 µs above its floor, under SM2 3 µs.
//!
//! The floor has a parsed key and knows the response's members beforehand. It borrows them from the
//! body, verifies the signature over them where they lie, decodes base64, and reads the history as
//! the floor of `history` does.

use std::hint::black_box;
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol_core::allinpay::{
    Members, Merchant, Operation as _, PLATFORM_USER_ID, Response, SignType, WxComplaintHistory, signer, verifier,
};
use protocol_core::complaint::NegotiationHistory;
use protocol_core::crypto::{PrivateKey, PublicKey, Signer, Verifier};
use serde::Deserialize;
use sm2::elliptic_curve::sec1::ToSec1Point as _;
use sm2::pkcs8::DecodePrivateKey as _;
use sm2_precomputed::{UserId, VerifyingKey};

use benches::history;

use crate::alternate::{Alternate, Comparison, Goal};
use crate::signatures::SM2_KEY;

/// The vendor's demo has this merchant; here its key stands in for the platform's.
const KEYS: &str = include_str!("../../crates/protocol-core/tests/vectors/allinpay/published_keys.json");
const PRIVATE_KEY: &str = "/demo_merchants/test/rsa_private_pkcs8_b64";
const PUBLIC_KEY: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCYBzBmLLKYIbz/sgm4yxuNwpGbkN2Ccg3JhCsb5oG5SE35okz8dm/WNosA0/YJyxhMUw5tQS9gPFczKG42h34gpk2w3LbuvNDC5qQw5FV5iTqnZV4dLXC44TePogwNipEaoh8bA6Ymik+jDAbnnF0GybT5VXNV41YaFJc1IDwq7wIDAQAB";
const APPID: &str = "00000051";
const CUSID: &str = "990581007426001";

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

    vec![
        rsa.compare(bench, "allinpay_response", verify_rsa).goal(Goal::OverheadNs(5_000.0)),
        sm2.compare(bench, "allinpay_response_sm2", verify_sm2).goal(Goal::OverheadNs(3_000.0)),
    ]
}

/// Ours under one kind of signature.
struct Side {
    sign_type: SignType,
    signer: Arc<dyn Signer>,
    verifier: Arc<dyn Verifier>,
}

impl Side {
    /// Beside the floor with the bare crate's verification.
    fn compare(&self, bench: Alternate, name: &'static str, verify: impl Fn(&[&[u8]], &[u8])) -> Comparison {
        let body = body(&*self.signer);
        let merchant = Merchant::new(APPID, CUSID, self.sign_type).unwrap();
        let operation = WxComplaintHistory::new("200201820200101080076610000");
        let ours = || -> NegotiationHistory {
            operation.receive(Response::new(black_box(body.as_bytes()), &merchant, &*self.verifier)).unwrap()
        };
        let floor = || -> history::floor::History { floor(black_box(body.as_bytes()), &verify) };
        history::assert_same(&floor(), &ours());
        bench.compare(name, floor, ours)
    }
}

fn floor(body: &[u8], verify: &impl Fn(&[&[u8]], &[u8])) -> history::floor::History {
    let response: FloorResponse<'_> = serde_json::from_str(str::from_utf8(body).unwrap()).unwrap();
    let parts = [
        "appid=",
        response.appid,
        "&cusid=",
        response.cusid,
        "&randomstr=",
        response.randomstr,
        "&records=",
        response.records,
        "&retcode=",
        response.retcode,
    ];
    verify(&parts.map(str::as_bytes), &STANDARD.decode(response.sign).unwrap());
    let records = STANDARD.decode(response.records).unwrap();
    serde_json::from_str(str::from_utf8(&records).unwrap()).unwrap()
}

#[derive(Deserialize)]
struct FloorResponse<'a> {
    appid: &'a str,
    cusid: &'a str,
    randomstr: &'a str,
    records: &'a str,
    retcode: &'a str,
    sign: &'a str,
}

fn body(signer: &dyn Signer) -> String {
    let records = STANDARD.encode(history::document(history::PAGE));
    let unsigned = format!(
        r#"{{"appid":"{APPID}","cusid":"{CUSID}","randomstr":"593BEC0C930BF1AF","records":"{records}","retcode":"SUCCESS"}}"#
    );
    let signature = signer.sign(&Members::parse(unsigned.as_bytes()).unwrap().peek().parts_to_sign()).unwrap();
    format!(r#"{},"sign":"{}"}}"#, unsigned.trim_end_matches('}'), signature.to_base64())
}
