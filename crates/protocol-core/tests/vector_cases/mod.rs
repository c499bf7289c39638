//! The rows of the manifest, and the few readers that all rows share.

use std::fmt::Display;

use ::base64::Engine as _;
use serde_json::Value;

pub(crate) mod allinpay;
pub(crate) mod allinpay_notify;
pub(crate) mod authorization;
pub(crate) mod keys;
pub(crate) mod mini_program;
pub(crate) mod mini_program_api;
pub(crate) mod national;
pub(crate) mod samples;
pub(crate) mod sealed;
pub(crate) mod signatures;
pub(crate) mod signed_messages;
pub(crate) mod virtual_payment;
pub(crate) mod wycheproof;

/// The folder of the data files.
pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/");

/// The outcome of a row. A row whose result differs from its file panics instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The library took everything the case holds, and made of it what the file says.
    Accept,
    /// The library refused everything the case holds.
    Refuse,
}

/// A row of the manifest: a file, a case in it, what has to come out, and how that is found out.
pub(crate) struct Row {
    pub(crate) file: &'static str,
    pub(crate) case: &'static str,
    pub(crate) expected: Outcome,
    /// Gets the file's bytes; other files it needs (keys, mostly) it reads by itself.
    pub(crate) run: fn(&[u8]) -> Outcome,
}

pub(crate) const fn row(file: &'static str, case: &'static str, expected: Outcome, run: fn(&[u8]) -> Outcome) -> Row {
    Row { file, case, expected, run }
}

/// [`Outcome::Refuse`] if each of the named attempts failed; panics with the first that did not.
pub(crate) fn refused<L: Display>(attempts: impl IntoIterator<Item = (L, bool)>) -> Outcome {
    let mut count = 0;
    for (label, was_refused) in attempts {
        assert!(was_refused, "accepted, and should not be: {label}");
        count += 1;
    }
    assert!(count > 0, "nothing was attempted");
    Outcome::Refuse
}

/// Another file of the vectors.
pub(crate) fn read(file: &str) -> Vec<u8> {
    std::fs::read(format!("{ROOT}{file}")).unwrap_or_else(|error| panic!("{file}: {error}"))
}

pub(crate) fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("the vector is JSON")
}

/// A text member, which has to be there.
pub(crate) fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_else(|| panic!("the vector has no text {member}"))
}

/// A list member, which has to be there and hold something.
pub(crate) fn list<'v>(value: &'v Value, member: &str) -> &'v [Value] {
    let list = value[member].as_array().unwrap_or_else(|| panic!("the vector has no list {member}"));
    assert!(!list.is_empty(), "the vector's list {member} is empty");
    list
}

pub(crate) fn number(value: &Value, member: &str) -> i64 {
    value[member].as_i64().unwrap_or_else(|| panic!("the vector has no number {member}"))
}

pub(crate) fn base64(text: &str) -> Vec<u8> {
    ::base64::engine::general_purpose::STANDARD.decode(text).expect("the vector is base64")
}

pub(crate) fn to_base64(bytes: &[u8]) -> String {
    ::base64::engine::general_purpose::STANDARD.encode(bytes)
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    assert!(text.is_ascii() && text.len().is_multiple_of(2), "the vector is hexadecimal");
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("the vector is hexadecimal"))
        .collect()
}

/// A file named beside the vector, as its `private_key` and `certificate` members do.
pub(crate) fn beside(folder: &str, vector: &Value, member: &str) -> Vec<u8> {
    read(&format!("{folder}/{}", text(vector, member)))
}

/// One DER value; the documents here stay below 64 KiB.
pub(crate) fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("a small document").to_be_bytes();
    let mut value = vec![tag];
    match length {
        [0, short @ 0..=0x7f] => value.push(short),
        [0, long] => value.extend([0x81, long]),
        [high, low] => value.extend([0x82, high, low]),
    }
    value.extend_from_slice(content);
    value
}

/// The lines of a `.vec` file as `name = value`, without comments, sections and blanks.
pub(crate) fn vec_lines(bytes: &[u8]) -> impl Iterator<Item = (&str, &str)> {
    std::str::from_utf8(bytes).expect("the vector is text").lines().filter_map(|line| {
        let line = line.trim();
        if line.starts_with(['#', '[']) {
            return None;
        }
        line.split_once('=').map(|(name, value)| (name.trim(), value.trim()))
    })
}
