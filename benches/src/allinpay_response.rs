//! An Allinpay response with a complaint's negotiation history.
//!
//! The floor knows the response's members beforehand. It borrows them from the body, verifies the
//! signature over them where they lie, decodes base64, and reads the history as the floor of
//! `history` does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol_core::allinpay::{Members, Merchant, Operation as _, Response, WxComplaintHistory};
use protocol_core::complaint::NegotiationHistory;
use protocol_core::crypto::{Signer, Verifier};
use serde::Deserialize;

use crate::history;

/// The vendor's demo has this merchant.
pub const APPID: &str = "00000051";
pub const CUSID: &str = "990581007426001";

/// The history as the library reads it.
pub fn ours(body: &[u8], merchant: &Merchant, verifier: &dyn Verifier) -> NegotiationHistory {
    let operation = WxComplaintHistory::new("200201820200101080076610000");
    operation.receive(Response::new(body, merchant, verifier)).unwrap()
}

/// The same after std's checks of UTF-8. `verify` has the parts to sign and the signature.
pub fn floor(body: &[u8], verify: impl Fn(&[&[u8]], &[u8])) -> history::floor::History {
    history::floor_from_bytes(&records(str::from_utf8(body).unwrap(), verify))
}

/// The least work with the same result.
pub fn least(body: &[u8], verify: impl Fn(&[&[u8]], &[u8])) -> history::floor::History {
    history::least_from_bytes(&records(simdutf8::basic::from_utf8(body).unwrap(), verify))
}

fn records(body: &str, verify: impl Fn(&[&[u8]], &[u8])) -> Vec<u8> {
    let response: Floor<'_> = serde_json::from_str(body).unwrap();
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
    STANDARD.decode(response.records).unwrap()
}

#[derive(Deserialize)]
struct Floor<'a> {
    appid: &'a str,
    cusid: &'a str,
    randomstr: &'a str,
    records: &'a str,
    retcode: &'a str,
    sign: &'a str,
}

/// A response with this history.
pub fn document(history: &str, signer: &dyn Signer) -> String {
    let records = STANDARD.encode(history);
    let unsigned = format!(
        r#"{{"appid":"{APPID}","cusid":"{CUSID}","randomstr":"593BEC0C930BF1AF","records":"{records}","retcode":"SUCCESS"}}"#
    );
    let signature = signer.sign(&Members::parse(unsigned.as_bytes()).unwrap().peek().parts_to_sign()).unwrap();
    format!(r#"{},"sign":"{}"}}"#, unsigned.trim_end_matches('}'), signature.to_base64())
}
