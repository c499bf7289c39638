//! Errors of a configuration and of sending.

use std::error::Error;
use std::fmt;

/// An error of whatever kind lay beneath.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// A configuration that cannot work. No message quotes a key, a certificate or a password.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Neither feature `aws-lc-rs` nor feature `ring` is on.
    #[error("no TLS provider: turn on the feature aws-lc-rs or ring of http-transport")]
    NoProvider,
    /// The PEM text holds no certificate, or one that cannot be read.
    #[error("no readable certificate in the PEM text")]
    Certificate,
    /// The PEM text holds no private key, or one that cannot be read.
    #[error("no readable private key in the PEM text")]
    PrivateKey,
    /// The TLS library refuses its inputs: a key that does not belong to the certificate, an
    /// unsupported algorithm. The text is the TLS library's.
    #[error("TLS refuses the configuration: {0}")]
    Tls(String),
    /// The proxy's URL: what is wrong with it.
    #[error("proxy URL: {0}")]
    Proxy(&'static str),
    /// Neither an IP address nor a network.
    #[error("neither an IP address nor a network: write it as 10.0.0.7 or as 10.0.0.0/8")]
    Network,
    /// The user agent cannot stand in a header.
    #[error("the user agent is not a header value")]
    UserAgent,
}

impl ConfigError {
    pub(crate) fn of_tls(error: impl fmt::Display) -> Self {
        Self::Tls(error.to_string())
    }
}

/// The kinds of failures of sending a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SendErrorKind {
    /// The request cannot be sent as it is: its URL, method or version. The caller has to change
    /// it.
    Request,
    /// No connection: name, TCP or proxy.
    Connect,
    /// No TLS connection: certificate, version, handshake.
    Tls,
    /// The time for connecting or the deadline ran out.
    Timeout,
    /// The connection broke.
    Io,
    /// The response's body is larger than allowed.
    ResponseTooLarge {
        /// The bound, in bytes.
        limit: usize,
    },
    /// The response is not HTTP/1.1, its head is too large, or its body ended early.
    Response,
}

impl fmt::Display for SendErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request => f.write_str("the request cannot be sent as it is"),
            Self::Connect => f.write_str("no connection"),
            Self::Tls => f.write_str("no TLS connection"),
            Self::Timeout => f.write_str("out of time"),
            Self::Io => f.write_str("the connection broke"),
            Self::ResponseTooLarge { limit } => write!(f, "the response is larger than {limit} bytes"),
            Self::Response => f.write_str("the response is not HTTP, or ended early"),
        }
    }
}

/// A request that got no response: what happened, and whether the request may have reached the
/// peer.
///
/// Neither its message nor its `Debug` holds a body, a header's value or a URL's query.
#[derive(Debug)]
pub struct SendError {
    kind: SendErrorKind,
    may_have_been_sent: bool,
    source: Option<BoxError>,
}

impl SendError {
    /// The request certainly never left. For custom transports.
    pub fn not_sent(kind: SendErrorKind, source: impl Into<BoxError>) -> Self {
        Self::new(kind, false, Some(source.into()))
    }

    /// The request may have reached the peer. For custom transports.
    pub fn unknown(kind: SendErrorKind, source: impl Into<BoxError>) -> Self {
        Self::new(kind, true, Some(source.into()))
    }

    pub(crate) const fn new(kind: SendErrorKind, may_have_been_sent: bool, source: Option<BoxError>) -> Self {
        Self { kind, may_have_been_sent, source }
    }

    /// The kind of failure.
    #[must_use]
    pub const fn kind(&self) -> SendErrorKind {
        self.kind
    }

    /// Whether the request may have reached the peer, and so may have taken effect there.
    ///
    /// `false` only where it is certain: the request could not be built, or there was no connection
    /// to write it to.
    #[must_use]
    pub const fn may_have_been_sent(&self) -> bool {
        self.may_have_been_sent
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent = if self.may_have_been_sent { "the request may have been sent" } else { "the request was not sent" };
        write!(f, "{}; {sent}", self.kind)
    }
}

impl Error for SendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
