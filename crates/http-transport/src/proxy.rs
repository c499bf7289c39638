//! The proxy that connections are tunnelled through.

use std::fmt;

use http::{HeaderValue, Uri, uri::Scheme};
use hyper_util::client::proxy::matcher::Matcher;

use crate::error::ConfigError;

/// An HTTP proxy: connections are tunnelled through it by `CONNECT`, so that it sees names and
/// ports and nothing else.
#[derive(Clone)]
pub struct Proxy {
    pub(crate) uri: Uri,
    pub(crate) authorization: Option<HeaderValue>,
}

impl Proxy {
    /// Reads `http://[user:password@]host:port`. User and password may be percent-encoded.
    ///
    /// ```
    /// use http_transport::{ClientConfig, Proxy};
    ///
    /// let proxy = Proxy::parse("http://user:password@10.0.0.1:3128")?;
    /// assert!(!format!("{proxy:?}").contains("password"));
    /// let config = ClientConfig::default().with_proxy(proxy);
    /// assert!(Proxy::parse("socks5://10.0.0.1:1080").is_err());
    /// # let _ = config;
    /// # Ok::<(), http_transport::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConfigError::Proxy`] for anything else; the message does not quote the URL.
    pub fn parse(url: &str) -> Result<Self, ConfigError> {
        let written = url.parse::<Uri>().map_err(|_| ConfigError::Proxy("not a URL"))?;
        if written.scheme() != Some(&Scheme::HTTP) {
            return Err(ConfigError::Proxy("its scheme must be http"));
        }
        if written.host().is_none_or(str::is_empty) || written.port_u16().is_none() {
            return Err(ConfigError::Proxy("it needs a host and a port"));
        }
        if written.path() != "/" || written.query().is_some() {
            return Err(ConfigError::Proxy("it has no path and no query"));
        }
        let matcher = Matcher::builder().all(url).build();
        let proxy =
            matcher.intercept(&Uri::from_static("https://any.invalid")).ok_or(ConfigError::Proxy("not a URL"))?;
        Ok(Self { uri: proxy.uri().clone(), authorization: proxy.basic_auth().cloned() })
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let credentials = if self.authorization.is_some() { "redacted" } else { "none" };
        f.debug_struct("Proxy").field("uri", &self.uri).field("credentials", &credentials).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_leave_the_url() {
        let proxy = Proxy::parse("http://me:s%40cret@proxy.example:3128").unwrap();
        assert_eq!(proxy.uri, "http://proxy.example:3128/");
        assert_eq!(proxy.authorization.as_ref().unwrap(), "Basic bWU6c0BjcmV0");
        let shown = format!("{proxy:?}");
        assert!(!shown.contains("cret") && !shown.contains("bWU6"), "{shown}");
        assert!(Proxy::parse("http://[::1]:3128").unwrap().authorization.is_none());
    }

    #[test]
    fn other_urls_are_refused_unquoted() {
        for url in [
            "https://proxy.example:3128",
            "socks5://proxy.example:3128",
            "http://s3cret@proxy.example",
            "http://:3128",
            "proxy.example:3128",
            "http://proxy.example:3128/s3cret",
            "http://proxy.example:3128?s3cret",
            "http://me:s3cret@@:1",
            "",
        ] {
            let error = Proxy::parse(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{url}");
        }
    }
}
