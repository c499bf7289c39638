//! How the client is set up, and what one request may set for itself.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use crate::proxy::Proxy;

/// How an [`HttpsClient`](crate::HttpsClient) connects, and its bounds.
///
/// ```
/// use std::time::Duration;
/// use http_transport::{ClientConfig, Proxy};
///
/// # fn main() -> Result<(), http_transport::ConfigError> {
/// let config = ClientConfig::default()
///     .with_proxy(Proxy::parse("http://user:password@proxy.example:3128")?)
///     .with_deadline(Duration::from_secs(10));
/// # Ok(())
/// # }
/// ```
///
/// ```
/// use std::time::Duration;
/// use http_transport::ClientConfig;
///
/// let config = ClientConfig::default().with_deadline(Duration::from_secs(5)).with_user_agent("complaint-service/1.0");
/// # let _ = config;
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ClientConfig {
    pub(crate) roots: Roots,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) deadline: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_response_body: usize,
    pub(crate) idle_timeout: Duration,
    pub(crate) max_idle_per_host: usize,
    pub(crate) resolve: Resolve,
    pub(crate) user_agent: Option<String>,
    pub(crate) allow_http: bool,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            roots: Roots::WebPki,
            proxy: None,
            deadline: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(5),
            max_response_body: 8 * 1024 * 1024,
            idle_timeout: Duration::from_secs(20),
            max_idle_per_host: 16,
            resolve: Resolve::System,
            user_agent: None,
            allow_http: false,
        }
    }
}

impl ClientConfig {
    /// The roots that certificates are trusted by. Default: Mozilla's.
    #[must_use]
    pub fn with_roots(self, roots: Roots) -> Self {
        Self { roots, ..self }
    }

    /// The proxy of all requests. Default: none; the environment is not read.
    #[must_use]
    pub fn with_proxy(self, proxy: Proxy) -> Self {
        Self { proxy: Some(proxy), ..self }
    }

    /// The time for a whole request: connecting, sending, and the response to its last byte.
    /// Default: 30 seconds; [`Deadline`] sets it for one request.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// The time for a new connection: name, TCP, proxy and TLS together. Default: 5 seconds.
    #[must_use]
    pub fn with_connect_timeout(self, connect_timeout: Duration) -> Self {
        Self { connect_timeout, ..self }
    }

    /// The largest body of a response, in bytes. Default: 8 MiB; [`MaxBody`] sets it for one
    /// request.
    #[must_use]
    pub fn with_max_response_body(self, max_response_body: usize) -> Self {
        Self { max_response_body, ..self }
    }

    /// How long an unused connection is kept. Default: 20 seconds.
    #[must_use]
    pub fn with_idle_timeout(self, idle_timeout: Duration) -> Self {
        Self { idle_timeout, ..self }
    }

    /// How many unused connections are kept for a host. Default: 16; 0 reuses none.
    #[must_use]
    pub fn with_max_idle_per_host(self, max_idle_per_host: usize) -> Self {
        Self { max_idle_per_host, ..self }
    }

    /// How names become addresses. Default: the system resolves them.
    #[must_use]
    pub fn with_resolve(self, resolve: Resolve) -> Self {
        Self { resolve, ..self }
    }

    /// The `User-Agent` of requests that have none. Default: none.
    #[must_use]
    pub fn with_user_agent(self, user_agent: impl Into<String>) -> Self {
        Self { user_agent: Some(user_agent.into()), ..self }
    }

    /// Sends to `http` URLs too, in the clear and never through a proxy. For tests on loopback.
    #[must_use]
    pub fn with_allow_http(self, allow_http: bool) -> Self {
        Self { allow_http, ..self }
    }
}

/// Whose certificates are trusted.
#[derive(Clone)]
#[non_exhaustive]
pub enum Roots {
    /// Mozilla's roots, as of the release of the `webpki-roots` crate this was built with.
    WebPki,
    /// The certificates of this PEM text and no others.
    Pem(Vec<u8>),
    /// Mozilla's roots and the certificates of this PEM text.
    WebPkiAnd(Vec<u8>),
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WebPki => f.write_str("WebPki"),
            Self::Pem(pem) => write!(f, "Pem({} bytes)", pem.len()),
            Self::WebPkiAnd(pem) => write!(f, "WebPkiAnd({} bytes)", pem.len()),
        }
    }
}

/// How names become addresses. With a proxy this is about the proxy's own name; it resolves the
/// others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resolve {
    /// The operating system resolves names.
    System,
    /// The operating system resolves names, and only addresses of the public internet are connected
    /// to: none of this machine, of a private network or for groups. An address in the URL is
    /// refused. Each connection is to an address that was checked, so a name that changes meanwhile
    /// leads nowhere else. For URLs that strangers may have written.
    Public,
    /// Every name is at this address, at the URL's port: simulated platforms. The certificate still
    /// has to bear the name. An address in the URL is no name and stays what it is.
    To(IpAddr),
}

/// A request's own bound on its response's body, in bytes: an extension of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxBody(pub usize);

/// A request's own deadline: an extension of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(pub Duration);
