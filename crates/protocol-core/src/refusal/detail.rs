//! `detail` of a refusal: which member is wrong, where it stands, and why; never the value.

use serde_json::Value;
use serde_json::value::RawValue;

use crate::limits::{MAX_ID, MAX_REFUSAL_CAUSES, MAX_REFUSAL_ISSUE, MAX_REFUSAL_NAME};
use crate::secret::Personal;

/// Free JSON, compared by its text.
#[derive(Clone)]
pub struct Detail(Box<RawValue>);

/// One thing that is wrong with a request, as far as a [`Detail`] says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Cause {
    /// The member: a JSON pointer into the body, or a name. At most [`MAX_REFUSAL_NAME`] characters.
    pub field: Option<String>,
    /// Why it is refused, in words: at most [`MAX_REFUSAL_ISSUE`] characters. `***` stands in place of what quotes the value.
    pub issue: Option<Personal<String>>,
    /// Where the member stands: `body`, `query`, `url`, `authorization`.
    pub location: Option<String>,
}

/// Deepest `detail` within a `detail` that is looked into.
const MAX_DEPTH: u8 = 4;

/// A run of so many characters that the issue shares with the value is a quote of it; a shorter value is quoted whole or not.
const QUOTE: usize = 6;

/// Most characters of a value that are compared with an issue.
const MAX_COMPARED: usize = 8192;

impl Detail {
    pub(crate) fn of(json: &RawValue) -> Self {
        Self(json.to_owned())
    }

    /// The JSON text, which quotes what was sent. Known members: `field` (a JSON pointer, or a name), `value`, `issue`,
    /// `location` (`body`, `query`, `url`, `authorization`); a signature error nests another `detail` and the string the
    /// platform built.
    #[must_use]
    pub fn as_json(&self) -> &str {
        self.0.get()
    }

    /// What is wrong with the request: `field`, `issue` and `location` wherever they stand, at most [`MAX_REFUSAL_CAUSES`]
    /// times. Without control characters, within bounds, and never the value.
    ///
    /// ```
    /// use protocol_core::wechat_pay::ApiError;
    ///
    /// # fn main() -> Result<(), &'static str> {
    /// let body = br#"{"code":"PARAM_ERROR","message":"...","detail":{"field":"/limit","value":"999","issue":"999 is too large"}}"#;
    /// let detail = ApiError::decode(body).and_then(|error| error.detail).ok_or("a detail")?;
    /// let [cause] = &detail.causes()[..] else { return Err("one cause") };
    /// assert_eq!(cause.field.as_deref(), Some("/limit"));
    /// assert_eq!(cause.issue.as_ref().map(|issue| issue.expose().as_str()), Some("*** is too large"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn causes(&self) -> Vec<Cause> {
        let mut causes = Vec::new();
        if let Ok(value) = serde_json::from_str(self.as_json()) {
            collect(&value, &mut Vec::new(), MAX_DEPTH, &mut causes);
        }
        causes
    }

    /// The first member with its place, for an error's text.
    pub(crate) fn for_display(&self) -> String {
        self.causes().iter().find_map(Cause::place).map(|place| format!(" ({place})")).unwrap_or_default()
    }
}

impl Cause {
    /// The member and its place, such as `begin_date in query`; `None` where neither is said in a plain name.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        let plain = |name: &Option<String>| name.clone().filter(|name| is_plain(name));
        match (plain(&self.field), plain(&self.location)) {
            (Some(field), Some(location)) => Some(format!("{field} in {location}")),
            (Some(field), None) => Some(field),
            (None, Some(location)) => Some(format!("in {location}")),
            (None, None) => None,
        }
    }
}

/// A name as the platform's documentation has them. Others may hold anything.
fn is_plain(name: &str) -> bool {
    name.len() <= MAX_ID
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'/' | b'[' | b']'))
}

/// Collects causes. An object within an object adds what the outer one does not say.
fn collect<'v>(value: &'v Value, values: &mut Vec<&'v Value>, depth: u8, causes: &mut Vec<Cause>) {
    match value {
        Value::Array(elements) if depth > 0 => {
            for element in elements {
                collect(element, values, depth - 1, causes);
            }
        }
        Value::Object(members) => {
            let before = values.len();
            values.extend(members.get("value"));
            let first = causes.len();
            if let Some(inner) = members.get("detail").filter(|_| depth > 0) {
                collect(inner, values, depth - 1, causes);
            }
            let text = |name| members.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
            let own = Cause {
                field: text("field").map(|field| bounded(field, MAX_REFUSAL_NAME)),
                issue: text("issue")
                    .map(|issue| Personal::new(bounded(&without_quotes(issue, values), MAX_REFUSAL_ISSUE))),
                location: text("location").map(|location| bounded(location, MAX_REFUSAL_NAME)),
            };
            let has_room = causes.len() < MAX_REFUSAL_CAUSES;
            match causes.get_mut(first..) {
                Some([inner]) if inner.issue.is_none() || own.issue.is_none() => {
                    inner.field = own.field.or(inner.field.take());
                    inner.issue = own.issue.or(inner.issue.take());
                    inner.location = own.location.or(inner.location.take());
                }
                _ if own != Cause::default() && has_room => causes.push(own),
                _ => {}
            }
            values.truncate(before);
        }
        _ => {}
    }
    causes.truncate(MAX_REFUSAL_CAUSES);
}

/// Text that moves no cursor, of at most so many characters; `…` stands in place of the rest.
fn bounded(text: &str, characters: usize) -> String {
    let mut shown: String = text.chars().filter(|character| !moves(*character)).take(characters + 1).collect();
    if let Some((at, _)) = shown.char_indices().nth(characters) {
        shown.truncate(at);
        shown.pop();
        shown.push('…');
    }
    shown
}

/// Control characters, and those that reorder a line.
fn moves(character: char) -> bool {
    let reorders =
        matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    character.is_control() || reorders
}

/// The issue with `***` in place of whatever quotes one of the values.
fn without_quotes(issue: &str, values: &[&Value]) -> String {
    let issue: Vec<char> = issue.chars().take(2 * MAX_REFUSAL_ISSUE).collect();
    let mut hidden = vec![false; issue.len()];
    let mut hide = |value: &str| {
        let value: Vec<char> = value.trim().chars().take(MAX_COMPARED).collect();
        let run = value.len().min(QUOTE);
        if run == 0 {
            return;
        }
        for (at, window) in issue.windows(run).enumerate() {
            if value.windows(run).any(|part| part == window) && (run == QUOTE || stands_alone(&issue, at, run)) {
                hidden.iter_mut().skip(at).take(run).for_each(|hidden| *hidden = true);
            }
        }
    };
    let mut rest = values.to_vec();
    while let Some(value) = rest.pop() {
        match value {
            Value::String(text) => hide(text),
            Value::Number(number) => hide(&number.to_string()),
            Value::Array(elements) => rest.extend(elements),
            Value::Object(members) => rest.extend(members.values()),
            _ => {}
        }
    }
    let mut shown = String::new();
    let mut is_hidden_before = false;
    for (character, is_hidden) in issue.into_iter().zip(hidden) {
        match is_hidden {
            false => shown.push(character),
            true if is_hidden_before => {}
            true => shown.push_str("***"),
        }
        is_hidden_before = is_hidden;
    }
    shown
}

/// Whether a short run is a word of its own: the 3 of `3 is too large`, and not that of `30`.
fn stands_alone(issue: &[char], at: usize, run: usize) -> bool {
    let is_word = |at: Option<usize>| at.and_then(|at| issue.get(at)).is_some_and(char::is_ascii_alphanumeric);
    let begins_or_ends_with_one = is_word(Some(at)) || is_word(Some(at + run - 1));
    !(begins_or_ends_with_one && (is_word(at.checked_sub(1)) || is_word(Some(at + run))))
}

impl PartialEq for Detail {
    fn eq(&self, other: &Self) -> bool {
        self.as_json() == other.as_json()
    }
}

impl Eq for Detail {}

/// It quotes what was sent, so it is not shown.
impl core::fmt::Debug for Detail {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Detail(***)")
    }
}

impl<'de> crate::codec::json::WireValue<'de> for Detail {
    const EXPECTED: &'static str = "any value";

    fn decode<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::Deserialize::deserialize(deserializer).map(Self)
    }
}

impl serde::Serialize for Detail {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn causes(json: &str) -> Vec<Cause> {
        Detail(RawValue::from_string(json.to_owned()).unwrap()).causes()
    }

    #[track_caller]
    fn one(json: &str, field: Option<&str>, issue: Option<&str>, location: Option<&str>) {
        let expected = Cause {
            field: field.map(str::to_owned),
            issue: issue.map(Personal::from),
            location: location.map(str::to_owned),
        };
        let said = causes(json);
        let issue = |causes: &[Cause]| {
            causes.iter().map(|cause| cause.issue.clone().map(Personal::into_exposed)).collect::<Vec<_>>()
        };
        assert_eq!(said, [expected], "{json}: {:?}", issue(&said));
    }

    #[test]
    fn every_shape_says_which_member() {
        let spread = "日期跨度超过30天";
        one(
            r#"{"field":"begin_date","issue":"日期跨度超过30天","location":"query","value":"2026-01-01"}"#,
            Some("begin_date"),
            Some(spread),
            Some("query"),
        );
        one(r#"{"location":"body","value":""}"#, None, None, Some("body"));
        let signature = r#"{"detail":{"issue":"sign not match"},"field":"signature","location":"authorization",
            "sign_information":{"method":"GET","truncated_sign_message":"GET\nCANARY"}}"#;
        one(signature, Some("signature"), Some("sign not match"), Some("authorization"));
        one(r#"[{"field":"/a","issue":"x"}]"#, Some("/a"), Some("x"), None);
        one(r#"{"detail":[{"field":"/a"}],"issue":"x","location":null}"#, Some("/a"), Some("x"), None);
        for nothing in [
            r#"{"location":null,"value":["/body/appid","/body/mchid"]}"#,
            "null",
            "1",
            "[]",
            "{}",
            r#""CANARY""#,
            r#"{"field":1,"issue":["x"],"location":{}}"#,
            r#"{"issue":"\ud83d"}"#,
        ] {
            assert_eq!(causes(nothing), [], "{nothing}");
        }
        let two = causes(r#"[{"field":"/a","issue":"x"},{"field":"/b","issue":"y"},null]"#);
        assert_eq!(two.iter().map(|cause| cause.field.as_deref()).collect::<Vec<_>>(), [Some("/a"), Some("/b")]);
    }

    #[test]
    fn an_issue_never_quotes_the_value() {
        for (issue, value, shown) in [
            ("18500001234 不是手机号", r#""18500001234""#, "*** 不是手机号"),
            ("手机号185000...不合法", r#""18500001234""#, "手机号***...不合法"),
            ("长度 3 小于 30", "3", "长度 *** 小于 30"),
            ("长度3小于30", r#""3""#, "长度***小于30"),
            ("「太差了」含有敏感词", r#""太差了""#, "「***」含有敏感词"),
            ("a and b", r#"["a","b"]"#, "*** and ***"),
            ("too long", r#"{"text":["too long"]}"#, "***"),
            ("must be a number", "\"\"", "must be a number"),
            ("must be a number", "null", "must be a number"),
        ] {
            one(&format!(r#"{{"issue":"{issue}","value":{value}}}"#), None, Some(shown), None);
            one(&format!(r#"{{"value":{value},"detail":{{"issue":"{issue}"}}}}"#), None, Some(shown), None);
        }
    }

    #[test]
    fn what_is_shown_is_bounded_and_moves_no_cursor() {
        let of = |field: &str, issue: &str| causes(&format!(r#"{{"field":"{field}","issue":"{issue}"}}"#)).remove(0);
        let longest = of(&"f".repeat(MAX_REFUSAL_NAME), &"字".repeat(MAX_REFUSAL_ISSUE));
        assert_eq!(longest.field.unwrap().len(), MAX_REFUSAL_NAME);
        assert_eq!(
            longest.issue.unwrap().expose().chars().filter(|character| *character == '字').count(),
            MAX_REFUSAL_ISSUE
        );
        let longer = of(&"f".repeat(MAX_REFUSAL_NAME + 1), &"字".repeat(MAX_REFUSAL_ISSUE + 1));
        assert!(longer.field.as_ref().unwrap().ends_with("f…") && longer.issue.unwrap().expose().ends_with("字…"));
        assert_eq!(longer.field.unwrap().chars().count(), MAX_REFUSAL_NAME);
        assert_eq!(of(r"a\u001b[2Jb", r"x\u202ey\nz").issue.unwrap().expose(), "xyz");
        let many = |count: usize| format!("[{}null]", r#"{"field":"/a"},"#.repeat(count));
        assert_eq!(causes(&many(MAX_REFUSAL_CAUSES)).len(), MAX_REFUSAL_CAUSES);
        assert_eq!(causes(&many(MAX_REFUSAL_CAUSES + 1)).len(), MAX_REFUSAL_CAUSES);
        let deep = |depth: usize| causes(&format!("{}{{\"field\":\"/a\"}}{}", "[".repeat(depth), "]".repeat(depth)));
        assert_eq!((deep(MAX_DEPTH.into()).len(), deep(usize::from(MAX_DEPTH) + 1).len()), (1, 0));
    }

    #[test]
    fn an_errors_text_names_plain_places_alone() {
        let shown = |json: &str| Detail(RawValue::from_string(json.to_owned()).unwrap()).for_display();
        assert_eq!(shown(r#"{"field":"/body/limit","location":"body","issue":"CANARY"}"#), " (/body/limit in body)");
        assert_eq!(shown(r#"[{"field":"a"},{"location":"query"}]"#), " (a)");
        let name = |length: usize| shown(&format!(r#"{{"field":"{}"}}"#, "f".repeat(length)));
        assert_eq!((name(MAX_ID).len(), name(MAX_ID + 1).len()), (MAX_ID + 3, 0));
        assert_eq!(shown(r#"{"field":"姓名 CANARY","location":"body"}"#), " (in body)");
        assert_eq!(shown("[]"), "");
    }
}
