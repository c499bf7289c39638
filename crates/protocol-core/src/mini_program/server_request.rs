//! A request to the Mini Program's server, with the access token in its query and nowhere else.

use std::fmt;

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
    /// First step of two: makes the request without its token. [`ServerRequest::sign`] takes both
    /// steps.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn prepare<O: Operation>(operation: &O, stamp: &Stamp<'_>) -> Result<Self, BuildError> {
        Ok(Self { parts: operation.request(stamp)?, token: None })
    }

    /// Second step: adds the token that proves the sender. It is the merchant's own `access_token`,
    /// or a third-party platform's `authorizer_access_token` (permission set 76).
    pub fn attach(self, token: &AccessToken) -> Self {
        Self { token: Some(token.clone()), ..self }
    }

    /// Takes both steps. An operation that needs no token gets none.
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

    /// Path and query. The query holds the token, so keep it out of logs.
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

    /// The headers to send. The sender adds `Host`, `Content-Length` and `User-Agent`.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let content_type = self.parts.content_type.as_deref().map(|kind| ("Content-Type", kind));
        [("Accept", self.parts.accept)].into_iter().chain(content_type)
    }

    /// The body; empty if the request has none.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.parts.body.bytes()
    }
}

impl fmt::Debug for ServerRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerRequest")
            .field("method", &self.parts.method)
            // The query of virtual payment holds a signature that does not expire.
            .field("path", &self.parts.target.split('?').next().unwrap_or_default())
            .field("token", &self.token)
            .field("body_len", &self.body().len())
            .finish_non_exhaustive()
    }
}

/// The request as a type of the `http` crate. `origin` is scheme and host, such as
/// `https://api.weixin.qq.com`. The `Debug` of `http` shows the address, and so the token.
#[cfg(feature = "http")]
impl ServerRequest {
    /// Converts without changing a byte of target, headers or body.
    ///
    /// # Errors
    /// The error of `http`: the origin is no origin.
    pub fn into_http(self, origin: &str) -> Result<http::Request<Vec<u8>>, http::Error> {
        let mut request =
            http::Request::builder().method(self.method().as_str()).uri(format!("{origin}{}", self.target()));
        for (name, value) in self.headers() {
            request = request.header(name, value);
        }
        request.body(self.parts.body.into_bytes())
    }
}
