//! A notification as HTTP has it: lines of headers, an empty line, the body. Unchanged, only the
//! sample verifies; signed by a key of ours, exactly what has the platform's headers; and only what
//! the APIv3 key sealed opens.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use protocol_core::Headers as _;
use protocol_core::crypto::{ApiV3Key, Certificate, Keyring, SignatureAlgorithm};
use protocol_core::wechat_pay::{NotificationError, VerificationError, verifier, verify_notification};

const SAMPLE: &[u8] = include_bytes!("../../samples/wechat-pay/notification.json");
const SERIAL: &str = "440024045C4A427599D09BB4E3DE0279F2E813FD";

static KEY: LazyLock<ApiV3Key> = LazyLock::new(|| {
    ApiV3Key::new(include_bytes!("../../samples/wechat-pay/apiv3.key").trim_ascii_end()).expect("the sample's key")
});

static KEYS: LazyLock<Keyring> = LazyLock::new(|| {
    let certificate = Certificate::read(include_bytes!("../../samples/wechat-pay/platform_certificate.pem"));
    let keys = Keyring::new();
    keys.insert(SERIAL, verifier(certificate.expect("the sample's certificate").public_key()).expect("its key"));
    keys
});

/// Name and value of each header line, and the body.
fn message(bytes: &[u8]) -> Option<(Vec<(&str, &str)>, &[u8])> {
    let mut headers = Vec::new();
    let mut rest = bytes;
    loop {
        let (line, after) = fuzz::first_line(rest)?;
        rest = after;
        match line.split_once(':') {
            Some(header) => headers.push(header),
            None => return Some((headers, rest)),
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((mut headers, body)) = message(bytes) else { return };
    match fuzz::within(512, bytes.len(), || verify_notification(&headers, body, &*KEYS, fuzz::NOW)) {
        Ok(_) => assert_eq!(body, SAMPLE, "something verified that no key signed"),
        Err(error) => {
            // An unsigned body is not even looked at.
            assert!(matches!(error, NotificationError::Verification(_)), "{error}");
            match error {
                NotificationError::Verification(VerificationError::UnknownKey { .. }) => {}
                error => fuzz::quiet(&error),
            }
        }
    }

    let part = |name| headers.header(name).text().unwrap_or_default();
    let signed =
        [part("Wechatpay-Timestamp").as_bytes(), b"\n", part("Wechatpay-Nonce").as_bytes(), b"\n", body, b"\n"];
    let stand_in = fuzz::StandIn(SignatureAlgorithm::RsaSha256);
    let signature = stand_in.sign(&signed);
    headers.retain(|(name, _)| !name.eq_ignore_ascii_case("Wechatpay-Signature"));
    headers.push(("Wechatpay-Signature", &signature));
    let keys = stand_in.under(SERIAL);
    let envelope = match verify_notification(&headers, body, &keys, fuzz::NOW) {
        Ok(envelope) => envelope,
        Err(NotificationError::Malformed(unread)) => return fuzz::placed(&unread.error, body),
        Err(_) => return,
    };
    let sealed = envelope.resource.ciphertext.to_string();
    match fuzz::within(128, body.len(), || envelope.open(&KEY)) {
        Ok(notification) => {
            let sample = std::str::from_utf8(SAMPLE).expect("the sample");
            assert!(sample.contains(&format!("\"{sealed}\"")), "something opened that the platform never sealed");
            serde_json::to_string(&notification).expect("what was read can be written");
        }
        Err(error) => fuzz::quiet(&error),
    }
});
