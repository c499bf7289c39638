//! URLs that no stranger on the way reads.

use std::net::IpAddr;

use http::Uri;

/// Whether a request to the URL is encrypted, or stays on this machine: `https`, or `http` to
/// `localhost` or an address of loopback.
///
/// ```
/// assert!(http_transport::is_private(&"http://127.0.0.1:9000/events".parse().unwrap()));
/// assert!(!http_transport::is_private(&"http://merchant.example/events".parse().unwrap()));
/// ```
#[must_use]
pub fn is_private(url: &Uri) -> bool {
    let Some(host) = url.host().filter(|host| !host.is_empty()) else { return false };
    match url.scheme_str() {
        Some("https") => true,
        Some("http") => {
            let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
            host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.to_canonical().is_loopback())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_encrypted_or_stays_on_this_machine() {
        let private = |url: &str| is_private(&url.parse().unwrap());
        for url in [
            "https://shop.example/in",
            "https://10.0.0.7",
            "http://127.0.0.1:9000/",
            "http://127.0.0.2/",
            "http://127.255.255.254/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://localhost:1/x",
            "http://LocalHost/",
        ] {
            assert!(private(url), "{url}");
        }
        for url in [
            "/in",
            "shop.example",
            "http://shop.example/",
            "http://10.0.0.7/",
            "http://128.0.0.1/",
            "http://[::2]/",
            "http://[::ffff:10.0.0.7]/",
            "http://localhost.evil.example/",
            "ftp://localhost/",
        ] {
            assert!(!private(url), "{url}");
        }
    }
}
