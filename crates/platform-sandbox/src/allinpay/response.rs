//! The gateway's responses: members, and the signature over all of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol_core::crypto::Signer;
use serde_json::{Map, Value, json};

use super::verify::string_to_sign;
use crate::platform_response::PlatformResponse;
use crate::random;

/// A response's members before the common ones.
pub(super) type Members = Map<String, Value>;

/// A refusal.
pub(super) enum Refusal {
    /// `FAIL` with these words; not signed.
    Fail(String),
    /// `SUCCESS` with `handlestate` 3999 and these words: the platform behind the gateway refused.
    Handling(String),
}

pub(super) fn fail<T>(retmsg: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::Fail(retmsg.into()))
}

/// `records`: base64 of JSON.
pub(super) fn records(value: &Value) -> Members {
    records_of(value.to_string().as_bytes())
}

/// `records` from JSON bytes, unchanged.
pub(super) fn records_of(json: &[u8]) -> Members {
    Members::from_iter([("records".to_owned(), Value::from(STANDARD.encode(json)))])
}

/// A success of an act. Its `handlestate` is not documented; the payment interfaces have this
/// value.
pub(super) fn handled() -> Members {
    Members::from_iter([("handlestate".to_owned(), Value::from("0000"))])
}

/// A fault of a response's signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SignatureFault {
    Forged,
    Missing,
}

/// The response to an outcome.
pub(super) fn of_outcome(
    outcome: Result<Members, Refusal>,
    signer: &dyn Signer,
    fault: Option<SignatureFault>,
) -> PlatformResponse {
    let mut members = match outcome {
        Ok(members) => members,
        Err(Refusal::Fail(retmsg)) => return refusal(&retmsg),
        Err(Refusal::Handling(message)) => Members::from_iter([
            ("handlestate".to_owned(), Value::from("3999")),
            ("handlemsg".to_owned(), Value::from(message)),
        ]),
    };
    complete(&mut members);
    match fault {
        Some(SignatureFault::Missing) => {}
        Some(SignatureFault::Forged) => {
            let mut others = members.clone();
            others.insert("randomstr".to_owned(), Value::from("forged"));
            members.insert("sign".to_owned(), sign(&others, signer));
        }
        None => drop(members.insert("sign".to_owned(), sign(&members, signer))),
    }
    PlatformResponse::json(&Value::from(members))
}

/// A signed response with these members.
pub(super) fn signed(mut members: Members, signer: &dyn Signer) -> Vec<u8> {
    complete(&mut members);
    members.insert("sign".to_owned(), sign(&members, signer));
    Value::from(members).to_string().into_bytes()
}

/// Adds the members of every success.
fn complete(members: &mut Members) {
    for (name, value) in [("retcode", "SUCCESS"), ("retmsg", "处理成功")] {
        members.insert(name.to_owned(), Value::from(value));
    }
    members.insert("randomstr".to_owned(), Value::from(random::digits(12)));
}

/// `FAIL`, unsigned.
pub(super) fn refusal(retmsg: &str) -> PlatformResponse {
    PlatformResponse::json(&json!({"retcode": "FAIL", "retmsg": retmsg}))
}

/// The signature over every member: strings unquoted, other values as written.
fn sign(members: &Members, signer: &dyn Signer) -> Value {
    let texts: Vec<(&str, String)> = members
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.as_str(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    let message = string_to_sign(texts.iter().map(|(name, text)| (*name, text.as_str())));
    Value::from(signer.sign(&[message.as_bytes()]).map(|signature| signature.to_base64()).unwrap_or_default())
}
