//! Finds paths that a server or proxy could resolve to another path than the signed one.

/// Whether any server may read a part of a path as `.` or `..`: as it is or unescaped, once or
/// several times; with a backslash for a slash, and with parameters after `;`. Control characters
/// and bytes that are not UTF-8 count too: servers read them differently.
///
/// Linear in the part for each of its escapes: callers bound it first.
pub(crate) fn may_resolve(part: &str) -> bool {
    let mut read = part.as_bytes().to_vec();
    loop {
        let is_odd = read.iter().any(u8::is_ascii_control) || std::str::from_utf8(&read).is_err();
        if is_odd || read.split(|byte| matches!(byte, b'/' | b'\\')).any(is_dots) {
            return true;
        }
        let unescaped = unescaped(&read);
        if unescaped.len() == read.len() {
            return false;
        }
        read = unescaped;
    }
}

fn is_dots(segment: &[u8]) -> bool {
    let name = segment.split(|byte| *byte == b';').next().unwrap_or_default();
    matches!(name.trim_ascii(), b"." | b"..")
}

/// The bytes, with each `%` and two digits replaced by the byte they encode.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let digit = |at: usize| bytes.get(at).and_then(|digit| char::from(*digit).to_digit(16));
    let mut unescaped = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = (byte == b'%').then(|| Some(digit(at + 1)? * 16 + digit(at + 2)?)).flatten();
        let escape = escape.and_then(|value| u8::try_from(value).ok());
        unescaped.push(escape.unwrap_or(byte));
        at += if escape.is_some() { 3 } else { 1 };
    }
    unescaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_segments_are_found_behind_every_disguise() {
        for part in [
            ".",
            "..",
            "a/..",
            "../a",
            "%2E.",
            "a/%2e%2E/b",
            "%2E%2e%2f",
            "..%2Fa",
            "a%2F..",
            "..%5ca",
            "..\\a",
            "a\\..\\b",
            "..;",
            "..;/a",
            "..;a=1/b",
            ".;/a",
            "%2e%2e;/a",
            "..%3B/a",
            "%252e%252e%252fa",
            "..%252f",
            "%25252E%25252e",
            "%2%65%2e/",
            "..%20/a",
            "..%00",
            "a%0a",
            "%c0%ae%c0%ae/a",
            "%ff",
            "%2e%2e%c0%af",
        ] {
            assert!(may_resolve(part), "{part}");
        }
        for part in [
            "",
            "a",
            "...",
            "a..b/..c/d..",
            ".a",
            "a;..",
            "a/b;c",
            "%3D%3D",
            "%253D",
            "a%2Fb",
            "%",
            "%2",
            "%zz",
            "a%2e%2eb",
            "投诉",
            "Ch/9w+D%2B==",
        ] {
            assert!(!may_resolve(part), "{part}");
        }
    }
}
