//! The reading of `multipart/form-data`, byte for byte. It does not share code with the core's
//! writer, so that the two cannot be wrong together.

/// The longest boundary, in bytes (RFC 2046, 5.1.1).
const MAX_BOUNDARY: usize = 70;

/// A part: its name, its file's name, its content type, its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'b> {
    pub(crate) name: &'b str,
    pub(crate) filename: Option<&'b str>,
    pub(crate) content_type: Option<&'b str>,
    pub(crate) content: &'b [u8],
}

/// The boundary in the `Content-Type` of a form.
pub(crate) fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let value = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("boundary="))?;
    let value = value.trim().trim_matches('"');
    (1..=MAX_BOUNDARY).contains(&value.len()).then_some(value)
}

/// The boundary of a form: from the `Content-Type`, or from the start of the body if the
/// `Content-Type` has none. WeChat Pay accepts such uploads, which the Python package `wechatpayv3`
/// sends. An invalid boundary in the `Content-Type` is not replaced.
pub(crate) fn boundary_or_first_line<'a>(content_type: &'a str, body: &'a [u8]) -> Option<&'a str> {
    let mut parameters = content_type.split(';').map(str::trim);
    let is_form = parameters.next()?.eq_ignore_ascii_case("multipart/form-data");
    let names_one = parameters
        .any(|parameter| parameter.split('=').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("boundary")));
    match (is_form, names_one) {
        (true, true) => boundary(content_type),
        (true, false) => first_line(body),
        (false, _) => None,
    }
}

/// The boundary at the start of a body, if RFC 2046 allows its characters.
fn first_line(body: &[u8]) -> Option<&str> {
    // The longest boundary, its two dashes and the line end.
    let start = body.get(..body.len().min(MAX_BOUNDARY + 4))?;
    let line = start.get(..find(start, b"\r\n")?)?;
    let boundary = std::str::from_utf8(line.strip_prefix(b"--")?).ok()?;
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
    let is_boundary = (1..=MAX_BOUNDARY).contains(&boundary.len()) && boundary.bytes().all(is_allowed);
    (is_boundary && !boundary.ends_with(' ')).then_some(boundary)
}

/// The parts in their order; `None` if bytes stand before, between or after the parts.
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
    fn the_body_names_the_boundary_where_the_header_names_none() {
        let with = |content_type: &'static str, boundary: &str| {
            let body =
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--{boundary}--\r\n");
            boundary_or_first_line(content_type, body.as_bytes()).map(str::to_owned)
        };
        for content_type in
            ["multipart/form-data", "Multipart/Form-Data", "multipart/form-data;", "multipart/form-data; charset=utf-8"]
        {
            for boundary in
                ["B", "ca97eb5e5a7e4f7e96a9d0dcaa6b4c0f", "----WebKitFormBoundary7MA4", "a b:c=d", &"x".repeat(70)]
            {
                assert_eq!(with(content_type, boundary).as_deref(), Some(boundary), "{content_type}");
            }
        }
        assert_eq!(with("multipart/form-data; boundary=C", "B").as_deref(), Some("C"), "a named one is the one");
        for content_type in ["", "application/json", "multipart/mixed", "text/plain; a=multipart/form-data"] {
            assert_eq!(with(content_type, "B"), None, "{content_type}");
        }
        let long = "x".repeat(71);
        for content_type in
            ["multipart/form-data; boundary=", "multipart/form-data; Boundary=", "multipart/form-data; boundary"]
        {
            assert_eq!(with(content_type, "B"), None, "{content_type}: a named one that is none is not replaced");
        }
        for boundary in ["", "a\u{0}b", "a\tb", "\u{e9}", "a ", "a\"b", &long] {
            assert_eq!(with("multipart/form-data", boundary), None, "{boundary:?}");
        }
    }

    #[test]
    fn a_body_without_a_boundary_at_its_start_has_none() {
        for body in ["", "-", "--", "--B", "--B\n", "-B\r\n", "B\r\n", "\r\n--B\r\n", "{\"a\":1}", " --B\r\n"] {
            assert_eq!(boundary_or_first_line("multipart/form-data", body.as_bytes()), None, "{body:?}");
        }
        assert_eq!(boundary_or_first_line("multipart/form-data", b"--\xff\xfe\r\n"), None);
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
