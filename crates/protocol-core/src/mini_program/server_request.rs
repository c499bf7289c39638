//! A request to the Mini Program's server, with the access token in its query and nowhere else.

use core::fmt;

use super::operation::Operation;
use super::token::AccessToken;
use crate::codec::percent::encode_into;
use crate::request::{BuildError, Method, RequestParts, Stamp};

/// A request, ready to send. Its `Debug` shows neither the token nor the body.
#[derive(Clone, PartialEq, Eq)]
#[must_use = "a request does nothing until it is sent"]
pub struct ServerRequest {
    parts: RequestParts,
    token: Option<AccessToken>,
}

impl ServerRequest {
    /// First step of two: the request without its token. [`ServerRequest::sign`] does both.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn prepare<O: Operation>(operation: &O, stamp: &Stamp<'_>) -> Result<Self, BuildError> {
        Ok(Self { parts: operation.request(stamp)?, token: None })
    }

    /// Second step: the token that proves who asks. It is the merchant's own `access_token`, or a third-party platform's
    /// `authorizer_access_token` (permission set 76).
    pub fn attach(self, token: &AccessToken) -> Self {
        Self { token: Some(token.clone()), ..self }
    }

    /// Both steps. An operation that needs no token goes without.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn sign<O: Operation>(operation: &O, stamp: &Stamp<'_>, token: &AccessToken) -> Result<Self, BuildError> {
        let request = Self::prepare(operation, stamp)?;
        Ok(if O::NEEDS_TOKEN { request.attach(token) } else { request })
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.parts.method
    }

    /// Path and query, the token in it: not for a log.
    #[must_use]
    pub fn target(&self) -> String {
        let mut target = self.parts.target.clone();
        if let Some(token) = &self.token {
            target.push(if target.contains('?') { '&' } else { '?' });
            target.push_str("access_token=");
            encode_into(&mut target, token.expose());
        }
        target
    }

    /// The headers to send. `Host`, `Content-Length` and `User-Agent` are the sender's.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let content_type = self.parts.content_type.as_deref().map(|kind| ("Content-Type", kind));
        [("Accept", self.parts.accept)].into_iter().chain(content_type)
    }

    /// The body; empty where there is none.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.parts.body.bytes()
    }
}

impl fmt::Debug for ServerRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerRequest")
            .field("method", &self.parts.method)
            .field("target", &self.parts.target)
            .field("token", &self.token)
            .field("body_len", &self.body().len())
            .finish_non_exhaustive()
    }
}

/// The request as the `http` crate has it; `origin` is scheme and host, such as `https://api.weixin.qq.com`. That crate's own
/// `Debug` shows the address, and so the token.
#[cfg(feature = "http")]
impl ServerRequest {
    /// Converts without changing a byte of target, headers or body.
    ///
    /// # Errors
    /// What `http` refuses: an origin that is none.
    pub fn into_http(self, origin: &str) -> Result<http::Request<Vec<u8>>, http::Error> {
        let mut request =
            http::Request::builder().method(self.method().as_str()).uri(format!("{origin}{}", self.target()));
        for (name, value) in self.headers() {
            request = request.header(name, value);
        }
        request.body(self.parts.body.into_bytes())
    }
}
