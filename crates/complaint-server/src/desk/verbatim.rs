//! A platform's document in one of ours: unchanged, or without telephone numbers.

use std::borrow::Cow;

use protocol_core::Personal;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// A platform's document: numbers keep every digit, and members their order.
pub(super) struct Verbatim<'r> {
    text: &'r Personal<String>,
    hides_phones: bool,
}

impl<'r> Verbatim<'r> {
    pub(super) const fn new(text: &'r Personal<String>) -> Self {
        Self { text, hides_phones: false }
    }

    /// Hides telephone numbers.
    pub(super) const fn hide_phones(&mut self) {
        self.hides_phones = true;
    }
}

impl Serialize for Verbatim<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.text.expose();
        match serde_json::from_str::<&RawValue>(text) {
            Ok(document) if !self.hides_phones => document.serialize(serializer),
            // What is hidden in valid JSON leaves valid JSON.
            Ok(_) => RawValue::from_string(without_phones(text)).ok().serialize(serializer),
            Err(_) if self.hides_phones => serializer.serialize_none(),
            Err(_) => text.serialize(serializer),
        }
    }
}

/// Valid JSON with each telephone number hidden, wherever it stands. It is read once, whatever its depth.
fn without_phones(document: &str) -> String {
    let mut told = String::with_capacity(document.len());
    let mut rest = document;
    while let Some(start) = rest.find('"') {
        let (before, from) = rest.split_at(start);
        let (string, after) = from.split_at(string_end(from));
        told.push_str(before);
        told.push_str(string);
        rest = after;
        // A name is followed by a colon, a value never.
        let Some(value) = after.trim_ascii_start().strip_prefix(':').map(str::trim_ascii_start) else { continue };
        let end = match value.as_bytes().first() {
            Some(b'"') => string_end(value),
            Some(b'-' | b'0'..=b'9') => value.find([',', '}', ' ', '\t', '\r', '\n']).unwrap_or(value.len()),
            _ => continue,
        };
        if is_phone(string) {
            told.push_str(HIDDEN);
            rest = value.get(end..).unwrap_or_default();
        }
    }
    told.push_str(rest);
    told
}

/// The place after a string's closing quote. The text begins with the opening one.
fn string_end(text: &str) -> usize {
    let mut is_escaped = false;
    for (place, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return place + 1,
            _ => {}
        }
    }
    text.len()
}

/// Whether a member of this name is a telephone number. A name may be written with escapes.
fn is_phone(name: &str) -> bool {
    serde_json::from_str::<Cow<'_, str>>(name).is_ok_and(|name| PHONES.contains(&&*name))
}

/// The platforms' names of members with a telephone number: WeChat Pay's and Allinpay's, the Mini
/// Program's, Alipay's.
const PHONES: [&str; 4] = ["payer_phone", "phoneNumber", "contact", "contactl"];

/// The colon, and the value in place of a number.
const HIDDEN: &str = r#":"***""#;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn numbers_are_hidden_wherever_they_stand_and_all_else_stays() {
        for (document, told) in [
            (r#"{"payer_phone":"13900001234"}"#, r#"{"payer_phone":"***"}"#),
            (r#"{"n":1.00,"a":[{"phoneNumber" : "1" ,"x":2}]}"#, r#"{"n":1.00,"a":[{"phoneNumber":"***" ,"x":2}]}"#),
            (r#"{"phoneNumber":13900001234,"contact":-1}"#, r#"{"phoneNumber":"***","contact":"***"}"#),
            (r#"{"contact":"a\"b\\","contactl":"\\"}"#, r#"{"contact":"***","contactl":"***"}"#),
            (r#"{"\u0070ayer_phone":"1"}"#, r#"{"\u0070ayer_phone":"***"}"#),
            (
                r#"{"contact":null,"x":"contact","y":["contact","1"]}"#,
                r#"{"contact":null,"x":"contact","y":["contact","1"]}"#,
            ),
            (r#"{"x":"\",\"contact\":\"1"}"#, r#"{"x":"\",\"contact\":\"1"}"#),
            (r#"{"contact":{"phoneNumber":"1"}}"#, r#"{"contact":{"phoneNumber":"***"}}"#),
            ("[]", "[]"),
        ] {
            assert_eq!(without_phones(document), told, "{document}");
        }
    }

    #[test]
    fn a_deep_document_is_read_once() {
        let (depth, number) = (100_000, r#"{"contact":"canary"}"#);
        let deep = format!("{}{number}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(!without_phones(&deep).contains("canary"));
    }

    #[test]
    fn what_is_no_json_is_hidden_whole() {
        let text = Personal::new("canary".to_owned());
        let mut verbatim = Verbatim::new(&text);
        assert_eq!(serde_json::to_value(&verbatim).unwrap(), json!("canary"));
        verbatim.hide_phones();
        assert_eq!(serde_json::to_value(&verbatim).unwrap(), Value::Null);
    }

    fn document() -> impl Strategy<Value = Value> {
        let name = || prop_oneof![Just("contact".to_owned()), Just("payer_phone".to_owned()), "[a\"\\\\:,]{0,4}"];
        let leaf = prop_oneof![Just(json!("canary")), Just(json!(7)), Just(json!(null)), name().prop_map(Value::from)];
        leaf.prop_recursive(4, 40, 5, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::btree_map(name(), inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// The same in the plainest way.
    fn hidden(value: &Value) -> Value {
        match value {
            Value::Array(values) => values.iter().map(hidden).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| {
                    let hides = PHONES.contains(&name.as_str()) && (value.is_string() || value.is_number());
                    (name.clone(), if hides { json!("***") } else { hidden(value) })
                })
                .collect(),
            other => other.clone(),
        }
    }

    proptest! {
        #[test]
        fn nothing_else_changes(document in document()) {
            let told: Value = serde_json::from_str(&without_phones(&document.to_string())).unwrap();
            prop_assert_eq!(told, hidden(&document));
        }
    }
}
