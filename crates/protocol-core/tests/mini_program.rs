//! The message push offline: modes, formats, refusals, hostile documents, and how a complaint in it
//! is read.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test states what must hold, and takes the time of what must be quick"
)]

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use protocol_core::complaint::Fen;
use protocol_core::crypto::{CryptoError, MessageCipher};
use protocol_core::limits::{MAX_ID, MAX_PUSH_BODY, MAX_UNKNOWN_ELEMENTS};
use protocol_core::mini_program::{
    CallbackStatus, CallbackType, ComplaintCallback, Document, EncodingAesKey, Event, Format, Mode, OptionType, Push,
    PushError, Received, Receiver, SUCCESS, SignedParts,
};
use protocol_core::{BuildError, Fault, Secret, UnixTime};
use sha1::{Digest as _, Sha1};

const APPID: &str = "wx0123456789abcdef";
const TOKEN: &str = "T0ken";
const KEY: [u8; 32] = [7; 32];
const RANDOM: &[u8; 16] = b"0123456789abcdef";
const NONCE: &str = "n0nce";
const NOW: UnixTime = UnixTime(1_744_244_408);
const ENCRYPTED: [Mode; 2] = [Mode::Compatible, Mode::Secure];
const FORMATS: [Format; 2] = [Format::Xml, Format::Json];

/// SHA-1 over the sorted pieces, without the library.
fn sign(pieces: &[&str]) -> String {
    let mut sorted = pieces.to_vec();
    sorted.sort_unstable();
    Sha1::digest(sorted.concat()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The ciphertext of a message for an application, framed without the library.
fn seal_for(appid: &str, message: &[u8]) -> String {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    seal_framed(&[RANDOM, &length[..], message, appid.as_bytes()].concat())
}

fn seal_framed(framed: &[u8]) -> String {
    STANDARD.encode(MessageCipher::new(&KEY).encrypt(framed))
}

fn seal(message: &str) -> String {
    seal_for(APPID, message.as_bytes())
}

fn key() -> EncodingAesKey {
    EncodingAesKey::read(&STANDARD_NO_PAD.encode(KEY)).unwrap()
}

fn receiver(mode: Mode) -> Receiver {
    Receiver::new(APPID, Secret::new(TOKEN.into()), mode, Some(key())).unwrap()
}

fn plain_query() -> String {
    let timestamp = NOW.to_string();
    format!("signature={}&timestamp={timestamp}&nonce={NONCE}&openid=o", sign(&[TOKEN, &timestamp, NONCE]))
}

fn query(encrypt: &str) -> String {
    let msg_signature = sign(&[TOKEN, &NOW.to_string(), NONCE, encrypt]);
    format!("{}&encrypt_type=aes&msg_signature={msg_signature}", plain_query())
}

fn envelope(format: Format, encrypt: &str) -> String {
    match format {
        Format::Xml => format!(
            "<xml>\n<ToUserName><![CDATA[gh_1]]></ToUserName>\n<Encrypt><![CDATA[{encrypt}]]></Encrypt>\n</xml>"
        ),
        Format::Json => format!(r#"{{"ToUserName":"gh_1","Encrypt":"{encrypt}"}}"#),
    }
}

/// A message sealed and sent to a receiver in its mode.
fn open_sealed(mode: Mode, format: Format, encrypt: &str) -> Result<Received, PushError> {
    receiver(mode).open(&query(encrypt), envelope(format, encrypt).as_bytes(), NOW)
}

fn open_plain(body: &[u8]) -> Result<Received, PushError> {
    receiver(Mode::Plain).open(&plain_query(), body, NOW)
}

fn decode(text: &str) -> Push {
    Push::decode(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}")).trust_anyway()
}

fn complaint(text: &str) -> ComplaintCallback {
    decode(text).complaint().unwrap_or_else(|| panic!("no complaint: {text}")).clone()
}

/// The member that a complaint cannot do without.
const NUMBER: &str = "<complaint_order_id>7</complaint_order_id>";

/// A complaint's push around the given members.
fn xml(members: &str) -> String {
    format!(
        "<xml><CreateTime>1744244407</CreateTime><MsgType><![CDATA[event]]></MsgType>\
         <Event><![CDATA[complaint_callback]]></Event><BussiCallBackInfo>{members}</BussiCallBackInfo></xml>"
    )
}

fn json(members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!(r#"{{"CreateTime":1744244407,"MsgType":"event","Event":"complaint_callback"{comma}{members}}}"#)
}

/// The same complaint in both formats.
fn sample(format: Format) -> String {
    match format {
        Format::Xml => xml(&format!(
            "<appid>{APPID}</appid><complaint_order_id>2157</complaint_order_id><option_type>1</option_type>\
             <status>201</status><customer_material_content><![CDATA[没有发货]]></customer_material_content>"
        )),
        Format::Json => json(&format!(
            r#""appid":"{APPID}","complaint_order_id":"2157","option_type":"1","status":201,"customer_material_content":"没有发货""#
        )),
    }
}

fn document(received: &Received) -> &Document {
    let Event::Other(document) = &received.push().content else { panic!("a complaint") };
    document
}

// What opens.

#[test]
fn every_mode_opens_both_formats_in_both_envelopes() {
    let expected = decode(&sample(Format::Xml));
    assert_eq!(expected, decode(&sample(Format::Json)));
    for inner in FORMATS {
        let Received::Unverified(push) = open_plain(sample(inner).as_bytes()).unwrap() else { panic!("unsigned") };
        assert_eq!(push.trust_anyway(), expected);
        for mode in ENCRYPTED {
            for outer in FORMATS {
                let received = open_sealed(mode, outer, &seal(&sample(inner))).unwrap();
                assert_eq!(received.push(), &expected);
                let Received::Verified(push) = received else { panic!("signed") };
                assert_eq!(push.into_inner(), expected);
            }
        }
    }
    assert_eq!(expected.complaint().unwrap().status, Some(CallbackStatus::WaitingForMerchant));
}

#[test]
fn any_authenticated_message_opens() {
    for (message, is) in [
        ("", "Text(***)"),
        ("success", "Text(***)"),
        ("4375120948345356249", "Text(***)"),
        ("我是中文abcd123", "Text(***)"),
        ("[1]", "Json(***)"),
        ("\"s\"", "Json(***)"),
        ("[1", "Text(***)"),
        ("{}", "Json(***)"),
        (r#"{"action":"CheckContainerPath"}"#, "Json(***)"),
        ("<xml><action>CheckContainerPath</action></xml>", "Xml(***)"),
        (r#"{"Event":{"a":1},"CreateTime":[],"ToUserName":null}"#, "Json(***)"),
        ("<xml><Event><a/></Event><CreateTime>soon</CreateTime></xml>", "Xml(***)"),
        ("<xml><Event>complaint_notify</Event><status>x</status><history><time/>1</history></xml>", "Xml(***)"),
        (r#"{"Event":"complaint_notify","status":{},"history":1,"history":2}"#, "Json(***)"),
        ("\u{feff}<xml/>", "Xml(***)"),
        ("\u{feff}{}", "Json(***)"),
        (" \r\n\t<xml/>", "Xml(***)"),
        (" \r\n\t{}", "Json(***)"),
    ] {
        for format in FORMATS {
            let received = open_sealed(Mode::Secure, format, &seal(message)).unwrap();
            assert_eq!(format!("{:?}", document(&received)), is, "{message}");
            assert_eq!(document(&received).as_str().trim(), message.trim_start_matches('\u{feff}').trim());
            assert!(received.push().complaint().is_none());
        }
    }
}

#[test]
fn the_name_of_the_event_decides() {
    for (name, is_complaint) in [
        ("complaint_callback", true),
        ("complaint callback", true),
        ("Complaint_callback", false),
        ("complaint_callback2", false),
        ("complaint  callback", false),
        ("complaint_notify", false),
        ("aftersale_complaint_update_order_state", false),
        ("channels_ec_complaint_update", false),
        ("", false),
    ] {
        for text in [sample(Format::Xml), sample(Format::Json)] {
            let text = text.replace("complaint_callback", name);
            let push = decode(&text);
            assert_eq!(push.complaint().is_some(), is_complaint, "{text}");
            assert_eq!(push.event.as_deref(), Some(name));
            if let Event::Other(document) = &push.content {
                assert_eq!(document.as_str(), text);
            }
        }
    }
}

#[test]
fn an_encrypted_message_in_plain_mode_is_a_wrong_configuration() {
    for format in FORMATS {
        let encrypt = seal("{}");
        let body = envelope(format, &encrypt);
        let without_key = Receiver::new(APPID, Secret::new(TOKEN.into()), Mode::Plain, None).unwrap();
        for receiver in [receiver(Mode::Plain), without_key] {
            let error = receiver.open(&query(&encrypt), body.as_bytes(), NOW).unwrap_err();
            assert_eq!((&error, error.fault()), (&PushError::Encrypted, Fault::Local));
        }
        // `raw` is how some senders say that nothing is encrypted.
        let query = format!("{}&encrypt_type=raw", plain_query());
        assert!(receiver(Mode::Plain).open(&query, b"{}", NOW).is_ok());
        // A client that knows no signed query learns nothing of the configuration.
        let forged = query.replace("signature=", "signature=0").replace("raw", "aes");
        assert_eq!(receiver(Mode::Plain).open(&forged, b"{}", NOW), Err(PushError::BadSignature));
    }
}

// What is refused.

#[test]
fn clear_text_is_refused_where_it_has_to_be_encrypted() {
    for mode in ENCRYPTED {
        for format in FORMATS {
            let body = sample(format);
            let timestamp = NOW.to_string();
            let over_nothing = sign(&[TOKEN, &timestamp, NONCE]);
            for query in [
                plain_query(),
                format!("{}&encrypt_type=raw", plain_query()),
                format!("{}&msg_signature={over_nothing}", plain_query()),
                format!("{}&encrypt_type=aes&msg_signature={over_nothing}", plain_query()),
                query("{}"),
            ] {
                assert_eq!(receiver(mode).open(&query, body.as_bytes(), NOW), Err(PushError::BadSignature), "{query}");
            }
        }
        // An empty ciphertext under the signature of an empty one.
        for body in ["<xml><Encrypt/></xml>", r#"{"Encrypt":""}"#] {
            let refused = receiver(mode).open(&query(""), body.as_bytes(), NOW).unwrap_err();
            assert!(matches!(refused, PushError::BadSignature | PushError::DecryptFailed), "{refused}");
        }
        // What stands deeper is not the envelope's.
        let encrypt = seal("{}");
        for body in [
            format!("<xml><a><Encrypt>{encrypt}</Encrypt></a></xml>"),
            format!(r#"{{"a":{{"Encrypt":"{encrypt}"}}}}"#),
            format!("<xml><encrypt>{encrypt}</encrypt></xml>"),
            format!(r#"{{"encrypt":"{encrypt}","Encrypt":null}}"#),
        ] {
            assert_eq!(receiver(mode).open(&query(&encrypt), body.as_bytes(), NOW), Err(PushError::BadSignature));
        }
    }
}

#[test]
fn compatible_mode_reads_the_decrypted_copy_only() {
    for inner in FORMATS {
        let encrypt = seal(&sample(inner));
        let forged = [("201", "209"), ("2157", "1"), (APPID, "wx0"), ("没有发货", "x"), ("1744244407", "soon")];
        let forge = |format| forged.iter().fold(sample(format), |text, (from, to)| text.replace(from, to));
        let bodies = [
            forge(Format::Xml).replace("</xml>", &format!("<Encrypt>{encrypt}</Encrypt></xml>")),
            forge(Format::Xml).replace("<xml>", &format!("<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt>")),
            forge(Format::Json).replacen('{', &format!(r#"{{"Encrypt":"{encrypt}","#), 1).replace("soon", "1"),
            format!(r#"{{"Event":7,"status":{{}},"Encrypt":"{encrypt}","CreateTime":"soon"}}"#),
        ];
        for body in bodies {
            let received = receiver(Mode::Compatible).open(&query(&encrypt), body.as_bytes(), NOW).unwrap();
            assert_eq!(received.push(), &decode(&sample(inner)), "{body}");
        }
    }
}

#[test]
fn an_envelope_with_two_ciphertexts_is_refused() {
    let (one, two) = (seal("{}"), seal("[]"));
    for body in [
        format!("<xml><Encrypt>{one}</Encrypt><Encrypt>{two}</Encrypt></xml>"),
        format!(r#"{{"Encrypt":"{one}","Encrypt":"{two}"}}"#),
    ] {
        for encrypt in [&one, &two] {
            let refused = receiver(Mode::Secure).open(&query(encrypt), body.as_bytes(), NOW).unwrap_err();
            assert!(
                matches!(&refused, PushError::Malformed(error) if error.to_string().contains("twice")),
                "{refused}"
            );
        }
    }
}

#[test]
fn the_clock_window_is_exact_on_both_sides() {
    let encrypt = seal("{}");
    let get = format!("{}&echostr=e", plain_query());
    let at = |now| {
        let open = |mode, query: &str, body: &str| receiver(mode).open(query, body.as_bytes(), now).map(drop);
        [
            open(Mode::Secure, &query(&encrypt), &envelope(Format::Xml, &encrypt)),
            open(Mode::Compatible, &query(&encrypt), &envelope(Format::Json, &encrypt)),
            open(Mode::Plain, &plain_query(), "{}"),
            receiver(Mode::Secure).verify_url(&get, now).map(drop),
        ]
    };
    for seconds in [-299, -1, 0, 1, 299] {
        assert_eq!(at(UnixTime(NOW.0 + seconds)), [const { Ok(()) }; 4], "{seconds}");
    }
    for (now, seconds, future) in [
        (NOW.0 + 300, 300, false),
        (NOW.0 - 300, 300, true),
        (0, NOW.0.unsigned_abs(), true),
        (i64::MAX, i64::MAX.abs_diff(NOW.0), false),
        (i64::MIN, i64::MIN.abs_diff(NOW.0), true),
    ] {
        let stale = PushError::StaleTimestamp { seconds, future };
        assert!(at(UnixTime(now)).iter().all(|refused| refused.as_ref() == Err(&stale)), "{now}");
    }
    let stale = PushError::StaleTimestamp { seconds: 300, future: true };
    assert_eq!(stale.to_string(), "the message is dated 300 seconds from now; 300 are too many");
    assert_eq!(stale.fault(), Fault::Peer);
}

/// A query of the given parameters, one of them left out, put in twice or given another value.
fn parameters(all: &[(&str, String)], change: impl Fn(&str, &str) -> Vec<String>) -> String {
    let changed = all.iter().flat_map(|(name, value)| {
        change(name, value).into_iter().map(|value| format!("{name}={value}")).collect::<Vec<_>>()
    });
    changed.collect::<Vec<_>>().join("&")
}

#[test]
fn every_parameter_stands_once_and_as_the_platform_writes_it() {
    let encrypt = seal("{}");
    let timestamp = NOW.to_string();
    let signature = sign(&[TOKEN, &timestamp, NONCE]);
    let msg_signature = sign(&[TOKEN, &timestamp, NONCE, &encrypt]);
    let all = [
        ("timestamp", timestamp),
        ("nonce", NONCE.to_owned()),
        ("signature", signature),
        ("msg_signature", msg_signature),
        ("echostr", "echo".to_owned()),
        ("encrypt_type", "raw".to_owned()),
    ];
    let secure = |query: &str| {
        let body = envelope(Format::Xml, &encrypt);
        receiver(Mode::Secure).open(query, body.as_bytes(), NOW).map(drop)
    };
    let plain = |query: &str| receiver(Mode::Plain).open(query, b"{}", NOW).map(drop);
    let get = |query: &str| receiver(Mode::Secure).verify_url(query, NOW).map(drop);
    type Open<'a> = &'a dyn Fn(&str) -> Result<(), PushError>;
    let cases: [(Open<'_>, &[&str]); 3] = [
        (&secure, &["timestamp", "nonce", "msg_signature"]),
        (&plain, &["timestamp", "nonce", "signature"]),
        (&get, &["timestamp", "nonce", "signature", "echostr"]),
    ];
    for (open, needed) in cases {
        let whole = parameters(&all, |_, value| vec![value.to_owned()]);
        assert_eq!(open(&whole), Ok(()));
        for spelled in
            [format!("?{whole}"), format!("&&{whole}&"), format!("{whole}&x&y=%&y=%ff&openid=1&openid=2\r\n")]
        {
            assert_eq!(open(&spelled), Ok(()), "{spelled}");
        }
        for (name, _) in &all {
            let change = |to: &dyn Fn(&str) -> Vec<String>| {
                parameters(&all, |at, value| if at == *name { to(value) } else { vec![value.to_owned()] })
            };
            let twice = change(&|value| vec![value.to_owned(), value.to_owned()]);
            assert_eq!(open(&twice), Err(PushError::RepeatedParameter(name)));
            let broken = ["%", "%2", "%zz", "%ff", "%E6%8A", "%+1", "%-1"];
            for value in broken {
                let spoilt = change(&|_| vec![value.to_owned()]);
                assert_eq!(open(&spoilt), Err(PushError::MalformedParameter(name)), "{value}");
            }
            let (left_out, empty) = (change(&|_| vec![]), change(&|_| vec![String::new()]));
            if !needed.contains(name) {
                assert_eq!(open(&left_out), Ok(()), "{name}");
                continue;
            }
            let missing = Err(PushError::MissingParameter(name));
            // With the other signature alone, the message's encryption was removed on its way.
            let uncovered = *name == "msg_signature";
            assert_eq!(open(&left_out), if uncovered { Err(PushError::BadSignature) } else { missing.clone() });
            assert_eq!(open(&empty), missing);
            // Once decoded, it is the same.
            let escaped = change(&|value| vec![value.bytes().map(|byte| format!("%{byte:02x}")).collect()]);
            assert_eq!(open(&escaped), Ok(()));
        }
        for value in ["x", "-1", "+1", "1x", "1.0", "0x1", "%201", "1+", "１", "99999999999999999999"] {
            let spoilt = parameters(&all, |at, own| vec![if at == "timestamp" { value } else { own }.to_owned()]);
            assert_eq!(open(&spoilt), Err(PushError::MalformedParameter("timestamp")), "{value}");
        }
        for value in ["n-", "n_", "%20", "+", "投", "%E6%8A%95", "n%2500", "<n>", &*"n".repeat(65)] {
            let spoilt = parameters(&all, |at, own| vec![if at == "nonce" { value } else { own }.to_owned()]);
            assert_eq!(open(&spoilt), Err(PushError::MalformedParameter("nonce")), "{value}");
        }
        let unsigned =
            parameters(&all, |at, own| if at.ends_with("signature") { vec![] } else { vec![own.to_owned()] });
        assert!(matches!(open(&unsigned), Err(PushError::MissingParameter("signature" | "msg_signature"))));
    }
}

#[test]
fn a_url_is_verified_and_echoed_verbatim() {
    let echo = |echostr: &str| receiver(Mode::Secure).verify_url(&format!("{}&echostr={echostr}", plain_query()), NOW);
    assert_eq!(echo("4375120948345356249").unwrap(), "4375120948345356249");
    assert_eq!(echo("%22a%2Bb%22+%252B").unwrap(), "\"a+b\" %2B");
    assert_eq!(echo(""), Err(PushError::MissingParameter("echostr")));
    // A response is given to whom knows the token, only.
    let forged = plain_query().replace("signature=", "signature=0");
    let refused = receiver(Mode::Plain).verify_url(&format!("{forged}&echostr=1"), NOW);
    assert_eq!(refused, Err(PushError::BadSignature));
    let encrypt = seal("1");
    let other = query(&encrypt).replace("&signature=", "&x=").replace("msg_signature", "signature");
    assert!(receiver(Mode::Secure).verify_url(&format!("{other}&echostr=1"), NOW).is_err());
}

#[test]
fn a_message_of_another_application_is_refused() {
    let sample = sample(Format::Xml);
    for other in ["wx0", "", &APPID[1..], &*format!("{APPID}0"), &*APPID.to_uppercase(), "\u{0}"] {
        for mode in ENCRYPTED {
            for format in FORMATS {
                let outer = open_sealed(mode, format, &seal_for(other, sample.as_bytes())).unwrap_err();
                assert_eq!((&outer, outer.fault()), (&PushError::WrongAppid, Fault::Peer));
                let inner = open_sealed(mode, format, &seal(&sample.replace(APPID, other)));
                match inner {
                    // What would have to be mended is no application's.
                    Err(PushError::Unreadable { .. }) if other == "\u{0}" => {}
                    inner => assert_eq!(inner, Err(PushError::WrongAppid), "{other}"),
                }
            }
        }
        match open_plain(sample.replace(APPID, other).as_bytes()) {
            Err(PushError::Unreadable { .. }) if other == "\u{0}" => {}
            opened => assert_eq!(opened, Err(PushError::WrongAppid)),
        }
    }
    // A complaint that names no application is vouched for by the envelope.
    let nameless = sample.replace(&format!("<appid>{APPID}</appid>"), "");
    assert!(open_sealed(Mode::Secure, Format::Xml, &seal(&nameless)).is_ok());
    // Not UTF-8: no application has such an id.
    assert_eq!(open_sealed_bytes(&[RANDOM, &[0, 0, 0, 0][..], &[0xff; 18]].concat()), PushError::WrongAppid);
}

fn open_sealed_bytes(framed: &[u8]) -> PushError {
    open_sealed(Mode::Secure, Format::Json, &seal_framed(framed)).unwrap_err()
}

#[test]
fn every_failed_decryption_ends_in_one_error() {
    let encrypt = seal(&sample(Format::Json));
    for byte in 0..4 {
        let mut other = KEY;
        other[byte * 8] ^= 1;
        let key = EncodingAesKey::read(&STANDARD_NO_PAD.encode(other)).unwrap();
        let receiver = Receiver::new(APPID, Secret::new(TOKEN.into()), Mode::Secure, Some(key)).unwrap();
        let body = envelope(Format::Xml, &encrypt);
        let refused = receiver.open(&query(&encrypt), body.as_bytes(), NOW).unwrap_err();
        assert_eq!((&refused, refused.fault()), (&PushError::DecryptFailed, Fault::Local));
    }
    // Validly signed and padded, but no frame: too short for a length, or a length beyond the end.
    for framed in [
        &b""[..],
        b"0123456789abcdef",
        b"0123456789abcdef\0\0\0",
        b"0123456789abcdef\0\0\0\x01",
        b"0123456789abcdef\0\0\0\x13wx0123456789abcdef",
        b"0123456789abcdef\x7f\xff\xff\xffwx0123456789abcdef",
        b"0123456789abcdef\x80\0\0\0wx0123456789abcdef",
        b"0123456789abcdef\xff\xff\xff\xffwx0123456789abcdef",
    ] {
        assert_eq!(open_sealed_bytes(framed), PushError::DecryptFailed, "{framed:?}");
    }
    // Validly signed, but no ciphertext.
    let whole = STANDARD.decode(&encrypt).unwrap();
    let (padded, half) = (&whole[..whole.len() - 32], &whole[..whole.len() - 16]);
    for spoilt in [
        "A".to_owned(),
        "!".to_owned(),
        "AAAA".to_owned(),
        encrypt.strip_suffix('=').expect("a ciphertext that needs padding").to_owned(),
        encrypt[4..].to_owned(),
        format!("{encrypt}===="),
        STANDARD.encode(&whole[1..]),
        STANDARD.encode(half),
        STANDARD.encode(padded),
        STANDARD.encode([0; 32]),
    ] {
        for mode in ENCRYPTED {
            let refused = open_sealed(mode, Format::Xml, &spoilt);
            assert_eq!(refused, Err(PushError::DecryptFailed), "{spoilt}");
        }
    }
}

#[test]
fn a_flipped_ciphertext_is_refused_before_it_is_opened() {
    let encrypt = seal(&sample(Format::Json));
    for at in 0..encrypt.trim_end_matches('=').len() {
        let mut flipped = encrypt.clone().into_bytes();
        flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
        let flipped = String::from_utf8(flipped).unwrap();
        for format in FORMATS {
            let body = envelope(format, &flipped);
            let refused = receiver(Mode::Secure).open(&query(&encrypt), body.as_bytes(), NOW);
            assert_eq!(refused, Err(PushError::BadSignature), "character {at}");
        }
    }
}

#[test]
fn whole_blocks_of_a_ciphertext_do_not_pass_for_a_nonce() {
    let (timestamp, nonce, inner) = (NOW.to_string(), "U", sample(Format::Json));
    let length = |message: &[u8]| u32::try_from(message.len()).unwrap().to_be_bytes();
    // Three blocks in, it reads as a frame of its own: random bytes, a length, another message.
    let message = [&[b'x'; 44], &length(inner.as_bytes())[..], inner.as_bytes()].concat();
    let moved = |encrypt: &str, characters: usize| {
        let (front, rest) = encrypt.split_at(characters);
        (format!("{nonce}{front}"), rest.to_owned())
    };
    let signature = |(nonce, encrypt): &(String, String)| sign(&[TOKEN, &timestamp, nonce, encrypt]);
    // A ciphertext whose front reads as a nonce, and that stands behind it when sorted.
    let is_movable = |encrypt: &String| {
        encrypt.bytes().take(64).all(|byte| byte.is_ascii_alphanumeric())
            && [63, 64]
                .iter()
                .all(|&characters| signature(&moved(encrypt, characters)) == signature(&moved(encrypt, 0)))
    };
    let seal =
        |seed: u128| seal_framed(&[&seed.to_be_bytes(), &length(&message)[..], &message, APPID.as_bytes()].concat());
    let encrypt = (0..10_000).map(seal).find(is_movable).unwrap();
    let open = |characters: usize| {
        let (nonce, rest) = moved(&encrypt, characters);
        let signature = signature(&moved(&encrypt, 0));
        let query = format!("timestamp={timestamp}&nonce={nonce}&msg_signature={signature}");
        receiver(Mode::Secure).open(&query, envelope(Format::Json, &rest).as_bytes(), NOW)
    };
    open(0).unwrap();
    assert_eq!(open(63), Err(PushError::DecryptFailed));
    assert_eq!(open(64), Err(PushError::MalformedParameter("nonce")));
}

#[test]
fn an_authenticated_message_that_is_broken_is_told_with_its_place() {
    for (message, problem) in [
        ("{\n\"a\" 1}", "a push: expected `:`, line 2 column 5"),
        ("{}x", "a push: trailing characters, line 1 column 3"),
        ("<xml>\n<a></xml>", "a push: the element <a> is closed by the end of <xml>, line 2 column 4"),
        ("<xml/>x", "outside the root element"),
    ] {
        let refused = open_sealed(Mode::Secure, Format::Json, &seal(message)).unwrap_err();
        assert!(refused.to_string().contains(problem), "{refused}");
        // It is the platform's own: the receiver keeps it and looks at it.
        assert_eq!(refused.fault(), Fault::Platform);
        let PushError::Unreadable { document, .. } = refused else { panic!("{refused}") };
        assert_eq!(document.as_str(), message);
    }
    // Cut off in the middle of a character.
    let whole = xml("<complaint_order_id>7</complaint_order_id><product_name>\u{1}投</product_name>");
    let cut =
        [&whole.as_bytes()[..whole.find('投').unwrap() + 2], b"</product_name></BussiCallBackInfo></xml>"].concat();
    let received = open_sealed(Mode::Secure, Format::Xml, &seal_for(APPID, &cut)).unwrap();
    assert_eq!(received.push().complaint().unwrap().product_name.as_deref(), Some("\u{fffd}"));
    let cut = b"{\"Event\":\"complaint_callback\",\"complaint_order_id\":\"7\",\"product_name\":\"a\x10\xe6\x8a\"}";
    let received = open_sealed(Mode::Secure, Format::Xml, &seal_for(APPID, cut)).unwrap();
    assert_eq!(received.push().complaint().unwrap().product_name.as_deref(), Some("a\u{fffd}"));
}

/// Payers' texts are as they are in every mode.
#[test]
fn a_plain_message_is_read_as_a_sealed_one() {
    let whole = xml("<complaint_order_id>7</complaint_order_id><product_name>a\u{1}投</product_name>");
    let (before, after) = whole.split_once('投').unwrap();
    for message in [
        &[before.as_bytes(), b"\xe6\x8a", after.as_bytes()].concat()[..],
        b"{\"Event\":\"complaint_callback\",\"complaint_order_id\":\"7\",\"product_name\":\"a\x10\xe6\x8a\"}",
        b"<xml><Event>other</Event><a>\x10\xe6\x8a</a></xml>",
        b"\xff",
        "\u{feff}<xml/>".as_bytes(),
    ] {
        let Received::Unverified(plain) = open_plain(message).unwrap() else { panic!("no signature vouches for it") };
        let sealed = open_sealed(Mode::Secure, Format::Xml, &seal_for(APPID, message)).unwrap();
        assert_eq!(plain.peek(), sealed.push());
        assert_eq!(plain.peek().dedup_key(), sealed.push().dedup_key());
        let product = plain.peek().complaint().map(|complaint| complaint.product_name.as_deref());
        assert!(matches!(product, None | Some(Some("a\u{fffd}"))), "{product:?}");
    }
}

#[test]
fn an_unreadable_push_is_marked_verified_or_not() {
    for message in [xml("<appid><a/></appid>"), json(r#""appid":{"a":1}"#), "<xml>".to_owned(), "{".to_owned()] {
        for (mode, fault) in
            [(Mode::Plain, Fault::Peer), (Mode::Compatible, Fault::Platform), (Mode::Secure, Fault::Platform)]
        {
            let refused = match mode {
                Mode::Plain => open_plain(format!("{message}\u{1}").as_bytes()),
                _ => open_sealed(mode, Format::Xml, &seal(&format!("{message}\u{1}"))),
            };
            let refused = refused.unwrap_err();
            assert_eq!(refused.fault(), fault);
            let PushError::Unreadable { error, document, .. } = refused else { panic!("{refused}") };
            assert_eq!(error, Push::decode(message.as_bytes()).unwrap_err());
            assert_eq!(document.as_str(), message);
            assert_eq!(matches!(*document, Received::Unverified(_)), mode == Mode::Plain);
        }
    }
}

#[test]
fn is_proven_names_the_errors_of_genuine_pushes() {
    for proven in [PushError::DecryptFailed, PushError::WrongAppid, PushError::Encrypted, open_plain(b"{").unwrap_err()]
    {
        assert!(proven.is_proven(), "{proven:?}");
    }
    for unproven in [
        PushError::TooLarge,
        PushError::MissingParameter("nonce"),
        PushError::RepeatedParameter("nonce"),
        PushError::MalformedParameter("nonce"),
        PushError::StaleTimestamp { seconds: 300, future: false },
        PushError::BadSignature,
        open_sealed(Mode::Secure, Format::Json, "\"").unwrap_err(),
    ] {
        assert!(!unproven.is_proven(), "{unproven:?}");
    }
    // The signature comes before the key: a forger never gets as far.
    let (encrypt, forged) = (seal_for("wx0", b"{}"), query(&seal("{}")));
    let refused = receiver(Mode::Secure).open(&forged, envelope(Format::Json, &encrypt).as_bytes(), NOW).unwrap_err();
    assert!(!refused.is_proven(), "{refused:?}");
}

/// In compatible mode a payer's text stands in the clear copy as well, spoilt as it is.
#[test]
fn an_unreadable_clear_text_copy_is_ignored() {
    let spoilt: [&[u8]; 4] = [b"\xe6\x8a", b"\x10\x1d", b"\xff\x00", "\u{feff}\u{1}".as_bytes()];
    for format in FORMATS {
        let encrypt = seal(&sample(format));
        for spoilt in spoilt {
            let (before, after) = match format {
                Format::Xml => ("<xml><product_name>", format!("</product_name><Encrypt>{encrypt}</Encrypt></xml>")),
                Format::Json => ("{\"product_name\":\"", format!("\",\"Encrypt\":\"{encrypt}\"}}")),
            };
            let body = [before.as_bytes(), spoilt, after.as_bytes()].concat();
            let received = receiver(Mode::Compatible).open(&query(&encrypt), &body, NOW).unwrap();
            assert!(matches!(received, Received::Verified(_)));
            assert_eq!(received.push(), &decode(&sample(format)), "{format:?} {spoilt:?}");
            let parts = SignedParts::read(&query(&encrypt), &body).unwrap();
            assert_eq!(parts.encrypt.as_ref(), Some(&encrypt));
            // What is signed is what was sent.
            let forged = receiver(Mode::Compatible).open(&query("A"), &body, NOW);
            assert_eq!(forged, Err(PushError::BadSignature));
        }
    }
    // Where that is not all that is wrong, the trouble is told with its place in what came.
    for (body, problem) in
        [(&b"\xff"[..], "a push: not UTF-8, line 1 column 1"), (b"{\"a\":\n\"\x10\"", "line 2 column 1")]
    {
        let refused = receiver(Mode::Compatible).open(&query(""), body, NOW).unwrap_err();
        assert!(matches!(refused, PushError::Malformed(_)) && refused.to_string().contains(problem), "{refused}");
    }
    // Without its cover, a message is unsigned.
    let refused = receiver(Mode::Secure).open(&query(""), b"<xml>\xe6\x8a</xml>", NOW);
    assert_eq!(refused, Err(PushError::BadSignature));
}

#[test]
fn a_complaint_with_values_that_do_not_fit_keeps_its_number() {
    const NUMBER: &str = "expected a whole number";
    const ONE: &str = "expected one value; it occurs several times";
    let wrapped = |member: &str| xml(&format!("<complaint_order_id>8622001</complaint_order_id>{member}"));
    let flat = |member: &str| json(&format!(r#""complaint_order_id":"8622001",{member}"#));
    for (text, place, problem, kept) in [
        (wrapped("\n<status>new</status>"), "status", NUMBER, &[r#""new""#][..]),
        (wrapped("<status>1.5</status>"), "status", NUMBER, &[r#""1.5""#]),
        (wrapped("<status>99999999999999999999</status>"), "status", NUMBER, &[r#""99999999999999999999""#]),
        (wrapped("<status>1</status><status>2</status>"), "status", ONE, &["1", r#""2""#]),
        (wrapped("<status>1</status><status>2</status><status>1</status>"), "status", ONE, &["1", r#""2""#, r#""1""#]),
        (wrapped("<total_cost>50.00</total_cost>"), "total_cost", NUMBER, &[r#""50.00""#]),
        (wrapped("<total_cost><![CDATA[￥50.00]]></total_cost>"), "total_cost", NUMBER, &[r#""￥50.00""#]),
        (wrapped("<pay_time>昨天</pay_time>"), "pay_time", NUMBER, &[r#""昨天""#]),
        (wrapped("<order_id><a>1</a></order_id>"), "order_id", "expected a string", &[r#""<a>1</a>""#]),
        (
            wrapped("<customer_material_media_id_list><item>a</item></customer_material_media_id_list>"),
            "customer_material_media_id_list",
            "expected ids or links of pictures",
            &[r#""<item>a</item>""#],
        ),
        (
            wrapped("<history><time>1</time></history><history><time>now</time></history>"),
            "history[1].time",
            NUMBER,
            &[],
        ),
        (wrapped("").replace("1744244407", "soon"), "CreateTime", NUMBER, &[r#""soon""#]),
        (flat("\n\"status\":\"new\""), "status", NUMBER, &[r#""new""#]),
        (flat(r#""status":1.5"#), "status", NUMBER, &["1.5"]),
        (flat(r#""status":99999999999999999999"#), "status", NUMBER, &["99999999999999999999"]),
        (flat(r#""status":1,"status":2"#), "status", ONE, &["1", "2"]),
        (flat(r#""total_cost":"50.00""#), "total_cost", NUMBER, &[r#""50.00""#]),
        (flat(r#""total_cost":50.00"#), "total_cost", NUMBER, &["50.00"]),
        (flat(r#""total_cost":"￥50.00""#), "total_cost", NUMBER, &[r#""￥50.00""#]),
        (flat(r#""pay_time":{"at":1}"#), "pay_time", NUMBER, &[r#"{"at":1}"#]),
        (flat(r#""order_id":{"a":1}"#), "order_id", "expected a string", &[r#"{"a":1}"#]),
        (
            flat(r#""customer_material_media_id_list":{"item":["a"]}"#),
            "customer_material_media_id_list",
            "expected ids or links of pictures",
            &[r#"{"item":["a"]}"#],
        ),
        (flat(r#""history":{"time":"now"}"#), "history[0].time", NUMBER, &[]),
        (flat(r#""history":"now""#), "history", "expected an object (HistoryEntry)", &[r#""now""#]),
        (flat(r#""a":1"#).replace("1744244407", "\"soon\""), "CreateTime", NUMBER, &[r#""soon""#]),
        (json(r#""BussiCallBackInfo":{"complaint_order_id":8622001,"status":[1]}"#), "status", NUMBER, &["[1]"]),
    ] {
        let push = decode(&text);
        let complaint = push.complaint().unwrap();
        assert_eq!(complaint.complaint_order_id.as_deref(), Some("8622001"), "{text}");
        let told: Vec<_> = push.misfits().iter().map(ToString::to_string).collect();
        assert_eq!(told, [format!("the member {place} cannot be read: {problem}")], "{text}");
        let extra = if place == "CreateTime" { &push.extra } else { &complaint.extra };
        let in_extra: Vec<_> = extra.iter().filter(|(name, _)| *name == place).map(|(_, json)| json).collect();
        assert_eq!(in_extra, kept, "{text}");
        // Absent and unreadable are not the same.
        assert_eq!(complaint.status().is_err(), place == "status", "{text}");
        assert_eq!(complaint.status.is_some(), place == "status", "{text}");
        assert_eq!(complaint.total_cost().is_err(), place == "total_cost", "{text}");
        // It is written back as it came; markup as the text that it is.
        if !kept.iter().any(|json| json.contains('<')) {
            assert_eq!(decode(&serde_json::to_string(&push).unwrap()), push);
            if text.starts_with('<') {
                assert_eq!(decode(&push.to_xml()).misfits(), push.misfits());
            }
        }
        // In every mode, and no two that differ are taken for one.
        let received = open_sealed(Mode::Secure, Format::Json, &seal(&text)).unwrap();
        assert_eq!(received.push(), &push);
        assert_eq!(open_plain(text.as_bytes()).unwrap().push(), &push);
        assert_ne!(push.dedup_key(), decode(&wrapped("")).dedup_key());
    }
    // What stands twice and is the same is one.
    for text in [wrapped("<status>201</status><status> 201</status>"), flat(r#""status":201,"status":201"#)] {
        assert_eq!(decode(&text).complaint().unwrap().status, Some(CallbackStatus::WaitingForMerchant));
        assert!(decode(&text).misfits().is_empty());
    }
}

/// The identity of a complaint, and its application's, are never guessed.
#[test]
fn a_complaint_whose_identity_does_not_fit_is_no_other_event() {
    for (text, problem) in [
        (
            xml("\n<appid>1</appid><appid>2</appid>"),
            "a push: an element stands twice where one is allowed, line 2 column 33",
        ),
        (xml("<appid><a/></appid>"), "expected text, found an element"),
        (xml("<complaint_order_id>1</complaint_order_id><complaint_order_id>2</complaint_order_id>"), "stands twice"),
        (xml("<complaint_order_id>1<a/></complaint_order_id><status>new</status>"), "expected text, found an element"),
        (
            xml("<status>1</status>").replace("<BussiCallBackInfo>", "<BussiCallBackInfo/><BussiCallBackInfo>"),
            "stands twice",
        ),
        (json("\n\"appid\":{\"a\":1}"), "a push: expected a string, line 2 column 12"),
        (json(r#""appid":"1","appid":"2""#), "member `appid` stands twice"),
        (json(r#""complaint_order_id":["1"]"#), "expected a string"),
        (
            json(r#""complaint_order_id":1,"complaint_order_id":"2","status":"new""#),
            "member `complaint_order_id` stands twice",
        ),
        (
            json("\"complaint_order_id\":\"8622\u{fffd}\",\"status\":\"new\""),
            "expected a text without dropped or replaced characters",
        ),
        (json(r#""BussiCallBackInfo":[1]"#), "expected an object"),
        (json(r#""BussiCallBackInfo":1"#), "expected an object"),
        (
            xml("<complaint_order_id>86\u{1}22</complaint_order_id>"),
            "expected a text without dropped or replaced characters",
        ),
        (
            xml("<complaint_order_id>86&#1;22</complaint_order_id>"),
            "expected a text without dropped or replaced characters",
        ),
        (xml("<appid>wx\u{1f}</appid>"), "expected a text without dropped or replaced characters"),
        (json("\"complaint_order_id\":\"86\u{1}22\""), "expected a text without dropped or replaced characters"),
        (
            json("\"complaint_order_id\":\"86\u{1}22\",\"product_name\":\"a\nb\""),
            "expected a text without dropped or replaced characters",
        ),
        (r#"{"Event":["complaint_callback"],"complaint_order_id":"1"}"#.to_owned(), "`Event` is not a string"),
    ] {
        let error = Push::decode(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}: {text}");
        let received = open_sealed(Mode::Secure, Format::Json, &seal(&text)).unwrap_err();
        assert_eq!(received.to_string(), error);
        assert_eq!(open_plain(text.as_bytes()).unwrap_err().to_string(), error);
    }
}

/// Cut in the middle of a character, an identity is none; a payer's words are read.
#[test]
fn a_number_that_is_cut_is_no_number() {
    for (before, after) in [
        ("<xml><Event>complaint_callback</Event><complaint_order_id>86", "</complaint_order_id></xml>"),
        ("{\"Event\":\"complaint_callback\",\"complaint_order_id\":\"86", "\"}"),
    ] {
        let message = [before.as_bytes(), b"\xe6", after.as_bytes()].concat();
        Push::decode(&message).unwrap_err();
        let refused = open_sealed(Mode::Secure, Format::Json, &seal_for(APPID, &message)).unwrap_err();
        assert!(matches!(refused, PushError::Unreadable { .. }), "{refused}");
        // A character that was sent so is another matter.
        let whole = [before.as_bytes(), "\u{fffd}".as_bytes(), after.as_bytes()].concat();
        assert!(Push::decode(&whole).is_ok());
    }
}

/// The same guards for a complaint of virtual payment, whose number may be absent.
#[test]
fn a_complaint_of_virtual_payment_is_no_other_event_and_its_number_is_never_guessed() {
    const XPAY: &str = "xpay_complaint_notify";
    let json = |members: &str| format!(r#"{{"Event":"{XPAY}",{members}}}"#);
    let xml = |members: &str| format!("<xml><Event><![CDATA[{XPAY}]]></Event>{members}</xml>");
    for text in [
        json(r#""OpenId":"o""#),
        json(r#""ComplaintId":null"#),
        json("\"ComplaintId\":\"7\",\"ComplaintDetail\":\"a\u{1}b\nc\""),
        xml("<OpenId>o</OpenId>"),
        xml("<ComplaintId/>"),
        xml("<ComplaintId><![CDATA[7]]></ComplaintId><ComplaintDetail>a\u{1}&#1;b</ComplaintDetail>"),
    ] {
        assert!(matches!(decode(&text).content, Event::Other(_)), "{text}");
    }
    const WHOLE: &str = "a text without dropped or replaced characters";
    const SPLIT: [u8; 1] = [0xe6];
    for (text, problem, hint) in [
        (json("\"ComplaintId\":\"7\u{1}2\"").into_bytes(), WHOLE, Some("72")),
        (json(r#""ComplaintId":"7\ud83d""#).into_bytes(), WHOLE, None),
        ([json(r#""ComplaintId":"7"#).as_bytes().split_last().unwrap().1, &SPLIT, b"\"}"].concat(), WHOLE, None),
        (json(r#""ComplaintId":["7"]"#).into_bytes(), "expected a string", None),
        (json(r#""ComplaintId":"7","ComplaintId":"8""#).into_bytes(), "stands twice", None),
        (format!(r#"{{"ComplaintId":"7","Event":["{XPAY}"]}}"#).into_bytes(), "`Event` is not a string", Some("7")),
        (json(r#""ComplaintId":"7","ComplaintDetail":"a"b""#).into_bytes(), "expected `,` or `}`", Some("7")),
        (xml("<ComplaintId>7\u{1}2</ComplaintId>").into_bytes(), WHOLE, Some("72")),
        (xml("<ComplaintId>7&#1;2</ComplaintId>").into_bytes(), WHOLE, Some("72")),
        (xml("<ComplaintId><a/></ComplaintId>").into_bytes(), "expected text, found an element", None),
        (xml("<ComplaintId>7</ComplaintId><ComplaintId>8</ComplaintId>").into_bytes(), "stands twice", Some("7")),
        (xml("<ComplaintId>7</ComplaintId><ComplaintDetail>a</b>").into_bytes(), "a push: ", Some("7")),
    ] {
        let read = Push::decode(&text).unwrap_err().to_string();
        assert!(read.contains(problem), "{read}: {}", text.escape_ascii());
        let PushError::Unreadable { error, complaint_order_id, .. } = open_plain(&text).unwrap_err() else {
            panic!("a letter: {}", text.escape_ascii())
        };
        assert_eq!((error.to_string(), complaint_order_id.as_deref()), (read, hint), "{}", text.escape_ascii());
    }
}

/// It is kept for a person: there is nothing to ask the platform for.
#[test]
fn a_complaint_that_does_not_say_which_one_it_is_is_unreadable() {
    let numbered = |number: &str| {
        [
            xml(&format!("<complaint_order_id>{number}</complaint_order_id>")),
            json(&format!(r#""complaint_order_id":"{number}""#)),
        ]
    };
    for text in numbered("1").into_iter().chain(numbered(&"投".repeat(MAX_ID))) {
        open_sealed(Mode::Secure, Format::Xml, &seal(&text)).unwrap();
        open_plain(text.as_bytes()).unwrap();
    }
    let none = [xml("<status>201</status>"), json(r#""status":201"#), json(r#""complaint_order_id":null"#)];
    let none = none.into_iter().chain(numbered("")).chain(numbered(" ")).chain(numbered(&"1".repeat(MAX_ID + 1)));
    for text in none {
        assert!(decode(&text).complaint().is_some(), "{text}");
        for refused in [
            open_sealed(Mode::Secure, Format::Xml, &seal(&text)).unwrap_err(),
            open_plain(text.as_bytes()).unwrap_err(),
        ] {
            let PushError::Unreadable { complaint_order_id, document, .. } = refused else {
                panic!("{refused}: {text}")
            };
            assert_eq!((complaint_order_id, document.as_str()), (None, &*text));
        }
    }
    // Another application's complaint is nothing to keep; another event needs no number.
    let another = json(r#""appid":"wx0","complaint_order_id":"""#);
    assert_eq!(open_plain(another.as_bytes()).unwrap_err(), PushError::WrongAppid);
    open_plain(br#"{"Event":"another","complaint_order_id":""}"#).unwrap();
}

/// A payer pastes what ends a text: where the number stands before that, it is known.
#[test]
fn the_number_before_the_damage_is_found() {
    let broken = |text: &str| {
        let refused = open_sealed(Mode::Secure, Format::Xml, &seal(text)).unwrap_err();
        let PushError::Unreadable { complaint_order_id, document, .. } = refused else { panic!("{refused}: {text}") };
        assert_eq!(document.as_str(), text);
        complaint_order_id
    };
    let number = "<complaint_order_id>8622001</complaint_order_id>";
    for words in ["<![CDATA[a]]>b]]>", "<![CDATA[</a>]]></b>", "a</product_name></xml>", "<!DOCTYPE a>", "&nbsp;"] {
        let words = format!("<product_name>{words}</product_name>");
        let read = broken(&xml(&format!("{number}{words}</x>")));
        assert_eq!(read.as_deref(), Some("8622001"), "{words}");
        let flat = xml(&format!("{number}{words}</x>")).replace("BussiCallBackInfo", "x").replace("<x>", "");
        assert_eq!(broken(&flat).as_deref(), Some("8622001"), "{flat}");
        assert_eq!(broken(&xml(&format!("{words}</x>{number}"))), None, "{words}");
    }
    for words in [r#"a"b"#, r#"\x22"#, "a\",}"] {
        let message = format!(r#""complaint_order_id":8622001,"product_name":"{words}""#);
        assert_eq!(broken(&json(&message)).as_deref(), Some("8622001"), "{words}");
        assert_eq!(broken(&json(&format!(r#""product_name":"{words}","complaint_order_id":1"#))), None, "{words}");
    }
}

/// The same in the clear copy of a compatible push: the ciphertext is still found, and must verify.
#[test]
fn a_clear_copy_that_is_broken_hides_no_ciphertext() {
    for (format, broken) in [
        (Format::Xml, "<xml><a><![CDATA[b]]>]]></a></b><Encrypt><![CDATA[ENCRYPT]]></Encrypt></xml>"),
        (Format::Xml, "<xml><a></b><Encrypt>ENCRYPT</Encrypt></xml>"),
        (Format::Json, r#"{"a":"b"c","Encrypt":"ENCRYPT"}"#),
        (Format::Json, "{\"a\":\"b\nc\",\"Encrypt\":\"ENCRYPT\"}"),
    ] {
        let encrypt = seal(&sample(format));
        let body = broken.replace("ENCRYPT", &encrypt);
        let received = receiver(Mode::Compatible).open(&query(&encrypt), body.as_bytes(), NOW).unwrap();
        assert_eq!(received.push(), &decode(&sample(format)), "{body}");
        let forged = receiver(Mode::Compatible).open(&query("A"), body.as_bytes(), NOW);
        assert_eq!(forged, Err(PushError::BadSignature));
        // Of two of them none is taken.
        let two = format!("{body}{body}");
        let refused = receiver(Mode::Compatible).open(&query(&encrypt), two.as_bytes(), NOW).unwrap_err();
        assert!(matches!(refused, PushError::Malformed(_)), "{refused}");
    }
}

/// Raw line ends within JSON strings, half a surrogate pair: read in every mode.
#[test]
fn texts_that_json_does_not_allow_are_read() {
    for (written, words) in [
        ("第一行\n第二行", "第一行\n第二行"),
        ("\ta\r\n", "\ta\r\n"),
        (r"a\ud83d", "a\u{fffd}"),
        (r"\ud83d\ude00\ude00", "😀\u{fffd}"),
        ("\u{7}\n", "\n"),
    ] {
        let text = json(&format!(r#""complaint_order_id":"8622001","customer_material_content":"{written}""#));
        let push = open_sealed(Mode::Secure, Format::Json, &seal(&text)).unwrap().push().clone();
        let complaint = push.complaint().unwrap();
        assert_eq!(complaint.customer_material_content.as_ref().unwrap().expose(), words, "{text:?}");
        assert_eq!(Push::decode(text.as_bytes()).unwrap().peek(), &push);
        assert_eq!(open_plain(text.as_bytes()).unwrap().push(), &push);
        // Another event is read alike.
        let other = text.replace("complaint_callback", "other");
        assert!(matches!(decode(&other).content, Event::Other(_)), "{other:?}");
    }
}

// Keys, paddings, characters.

#[test]
fn the_spare_bits_of_a_key_are_dropped() {
    let alphabet = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']);
    let alphabet: Vec<_> = alphabet.collect();
    let start = &STANDARD_NO_PAD.encode(KEY)[..42];
    for (at, last) in alphabet.iter().enumerate() {
        let key = |last: char| EncodingAesKey::read(&format!("{start}{last}")).unwrap();
        let receiver = |last| Receiver::new(APPID, Secret::new(TOKEN.into()), Mode::Secure, Some(key(last))).unwrap();
        let (query, body) = receiver(*last).secure_push(Format::Xml, "m", RANDOM, NOW, NONCE).unwrap();
        for (other, character) in alphabet.iter().enumerate() {
            let opened = receiver(*character).open(&query, body.as_bytes(), NOW);
            assert_eq!(opened.is_ok(), at / 4 == other / 4, "{last} and {character}");
        }
    }
}

#[test]
fn a_key_has_forty_three_characters_of_the_alphabet() {
    let good = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    EncodingAesKey::read(good).unwrap();
    for bad in [
        "",
        &good[1..],
        &*format!("{good}A"),
        &*format!("{good}="),
        &*format!("{good}\n"),
        &*format!(" {good}"),
        &*good.replace('0', "-"),
        &*good.replace('0', "_"),
        &*good.replace('0', " "),
        &*good.replace('0', "é"),
        &*"A".repeat(10_000),
    ] {
        assert_eq!(EncodingAesKey::read(bad).unwrap_err(), CryptoError::EncodingAesKey, "{bad}");
    }
    assert_eq!(CryptoError::EncodingAesKey.to_string(), "an EncodingAESKey has 43 letters and digits");
    for mode in ENCRYPTED {
        assert_eq!(missing(&Receiver::new(APPID, Secret::new(vec![]), mode, None).unwrap_err()), "the EncodingAESKey");
    }
}

#[test]
fn every_padding_opens() {
    let mut paddings = BTreeSet::new();
    for length in 0..=64 {
        let message: String = ('a'..='z').cycle().take(length).collect();
        let (query, body) =
            receiver(Mode::Secure).secure_push(Format::Json, &message, RANDOM, NOW, NONCE).expect("there is a key");
        let encrypt = serde_json::from_str::<serde_json::Value>(&body).unwrap()["Encrypt"].as_str().unwrap().to_owned();
        assert_eq!(encrypt, seal(&message));
        let ciphertext = STANDARD.decode(&encrypt).unwrap();
        assert_eq!(ciphertext.len() % 32, 0);
        paddings.insert(ciphertext.len() - 20 - length - APPID.len());
        let received = receiver(Mode::Secure).open(&query, body.as_bytes(), NOW).unwrap();
        assert_eq!(document(&received).as_str(), message);
    }
    assert!(paddings.into_iter().eq(1..=32));
}

#[test]
fn characters_of_several_bytes_open_at_every_boundary() {
    for start in 0..4 {
        for length in 0..=40 {
            let characters = "投é🚀诉\u{200b}𠮷".chars().cycle().take(length);
            let text: String = std::iter::repeat_n('a', start).chain(characters).collect();
            for format in FORMATS {
                let received = open_sealed(Mode::Secure, format, &seal(&text)).unwrap();
                assert_eq!(document(&received).as_str(), text);
            }
            for message in [
                xml(&format!("{NUMBER}<customer_material_content>{text}</customer_material_content>")),
                xml(&format!("{NUMBER}<customer_material_content><![CDATA[{text}]]></customer_material_content>")),
                json(&format!(r#""complaint_order_id":7,"customer_material_content":"{text}""#)),
            ] {
                let received = open_sealed(Mode::Secure, Format::Xml, &seal(&message)).unwrap();
                let content = received.push().complaint().unwrap().customer_material_content.as_ref();
                assert_eq!(content.unwrap().expose(), &text);
            }
        }
    }
}

#[test]
fn replies_are_sealed_and_signed() {
    assert_eq!(SUCCESS, "success");
    let reply = |format| receiver(Mode::Secure).encrypted_reply(format, "{\"投\":1}", RANDOM, NOW, NONCE).unwrap();
    let encrypt = seal("{\"投\":1}");
    let signature = sign(&[TOKEN, &NOW.to_string(), NONCE, &encrypt]);
    assert_eq!(
        reply(Format::Json),
        format!(r#"{{"Encrypt":"{encrypt}","MsgSignature":"{signature}","TimeStamp":{NOW},"Nonce":"{NONCE}"}}"#)
    );
    assert_eq!(
        reply(Format::Xml),
        format!(
            "<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>\
             <TimeStamp>{NOW}</TimeStamp><Nonce><![CDATA[{NONCE}]]></Nonce></xml>"
        )
    );
    let without_key = Receiver::new(APPID, Secret::new(TOKEN.into()), Mode::Plain, None).unwrap();
    assert_eq!(without_key.encrypted_reply(Format::Xml, "", RANDOM, NOW, NONCE), None);
    assert_eq!(without_key.secure_push(Format::Xml, "", RANDOM, NOW, NONCE), None);
}

// Hostile documents.

/// Ordinary megabytes that a refusal may take.
const QUICK: u32 = 150;
/// Ordinary megabytes that ten megabytes, or a great many members that are really read, may take.
const LONG: u32 = 700;

/// The processor time of this thread so far; `None` if the system does not provide it.
#[allow(clippy::disallowed_methods, reason = "a test measures")]
fn computed() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// The closure's result, and its processor time: the best of some attempts, since other programs
/// share the machine's caches. It stops at the first that takes no longer than `enough`.
fn measured<T>(attempts: usize, enough: Duration, attempt: impl Fn() -> T) -> (T, Option<Duration>) {
    let mut best: Option<Duration> = None;
    for number in 1.. {
        let before = computed();
        let outcome = attempt();
        let took = computed().zip(before).map(|(after, before)| after.saturating_sub(before));
        best = best.into_iter().chain(took).min();
        if number == attempts || best.is_none_or(|best| best <= enough) {
            return (outcome, best);
        }
    }
    unreachable!("it ends with the last attempt")
}

/// The time that this machine and this build take to read an ordinary push of a megabyte, whose
/// history is long.
fn unit() -> Duration {
    static UNIT: LazyLock<Duration> = LazyLock::new(|| {
        let entry = format!("<history><time>1744244407</time><content>{}</content></history>", "y".repeat(10_000));
        let ordinary = xml(&entry.repeat(100));
        let (outcome, took) = measured(9, Duration::ZERO, || Push::decode(ordinary.as_bytes()).is_ok());
        assert!(outcome);
        took.unwrap_or_default().max(Duration::from_micros(1))
    });
    *UNIT
}

/// The closure's result. It may take so many times the time of an ordinary megabyte, on a fast
/// machine or on a slow one.
fn within<T>(units: u32, label: &str, attempt: impl Fn() -> T) -> T {
    let longest = unit() * units;
    let (outcome, took) = measured(9, longest, attempt);
    if let Some(took) = took {
        assert!(took <= longest, "{label} takes {took:?}, an ordinary megabyte {:?}", unit());
    }
    outcome
}

/// Far above what a megabyte takes, far below what anything quadratic would.
fn quick<T>(label: &str, attempt: impl Fn() -> T) -> T {
    within(QUICK, label, attempt)
}

#[track_caller]
fn refused_everywhere(label: &str, text: &str, problem: &str) {
    let error = quick(label, || Push::decode(text.as_bytes()).unwrap_err());
    assert!(error.to_string().contains(problem), "{label}: {error}");
    let encrypt = seal(text);
    let inside = envelope(Format::Json, &encrypt);
    for (mode, query, body) in [
        (Mode::Plain, plain_query(), text),
        (Mode::Secure, query(&encrypt), text),
        (Mode::Compatible, query(&encrypt), text),
        (Mode::Secure, query(&encrypt), &*inside),
    ] {
        let refused = quick(label, || receiver(mode).open(&query, body.as_bytes(), NOW).unwrap_err());
        if body.len() > MAX_PUSH_BODY {
            assert_eq!(refused, PushError::TooLarge, "{label}");
        } else {
            assert_eq!(refused.to_string(), error.to_string(), "{label}");
            let is_message = mode == Mode::Plain || body == inside;
            assert_eq!(matches!(refused, PushError::Unreadable { .. }), is_message, "{label}");
            assert_eq!(matches!(refused, PushError::Malformed(_)), !is_message, "{label}");
        }
    }
}

#[test]
fn document_types_and_entities_are_refused() {
    let doctypes = [
        "<!DOCTYPE xml>".to_owned(),
        "<!DOCTYPE xml SYSTEM \"http://127.0.0.1/x.dtd\">".to_owned(),
        "<!DOCTYPE xml [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>".to_owned(),
        "<?xml version=\"1.0\"?>\n<!DOCTYPE xml [<!ENTITY % x \"\"> %x;]>".to_owned(),
        format!(
            "<!DOCTYPE xml [<!ENTITY x0 \"x\">{}]>",
            (1..30).map(|n| format!("<!ENTITY x{n} \"{}\">", format!("&x{};", n - 1).repeat(10))).collect::<String>()
        ),
        format!("<!DOCTYPE xml [{}]>", "<!ENTITY x \"x\">".repeat(50_000)),
    ];
    for doctype in doctypes {
        let text = format!("{doctype}{}", xml("<appid>&x;</appid>"));
        refused_everywhere("a document type", &text, "a document type is refused");
    }
    for text in ["&x29;", "&x;", "&copy;", "&Lt;"] {
        for text in [xml(&format!("<appid>{text}</appid>")), xml(text), xml(&format!("<a><b>{text}</b></a>"))] {
            refused_everywhere("an entity", &text, "an entity beyond the five predefined ones is refused");
        }
    }
    refused_everywhere("many entities", &xml(&"&x;".repeat(300_000)), "an entity beyond");
    refused_everywhere("an instruction", &xml("<?php x?>"), "a processing instruction is refused");
    refused_everywhere("two roots", &xml("").repeat(2), "a second root element");
    refused_everywhere("an unclosed section", &xml("<![CDATA[x"), "line 1");
    refused_everywhere("no end", &xml("").replace("</xml>", ""), "ends inside an element");
}

#[test]
fn a_document_of_many_parts_is_refused() {
    let many = "there are too many elements";
    for name in ["a", "history", "appid", "BussiCallBackInfo", "Event"] {
        let (open, close) = (format!("<{name}>").repeat(10_000), format!("</{name}>").repeat(10_000));
        for text in [format!("{open}{close}"), xml(&format!("{open}{close}")), xml(&open)] {
            refused_everywhere("nested elements", &text, "elements nest too deep");
        }
    }
    for part in
        ["<a/>", "<history/>", "<media_id_list>1</media_id_list>", "<a b='c'>&lt;</a>", "<!---->", "&lt;", "&#0;x"]
    {
        refused_everywhere("siblings", &xml(&part.repeat(200_000)), many);
        let text = format!("<xml>{}</xml>", part.repeat(200_000));
        refused_everywhere("siblings without an event", &text, many);
        let inside = format!("<appid>{}</appid>", part.repeat(200_000));
        refused_everywhere("siblings in a text", &xml(&inside), many);
    }
}

#[test]
fn ten_megabytes_are_refused_or_read_quickly() {
    const TEN: usize = 10 * 1024 * 1024;
    for part in ["<a/>", "<a>", "<history><time>1</time></history>", "&amp;", "<![CDATA[x]]>", "<!--x-->"] {
        refused_everywhere("ten megabytes", &xml(&part.repeat(TEN / part.len())), "");
    }
    // One text, one comment, one attribute, one name; and JSON.
    let long = "x".repeat(TEN);
    for text in [
        xml(&long),
        xml(&format!("<a>{long}</a>")),
        xml(&format!("<![CDATA[{long}]]>")),
        xml(&format!("<!--{long}-->")),
        xml(&format!("<a b='{long}'/>")),
        xml(&format!("<{long}/>")),
        xml(&format!("<product_name>{long}</product_name>")),
        json(&format!(r#""product_name":"{long}""#)),
        json(&format!(r#""a":"{long}""#)),
        format!(r#"{{"a":"{long}"}}"#),
        format!(r#"{{"a":[{}1]}}"#, "1,".repeat(TEN / 2)),
        format!(r#"{{{}"a":1}}"#, r#""b":1,"#.repeat(TEN / 6)),
        long,
    ] {
        let label = text.chars().take(200).collect::<String>();
        // The caller that decodes a file bounds it; nothing grows faster than the document.
        let _ = within(LONG, &label, || Push::decode(text.as_bytes()));
        let encrypt = seal("");
        for (mode, query) in [(Mode::Plain, plain_query()), (Mode::Secure, query(&encrypt))] {
            assert_eq!(receiver(mode).open(&query, text.as_bytes(), NOW), Err(PushError::TooLarge));
        }
    }
    assert_eq!(PushError::TooLarge.to_string(), "the body has more than 1048576 bytes");
    // To the byte.
    for (bytes, large) in [(MAX_PUSH_BODY, false), (MAX_PUSH_BODY + 1, true)] {
        let body = format!("{{}}{}", " ".repeat(bytes - 2));
        assert_eq!(open_plain(body.as_bytes()) == Err(PushError::TooLarge), large);
    }
}

/// Members that do not fit cost no more than others.
#[test]
fn a_great_many_misfits_are_read_quickly() {
    for text in [
        xml(&"<status>x</status>".repeat(20_000)),
        xml(&"<history><time>x</time></history>".repeat(9_000)),
        xml(&format!(
            "<product_name>{}</product_name>{}",
            "y".repeat(300_000),
            "<pay_time>x</pay_time>".repeat(10_000)
        )),
        xml(&"<customer_material_media_id_list><i/></customer_material_media_id_list>".repeat(9_000)),
        json(&format!(r#""history":[{}{{}}]"#, r#"{"time":"x"},"#.repeat(9_000))),
        json(&format!(r#"{}"a":1"#, r#""status":"x","#.repeat(9_000))),
    ] {
        let label = text.chars().skip(100).take(100).collect::<String>();
        let push = within(LONG, &label, || Push::decode(text.as_bytes()).unwrap());
        assert!(!within(LONG, &label, || push.peek().misfits()).is_empty(), "{label}");
        within(LONG, &label, || push.peek().dedup_key());
    }
}

#[test]
fn hostile_json_is_read_quickly() {
    let nested = |open: &str, close: &str| format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
    let objects = nested(r#"{"a":"#, "}");
    let histories = nested(r#"{"history":"#, "}");
    let json = |members: &str| json(&format!(r#""complaint_order_id":1,{members}"#));
    for (text, opens) in [
        // Depth costs nothing in a part that is not read.
        (format!(r#"{{"a":{objects}}}"#), true),
        (objects.clone(), true),
        (histories.clone(), true),
        (json(&format!(r#""a":{objects}"#)), true),
        (json(&format!(r#""a":{}"#, nested("[", "]"))), true),
        (json(&format!(r#""history":{{"a":{objects}}}"#)), true),
        (json(&format!(r#""history":{histories}"#)), true),
        (json(&format!(r#""history":{}"#, nested("[", "]"))), true),
        (json(&format!(r#""customer_material_media_id_list":{}"#, nested("[", "]"))), true),
        (json(&format!(r#""status":{}"#, nested("[", "]"))), true),
        (
            json(&format!(
                r#""BussiCallBackInfo":{{"complaint_order_id":1,"BussiCallBackInfo":{}}}"#,
                nested(r#"{"BussiCallBackInfo":"#, "}")
            )),
            true,
        ),
        (json(r#""history":[[[["#).repeat(1000), false),
        // A great many members and elements: a complaint's are bounded (a list beyond does not
        // fit), another event is not read beyond its name.
        (json(&format!(r#""history":[{}{{}}]"#, "{},".repeat(200_000))), true),
        (json(&format!(r#""customer_material_media_id_list":[{}""]"#, r#""a","#.repeat(200_000))), true),
        (json(&format!(r#""customer_material_media_id_list":"{}""#, "a,".repeat(400_000))), true),
        (json(&format!(r#""customer_material_media_id_list":"://{}""#, "a,".repeat(400_000))), true),
        // A link late in a long text, and a great many commas after it.
        (
            json(&format!(r#""customer_material_media_id_list":"{}://{}""#, "a".repeat(500_000), ",b".repeat(200_000))),
            true,
        ),
        (json(&format!(r#"{}"a":1"#, r#""a":1,"#.repeat(9_900))), true),
        (json(&format!(r#"{}"a":1"#, r#""a":1,"#.repeat(150_000))), false),
        (format!(r#"{{{}"a":1}}"#, r#""a":1,"#.repeat(150_000)), true),
        (format!(r#"{{"a":[{}1]}}"#, "1,".repeat(200_000)), true),
    ] {
        let label = text.chars().take(120).collect::<String>();
        let decoded = within(LONG, &label, || Push::decode(text.as_bytes()));
        assert_eq!(decoded.is_ok(), opens, "{label}");
        let received = within(LONG, &label, || open_plain(text.as_bytes()));
        assert_eq!(received.is_ok(), opens, "{label}");
        // As an envelope it holds no ciphertext.
        let refused =
            within(LONG, &label, || receiver(Mode::Secure).open(&query(""), text.as_bytes(), NOW).unwrap_err());
        assert!(matches!(refused, PushError::BadSignature | PushError::Malformed(_)), "{label}: {refused}");
    }
}

// What a complaint reads as.

#[rustfmt::skip]
const STATUSES: &[(i64, CallbackStatus)] = {
    use CallbackStatus as S;
    &[
        (101, S::AgentHandling101), (102, S::UserCancelled), (103, S::AgentHandling103), (104, S::AgentHandling104),
        (105, S::AgentHandling105), (106, S::MerchantEvidenceWanted), (107, S::AgentHandling107),
        (108, S::EvidenceWantedFromBoth), (109, S::AgentHandling109), (112, S::Finished112), (115, S::Finished115),
        (116, S::Finished116), (201, S::WaitingForMerchant), (202, S::MerchantTimedOut),
        (203, S::MerchantResponded203), (204, S::MerchantResponded204), (205, S::Closed205),
        (206, S::HandlingProofWanted), (207, S::VerifyingProof), (208, S::ProofTimedOut), (209, S::Closed209),
        (305, S::AgentHandling305), (307, S::AgentHandling307), (308, S::AwaitingReturn308),
        (309, S::AwaitingReturn309), (310, S::AgentHandling310), (311, S::DeliverySignatureAnomaly),
        (312, S::PlatformRefunding),
    ]
};

#[rustfmt::skip]
const TYPES: &[(i64, CallbackType)] = {
    use CallbackType as T;
    &[
        (1, T::Shipping), (2, T::Goods), (3, T::Service), (4, T::Other),
        (611, T::NotShippedOnTime), (612, T::RefusesToShip), (613, T::ShortOrWrongItems), (614, T::LogisticsStale),
        (621, T::ServiceNoReply621), (622, T::ServiceAbuse), (631, T::GiftPromise), (632, T::LogisticsPromise),
        (633, T::PromiseOther), (641, T::NotAsDescribed), (642, T::Damaged), (643, T::GoodsOther),
        (650, T::VehicleFaulty), (651, T::LockedStillBilled), (652, T::WrongFee), (653, T::ParkingFee),
        (654, T::FeeOther654), (655, T::RideCardStillBilled), (656, T::RideCardRefund), (657, T::DepositRefund),
        (658, T::BalanceRefund), (659, T::ServiceNoReply659), (660, T::NotEjectedButCharged),
        (661, T::PowerBankUnusable), (662, T::ReturnedButBilled), (663, T::DurationDisputed), (664, T::FeeOther664),
        (665, T::DepositReturn), (666, T::ServiceNoReply666), (667, T::TooFewReturnPoints), (668, T::BoughtByMistake),
        (670, T::FalseAdvertisement), (671, T::EpisodeCount), (672, T::PaidNotAsShown),
        (673, T::ContentNotAsAdvertised673), (674, T::Promotion), (675, T::ChargedTwice), (676, T::UnjustifiedCharge),
        (677, T::InconsistentCharge), (678, T::MinorPaid678), (679, T::Other679), (610_001, T::LessThanPromised),
        (610_002, T::ContentNotAsAdvertised), (610_003, T::CannotPlay), (610_004, T::MinorPaid),
        (610_005, T::Other610005),
    ]
};

/// A number in every way it may be written, in both formats.
fn spellings(name: &str, number: i64) -> Vec<String> {
    let json_values = [format!("{number}"), format!(r#""{number}""#), format!(r#"" {number} ""#)];
    let xml_values = [format!("{number}"), format!("<![CDATA[{number}]]>"), format!("\n\t{number} ")];
    let wrapped = |members: &str| xml(members).replace("BussiCallBackInfo>", "x>");
    json_values
        .iter()
        .map(|value| json(&format!(r#""{name}":{value}"#)))
        .chain(json_values.iter().map(|value| json(&format!(r#""BussiCallBackInfo":{{"{name}":{value}}}"#))))
        .chain(xml_values.iter().map(|value| xml(&format!("<{name}>{value}</{name}>"))))
        .chain(xml_values.iter().map(|value| wrapped(&format!("</x><{name}>{value}</{name}><x>"))))
        .collect()
}

#[test]
fn every_code_is_named_and_no_code_is_lost() {
    assert!(CallbackStatus::KNOWN.iter().eq(STATUSES.iter().map(|(_, status)| status)));
    assert!(CallbackType::KNOWN.iter().eq(TYPES.iter().map(|(_, kind)| kind)));
    assert_eq!(OptionType::KNOWN, [OptionType::FirstSubmission]);
    for (code, status) in STATUSES {
        assert_eq!((status.code(), status.is_known(), CallbackStatus::from(*code)), (*code, true, *status));
        for text in spellings("status", *code) {
            assert_eq!(complaint(&text).status, Some(*status), "{text}");
        }
    }
    for (code, kind) in TYPES {
        assert_eq!((kind.code(), kind.is_known(), CallbackType::from(*code)), (*code, true, *kind));
        for text in spellings("type", *code) {
            assert_eq!(complaint(&text).kind, Some(*kind), "{text}");
        }
    }
    for text in spellings("option_type", 1) {
        assert_eq!(complaint(&text).option_type, Some(OptionType::FirstSubmission));
    }
    for code in [0, -1, 2, 100, 110, 111, 200, 210, 306, 313, 669, 610_000, 610_006, i64::MAX, i64::MIN] {
        for name in ["status", "type", "option_type"] {
            for text in spellings(name, code) {
                let complaint = complaint(&text);
                let (read, known) = match name {
                    "status" => complaint.status.map(|status| (status.code(), status.is_known())).unwrap(),
                    "type" => complaint.kind.map(|kind| (kind.code(), kind.is_known())).unwrap(),
                    _ => complaint.option_type.map(|option| (option.code(), option.is_known())).unwrap(),
                };
                assert_eq!((read, known), (code, code == 2 && name == "type"), "{text}");
                let again = Push::of_complaint(NOW, complaint.clone());
                assert_eq!(decode(&again.to_xml()).complaint(), Some(&complaint));
                assert_eq!(decode(&serde_json::to_string(&again).unwrap()).complaint(), Some(&complaint));
            }
        }
    }
}

#[test]
fn numbers_read_alike_as_numbers_and_as_texts() {
    for number in [0, 1, -1, 5000, 1_744_244_406, i64::MAX, i64::MIN] {
        let time = Some(UnixTime(number));
        for (name, member) in [
            ("create_time", (|complaint| complaint.create_time) as fn(ComplaintCallback) -> Option<UnixTime>),
            ("expire_time", |complaint| complaint.expire_time),
            ("pay_time", |complaint| complaint.pay_time),
            ("total_cost", |complaint| complaint.total_cost.map(|Fen(fen)| UnixTime(fen))),
        ] {
            for text in spellings(name, number) {
                assert_eq!(member(complaint(&text)), time, "{text}");
            }
        }
        // Texts that hold digits stay texts, leading noughts and all.
        let digits = format!("00{}", number.unsigned_abs());
        for text in [
            xml(&format!("<phone_number>{digits}</phone_number><complaint_order_id>{digits}</complaint_order_id>")),
            json(&format!(r#""phone_number":"{digits}","complaint_order_id":"{digits}""#)),
        ] {
            let complaint = complaint(&text);
            assert_eq!(complaint.phone_number.unwrap().expose(), &digits);
            assert_eq!(complaint.complaint_order_id.unwrap(), digits);
        }
        if number >= 0 {
            let text = json(&format!(r#""phone_number":{number},"out_trade_no":{number}"#));
            assert_eq!(complaint(&text).phone_number.unwrap().expose(), &number.to_string());
            assert_eq!(complaint(&text).out_trade_no.unwrap(), number.to_string());
        }
        for text in [
            xml("").replace("1744244407", &number.to_string()),
            xml("").replace("1744244407", &format!("<![CDATA[{number}]]>")),
            json("").replace("1744244407", &number.to_string()),
            json("").replace("1744244407", &format!(r#""{number}""#)),
        ] {
            assert_eq!(decode(&text).create_time, time);
        }
    }
    for empty in [
        xml("<pay_time/><status></status><type> </type>"),
        json(r#""pay_time":null,"status":"","type":" ""#),
        json(r#""history":"","customer_material_media_id_list":"","BussiCallBackInfo":"""#),
        xml(""),
        json(""),
    ] {
        assert_eq!(complaint(&empty), ComplaintCallback::default(), "{empty}");
    }
}

/// The media ids of each history entry.
fn histories(text: &str) -> Vec<(Option<i64>, Vec<String>)> {
    let entries = complaint(text).history.into_iter();
    entries
        .map(|entry| (entry.time.map(|time| time.0), entry.media_id_list.iter().map(str::to_owned).collect()))
        .collect()
}

#[test]
fn history_is_none_one_or_many_in_both_formats() {
    let entry = |time: i64| (Some(time), vec![]);
    for (xml_members, json_members, expected) in [
        ("", "", vec![]),
        ("", r#""history":null"#, vec![]),
        ("", r#""history":[]"#, vec![]),
        ("", r#""history":"""#, vec![]),
        ("<history><time>1</time></history>", r#""history":{"time":"1"}"#, vec![entry(1)]),
        ("<history><time>1</time></history>", r#""history":[{"time":1}]"#, vec![entry(1)]),
        (
            "<history><time>2</time></history>\u{200b}<history><time>1</time></history>",
            r#""history":[{"time":2},{"time":"1"}]"#,
            vec![entry(2), entry(1)],
        ),
        (
            "<history><time>2</time></history><appid/><history><time>1</time></history><history><time>3</time></history>",
            r#""history":[{"time":2},null,{"time":1},{"time":3}]"#,
            vec![entry(2), entry(1), entry(3)],
        ),
        ("", r#""history":{ }"#, vec![]),
        ("<history/>", r#""history":[{}]"#, vec![(None, vec![])]),
    ] {
        assert_eq!(histories(&xml(xml_members)), expected, "{xml_members}");
        assert_eq!(histories(&json(json_members)), expected, "{json_members}");
    }
}

#[test]
fn media_ids_are_none_one_or_many_in_both_formats() {
    let siblings = |name: &str, ids: &[&str]| ids.iter().map(|id| format!("<{name}>{id}</{name}>")).collect::<String>();
    let cases: &[(&[&str], &str, &[&str])] = &[
        (&[], "null", &[]),
        (&[], "[]", &[]),
        (&[""], "{}", &[]),
        (&["", ""], r#"["",{},null]"#, &[]),
        (&[""], r#""""#, &[]),
        (&["", ""], r#"["",null,""]"#, &[]),
        (&["a"], r#""a""#, &["a"]),
        (&["<![CDATA[a]]>"], r#"["a"]"#, &["a"]),
        (&["123"], "123", &["123"]),
        (&["a,b"], r#""a,b""#, &["a", "b"]),
        (&["a", "b"], r#"["a","b"]"#, &["a", "b"]),
        (&[" a , b ", "c"], r#"["a , b","c"]"#, &["a", "b", "c"]),
        (&["https://h/a?x=1,2&amp;y", "b"], r#"["https://h/a?x=1,2&y","b"]"#, &["https://h/a?x=1,2&y", "b"]),
        (&["https://h/a,http://h/b"], r#""https://h/a,http://h/b""#, &["https://h/a", "http://h/b"]),
    ];
    for (elements, value, expected) in cases {
        let name = "customer_material_media_id_list";
        for text in [
            xml(&siblings(name, elements)),
            xml(&siblings(name, elements)).replace("BussiCallBackInfo", "x").replace("<x>", "").replace("</x>", ""),
            json(&format!(r#""{name}":{value}"#)),
        ] {
            let complaint = complaint(&text);
            let ids = &complaint.customer_material_media_id_list;
            assert!(ids.iter().eq(expected.iter().copied()), "{text}");
            assert_eq!(ids.is_empty(), expected.is_empty());
        }
        let expected = vec![(None, expected.iter().map(|id| (*id).to_owned()).collect())];
        let history = format!("<history>{}</history>", siblings("media_id_list", elements));
        assert_eq!(histories(&xml(&history)), expected);
        assert_eq!(histories(&json(&format!(r#""history":{{"media_id_list":{value}}}"#))), expected);
    }
    let name = "customer_material_media_id_list";
    assert!(complaint(&json("")).customer_material_media_id_list.is_empty());
    assert_eq!(decode(&json(&format!(r#""{name}":{{"a":"b"}}"#))).misfits()[0].place(), name);
}

#[test]
fn unknown_elements_are_kept_like_unknown_members() {
    let inside = |new: &str| {
        format!(
            "<complaint_order_id>7</complaint_order_id><new>{new}</new><!-- --><status>201</status><empty/>\
             <history><time>1</time><by>platform &amp; <![CDATA[payer]]></by></history><status2>soon</status2>"
        )
    };
    let event = "<MsgType>event</MsgType><Event>complaint_callback</Event>";
    let flat = |new: &str| format!("<xml>{event}{}</xml>", inside(new));
    let wrapped = |new: &str| format!("<xml>{event}<BussiCallBackInfo>{}</BussiCallBackInfo></xml>", inside(new));
    for (new, kept) in [
        ("canary 1 &lt; 2", r#""canary 1 < 2""#),
        ("<![CDATA[canary]]>", r#""canary""#),
        ("<a>canary</a><a/>", r#""<a>canary</a><a/>""#),
        ("", r#""""#),
    ] {
        for xml in [flat(new), wrapped(new), wrapped(new).replace("201", "soon")] {
            let push = decode(&xml);
            let complaint = push.complaint().unwrap();
            let unknown = |name: &&str| *name != "status";
            let names: Vec<_> = complaint.extra.iter().map(|(name, _)| name).filter(unknown).collect();
            assert_eq!(names, ["new", "empty", "status2"], "{xml}");
            assert_eq!(
                (complaint.extra.get("new"), complaint.extra.get("empty")),
                (Some(kept), Some(r#""""#)),
                "{xml}"
            );
            assert_eq!(complaint.history[0].extra.get("by"), Some(r#""platform & payer""#), "{xml}");
            assert_eq!(push.misfits().len(), usize::from(xml.contains("<status>soon")), "{xml}");
            assert_eq!(decode(&push.to_xml()), push, "{xml}");
            assert_eq!(decode(&serde_json::to_string(&push).unwrap()), push, "{xml}");
            assert!(!format!("{push:?}").contains("canary"), "{push:?}");
        }
        assert_eq!(decode(&flat(new)), decode(&wrapped(new)));
        // Two pushes that differ are not taken for one.
        assert_ne!(decode(&wrapped(new)).dedup_key(), decode(&wrapped("another")).dedup_key());
    }
    // A name from JSON that would be other markup in XML is left out there.
    let json = r#"{"Event":"complaint_callback","complaint_order_id":"7","a><b":"1","7":"1","ok":"1","":"1"}"#;
    let again = decode(&decode(json).to_xml());
    assert_eq!(again.complaint().unwrap().extra.iter().collect::<Vec<_>>(), [("ok", r#""1""#)]);
}

#[test]
fn unknown_elements_are_kept_up_to_a_number() {
    let xml = |unknown: usize| {
        format!("<xml><Event>complaint_callback</Event><appid>a</appid>{}</xml>", "<x/>".repeat(unknown))
    };
    const MOST: usize = MAX_UNKNOWN_ELEMENTS;
    for (unknown, kept) in [(MOST - 1, MOST - 1), (MOST, MOST), (MOST + 1, MOST)] {
        let push = decode(&xml(unknown));
        assert_eq!(push.complaint().unwrap().extra.iter().count(), kept);
        assert_eq!(decode(&serde_json::to_string(&push).unwrap()), push);
    }
}

#[test]
fn wrapped_and_flat_read_alike() {
    let flat_xml = "<xml><appid>a</appid><MsgType>event</MsgType><Event>complaint_callback</Event><status>201</status>\
                    <create_time>5</create_time><CreateTime>7</CreateTime><type>643</type><history><time>1</time>\
                    </history></xml>";
    let wrapped_xml = "<xml><CreateTime>7</CreateTime><MsgType>event</MsgType><Event>complaint_callback</Event>\
                       <BussiCallBackInfo><appid>a</appid><status>201</status><create_time>5</create_time>\
                       <type>643</type><history><time>1</time></history></BussiCallBackInfo></xml>";
    let flat_json = r#"{"appid":"a","MsgType":"event","Event":"complaint_callback","status":"201","create_time":"5",
                        "CreateTime":7,"type":"643","history":{"time":"1"}}"#;
    let wrapped_json = r#"{"CreateTime":7,"MsgType":"event","Event":"complaint_callback","BussiCallBackInfo":
                          {"appid":"a","status":201,"create_time":5,"type":643,"history":[{"time":1}]}}"#;
    let expected = decode(flat_xml);
    for text in [wrapped_xml, flat_json, wrapped_json] {
        assert_eq!(decode(text), expected, "{text}");
    }
    // Neither a name's case nor an underscore makes two members one.
    assert_eq!(expected.create_time, Some(UnixTime(7)));
    let complaint_of = expected.complaint().unwrap();
    assert_eq!((complaint_of.create_time, complaint_of.kind), (Some(UnixTime(5)), Some(CallbackType::GoodsOther)));
    assert_eq!((expected.msg_type.as_deref(), complaint_of.appid.as_deref()), (Some("event"), Some("a")));
    // What stands in the wrapper counts, where there is one; nothing is mixed.
    for text in [
        wrapped_xml.replace("<BussiCallBackInfo>", "<status>209</status><order_id>1</order_id><BussiCallBackInfo>"),
        wrapped_xml.replace("</xml>", "<status>209</status></xml>"),
        wrapped_json.replace("\"CreateTime\"", "\"status\":209,\"order_id\":\"1\",\"CreateTime\""),
    ] {
        assert_eq!(decode(&text).complaint(), Some(complaint_of), "{text}");
    }
    for text in [xml(""), json(""), json(r#""BussiCallBackInfo":null"#), json(r#""BussiCallBackInfo":{}"#)] {
        assert_eq!(complaint(&text), ComplaintCallback::default());
    }
}

#[test]
fn stray_text_between_elements_is_passed_over() {
    let expected = complaint(&xml("<appid>a</appid><status>201</status><history><time>1</time></history>"));
    for stray in [
        "\u{200b}",
        " // CDN link (expires)\n",
        "&amp;&#20;",
        "<![CDATA[<appid>]]>",
        "<!-- <appid>b</appid> -->",
        "]",
        "<x>y<z/></x>",
    ] {
        let members = format!(
            "{stray}<appid>a</appid>{stray}{stray}<status a='>'>201</status >{stray}<history>{stray}<time>1</time>{stray}</history>{stray}"
        );
        let text = xml(&members);
        let flat = text.replace("<BussiCallBackInfo>", stray).replace("</BussiCallBackInfo>", stray);
        for text in [text, flat] {
            let mut complaint = complaint(&text);
            // Text is passed over, and an unknown element is kept apart.
            let kept = [std::mem::take(&mut complaint.extra), std::mem::take(&mut complaint.history[0].extra)];
            assert!(kept.iter().all(|extra| extra.is_empty() != stray.starts_with("<x>")), "{text}");
            assert_eq!(complaint, expected, "{text}");
        }
    }
    // In a value it belongs to the text, as a zero-width space does.
    assert_eq!(complaint(&xml("<appid>\u{200b}a</appid>")).appid.as_deref(), Some("\u{200b}a"));
    for text in [
        format!("\u{feff}{}", xml("<appid>a</appid>")),
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- x -->\n{}\n<!-- x -->\n\u{200b}",
            xml("<appid>a</appid>")
        ),
    ] {
        assert_eq!(complaint(&text).appid.as_deref(), Some("a"));
    }
}

#[test]
fn control_characters_are_dropped_from_xml_texts() {
    let forbidden = (0..0x20u8).filter(|byte| !b"\t\n\r".contains(byte));
    for byte in forbidden {
        let raw = char::from(byte);
        for text in [
            format!("<![CDATA[没{raw}有]]>"),
            format!("没{raw}有"),
            format!("没&#{byte};有"),
            format!("没&#x{byte:X};有{raw}{raw}"),
        ] {
            let text = xml(&format!("{NUMBER}<customer_material_content>{text}</customer_material_content>"));
            assert_eq!(complaint(&text).customer_material_content.unwrap().expose(), "没有", "U+{byte:04X}");
            let sealed = open_sealed(Mode::Secure, Format::Json, &seal(&text)).unwrap();
            assert!(sealed.push().complaint().is_some());
        }
        // In JSON they can only stand escaped, which is not forbidden there.
        let text = json(&format!(r#""customer_material_content":"没\u{byte:04x}有""#));
        assert_eq!(complaint(&text).customer_material_content.unwrap().expose(), &format!("没{raw}有"));
    }
    let kept = "\t\n\u{7f}\u{85}\u{fffd}🚀";
    let text = xml(&format!("<product_name><![CDATA[{kept}]]></product_name>"));
    assert_eq!(complaint(&text).product_name.as_deref(), Some(kept));
}

#[test]
fn additions_of_the_platform_are_skipped_or_kept() {
    let text =
        xml("<new><appid>b</appid><history><time>x</time></history></new><appid>a</appid><history><x/></history>");
    let read = complaint(&text);
    assert_eq!((read.appid.as_deref(), read.history.len()), (Some("a"), 1));
    let read = decode(&json(r#""new":{"appid":"b"},"appid":"a","history":{"x":[1.50]}"#));
    let of = read.complaint().unwrap();
    assert_eq!((of.appid.as_deref(), of.extra.get("new")), (Some("a"), Some(r#"{"appid":"b"}"#)));
    assert_eq!(of.history[0].extra.get("x"), Some("[1.50]"));
    assert_eq!(of.extra.iter().count(), 1, "the envelope's members are not the complaint's");
    let written = serde_json::to_string(&read).unwrap();
    assert!(written.contains(r#""new":{"appid":"b"}"#) && written.contains(r#""x":[1.50]"#));
    assert_eq!(decode(&written), read);
}

// Deduplication and silence.

#[test]
fn the_key_is_the_same_in_copies_and_differs_between_changes() {
    let base = sample(Format::Xml);
    let key = |text: &str| decode(text).dedup_key();
    let expected = key(&base);
    // A copy: in another format or mode, sealed and signed anew.
    assert_eq!(key(&sample(Format::Json)), expected);
    for (mode, format) in [(Mode::Secure, Format::Xml), (Mode::Compatible, Format::Json)] {
        let received = open_sealed(mode, format, &seal(&base)).unwrap();
        assert_eq!(received.push().dedup_key(), expected);
    }
    // A change: of status, of kind, of time, of complaint; and within the same second of what was
    // said or shown.
    let changes = [
        base.replace("<status>201<", "<status>203<"),
        base.replace("<status>201</status>", ""),
        base.replace("<option_type>1<", "<option_type>2<"),
        base.replace("1744244407", "1744244408"),
        base.replace("2157", "2158"),
        base.replace("<complaint_order_id>2157</complaint_order_id>", ""),
        base.replace("没有发货", "x"),
        base.replace(
            "<appid>",
            "<customer_material_media_id_list>https://h/2</customer_material_media_id_list><appid>",
        ),
    ];
    let keys: BTreeSet<_> = changes.iter().chain([&base]).map(|text| key(text)).collect();
    assert_eq!(keys.len(), changes.len() + 1);
}

#[test]
fn the_key_holds_nothing_personal() {
    for text in canaries() {
        silent(&decode(&text).dedup_key());
    }
}

const CANARY: &str = "canary13900001234";

#[track_caller]
fn silent(shown: &impl Debug) {
    for text in [format!("{shown:?}"), format!("{shown:#?}")] {
        assert!(!text.contains("canary"), "a canary sings in: {text}");
    }
}

/// Pushes with a canary wherever something personal may stand.
fn canaries() -> Vec<String> {
    let of_xml = xml(&format!(
        "{NUMBER}<phone_number>{CANARY}</phone_number><open_id>{CANARY}</open_id><new>{CANARY}</new>\
         <customer_material_content>{CANARY}</customer_material_content>{CANARY}\
         <customer_material_media_id_list>{CANARY},https://h/{CANARY}</customer_material_media_id_list>\
         <history><content>{CANARY}</content><media_id_list>{CANARY}</media_id_list><new>{CANARY}</new></history>"
    ));
    let of_xml = of_xml.replace("<xml>", &format!("<xml><FromUserName>{CANARY}</FromUserName>"));
    let of_json = json(&format!(
        r#""complaint_order_id":7,"FromUserName":"{CANARY}","phone_number":"{CANARY}","open_id":"{CANARY}","new":"{CANARY}",
           "customer_material_content":"{CANARY}","customer_material_media_id_list":["{CANARY}","https://h/{CANARY}"],
           "history":{{"content":"{CANARY}","media_id_list":"{CANARY}","new":{{"x":"{CANARY}"}}}}"#
    ));
    let other = |text: &str| text.replace("complaint_callback", "another");
    vec![other(&of_xml), other(&of_json), of_xml, of_json, CANARY.to_owned()]
}

#[test]
fn pushes_show_nothing_personal() {
    for text in canaries() {
        let push = decode(&text);
        silent(&push);
        assert!(text.matches(CANARY).count() >= 1, "but it is there");
        if let Event::Other(document) = &push.content {
            assert_eq!(document.as_str(), text);
        }
        silent(&Push::decode(text.as_bytes()).unwrap());
        silent(&open_plain(text.as_bytes()));
        for mode in ENCRYPTED {
            silent(&open_sealed(mode, Format::Json, &seal(&text)).unwrap());
        }
    }
    let complaint = complaint(&canaries()[3]);
    silent(&complaint.history);
    silent(&complaint.customer_material_media_id_list);
    assert_eq!(serde_json::to_string(&complaint).unwrap().matches(CANARY).count(), 9, "but they are all there");
}

#[test]
fn configurations_show_no_secret() {
    let canary_key: [u8; 32] = format!("{CANARY}{CANARY}").as_bytes()[..32].try_into().unwrap();
    let text = STANDARD_NO_PAD.encode(canary_key);
    let key = || EncodingAesKey::read(&text).unwrap();
    let receiver = Receiver::new("wx1", Secret::new(CANARY.into()), Mode::Secure, Some(key())).unwrap();
    silent(&key());
    silent(&receiver);
    let shown = format!("{receiver:?} {:?}", key());
    assert!(!shown.contains(&text) && !shown.contains("99, 97, 110, 97, 114, 121"), "{shown}");
    assert!(shown.contains("wx1") && shown.contains("Secure"));
    silent(&EncodingAesKey::read(CANARY).unwrap_err());
}

/// Which value a receiver lacks.
fn missing(error: &BuildError) -> &'static str {
    match error {
        BuildError::Field { field, .. } => field,
        error => panic!("{error}"),
    }
}

#[test]
fn a_receiver_that_could_protect_nothing_is_not_made() {
    let new = |appid: &str, token: &str, mode, key| {
        Receiver::new(appid, Secret::new(token.into()), mode, key).err().map(|error| missing(&error))
    };
    for mode in ENCRYPTED {
        assert_eq!(new(APPID, TOKEN, mode, None), Some("the EncodingAESKey"));
        assert_eq!(new(APPID, "", mode, Some(key())), Some("the token"));
        assert_eq!(new("", TOKEN, mode, Some(key())), Some("the application id"));
    }
    assert_eq!(new(APPID, "", Mode::Plain, None), Some("the token"));
    assert_eq!(new("", TOKEN, Mode::Plain, None), Some("the application id"));
    assert_eq!(new(APPID, TOKEN, Mode::Plain, None), None);
}

#[test]
fn a_push_is_bounded_to_the_byte() {
    let mut body = vec![b' '; MAX_PUSH_BODY];
    body[0] = b'{';
    body[1] = b'}';
    assert!(open_plain(&body).is_ok());
    body.push(b' ');
    assert_eq!(open_plain(&body), Err(PushError::TooLarge));
}

#[test]
fn the_signed_parts_are_returned_and_not_shown() {
    let encrypt = seal("{}");
    let body = envelope(Format::Json, &encrypt);
    let parts = SignedParts::read(&query(&encrypt), body.as_bytes()).unwrap();
    assert_eq!((parts.timestamp.as_str(), parts.nonce.as_str()), (NOW.to_string().as_str(), NONCE));
    assert_eq!(parts.encrypt.as_deref(), Some(encrypt.as_str()));
    assert_eq!(parts.msg_signature, Some(sign(&[TOKEN, &NOW.to_string(), NONCE, &encrypt])));
    assert_eq!(parts.signature, Some(sign(&[TOKEN, &NOW.to_string(), NONCE])));
    let shown = format!("{parts:?}");
    assert!(shown.contains(&NOW.to_string()), "{shown}");
    for hidden in [NONCE, &encrypt, parts.signature.as_deref().unwrap(), parts.msg_signature.as_deref().unwrap()] {
        assert!(!shown.contains(hidden), "{shown}");
    }

    let clear = SignedParts::read(&plain_query(), b"<xml/>").unwrap();
    assert_eq!((clear.msg_signature, clear.encrypt), (None, None), "nothing of it is encrypted");
    assert_eq!(SignedParts::read("nonce=1", b""), Err(PushError::MissingParameter("timestamp")));
    let body = vec![b' '; MAX_PUSH_BODY + 1];
    assert_eq!(SignedParts::read(&plain_query(), &body), Err(PushError::TooLarge));
    assert!(SignedParts::read(&plain_query(), &body[1..]).is_ok());
}

#[test]
fn errors_quote_nothing() {
    let mut errors: Vec<PushError> = Vec::new();
    for text in [
        xml(&format!("<status>{CANARY}</status>")),
        xml(&format!("<appid><a>{CANARY}</a></appid>")),
        xml(&format!("<appid>&{CANARY};</appid>")),
        xml(&format!("<appid>&#{CANARY};</appid>")),
        xml(&format!("<?{CANARY}?>")),
        xml(&format!("<!DOCTYPE {CANARY}>")),
        xml(&format!("<a {CANARY}>{CANARY}")),
        xml(&format!("<appid {CANARY}=1>{CANARY}</a>")),
        xml(&format!("<![CDATA[{CANARY}")),
        xml(&format!("<!--{CANARY}")),
        xml(&format!("<appid>{CANARY}</appid><appid>{CANARY}</appid>")),
        format!("{}{CANARY}", xml("")),
        json(&format!(r#""status":"{CANARY}""#)),
        json(&format!(r#""status":"{CANARY}, expected {CANARY}""#)),
        json(&format!(r#""history":"{CANARY}""#)),
        json(&format!(r#""history":[["{CANARY}"]]"#)),
        json(&format!(r#""appid":["{CANARY}"]"#)),
        json(&format!(r#""BussiCallBackInfo":"{CANARY}""#)),
        json(&format!(r#""appid":"{CANARY}" {CANARY}"#)),
        json(&format!(r#""{CANARY}":"#)),
        json("").replace("1744244407", &format!(r#""{CANARY}""#)),
        xml("").replace("1744244407", CANARY),
        sample(Format::Xml).replace(APPID, CANARY),
    ] {
        errors.extend(Push::decode(text.as_bytes()).err().map(PushError::from));
        for opened in [open_plain(text.as_bytes()), open_sealed(Mode::Secure, Format::Xml, &seal(&text))] {
            match opened {
                Ok(received) => {
                    let misfits = received.push().misfits();
                    assert!(!misfits.is_empty(), "{text}");
                    assert!(!format!("{received:?}{misfits:?}{}", misfits[0]).contains(CANARY), "{text}");
                }
                Err(error) => errors.push(error),
            }
        }
        errors.push(receiver(Mode::Secure).open(&query(""), text.as_bytes(), NOW).unwrap_err());
    }
    let encrypt = seal(CANARY);
    for (query, body) in [
        (query(CANARY), envelope(Format::Xml, CANARY)),
        (query(CANARY), envelope(Format::Json, CANARY)),
        (query(&encrypt), format!(r#"{{"Encrypt":["{CANARY}"]}}"#)),
        (query(&encrypt), format!("<xml><Encrypt><a>{CANARY}</a></Encrypt></xml>")),
        (query(&encrypt), CANARY.to_owned()),
        (plain_query(), CANARY.to_owned()),
        (query(&encrypt).replace(NONCE, &format!("{CANARY}-")), envelope(Format::Xml, &encrypt)),
        (query(&encrypt).replace(&NOW.to_string(), CANARY), envelope(Format::Xml, &encrypt)),
        (format!("signature={CANARY}&{CANARY}"), CANARY.to_owned()),
    ] {
        errors.push(receiver(Mode::Secure).open(&query, body.as_bytes(), NOW).unwrap_err());
        errors.extend(receiver(Mode::Secure).verify_url(&query, NOW).err());
    }
    let foreign = seal_for(CANARY, CANARY.as_bytes());
    errors.push(open_sealed(Mode::Secure, Format::Json, &foreign).unwrap_err());
    for error in errors {
        silent(&error);
        silent(&error.to_string());
    }
}
