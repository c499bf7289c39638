//! The push of a complaint, in JSON and in XML, wrapped and flat.

use std::collections::BTreeSet;

use protocol_core::complaint::Fen;
use protocol_core::mini_program::{
    CallbackStatus, CallbackType, EncodingAesKey, Event, Mode, OptionType, Push, Receiver,
};
use protocol_core::{Secret, UnixTime};
use serde_json::Value;

use crate::documents::{absent, document, json, sample, unknown, words};

fn decode(bytes: &[u8]) -> Push {
    Push::decode(bytes).unwrap().trust_anyway()
}

fn text(file: &str) -> String {
    String::from_utf8(document(file)).unwrap()
}

fn has_every_name(push: &Push) {
    assert_eq!((unknown(push), absent(push)), (Vec::new(), Vec::new()));
    assert_eq!(push.to_user_name.as_deref(), Some("gh_adcbcb8bf3ba"));
    assert_eq!(words(&push.from_user_name), Some("oR2XT5TrHrdQ1PBpMpEtJ3h9MU4"));
    assert_eq!(push.create_time, Some(UnixTime(1_744_244_408)));
    assert_eq!((push.msg_type.as_deref(), push.event.as_deref()), (Some("event"), Some("complaint_callback")));

    let complaint = push.complaint().unwrap();
    assert_eq!(complaint.appid.as_deref(), Some("wxb6cb90b2dd"));
    assert_eq!(complaint.option_type, Some(OptionType::FirstSubmission));
    assert_eq!(complaint.complaint_order_id.as_deref(), Some("8622001"));
    assert_eq!(complaint.status, Some(CallbackStatus::WaitingForMerchant));
    assert_eq!(complaint.create_time, Some(UnixTime(1_744_244_406)));
    assert_eq!(complaint.expire_time, Some(UnixTime(1_744_417_206)));
    assert_eq!(complaint.kind, Some(CallbackType::GoodsOther));
    assert_eq!(complaint.order_id.as_deref(), Some("payorder@_4200002656202"));
    assert_eq!(complaint.out_trade_no.as_deref(), Some("1909917325"));
    assert_eq!(words(&complaint.phone_number), Some("13599125777"));
    assert_eq!(words(&complaint.open_id), Some("oR2XT5Z70fuusMRK"));
    assert_eq!(words(&complaint.customer_material_content), Some("商品与描述不符"));
    let media: Vec<_> = complaint.customer_material_media_id_list.iter().collect();
    assert_eq!(media, ["https://mmbiz.qpic.cn/customer"]);
    assert_eq!(complaint.pay_time, Some(UnixTime(1_744_194_760)));
    assert_eq!(complaint.total_cost, Some(Fen(5000)));
    assert_eq!(complaint.product_name.as_deref(), Some("五"));

    let [entry] = &*complaint.history else { panic!("one entry") };
    assert_eq!(entry.time, Some(UnixTime(1_744_244_407)));
    assert_eq!(words(&entry.content), Some("用户提交"));
    assert_eq!(entry.media_id_list.iter().collect::<Vec<_>>(), ["https://mmbiz.qpic.cn/history"]);
}

/// JSON comes flat; should the wrapper of XML ever stand in it, the members in it are read alike.
#[test]
fn every_published_name_in_json() {
    has_every_name(&decode(&document("mini-program/push.json")));

    let (mut around, mut inside) = (serde_json::Map::new(), serde_json::Map::new());
    let Value::Object(flat) = json(&document("mini-program/push.json")) else { panic!("an object") };
    for (name, value) in flat {
        let is_around = name.starts_with(|first: char| first.is_ascii_uppercase());
        if is_around { &mut around } else { &mut inside }.insert(name, value);
    }
    around.insert("BussiCallBackInfo".to_owned(), Value::Object(inside));
    has_every_name(&decode(Value::Object(around).to_string().as_bytes()));
}

/// XML comes wrapped; the first version was flat.
#[test]
fn every_published_name_in_xml() {
    has_every_name(&decode(&document("mini-program/push.xml")));
    let flat = text("mini-program/push.xml").replace("<BussiCallBackInfo>", "").replace("</BussiCallBackInfo>", "");
    has_every_name(&decode(flat.as_bytes()));
}

/// The names of the members at every level, each with the path to it.
fn names(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            let path = format!("{path}/{name}");
            names(value, &path, found);
            found.insert(path);
        }),
        Value::Array(list) => list.iter().for_each(|value| names(value, path, found)),
        _ => {}
    }
}

fn names_in_xml(node: roxmltree::Node<'_, '_>, path: &str, found: &mut BTreeSet<String>) {
    for child in node.children().filter(roxmltree::Node::is_element) {
        let path = format!("{path}/{}", child.tag_name().name());
        names_in_xml(child, &path, found);
        found.insert(path);
    }
}

#[test]
fn the_published_names_are_written_and_no_other() {
    let push = decode(&document("mini-program/push.json"));

    let [mut published, mut written] = [BTreeSet::new(), BTreeSet::new()];
    names(&json(&document("mini-program/push.json")), "", &mut published);
    names(&serde_json::to_value(&push).unwrap(), "", &mut written);
    assert_eq!(written, published);
    has_every_name(&decode(&serde_json::to_vec(&push).unwrap()));

    let [mut published, mut written] = [BTreeSet::new(), BTreeSet::new()];
    let (file, xml) = (text("mini-program/push.xml"), push.to_xml());
    names_in_xml(roxmltree::Document::parse(&file).unwrap().root(), "", &mut published);
    names_in_xml(roxmltree::Document::parse(&xml).unwrap().root(), "", &mut written);
    assert_eq!(written, published);
    has_every_name(&decode(xml.as_bytes()));
}

/// A complaint is known by its `Event` even where a member around it is of another kind: it is
/// never taken for another event.
#[test]
fn a_complaint_whose_envelope_does_not_fit() {
    let mut push = json(&document("mini-program/push.json"));
    push["CreateTime"] = serde_json::json!({});
    let read = Push::decode(push.to_string().as_bytes()).map(|push| push.trust_anyway().content);
    assert!(matches!(read, Err(_) | Ok(Event::Complaint(_))));
    push["Event"] = "another".into();
    let read = Push::decode(push.to_string().as_bytes()).map(|push| push.trust_anyway().content);
    assert!(matches!(read, Ok(Event::Other(_))));
}

/// The documentation's encrypted push: the ciphertext stands in `Encrypt`, in JSON and in XML.
#[test]
fn the_sample_of_an_encrypted_push() {
    let vectors = json(&sample("wechat-mp/crypto/msgcrypt-vectors.json"));
    let text = |name: &str| vectors[0][name].as_str().unwrap();
    let key = EncodingAesKey::read(text("encodingAESKey")).unwrap();
    let token = Secret::new(text("token").as_bytes().to_vec());
    let receiver = Receiver::new(text("receive_id"), token, Mode::Secure, Some(key)).unwrap();
    let (_, query) = text("url").split_once('?').unwrap();
    let xml = format!("<xml><Encrypt><![CDATA[{}]]></Encrypt></xml>", text("encrypt"));
    for body in [text("body_json"), &xml] {
        let received = receiver.open(query, body.as_bytes(), UnixTime(text("timestamp").parse().unwrap())).unwrap();
        assert_eq!(received.push().event.as_deref(), Some("debug_demo"));
    }
}
