//! An Allinpay response with a history of 50 records, verified and typed. Goal: at most 5 µs above
//! its floor.
//!
//! The floor has a parsed key and knows the response's members beforehand. It borrows them from the
//! body, verifies the signature over them where they lie, decodes base64, and reads the history as
//! the floor of `history` does.

use std::hint::black_box;

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol_core::allinpay::{
    Members, Merchant, Operation as _, Response, SignType, WxComplaintHistory, signer, verifier,
};
use protocol_core::complaint::NegotiationHistory;
use protocol_core::crypto::{PrivateKey, PublicKey};
use serde::Deserialize;

use benches::history;

use crate::alternate::{Alternate, Comparison, Goal};

/// The vendor's demo has this merchant; here its key stands in for the platform's.
const KEYS: &str = include_str!("../../crates/protocol-core/tests/vectors/allinpay/published_keys.json");
const PRIVATE_KEY: &str = "/demo_merchants/test/rsa_private_pkcs8_b64";
const PUBLIC_KEY: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCYBzBmLLKYIbz/sgm4yxuNwpGbkN2Ccg3JhCsb5oG5SE35okz8dm/WNosA0/YJyxhMUw5tQS9gPFczKG42h34gpk2w3LbuvNDC5qQw5FV5iTqnZV4dLXC44TePogwNipEaoh8bA6Ymik+jDAbnnF0GybT5VXNV41YaFJc1IDwq7wIDAQAB";
const APPID: &str = "00000051";
const CUSID: &str = "990581007426001";

pub(crate) fn compare(bench: Alternate) -> Vec<Comparison> {
    let body = body();
    let merchant = Merchant::new(APPID, CUSID, SignType::Rsa).unwrap();
    let verifier = verifier(&PublicKey::read(PUBLIC_KEY.as_bytes()).unwrap()).unwrap();
    let operation = WxComplaintHistory::new("200201820200101080076610000");
    let ours = || -> NegotiationHistory {
        operation.receive(Response::new(black_box(body.as_bytes()), &merchant, &*verifier)).unwrap()
    };

    let spki = STANDARD.decode(PUBLIC_KEY).unwrap();
    let key = ParsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, spki).unwrap();
    let floor = || -> history::floor::History { floor(black_box(body.as_bytes()), &key) };

    history::assert_same(&floor(), &ours());
    vec![bench.compare("allinpay_response", floor, ours).goal(Goal::OverheadNs(5_000.0))]
}

fn floor(body: &[u8], key: &ParsedPublicKey) -> history::floor::History {
    let response: FloorResponse<'_> = serde_json::from_str(str::from_utf8(body).unwrap()).unwrap();
    let mut digest = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    for part in [
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
    ] {
        digest.update(part.as_bytes());
    }
    key.verify_digest_sig(&digest.finish(), &STANDARD.decode(response.sign).unwrap()).unwrap();
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

fn body() -> String {
    let records = STANDARD.encode(history::document(history::PAGE));
    let unsigned = format!(
        r#"{{"appid":"{APPID}","cusid":"{CUSID}","randomstr":"593BEC0C930BF1AF","records":"{records}","retcode":"SUCCESS"}}"#
    );
    let keys: serde_json::Value = serde_json::from_str(KEYS).unwrap();
    let private_key = keys.pointer(PRIVATE_KEY).and_then(serde_json::Value::as_str).unwrap();
    let signer = signer(&PrivateKey::read(private_key.as_bytes()).unwrap(), APPID).unwrap();
    let signature = signer.sign(&Members::parse(unsigned.as_bytes()).unwrap().peek().parts_to_sign()).unwrap();
    format!(r#"{},"sign":"{}"}}"#, unsigned.trim_end_matches('}'), signature.to_base64())
}
