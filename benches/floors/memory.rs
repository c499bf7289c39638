//! What a hostile document of 1 MB costs: the peak of the process's memory, and the time.
//!
//! The workspace forbids unsafe code, and so an allocator that counts. So each document is decoded in a process
//! of its own, and the kernel tells that process's high-water mark (Linux only). The document itself stands before
//! the first look; what is counted comes on top of it, in pages.

use std::process::Command;
use std::time::Instant;

use protocol_core::limits::MAX_PUSH_BODY;
use protocol_core::mini_program::Push;

/// The argument before a case's name: decode that document, print its line, and end.
pub(crate) const ARGUMENT: &str = "--memory";

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

/// Prints a line a case.
pub(crate) fn report() {
    for (name, _) in CASES {
        let bench = std::env::current_exe().unwrap();
        assert!(Command::new(bench).args([ARGUMENT, name]).status().unwrap().success(), "{name}");
    }
}

/// Decodes one case's document in this process.
pub(crate) fn measure(name: &str) {
    let (_, [start, repeated, end]) = CASES.iter().find(|case| case.0 == name).unwrap();
    // In one allocation: a buffer that grew would have raised the mark before the first look.
    let mut document = String::with_capacity(MAX_PUSH_BODY);
    document.push_str(start);
    while document.len() + repeated.len() + end.len() <= MAX_PUSH_BODY {
        document.push_str(repeated);
    }
    document.push_str(end);

    let before = high_water_mark();
    let start = Instant::now();
    let decoded = Push::decode(document.as_bytes());
    let milliseconds = start.elapsed().as_secs_f64() * 1e3;
    println!(
        "name=memory_{name} bytes={} document_bytes={} milliseconds={milliseconds:.1} read={}",
        high_water_mark() - before,
        document.len(),
        decoded.is_ok()
    );
}

/// Most bytes that this process has had in memory so far.
fn high_water_mark() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim_end().parse::<u64>().unwrap() * 1024
}
