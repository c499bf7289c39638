//! The URLs that this server calls, and the address of a complaint on its page.

use http::Uri;
use http_transport::is_private;

/// Whether events may be sent to a URL: they hold ids and states, and still travel in the clear to
/// this machine alone.
pub(crate) fn may_be_called(url: &Uri) -> bool {
    is_private(url) && url.authority().is_some_and(|authority| !authority.as_str().contains('@'))
}

/// The address of one complaint on the page.
pub(crate) fn complaint_path(channel: &str, merchant: &str, id: &str) -> String {
    let segments = [channel, merchant, id].map(escaped);
    format!("/complaints/{}", segments.join("/"))
}

/// A segment of a path.
fn escaped(segment: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let escape = |byte: u8| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    segment.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_escapes_what_a_platform_may_write() {
        assert_eq!(
            complaint_path("wechat-pay", "1", "a/b?c#\u{202e}"),
            "/complaints/wechat-pay/1/a%2Fb%3Fc%23%E2%80%AE"
        );
    }
}
