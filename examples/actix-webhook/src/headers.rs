//! actix-web's headers for the core. They are of the `http` crate's 0.2, so there is no conversion;
//! a lookup is all it takes.

use actix_web::http::header::HeaderMap;
use protocol_core::{Header, Headers};

pub(crate) struct Lookup<'a>(pub(crate) &'a HeaderMap);

impl Headers for Lookup<'_> {
    /// A header that stands twice is refused: two readers could disagree on its value.
    fn header(&self, name: &str) -> Header<'_> {
        let mut values = self.0.get_all(name);
        match (values.next(), values.next()) {
            (None, _) => Header::Absent,
            (Some(value), None) => {
                value.to_str().map_or(Header::NotText, |value| Header::Text(value.trim_matches([' ', '\t'])))
            }
            (Some(_), Some(_)) => Header::Repeated,
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_header_stands_once_and_is_text() {
        let name = HeaderName::from_static("wechatpay-nonce");
        let mut headers = HeaderMap::new();
        assert_eq!(Lookup(&headers).header("Wechatpay-Nonce"), Header::Absent);
        headers.append(name.clone(), HeaderValue::from_static(" n "));
        assert_eq!(Lookup(&headers).header("Wechatpay-Nonce"), Header::Text("n"));
        headers.append(name.clone(), HeaderValue::from_static("n"));
        assert_eq!(Lookup(&headers).header("Wechatpay-Nonce"), Header::Repeated);
        headers.insert(name, HeaderValue::from_bytes("投诉".as_bytes()).unwrap());
        assert_eq!(Lookup(&headers).header("Wechatpay-Nonce"), Header::NotText);
    }
}
