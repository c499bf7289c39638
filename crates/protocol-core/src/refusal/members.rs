//! Finds a refusal in a JSON document without reading the document.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{Detail, Refusal};
use crate::codec::json::{Members, strictly};
use crate::codec::text::{bare, readable, readable_json};
use crate::secret::Personal;

/// Largest document that is checked before it is read, in bytes. A larger one is checked if it
/// turns out not to be the expected one.
const SMALL: usize = 4 * 1024;

/// Largest list of one element, and largest string of JSON, that is unwrapped, in bytes: refusals
/// are short.
const MAX_WRAPPED: usize = 16 * 1024;

/// Deepest wrapping of a refusal: in a list, a string, or one of Alipay's `…_response`.
const MAX_DEPTH: u8 = 3;

/// The result of checking a document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// No refusal.
    Nothing,
    /// An object that reports success, without any contradiction.
    Success,
    /// An object that cannot be read, so that its outcome is unknown.
    Unreadable,
    /// A refusal.
    Refusal(Box<Refusal>),
}

/// Documents that are never taken for refusals.
#[derive(Clone, Copy)]
enum Spare {
    /// Documents that contain a payer's complaint, whatever code they have.
    Documents,
    /// None: everything with a code may be a refusal.
    #[cfg(feature = "wechat-pay")]
    Nothing,
}

/// Looks for a refusal in a document that is not read yet: an object with a `code` or an `errcode`
/// other than success, or with a false `success`. A complaint, or a page with rows, is not a
/// refusal.
pub(crate) fn find(json: &[u8]) -> Found {
    if json.len() > SMALL { Found::Nothing } else { find_anywhere(json) }
}

/// As [`find`], in a document of any size that turned out not to be the expected one.
pub(crate) fn find_anywhere(json: &[u8]) -> Found {
    look(json, Spare::Documents)
}

/// As [`find_anywhere`], in an error's body, which is never a document.
#[cfg(feature = "wechat-pay")]
pub(crate) fn find_in_error(json: &[u8]) -> Found {
    look(json, Spare::Nothing)
}

/// Checks the response to an act: [`Found::Success`] if it is empty or reports success. Never
/// [`Found::Nothing`]: any other content may be a refusal.
pub(crate) fn find_of_act(json: &[u8]) -> Found {
    if is_blank(json) {
        return Found::Success;
    }
    match find_anywhere(json) {
        Found::Nothing => Found::Unreadable,
        found => found,
    }
}

/// Whether a document is a spelling of an empty value. Bytes that are not text are not empty:
/// `FAIL` is valid base64.
fn is_blank(json: &[u8]) -> bool {
    std::str::from_utf8(bare(json)).is_ok_and(is_nothing_or_blank)
}

fn look(json: &[u8], spare: Spare) -> Found {
    if !matches!(bare(json).first(), Some(b'{' | b'[' | b'"')) {
        return Found::Nothing;
    }
    find_in(&readable(json), spare, 0)
}

fn find_in(text: &str, spare: Spare, depth: u8) -> Found {
    let text = text.trim_start_matches('\u{feff}').trim();
    if depth > MAX_DEPTH {
        return Found::Nothing;
    }
    match text.as_bytes().first() {
        Some(b'{') => in_object(text, spare, depth),
        Some(b'[') if text.len() <= MAX_WRAPPED => match serde_json::from_str::<Vec<&RawValue>>(text).as_deref() {
            Ok([element]) => find_in(element.get(), spare, depth + 1),
            _ => Found::Nothing,
        },
        Some(b'"') if text.len() <= MAX_WRAPPED => match string(text) {
            Some(inner) => find_in(&inner, spare, depth + 1),
            None => Found::Nothing,
        },
        _ => Found::Nothing,
    }
}

fn in_object(text: &str, spare: Spare, depth: u8) -> Found {
    let (members, read) = Members::until_damage(text);
    match readable_json(text.as_bytes()) {
        Cow::Owned(mended) if read.is_err() => {
            let (members, read) = Members::until_damage(&mended);
            Told::by(&members).tell(read.is_ok(), spare, depth)
        }
        _ => Told::by(&members).tell(read.is_ok(), spare, depth),
    }
}

/// The members that decide, unchanged.
#[derive(Default)]
struct Told<'j> {
    code: Verdict,
    errcode: Verdict,
    /// Whether `success` is false.
    is_no_success: bool,
    /// Whether it is a complaint, or has rows.
    is_document: bool,
    message: Option<&'j RawValue>,
    sub_code: Option<&'j RawValue>,
    sub_message: Option<&'j RawValue>,
    detail: Option<&'j RawValue>,
    /// Alipay's own envelope.
    response: Option<&'j RawValue>,
}

/// The meaning of a code.
#[derive(Default, PartialEq)]
enum Verdict {
    #[default]
    Absent,
    Success,
    Refused(Option<String>),
}

impl<'j> Told<'j> {
    /// Members before the damage count.
    fn by(members: &Members<'j>) -> Self {
        let mut told = Self::default();
        members.iter().for_each(|(name, value)| told.take(name, value));
        told
    }

    fn take(&mut self, name: &str, value: &'j RawValue) {
        match name {
            "code" => self.code.hear(value, is_success),
            "errcode" => self.errcode.hear(value, is_zero),
            "success" => self.is_no_success |= is_false(value.get()),
            "complaint_id" | "id" => self.is_document |= text_of(value).is_some_and(|id| !id.trim().is_empty()),
            "data" | "complaint_list" => self.is_document |= has_rows(value.get()),
            "message" | "errmsg" | "msg" => self.message = self.message.or(Some(value)),
            "sub_code" => self.sub_code = Some(value),
            "sub_msg" => self.sub_message = Some(value),
            "detail" => self.detail = Some(value),
            _ if name.ends_with("_response") && value.get().starts_with('{') => self.response = Some(value),
            _ => {}
        }
    }

    fn tell(&self, is_read: bool, spare: Spare, depth: u8) -> Found {
        let refusal = self.refusal().filter(|_| !(self.is_document && matches!(spare, Spare::Documents)));
        match (refusal, self.response) {
            (Some(refusal), _) => Found::Refusal(Box::new(refusal)),
            (None, Some(response)) => find_in(response.get(), spare, depth + 1),
            (None, None) if is_read && self.is_success() => Found::Success,
            (None, None) if is_read => Found::Nothing,
            (None, None) => Found::Unreadable,
        }
    }

    /// Whether there is a code of success, without any contradiction.
    fn is_success(&self) -> bool {
        let codes = [&self.code, &self.errcode];
        let is_clear = self.sub_code.is_none_or(|code| {
            is_nothing_or_blank(code.get()) || text_of(code).is_some_and(|code| is_success(code.trim()))
        });
        is_clear
            && !self.is_no_success
            && codes.contains(&&Verdict::Success)
            && codes.iter().all(|code| !matches!(code, Verdict::Refused(_)))
    }

    fn refusal(&self) -> Option<Refusal> {
        let (code, is_errcode) = match (&self.errcode, &self.code) {
            (Verdict::Refused(code), _) => (code.clone(), true),
            (_, Verdict::Refused(code)) => (code.clone(), false),
            _ if self.is_no_success => (None, false),
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
    /// Adds a code. Of two codes, a refusal outweighs a success.
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

/// Alipay's 10000, 0 in some responses, and the words.
fn is_success(code: &str) -> bool {
    code == "10000" || code.eq_ignore_ascii_case("SUCCESS") || code.eq_ignore_ascii_case("OK") || is_zero(code)
}

fn is_zero(code: &str) -> bool {
    code.starts_with(|first: char| first.is_ascii_digit()) && code.parse::<f64>() == Ok(0.0)
}

/// The spellings of a false `success`.
fn is_false(json: &str) -> bool {
    let word = json.trim_matches('"').trim();
    word.eq_ignore_ascii_case("false") || is_zero(word)
}

/// Whether a list holds an object.
fn has_rows(json: &str) -> bool {
    json.starts_with('[') && json.contains('{')
}

/// As [`is_nothing`]; a blank string is empty too.
fn is_nothing_or_blank(json: &str) -> bool {
    let inner = json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).map(str::trim);
    json.is_empty() || inner == Some("") || is_nothing(json)
}

/// The spellings of an empty value.
fn is_nothing(json: &str) -> bool {
    let is_empty = |open, close| json.strip_prefix(open).and_then(|json| json.strip_suffix(close)).map(str::trim);
    json == "null" || [is_empty('[', ']'), is_empty('{', '}')].contains(&Some(""))
}

/// A string's text, or a number's digits; `None` for anything else.
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
#[path = "members_tests.rs"]
mod tests;
