//! Headers in JSON: an object, a list of pairs or of `name` and `value`; also within a logged request's `headers`.

use serde_json::Value;

use super::Headers;

/// The headers of a JSON document; `None` where it is none.
pub(super) fn headers(text: &str) -> Option<Headers> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    of(&serde_json::from_str(text).ok()?)
}

fn of(value: &Value) -> Option<Headers> {
    match value {
        Value::Object(members) => {
            let nested = members.iter().find(|(name, _)| ["headers", "header"].contains(&&*name.to_ascii_lowercase()));
            if let Some((_, headers @ (Value::Object(_) | Value::Array(_)))) = nested {
                return of(headers);
            }
            Some(
                members
                    .iter()
                    .flat_map(|(name, value)| values(value).map(move |value| (name.clone(), value)))
                    .collect(),
            )
        }
        Value::Array(pairs) => pairs
            .iter()
            .map(|pair| match pair {
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
            })
            .collect(),
        _ => None,
    }
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
