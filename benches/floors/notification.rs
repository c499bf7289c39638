//! A notification verified, opened and typed. Goal: at most 0.5 µs above its floor.
//!
//! The floor has the header values and parsed keys, and checks the signature and the tag alone:
//! aws-lc's RSA verification over the parts, AES-GCM, base64, and serde_json into the leanest
//! struct that owns the same members (`from_str` after one UTF-8 check; it is faster than
//! `from_slice`). Sealed text is borrowed until it is open.

use std::hint::black_box;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol_core::UnixTime;
use protocol_core::crypto::{ApiV3Key, Certificate, Keyring};
use protocol_core::wechat_pay::{Notification, Resource, verifier, verify_notification};
use serde::Deserialize;
use x509_cert::der::{Decode as _, Encode as _};

use benches::alternate::Alternate;
use benches::comparison::{Comparison, Goal};

const HEADERS: &str = include_str!("../../samples/wechat-pay/notification.headers");
const BODY: &[u8] = include_bytes!("../../samples/wechat-pay/notification.json");
pub(crate) const CERTIFICATE: &str = include_str!("../../samples/wechat-pay/platform_certificate.pem");
pub(crate) const API_V3_KEY: &[u8] = include_bytes!("../../samples/wechat-pay/apiv3.key");
const NOW: UnixTime = UnixTime(1_741_936_166);

pub(crate) fn compare(bench: Alternate) -> Vec<Comparison> {
    let headers: Vec<(String, String)> = HEADERS
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();

    let certificate = Certificate::read(CERTIFICATE.as_bytes()).unwrap();
    let keys = Keyring::new();
    keys.insert(certificate.serial_no(), verifier(certificate.public_key()).unwrap());
    let key = ApiV3Key::new(API_V3_KEY.trim_ascii_end()).unwrap();
    let ours = || -> Notification {
        verify_notification(black_box(&headers), black_box(BODY), &keys, NOW).unwrap().open(&key).unwrap()
    };

    let header = |name| headers.iter().find(|header| header.0 == name).map(|header| header.1.as_str()).unwrap();
    let signed = Signed {
        timestamp: header("Wechatpay-Timestamp"),
        nonce: header("Wechatpay-Nonce"),
        signature: header("Wechatpay-Signature"),
    };
    let floor_keys = FloorKeys::new();
    let floor = || -> FloorNotification { floor(black_box(&signed), black_box(BODY), &floor_keys) };

    let (least, whole) = (floor(), ours());
    let Resource::Complaint(event) = &whole.resource else { unreachable!("the sample is a complaint") };
    assert_eq!(least.id, whole.id);
    assert_eq!(least.create_time.as_deref(), whole.create_time.as_ref().map(|time| time.as_str()));
    assert_eq!(least.event_type, whole.event_type.as_str());
    assert_eq!(least.resource_type, whole.resource_type);
    assert_eq!(least.summary, whole.summary);
    assert_eq!(least.resource.complaint_id, event.complaint_id);
    assert_eq!(least.resource.action_type.as_deref(), event.action_type.as_ref().map(|action| action.as_str()));

    vec![bench.compare("notification", floor, ours).goal(Goal::OverheadNs(500.0))]
}

pub(crate) struct Signed<'a> {
    pub(crate) timestamp: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) signature: &'a str,
}

pub(crate) struct FloorKeys {
    platform: ParsedPublicKey,
    api_v3: LessSafeKey,
}

impl FloorKeys {
    pub(crate) fn new() -> Self {
        let base64: String = CERTIFICATE.lines().filter(|line| !line.starts_with("-----")).collect();
        let certificate = x509_cert::Certificate::from_der(&STANDARD.decode(base64).unwrap()).unwrap();
        let public_key = certificate.tbs_certificate().subject_public_key_info().to_der().unwrap();
        Self {
            platform: ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public_key).unwrap(),
            api_v3: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, API_V3_KEY.trim_ascii_end()).unwrap()),
        }
    }
}

pub(crate) fn floor(signed: &Signed<'_>, body: &[u8], keys: &FloorKeys) -> FloorNotification {
    let mut digest = Context::new(&SHA256);
    for part in [signed.timestamp.as_bytes(), b"\n", signed.nonce.as_bytes(), b"\n", body, b"\n"] {
        digest.update(part);
    }
    keys.platform.verify_digest_sig(&digest.finish(), &STANDARD.decode(signed.signature).unwrap()).unwrap();

    let envelope: Envelope<'_> = serde_json::from_str(str::from_utf8(body).unwrap()).unwrap();
    let sealed = envelope.resource;
    let mut buffer = STANDARD.decode(sealed.ciphertext).unwrap();
    let nonce = Nonce::try_assume_unique_for_key(sealed.nonce.as_bytes()).unwrap();
    let plaintext =
        keys.api_v3.open_in_place(nonce, Aad::from(sealed.associated_data.unwrap_or_default()), &mut buffer).unwrap();
    FloorNotification {
        id: envelope.id,
        create_time: envelope.create_time,
        event_type: envelope.event_type,
        resource_type: envelope.resource_type,
        summary: envelope.summary,
        resource: serde_json::from_str(str::from_utf8(plaintext).unwrap()).unwrap(),
    }
}

pub(crate) struct FloorNotification {
    id: String,
    create_time: Option<String>,
    event_type: String,
    resource_type: Option<String>,
    summary: Option<String>,
    resource: Event,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    id: String,
    create_time: Option<String>,
    event_type: String,
    resource_type: Option<String>,
    summary: Option<String>,
    #[serde(borrow)]
    resource: Sealed<'a>,
}

#[derive(Deserialize)]
struct Sealed<'a> {
    #[expect(dead_code, reason = "ours reads it too")]
    original_type: Option<String>,
    #[expect(dead_code, reason = "ours reads it too")]
    algorithm: &'a str,
    ciphertext: &'a str,
    associated_data: Option<&'a str>,
    nonce: &'a str,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "ours reads them too")]
struct Event {
    complaint_id: String,
    action_type: Option<String>,
    out_trade_no: Option<String>,
    complaint_time: Option<String>,
    amount: Option<i64>,
    payer_phone: Option<String>,
    complaint_detail: Option<String>,
    complaint_state: Option<String>,
    transaction_id: Option<String>,
    complaint_handle_state: Option<String>,
}
