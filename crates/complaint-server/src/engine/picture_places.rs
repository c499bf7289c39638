//! The pictures that a complaint and its history name: a decision, without I/O.
//!
//! A picture is known by its place, since its link is another one at each reading.

#[cfg(feature = "page")]
use std::collections::HashMap;
use std::collections::HashSet;

use complaint_inbox::Entry;
use protocol_core::allinpay::AlipayComplaint;
use protocol_core::codec::decode_json;
use protocol_core::complaint::{Complaint, ComplaintMedia, NegotiationRecord};
use protocol_core::{DecodeError, Personal, Unverified};

/// How a picture is fetched.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Link {
    /// From the channel's own interface.
    Channel(Personal<String>),
    /// By a plain link.
    Plain(Personal<String>),
}

/// The places of a reading, each picture once: a history repeats those of the complaint.
pub(super) fn places(document: &str, entries: &[Entry]) -> Vec<String> {
    let mut seen = HashSet::new();
    let named = links(document, entries).into_iter();
    named.filter(|(_, link)| seen.insert(exposed(link).to_owned())).map(|(place, _)| place).collect()
}

/// The link at a place; `None` if it names none.
pub(super) fn link_at(place: &str, document: &str, entries: &[Entry]) -> Option<Link> {
    links(document, entries).into_iter().find(|(known, _)| known == place).map(|(_, link)| link)
}

/// The places of the pictures that each entry shows, by the entry's id. A picture that the complaint
/// names under the same link has the complaint's place, too.
#[cfg(feature = "page")]
pub(crate) fn places_of_entries(document: &str, entries: &[Entry]) -> HashMap<String, Vec<String>> {
    let links = links(document, entries);
    let mut first = HashMap::new();
    for (place, link) in &links {
        first.entry(exposed(link)).or_insert(place);
    }
    let mut shown: HashMap<String, Vec<String>> = HashMap::new();
    for (place, link) in &links {
        let Some((group, _)) = place.rsplit_once(' ') else { continue };
        let id = group.strip_suffix(" media").or(group.strip_suffix(" image")).unwrap_or(group);
        if entries.iter().any(|entry| entry.id == id) {
            let places = shown.entry(id.to_owned()).or_default();
            places.extend([place].into_iter().chain(first.get(exposed(link)).copied()).cloned());
        }
    }
    shown
}

fn links(document: &str, entries: &[Entry]) -> Vec<(String, Link)> {
    #[cfg(feature = "mini-program")]
    if let Some(links) = links_of_order(document, entries) {
        return links;
    }
    let mut links = Vec::new();
    if let Ok(complaint) = Complaint::decode(document.as_bytes()) {
        for media in complaint.peek().complaint_media_list.iter().filter(|media| !media.media_url.is_empty()) {
            let kind = media.media_type.as_ref().map_or("?", |kind| kind.as_str());
            add(&mut links, kind, Link::Channel, &media.media_url);
        }
    } else if let Ok(complaint) = decode_json::<AlipayComplaint>("a complaint", document.as_bytes()) {
        add(&mut links, "certify_info", Link::Plain, &complaint.peek().certify_info);
        add(&mut links, "process_img_url_list", Link::Plain, &complaint.peek().process_img_url_list);
    }
    for entry in entries {
        let record: Result<Unverified<NegotiationRecord>, DecodeError> =
            decode_json("an entry", entry.document.expose().as_bytes());
        let Ok(record) = record else { continue };
        let NegotiationRecord { image_list, complaint_media_list, .. } = record.peek();
        for ComplaintMedia { media_url, .. } in complaint_media_list {
            add(&mut links, &format!("{} media", entry.id), Link::Channel, media_url);
        }
        add(&mut links, &format!("{} image", entry.id), Link::Plain, image_list);
    }
    links
}

/// The links of a Mini Program's detail; `None` for another document.
#[cfg(feature = "mini-program")]
fn links_of_order(document: &str, entries: &[Entry]) -> Option<Vec<(String, Link)>> {
    use protocol_core::complaint::{OrderDetail, OrderItem};

    let detail = OrderDetail::decode(document.as_bytes()).ok()?;
    let complaint = detail.peek().complaint_order.as_ref()?;
    let mut links = Vec::new();
    if let Some(material) = &complaint.customer_material {
        add(&mut links, "customerMaterial", Link::Plain, &material.media_id_list);
    }
    for entry in entries {
        let item: Result<Unverified<OrderItem>, DecodeError> =
            decode_json("an item", entry.document.expose().as_bytes());
        if let Ok(item) = item {
            add(&mut links, &entry.id, Link::Plain, &item.peek().media_id_list);
        }
    }
    Some(links)
}

/// Names links after their group: several media of one kind count on.
fn add(links: &mut Vec<(String, Link)>, group: &str, of: fn(Personal<String>) -> Link, urls: &[Personal<String>]) {
    let is_of_group = |place: &str| place.rsplit_once(' ').is_some_and(|(before, _)| before == group);
    let first = links.iter().filter(|(place, _)| is_of_group(place)).count();
    links.extend(urls.iter().zip(first..).map(|(url, index)| (format!("{group} {index}"), of(url.clone()))));
}

fn exposed(link: &Link) -> &str {
    let (Link::Channel(url) | Link::Plain(url)) = link;
    url.expose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, document: &str) -> Entry {
        Entry { id: id.to_owned(), kind: None, at: None, document: document.into() }
    }

    #[test]
    fn the_pictures_of_complaint_and_history_have_places_and_each_is_named_once() {
        let document = r#"{"complaint_id":"1","complaint_media_list":[
            {"media_type":"USER_COMPLAINT_IMAGE","media_url":["https://a","https://b"]},
            {"media_type":"OPERATION_IMAGE","media_url":["https://c"]},
            {"media_type":"USER_COMPLAINT_IMAGE","media_url":["https://d"]}]}"#;
        let entries = [
            entry("L2", r#"{"log_id":"L2","image_list":["https://e","https://f"]}"#),
            entry("L1", r#"{"log_id":"L1","complaint_media_list":{"media_url":["https://a","https://g"]}}"#),
            entry("L0", "no JSON"),
        ];
        let names = places(document, &entries);
        let expected = [
            "USER_COMPLAINT_IMAGE 0",
            "USER_COMPLAINT_IMAGE 1",
            "OPERATION_IMAGE 0",
            "USER_COMPLAINT_IMAGE 2",
            "L2 image 0",
            "L2 image 1",
            "L1 media 1",
        ];
        assert_eq!(names, expected);
        let link = |place: &str| link_at(place, document, &entries);
        assert_eq!(link("USER_COMPLAINT_IMAGE 2"), Some(Link::Channel("https://d".into())));
        assert_eq!(link("L2 image 1"), Some(Link::Plain("https://f".into())));
        assert_eq!(link("L1 media 0"), Some(Link::Channel("https://a".into())), "though another place has it too");
        assert_eq!(link("L3 image 0"), None);
    }

    #[cfg(feature = "page")]
    #[test]
    fn an_entry_shows_its_pictures_by_either_place() {
        let document = r#"{"complaint_id":"1","complaint_media_list":[
            {"media_type":"USER_COMPLAINT_IMAGE","media_url":["https://a"]},
            {"media_type":"OPERATION_IMAGE","media_url":["https://c"]}]}"#;
        let entries = [
            entry("L2", r#"{"log_id":"L2","complaint_media_list":{"media_url":["https://c"]}}"#),
            entry(
                "L1",
                r#"{"log_id":"L1","image_list":["https://b"],"complaint_media_list":{"media_url":["https://a"]}}"#,
            ),
            entry("L0", r#"{"log_id":"L0"}"#),
        ];
        let shown = places_of_entries(document, &entries);
        assert_eq!(shown["L2"], ["L2 media 0", "OPERATION_IMAGE 0"]);
        assert_eq!(shown["L1"], ["L1 media 0", "USER_COMPLAINT_IMAGE 0", "L1 image 0", "L1 image 0"]);
        assert_eq!(shown.len(), 2);
    }

    #[cfg(feature = "mini-program")]
    #[test]
    fn the_pictures_of_a_mini_programs_complaint_have_places() {
        let document = r#"{"errcode":0,"complaintOrder":{"complaintOrderId":"1","customerMaterial":{"mediaIdList":["https://a"]}},
            "item":[]}"#;
        let entries = [
            entry("1-1-1", r#"{"itemType":1,"mediaIdList":"https://a"}"#),
            entry("2-2-1", r#"{"itemType":2,"mediaIdList":["https://b"]}"#),
        ];
        assert_eq!(places(document, &entries), ["customerMaterial 0", "2-2-1 0"]);
        assert_eq!(link_at("2-2-1 0", document, &entries), Some(Link::Plain("https://b".into())));
    }

    #[test]
    fn the_pictures_of_an_alipay_complaint_have_places() {
        let document =
            r#"{"id":"1","certify_info":["https://a","https://b"],"process_img_url_list":["https://c","https://a"]}"#;
        assert_eq!(places(document, &[]), ["certify_info 0", "certify_info 1", "process_img_url_list 0"]);
        assert_eq!(link_at("certify_info 1", document, &[]), Some(Link::Plain("https://b".into())));
    }

    #[test]
    fn a_document_that_cannot_be_read_names_none() {
        assert_eq!(places("", &[]), [""; 0]);
        assert_eq!(places(r#"{"complaint_id":"1"}"#, &[entry("L", r#"{"log_id":"L"}"#)]), [""; 0]);
    }
}
