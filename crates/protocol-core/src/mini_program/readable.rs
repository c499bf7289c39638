//! What can be read of a text with payers' words in it.

use std::borrow::Cow;

use crate::codec::xml::{has_forbidden, is_forbidden};
use crate::error::DecodeError;

/// The text of a document. Payers' texts are cut in the middle of a character, and hold control characters that neither XML nor
/// JSON may have: the one is replaced by U+FFFD, the others are dropped. Borrowed where neither was there.
pub(super) fn readable(bytes: &[u8]) -> Cow<'_, str> {
    let text = match DecodeError::check_utf8("a document", bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)),
    };
    if has_forbidden(&text) { Cow::Owned(text.replace(is_forbidden, "")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_but_for_what_no_document_may_have() {
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
}
