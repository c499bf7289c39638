//! The documents, and the members of a decoded one that are unknown or absent, at every level.

use std::fmt::Debug;

use protocol_core::Personal;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::common::decode_json;

const TESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/");

fn read(path: &str) -> Vec<u8> {
    std::fs::read(format!("{TESTS}{path}")).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A published sample, as it was published.
pub(crate) fn sample(file: &str) -> Vec<u8> {
    read(&format!("vectors/{file}"))
}

/// A document written from a published table of names.
pub(crate) fn document(file: &str) -> Vec<u8> {
    read(&format!("member_cases/documents/{file}"))
}

/// One of several documents in a file.
pub(crate) fn part(file: &str, name: &str) -> Vec<u8> {
    let document = &json(&document(file))[name];
    assert!(!document.is_null(), "{file} has no {name}");
    serde_json::to_vec(document).unwrap()
}

pub(crate) fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)).expect("the document is JSON")
}

pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> T {
    decode_json("a document", bytes).unwrap()
}

/// The words in a member, if it is there.
pub(crate) fn words(member: &Option<Personal<String>>) -> Option<&str> {
    member.as_ref().map(|text| text.expose().as_str())
}

/// The words in a list.
pub(crate) fn list(member: &[Personal<String>]) -> Vec<&str> {
    member.iter().map(|text| text.expose().as_str()).collect()
}

/// The names of the members that no model of the document knows.
pub(crate) fn unknown(document: &impl Debug) -> Vec<String> {
    let shown = format!("{document:#?}");
    let sets = shown.split("extra: {").skip(1).map(|rest| rest.split_once('}').expect("a set ends").0);
    sets.flat_map(|names| names.split(','))
        .map(|name| name.trim().trim_matches('"').to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

/// The fields that are empty in the document. A model's new member is one until a document has it.
pub(crate) fn absent(document: &impl Debug) -> Vec<String> {
    let shown = format!("{document:#?}");
    let fields = shown.lines().filter_map(|line| line.trim().split_once(": "));
    fields.filter(|(_, value)| matches!(*value, "None," | "[],")).map(|(field, _)| field.to_owned()).collect()
}

#[test]
fn every_document_says_where_its_names_are_from() {
    let mut files = Vec::new();
    for channel in ["wechat-pay", "mini-program", "virtual-payment", "allinpay"] {
        let folder = std::fs::read_dir(format!("{TESTS}member_cases/documents/{channel}")).unwrap();
        files.extend(folder.map(|file| format!("{channel}/{}", file.unwrap().file_name().to_str().unwrap())));
    }
    files.sort_unstable();
    let table = String::from_utf8(document("README.md")).unwrap();
    let mut named: Vec<_> =
        table.lines().filter_map(|line| Some(line.strip_prefix("| `")?.split_once("` |")?.0.to_owned())).collect();
    named.sort_unstable();
    assert_eq!(named, files);
}

#[test]
fn unknown_and_absent_members_are_found_at_every_level() {
    use protocol_core::complaint::ComplaintPage;

    let page: ComplaintPage = decode(
        br#"{"data":[{"complaint_id":"1","complaint_order_info":[{"transactionid":"4","out_trade_no":"5","amount":6}]}],
            "limit":1,"totalcount":2,"total":3}"#,
    );
    assert_eq!(unknown(&page), ["transactionid", "totalcount", "total"]);
    let absent = absent(&page);
    for field in ["transaction_id", "total_count", "offset", "complaint_media_list", "payer_phone"] {
        assert!(absent.iter().any(|absent| absent == field), "{field} is not among {absent:?}");
    }
    for field in ["complaint_id", "complaint_order_info", "out_trade_no", "amount", "limit", "data"] {
        assert!(absent.iter().all(|absent| absent != field), "{field} is among {absent:?}");
    }
}
