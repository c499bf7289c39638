//! The content of a sealed push: random bytes, a length, the message, whom it is for. Validly
//! padded, encrypted and signed, it opens exactly where a plain reading of the four says so.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use protocol_core::crypto::{MessageCipher, unpad};
use protocol_core::mini_program::{EncodingAesKey, Mode, PushError, Receiver, push_signature};
use protocol_core::{Secret, UnixTime};

const APPID: &str = "wx0123456789abcdef";

static RECEIVER: LazyLock<Receiver> = LazyLock::new(|| {
    let key = EncodingAesKey::read(&"A".repeat(43)).expect("a key of zeros");
    Receiver::new(APPID, Secret::new(b"T0ken".to_vec()), Mode::Compatible, Some(key)).expect("a receiver")
});

static CIPHER: LazyLock<MessageCipher> = LazyLock::new(|| MessageCipher::new(&[0; 32]));

/// Message and receiver of a frame.
fn read(frame: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, rest) = frame.split_at_checked(20)?;
    rest.split_at_checked(u32::from_be_bytes(head[16..].try_into().ok()?) as usize)
}

fuzz_target!(|frame: &[u8]| {
    let sealed = CIPHER.encrypt(frame);
    let padded = CIPHER.decrypt(sealed.clone()).expect("whole blocks");
    assert_eq!(unpad(padded.expose()), Ok(frame));
    // A frame may be padding too, of a message that another party sealed.
    if let Ok(message) = unpad(frame) {
        let padding = frame.len() - message.len();
        assert!((1..=32).contains(&padding) && frame[message.len()..].iter().all(|&byte| usize::from(byte) == padding));
    }

    let encrypt = fuzz::to_base64(sealed);
    let signature = push_signature(b"T0ken", "5", "n", Some(&encrypt));
    let query = format!("timestamp=5&nonce=n&msg_signature={signature}");
    let body = format!("{{\"Encrypt\":\"{encrypt}\"}}");
    let opened = fuzz::within(512, frame.len(), || RECEIVER.open(&query, body.as_bytes(), UnixTime(5)));
    match (opened, read(frame)) {
        (Err(PushError::DecryptFailed), None) => {}
        (Err(PushError::WrongAppid), Some((_, receiver))) if receiver != APPID.as_bytes() => {}
        (Ok(received), Some((_, receiver))) if receiver == APPID.as_bytes() => {
            let named = received.push().complaint().and_then(|complaint| complaint.appid.as_deref());
            assert!(named.is_none_or(|appid| appid == APPID));
        }
        // The complaint itself names another application, or is none that can be read.
        (Err(PushError::WrongAppid | PushError::Unreadable { .. }), Some((_, receiver)))
            if receiver == APPID.as_bytes() => {}
        (opened, read) => panic!("{opened:?} of {read:?}"),
    }
});
