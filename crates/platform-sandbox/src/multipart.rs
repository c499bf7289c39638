//! `multipart/form-data`, taken apart as it came. Written apart from the core's own writer on purpose.

/// A part: its name, its file's name, its content type, its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'b> {
    pub(crate) name: &'b str,
    pub(crate) filename: Option<&'b str>,
    pub(crate) content_type: Option<&'b str>,
    pub(crate) content: &'b [u8],
}

/// The boundary that a `Content-Type` names, if it is one of forms.
pub(crate) fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let value = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("boundary="))?;
    let value = value.trim().trim_matches('"');
    (1..=70).contains(&value.len()).then_some(value)
}

/// The parts in their order; `None` where the body is not made of parts from its first to its last byte.
pub(crate) fn parts<'b>(body: &'b [u8], boundary: &str) -> Option<Vec<Part<'b>>> {
    let delimiter = format!("\r\n--{boundary}");
    let mut rest = body.strip_prefix(format!("--{boundary}").as_bytes())?;
    let mut parts = Vec::new();
    loop {
        if let Some(end) = rest.strip_prefix(b"--") {
            return matches!(end, b"" | b"\r\n").then_some(parts);
        }
        let part = rest.strip_prefix(b"\r\n")?;
        let end = find(part, delimiter.as_bytes())?;
        parts.push(self::part(part.get(..end)?)?);
        rest = part.get(end + delimiter.len()..)?;
    }
}

fn part(bytes: &[u8]) -> Option<Part<'_>> {
    let head_end = find(bytes, b"\r\n\r\n")?;
    let head = std::str::from_utf8(bytes.get(..head_end)?).ok()?;
    let header = |wanted: &str| {
        head.split("\r\n").find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then(|| value.trim())
        })
    };
    let disposition = header("Content-Disposition")?;
    let parameters = disposition.strip_prefix("form-data")?;
    let quoted = |wanted: &str| {
        parameters.split(';').find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            (name.trim() == wanted).then(|| value.trim().strip_prefix('"')?.strip_suffix('"')).flatten()
        })
    };
    let (name, filename) = (quoted("name")?, quoted("filename"));
    Some(Part { name, filename, content_type: header("Content-Type"), content: bytes.get(head_end + 4..)? })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_byte_for_byte() {
        let body =
            b"--B\r\nContent-Disposition: form-data; name=\"meta\";\r\nContent-Type: application/json\r\n\r\n{ }\r\n\
            --B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"name=.png\";\r\n\r\n\r\n\x00\r\n--B--\r\n";
        let found = parts(body, "B").unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].name, found[0].content), ("meta", b"{ }".as_slice()));
        assert_eq!((found[1].name, found[1].content), ("file", b"\r\n\x00".as_slice()));
        assert_eq!((found[0].filename, found[1].filename), (None, Some("name=.png")));
        assert_eq!(boundary("multipart/form-data; boundary=B"), Some("B"));
        assert_eq!(boundary("application/json"), None);
    }

    #[test]
    fn anything_around_the_parts_is_refused() {
        let body = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B--";
        assert!(parts(body.as_bytes(), "B").is_some());
        for broken in [format!("x{body}"), format!("{body}x"), body.replace("--B--", "--B")] {
            assert!(parts(broken.as_bytes(), "B").is_none());
        }
    }
}
