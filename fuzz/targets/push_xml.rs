//! A push in XML: what decodes comes back, and another reader reads the same texts in what both
//! take.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol_core::Personal;
use protocol_core::mini_program::{ComplaintCallback, Event, Push};
use roxmltree::{Document, Node};

const TEXTS: [&str; 8] = [
    "appid",
    "complaint_order_id",
    "order_id",
    "out_trade_no",
    "product_name",
    "phone_number",
    "open_id",
    "customer_material_content",
];

/// Texts of a complaint, then of its history.
type Texts = (Vec<Option<String>>, Vec<Option<String>>);

fn ours(complaint: &ComplaintCallback) -> Texts {
    let personal = |value: &Option<Personal<String>>| value.as_ref().map(|value| value.expose().clone());
    let texts = vec![
        complaint.appid.clone(),
        complaint.complaint_order_id.clone(),
        complaint.order_id.clone(),
        complaint.out_trade_no.clone(),
        complaint.product_name.clone(),
        personal(&complaint.phone_number),
        personal(&complaint.open_id),
        personal(&complaint.customer_material_content),
    ];
    (texts, complaint.history.iter().map(|entry| personal(&entry.content)).collect())
}

fn children<'a>(holder: Node<'a, 'a>, name: &'static str) -> impl Iterator<Item = Node<'a, 'a>> {
    holder.children().filter(move |child| child.is_element() && child.tag_name() == name.into())
}

fn text(holder: Node<'_, '_>, name: &'static str) -> Option<String> {
    let element = children(holder, name).next()?;
    Some(element.children().filter(Node::is_text).filter_map(|piece| piece.text()).collect())
}

fn theirs(holder: Node<'_, '_>) -> Texts {
    let entries = children(holder, "history").map(|entry| text(entry, "content")).collect();
    (TEXTS.map(|name| text(holder, name)).to_vec(), entries)
}

/// Whether the members that have no field could be elements.
fn names_are_of_xml(push: &Push) -> bool {
    let Event::Complaint(complaint) = &push.content else { return true };
    let of_history = complaint.history.iter().flat_map(|entry| entry.extra.iter());
    let mut all = push.extra.iter().chain(complaint.extra.iter()).chain(of_history);
    all.all(|(name, _)| Document::parse(&format!("<{name}/>")).is_ok())
}

fn agree(push: &Push, complaint: &ComplaintCallback, xml: &str) {
    // Namespaces and ends of lines are what this library leaves alone and a conforming reader does
    // not.
    let Some(other) = Document::parse(xml).ok().filter(|_| !xml.contains('\r') && !xml.contains("xmlns")) else {
        return;
    };
    let root = other.root_element();
    let personal = push.from_user_name.as_ref().map(|name| name.expose().clone());
    let envelope = [push.to_user_name.clone(), personal, push.msg_type.clone(), push.event.clone()];
    assert_eq!(envelope, ["ToUserName", "FromUserName", "MsgType", "Event"].map(|name| text(root, name)));
    let wrapper = children(root, "BussiCallBackInfo").next().map(theirs);
    // A wrapper with nothing in it wraps nothing.
    let nothing = |(texts, entries): &Texts| entries.is_empty() && texts.iter().all(Option::is_none);
    let fits = |texts: &Texts| *texts == ours(complaint);
    let agreed = match &wrapper {
        Some(wrapped) => fits(wrapped) || nothing(wrapped) && fits(&theirs(root)),
        None => fits(&theirs(root)),
    };
    assert!(agreed, "two readers, two texts: {complaint:?}");
}

fuzz_target!(|bytes: &[u8]| {
    let push = match fuzz::within(128, bytes.len(), || Push::decode(bytes)) {
        Ok(push) => push.trust_anyway(),
        Err(error) => return fuzz::placed(&error, bytes),
    };
    let written = push.to_xml();
    // Of several byte-order marks one is dropped, each time. A member that does not fit is written
    // unchanged, if it can be. A member whose name XML forbids cannot be written.
    if push.misfits().is_empty() && !written.starts_with('\u{feff}') {
        let again = Push::decode(written.as_bytes()).expect("what was written can be read").trust_anyway();
        assert_eq!(again.to_xml(), written);
        if names_are_of_xml(&push) {
            assert_eq!(again, push);
            assert_eq!(again.dedup_key(), push.dedup_key());
        }
    }
    // Cut text and members that do not fit are mended, and no other reader does that.
    let Some(xml) = std::str::from_utf8(bytes).ok().filter(|_| push.misfits().is_empty()) else { return };
    let xml = xml.trim_start_matches('\u{feff}').trim();
    if let Event::Complaint(complaint) = &push.content
        && xml.starts_with('<')
    {
        agree(&push, complaint, xml);
        let json = serde_json::to_string(&push).expect("what was read can be written");
        assert_eq!(Push::decode(json.as_bytes()).expect("and read").trust_anyway(), push);
    }
});
