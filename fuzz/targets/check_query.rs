//! The query of a push, in every mode: what opens was let in by its query alone, and what the query
//! alone refuses does not open. Signed as the platform signs, it is let in.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use protocol_core::mini_program::{EncodingAesKey, Format, Mode, PushError, Receiver, push_signature};
use protocol_core::{Secret, UnixTime};

const TOKEN: &[u8] = b"T0ken";
const APPID: &str = "wx0123456789abcdef";
const NOW: UnixTime = UnixTime(1_714_112_445);

static RECEIVERS: LazyLock<[Receiver; 3]> = LazyLock::new(|| {
    [Mode::Plain, Mode::Compatible, Mode::Secure].map(|mode| {
        let key = EncodingAesKey::read(&"A".repeat(43)).expect("a key of zeros");
        Receiver::new(APPID, Secret::new(TOKEN.to_vec()), mode, Some(key)).expect("a receiver")
    })
});

/// Whether a query's failure is one that the query alone tells of.
fn is_of_the_query(error: &PushError) -> bool {
    matches!(
        error,
        PushError::MissingParameter(_)
            | PushError::RepeatedParameter(_)
            | PushError::MalformedParameter(_)
            | PushError::StaleTimestamp { .. }
    )
}

/// Both looks at a query.
fn look(receiver: &Receiver, query: &str, body: &[u8]) {
    let checked = fuzz::within(64, query.len(), || receiver.check_query(query, NOW));
    let opened = receiver.open(query, body, NOW);
    match (&checked, &opened) {
        (Err(refused), Err(error)) => {
            fuzz::quiet(refused);
            assert_eq!(refused.to_string(), error.to_string(), "both say the same of a query");
        }
        (Err(refused), Ok(_)) => panic!("it opened, and its query was refused: {refused}"),
        (Ok(()), Err(error)) => assert!(!is_of_the_query(error), "the query was let in: {error}"),
        (Ok(()), Ok(_)) => {}
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((query, body)) = fuzz::first_line(bytes) else { return };
    for receiver in &*RECEIVERS {
        look(receiver, query, body);
    }

    // As the platform signs: a nonce of the input's own, and what else stands in its query.
    let nonce: String = query.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
    if nonce.is_empty() {
        return;
    }
    let signature = push_signature(TOKEN, "1714112445", &nonce, None);
    let plain = format!("signature={signature}&timestamp=1714112445&nonce={nonce}");
    let [clear, compatible, secure] = &*RECEIVERS;
    clear.check_query(&plain, NOW).expect("it is signed");
    for query in [plain.clone(), format!("{plain}&{query}"), plain.replace(&signature, &signature.to_uppercase())] {
        look(clear, &query, body);
    }
    let Ok(message) = std::str::from_utf8(body) else { return };
    for receiver in [compatible, secure] {
        let (query, sealed) =
            receiver.secure_push(Format::Json, message, &[7; 16], NOW, &nonce).expect("there is a key");
        receiver.check_query(&query, NOW).expect("it is signed");
        look(receiver, &query, sealed.as_bytes());
    }
});
