//! The configuration file: what is read is what any TOML reader has there, a byte order mark
//! changes nothing, and a refusal names a line and quotes no value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toml::{Table, Value};

// The command line has no library; its reader of the file's text stands alone, so that it can stand
// here too.
#[path = "../../crates/complaints/src/config/document.rs"]
#[allow(dead_code, reason = "what was read is looked at by its `Debug`")]
mod document;
#[path = "../../crates/complaints/src/config/words.rs"]
#[allow(dead_code, reason = "the command line says more in these words")]
mod words;

use document::Document;

/// The secrets that no refusal may quote.
const VALUE: &str = "pasted-S3cret";

/// Puts the value that must not be quoted into every text.
fn plant(value: &mut Value) {
    match value {
        Value::String(text) => VALUE.clone_into(text),
        Value::Array(values) => values.iter_mut().for_each(plant),
        Value::Table(table) => table.iter_mut().for_each(|(_, value)| plant(value)),
        _ => {}
    }
}

fn refused(problem: &str, bytes: &[u8]) {
    fuzz::quiet(&problem);
    if std::str::from_utf8(bytes).is_err() {
        return;
    }
    let line = problem.strip_prefix("line ").and_then(|rest| rest.split(':').next()?.parse().ok());
    let lines = bytes.iter().filter(|&&byte| byte == b'\n').count() + 1;
    assert!(line.is_some_and(|line: usize| (1..=lines).contains(&line)), "{problem}");
}

fuzz_target!(|bytes: &[u8]| {
    // Of a key of nothing but dots, the parser notes each as a mistake. A file has at most 64 KiB.
    let read = fuzz::within(1024, bytes.len(), || Document::parse(bytes));
    let marked = Document::parse(&["\u{feff}".as_bytes(), bytes].concat());
    assert_eq!(format!("{read:?}"), format!("{marked:?}"));

    let text = std::str::from_utf8(bytes).map(|text| text.trim_start_matches('\u{feff}'));
    let table = text.ok().and_then(|text| toml::from_str::<Table>(text).ok());
    match &read {
        Ok(document) => {
            let written = toml::to_string(table.as_ref().expect("it is TOML")).expect("a table can be written");
            let again = Document::parse(written.as_bytes()).expect("what was written can be read");
            assert_eq!(format!("{document:?}"), format!("{again:?}"));
        }
        Err(problem) => refused(problem, bytes),
    }
    if let Some(mut table) = table {
        table.iter_mut().for_each(|(_, value)| plant(value));
        let written = toml::to_string(&table).expect("a table can be written");
        if let Err(problem) = Document::parse(written.as_bytes()) {
            refused(&problem, written.as_bytes());
            assert!(!problem.contains(VALUE), "{problem}");
        }
    }
});
