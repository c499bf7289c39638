//! `pay_sig`, verified without the library's code.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::account::VirtualPaymentAccount;
use crate::form::single;

/// The length of a block of SHA-256, in bytes.
const BLOCK: usize = 64;

/// Whether `pay_sig` belongs to the path and the body, under the key of the body's `env`.
pub(crate) fn check_pay_sig(
    account: &VirtualPaymentAccount,
    path: &str,
    query: &[(String, String)],
    body: &[u8],
) -> bool {
    let members: Value = serde_json::from_slice(body).unwrap_or_default();
    let key = match members.get("env").and_then(Value::as_u64) {
        Some(0) => &account.app_key,
        Some(1) => &account.sandbox_app_key,
        _ => return false,
    };
    let expected = hmac_sha256(key.as_bytes(), &[path.as_bytes(), b"&", body].concat());
    single(query, "pay_sig") == Some(expected.as_str())
}

/// HMAC as RFC 2104 defines it, in lower-case hexadecimal.
fn hmac_sha256(key: &[u8], message: &[u8]) -> String {
    let hashed = Sha256::digest(key);
    let key = if key.len() > BLOCK { hashed.as_slice() } else { key };
    let pad = |filler: u8| -> Vec<u8> {
        key.iter().copied().chain(std::iter::repeat(0)).take(BLOCK).map(|byte| byte ^ filler).collect()
    };
    let inner = Sha256::digest([pad(0x36).as_slice(), message].concat());
    let outer = Sha256::digest([pad(0x5c).as_slice(), inner.as_slice()].concat());
    outer.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_signature_is_reproduced() {
        let file =
            include_str!("../../../protocol-core/tests/vectors/wechat-mp/crypto/virtual-payment-signatures.json");
        let vectors: Value = serde_json::from_str(file).unwrap();
        let text = |name: &str| vectors[0][name].as_str().unwrap().to_owned();
        let message = [text("path"), text("body")].join("&");
        assert_eq!(hmac_sha256(text("key").as_bytes(), message.as_bytes()), text("signature"));

        let account = VirtualPaymentAccount { app_key: text("key"), sandbox_app_key: "other".to_owned() };
        let query = |signature: String| vec![("pay_sig".to_owned(), signature)];
        let check = |path: &str, signature: &str, body: &str| {
            check_pay_sig(&account, path, &query(signature.to_owned()), body.as_bytes())
        };
        let (path, signature, body) = (text("path"), text("signature"), text("body"));
        assert!(check(&path, &signature, &body));
        assert!(!check("/xpay/other", &signature, &body));
        assert!(!check(&path, &signature.to_uppercase(), &body));
        assert!(!check(&path, &signature, &body.replace(' ', "")));
        assert!(!check(&path, &signature, &body.replace("\"env\": 0", "\"env\": 1")), "the other environment's key");
        assert!(!check_pay_sig(&account, &path, &[], body.as_bytes()));
        let twice = [query(signature.clone()), query(signature)].concat();
        assert!(!check_pay_sig(&account, &path, &twice, body.as_bytes()));
    }

    #[test]
    fn a_key_longer_than_a_block_is_hashed() {
        // RFC 4231, test case 6.
        let signature = hmac_sha256(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(signature, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }
}
