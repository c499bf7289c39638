//! The signatures of virtual payment's requests.

use protocol_core::virtual_payment::{pay_sig, user_signature};
use serde_json::Value;

use super::Outcome::{self, Accept, Refuse};
use super::{json, text};

fn signature(vector: &Value, key: &str, path: &str, body: &str) -> String {
    match text(vector, "name") {
        "pay_sig" => pay_sig(key.as_bytes(), path, body.as_bytes()),
        _ => user_signature(key.as_bytes(), body.as_bytes()),
    }
}

fn path(vector: &Value) -> &str {
    vector["path"].as_str().unwrap_or_default()
}

pub(crate) fn signs(file: &[u8]) -> Outcome {
    let vectors = json(file);
    assert_eq!(vectors.as_array().unwrap().len(), 2);
    for vector in vectors.as_array().unwrap() {
        let signed = signature(vector, text(vector, "key"), path(vector), text(vector, "body"));
        assert_eq!(signed, text(vector, "signature"));
    }
    Accept
}

pub(crate) fn changed(file: &[u8]) -> Outcome {
    let vectors = json(file);
    for vector in vectors.as_array().unwrap() {
        let (key, path, body) = (text(vector, "key"), path(vector), text(vector, "body"));
        let signed = text(vector, "signature");
        let plain = body.replace(' ', "");
        for (key, path, body) in [("12346", path, body), ("", path, body), (key, path, &*plain), (key, path, "")] {
            assert_ne!(signature(vector, key, path, body), signed);
        }
        let is_pay_sig = text(vector, "name") == "pay_sig";
        assert_eq!(signature(vector, key, "/xpay/query_user_balanc", body) != signed, is_pay_sig);
    }
    Refuse
}
