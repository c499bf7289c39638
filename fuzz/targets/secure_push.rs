//! A secure push: a line of query, then the body. Unchanged, only the sample opens; validly signed,
//! whatever its envelope holds is verified or refused; validly sealed, every body is read as it
//! would be in clear.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use protocol_core::mini_program::{
    EncodingAesKey, Format, Mode, Push, PushError, Received, Receiver, SignedParts, push_signature,
};
use protocol_core::{Secret, UnixTime};

const TOKEN: &[u8] = include_bytes!("../../samples/mini-program/token");
const KEY: &str = include_str!("../../samples/mini-program/encoding_aes_key");
const QUERY: &str = include_str!("../../samples/mini-program/push.query");
const BODY: &[u8] = include_bytes!("../../samples/mini-program/push.xml");
const NOW: UnixTime = UnixTime(1_714_112_445);

static RECEIVER: LazyLock<Receiver> = LazyLock::new(|| {
    let key = EncodingAesKey::read(KEY.trim_end()).expect("the sample's key");
    let token = Secret::new(TOKEN.trim_ascii_end().to_vec());
    Receiver::new("wxba5fad812f8e6fb9", token, Mode::Secure, Some(key)).expect("the sample's receiver")
});

static SAMPLE: LazyLock<SignedParts> = LazyLock::new(|| SignedParts::read(QUERY, BODY).expect("the sample"));

fn verified_or_refused(opened: &Result<Received, PushError>) {
    match opened {
        Ok(received) => assert!(matches!(received, Received::Verified(_))),
        Err(error) => fuzz::quiet(error),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((query, body)) = fuzz::first_line(bytes) else { return };
    let opened = fuzz::within(128, bytes.len(), || RECEIVER.open(query, body, NOW));
    let parts = match SignedParts::read(query, body) {
        Ok(parts) => parts,
        Err(error) => {
            assert!(opened.is_err(), "it opened without its parts");
            return fuzz::quiet(&error);
        }
    };
    if opened.is_ok() {
        assert!(parts.timestamp == SAMPLE.timestamp && parts.nonce == SAMPLE.nonce, "no key signed this query");
        assert_eq!(parts.encrypt, SAMPLE.encrypt, "no key signed this message");
    }
    verified_or_refused(&opened);

    let token = TOKEN.trim_ascii_end();
    let signature = push_signature(token, "1714112445", "n0nce", parts.encrypt.as_deref());
    let signed = format!("timestamp=1714112445&nonce=n0nce&msg_signature={signature}");
    // The cipher authenticates nothing: signed, a changed ciphertext may well open.
    verified_or_refused(&RECEIVER.open(&signed, body, NOW));

    let Ok(message) = std::str::from_utf8(body) else { return };
    let format = if query.len() % 2 == 0 { Format::Xml } else { Format::Json };
    let (query, sealed) = RECEIVER.secure_push(format, message, &[7; 16], NOW, "n0nce").expect("there is a key");
    let opened = fuzz::within(512, message.len(), || RECEIVER.open(&query, sealed.as_bytes(), NOW));
    // The platform's message is read without the characters that no document may have.
    let forbidden = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}');
    let clear = Push::decode(message.replace(forbidden, "").as_bytes()).map(|push| push.trust_anyway());
    match (opened, clear) {
        (Ok(received), clear) => assert_eq!(received.push(), &clear.expect("it opened")),
        (Err(PushError::WrongAppid), clear) => assert!(clear.expect("it was read").complaint().is_some()),
        // A complaint that does not say which one it is.
        (Err(PushError::Unreadable { error, .. }), Ok(clear)) => {
            assert!(clear.complaint().is_some() && error.to_string().contains("`complaint_order_id`"));
        }
        (Err(PushError::Unreadable { error, .. }), Err(clear)) => assert_eq!(error, clear),
        (Err(error), _) => panic!("{error}"),
    }
});
