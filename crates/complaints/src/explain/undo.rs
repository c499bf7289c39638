//! How a text is changed back: each function undoes one thing, and is `None` where that was not done.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::input;

/// What came out, if it is something else than what went in.
pub(super) fn changed(before: &[u8], after: Vec<u8>) -> Option<Vec<u8>> {
    (before != after).then_some(after)
}

pub(super) fn replace(body: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((&byte, after)) = rest.split_first() {
        match rest.strip_prefix(from) {
            Some(behind) => {
                replaced.extend_from_slice(to);
                rest = behind;
            }
            None => {
                replaced.push(byte);
                rest = after;
            }
        }
    }
    replaced
}

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

/// Escapes of what JSON needs none for, and HTML does.
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

/// The character that `\uXXXX`, or two of them, at the beginning stand for; and what comes after.
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

/// The byte that two hexadecimal digits at the beginning stand for.
fn hex_pair(text: &[u8]) -> Option<u8> {
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

/// Out of a string literal of Java, PHP, JavaScript or Python: the quotes around it, if they are there, and the escapes within.
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
        // Only what escapes its first quotation mark: in anything else, escapes are the document's own.
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

/// What Windows-1252 has at 0x80 to 0x9f, where Latin-1 has control characters.
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
    // What was no text is no text that was misread.
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

/// The document that base64 stands for.
pub(super) fn from_base64(body: &[u8]) -> Option<Vec<u8>> {
    let decoded = STANDARD.decode(body.trim_ascii()).ok()?;
    decoded.starts_with(b"{").then_some(decoded).or_else(|| {
        let decoded = STANDARD.decode(body.trim_ascii()).ok()?;
        decoded.starts_with(b"<").then_some(decoded)
    })
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

/// The text that stands in a member `body`.
pub(super) fn member_body(body: &[u8]) -> Option<Vec<u8>> {
    #[derive(serde::Deserialize)]
    struct Event {
        #[serde(alias = "Body", alias = "data", alias = "payload", alias = "rawBody")]
        body: String,
    }

    Some(serde_json::from_slice::<Event>(body.trim_ascii()).ok()?.body.into_bytes())
}

/// The bytes that hexadecimal digits stand for.
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
        assert_eq!(escape_slashes(b"a/b\\/c"), b"a\\/b\\/c");
        assert_eq!(escape_unicode("é投\u{1f600}".as_bytes()).unwrap(), b"\\u00e9\\u6295\\ud83d\\ude00");
        assert_eq!(
            unescape_unicode(b"\\u00e9\\u6295\\ud83d\\ude00\\u0041\\ud83d").unwrap(),
            "é投\u{1f600}\\u0041\\ud83d".as_bytes()
        );
        assert_eq!(unescape_markup(b"\\u003c\\u0026\\u0022").unwrap(), b"<&\\u0022");
        assert_eq!(percent_decode(b"%2B%2f%zz%4%+1"), b"+/%zz%4%+1");
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
