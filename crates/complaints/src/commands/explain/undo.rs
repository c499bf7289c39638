//! Changes that undo changes. Functions return `None` if there is nothing to undo.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::escapes::{hex_pair, percent_decode};
use super::replace::{changed, replace};
use crate::input;

/// Drops the white space between JSON tokens; what stands in strings stays.
pub(super) fn minify(body: &[u8]) -> Vec<u8> {
    let mut in_string = false;
    let mut escaped = false;
    body.iter()
        .copied()
        .filter(|&byte| {
            if in_string {
                in_string = escaped || byte != b'"';
                escaped = byte == b'\\' && !escaped;
                return true;
            }
            in_string = byte == b'"';
            !matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
        })
        .collect()
}

/// Blanks for `+`, then percent-escapes.
pub(super) fn form_decode(text: &[u8]) -> Vec<u8> {
    percent_decode(&replace(text, b"+", b" "))
}

/// Without the name of a form's parameter before it.
pub(super) fn without_parameter_name(body: &[u8]) -> Option<Vec<u8>> {
    let at = body.iter().position(|byte| *byte == b'=')?;
    let (name, value) = body.split_at(at);
    let is_name =
        (1..=64).contains(&name.len()) && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte));
    is_name.then(|| value.get(1..).unwrap_or_default().to_vec())
}

/// Windows-1252's characters at 0x80 to 0x9f, which are control characters in Latin-1.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The bytes that were read as Latin-1, or as Windows-1252.
pub(super) fn from_latin_1(body: &[u8]) -> Option<Vec<u8>> {
    if body.is_ascii() {
        return None;
    }
    let byte = |character: char| {
        let windows = || WINDOWS_1252.iter().position(|known| *known == character).map(|at| at + 0x80);
        u8::try_from(u32::from(character)).ok().or_else(|| windows().and_then(|byte| u8::try_from(byte).ok()))
    };
    let bytes: Vec<u8> = std::str::from_utf8(body).ok()?.chars().map(byte).collect::<Option<_>>()?;
    // Bytes that are no text were not misread.
    std::str::from_utf8(&bytes).is_ok().then_some(bytes)
}

/// Latin-1 in UTF-8.
pub(super) fn to_utf8(body: &[u8]) -> Option<Vec<u8>> {
    if std::str::from_utf8(body).is_ok() {
        return None;
    }
    Some(body.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes())
}

/// UTF-16 in UTF-8.
pub(super) fn from_utf16(body: &[u8]) -> Option<Vec<u8>> {
    input::utf16(body).map(String::into_bytes)
}

/// The chunks of HTTP without their sizes; the last one may be missing.
pub(super) fn unchunk(body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::with_capacity(body.len());
    let mut rest = body;
    while !rest.trim_ascii().is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let (line, after) = rest.split_at(end);
        let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let size = usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        if size == 0 {
            break;
        }
        let data = after.get(1..)?;
        whole.extend_from_slice(data.get(..size)?);
        let behind = data.get(size..)?;
        rest = behind.strip_prefix(b"\r\n").or(behind.strip_prefix(b"\n")).unwrap_or(behind);
    }
    (!whole.is_empty()).then_some(whole)
}

/// The document in base64.
pub(super) fn from_base64(body: &[u8]) -> Option<Vec<u8>> {
    STANDARD.decode(body.trim_ascii()).ok().filter(|decoded| matches!(decoded.first(), Some(b'{' | b'<')))
}

/// A quotation mark for each two, between the marks around it.
pub(super) fn undouble(body: &[u8]) -> Option<Vec<u8>> {
    let text = body.trim_ascii();
    let text = text.strip_prefix(b"@").unwrap_or(text);
    let inner = text.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    changed(inner, replace(inner, b"\"\"", b"\""))
}

/// From the first brace to the last, or from the first tag to the last.
pub(super) fn without_surroundings(body: &[u8]) -> Option<Vec<u8>> {
    let start = body.iter().position(|byte| matches!(byte, b'{' | b'<'))?;
    let last = if body.get(start) == Some(&b'{') { b'}' } else { b'>' };
    let end = body.iter().rposition(|byte| *byte == last)?;
    if end < start {
        return None;
    }
    changed(body, body.get(start..=end)?.to_vec())
}

/// The text of a member `body`.
pub(super) fn member_body(body: &[u8]) -> Option<Vec<u8>> {
    #[derive(serde::Deserialize)]
    struct Event {
        #[serde(alias = "Body", alias = "data", alias = "payload", alias = "rawBody")]
        body: String,
    }

    Some(serde_json::from_slice::<Event>(body.trim_ascii()).ok()?.body.into_bytes())
}

/// The bytes of hexadecimal digits.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks_exact(2);
    if text.is_empty() || !pairs.remainder().is_empty() {
        return None;
    }
    pairs.map(hex_pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_what_their_words_say() {
        assert_eq!(minify(b"{ \"a b\\\" \" : [ 1 ,\n 2 ] }"), b"{\"a b\\\" \":[1,2]}");
        assert_eq!(replace(b"\r\n\r\n", b"\r\n", b"\n"), b"\n\n");
    }

    #[test]
    fn what_was_done_is_undone_and_nothing_else() {
        let text = |bytes: Option<Vec<u8>>| bytes.map(|bytes| String::from_utf8(bytes).unwrap());
        let read_as_latin_1 = "投诉".bytes().map(char::from).collect::<String>();
        assert_eq!(text(from_latin_1(read_as_latin_1.as_bytes())).as_deref(), Some("投诉"));
        // Windows-1252 has a euro sign for 0x80, and a dagger for 0x86.
        assert_eq!(text(from_latin_1("æŠ•è¯‰".as_bytes())).as_deref(), Some("投诉"));
        assert_eq!(from_latin_1("投诉".as_bytes()), None);
        assert_eq!(from_latin_1("é".as_bytes()), None);
        assert_eq!(text(to_utf8(b"caf\xe9")).as_deref(), Some("café"));
        assert_eq!(to_utf8("é".as_bytes()), None);
        assert_eq!(text(unchunk(b"5\r\n{\"a\":\r\n2;x=y\r\n1}\r\n0\r\n\r\n")).as_deref(), Some("{\"a\":1}"));
        assert_eq!(text(unchunk(b"7\n{\"a\":1}\n")).as_deref(), Some("{\"a\":1}"));
        for whole in [&b"{\"a\":1}\n"[..], b"", b"ff\r\nx\r\n", b"0\r\n\r\n", b"ffffffffffffffff\r\nx"] {
            assert_eq!(unchunk(whole), None);
        }
        let utf16 = |mark: &str| format!("{mark}{{\"a\":\"投\"}}").encode_utf16().collect::<Vec<_>>();
        for units in [utf16(""), utf16("\u{feff}")] {
            let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            for bytes in [little, big] {
                assert_eq!(text(from_utf16(&bytes)).as_deref(), Some("{\"a\":\"投\"}"));
            }
        }
        assert_eq!(text(without_parameter_name(b"body={\"a\":\"=\"}")).as_deref(), Some("{\"a\":\"=\"}"));
        assert_eq!(without_parameter_name(b"{\"a\":\"=\"}"), None);
        assert_eq!(form_decode(b"%7B%22a%22%3A+1%7D"), b"{\"a\": 1}");
        assert_eq!(text(from_base64(b"eyJhIjoxfQ==\n")).as_deref(), Some("{\"a\":1}"));
        assert_eq!(from_base64(b"AAAA"), None);
        assert_eq!(text(undouble(b"@\"{\"\"a\"\":1}\"")).as_deref(), Some("{\"a\":1}"));
        assert_eq!((undouble(b"\"{}\""), undouble(b"\""), undouble(b"{\"a\":\"\"}")), (None, None, None));
        assert_eq!(text(without_surroundings(b"INFO body: {\"a\":{}} (7 ms)")).as_deref(), Some("{\"a\":{}}"));
        assert_eq!(
            (without_surroundings(b"{}"), without_surroundings(b"}{"), without_surroundings(b"a")),
            (None, None, None)
        );
        assert_eq!(text(member_body(b"{\"path\":\"/\",\"body\":\"{\\\"a\\\":1}\"}")).as_deref(), Some("{\"a\":1}"));
        assert_eq!((member_body(b"{\"a\":1}"), member_body(b"{\"body\":{}}")), (None, None));
        assert_eq!(from_hex("0aFF"), Some(vec![10, 255]));
        assert_eq!((from_hex("0aF"), from_hex("0x"), from_hex("+1")), (None, None, None));
    }
}
