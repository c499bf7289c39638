//! Escapes of JSON, URLs, nginx, string literals and HTML. Functions return `None` without any.

use super::replace::{changed, replace};

pub(super) fn escape_slashes(body: &[u8]) -> Vec<u8> {
    replace(&replace(body, b"\\/", b"/"), b"/", b"\\/")
}

/// Every character beyond ASCII as `\uXXXX`, as many JSON writers do by default.
pub(super) fn escape_unicode(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            escaped.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    changed(body, escaped.into_bytes())
}

/// The reverse; escapes of ASCII stay, since strings need them.
pub(super) fn unescape_unicode(body: &[u8]) -> Option<Vec<u8>> {
    unescape_units(body, |character| !character.is_ascii())
}

/// Escapes of characters that HTML needs them for, and JSON does not.
pub(super) fn unescape_markup(body: &[u8]) -> Option<Vec<u8>> {
    unescape_units(body, |character| matches!(character, '<' | '>' | '&' | '\'' | '=' | '+'))
}

fn unescape_units(body: &[u8], wanted: impl Fn(char) -> bool) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    let mut unescaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\u") {
        let (before, from) = rest.split_at(at);
        unescaped.push_str(before);
        match unit_escape(from) {
            Some((character, after)) if wanted(character) => {
                unescaped.push(character);
                rest = after;
            }
            _ => {
                unescaped.push_str("\\u");
                rest = from.get(2..).unwrap_or_default();
            }
        }
    }
    unescaped.push_str(rest);
    changed(body, unescaped.into_bytes())
}

/// The character of the one or two `\uXXXX` at the beginning, and the rest.
fn unit_escape(text: &str) -> Option<(char, &str)> {
    let unit = |text: &str| text.strip_prefix("\\u")?.get(..4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
    let units: Vec<u16> = [unit(text), text.get(6..).and_then(unit)].into_iter().map_while(|unit| unit).collect();
    let character = char::decode_utf16(units).next()?.ok()?;
    Some((character, text.get(6 * character.len_utf16()..)?))
}

pub(super) fn percent_decode(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let value = if byte == b'%' { hex_pair(after) } else { None };
        decoded.push(value.unwrap_or(byte));
        rest = if value.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    decoded
}

/// The byte of the two hexadecimal digits at the beginning.
pub(super) fn hex_pair(text: &[u8]) -> Option<u8> {
    let digits = text.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Bytes for nginx's `\x22`.
pub(super) fn unescape_hex(body: &[u8]) -> Option<Vec<u8>> {
    let mut unescaped = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((&byte, after)) = rest.split_first() {
        match rest.strip_prefix(b"\\x").and_then(hex_pair) {
            Some(value) => {
                unescaped.push(value);
                rest = rest.get(4..).unwrap_or_default();
            }
            None => {
                unescaped.push(byte);
                rest = after;
            }
        }
    }
    changed(body, unescaped)
}

/// The text of a string literal of Java, PHP, JavaScript or Python, with or without its quotes.
pub(super) fn literal(body: &[u8]) -> Option<Vec<u8>> {
    let text = body.trim_ascii();
    let text = text.strip_suffix(b";").unwrap_or(text);
    let prefixed = match text {
        [b'b' | b'u', rest @ ..] => rest,
        text => text,
    };
    let quoted = |quote: u8| prefixed.strip_prefix(&[quote])?.strip_suffix(&[quote]);
    let inner = match (quoted(b'"'), quoted(b'\'')) {
        (Some(inner), _) | (None, Some(inner)) => inner,
        // Only text whose first quotation mark is escaped: other escapes belong to the document.
        (None, None) => {
            let mark = text.iter().position(|byte| *byte == b'"')?;
            let before = text.get(..mark).unwrap_or_default();
            if before.ends_with(b"\\") { text } else { return None }
        }
    };
    let mut plain = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((&byte, after)) = rest.split_first() {
        if byte != b'\\' {
            plain.push(byte);
            rest = after;
            continue;
        }
        let (&escape, behind) = after.split_first()?;
        rest = behind;
        match escape {
            b'n' => plain.push(b'\n'),
            b'r' => plain.push(b'\r'),
            b't' => plain.push(b'\t'),
            b'b' => plain.push(8),
            b'f' => plain.push(12),
            b'0' => plain.push(0),
            b'x' => {
                plain.push(hex_pair(behind)?);
                rest = behind.get(2..)?;
            }
            b'u' => {
                // At most two escapes of six characters, which are ASCII.
                let from = [b"\\u", behind.get(..behind.len().min(10)).unwrap_or_default()].concat();
                let from = String::from_utf8_lossy(&from);
                let (character, _) = unit_escape(&from)?;
                plain.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                rest = behind.get(6 * character.len_utf16() - 2..)?;
            }
            escape => plain.push(escape),
        }
    }
    changed(body, plain)
}

/// Characters for HTML's escapes, each undone once.
pub(super) fn unescape_html(body: &[u8]) -> Option<Vec<u8>> {
    const NAMED: [(&str, char); 6] =
        [("quot", '"'), ("amp", '&'), ("lt", '<'), ("gt", '>'), ("apos", '\''), ("nbsp", '\u{a0}')];
    /// Longest escape, `&#x10ffff;`.
    const MAX_ESCAPE: usize = 10;

    let text = std::str::from_utf8(body).ok()?;
    let mut unescaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        unescaped.push_str(before);
        let end = from.bytes().take(MAX_ESCAPE).position(|byte| byte == b';');
        let name = end.and_then(|end| from.get(1..end)).unwrap_or_default();
        let number = name.strip_prefix('#').and_then(|digits| match digits.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => digits.parse().ok(),
        });
        let named = NAMED.iter().find(|(known, _)| *known == name).map(|(_, character)| *character);
        match named.or(number.and_then(char::from_u32)) {
            Some(character) => {
                unescaped.push(character);
                rest = from.get(name.len() + 2..).unwrap_or_default();
            }
            None => {
                unescaped.push('&');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    unescaped.push_str(rest);
    changed(body, unescaped.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_and_nothing_else() {
        let text = |bytes: Option<Vec<u8>>| bytes.map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(escape_slashes(b"a/b\\/c"), b"a\\/b\\/c");
        assert_eq!(escape_unicode("é投\u{1f600}".as_bytes()).unwrap(), b"\\u00e9\\u6295\\ud83d\\ude00");
        assert_eq!(
            unescape_unicode(b"\\u00e9\\u6295\\ud83d\\ude00\\u0041\\ud83d").unwrap(),
            "é投\u{1f600}\\u0041\\ud83d".as_bytes()
        );
        assert_eq!(unescape_markup(b"\\u003c\\u0026\\u0022").unwrap(), b"<&\\u0022");
        assert_eq!(percent_decode(b"%2B%2f%zz%4%+1"), b"+/%zz%4%+1");
        assert_eq!(text(unescape_html(b"&quot;&#34;&#x22;&amp;lt;&b;&")).as_deref(), Some("\"\"\"&lt;&b;&"));
        assert_eq!(text(unescape_hex(b"\\x22\\xE6\\x8A\\x95\\xzz")).as_deref(), Some("\"投\\xzz"));
        assert_eq!(
            text(literal(br#""{\"a\":\"\\u6295\/\u6295\ud83d\ude00\n\"}""#)).as_deref(),
            Some("{\"a\":\"\\u6295/投😀\n\"}")
        );
        assert_eq!(text(literal(br#"{\"a\":1}"#)).as_deref(), Some("{\"a\":1}"));
        assert_eq!(text(literal(br#"b'{"a":"\xe6\x8a\x95"}'"#)).as_deref(), Some("{\"a\":\"投\"}"));
        assert_eq!(text(literal(br#"'{"a":"it\'s"}';"#)).as_deref(), Some("{\"a\":\"it's\"}"));
        for own in [&br#"{"a":"\"b\""}"#[..], b"{}", b"\"\\", b"\\", br#"'\x'"#, br#""\u12""#] {
            assert_eq!(literal(own), None, "{}", String::from_utf8_lossy(own));
        }
    }
}
