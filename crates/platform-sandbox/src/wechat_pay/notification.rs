//! A notification: its resource, its envelope, its headers.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol_core::UnixTime;
use protocol_core::crypto::{AeadAlgorithm, ApiV3Key};
use protocol_core::wechat_pay::Scheme;
use serde_json::{Value, json};

use super::account::{Merchant, PlatformKey};
use super::sign::{SignatureFault, signature_headers};
use crate::clock::rfc3339;
use crate::fault::NotificationFault;
use crate::random;

/// Encrypts a text for a merchant. Returns algorithm, nonce, and base64 of the ciphertext.
pub(crate) fn seal(
    key: &ApiV3Key,
    scheme: Scheme,
    associated_data: &str,
    plaintext: &[u8],
) -> (&'static str, String, String) {
    let algorithm = if scheme == Scheme::Sm2 { AeadAlgorithm::Sm4Gcm } else { AeadAlgorithm::Aes256Gcm };
    let nonce = random::alphanumeric(12);
    let bytes = <&[u8; 12]>::try_from(nonce.as_bytes()).copied().unwrap_or_default();
    let sealed = key.seal(algorithm, &bytes, associated_data.as_bytes(), plaintext).unwrap_or_default();
    (algorithm.as_str(), nonce, STANDARD.encode(sealed))
}

/// A queued notification.
#[derive(Clone)]
pub(crate) struct Notification {
    pub(crate) id: String,
    pub(crate) mchid: String,
    pub(crate) created: UnixTime,
    pub(crate) event_type: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) original_type: &'static str,
    pub(crate) complaint_id: String,
    pub(crate) action_type: String,
    pub(crate) plaintext: Value,
    /// The URL. Default: the registered one.
    pub(crate) url: Option<String>,
    pub(crate) fault: Option<NotificationFault>,
}

impl fmt::Debug for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notification")
            .field("id", &self.id)
            .field("event_type", &self.event_type)
            .finish_non_exhaustive()
    }
}

impl Notification {
    /// About a complaint.
    pub(crate) fn of_complaint(mchid: &str, complaint_id: &str, action_type: &str, now: UnixTime) -> Self {
        let (event_type, summary) = match action_type {
            "CREATE_COMPLAINT" => ("COMPLAINT.CREATE", "产生新投诉"),
            _ => ("COMPLAINT.STATE_CHANGE", "投诉单状态变化"),
        };
        Self {
            id: random::uuid(),
            mchid: mchid.to_owned(),
            created: now,
            event_type,
            summary,
            original_type: "complaint",
            complaint_id: complaint_id.to_owned(),
            action_type: action_type.to_owned(),
            plaintext: json!({"complaint_id": complaint_id, "action_type": action_type}),
            url: None,
            fault: None,
        }
    }

    /// Of a violation, to the URL for those. The type of its resource is not published.
    pub(crate) fn of_violation(
        mchid: &str,
        event_type: &'static str,
        violation: Value,
        url: String,
        now: UnixTime,
    ) -> Self {
        Self {
            event_type,
            summary: "商户平台处置通知",
            original_type: "violation",
            plaintext: violation,
            url: Some(url),
            ..Self::of_complaint(mchid, "", "", now)
        }
    }

    /// The number of the violation that it is of, or nothing.
    pub(crate) fn record_id(&self) -> String {
        self.plaintext.get("record_id").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// Of the self-test. The platform's event type and resource are not published.
    pub(crate) fn of_echo(mchid: &str, echo_message: &str, url: String, now: UnixTime) -> Self {
        Self {
            event_type: "SECURITY.ECHO",
            summary: "自检通知",
            original_type: "echo",
            plaintext: json!({"echo_message": echo_message}),
            url: Some(url),
            ..Self::of_complaint(mchid, "", "", now)
        }
    }

    /// The body: the envelope with the encrypted resource, under the merchant's key or a wrong one.
    pub(crate) fn envelope(&self, merchant: &Merchant, wrong_key: bool) -> Vec<u8> {
        self.envelope_of(self.event_type, self.plaintext.to_string().as_bytes(), merchant, wrong_key)
    }

    /// The body with this event and this resource.
    fn envelope_of(&self, event_type: &str, resource: &[u8], merchant: &Merchant, wrong_key: bool) -> Vec<u8> {
        let other = wrong_key.then(|| ApiV3Key::new(&random::bytes::<{ ApiV3Key::LEN }>()).ok()).flatten();
        let key = other.as_ref().unwrap_or(&merchant.api_v3_key);
        let (algorithm, nonce, ciphertext) = seal(key, merchant.account.scheme, self.original_type, resource);
        let envelope = json!({
            "id": self.id,
            "create_time": rfc3339(self.created),
            "resource_type": "encrypt-resource",
            "event_type": event_type,
            "summary": self.summary,
            "resource": {
                "original_type": self.original_type,
                "algorithm": algorithm,
                "ciphertext": ciphertext,
                "associated_data": self.original_type,
                "nonce": nonce,
            },
        });
        envelope.to_string().into_bytes()
    }
}

/// A signed notification, to be posted to any URL.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedNotification {
    /// Its id, the same in every copy.
    pub id: String,
    /// Its headers, except `Host` and `Content-Length`.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl fmt::Debug for SignedNotification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedNotification").field("id", &self.id).finish_non_exhaustive()
    }
}

impl SignedNotification {
    /// Signs a notification now, rightly or with a fault.
    pub(crate) fn sign(
        notification: &Notification,
        merchant: &Merchant,
        key: &PlatformKey,
        now: UnixTime,
        fault: Option<NotificationFault>,
    ) -> Self {
        let signature_fault = match fault {
            Some(NotificationFault::ForgedSignature) => Some(SignatureFault::Forged),
            Some(NotificationFault::Probe) => Some(SignatureFault::Probe),
            Some(NotificationFault::UnknownSerial) => Some(SignatureFault::UnknownSerial),
            Some(NotificationFault::Stale) => Some(SignatureFault::Stale),
            Some(NotificationFault::NoSignature) => Some(SignatureFault::Missing),
            _ => None,
        };
        let body = notification.envelope(merchant, fault == Some(NotificationFault::WrongKey));
        let mut signed = Self::of_body(notification.id.clone(), body, key, now, signature_fault);
        if fault == Some(NotificationFault::ChangedBody) {
            signed.body.push(b' ');
        }
        signed
    }

    /// Signs a notification with this event and this resource now.
    pub(crate) fn of_resource(
        merchant: &Merchant,
        key: &PlatformKey,
        event_type: &str,
        resource: &[u8],
        now: UnixTime,
    ) -> Self {
        let notification = Notification::of_complaint(&merchant.account.mchid, "", "", now);
        let body = notification.envelope_of(event_type, resource, merchant, false);
        Self::of_body(notification.id, body, key, now, None)
    }

    fn of_body(
        id: String,
        body: Vec<u8>,
        key: &PlatformKey,
        now: UnixTime,
        signature_fault: Option<SignatureFault>,
    ) -> Self {
        let signature = signature_headers(key, &body, now, signature_fault);
        let general = [
            ("Content-Type", "application/json".to_owned()),
            ("Accept", "*/*".to_owned()),
            ("User-Agent", "Mozilla/4.0".to_owned()),
            ("Request-ID", random::request_id(200)),
        ];
        let headers = general.into_iter().chain(signature).map(|(name, value)| (name.to_owned(), value)).collect();
        Self { id, headers, body }
    }
}
