//! The fields of a notice: decoded once, each name once, sorted as they are signed.

use std::borrow::Cow;
use std::fmt;

use super::error::NoticeError;
use crate::codec::base64;
use crate::codec::form::{decode_bytes, parts_to_sign};
use crate::error::DecodeError;
use crate::limits::{MAX_NOTICE_BODY, MAX_NOTICE_FIELDS};
use crate::trust::Unverified;

/// A notice's fields, sorted by name. All are signed, except `sign` itself and the empty ones.
///
/// Values are bytes: the signature covers those, and a payer's words may be cut within a character.
#[derive(Clone, PartialEq, Eq)]
pub struct NoticeFields<'b>(Vec<(Cow<'b, str>, Cow<'b, [u8]>)>);

/// Names only.
impl fmt::Debug for NoticeFields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl<'b> NoticeFields<'b> {
    /// Parses a notice without verifying it, for showing the string to sign.
    ///
    /// ```
    /// use protocol_core::allinpay::NoticeFields;
    ///
    /// # fn main() -> Result<(), protocol_core::allinpay::NoticeError> {
    /// let fields = NoticeFields::parse(b"task_id=7&complain_content=%E6%8A%95+%26&sign=a")?;
    /// let string = fields.peek().parts_to_sign().concat();
    /// assert_eq!(string, "complain_content=投 &&task_id=7".as_bytes());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NoticeError::TooLarge`], [`NoticeError::Malformed`].
    pub fn parse(body: &'b [u8]) -> Result<Unverified<Self>, NoticeError> {
        Self::take_apart(body).map(Unverified::new)
    }

    pub(super) fn take_apart(body: &'b [u8]) -> Result<Self, NoticeError> {
        if body.len() > MAX_NOTICE_BODY {
            return Err(NoticeError::TooLarge);
        }
        let mut fields: Vec<(Cow<'b, str>, Cow<'b, [u8]>)> = Vec::with_capacity(24);
        let mut at = 0;
        for pair in body.split(|&byte| byte == b'&') {
            let begin = at;
            at += pair.len() + 1;
            let malformed = |problem: &'static str| DecodeError::at(DOCUMENT, body, begin, problem);
            if pair.is_empty() {
                continue;
            }
            if fields.len() == MAX_NOTICE_FIELDS {
                return Err(malformed("expected at most 256 fields").into());
            }
            let mut halves = pair.splitn(2, |&byte| byte == b'=');
            let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
            let name = text(decode_bytes(name).ok_or_else(|| malformed(ESCAPE))?);
            // Otherwise the string to sign would have two readings.
            let name = name.filter(|name| !name.is_empty() && !name.contains(['&', '=']));
            let name = name.ok_or_else(|| malformed("expected a name in UTF-8, not empty, without & and ="))?;
            fields.push((name, decode_bytes(value).ok_or_else(|| malformed(ESCAPE))?));
        }
        fields.sort_by(|(one, _), (other, _)| one.cmp(other));
        if fields.windows(2).any(|pair| matches!(pair, [(one, _), (other, _)] if one == other)) {
            return Err(DecodeError::at(DOCUMENT, b"", 0, "a field stands twice").into());
        }
        let fields = Self(fields);
        if fields.has_moved() {
            return Err(DecodeError::at(DOCUMENT, b"", 0, "a field hides in the value of another one").into());
        }
        Ok(fields)
    }

    /// A field's value; an empty one counts as absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(candidate, _)| *candidate == name).map(|(_, value)| value)
    }

    /// Names and values of the fields that are not empty, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (&**name, &**value)).filter(|(_, value)| !value.is_empty())
    }

    /// The string to sign, in parts.
    #[must_use]
    pub fn parts_to_sign(&self) -> Vec<&[u8]> {
        parts_to_sign(self.iter())
    }

    /// `sign`; empty if it is absent or not text.
    #[must_use]
    pub fn sign(&self) -> &str {
        self.get("sign").and_then(|sign| std::str::from_utf8(sign).ok()).unwrap_or_default()
    }

    /// The signature's bytes, if there is one and it is base64.
    #[must_use]
    pub fn signature(&self) -> Option<Vec<u8>> {
        base64::decode(self.sign())
    }

    /// Whether a field may have been moved into the value before it. The string to sign has no
    /// escapes, so an attacker who holds a notice could do so, and the signature would still fit.
    ///
    /// A moved field stands between its neighbours' names, since the string is sorted. Elsewhere it
    /// is a payer's words, which suppress no notice.
    fn has_moved(&self) -> bool {
        let mut rest = self.iter().filter(|(name, _)| *name != "sign").peekable();
        while let Some((before, value)) = rest.next() {
            let after = rest.peek().map(|(name, _)| name.as_bytes());
            let fits = |name: &[u8]| name > before.as_bytes() && after.is_none_or(|after| name < after);
            let mut inner = value.split(|&byte| byte == b'&').skip(1).filter_map(name_of);
            if inner.any(|name| fits(name) && (is_decisive(name) || is_decisive(before.as_bytes()))) {
                return true;
            }
        }
        false
    }
}

/// The name of a field, if this is one.
fn name_of(piece: &[u8]) -> Option<&[u8]> {
    piece.iter().position(|&byte| byte == b'=').and_then(|end| piece.get(..end))
}

/// Whether a field tells whose notice it is, or which one.
fn is_decisive(name: &[u8]) -> bool {
    ["appid", "cusid"].iter().chain(&KEY).any(|decisive| decisive.as_bytes() == name)
}

/// Bytes as text, if they are UTF-8.
fn text(bytes: Cow<'_, [u8]>) -> Option<Cow<'_, str>> {
    match bytes {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    }
}

/// The name of a notice in decoding errors.
pub(super) const DOCUMENT: &str = "a notice";

const ESCAPE: &str = "expected two hexadecimal digits after %";

/// The fields that tell one notice of a merchant from another, the task first.
pub(super) const KEY: [&str; 7] =
    ["task_id", "status", "create_time", "gmt_complain", "gmt_process", "gmt_overdue", "gmt_risk_finish_time"];

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Result<NoticeFields<'_>, String> {
        NoticeFields::take_apart(body.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_form_is_decoded_once_and_sorted() {
        let fields = parse("b=%E6%8A%95+%252B&a%2Fc=1&&d=&e&sign=x&B=2&").unwrap();
        assert_eq!(fields.parts_to_sign().concat(), "B=2&a/c=1&b=投 %2B".as_bytes());
        assert_eq!((fields.get("d"), fields.get("e"), fields.get("none")), (None, None, None));
        assert_eq!((fields.get("a/c"), fields.sign()), (Some(&b"1"[..]), "x"));
        // Bytes that are no text are signed as they are.
        assert_eq!(parse("a=%ff").unwrap().parts_to_sign().concat(), b"a=\xff");
        assert_eq!(format!("{fields:?}"), r#"{"B", "a/c", "b", "d", "e", "sign"}"#);
    }

    #[test]
    fn a_form_with_two_readings_is_refused() {
        for broken in ["a=%", "a=%4", "a=%zz", "a=1&b=%4", "%=1", "a=%+1"] {
            assert!(parse(broken).unwrap_err().contains("two hexadecimal digits after %"), "{broken}");
        }
        for name in ["=1", "%ff=1", "a%26b=1", "a%3Db=1"] {
            assert!(parse(name).unwrap_err().contains("a name in UTF-8"), "{name}");
        }
        for twice in ["a=1&a=2", "a=1&a=1", "a=&a=1", "sign=1&sign=1", "a=1&%61=1", "a&a"] {
            assert!(parse(twice).unwrap_err().contains("stands twice"), "{twice}");
        }
        assert_eq!(
            parse("a=1&b=%4").unwrap_err(),
            "a notice: expected two hexadecimal digits after %, line 1 column 5"
        );
    }

    #[test]
    fn a_decisive_field_hides_in_no_other() {
        for name in ["appid", "cusid"].into_iter().chain(KEY) {
            for moved in [format!("a=1%26{name}=2"), format!("a=1%26{name}=2&z=3"), format!("{name}=1%26{name}s=2")] {
                assert!(parse(&moved).unwrap_err().contains("hides"), "{moved}");
            }
            // A payer's words are no field: it is there already, or would stand elsewhere.
            for words in [format!("a=1%26{name}=2&{name}=3"), format!("x=1%26{name}=2"), format!("a=1%26{name}=2&aa=3")]
            {
                assert!(parse(&words).is_ok(), "{words}");
            }
            for harmless in [format!("a={name}=2"), format!("a=1%26{name}"), format!("a=1%26{name}s=2")] {
                assert!(parse(&harmless).is_ok(), "{harmless}");
            }
        }
    }

    #[test]
    fn both_bounds_have_two_sides() {
        let fields = |count: usize| (0..count).map(|at| format!("f{at}=1")).collect::<Vec<_>>().join("&");
        assert!(parse(&fields(MAX_NOTICE_FIELDS)).is_ok());
        assert!(parse(&fields(MAX_NOTICE_FIELDS + 1)).unwrap_err().contains("at most 256 fields"));
        let body = |size: usize| format!("a={}", "1".repeat(size - 2));
        assert!(NoticeFields::take_apart(body(MAX_NOTICE_BODY).as_bytes()).is_ok());
        assert_eq!(NoticeFields::take_apart(body(MAX_NOTICE_BODY + 1).as_bytes()), Err(NoticeError::TooLarge));
    }
}
