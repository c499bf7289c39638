//! Properties of every push: both codecs round-trip, one changed byte is refused, no input panics,
//! and a second XML reader reads the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what must hold"
)]

use proptest::prelude::*;
use protocol_core::complaint::Fen;
use protocol_core::mini_program::{
    ComplaintCallback, EncodingAesKey, Event, Format, HistoryEntry, MediaIds, Mode, Push, PushError, Received, Receiver,
};
use protocol_core::{Personal, Secret, UnixTime};

const APPID: &str = "wx0123456789abcdef";
const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const NOW: UnixTime = UnixTime(1_744_244_408);

const REAL_JSON: &str = include_str!("vectors/wechat-mp/events/ComplaintCallbackEvent.1.json");
const WRAPPED_XML: &str = include_str!("vectors/wechat-mp/events/ComplaintCallbackEvent.xml");
const FLAT_XML: &str = include_str!("vectors/wechat-mp/events/ComplaintCallbackEvent.flat-2021.xml");

fn receiver(mode: Mode) -> Receiver {
    let key = EncodingAesKey::read(KEY).unwrap();
    Receiver::new(APPID, Secret::new(b"T0ken".to_vec()), mode, Some(key)).unwrap()
}

/// Text as a payer may write it, with what is special in XML and JSON. No character that XML
/// forbids.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "\\PC{1,6}",
        1 => Just("]]>".to_owned()),
        1 => Just("]]".to_owned()),
        1 => Just("<![CDATA[".to_owned()),
        1 => Just("&amp;&#60;&x;".to_owned()),
        1 => Just("</xml><!--".to_owned()),
        1 => Just("\"\\u0041\\".to_owned()),
        1 => Just("\t\n \u{200b}\u{feff}\u{2028}".to_owned()),
        1 => Just("🚀𠮷投".to_owned()),
        1 => Just("payorder@_".to_owned()),
        1 => "[0-9]{1,20}",
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn media() -> impl Strategy<Value = MediaIds> {
    let id = prop_oneof![text(), "https://[a-z]{1,4}/[a-z?=,&]{0,8}", "[a-zA-Z0-9_-]{1,10}"];
    prop::collection::vec(id, 0..4).prop_map(|ids| ids.iter().collect())
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), 0..700i64, Just(0)]
}

prop_compose! {
    fn entry()(
        time in prop::option::of(number()), content in prop::option::of(text()), media_id_list in media(),
    ) -> HistoryEntry {
        let mut entry = HistoryEntry::default();
        entry.time = time.map(UnixTime);
        entry.content = content.map(Personal::new);
        entry.media_id_list = media_id_list;
        entry
    }
}

prop_compose! {
    fn any_complaint()(
        texts in prop::collection::vec(prop::option::of(text()), 8),
        numbers in prop::collection::vec(prop::option::of(number()), 7),
        media in media(),
        history in prop::collection::vec(entry(), 0..4),
    ) -> ComplaintCallback {
        let mut texts = texts.into_iter();
        let mut text = || texts.next().unwrap();
        let mut numbers = numbers.into_iter();
        let mut number = || numbers.next().unwrap();
        let mut complaint = ComplaintCallback::default();
        complaint.appid = text();
        complaint.complaint_order_id = text();
        complaint.order_id = text();
        complaint.out_trade_no = text();
        complaint.product_name = text();
        complaint.phone_number = text().map(Personal::new);
        complaint.open_id = text().map(Personal::new);
        complaint.customer_material_content = text().map(Personal::new);
        complaint.option_type = number().map(Into::into);
        complaint.status = number().map(Into::into);
        complaint.kind = number().map(Into::into);
        complaint.create_time = number().map(UnixTime);
        complaint.expire_time = number().map(UnixTime);
        complaint.pay_time = number().map(UnixTime);
        complaint.total_cost = number().map(Fen);
        complaint.customer_material_media_id_list = media;
        complaint.history = history;
        complaint
    }
}

prop_compose! {
    fn any_push()(
        complaint in any_complaint(), create_time in number(), to in prop::option::of(text()),
        from in prop::option::of(text()), alias in any::<bool>(),
    ) -> Push {
        let mut push = Push::of_complaint(UnixTime(create_time), complaint);
        push.to_user_name = to;
        push.from_user_name = from.map(Personal::new);
        if alias {
            push.event = Some("complaint callback".to_owned());
        }
        push
    }
}

fn decode(text: &str) -> Push {
    Push::decode(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}")).trust_anyway()
}

/// A valid push with a few bytes changed, put in or cut off, or bytes that never were one.
fn spoilt() -> impl Strategy<Value = Vec<u8>> {
    let valid = prop::sample::select(vec![REAL_JSON, WRAPPED_XML, FLAT_XML]);
    // What the codecs look at, more often than any byte.
    let byte = prop_oneof![any::<u8>(), prop::sample::select(b"<>/&;#!?[]{}\":,-x0 \n\0\x0b".to_vec())];
    let changes = prop::collection::vec((any::<prop::sample::Index>(), byte, 0..3u8), 0..5);
    prop_oneof![
        6 => (valid, changes, any::<prop::sample::Index>(), prop::bool::weighted(0.8)).prop_map(
            |(valid, changes, cut, whole)| {
                let mut bytes = valid.as_bytes().to_vec();
                for (at, byte, how) in changes {
                    let at = at.index(bytes.len());
                    match how {
                        0 => bytes[at] = byte,
                        1 => bytes.insert(at, byte),
                        _ => drop(bytes.remove(at)),
                    }
                }
                if !whole {
                    bytes.truncate(cut.index(bytes.len()));
                }
                bytes
            }
        ),
        1 => prop::collection::vec(any::<u8>(), 0..100),
        1 => "[<>/!?&;#\\[\\]{}\":, a-c0-9]{0,60}".prop_map(String::into_bytes),
    ]
}

/// Elements of a complaint, in every way XML has to write a text.
fn written_elements() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[^<&\\r\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\]\u{fffe}\u{ffff}]{0,6}",
        "[^\\r\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\]\u{fffe}\u{ffff}]{0,6}".prop_map(|text| format!("<![CDATA[{text}]]>")),
        prop::sample::select(vec!["&lt;", "&gt;", "&amp;", "&apos;", "&quot;", "&#x6295;", "&#128640;", "&#9;", "]"])
            .prop_map(str::to_owned),
        Just("<!-- no text -->".to_owned()),
        Just("<![CDATA[]]]]><![CDATA[>]]>".to_owned()),
    ];
    let texts = prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat());
    let name = prop::sample::select(vec![
        "appid",
        "order_id",
        "out_trade_no",
        "product_name",
        "phone_number",
        "open_id",
        "customer_material_content",
        "unknown",
        "history",
        "Appid",
    ]);
    let element = (name, texts.clone(), texts, any::<bool>()).prop_map(|(name, text, stray, attribute)| {
        let attribute = if attribute { " a=\"&lt;'\" b='\"'" } else { "" };
        let text = if name == "history" { format!("{stray}<content>{text}</content>{stray}") } else { text };
        format!("<{name}{attribute}>{text}</{name}\n>{stray}")
    });
    prop::collection::vec(element, 0..8).prop_map(|elements| elements.concat())
}

/// The texts that two readers have to agree on, in order: of the envelope, of the complaint, of its
/// history.
type Texts = (Vec<Option<String>>, Vec<Option<String>>, Vec<Option<String>>);

/// This library keeps ends of lines unchanged, and a conforming reader does not.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn texts_of(push: &Push, complaint: &ComplaintCallback) -> Texts {
    let plain = |value: &Option<String>| value.as_deref().map(lines);
    let personal = |value: &Option<Personal<String>>| value.as_ref().map(|value| lines(value.expose()));
    (
        vec![plain(&push.to_user_name), personal(&push.from_user_name), plain(&push.msg_type), plain(&push.event)],
        vec![
            plain(&complaint.appid),
            plain(&complaint.complaint_order_id),
            plain(&complaint.order_id),
            plain(&complaint.out_trade_no),
            plain(&complaint.product_name),
            personal(&complaint.phone_number),
            personal(&complaint.open_id),
            personal(&complaint.customer_material_content),
        ],
        complaint.history.iter().map(|entry| personal(&entry.content)).collect(),
    )
}

/// The same by the other reader.
fn texts_by_another_reader(xml: &str) -> Option<Texts> {
    fn text(holder: roxmltree::Node<'_, '_>, name: &str) -> Option<String> {
        let element = holder.children().find(|child| child.has_tag_name(name))?;
        let pieces = element.children().filter(roxmltree::Node::is_text);
        Some(lines(&pieces.filter_map(|piece| piece.text()).collect::<String>()))
    }

    let document = roxmltree::Document::parse(xml).ok()?;
    let root = document.root_element();
    let holder = root.children().find(|child| child.has_tag_name("BussiCallBackInfo")).unwrap_or(root);
    let all = |holder, names: &[&str]| names.iter().map(|name| text(holder, name)).collect();
    let members = [
        "appid",
        "complaint_order_id",
        "order_id",
        "out_trade_no",
        "product_name",
        "phone_number",
        "open_id",
        "customer_material_content",
    ];
    let entries = holder.children().filter(|child| child.has_tag_name("history"));
    Some((
        all(root, &["ToUserName", "FromUserName", "MsgType", "Event"]),
        all(holder, &members),
        entries.map(|entry| text(entry, "content")).collect(),
    ))
}

/// Whether both readers took the document; if they did, they have read the same.
fn readers_agree(xml: &str) -> bool {
    let Ok(push) = Push::decode(xml.as_bytes()) else { return false };
    let push = push.trust_anyway();
    let (Some(complaint), Some(texts)) = (push.complaint(), texts_by_another_reader(xml)) else { return false };
    // The other reader takes the first of two that differ; this library takes neither.
    if push.misfits().iter().any(|misfit| misfit.expected().contains("several times")) {
        return false;
    }
    assert_eq!(texts_of(&push, complaint), texts, "{xml}");
    true
}

#[test]
fn both_readers_take_the_samples() {
    for xml in [WRAPPED_XML, FLAT_XML] {
        assert!(readers_agree(xml));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_push_comes_back_from_xml_and_from_json(push in any_push()) {
        let xml = push.to_xml();
        let json = serde_json::to_string(&push).unwrap();
        assert_eq!(&decode(&xml), &push);
        assert_eq!(&decode(&json), &push);
        // And so does what was read from the other one.
        assert_eq!(decode(&json).to_xml(), xml);
        assert_eq!(serde_json::to_string(&decode(&xml)).unwrap(), json);
        assert_eq!(decode(&xml).dedup_key(), push.dedup_key());
    }

    #[test]
    fn a_complaint_comes_back_from_its_own_json(complaint in any_complaint()) {
        let json = serde_json::to_string(&complaint).unwrap();
        assert_eq!(&serde_json::from_str::<ComplaintCallback>(&json).unwrap(), &complaint);
        // In the wrapper that newer XML has.
        let wrapped = format!(r#"{{"Event":"complaint_callback","BussiCallBackInfo":{json}}}"#);
        assert_eq!(decode(&wrapped).complaint(), Some(&complaint));
    }

    #[test]
    fn written_xml_reads_alike_in_another_reader(push in any_push()) {
        // U+FFFE and U+FFFF do not come up: they are no characters, `\PC` leaves them out.
        let xml = push.to_xml();
        assert!(roxmltree::Document::parse(&xml).is_ok(), "{xml}");
        assert!(readers_agree(&xml));
    }

    #[test]
    fn a_sealed_push_opens_in_every_format(
        push in any_push(), number in "[0-9]{1,64}", random in any::<[u8; 16]>(), nonce in "[0-9a-zA-Z]{1,64}",
    ) {
        let mut complaint = push.complaint().unwrap().clone();
        complaint.appid = Some(APPID.to_owned());
        complaint.complaint_order_id = Some(number);
        let mut push = push;
        push.content = Event::Complaint(Box::new(complaint));
        for message in [push.to_xml(), serde_json::to_string(&push).unwrap()] {
            for format in [Format::Xml, Format::Json] {
                let (query, body) = receiver(Mode::Secure).secure_push(format, &message, &random, NOW, &nonce).unwrap();
                for mode in [Mode::Secure, Mode::Compatible] {
                    let received = receiver(mode).open(&query, body.as_bytes(), NOW).unwrap();
                    assert_eq!(received.push(), &push);
                }
            }
        }
    }

    /// Of the query and the body, what the signature covers; and nothing else changes what is read.
    #[test]
    fn one_changed_byte_of_a_secure_push_is_refused(
        message in text(), json in any::<bool>(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let format = if json { Format::Json } else { Format::Xml };
        let message = format!("m{message}");
        let (query, body) = receiver(Mode::Secure).secure_push(format, &message, b"0123456789abcdef", NOW, "n0nce").unwrap();
        let covered = |whole: &str, part: &str| {
            let start = whole.find(part).unwrap() + part.len();
            start..start + whole[start..].find(|end: char| !end.is_ascii_alphanumeric() && !"+/=".contains(end)).unwrap_or(whole.len() - start)
        };
        let start = if json { "\"Encrypt\":\"" } else { "<Encrypt><![CDATA[" };
        let encrypt = covered(&body, start);
        let parts = ["&timestamp=", "&nonce=", "&msg_signature="].map(|part| covered(&query, part));
        assert!(encrypt.len() >= 64 && parts.iter().all(|part| part.len() >= 5));

        let change = |whole: &str, at: usize| {
            let mut bytes = whole.as_bytes().to_vec();
            let before = std::mem::replace(&mut bytes[at], byte);
            (before != byte).then_some(bytes)
        };
        let open = |query: &str, body: &[u8]| receiver(Mode::Secure).open(query, body, NOW);
        let whole = open(&query, body.as_bytes()).unwrap();
        if let Some(changed) = change(&body, encrypt.start + at.index(encrypt.len())) {
            assert!(open(&query, &changed).is_err());
        }
        if let Some(changed) = change(&body, at.index(body.len()))
            && let Ok(received) = open(&query, &changed)
        {
            assert!(!encrypt.contains(&at.index(body.len())));
            assert_eq!(&received, &whole);
        }
        for part in parts.iter() {
            let at = part.start + at.index(part.len());
            if let Some(changed) = change(&query, at).and_then(|changed| String::from_utf8(changed).ok()) {
                assert!(open(&changed, body.as_bytes()).is_err(), "{changed}");
            }
        }
        if let Some(changed) = change(&query, at.index(query.len())).and_then(|changed| String::from_utf8(changed).ok())
            && let Ok(received) = open(&changed, body.as_bytes())
        {
            assert!(!parts.iter().any(|part| part.contains(&at.index(query.len()))), "{changed}");
            assert_eq!(received, whole);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic_and_what_decodes_is_stable(bytes in spoilt()) {
        if let Ok(push) = Push::decode(&bytes) {
            let push = push.trust_anyway();
            if push.complaint().is_some() {
                let again = decode(&serde_json::to_string(&push).unwrap());
                assert_eq!(&again, &push);
                // Control characters are lost in XML; once.
                let xml = decode(&push.to_xml()).to_xml();
                assert_eq!(decode(&xml).to_xml(), xml);
            } else {
                let Event::Other(document) = &push.content else { panic!("no complaint") };
                assert_eq!(&decode(document.as_str()), &push);
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        let timestamp = NOW.to_string();
        let query = |parts: &[&str]| {
            let (query, _) = receiver(Mode::Secure).secure_push(Format::Xml, "", b"0123456789abcdef", NOW, "n").unwrap();
            let (signature, _) = query.split_once('&').unwrap();
            format!("{signature}&timestamp={timestamp}&nonce=n&{}", parts.concat())
        };
        // A message is read without the characters that no document may have.
        let forbidden = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}');
        let decoded = Push::decode(text.replace(forbidden, "").as_bytes()).map(|push| push.trust_anyway());
        let read = |opened: Result<Received, PushError>| match opened {
            Ok(received) => assert_eq!(Ok(received.push()), decoded.as_ref()),
            Err(PushError::WrongAppid) => assert!(decoded.as_ref().unwrap().complaint().is_some()),
            // What an identity would lose is not known of the text that lost it before.
            Err(PushError::Unreadable { error, .. }) if error.to_string().contains("a text without dropped or replaced characters") => {}
            Err(PushError::Unreadable { error, .. }) => match &decoded {
                // It is read, and does not say which complaint it is.
                Ok(push) => assert!(push.complaint().is_some() && error.to_string().contains("`complaint_order_id`")),
                Err(read) => assert_eq!(&error, read),
            },
            Err(error) => panic!("{error}"),
        };
        // Under a signature of the query, as a message in clear; and as an envelope.
        read(receiver(Mode::Plain).open(&query(&[]), &bytes, NOW));
        assert!(receiver(Mode::Secure).open(&query(&["msg_signature=0"]), &bytes, NOW).is_err());
        // Validly sealed.
        for format in [Format::Xml, Format::Json] {
            let (query, body) = receiver(Mode::Secure).secure_push(format, &text, b"0123456789abcdef", NOW, "n").unwrap();
            read(receiver(Mode::Secure).open(&query, body.as_bytes(), NOW));
        }
        // As a query, and as a key.
        assert!(receiver(Mode::Plain).open(&text, b"{}", NOW).is_err());
        assert!(receiver(Mode::Secure).open(&text, b"{}", NOW).is_err());
        assert!(receiver(Mode::Secure).verify_url(&text, NOW).is_err());
        let _ = EncodingAesKey::read(&text);
    }

    #[test]
    fn no_key_and_no_query_panics(
        key in "[a-zA-Z0-9+/=\u{e9}-]{40,46}",
        parts in prop::collection::vec(("timestamp|nonce|signature|msg_signature|echostr|encrypt_type|x|", "[0-9a-f%+&=\u{e9}]{0,12}"), 0..8),
        now in any::<i64>(),
    ) {
        let good = key.len() == 43 && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte));
        assert_eq!(EncodingAesKey::read(&key).is_ok(), good);
        let query = parts.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        for mode in [Mode::Plain, Mode::Compatible, Mode::Secure] {
            assert!(receiver(mode).open(&query, br#"{"Encrypt":"AAAA"}"#, UnixTime(now)).is_err());
            assert!(receiver(mode).verify_url(&query, UnixTime(now)).is_err());
        }
    }

    /// A text that both readers read from a damaged document is the same.
    #[test]
    fn another_reader_agrees_on_spoilt_documents(bytes in spoilt()) {
        if let Ok(text) = std::str::from_utf8(&bytes) {
            readers_agree(text);
        }
    }

    #[test]
    fn another_reader_agrees_on_every_way_to_write_a_text(elements in written_elements(), flat in any::<bool>()) {
        let inside = if flat { elements } else { format!("<BussiCallBackInfo>{elements}</BussiCallBackInfo>") };
        let xml = format!("<xml><Event>complaint_callback</Event>{inside}</xml>");
        // Both take everything else than two that differ.
        let twice = match Push::decode(xml.as_bytes()) {
            Ok(push) => !push.peek().misfits().is_empty(),
            Err(error) => error.to_string().contains("stands twice"),
        };
        assert_eq!(readers_agree(&xml), !twice, "{xml}");
    }
}
