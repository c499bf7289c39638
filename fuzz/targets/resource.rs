//! A notification's content, validly sealed and signed: a line with the event's name, then the
//! resource. A complaint's comes back, another event's is kept unchanged.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use protocol_core::crypto::{AeadAlgorithm, ApiV3Key, SignatureAlgorithm};
use protocol_core::limits::MAX_ID;
use protocol_core::wechat_pay::{ComplaintEvent, NotificationError, Resource, verify_notification};
use serde_json::json;
use serde_json::value::RawValue;

static KEY: LazyLock<ApiV3Key> = LazyLock::new(|| ApiV3Key::new(&[7; 32]).expect("32 bytes"));

/// A number that a complaint can have.
fn is_id(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.chars().count()) && !text.contains(char::is_control) && !text.trim().is_empty()
}

fuzz_target!(|bytes: &[u8]| {
    let Some((event_type, resource)) = fuzz::first_line(bytes) else { return };
    let algorithm = if event_type.len() % 2 == 0 { AeadAlgorithm::Aes256Gcm } else { AeadAlgorithm::Sm4Gcm };
    let sealed = KEY.seal(algorithm, b"cPl41nT0nC00", b"complaint", resource).expect("short enough");
    let body = json!({
        "id": "1",
        "event_type": event_type,
        "resource": {
            "algorithm": algorithm.as_str(),
            "ciphertext": fuzz::to_base64(sealed),
            "associated_data": "complaint",
            "nonce": "cPl41nT0nC00",
        },
    })
    .to_string();
    let stand_in = fuzz::StandIn(SignatureAlgorithm::RsaSha256);
    let signature = stand_in.sign(&[b"1741936166\nn0nce\n", body.as_bytes(), b"\n"]);
    let headers = [
        ("Wechatpay-Timestamp", "1741936166"),
        ("Wechatpay-Nonce", "n0nce"),
        ("Wechatpay-Serial", "AB"),
        ("Wechatpay-Signature", &signature),
    ];
    let envelope =
        verify_notification(&headers, body.as_bytes(), &stand_in.under("AB"), fuzz::NOW).expect("it is signed");
    let opened = fuzz::within(512, bytes.len(), || envelope.open(&KEY));
    let clear = fuzz::document::<ComplaintEvent>("a complaint resource", resource, 512);
    match opened {
        Ok(notification) => {
            assert_eq!(notification.event_type.as_str(), event_type);
            match &notification.resource {
                Resource::Complaint(event) => {
                    assert!(event_type.starts_with("COMPLAINT.") && is_id(&event.complaint_id));
                    // A document that cannot be read at once is mended.
                    assert!(clear.as_ref().is_none_or(|clear| **event == *clear));
                }
                // Every object is one.
                Resource::Violation(_) => assert!(event_type.starts_with("VIOLATION.")),
                Resource::Other(json) => {
                    assert!(
                        clear.is_none_or(|event| !event_type.starts_with("COMPLAINT.") || !is_id(&event.complaint_id))
                    );
                    assert!(
                        !fuzz::is_json(resource)
                            || resource.windows(json.get().len()).any(|part| part == json.get().as_bytes())
                    );
                }
                _ => unreachable!("a resource is a complaint or another event's"),
            }
            let written = serde_json::to_string(&notification).expect("what was read can be written");
            serde_json::from_str::<Box<RawValue>>(&written).expect("JSON");
        }
        Err(NotificationError::Malformed(unread)) => {
            fuzz::placed(&unread.error, resource);
            // A document whose members fit may have no number.
            assert!(clear.is_none_or(|event| !event_type.starts_with("COMPLAINT.") || !is_id(&event.complaint_id)));
        }
        Err(error) => panic!("{error}"),
    }
});
