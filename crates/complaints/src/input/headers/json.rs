//! Headers in JSON: an object, or a list of pairs, of `name` and `value`, or of names and values in
//! turn; also within a logged request, an event of AWS or an HTTP archive.

use serde_json::{Map, Value};

use super::line::{Headers, header, is_ours};

/// Members that hold headers, in small letters and without `_` and `-`. Of several with the same
/// headers, the first counts.
const HOLDERS: [&str; 6] =
    ["headers", "header", "multivalueheaders", "rawheaders", "requestheaders", "responseheaders"];

/// The headers of each message in a JSON document. `None` for another document.
pub(super) fn messages(text: &str) -> Option<Vec<Headers>> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let document = serde_json::from_str(text).ok()?;
    let mut found = Vec::new();
    collect(&document, &mut found);
    if found.is_empty() {
        // Headers without any of WeChat Pay's are refused later.
        found.push(of(&document)?);
    }
    Some(found)
}

/// Collects headers with one of WeChat Pay's, at any depth.
fn collect(value: &Value, found: &mut Vec<Headers>) {
    let has_ours = |headers: &Headers| headers.iter().any(|(name, _)| is_ours(name));
    match value {
        Value::Object(members) => match holders(members).filter_map(of).find(has_ours) {
            Some(headers) => found.push(headers),
            None if members.keys().any(|name| is_ours(name)) => found.push(of_object(members)),
            None => members.values().for_each(|value| collect(value, found)),
        },
        Value::Array(elements) => match of(value).filter(has_ours) {
            Some(headers) => found.push(headers),
            None => elements.iter().for_each(|value| collect(value, found)),
        },
        _ => {}
    }
}

/// The members that hold headers, the likeliest first.
fn holders(members: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    HOLDERS.iter().flat_map(|holder| {
        let is_it = |name: &str| name.to_ascii_lowercase().replace(['_', '-'], "") == **holder;
        let is_many = |value: &Value| value.is_object() || value.is_array();
        members.iter().filter(move |(name, value)| is_it(name) && is_many(value)).map(|(_, value)| value)
    })
}

fn of(value: &Value) -> Option<Headers> {
    match value {
        Value::Object(members) => match holders(members).next() {
            Some(headers) => of(headers),
            None => Some(of_object(members)),
        },
        Value::Array(elements) => of_texts(elements).or_else(|| elements.iter().map(pair).collect()),
        _ => None,
    }
}

fn of_object(members: &Map<String, Value>) -> Headers {
    members.iter().flat_map(|(name, value)| values(value).map(move |value| (name.clone(), value))).collect()
}

/// `["Name", "value"]`, or an object of `name` and `value`.
fn pair(pair: &Value) -> Option<(String, String)> {
    match pair {
        Value::Array(pair) => match pair.as_slice() {
            [Value::String(name), Value::String(value)] => Some((name.clone(), value.clone())),
            _ => None,
        },
        Value::Object(pair) => {
            let text = |name: &str| pair.get(name).and_then(Value::as_str).map(str::to_owned);
            let key = text("key");
            Some((text("name").or(key)?, text("value")?))
        }
        _ => None,
    }
}

/// A list of texts: `Name: value` in each, or a name and a value in turn.
fn of_texts(elements: &[Value]) -> Option<Headers> {
    let texts: Vec<&str> = elements.iter().map(Value::as_str).collect::<Option<_>>()?;
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.trim().to_owned());
    if texts.is_empty() {
        return None;
    }
    if let Some(headers) = texts.iter().map(|line| header(line).map(owned)).collect() {
        return Some(headers);
    }
    let mut pairs = texts.chunks_exact(2);
    let headers = pairs.by_ref().filter_map(|pair| Some(owned((pair.first()?, pair.get(1)?)))).collect();
    pairs.remainder().is_empty().then_some(headers)
}

/// The values of a header: a text or a number, or a list of them. Anything else is none.
fn values(value: &Value) -> impl Iterator<Item = String> {
    let values = match value {
        Value::Array(values) => values.as_slice(),
        value => std::slice::from_ref(value),
    };
    values.iter().filter_map(|value| match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}
