//! `detail` of a refusal: which member is wrong, its place, and the reason; never the value.

use serde_json::Value;
use serde_json::value::RawValue;

use super::quotes::{Quotes, moves, values_of};
use crate::codec::json::has_few_values;
use crate::limits::{MAX_ID, MAX_REFUSAL_CAUSES, MAX_REFUSAL_ISSUE, MAX_REFUSAL_NAME};
use crate::secret::Personal;

/// Free JSON, compared by its text.
#[derive(Clone)]
pub struct Detail(Box<RawValue>);

/// One problem of a request, as far as a [`Detail`] describes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Cause {
    /// The member: a JSON pointer into the body, or a name. At most [`MAX_REFUSAL_NAME`]
    /// characters.
    pub field: Option<String>,
    /// The reason, in words: at most [`MAX_REFUSAL_ISSUE`] characters. `***` replaces quotes of the
    /// value.
    pub issue: Option<Personal<String>>,
    /// The member's place: `body`, `query`, `url`, `authorization`.
    pub location: Option<String>,
}

/// Deepest `detail` within a `detail` that is read.
const MAX_DEPTH: u8 = 4;

impl Detail {
    pub(crate) fn of(json: &RawValue) -> Self {
        Self(json.to_owned())
    }

    /// The JSON text, which quotes the request. Known members: `field` (a JSON pointer, or a name),
    /// `value`, `issue`, `location` (`body`, `query`, `url`, `authorization`). A signature error
    /// nests another `detail` and the string that the platform built.
    #[must_use]
    pub fn as_json(&self) -> &str {
        self.0.get()
    }

    /// The problems of the request: every `field`, `issue` and `location`, at any depth, at most
    /// [`MAX_REFUSAL_CAUSES`] times. Control characters are removed, lengths are bounded, and
    /// values are never shown. Empty for a `detail` of more than
    /// [`MAX_JSON_VALUES`](crate::limits::MAX_JSON_VALUES) values.
    ///
    /// ```
    /// use protocol_core::wechat_pay::ApiError;
    ///
    /// # fn main() -> Result<(), &'static str> {
    /// let body = br#"{"code":"PARAM_ERROR","message":"...","detail":{"field":"/limit","value":"999","issue":"999 is too large"}}"#;
    /// let detail = ApiError::decode(body).and_then(|error| error.detail).ok_or("a detail")?;
    /// let [cause] = &detail.causes()[..] else { return Err("one cause") };
    /// assert_eq!(cause.field.as_deref(), Some("/limit"));
    /// assert_eq!(
    ///     cause.issue.as_ref().map(|issue| issue.expose().as_str()),
    ///     Some("*** is too large")
    /// );
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn causes(&self) -> Vec<Cause> {
        let mut causes = Vec::new();
        // A parsed tree takes hundreds of bytes a value.
        if has_few_values(self.as_json())
            && let Ok(value) = serde_json::from_str(self.as_json())
        {
            let values = values_of(&value);
            collect(&value, &Quotes::of(values.as_deref()), MAX_DEPTH, &mut causes);
        }
        causes
    }

    /// The first member with its place, for an error's text.
    pub(crate) fn for_display(&self) -> String {
        self.causes().iter().find_map(Cause::place).map(|place| format!(" ({place})")).unwrap_or_default()
    }
}

impl Cause {
    /// The member and its place, such as `begin_date in query`. `None` if neither has a plain name.
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

/// Whether a name looks like those of the platform's documentation. Others may contain anything.
fn is_plain(name: &str) -> bool {
    name.len() <= MAX_ID
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'/' | b'[' | b']'))
}

/// Collects causes. A nested object adds the members that the outer one lacks.
fn collect(value: &Value, quotes: &Quotes<'_>, depth: u8, causes: &mut Vec<Cause>) {
    match value {
        Value::Array(elements) if depth > 0 => {
            for element in elements {
                if causes.len() >= MAX_REFUSAL_CAUSES {
                    break;
                }
                collect(element, quotes, depth - 1, causes);
            }
        }
        Value::Object(members) => {
            let first = causes.len();
            if let Some(inner) = members.get("detail").filter(|_| depth > 0) {
                collect(inner, quotes, depth - 1, causes);
            }
            let text = |name| members.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
            let own = Cause {
                field: text("field").map(|field| bounded(&quotes.hidden_in_name(field), MAX_REFUSAL_NAME)),
                issue: text("issue").map(|issue| Personal::new(bounded(&quotes.hidden_in(issue), MAX_REFUSAL_ISSUE))),
                location: text("location").map(|place| bounded(&quotes.hidden_in_name(place), MAX_REFUSAL_NAME)),
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
        }
        _ => {}
    }
    causes.truncate(MAX_REFUSAL_CAUSES);
}

/// Text without characters that move the cursor, of at most so many characters; `…` replaces the
/// rest.
fn bounded(text: &str, characters: usize) -> String {
    let mut shown: String = text.chars().filter(|character| !moves(*character)).take(characters + 1).collect();
    if let Some((at, _)) = shown.char_indices().nth(characters) {
        shown.truncate(at);
        shown.pop();
        shown.push('…');
    }
    shown
}

impl PartialEq for Detail {
    fn eq(&self, other: &Self) -> bool {
        self.as_json() == other.as_json()
    }
}

impl Eq for Detail {}

/// Hidden, because it quotes the request.
impl std::fmt::Debug for Detail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
    use super::super::quotes::{HIDDEN, MAX_COMPARED, spoken};
    use super::*;
    use crate::limits::MAX_JSON_VALUES;

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

    /// Every value of the detail counts, at any place, in any spelling of the issue.
    #[test]
    fn no_value_is_shown_in_any_place() {
        for json in [
            r#"{"issue":"18500001234 bad","detail":{"value":"18500001234"}}"#,
            r#"[{"value":"18500001234"},{"field":"/a","issue":"18500001234 bad"}]"#,
            r#"[{"issue":"18500001234 bad"},[{"detail":{"value":["18500001234"]}}]]"#,
            r#"{"field":"18500001234","value":"18500001234","issue":"bad"}"#,
            r#"{"field":"18500001234","value":18500001234,"location":"18500001234"}"#,
            r#"{"field":"/body/18500001234/x","value":"18500001234"}"#,
            r#"{"issue":"185 0000 1234 bad","value":"18500001234"}"#,
            r#"{"issue":"18500001234 bad","value":"185-0000-1234"}"#,
            r#"{"issue":"1\u200b8\u200b5\u200b0\u200b0\u200b0\u200b0\u200b1\u200b2\u200b3\u200b4","value":"18500001234"}"#,
            r#"{"issue":"1\u202e8\u00075\u202e00001234","value":"18500001234"}"#,
            r#"{"x":{"y":{"value":{"z":"18500001234"}}},"issue":"no: 18500001234"}"#,
            r#"{"issue":"太 差 了","value":"太差了"}"#,
            r#"{"field":"太差了","value":"太差了"}"#,
            r#"{"issue":"Zhang.San@A.example","value":"zhang.san@a.example"}"#,
        ] {
            let said: String = causes(json)
                .into_iter()
                .flat_map(|cause| [cause.field, cause.issue.map(Personal::into_exposed), cause.location])
                .flatten()
                .collect();
            let letters: String = said.chars().filter_map(spoken).collect();
            assert!(said.contains(HIDDEN), "{json}: {said}");
            for value in ["1850000", "0001234", "太差了", "差", "zhangsan"] {
                assert!(!letters.contains(value), "{json}: {said}");
            }
        }
        // The name is that of a member, although values are names like it.
        one(r#"{"field":"/body/mchid","value":["/body/appid"]}"#, Some("/body/mchid"), None, None);
        one(r#"{"field":"/items/0","value":0,"location":"body"}"#, Some("/items/***"), None, Some("body"));
        one(r#"{"field":"limit","value":"body","location":"body"}"#, Some("limit"), None, Some("body"));
    }

    #[test]
    fn a_detail_too_large_to_compare_is_hidden() {
        let hidden = (Some(HIDDEN), Some(HIDDEN));
        let of = |json: String| {
            let cause = causes(&json).remove(0);
            (cause.field.unwrap(), cause.issue.unwrap().into_exposed())
        };
        let long = |length: usize| of(format!(r#"{{"field":"/a","issue":"bad","value":"{}"}}"#, "x".repeat(length)));
        let shown = |(field, issue): &(String, String)| field == "/a" && issue == "bad";
        assert!(shown(&long(MAX_COMPARED / 2)));
        let (field, issue) = long(MAX_COMPARED / 2 + 1);
        assert_eq!((Some(&*field), Some(&*issue)), hidden);
        // Three members, and the elements.
        let many = |values| format!(r#"{{"field":"/a","issue":"bad","x":[{}1]}}"#, "1,".repeat(values - 4));
        assert!(shown(&of(many(MAX_JSON_VALUES))));
        assert_eq!(causes(&many(MAX_JSON_VALUES + 1)), []);
    }

    #[test]
    fn shown_text_is_bounded_and_moves_no_cursor() {
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
