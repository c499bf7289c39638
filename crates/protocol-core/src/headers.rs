//! Headers of any HTTP library, read by name.

/// A header of a message. Exhaustive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Header<'a> {
    /// The message does not have it.
    Absent,
    /// Its value: visible ASCII, without whitespace around it.
    Text(&'a str),
    /// It occurs more than once, so that two readers could disagree on its value.
    Repeated,
    /// Its value is not visible ASCII.
    NotText,
}

impl<'a> Header<'a> {
    /// The value, if it is text and occurs once.
    #[must_use]
    pub const fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(value) => Some(value),
            Self::Absent | Self::Repeated | Self::NotText => None,
        }
    }
}

/// Read access to a message's headers. Names are ASCII and compared without case.
///
/// Implemented for lists of name–value pairs and, with the feature `http`, for `http::HeaderMap`.
/// Another library's type needs one function.
///
/// ```
/// use protocol_core::{Header, Headers};
///
/// let headers = [("Wechatpay-Serial", "PUB_KEY_ID_1"), ("X-Trace", "a"), ("x-trace", "b")];
/// assert_eq!(headers.header("wechatpay-serial"), Header::Text("PUB_KEY_ID_1"));
/// assert_eq!(headers.header("Wechatpay-Nonce"), Header::Absent);
/// assert_eq!(headers.header("X-Trace"), Header::Repeated);
/// ```
pub trait Headers {
    /// The header `name`.
    fn header(&self, name: &str) -> Header<'_>;
}

impl<H: Headers + ?Sized> Headers for &H {
    fn header(&self, name: &str) -> Header<'_> {
        (**self).header(name)
    }
}

impl<N: AsRef<str>, V: AsRef<str>> Headers for [(N, V)] {
    fn header(&self, name: &str) -> Header<'_> {
        let mut values = self
            .iter()
            .filter(|(candidate, _)| candidate.as_ref().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_ref());
        match (values.next(), values.next()) {
            (None, _) => Header::Absent,
            (Some(value), None) => text(value),
            (Some(_), Some(_)) => Header::Repeated,
        }
    }
}

impl<N: AsRef<str>, V: AsRef<str>, const COUNT: usize> Headers for [(N, V); COUNT] {
    fn header(&self, name: &str) -> Header<'_> {
        self.as_slice().header(name)
    }
}

impl<N: AsRef<str>, V: AsRef<str>> Headers for Vec<(N, V)> {
    fn header(&self, name: &str) -> Header<'_> {
        self.as_slice().header(name)
    }
}

#[cfg(feature = "http")]
impl Headers for http::HeaderMap {
    fn header(&self, name: &str) -> Header<'_> {
        let mut values = self.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Header::Absent,
            // `to_str` refuses what `text` refuses.
            (Some(value), None) => value.to_str().map_or(Header::NotText, |value| Header::Text(trim(value))),
            (Some(_), Some(_)) => Header::Repeated,
        }
    }
}

fn text(value: &str) -> Header<'_> {
    let value = trim(value);
    // Not `all`: without an early exit the compiler checks many bytes at once, and signatures are
    // long.
    let visible = value.bytes().fold(true, |all, byte| all & matches!(byte, b' '..=b'~' | b'\t'));
    if visible { Header::Text(value) } else { Header::NotText }
}

fn trim(value: &str) -> &str {
    value.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_case_and_values_no_blanks_around_them() {
        let headers = [("wechatpay-SERIAL", " \tabc ")];
        assert_eq!(headers.header("Wechatpay-Serial"), Header::Text("abc"));
        assert_eq!(headers.header("Wechatpay-Nonce"), Header::Absent);
    }

    #[test]
    fn a_header_twice_is_refused_even_with_the_same_value() {
        let headers = vec![("A", "1"), ("a", "1")];
        assert_eq!(headers.header("a"), Header::Repeated);
    }

    #[test]
    fn control_characters_and_other_alphabets_are_refused() {
        assert_eq!([("a", "1\n2")].header("a"), Header::NotText);
        assert_eq!([("a", "投诉")].header("a"), Header::NotText);
        for control in ['\u{0}', '\u{1f}', '\u{7f}'] {
            assert_eq!([("a", format!("1{control}2"))].header("a"), Header::NotText, "{control:?}");
        }
        assert_eq!([("a", "!\t ~")].header("a"), Header::Text("!\t ~"));
    }

    #[test]
    fn a_reference_reads_as_its_target() {
        fn read(headers: impl Headers, name: &str, expected: Header<'_>) {
            assert_eq!(headers.header(name), expected);
        }
        let headers = vec![("Nonce", "n"), ("Twice", "1"), ("twice", "1")];
        for (name, expected) in [("nonce", Header::Text("n")), ("Serial", Header::Absent), ("Twice", Header::Repeated)]
        {
            read(&headers, name, expected);
        }
    }

    #[cfg(feature = "http")]
    #[test]
    fn the_http_crates_map_reads_alike() {
        let mut headers = http::HeaderMap::new();
        headers.append("Wechatpay-Nonce", http::HeaderValue::from_static("n"));
        assert_eq!(Headers::header(&headers, "wechatpay-nonce"), Header::Text("n"));
        headers.append("wechatpay-nonce", http::HeaderValue::from_static("n"));
        assert_eq!(Headers::header(&headers, "wechatpay-nonce"), Header::Repeated);
    }

    #[cfg(feature = "http")]
    #[test]
    fn the_http_crates_map_accepts_the_same_values() {
        for byte in 0..=u8::MAX {
            // The map holds no other values.
            let Ok(value) = http::HeaderValue::from_bytes(&[b' ', b'a', byte, b'b', b'\t']) else { continue };
            let mut headers = http::HeaderMap::new();
            headers.append("a", value);
            let as_text = ["\ta", &char::from(byte).to_string(), "b "].concat();
            assert_eq!(Headers::header(&headers, "a"), [("a", as_text)].header("a"), "{byte}");
        }
    }
}
