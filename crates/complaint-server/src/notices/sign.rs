//! The signatures of DingTalk and Feishu. Both prove who sends, and cover no body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use protocol_core::Secret;
use sha2::Sha256;

/// DingTalk's `sign` in base64, for a time in milliseconds: the secret is the key, whole.
pub(super) fn dingtalk(secret: &Secret, milliseconds: i64) -> String {
    sign(secret.expose(), &string_to_sign(milliseconds, secret))
}

/// Feishu's `sign`, for a time in seconds: the string is the key, and the message is empty.
pub(super) fn feishu(secret: &Secret, seconds: i64) -> String {
    sign(&string_to_sign(seconds, secret), &[])
}

fn string_to_sign(time: i64, secret: &Secret) -> Vec<u8> {
    [format!("{time}\n").as_bytes(), secret.expose()].concat()
}

fn sign(key: &[u8], message: &[u8]) -> String {
    // HMAC takes a key of any length.
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    STANDARD.encode(mac.chain_update(message).finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes().to_vec())
    }

    /// The first is the inputs of DingTalk's documents; both were computed by two programs (OpenSSL and
    /// Python's `hmac`).
    #[test]
    fn dingtalks_signature_has_the_secret_as_its_key() {
        for (text, milliseconds, expected) in [
            ("this is secret", 1_577_262_236_757, "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM="),
            (
                "SEC0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                1_700_000_000_004,
                "ZeaJlNY30xUaF/p+hFzRR5gZ4qFj+i4uxCJUEwchUXQ=",
            ),
        ] {
            assert_eq!(dingtalk(&secret(text), milliseconds), expected);
        }
    }

    /// The first is the inputs of Feishu's sample, and its value is in the tests of many clients.
    #[test]
    fn feishus_signature_has_the_string_as_its_key() {
        for (text, seconds, expected) in [
            ("demo", 1_599_360_473, "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="),
            ("dAmmyS3cretForTests00x", 1_700_000_008, "jR9TDnNftbKCwZ7/79OToJ+HfO8NMP9DtlimIEF2Ez8="),
        ] {
            assert_eq!(feishu(&secret(text), seconds), expected);
        }
        // Key and message exchanged, as DingTalk has them.
        let exchanged = dingtalk(&secret("demo"), 1_599_360_473);
        assert_eq!(exchanged, "DkEDUyVoOOJ539qBvUgMyzkzIdRWlf4e/V3Rq+ONJnQ=");
        assert_ne!(feishu(&secret("demo"), 1_599_360_473), exchanged);
    }
}
