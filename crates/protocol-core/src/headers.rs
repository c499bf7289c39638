//! Headers of any HTTP library, read by name.

/// Why a header could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderFault {
    /// The header occurs more than once, so that two readers could disagree on its value.
    Repeated,
    /// The value is not visible ASCII.
    NotText,
}

/// Read access to a message's headers. Names are ASCII and compared without case.
///
/// Implemented for lists of name–value pairs and, with the feature `http`, for `http::HeaderMap`.
/// Another library's type needs one function.
///
/// ```
/// use protocol_core::{HeaderFault, Headers};
///
/// let headers = [("Wechatpay-Serial", "PUB_KEY_ID_1"), ("X-Trace", "a"), ("x-trace", "b")];
/// assert_eq!(headers.header("wechatpay-serial"), Ok(Some("PUB_KEY_ID_1")));
/// assert_eq!(headers.header("Wechatpay-Nonce"), Ok(None));
/// assert_eq!(headers.header("X-Trace"), Err(HeaderFault::Repeated));
/// ```
pub trait Headers {
    /// The value of the header `name`, without whitespace around it.
    ///
    /// # Errors
    /// [`HeaderFault`] when the header occurs more than once or is not text.
    fn header(&self, name: &str) -> Result<Option<&str>, HeaderFault>;
}

impl<H: Headers + ?Sized> Headers for &H {
    fn header(&self, name: &str) -> Result<Option<&str>, HeaderFault> {
        (**self).header(name)
    }
}

impl<N: AsRef<str>, V: AsRef<str>> Headers for [(N, V)] {
    fn header(&self, name: &str) -> Result<Option<&str>, HeaderFault> {
        let mut values = self
            .iter()
            .filter(|(candidate, _)| candidate.as_ref().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_ref());
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => text(value).map(Some),
            (Some(_), Some(_)) => Err(HeaderFault::Repeated),
        }
    }
}

impl<N: AsRef<str>, V: AsRef<str>, const COUNT: usize> Headers for [(N, V); COUNT] {
    fn header(&self, name: &str) -> Result<Option<&str>, HeaderFault> {
        self.as_slice().header(name)
    }
}

impl<N: AsRef<str>, V: AsRef<str>> Headers for Vec<(N, V)> {
    fn header(&self, name: &str) -> Result<Option<&str>, HeaderFault> {
        self.as_slice().header(name)
    }
}

#[cfg(feature = "http")]
impl Headers for http::HeaderMap {
    fn header(&self, name: &str) -> Result<Option<&str>, HeaderFault> {
        let mut values = self.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => {
                let value = value.to_str().map_err(|_| HeaderFault::NotText)?;
                text(value).map(Some)
            }
            (Some(_), Some(_)) => Err(HeaderFault::Repeated),
        }
    }
}

fn text(value: &str) -> Result<&str, HeaderFault> {
    let value = value.trim_matches([' ', '\t']);
    // Not `all`: without an early exit the compiler checks many bytes at once, and signatures are
    // long.
    let visible = value.bytes().fold(true, |all, byte| all & matches!(byte, b' '..=b'~' | b'\t'));
    if visible { Ok(value) } else { Err(HeaderFault::NotText) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_case_and_values_no_blanks_around_them() {
        let headers = [("wechatpay-SERIAL", " \tabc ")];
        assert_eq!(headers.header("Wechatpay-Serial"), Ok(Some("abc")));
        assert_eq!(headers.header("Wechatpay-Nonce"), Ok(None));
    }

    #[test]
    fn a_header_twice_is_refused_even_with_the_same_value() {
        let headers = vec![("A", "1"), ("a", "1")];
        assert_eq!(headers.header("a"), Err(HeaderFault::Repeated));
    }

    #[test]
    fn control_characters_and_other_alphabets_are_refused() {
        assert_eq!([("a", "1\n2")].header("a"), Err(HeaderFault::NotText));
        assert_eq!([("a", "投诉")].header("a"), Err(HeaderFault::NotText));
        for control in ['\u{0}', '\u{1f}', '\u{7f}'] {
            assert_eq!([("a", format!("1{control}2"))].header("a"), Err(HeaderFault::NotText), "{control:?}");
        }
        assert_eq!([("a", "!\t ~")].header("a"), Ok(Some("!\t ~")));
    }

    #[test]
    fn a_reference_reads_as_its_target() {
        fn value(headers: impl Headers, name: &str) -> Result<Option<String>, HeaderFault> {
            headers.header(name).map(|value| value.map(str::to_owned))
        }
        let headers = vec![("Nonce", "n"), ("Twice", "1"), ("twice", "1")];
        for (name, expected) in
            [("nonce", Ok(Some("n".to_owned()))), ("Serial", Ok(None)), ("Twice", Err(HeaderFault::Repeated))]
        {
            assert_eq!(value(&headers, name), expected);
        }
    }

    #[cfg(feature = "http")]
    #[test]
    fn the_http_crates_map_reads_alike() {
        let mut headers = http::HeaderMap::new();
        headers.append("Wechatpay-Nonce", http::HeaderValue::from_static("n"));
        assert_eq!(Headers::header(&headers, "wechatpay-nonce"), Ok(Some("n")));
        headers.append("wechatpay-nonce", http::HeaderValue::from_static("n"));
        assert_eq!(Headers::header(&headers, "wechatpay-nonce"), Err(HeaderFault::Repeated));
    }
}
