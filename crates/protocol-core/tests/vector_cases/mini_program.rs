//! The Mini Program's message push: ciphers, signatures, events.

use protocol_core::complaint::Fen;
use protocol_core::mini_program::{
    CallbackStatus, CallbackType, ComplaintCallback, Document, EncodingAesKey, Event, Format, HistoryEntry, Mode,
    OptionType, Push, PushError, Received, Receiver,
};
use protocol_core::{Fault, Personal, Secret, UnixTime};
use serde_json::{Map, Value};
use sha1::{Digest as _, Sha1};

use super::Outcome::{self, Accept, Refuse};
use super::{base64, json, list, number, text};

/// Length of `msg_len` and of the random bytes before it.
const FRAME: usize = 20;

/// SHA-1 over the sorted pieces, without the library.
fn sign(pieces: &[&str]) -> String {
    let mut sorted = pieces.to_vec();
    sorted.sort_unstable();
    Sha1::digest(sorted.concat()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn receiver_as(vector: &Value, mode: Mode, appid: &str, key: &str) -> Receiver {
    let token = Secret::new(text(vector, "token").as_bytes().to_vec());
    Receiver::new(appid, token, mode, Some(EncodingAesKey::read(key).unwrap())).unwrap()
}

fn receiver(vector: &Value, mode: Mode) -> Receiver {
    receiver_as(vector, mode, text(vector, "receive_id"), text(vector, "encodingAESKey"))
}

fn now(vector: &Value) -> UnixTime {
    UnixTime(text(vector, "timestamp").parse().unwrap())
}

fn random(vector: &Value) -> [u8; 16] {
    text(vector, "random16").as_bytes().try_into().unwrap()
}

/// As published, or as two other implementations computed it where nothing is published.
fn msg_signature(vector: &Value) -> &str {
    let name = if vector["msg_signature"].is_string() { "msg_signature" } else { "msg_signature_computed" };
    text(vector, name)
}

fn query(timestamp: &str, nonce: &str, msg_signature: &str) -> String {
    format!("timestamp={timestamp}&nonce={nonce}&openid=o&encrypt_type=aes&msg_signature={msg_signature}")
}

fn query_of(vector: &Value) -> String {
    query(text(vector, "timestamp"), text(vector, "nonce"), msg_signature(vector))
}

/// The envelope of a secure push around the ciphertext, in every valid form.
fn envelopes(encrypt: &str) -> [String; 4] {
    [
        format!(r#"{{"ToUserName":"gh_97417a04a28d","Encrypt":"{encrypt}"}}"#),
        format!(r#"{{"Encrypt": "{}", "AgentID": 218}}"#, encrypt.replace('/', "\\/")),
        format!(
            "<xml><ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName>\n<Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>"
        ),
        format!("<xml><Encrypt>{encrypt}</Encrypt><AgentID>218</AgentID></xml>"),
    ]
}

/// The message of a verified push that is no complaint.
fn verified_document(received: &Received) -> &Document {
    let Received::Verified(push) = received else { panic!("an encrypted push is verified") };
    let Event::Other(document) = &push.content else { panic!("no complaint") };
    document
}

pub(crate) fn opens(file: &[u8]) -> Outcome {
    let vectors = json(file);
    for vector in vectors.as_array().unwrap() {
        let name = text(vector, "name");
        let plaintext = text(vector, "plaintext");
        for mode in [Mode::Secure, Mode::Compatible] {
            for body in envelopes(text(vector, "encrypt")) {
                let received = receiver(vector, mode).open(&query_of(vector), body.as_bytes(), now(vector)).unwrap();
                let document = verified_document(&received);
                assert_eq!(document.as_str(), plaintext, "{name}");
                let format = match document {
                    Document::Json(_) => '{',
                    Document::Xml(_) => '<',
                    _ => plaintext.chars().next().filter(|first| !"{<".contains(*first)).unwrap(),
                };
                assert!(plaintext.starts_with(format), "{name}");
            }
        }
    }
    Accept
}

pub(crate) fn seals(file: &[u8]) -> Outcome {
    let vectors = json(file);
    for vector in vectors.as_array().unwrap() {
        let receiver = receiver(vector, Mode::Secure);
        let (random, now, nonce) = (random(vector), now(vector), text(vector, "nonce"));
        for format in [Format::Json, Format::Xml] {
            let (query, body) =
                receiver.secure_push(format, text(vector, "plaintext"), &random, now, nonce).expect("there is a key");
            assert_eq!(encrypt_of(&body), text(vector, "encrypt"));
            let parameter = |name: &str| {
                let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
                value.unwrap_or_else(|| panic!("{name} is missing")).to_owned()
            };
            assert_eq!(parameter("msg_signature"), msg_signature(vector));
            assert_eq!(parameter("encrypt_type"), "aes");
            assert_eq!((&*parameter("timestamp"), &*parameter("nonce")), (text(vector, "timestamp"), nonce));
            let signature = sign(&[text(vector, "token"), text(vector, "timestamp"), nonce]);
            assert_eq!(parameter("signature"), signature);
            assert!(vector.get("signature").is_none_or(|published| *published == *signature));
            receiver.open(&query, body.as_bytes(), now).unwrap();

            let reply =
                receiver.encrypted_reply(format, text(vector, "plaintext"), &random, now, nonce).expect("a key");
            let expected = [text(vector, "encrypt"), msg_signature(vector), text(vector, "timestamp"), nonce];
            assert_eq!(reply_parts(format, &reply), expected);
        }
    }
    Accept
}

/// The ciphertext of a body of either format, without the library.
fn encrypt_of(body: &str) -> String {
    if body.starts_with('<') {
        let document = roxmltree::Document::parse(body).unwrap();
        element_text(child(document.root_element(), "Encrypt"))
    } else {
        text(&json(body.as_bytes()), "Encrypt").to_owned()
    }
}

/// The four parts of an encrypted reply; neither fewer nor more, each of its kind.
fn reply_parts(format: Format, reply: &str) -> [String; 4] {
    match format {
        Format::Json => {
            let reply = json(reply.as_bytes());
            assert_eq!(reply.as_object().unwrap().len(), 4);
            let part = |name| text(&reply, name).to_owned();
            [part("Encrypt"), part("MsgSignature"), number(&reply, "TimeStamp").to_string(), part("Nonce")]
        }
        Format::Xml => {
            let document = roxmltree::Document::parse(reply).unwrap();
            let root = document.root_element();
            assert_eq!((root.tag_name().name(), root.children().count()), ("xml", 4));
            ["Encrypt", "MsgSignature", "TimeStamp", "Nonce"].map(|name| element_text(child(root, name)))
        }
    }
}

pub(crate) fn documented_push(file: &[u8]) -> Outcome {
    let vectors = json(file);
    let vector = &vectors[0];
    let (_, query) = text(vector, "url").split_once('?').unwrap();
    let received =
        receiver(vector, Mode::Secure).open(query, text(vector, "body_json").as_bytes(), now(vector)).unwrap();
    let push = received.push();
    let inner = json(text(vector, "plaintext").as_bytes());
    assert_eq!(push.to_user_name.as_deref(), inner["ToUserName"].as_str());
    assert_eq!(push.from_user_name.as_ref().map(|name| name.expose().as_str()), inner["FromUserName"].as_str());
    assert_eq!(push.create_time, Some(now(vector)));
    assert_eq!((push.msg_type.as_deref(), push.event.as_deref()), (Some("event"), Some("debug_demo")));
    assert_eq!(verified_document(&received).as_str(), text(vector, "plaintext"));
    Accept
}

pub(crate) fn documented_reply(file: &[u8]) -> Outcome {
    let vectors = json(file);
    let vector = vectors.as_array().unwrap().iter().find(|vector| vector["reply_json"].is_object()).unwrap();
    let reply = |format| {
        let receiver = receiver(vector, Mode::Secure);
        let message = text(vector, "plaintext");
        receiver.encrypted_reply(format, message, &random(vector), now(vector), text(vector, "nonce")).unwrap()
    };
    assert_eq!(json(reply(Format::Json).as_bytes()), vector["reply_json"]);
    // The documented form: everything in CDATA but the time.
    let xml = format!(
        "<xml><Encrypt><![CDATA[{}]]></Encrypt><MsgSignature><![CDATA[{}]]></MsgSignature><TimeStamp>{}</TimeStamp>\
         <Nonce><![CDATA[{}]]></Nonce></xml>",
        text(vector, "encrypt"),
        text(vector, "msg_signature"),
        text(vector, "timestamp"),
        text(vector, "nonce"),
    );
    assert_eq!(reply(Format::Xml), xml);
    Accept
}

/// The file's other facts about its messages: spare bits of the keys, lengths, paddings.
pub(crate) fn facts(file: &[u8]) -> Outcome {
    use ::base64::Engine as _;
    use ::base64::engine::general_purpose::STANDARD;

    let vectors = json(file);
    let mut spare_bits = 0;
    for vector in vectors.as_array().unwrap() {
        let canonical = STANDARD.decode(format!("{}=", text(vector, "encodingAESKey"))).is_ok();
        assert_eq!(vector["encodingAESKey_is_canonical_base64"], canonical);
        spare_bits += usize::from(!canonical);
        let framed = FRAME + text(vector, "plaintext").len() + text(vector, "receive_id").len();
        assert_eq!(number(vector, "full_len_before_pad"), framed as i64);
        let ciphertext = base64(text(vector, "encrypt"));
        assert_eq!(number(vector, "ciphertext_len"), ciphertext.len() as i64);
        assert_eq!(number(vector, "pad_len"), (ciphertext.len() - framed) as i64);
        receiver(vector, Mode::Secure).open(&query_of(vector), &secure_body(vector), now(vector)).unwrap();
    }
    assert_eq!(spare_bits, 4);
    Accept
}

fn secure_body(vector: &Value) -> Vec<u8> {
    envelopes(text(vector, "encrypt"))[0].clone().into_bytes()
}

/// A character of the text made another of its kind.
fn another(text: &str, at: usize) -> String {
    let replacement = |byte| match byte {
        b'9' => '0',
        b'z' => 'a',
        b'Z' => 'A',
        b'0'..=b'8' | b'a'..=b'y' | b'A'..=b'Y' => char::from(byte + 1),
        _ => 'A',
    };
    let changed = format!("{}{}{}", &text[..at], replacement(text.as_bytes()[at]), &text[at + 1..]);
    assert_ne!(changed, text);
    changed
}

pub(crate) fn changed(file: &[u8]) -> Outcome {
    let vectors = json(file);
    for vector in vectors.as_array().unwrap() {
        let receiver = receiver(vector, Mode::Secure);
        let parts = [text(vector, "timestamp"), text(vector, "nonce"), msg_signature(vector), text(vector, "encrypt")];
        let open = |parts: &[String; 4], now| {
            let [timestamp, nonce, msg_signature, encrypt] = parts;
            envelopes(encrypt)
                .map(|body| receiver.open(&query(timestamp, nonce, msg_signature), body.as_bytes(), now).unwrap_err())
        };
        for part in 0..4 {
            for at in 0..parts[part].len() {
                let mut changed = parts.map(str::to_owned);
                changed[part] = another(parts[part], at);
                // Its own time, so that nothing but the signature is in the way.
                let now = UnixTime(changed[0].parse().unwrap());
                assert_eq!(open(&changed, now), [const { PushError::BadSignature }; 4], "part {part}, character {at}");
            }
        }
        for (part, error) in [
            (0, PushError::MissingParameter("timestamp")),
            (1, PushError::MissingParameter("nonce")),
            (2, PushError::MissingParameter("msg_signature")),
            (3, PushError::BadSignature),
        ] {
            let mut without = parts.map(str::to_owned);
            without[part].clear();
            let refused = open(&without, now(vector));
            assert!(refused.iter().all(|refused| *refused == error), "part {part} left out");
        }
        let mut upper = parts.map(str::to_owned);
        upper[2].make_ascii_uppercase();
        assert_eq!(open(&upper, now(vector)), [const { PushError::BadSignature }; 4], "in capitals");
    }
    Refuse
}

pub(crate) fn other_signature(file: &[u8]) -> Outcome {
    let vectors = json(file);
    for vector in vectors.as_array().unwrap() {
        let (timestamp, nonce) = (text(vector, "timestamp"), text(vector, "nonce"));
        let signature = sign(&[text(vector, "token"), timestamp, nonce]);
        assert!(vector.get("signature").is_none_or(|published| *published == *signature));
        let only = format!("signature={signature}&timestamp={timestamp}&nonce={nonce}&encrypt_type=aes");
        for mode in [Mode::Secure, Mode::Compatible] {
            for query in [query(timestamp, nonce, &signature), only.clone()] {
                for body in envelopes(text(vector, "encrypt")) {
                    let refused = receiver(vector, mode).open(&query, body.as_bytes(), now(vector));
                    assert_eq!(refused.unwrap_err(), PushError::BadSignature);
                }
            }
        }
    }
    Refuse
}

pub(crate) fn another_configuration(file: &[u8]) -> Outcome {
    let vectors = json(file);
    for vector in vectors.as_array().unwrap() {
        let (appid, key) = (text(vector, "receive_id"), text(vector, "encodingAESKey"));
        let open = |receiver: &Receiver| {
            let refused = receiver.open(&query_of(vector), &secure_body(vector), now(vector));
            refused.expect_err("another configuration")
        };
        let longer = format!("{appid}0");
        for other in [&appid[1..], &appid[..appid.len() - 1], &*longer, &*appid.to_uppercase()] {
            let error = open(&receiver_as(vector, Mode::Secure, other, key));
            assert_eq!((&error, error.fault()), (&PushError::WrongAppid, Fault::Peer), "{other}");
        }
        for at in [0, 21, 41] {
            let error = open(&receiver_as(vector, Mode::Secure, appid, &another(key, at)));
            assert_eq!((&error, error.fault()), (&PushError::DecryptFailed, Fault::Local), "another key");
        }
        let mut another_token = vector.clone();
        another_token["token"] = another(text(vector, "token"), 0).into();
        assert_eq!(open(&receiver(&another_token, Mode::Secure)), PushError::BadSignature);
    }
    Refuse
}

fn plain_receiver(vector: &Value) -> Receiver {
    Receiver::new("wx1", Secret::new(text(vector, "token").as_bytes().to_vec()), Mode::Plain, None).unwrap()
}

fn plain_query(vector: &Value) -> String {
    let part = |name| text(vector, name);
    format!("signature={}&timestamp={}&nonce={}", part("signature"), part("timestamp"), part("nonce"))
}

fn entry<'v>(vectors: &'v Value, member: &str) -> &'v Value {
    vectors.as_array().unwrap().iter().find(|vector| vector[member].is_string()).expect("there is one")
}

pub(crate) fn verifies_url(file: &[u8]) -> Outcome {
    let vectors = json(file);
    let vector = entry(&vectors, "echostr");
    let echostr = text(vector, "echostr");
    let sorted: Vec<_> = list(vector, "sorted").iter().map(|piece| piece.as_str().unwrap()).collect();
    assert_eq!(sign(&sorted), text(vector, "signature"));
    let query = format!("{}&echostr={echostr}", plain_query(vector));
    assert_eq!(plain_receiver(vector).verify_url(&query, now(vector)).unwrap(), echostr);
    // Verifying the URL is in clear in every mode.
    for mode in [Mode::Plain, Mode::Compatible, Mode::Secure] {
        let receiver = receiver_as(vector, mode, "wx1", &"A".repeat(43));
        assert_eq!(receiver.verify_url(&query, now(vector)).unwrap(), echostr);
    }
    Accept
}

pub(crate) fn plain_push(file: &[u8]) -> Outcome {
    let vectors = json(file);
    let vector = entry(&vectors, "body");
    let body = text(vector, "body");
    let received = plain_receiver(vector).open(&plain_query(vector), body.as_bytes(), now(vector)).unwrap();
    let Received::Unverified(push) = &received else { panic!("nothing vouches for a message in clear") };
    let push = push.peek();
    assert_eq!((push.event.as_deref(), push.create_time), (Some("debug_demo"), Some(now(vector))));
    let Event::Other(document) = &push.content else { panic!("no complaint") };
    assert!(matches!(document, Document::Json(_)));
    assert_eq!(document.as_str(), body);
    Accept
}

pub(crate) fn plain_changed(file: &[u8]) -> Outcome {
    let vectors = json(file);
    for vector in vectors.as_array().unwrap() {
        let open = |vector: &Value| {
            let query = format!("{}&echostr=1", plain_query(vector));
            let now = UnixTime(text(vector, "timestamp").parse().unwrap_or_default());
            let receiver = plain_receiver(vector);
            [receiver.verify_url(&query, now).unwrap_err(), receiver.open(&query, b"{}", now).unwrap_err()]
        };
        for name in ["timestamp", "nonce", "signature", "token"] {
            for at in 0..text(vector, name).len() {
                let mut changed = vector.clone();
                changed[name] = another(text(vector, name), at).into();
                assert_eq!(open(&changed), [const { PushError::BadSignature }; 2], "{name}, character {at}");
            }
        }
        for name in ["timestamp", "nonce", "signature"] {
            let mut without = vector.clone();
            without[name] = "".into();
            assert!(open(&without).iter().all(|refused| *refused == PushError::MissingParameter(name)), "{name}");
        }
    }
    Refuse
}

/// The message of a file: UTF-8, a byte-order mark dropped.
fn message(file: &[u8]) -> &str {
    let text = std::str::from_utf8(file).expect("the vector is UTF-8");
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

const TOKEN: &str = "token1";
const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const NOW: UnixTime = UnixTime(1_744_244_408);

fn receiver_of(appid: &str, mode: Mode) -> Receiver {
    let key = EncodingAesKey::read(AES_KEY).unwrap();
    Receiver::new(appid, Secret::new(TOKEN.into()), mode, Some(key)).unwrap()
}

/// The message sent in each mode, and encrypted in each envelope, to an application.
fn in_each_mode(file: &[u8], appid: &str) -> Vec<Result<Received, PushError>> {
    let (timestamp, nonce) = (NOW.to_string(), "n0nce");
    let query = format!("signature={}&timestamp={timestamp}&nonce={nonce}", sign(&[TOKEN, &timestamp, nonce]));
    let mut received = vec![receiver_of(appid, Mode::Plain).open(&query, file, NOW)];
    let inner = std::str::from_utf8(file).unwrap();
    for format in [Format::Json, Format::Xml] {
        let secure = receiver_of(appid, Mode::Secure);
        let (query, body) = secure.secure_push(format, inner, b"0123456789abcdef", NOW, nonce).unwrap();
        received.push(secure.open(&query, body.as_bytes(), NOW));
        let encrypt = encrypt_of(&body);
        let outside = message(file).trim_end();
        let both = match outside.strip_suffix("</xml>") {
            Some(open) => format!("{open}<Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>"),
            None => format!(r#"{},"Encrypt":"{encrypt}"}}"#, outside.strip_suffix('}').unwrap()),
        };
        received.push(receiver_of(appid, Mode::Compatible).open(&query, both.as_bytes(), NOW));
    }
    received
}

/// The push of a file, which has to come out alike with and without each mode around it.
fn push_of(file: &[u8], appid: &str) -> Push {
    let push = Push::decode(file).unwrap().trust_anyway();
    let received: Vec<_> = in_each_mode(file, appid).into_iter().map(Result::unwrap).collect();
    assert!(matches!(received[0], Received::Unverified(_)));
    assert!(received[1..].iter().all(|received| matches!(received, Received::Verified(_))));
    assert!(received.iter().all(|received| received.push() == &push));
    push
}

fn complaint(push: &Push) -> &ComplaintCallback {
    push.complaint().expect("a complaint")
}

/// Every member of a complaint compared with what `member` says of it: a text, or nothing.
fn same_members(complaint: &ComplaintCallback, member: &dyn Fn(&str) -> Option<String>) {
    let number = |name: &str| member(name).map(|digits| digits.parse::<i64>().unwrap());
    let time = |name: &str| number(name).map(UnixTime);
    let personal = |name: &str| member(name).map(Personal::new);
    assert_eq!(complaint.appid, member("appid"));
    assert_eq!(complaint.option_type, number("option_type").map(OptionType::from));
    assert_eq!(complaint.complaint_order_id, member("complaint_order_id"));
    assert_eq!(complaint.status, number("status").map(CallbackStatus::from));
    assert_eq!(complaint.create_time, time("create_time"));
    assert_eq!(complaint.expire_time, time("expire_time"));
    assert_eq!(complaint.kind, number("type").map(CallbackType::from));
    assert_eq!(complaint.order_id, member("order_id"));
    assert_eq!(complaint.out_trade_no, member("out_trade_no"));
    assert_eq!(complaint.phone_number, personal("phone_number"));
    assert_eq!(complaint.open_id, personal("open_id"));
    assert_eq!(complaint.customer_material_content, personal("customer_material_content"));
    let media = complaint.customer_material_media_id_list.iter().map(str::to_owned);
    assert!(media.eq(member("customer_material_media_id_list")));
    assert_eq!(complaint.pay_time, time("pay_time"));
    assert_eq!(complaint.total_cost, number("total_cost").map(Fen));
    assert_eq!(complaint.product_name, member("product_name"));
}

fn same_entry(entry: &HistoryEntry, time: &str, content: &str, media: &[String]) {
    assert_eq!(entry.time, Some(UnixTime(time.parse().unwrap())));
    assert_eq!(entry.content.as_ref().unwrap().expose(), content);
    assert!(entry.media_id_list.iter().eq(media.iter().map(String::as_str)));
    assert!(entry.extra.is_empty());
}

pub(crate) fn json_complaint(file: &[u8]) -> Outcome {
    let vector = json(file);
    let push = push_of(file, text(&vector, "appid"));
    assert_eq!(push.to_user_name.as_deref(), Some(text(&vector, "ToUserName")));
    assert_eq!(push.from_user_name.as_ref().unwrap().expose(), text(&vector, "FromUserName"));
    assert_eq!(push.create_time, Some(UnixTime(number(&vector, "CreateTime"))));
    assert_eq!(push.msg_type.as_deref(), Some("event"));
    assert_eq!(push.event.as_deref(), Some("complaint callback"), "the alias is kept as it is written");
    let complaint = complaint(&push);
    same_members(complaint, &|name| vector.get(name).map(|value| value.as_str().unwrap().to_owned()));
    assert!(complaint.extra.is_empty());
    assert_eq!(complaint.status, Some(CallbackStatus::WaitingForMerchant));
    assert_eq!(complaint.kind, Some(CallbackType::GoodsOther));
    assert_eq!(complaint.option_type, Some(OptionType::FirstSubmission));
    assert_eq!(complaint.transaction_id(), Some("4200002656202"));
    // One entry stands without its list.
    let entry = &vector["history"];
    assert_eq!(complaint.history.len(), 1);
    same_entry(&complaint.history[0], text(entry, "time"), text(entry, "content"), &[]);
    Accept
}

/// Wrapped, as newer XML has it, and flat, as the first one was: by the library's writer and by
/// hand.
pub(crate) fn json_complaint_as_xml(file: &[u8]) -> Outcome {
    let vector = json(file);
    let push = Push::decode(file).unwrap().trust_anyway();
    let (mut envelope, mut inside) = (String::new(), String::new());
    for (name, value) in vector.as_object().unwrap() {
        let part = if name.starts_with(|first: char| first.is_ascii_uppercase()) { &mut envelope } else { &mut inside };
        part.push_str(&element(name, value));
    }
    for xml in [
        push.to_xml(),
        format!("<xml>{envelope}<BussiCallBackInfo>{inside}</BussiCallBackInfo></xml>"),
        format!("<xml>{inside}{envelope}</xml>"),
    ] {
        assert_eq!(push_of(xml.as_bytes(), text(&vector, "appid")), push, "{xml}");
    }
    Accept
}

/// A JSON member as elements: a list is repeated, nothing at all where it is empty.
fn element(name: &str, value: &Value) -> String {
    let inside = match value {
        Value::Array(list) => return list.iter().map(|value| element(name, value)).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| element(name, value)).collect(),
        Value::String(text) => format!("<![CDATA[{text}]]>"),
        other => other.to_string(),
    };
    format!("<{name}>{inside}</{name}>")
}

fn child<'a, 'i>(node: roxmltree::Node<'a, 'i>, name: &str) -> roxmltree::Node<'a, 'i> {
    find(node, name).unwrap_or_else(|| panic!("the vector has no element {name}"))
}

fn find<'a, 'i>(node: roxmltree::Node<'a, 'i>, name: &str) -> Option<roxmltree::Node<'a, 'i>> {
    children(node, name).next()
}

fn children<'a, 'i>(node: roxmltree::Node<'a, 'i>, name: &str) -> impl Iterator<Item = roxmltree::Node<'a, 'i>> {
    node.children().filter(move |child| child.has_tag_name(name))
}

fn element_text(node: roxmltree::Node<'_, '_>) -> String {
    node.children().filter(roxmltree::Node::is_text).filter_map(|text| text.text()).collect()
}

/// The parent of the complaint's elements: the wrapper, or the root.
fn holder<'a, 'i>(document: &'a roxmltree::Document<'i>) -> roxmltree::Node<'a, 'i> {
    find(document.root_element(), "BussiCallBackInfo").unwrap_or(document.root_element())
}

pub(crate) fn xml_complaint(file: &[u8]) -> Outcome {
    let document = roxmltree::Document::parse(message(file)).unwrap();
    let (root, holder) = (document.root_element(), holder(&document));
    let push = push_of(file, &element_text(child(holder, "appid")));
    let text = |name| find(root, name).map(element_text);
    assert_eq!(push.to_user_name, text("ToUserName"));
    assert_eq!(push.from_user_name.as_ref().map(Personal::expose), text("FromUserName").as_ref());
    assert_eq!(push.create_time, text("CreateTime").map(|digits| UnixTime(digits.parse().unwrap())));
    assert_eq!((push.msg_type.as_deref(), push.event.as_deref()), (Some("event"), Some("complaint_callback")));
    let complaint = complaint(&push);
    same_members(complaint, &|name| find(holder, name).map(element_text));
    assert!(complaint.option_type.is_some_and(|code| !code.is_known() && code.code() == 123));
    let entries: Vec<_> = children(holder, "history").collect();
    assert_eq!((entries.len(), complaint.history.len()), (2, 2));
    for (entry, node) in complaint.history.iter().zip(entries) {
        let media: Vec<_> = children(node, "media_id_list").map(element_text).collect();
        assert!(!media.is_empty());
        same_entry(entry, &element_text(child(node, "time")), &element_text(child(node, "content")), &media);
    }
    Accept
}

/// An element's children by the platform's rule: one is itself, several are a list.
fn members(node: roxmltree::Node<'_, '_>) -> Map<String, Value> {
    let mut members = Map::new();
    for child in node.children().filter(roxmltree::Node::is_element) {
        let inside = members_of(child);
        match members.get_mut(child.tag_name().name()) {
            None => drop(members.insert(child.tag_name().name().to_owned(), inside)),
            Some(Value::Array(list)) => list.push(inside),
            Some(first) => *first = Value::Array(vec![first.take(), inside]),
        }
    }
    members
}

fn members_of(node: roxmltree::Node<'_, '_>) -> Value {
    let is_object = node.children().any(|child| child.is_element());
    if is_object { Value::Object(members(node)) } else { Value::String(element_text(node)) }
}

/// By the library's writer and by the platform's own rule, with the wrapper and without.
pub(crate) fn xml_complaint_as_json(file: &[u8]) -> Outcome {
    let document = roxmltree::Document::parse(message(file)).unwrap();
    let appid = element_text(child(holder(&document), "appid"));
    let push = Push::decode(file).unwrap().trust_anyway();
    let nested = Value::Object(members(document.root_element()));
    let mut flat = members(document.root_element());
    if let Some(Value::Object(inside)) = flat.remove("BussiCallBackInfo") {
        flat.extend(inside);
    }
    for json in [serde_json::to_string(&push).unwrap(), nested.to_string(), Value::Object(flat).to_string()] {
        assert_eq!(push_of(json.as_bytes(), &appid), push, "{json}");
    }
    Accept
}

/// Every mode, for an application that is not the one in the complaint.
pub(crate) fn complaint_of_another(file: &[u8]) -> Outcome {
    complaint(Push::decode(file).unwrap().peek());
    let received = in_each_mode(file, "wx0");
    assert!(received.into_iter().all(|received| received == Err(PushError::WrongAppid)));
    Refuse
}

pub(crate) fn unclosed(file: &[u8]) -> Outcome {
    let error = Push::decode(file).unwrap_err();
    // The end tag of the history that holds the unclosed element.
    let line =
        message(file).lines().position(|line| line.starts_with("<media_id_list>123<media_id_list>")).unwrap() + 2;
    assert_eq!(message(file).lines().nth(line - 1), Some("</history>"));
    assert_eq!(
        error.to_string(),
        format!("a push: the element <media_id_list> is closed by the end of <history>, line {line} column 1")
    );
    assert_eq!((error.document(), error.line(), error.column()), ("a push", line, 1));
    for (received, mode) in in_each_mode(file, "123").into_iter().zip(["plain", "secure", "", "secure", ""]) {
        let refused = received.unwrap_err();
        match refused {
            PushError::Malformed(refused) | PushError::Unreadable { error: refused, .. } => {
                assert_eq!(refused.line(), line);
                assert!(mode.is_empty() || refused == error, "{mode}: {refused}");
            }
            refused => panic!("{mode}: {refused}"),
        }
    }
    // With the element closed, nothing else is in the way: not the note between two elements
    // either.
    let repaired = message(file).replace("<media_id_list>123<media_id_list>", "<media_id_list>123</media_id_list>");
    assert_eq!(complaint(&push_of(repaired.as_bytes(), "123")).history.len(), 2);
    Refuse
}

/// Recognised as another event and kept unchanged.
pub(crate) fn other_event(file: &[u8], name: &str) -> Outcome {
    let push = push_of(file, "wx0");
    assert_eq!((push.event.as_deref(), push.msg_type.as_deref()), (Some(name), Some("event")));
    assert!(push.to_user_name.is_some() && push.from_user_name.is_some() && push.create_time.is_some());
    assert!(push.complaint().is_none());
    let Event::Other(document) = &push.content else { panic!("no complaint") };
    match document {
        Document::Xml(xml) => {
            assert_eq!(xml, message(file));
            assert_eq!(push.to_xml(), message(file));
            assert_eq!(serde_json::to_value(&push).unwrap(), message(file));
        }
        Document::Json(_) => {
            assert_eq!(document.as_str(), message(file).trim());
            assert_eq!(serde_json::to_value(&push).unwrap(), json(message(file).as_bytes()));
        }
        _ => panic!("XML or JSON"),
    }
    Accept
}

/// A body of the server's interfaces, should it ever come as a push: no event, and kept.
pub(super) fn is_no_event(file: &[u8]) {
    let push = push_of(file, "wx0");
    assert!(push.event.is_none() && push.msg_type.is_none() && push.create_time.is_none());
    let Event::Other(Document::Json(document)) = &push.content else { panic!("JSON, and no complaint") };
    assert_eq!(document.get(), message(file).trim());
    assert_eq!(serde_json::to_value(&push).unwrap(), json(message(file).as_bytes()));
}
