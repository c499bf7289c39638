//! Recovery of texts that contain payers' words. It is the same for every document of every
//! channel.
//!
//! Payers' texts are truncated in the middle of a character, by bytes or in half a surrogate pair,
//! and hold control characters that XML and JSON forbid. Signatures cover the bytes on the wire;
//! this module never changes those.

use std::borrow::Cow;

use crate::error::DecodeError;

/// The text of a document. A truncated character is replaced by U+FFFD; control characters and a
/// byte-order mark are dropped. Borrowed where the text needed no change.
#[cfg(any(test, feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
pub(crate) fn readable(bytes: &[u8]) -> Cow<'_, str> {
    match whole(bytes) {
        Cow::Borrowed(text) => without_forbidden(text),
        Cow::Owned(text) => Cow::Owned(without_forbidden(&text).into_owned()),
    }
}

/// The same with its control characters.
pub(crate) fn whole(bytes: &[u8]) -> Cow<'_, str> {
    match DecodeError::check_utf8("a document", bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)),
    }
}

/// A document without the byte-order mark that every reader skips, and without whitespace around
/// it.
#[cfg(any(feature = "wechat-pay", feature = "allinpay"))]
pub(crate) fn bare(document: &[u8]) -> &[u8] {
    document.strip_prefix("\u{feff}".as_bytes()).unwrap_or(document).trim_ascii()
}

/// A text without its control characters. Borrowed where it has none.
#[cfg(any(test, feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
pub(crate) fn without_forbidden(text: &str) -> Cow<'_, str> {
    if has_forbidden(text) { Cow::Owned(text.replace(is_forbidden, "")) } else { Cow::Borrowed(text) }
}

/// Stands in for a dropped control character until the damaged value is known. No valid text
/// contains it: U+FDD0 is a noncharacter of Unicode.
pub(crate) const MARK: char = '\u{fdd0}';

/// The text of a JSON document. As [`readable`]; also, raw line ends and tabs within strings become
/// escapes, and half a surrogate pair becomes U+FFFD.
pub(crate) fn readable_json(bytes: &[u8]) -> Cow<'_, str> {
    match marked_json(bytes) {
        Cow::Owned(marked) => Cow::Owned(without_marks(&marked).into_owned()),
        text @ Cow::Borrowed(_) => text,
    }
}

/// The same with a [`MARK`] where a control character was dropped from a string.
pub(crate) fn marked_json(bytes: &[u8]) -> Cow<'_, str> {
    let text = whole(bytes);
    match mend_strings(&text, Controls::Marked) {
        Some(mended) => Cow::Owned(mended),
        None => text,
    }
}

/// A text without its marks; borrowed where there is none.
pub(crate) fn without_marks(text: &str) -> Cow<'_, str> {
    if text.contains(MARK) { Cow::Owned(text.replace(MARK, "")) } else { Cow::Borrowed(text) }
}

/// A JSON document in which each raw control character in a string is replaced by its escape. The
/// value read is the original one, so a signature over it still verifies. `None` where there is
/// none, or where the document is not UTF-8.
#[cfg(feature = "allinpay")]
pub(crate) fn escaped_json(bytes: &[u8]) -> Option<String> {
    mend_strings(DecodeError::check_utf8("a document", bytes).ok()?, Controls::Escaped)
}

/// The replacement of raw control characters in JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Controls {
    /// A mark in strings, removal elsewhere.
    Marked,
    /// An escape in strings.
    #[cfg(feature = "allinpay")]
    Escaped,
}

/// The JSON text with its strings mended; `None` where it needs no change.
fn mend_strings(text: &str, controls: Controls) -> Option<String> {
    let bytes = text.as_bytes();
    let mut mended = String::new();
    let (mut at, mut copied, mut in_string) = (0, 0, false);
    while let Some(byte) = bytes.get(at) {
        let (length, instead) = match byte {
            b'"' => {
                in_string = !in_string;
                (1, None)
            }
            b'\\' if in_string => escape(bytes.get(at..).unwrap_or_default()),
            b'\n' if in_string => (1, Some(Cow::Borrowed("\\n"))),
            b'\r' if in_string => (1, Some(Cow::Borrowed("\\r"))),
            b'\t' if in_string => (1, Some(Cow::Borrowed("\\t"))),
            control @ 0..=0x1f if is_forbidden(char::from(*control)) => match (controls, in_string) {
                (Controls::Marked, true) => (1, Some(Cow::Owned(MARK.to_string()))),
                (Controls::Marked, false) => (1, Some(Cow::Borrowed(""))),
                #[cfg(feature = "allinpay")]
                (Controls::Escaped, true) => (1, Some(Cow::Owned(format!("\\u{control:04x}")))),
                #[cfg(feature = "allinpay")]
                (Controls::Escaped, false) => (1, None),
            },
            _ => (1, None),
        };
        if let Some(instead) = instead {
            mended.extend([text.get(copied..at).unwrap_or_default(), &*instead]);
            copied = at + length;
        }
        at += length;
    }
    if copied == 0 {
        return None;
    }
    mended.push_str(text.get(copied..).unwrap_or_default());
    Some(mended)
}

/// The length of the escape that a text begins with, and its replacement.
fn escape(text: &[u8]) -> (usize, Option<Cow<'static, str>>) {
    const UNIT: usize = r"\u0000".len();
    const REPLACEMENT: Option<Cow<'_, str>> = Some(Cow::Borrowed(r"\ufffd"));

    if text.get(1) != Some(&b'u') {
        return (2, None);
    }
    let digits = text.iter().skip(2).take(4).take_while(|byte| byte.is_ascii_hexdigit()).count();
    match unit(text) {
        None => (2 + digits, REPLACEMENT),
        Some(0xd800..=0xdbff) => match text.get(UNIT..).and_then(unit) {
            Some(0xdc00..=0xdfff) => (2 * UNIT, None),
            _ => (UNIT, REPLACEMENT),
        },
        Some(0xdc00..=0xdfff) => (UNIT, REPLACEMENT),
        Some(_) => (UNIT, None),
    }
}

/// The UTF-16 unit of the escape `\u0000` that a text begins with.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = std::str::from_utf8(text.strip_prefix(br"\u")?.get(..4)?).ok()?;
    let are_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    are_digits.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
}

/// The control characters that XML 1.0 forbids, and JSON without an escape.
pub(crate) fn is_forbidden(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}')
}

/// Whether any character of a text [`is_forbidden`].
#[cfg(any(test, feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
pub(crate) fn has_forbidden(text: &str) -> bool {
    // In nearly every document line ends are the only control characters. Checking for that takes a
    // quarter less time than checking for the other two as well.
    any_byte(text, |byte| (byte < b' ') & (byte != b'\n'))
        && any_byte(text, |byte| (byte < b' ') & !matches!(byte, b'\t' | b'\n' | b'\r'))
}

/// Without an early exit, so that the compiler checks many bytes at once.
#[cfg(any(test, feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
fn any_byte(text: &str, is: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(false, |found, byte| found | is(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_except_for_what_no_document_may_have() {
        let clean = "\u{feff}{\"a\":\n\t\"投\u{7f}\"}\r\n";
        assert!(
            matches!(readable(clean.as_bytes()), Cow::Borrowed(text) if Some(text) == clean.strip_prefix('\u{feff}'))
        );
        for (bytes, text) in [
            (&b"a\x00\x08b\x0b\x0c\x0ec\x1f\n"[..], "abc\n"),
            (b"\xef\xbb\xbf<a>\xe6\x8a</a>", "<a>\u{fffd}</a>"),
            (b"\xe6\x10\x8a\"", "\u{fffd}\u{fffd}\""),
        ] {
            assert!(matches!(readable(bytes), Cow::Owned(read) if read == text), "{text}");
        }
    }

    #[test]
    fn json_strings_are_mended_and_nothing_else_is() {
        for same in ["{\n\t\"a\\\\\" :\r \"\\\"\\ud83d\\uDE00\\u0041\\n\"}", r#""\\ud83d""#, r#"{"a":"\"#, "", "\n\""] {
            assert!(matches!(readable_json(same.as_bytes()), Cow::Borrowed(text) if text == same), "{same}");
        }
        for (text, mended) in [
            ("[\"一\n二\r\n\t\",\n\"\\\"\n\"]", r#"["一\n二\r\n\t",NEWLINE"\"\n"]"#),
            (
                r#"["\ud83d","\udE00x","\ud83d\n","\ud83d\ud83d\ude00"]"#,
                r#"["\ufffd","\ufffdx","\ufffd\n","\ufffd\ud83d\ude00"]"#,
            ),
            (r#"["\ud83","\u","\u+123"]"#, r#"["\ufffd","\ufffd","\ufffd+123"]"#),
        ] {
            assert_eq!(readable_json(text.as_bytes()), mended.replace("NEWLINE", "\n"), "{text}");
        }
        assert_eq!(readable_json(b"[\"\x07a\xe6\x8a\n\"]"), "[\"a\u{fffd}\\n\"]");
    }
}
