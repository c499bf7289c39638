//! Pushes as large as they may be, each of one thing that costs more than it weighs.

use protocol_core::limits::MAX_PUSH_BODY;
use protocol_core::mini_program::Push;

use crate::paths::Call;

/// A name; what the document begins with, what is repeated as often as fits, and what it ends with.
type Case = (&'static str, [&'static str; 3]);

const CASES: [Case; 9] = [
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

const XML: &str = "<xml><Event>complaint_callback</Event>";

/// Reading each, be it to a refusal.
pub fn all() -> impl Iterator<Item = (&'static str, Call)> {
    CASES.into_iter().map(|(name, [start, repeated, end])| {
        let times = (MAX_PUSH_BODY - start.len() - end.len()) / repeated.len();
        let document = [start, &repeated.repeat(times), end].concat();
        let call: Call = Box::new(move || drop(std::hint::black_box(Push::decode(document.as_bytes()))));
        (name, call)
    })
}
