//! Headers of any HTTP library, read by name.

/// A header that cannot be read. No message quotes its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// The header occurs more than once, so that two readers could disagree on its value.
    #[error("the header occurs more than once")]
    Repeated,
    /// The value is not visible ASCII.
    #[error("the header is not visible ASCII")]
    NotText,
    /// An `Authorization` header is not `SCHEME name="value",name="value"…`.
    #[error("the Authorization header is not a scheme and a list of name=\"value\"")]
    Syntax,
    /// A member of an `Authorization` header is missing or occurs twice.
    #[error("the Authorization header must have {0} once")]
    Member(&'static str),
}

/// Read access to a message's headers. Names are ASCII and compared without case.
///
/// Implemented for lists of name–value pairs and, with the feature `http`, for `http::HeaderMap`.
/// Another library's type needs one function.
///
/// ```
/// use protocol_core::{HeaderError, Headers};
///
/// let headers = [("Wechatpay-Serial", "PUB_KEY_ID_1"), ("X-Trace", "a"), ("x-trace", "b")];
/// assert_eq!(headers.header("wechatpay-serial"), Ok(Some("PUB_KEY_ID_1")));
/// assert_eq!(headers.header("Wechatpay-Nonce"), Ok(None));
/// assert_eq!(headers.header("X-Trace"), Err(HeaderError::Repeated));
/// ```
pub trait Headers {
    /// The value of the header `name`, without whitespace around it.
    ///
    /// # Errors
    /// [`HeaderError`] when the header occurs more than once or is not text.
    fn header(&self, name: &str) -> Result<Option<&str>, HeaderError>;
}

impl<H: Headers + ?Sized> Headers for &H {
    fn header(&self, name: &str) -> Result<Option<&str>, HeaderError> {
        (**self).header(name)
    }
}

impl<N: AsRef<str>, V: AsRef<str>> Headers for [(N, V)] {
    fn header(&self, name: &str) -> Result<Option<&str>, HeaderError> {
        let mut values = self
            .iter()
            .filter(|(candidate, _)| candidate.as_ref().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_ref());
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => text(value).map(Some),
            (Some(_), Some(_)) => Err(HeaderError::Repeated),
        }
    }
}

impl<N: AsRef<str>, V: AsRef<str>, const COUNT: usize> Headers for [(N, V); COUNT] {
    fn header(&self, name: &str) -> Result<Option<&str>, HeaderError> {
        self.as_slice().header(name)
    }
}

impl<N: AsRef<str>, V: AsRef<str>> Headers for Vec<(N, V)> {
    fn header(&self, name: &str) -> Result<Option<&str>, HeaderError> {
        self.as_slice().header(name)
    }
}

#[cfg(feature = "http")]
impl Headers for http::HeaderMap {
    fn header(&self, name: &str) -> Result<Option<&str>, HeaderError> {
        let mut values = self.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => {
                let value = value.to_str().map_err(|_| HeaderError::NotText)?;
                text(value).map(Some)
            }
            (Some(_), Some(_)) => Err(HeaderError::Repeated),
        }
    }
}

fn text(value: &str) -> Result<&str, HeaderError> {
    let value = value.trim_matches([' ', '\t']);
    // Not `all`: without an early exit the compiler checks many bytes at once, and signatures are
    // long.
    let visible = value.bytes().fold(true, |all, byte| all & matches!(byte, b' '..=b'~' | b'\t'));
    if visible { Ok(value) } else { Err(HeaderError::NotText) }
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
        assert_eq!(headers.header("a"), Err(HeaderError::Repeated));
    }

    #[test]
    fn control_characters_and_other_alphabets_are_refused() {
        assert_eq!([("a", "1\n2")].header("a"), Err(HeaderError::NotText));
        assert_eq!([("a", "投诉")].header("a"), Err(HeaderError::NotText));
        for control in ['\u{0}', '\u{1f}', '\u{7f}'] {
            assert_eq!([("a", format!("1{control}2"))].header("a"), Err(HeaderError::NotText), "{control:?}");
        }
        assert_eq!([("a", "!\t ~")].header("a"), Ok(Some("!\t ~")));
    }

    #[test]
    fn a_reference_reads_as_its_target() {
        fn value(headers: impl Headers, name: &str) -> Result<Option<String>, HeaderError> {
            headers.header(name).map(|value| value.map(str::to_owned))
        }
        let headers = vec![("Nonce", "n"), ("Twice", "1"), ("twice", "1")];
        for (name, expected) in
            [("nonce", Ok(Some("n".to_owned()))), ("Serial", Ok(None)), ("Twice", Err(HeaderError::Repeated))]
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
        assert_eq!(Headers::header(&headers, "wechatpay-nonce"), Err(HeaderError::Repeated));
    }
}
