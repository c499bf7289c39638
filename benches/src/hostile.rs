//! Documents at their bounds, each made of one element that costs more than it weighs.

use protocol_core::complaint::{ComplaintPage, NegotiationHistory};
use protocol_core::limits::{MAX_JSON_VALUES, MAX_LIST, MAX_PUSH_BODY, MAX_RESPONSE_BODY};
use protocol_core::mini_program::Push;
use protocol_core::wechat_pay::ApiError;

use crate::paths::Call;

/// A name, the start of the document, the element that is repeated to the bound, and the end.
type Case = (&'static str, [&'static str; 3]);

const PUSHES: [Case; 9] = [
    ("xml_entries", [XML, "<history/>", "</xml>"]),
    ("xml_pictures", [XML, "<customer_material_media_id_list>a</customer_material_media_id_list>", "</xml>"]),
    ("xml_unknown", [XML, "<a/>", "</xml>"]),
    ("xml_nested", [XML, "<a>", ""]),
    ("xml_text", ["<xml><Event>complaint_callback</Event><product_name>", "a", "</product_name></xml>"]),
    ("xml_references", ["<xml><Event>complaint_callback</Event><product_name>", "&lt;", "</product_name></xml>"]),
    ("json_entries", [r#"{"Event":"complaint_callback","history":[{}"#, ",{}", "]}"]),
    ("json_pictures", [r#"{"Event":"complaint_callback","customer_material_media_id_list":["a""#, r#","a""#, "]}"]),
    ("json_unknown", [r#"{"Event":"complaint_callback""#, r#","a":0"#, "}"]),
];

const HISTORIES: [Case; 6] = [
    ("history_blocks", [RECORDS, r#","normal_message":{"blocks":[{},{},{},{},{},{},{},{}]}},{"log_id":"1""#, "}]}"]),
    ("history_one_block", [RECORDS, r#","normal_message":{"blocks":[{}]}},{"log_id":"1""#, "}]}"]),
    ("history_media", [RECORDS, r#","complaint_media_list":[{"media_url":["a"]}]},{"log_id":"1""#, "}]}"]),
    ("history_unknown", [RECORDS, r#","a":0},{"log_id":"1""#, "}]}"]),
    ("history_misfits", [RECORDS, r#","operator":[1]},{"log_id":"1""#, "}]}"]),
    ("history_rows", [r#"{"data":[0"#, ",0", "]}"]),
];
const RECORDS: &str = r#"{"data":[{"log_id":"1""#;

const PAGES: [Case; 2] = [
    (
        "page_orders",
        [COMPLAINTS, r#","complaint_order_info":[{}],"service_order_info":[{}]},{"complaint_id":"1""#, "}]}"],
    ),
    ("page_rows", [COMPLAINTS, r#"},{"complaint_id":"1""#, "}]}"]),
];
const COMPLAINTS: &str = r#"{"data":[{"complaint_id":"1""#;

const REFUSALS: [Case; 3] = [
    ("refusal_lists", [DETAIL, ",[]", "]}"]),
    ("refusal_objects", [DETAIL, r#",{"":0}"#, "]}"]),
    ("refusal_members", [r#"{"code":"PARAM_ERROR""#, r#","a":0"#, "}"]),
];
const DETAIL: &str = r#"{"code":"PARAM_ERROR","message":"m","detail":[[]"#;

const XML: &str = "<xml><Event>complaint_callback</Event>";
/// The reading of each, up to a document or a refusal.
pub fn all() -> impl Iterator<Item = (&'static str, Call)> {
    let pushes = cases(&PUSHES, MAX_PUSH_BODY, |document| drop(Push::decode(document)));
    let histories = cases(&HISTORIES, MAX_RESPONSE_BODY, read_history);
    let pages = cases(&PAGES, MAX_RESPONSE_BODY, |document| drop(ComplaintPage::decode(document)));
    let refusals = cases(&REFUSALS, MAX_RESPONSE_BODY, |document| {
        drop(ApiError::decode(document).and_then(|error| error.detail).map(|detail| detail.causes()));
    });
    pushes.chain(blocks()).chain(histories).chain(pages).chain(refusals)
}

fn cases(
    cases: &'static [Case],
    size: usize,
    read: impl Fn(&[u8]) + Copy + 'static,
) -> impl Iterator<Item = (&'static str, Call)> {
    cases.iter().map(move |(name, [start, repeated, end])| {
        let times = (size - start.len() - end.len()) / repeated.len();
        (*name, call([*start, &repeated.repeat(times), *end].concat(), read))
    })
}

/// An empty block of a message, the heaviest value for its text, in the longest lists: up to the
/// bound of values, and up to the bound of bytes.
fn blocks() -> impl Iterator<Item = (&'static str, Call)> {
    let record = format!(r#"{{"log_id":"1","normal_message":{{"blocks":[{}{{}}]}}}}"#, "{},".repeat(MAX_LIST - 1));
    // The record counts, its two members, the member of its message, and the elements of its list.
    let within = MAX_JSON_VALUES / (MAX_LIST + 4);
    [("history_most_blocks", within), ("history_too_many_blocks", MAX_RESPONSE_BODY / record.len())].into_iter().map(
        move |(name, records)| {
            let document = format!(r#"{{"data":[{}{{"log_id":"1"}}]}}"#, format!("{record},").repeat(records));
            (name, call(document, read_history))
        },
    )
}

fn call(document: String, read: impl Fn(&[u8]) + 'static) -> Call {
    Box::new(move || read(std::hint::black_box(document.as_bytes())))
}

fn read_history(document: &[u8]) {
    drop(NegotiationHistory::decode(document));
}
