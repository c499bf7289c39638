//! Looking for a refusal in a JSON document without reading the document.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{Detail, Refusal};
use crate::codec::json::{Members, strictly};
use crate::codec::text::{readable, readable_json};
use crate::secret::Personal;

/// Documents up to here are looked at member by member. A larger one is a page, unless `code"` stands near one of its ends: to
/// look through all of it would cost as much as half of what reading it does.
const SMALL: usize = 1024;

/// So near, in bytes.
const END: usize = 512;

/// A list of one element, and a string that holds JSON, are looked into up to here: refusals are short.
const MAX_WRAPPED: usize = 16 * 1024;

/// So deep a refusal may be wrapped: in a list, a string, or one of Alipay's `…_response`.
const MAX_DEPTH: u8 = 3;

/// What a look at a document finds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// No refusal.
    Nothing,
    /// An object that cannot be read, so that nobody knows.
    Unreadable,
    /// A refusal.
    Refusal(Box<Refusal>),
}

/// Looks for a refusal: an object with a `code` or an `errcode` that is no success, or with a `success` that is false.
pub(crate) fn find(json: &[u8]) -> Found {
    if json.len() > SMALL && !has_a_code_near_an_end(json) { Found::Nothing } else { find_anywhere(json) }
}

/// As [`find`], wherever it stands: where nothing else is expected.
pub(crate) fn find_anywhere(json: &[u8]) -> Found {
    let begins = json.strip_prefix("\u{feff}".as_bytes()).unwrap_or(json).trim_ascii_start().first();
    if !matches!(begins, Some(b'{' | b'[' | b'"')) {
        return Found::Nothing;
    }
    find_in(&readable(json), 0)
}

fn has_a_code_near_an_end(json: &[u8]) -> bool {
    let ends = [json.first_chunk::<END>(), json.last_chunk::<END>()];
    ends.into_iter().flatten().any(|end| end.utf8_chunks().any(|text| text.valid().contains("code\"")))
}

fn find_in(text: &str, depth: u8) -> Found {
    let text = text.trim_start_matches('\u{feff}').trim();
    if depth > MAX_DEPTH {
        return Found::Nothing;
    }
    match text.as_bytes().first() {
        Some(b'{') => in_object(text, depth),
        Some(b'[') if text.len() <= MAX_WRAPPED => match serde_json::from_str::<Vec<&RawValue>>(text).as_deref() {
            Ok([element]) => find_in(element.get(), depth + 1),
            _ => Found::Nothing,
        },
        Some(b'"') if text.len() <= MAX_WRAPPED => match string(text) {
            Some(inner) => find_in(&inner, depth + 1),
            None => Found::Nothing,
        },
        _ => Found::Nothing,
    }
}

fn in_object(text: &str, depth: u8) -> Found {
    let (members, read) = Members::until_damage(text);
    match readable_json(text.as_bytes()) {
        Cow::Owned(mended) if read.is_err() => {
            let (members, read) = Members::until_damage(&mended);
            Told::by(&members).tell(read.is_ok(), depth)
        }
        _ => Told::by(&members).tell(read.is_ok(), depth),
    }
}

/// The members that tell, as they were written.
#[derive(Default)]
struct Told<'j> {
    code: Verdict,
    errcode: Verdict,
    /// The same of `success`, where it is false.
    is_no_success: bool,
    message: Option<&'j RawValue>,
    sub_code: Option<&'j RawValue>,
    sub_message: Option<&'j RawValue>,
    detail: Option<&'j RawValue>,
    /// Alipay's own envelope.
    response: Option<&'j RawValue>,
}

/// What a code says.
#[derive(Default, PartialEq)]
enum Verdict {
    #[default]
    Absent,
    Success,
    Refused(Option<String>),
}

impl<'j> Told<'j> {
    /// Members before what cannot be read tell all the same.
    fn by(members: &Members<'j>) -> Self {
        let mut told = Self::default();
        members.iter().for_each(|(name, value)| told.take(name, value));
        told
    }

    fn take(&mut self, name: &str, value: &'j RawValue) {
        match name {
            "code" => self.code.hear(value, is_success),
            "errcode" => self.errcode.hear(value, is_zero),
            "success" => self.is_no_success |= matches!(value.get(), "false" | "0" | "\"false\"" | "\"0\""),
            "message" | "errmsg" | "msg" => self.message = self.message.or(Some(value)),
            "sub_code" => self.sub_code = Some(value),
            "sub_msg" => self.sub_message = Some(value),
            "detail" => self.detail = Some(value),
            _ if name.ends_with("_response") && value.get().starts_with('{') => self.response = Some(value),
            _ => {}
        }
    }

    fn tell(&self, is_read: bool, depth: u8) -> Found {
        match (self.refusal(), self.response) {
            (Some(refusal), _) => Found::Refusal(Box::new(refusal)),
            (None, Some(response)) => find_in(response.get(), depth + 1),
            (None, None) if is_read => Found::Nothing,
            (None, None) => Found::Unreadable,
        }
    }

    fn refusal(&self) -> Option<Refusal> {
        let (code, is_errcode) = match (&self.errcode, &self.code) {
            (Verdict::Refused(code), _) => (code.clone(), true),
            (_, Verdict::Refused(code)) => (code.clone(), false),
            (Verdict::Absent, Verdict::Absent) if self.is_no_success => (None, false),
            _ => return None,
        };
        let words = |value: Option<&RawValue>| value.and_then(text_of).filter(|text| !text.is_empty());
        Some(Refusal {
            code,
            message: words(self.message).map(Personal::new),
            sub_code: words(self.sub_code),
            sub_message: words(self.sub_message).map(Personal::new),
            detail: self.detail.filter(|detail| !is_nothing(detail.get())).map(Detail::of),
            is_errcode,
        })
    }
}

impl Verdict {
    /// Takes a code in. Where it stands twice, a refusal outweighs.
    fn hear(&mut self, value: &RawValue, is_success: impl Fn(&str) -> bool) {
        let verdict = match text_of(value) {
            _ if is_nothing(value.get()) => return,
            Some(text) if text.trim().is_empty() => return,
            Some(text) if is_success(text.trim()) => Self::Success,
            Some(text) => Self::Refused(Some(text.trim().to_owned())),
            None => Self::Refused(None),
        };
        if !matches!(self, Self::Refused(_)) {
            *self = verdict;
        }
    }
}

/// Alipay's 10000, 0 as some write it, and the word.
fn is_success(code: &str) -> bool {
    code == "10000" || code.eq_ignore_ascii_case("SUCCESS") || code.eq_ignore_ascii_case("OK") || is_zero(code)
}

fn is_zero(code: &str) -> bool {
    code.starts_with(|first: char| first.is_ascii_digit()) && code.parse::<f64>() == Ok(0.0)
}

/// The ways to write nothing.
fn is_nothing(json: &str) -> bool {
    let is_empty = |open, close| json.strip_prefix(open).and_then(|json| json.strip_suffix(close)).map(str::trim);
    json == "null" || [is_empty('[', ']'), is_empty('{', '}')].contains(&Some(""))
}

/// A string's text, or a number as it was written; `None` of anything else.
fn text_of(value: &RawValue) -> Option<String> {
    match value.get().as_bytes().first()? {
        b'"' => string(value.get()),
        b'-' | b'0'..=b'9' => Some(value.get().to_owned()),
        _ => None,
    }
}

/// A string of JSON, as far as it can be read.
fn string(json: &str) -> Option<String> {
    strictly(json).or_else(|_| strictly(&readable_json(json.as_bytes())).map_err(drop)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Delivery;

    #[track_caller]
    fn refusal(json: &str) -> Refusal {
        match find(json.as_bytes()) {
            Found::Refusal(refusal) => *refusal,
            other => panic!("{json}: {other:?}"),
        }
    }

    fn said(refusal: &Refusal) -> (Option<&str>, Option<&str>) {
        (refusal.code.as_deref(), refusal.message.as_ref().map(|words| words.expose().as_str()))
    }

    #[test]
    fn every_vocabulary_is_understood() {
        for (json, code, words, delivery) in [
            (
                r#"{"code":"FREQUENCY_LIMITED","message":"频率超限"}"#,
                "FREQUENCY_LIMITED",
                "频率超限",
                Delivery::Processed,
            ),
            (r#"{"message":"参数错误","code":"PARAM_ERROR"}"#, "PARAM_ERROR", "参数错误", Delivery::Processed),
            (r#"{"code":"SYSTEM_ERROR","message":"系统错误"}"#, "SYSTEM_ERROR", "系统错误", Delivery::Unknown),
            (r#"{"errcode":40001,"errmsg":"invalid credential"}"#, "40001", "invalid credential", Delivery::Processed),
            (r#"{"errcode":"40001","errmsg":"x"}"#, "40001", "x", Delivery::Processed),
            (r#"{"errcode":-1,"errmsg":"system busy"}"#, "-1", "system busy", Delivery::Unknown),
            (r#"{"code":"40004","msg":"Business Failed"}"#, "40004", "Business Failed", Delivery::Processed),
            (
                r#"{"code":20000,"msg":"Service Currently Unavailable"}"#,
                "20000",
                "Service Currently Unavailable",
                Delivery::Unknown,
            ),
            (r#"{"code":500,"msg":"x"}"#, "500", "x", Delivery::Unknown),
            (r#"[{"code":"NO_AUTH","message":"x"}]"#, "NO_AUTH", "x", Delivery::Processed),
            (r#""{\"code\":\"NO_AUTH\",\"message\":\"x\"}""#, "NO_AUTH", "x", Delivery::Processed),
            (
                r#"{"alipay_security_risk_complaint_info_query_response":{"code":"40006","msg":"x"},"sign":"y"}"#,
                "40006",
                "x",
                Delivery::Processed,
            ),
            ("\u{feff} {\"code\":\"A\",\"message\":\"x\"} ", "A", "x", Delivery::Processed),
            // Words that cannot be read cost the words.
            (r#"{"code":"A","message":"太差了\ud83d"}"#, "A", "太差了\u{fffd}", Delivery::Processed),
            ("{\"message\":\"a\nb\",\"code\":\"A\"}", "A", "a\nb", Delivery::Processed),
            // An escaped name, and a code that stands twice.
            (r#"{"\u0063ode":"A","message":"x"}"#, "A", "x", Delivery::Processed),
            (r#"{"code":"SUCCESS","code":"A","message":"x"}"#, "A", "x", Delivery::Processed),
            (r#"{"code":"A","code":"SUCCESS","message":"x"}"#, "A", "x", Delivery::Processed),
            (r#"{"errcode":0,"code":"A","msg":"x"}"#, "A", "x", Delivery::Processed),
        ] {
            let refusal = refusal(json);
            assert_eq!(said(&refusal), (Some(code), Some(words)), "{json}");
            assert_eq!(refusal.delivery(), delivery, "{json}");
        }
        for json in [r#"{"code":{"a":1}}"#, r#"{"errcode":[1]}"#, r#"{"code":true}"#, r#"{"success":false}"#] {
            let refusal = refusal(json);
            assert_eq!((said(&refusal), refusal.delivery()), ((None, None), Delivery::Unknown), "{json}");
        }
        let cut = refusal(r#"{"code":"A","message":"x"#);
        assert_eq!(said(&cut), (Some("A"), None));
        let reason =
            refusal(r#"{"code":"40004","msg":"Business Failed","sub_code":"ACQ.SYSTEM_ERROR","sub_msg":"系统繁忙"}"#);
        assert_eq!((reason.sub_code.as_deref(), reason.delivery()), (Some("ACQ.SYSTEM_ERROR"), Delivery::Unknown));
        assert_eq!(reason.sub_message.unwrap().expose(), "系统繁忙");
        assert_eq!(
            find("{\"code\":\"A\",\"message\":\"é".as_bytes().split_last().unwrap().1),
            find(br#"{"code":"A","#)
        );
    }

    #[test]
    fn documents_and_successes_are_none() {
        let page = format!(r#"{{"data":[{{"complaint_detail":"{}"}}],"total_count":1}}"#, "x".repeat(2 * SMALL));
        for json in [
            "",
            "null",
            "[]",
            "{}",
            "1",
            "\"x\"",
            "<html>",
            r#"{"code":"10000","msg":"Success"}"#,
            r#"{"code":10000,"complaint_list":[]}"#,
            r#"{"errcode":0,"errmsg":"ok"}"#,
            r#"{"errcode":"0","errmsg":"ok"}"#,
            r#"{"code":0.0}"#,
            r#"{"code":"SUCCESS","message":"成功"}"#,
            r#"{"code":null,"message":"x"}"#,
            r#"{"code":"","errcode":null}"#,
            r#"{"complaint_id":"1","complaint_detail":"{\"code\":\"A\"}"}"#,
            r#"{"data":[{"code":"A"}],"total_count":1}"#,
            r#"[{"code":"A"},{"code":"A"}]"#,
            r#"{"success":true}"#,
            &page,
        ] {
            assert_eq!(find(json.as_bytes()), Found::Nothing, "{json}");
        }
        for json in [r#"{"complaint_id":"#, "{\"a\":\"\n\",", "{x"] {
            assert_eq!(find(json.as_bytes()), Found::Unreadable, "{json}");
        }
    }

    #[test]
    fn a_large_document_is_no_hiding_place() {
        let large = format!(r#"{{"data":[{{"a":"{}"}}],"code":"A"}}"#, "x".repeat(2 * SMALL));
        assert_eq!(refusal(&large).code.as_deref(), Some("A"));
        let between = |padding: usize| {
            let text = "x".repeat(padding);
            format!(r#"{{"a":"{text}","code":"A","b":"{text}"}}"#)
        };
        assert_eq!(refusal(&between(END - 20)).code.as_deref(), Some("A"));
        assert_eq!(find(between(2 * END).as_bytes()), Found::Nothing);
        assert!(matches!(find_anywhere(between(2 * END).as_bytes()), Found::Refusal(_)));
        let nested = |depth: usize| format!("{}{{\"code\":\"A\"}}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(refusal(&nested(MAX_DEPTH.into())).code.as_deref(), Some("A"));
        assert_eq!(find(nested(usize::from(MAX_DEPTH) + 1).as_bytes()), Found::Nothing);
        let wrapped = |length: usize| format!("[{{\"code\":\"A\"}}{}]", " ".repeat(length - 14));
        assert_eq!(refusal(&wrapped(MAX_WRAPPED)).code.as_deref(), Some("A"));
        assert_eq!(find(wrapped(MAX_WRAPPED + 1).as_bytes()), Found::Nothing);
    }
}
