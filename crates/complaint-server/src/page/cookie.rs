//! Cookies: read, and written with every protection that browsers have.

use http::{HeaderMap, HeaderValue, header};

/// The value of a cookie; `None` if there is none of this name.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lists = headers.get_all(header::COOKIE).iter().filter_map(|list| list.to_str().ok());
    let mut pairs = lists.flat_map(|list| list.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// A `Set-Cookie` of this page alone: no script reads it, and no other site's request has it.
pub(super) fn set_cookie(name: &str, value: &str, seconds: u32, is_https: bool) -> Option<HeaderValue> {
    let secure = if is_https { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::try_from(text).ok()
}

/// Whether the browser reached the page by `https`: its `Origin` says so. A proxy may end TLS in
/// between.
pub(super) fn is_https(headers: &HeaderMap) -> bool {
    headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"https://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("alanguage=x; language=en;empty="));
        headers.append(header::COOKIE, HeaderValue::from_static("other=1=2"));
        let of = |name| cookie(&headers, name);
        assert_eq!([of("language"), of("empty"), of("other")], [Some("en"), Some(""), Some("1=2")]);
        assert_eq!([of("lang"), of("Language")], [None, None]);
    }

    #[test]
    fn a_cookie_is_kept_from_scripts_and_other_sites() {
        let plain = set_cookie("a", "b", 60, false).unwrap();
        assert_eq!(plain, "a=b; Path=/; Max-Age=60; HttpOnly; SameSite=Strict");
        assert!(set_cookie("a", "b", 60, true).unwrap().to_str().unwrap().ends_with("; Secure"));
    }
}
