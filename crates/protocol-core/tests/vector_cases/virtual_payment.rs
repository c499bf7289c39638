//! The signatures of virtual payment's requests.

use protocol_core::virtual_payment::pay_sig;

use super::Outcome::{self, Accept, Refuse};
use super::{json, text};

pub(crate) fn signs(file: &[u8]) -> Outcome {
    let vectors = json(file);
    assert_eq!(vectors.as_array().unwrap().len(), 1);
    for vector in vectors.as_array().unwrap() {
        let signed = pay_sig(text(vector, "key").as_bytes(), text(vector, "path"), text(vector, "body").as_bytes());
        assert_eq!(signed, text(vector, "signature"));
    }
    Accept
}

pub(crate) fn changed(file: &[u8]) -> Outcome {
    let vectors = json(file);
    for vector in vectors.as_array().unwrap() {
        let (key, path, body) = (text(vector, "key"), text(vector, "path"), text(vector, "body"));
        let signed = text(vector, "signature");
        let plain = body.replace(' ', "");
        for (key, path, body) in [
            ("12346", path, body),
            ("", path, body),
            (key, "/xpay/query_user_balanc", body),
            (key, path, &*plain),
            (key, path, ""),
        ] {
            assert_ne!(pay_sig(key.as_bytes(), path, body.as_bytes()), signed);
        }
    }
    Refuse
}
