//! Text as people save and paste it: a byte-order mark, UTF-16, whitespace around it, quotes.

use std::borrow::Cow;

use zeroize::Zeroizing;

/// Code units that must be ASCII before UTF-16 is recognised without its mark.
const UNMARKED_UTF16: usize = 8;

/// A file's text as UTF-8, without a byte-order mark. UTF-16 of either byte order is converted
/// (Windows PowerShell writes it). Everything else, such as bytes that are not text, is returned
/// unchanged.
///
/// UTF-16 is recognised by its mark, or by eight ASCII characters at the start, each beside a zero
/// byte.
///
/// ```
/// use protocol_core::codec::text_of_file;
///
/// assert_eq!(*text_of_file(b"\xef\xbb\xbfkey"), *b"key");
/// assert_eq!(*text_of_file(b"\xff\xfek\0e\0y\0"), *b"key");
/// assert_eq!(*text_of_file(b"\xfe\xff\0k\0e\0y"), *b"key");
/// assert_eq!(*text_of_file(b"\x30\x82\x01\x22"), *b"\x30\x82\x01\x22");
/// ```
#[must_use]
pub fn text_of_file(bytes: &[u8]) -> Cow<'_, [u8]> {
    match from_utf16(bytes) {
        Some(mut text) => Cow::Owned(std::mem::take(&mut *text)),
        None => Cow::Borrowed(without_mark(bytes)),
    }
}

/// As [`text_of_file`], for secrets: the copy, if one was needed, is erased when dropped.
pub(crate) enum Text<'a> {
    Unchanged(&'a [u8]),
    Converted(Zeroizing<Vec<u8>>),
}

impl<'a> Text<'a> {
    pub(crate) fn of_file(bytes: &'a [u8]) -> Self {
        from_utf16(bytes).map_or_else(|| Self::Unchanged(without_mark(bytes)), Self::Converted)
    }

    /// All of it.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Unchanged(bytes) => bytes,
            Self::Converted(bytes) => bytes,
        }
    }

    /// The bytes without the whitespace that editors and terminals leave around them.
    pub(crate) fn trimmed(&self) -> &[u8] {
        trimmed(self.bytes())
    }
}

fn without_mark(mut bytes: &[u8]) -> &[u8] {
    while let Some(rest) = bytes.strip_prefix("\u{feff}".as_bytes()) {
        bytes = rest;
    }
    bytes
}

fn from_utf16(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (unit, units): (fn([u8; 2]) -> u16, _) = match bytes {
        [0xff, 0xfe, rest @ ..] => (u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => (u16::from_be_bytes, rest),
        _ => (unmarked(bytes)?, bytes),
    };
    // At its final capacity: a buffer that grows leaves copies behind.
    let mut text = Zeroizing::new(Vec::with_capacity(units.len() / 2 * 3 + 3));
    let (pairs, rest) = units.as_chunks::<2>();
    let cut = (!rest.is_empty()).then_some(char::REPLACEMENT_CHARACTER);
    let characters = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
        .chain(cut);
    let mut buffer = [0; 4];
    for character in characters {
        text.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
    }
    zeroize::Zeroize::zeroize(&mut buffer);
    Some(text)
}

fn unmarked(bytes: &[u8]) -> Option<fn([u8; 2]) -> u16> {
    let (pairs, _) = bytes.as_chunks::<2>();
    let start = pairs.get(..UNMARKED_UTF16)?;
    let is_text = |byte: u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    if start.iter().all(|[low, high]| is_text(*low) && *high == 0) {
        Some(u16::from_le_bytes)
    } else if start.iter().all(|[high, low]| is_text(*low) && *high == 0) {
        Some(u16::from_be_bytes)
    } else {
        None
    }
}

/// Invisible characters that belong to no key and no secret: whitespace, the end-of-file mark of
/// DOS, a byte-order mark in the middle of joined files, the spaces of word processors and web
/// pages.
pub(crate) const fn is_blank(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\0' | '\u{1a}' | '\u{200b}' | '\u{feff}')
}

/// The bytes without blanks at both ends. Bytes that are not UTF-8 are not blank.
pub(crate) fn trimmed(mut bytes: &[u8]) -> &[u8] {
    // A character has at most four bytes. Only those are checked, since there may be very many
    // blanks.
    while let Some(rest) = (1..=4).find_map(|length| {
        let (first, rest) = bytes.split_at_checked(length)?;
        is_one_blank(first).then_some(rest)
    }) {
        bytes = rest;
    }
    while let Some(rest) = (1..=4).find_map(|length| {
        let (rest, last) = bytes.split_at_checked(bytes.len().checked_sub(length)?)?;
        is_one_blank(last).then_some(rest)
    }) {
        bytes = rest;
    }
    bytes
}

fn is_one_blank(character: &[u8]) -> bool {
    let mut characters = std::str::from_utf8(character).unwrap_or_default().chars();
    characters.next().is_some_and(is_blank) && characters.next().is_none()
}

/// The text without one pair of quotes of the same kind around it, as `docker run --env-file`
/// leaves them. Quotes stay where the same kind occurs inside.
pub(crate) fn unquoted(text: &[u8]) -> &[u8] {
    match text {
        [first @ (b'"' | b'\''), inside @ .., last] if first == last && !inside.contains(first) => trimmed(inside),
        _ => text,
    }
}

/// Hexadecimal digits in pairs, with whitespace or colons between them, perhaps after `0x`. The
/// intermediate copy is erased.
#[cfg(any(feature = "rsa", feature = "sm2"))]
pub(crate) fn decode_hex(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let mut bytes = Zeroizing::new(Vec::with_capacity(digits.len() / 2));
    let mut high = None;
    for character in digits.chars().filter(|character| !is_blank(*character) && *character != ':') {
        let digit = u8::try_from(character.to_digit(16)?).ok()?;
        match high.take() {
            None => high = Some(digit << 4),
            Some(high) => bytes.push(high | digit),
        }
    }
    (high.is_none() && !bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn text_is_read_from_either_byte_order() {
        let text = "密钥 key of a merchant 𠮷\r\n";
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(*text_of_file(&utf16(&format!("\u{feff}{text}"), bytes)), *text.as_bytes());
            assert_eq!(*text_of_file(&utf16("-----BEGIN", bytes)), *b"-----BEGIN");
            // Seven characters may be any bytes.
            assert_eq!(*text_of_file(&utf16("-----BE", bytes)), utf16("-----BE", bytes));
        }
        assert_eq!(*text_of_file(b"\xff\xfek\0e"), *"k\u{fffd}".as_bytes());
        assert_eq!(*text_of_file(b"\xff\xfe\x00\xd8k\0"), *"\u{fffd}k".as_bytes());
        assert_eq!(*text_of_file(b"\xff\xfe"), *b"");
        assert_eq!(*text_of_file(b""), *b"");
    }

    #[test]
    fn blanks_go_from_both_ends_and_from_nowhere_else() {
        for around in ["", " ", "\r\n", "\t\u{feff}", "\u{a0}\u{3000}", "\u{1a}\0", "\u{200b}\u{2028}"] {
            assert_eq!(trimmed(format!("{around}a b{around}").as_bytes()), b"a b");
            assert_eq!(trimmed(around.as_bytes()), b"");
        }
        assert_eq!(trimmed(b" \xb0\xd7 "), b"\xb0\xd7");
        // The last bytes of a character that is not blank.
        assert_eq!(trimmed("\u{5020}".as_bytes()), "\u{5020}".as_bytes());
    }

    #[test]
    fn quotes_go_where_they_are_a_pair() {
        for (quoted, text) in [("\"a\"", "a"), ("'a'", "a"), ("\" a \"", "a"), ("\"\"", ""), ("\"a'b\"", "a'b")] {
            assert_eq!(unquoted(quoted.as_bytes()), text.as_bytes());
        }
        for unchanged in ["\"", "'a", "a'", "'a\"", "'a'b'", "\"a\"\"", "`a`", ""] {
            assert_eq!(unquoted(unchanged.as_bytes()), unchanged.as_bytes());
        }
    }

    #[test]
    #[cfg(any(feature = "rsa", feature = "sm2"))]
    fn hexadecimal_is_pairs_of_digits() {
        for text in ["00ffA5", "0x00FFa5", "00:ff:a5", "00 ff\r\n  a5", "00\u{a0}ffa5"] {
            assert_eq!(decode_hex(text).as_deref().map(Vec::as_slice), Some(&[0, 0xff, 0xa5][..]), "{text}");
        }
        for text in ["", "0x", "0", "00f", "0g", "00-ff", "x00"] {
            assert!(decode_hex(text).is_none(), "{text}");
        }
    }
}
