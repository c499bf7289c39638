//! The configuration file: what is read is what any TOML reader has there, a byte order mark
//! changes nothing, and a refusal names a line and quotes no value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toml::{Table, Value};

// The reader of the file's text is not public. It stands alone in its crate, so that it can stand
// here too.
#[path = "../../crates/complaint-channels/src/settings/document.rs"]
#[allow(dead_code, reason = "what was read is looked at by its `Debug`")]
mod document;
#[path = "../../crates/complaint-channels/src/settings/notice_words.rs"]
#[allow(dead_code, reason = "the crate says more in these words")]
mod notice_words;
#[path = "../../crates/complaint-channels/src/settings/rates.rs"]
#[allow(dead_code, reason = "the limits are looked at by their `Debug`")]
mod rates;
#[path = "../../crates/complaint-channels/src/settings/words.rs"]
#[allow(dead_code, reason = "the crate says more in these words")]
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

fn refused(problem: &str, text: &str) {
    fuzz::quiet(&problem);
    let line = problem.strip_prefix("line ").and_then(|rest| rest.split(':').next()?.parse().ok());
    let lines = text.matches('\n').count() + 1;
    assert!(line.is_some_and(|line: usize| (1..=lines).contains(&line)), "{problem}");
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    // Of a key of nothing but dots, the parser notes each as a mistake. A file's size is bounded.
    let read = fuzz::within(1024, bytes.len(), || Document::parse(text));
    let marked = Document::parse(&format!("\u{feff}{text}"));
    assert_eq!(format!("{read:?}"), format!("{marked:?}"));

    let table = toml::from_str::<Table>(text.trim_start_matches('\u{feff}')).ok();
    match &read {
        Ok(document) => {
            let written = toml::to_string(table.as_ref().expect("it is TOML")).expect("a table can be written");
            let again = Document::parse(&written).expect("what was written can be read");
            assert_eq!(format!("{document:?}"), format!("{again:?}"));
        }
        Err(problem) => refused(problem, text),
    }
    if let Some(mut table) = table {
        table.iter_mut().for_each(|(_, value)| plant(value));
        let written = toml::to_string(&table).expect("a table can be written");
        if let Err(problem) = Document::parse(&written) {
            refused(&problem, &written);
            assert!(!problem.contains(VALUE), "{problem}");
        }
    }
});
