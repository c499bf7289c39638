//! The platform's signature on responses and notifications, right or wrong on command.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol_core::UnixTime;

use super::account::PlatformKey;
use crate::random;

/// A fault of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignatureFault {
    Forged,
    Missing,
    Probe,
    UnknownSerial,
    Stale,
}

/// The age of a stale signature, in seconds.
const STALE_SECONDS: i64 = 600;

/// The `Wechatpay-*` headers over a body.
pub(crate) fn signature_headers(
    key: &PlatformKey,
    body: &[u8],
    now: UnixTime,
    fault: Option<SignatureFault>,
) -> Vec<(&'static str, String)> {
    let now = match fault {
        Some(SignatureFault::Missing) => return Vec::new(),
        Some(SignatureFault::Stale) => UnixTime(now.0.saturating_sub(STALE_SECONDS)),
        _ => now,
    };
    let nonce = random::alphanumeric(32);
    let head = format!("{now}\n{nonce}\n");
    let end: &[u8] = if fault == Some(SignatureFault::Forged) { b" \n" } else { b"\n" };
    let signature = match fault {
        Some(SignatureFault::Probe) => format!("WECHATPAY/SIGNTEST/{}", STANDARD.encode(random::bytes::<237>())),
        _ => key
            .material
            .signer
            .sign(&[head.as_bytes(), body, end])
            .map(|signature| signature.to_base64())
            .unwrap_or_default(),
    };
    let serial = match fault {
        Some(SignatureFault::UnknownSerial) => random::upper_hex(&random::bytes::<20>()),
        _ => key.id.clone(),
    };
    vec![
        ("Wechatpay-Timestamp", now.to_string()),
        ("Wechatpay-Nonce", nonce),
        ("Wechatpay-Serial", serial),
        ("Wechatpay-Signature", signature),
        ("Wechatpay-Signature-Type", key.scheme.as_str().to_owned()),
    ]
}
