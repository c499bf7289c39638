//! A request as data: the bytes to send, and the part of them that is signed. The caller sends it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::crypto::CryptoError;
use crate::error::{Delivery, Fault};
use crate::failure::Failure;
#[cfg(any(feature = "wechat-pay", feature = "allinpay"))]
use crate::limits::{MAX_ID, MAX_NONCE};
use crate::time::UnixTime;

/// The caller's clock and randomness for one request. Exhaustive: a request takes nothing else from
/// outside, so a caller writes both members.
#[derive(Clone, Copy)]
pub struct Stamp<'a> {
    /// The time. The platform refuses a request whose time is more than 5 minutes off.
    pub now: UnixTime,
    /// 1 to 32 letters and digits, different for each request (`nonce_str`, `randomstr`).
    pub nonce: &'a str,
}

impl fmt::Debug for Stamp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stamp").field("now", &self.now).finish_non_exhaustive()
    }
}

#[cfg(any(feature = "wechat-pay", feature = "allinpay"))]
impl Stamp<'_> {
    pub(crate) fn check(&self) -> Result<(), BuildError> {
        let fits =
            (1..=MAX_NONCE).contains(&self.nonce.len()) && self.nonce.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if fits {
            Ok(())
        } else {
            Err(BuildError::Field { field: "the nonce", expected: "1 to 32 letters and digits" })
        }
    }
}

/// A request that cannot be built, or a receiver that could not tell its messages. No request was
/// sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A value is out of bounds, or would break the header it goes into.
    #[error("{field} must be {expected}")]
    Field {
        /// The value's name.
        field: &'static str,
        /// The expected value.
        expected: &'static str,
    },
    /// The channel does not take an act, or a member of one.
    #[error("{channel} takes no {what}; nothing was sent")]
    NotTaken {
        /// The channel's name.
        channel: &'static str,
        /// The act, or the member of one.
        what: &'static str,
    },
    /// Two merchants at one path, or at every path, have the same APIv3 key: what is for one would
    /// be taken for the other's.
    #[error(
        "the merchants {one} and {other} have the same APIv3 key {}: give each a path of its own (`account_at`), or one of them another key",
        at(path.as_deref())
    )]
    SharedKey {
        /// A merchant's number.
        one: Arc<str>,
        /// The other's.
        other: Arc<str>,
        /// Their path; `None` for every path.
        path: Option<String>,
    },
    /// The signer signs with another algorithm than the merchant's.
    #[error("the signer does not sign with {0}")]
    Algorithm(&'static str),
    /// The signer failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

impl BuildError {
    /// The meaning for the call: nothing was sent. The fault is the caller's, or a lack of
    /// randomness on this machine.
    #[must_use]
    pub const fn failure(&self) -> Failure {
        match self {
            Self::Field { .. } | Self::NotTaken { .. } | Self::SharedKey { .. } | Self::Algorithm(_) => {
                Failure::new(Fault::Caller, Delivery::NotSent)
            }
            Self::Crypto(_) => Failure::new(Fault::Local, Delivery::NotSent),
        }
    }
}

fn at(path: Option<&str>) -> String {
    path.map_or_else(|| "and no path of their own".to_owned(), |path| format!("at the path {path}"))
}

#[cfg(any(feature = "wechat-pay", feature = "allinpay"))]
const ID: &str = "1 to 64 letters, digits, '_' or '-'";

#[cfg(any(feature = "wechat-pay", feature = "allinpay"))]
pub(crate) fn check_id(field: &'static str, value: String) -> Result<String, BuildError> {
    let fits = (1..=MAX_ID).contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if fits { Ok(value) } else { Err(BuildError::Field { field, expected: ID }) }
}

/// The HTTP methods the platforms use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    /// The method's name in a request line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The method with this name, in capitals.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete].into_iter().find(|method| method.as_str() == name)
    }
}

/// A request before it is signed.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestParts {
    /// The method.
    pub method: Method,
    /// Path and query, sent unchanged: percent-escapes are neither added nor removed.
    pub target: String,
    /// `Content-Type` of the body; `None` without a body.
    pub content_type: Option<Cow<'static, str>>,
    /// The accepted type of response: the `Accept` header.
    pub accept: &'static str,
    /// The bytes to send.
    pub body: Body,
}

/// A request's body, and the range of it that the signature covers.
#[derive(Clone, PartialEq, Eq)]
pub struct Body {
    bytes: Vec<u8>,
    signed: Signed,
}

#[derive(Clone, PartialEq, Eq)]
enum Signed {
    All,
    Range(std::ops::Range<usize>),
}

impl Body {
    /// No body.
    #[must_use]
    pub const fn empty() -> Self {
        Self::whole(Vec::new())
    }

    /// A body that is signed in full.
    #[must_use]
    pub const fn whole(bytes: Vec<u8>) -> Self {
        Self { bytes, signed: Signed::All }
    }

    /// A body of which the signature covers one range only (the `meta` part of an upload). `None`
    /// if the range is not within the body.
    #[must_use]
    pub fn partly_signed(bytes: Vec<u8>, signed: std::ops::Range<usize>) -> Option<Self> {
        bytes.get(signed.clone())?;
        Some(Self { bytes, signed: Signed::Range(signed) })
    }

    /// The bytes to send.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes the signature covers.
    #[must_use]
    pub fn signed_bytes(&self) -> &[u8] {
        match &self.signed {
            Signed::All => &self.bytes,
            Signed::Range(range) => self.bytes.get(range.clone()).unwrap_or_default(),
        }
    }

    /// The bytes to send, owned.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Shows the length only: a body may hold anything.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes, {} signed)", self.bytes.len(), self.signed_bytes().len())
    }
}

impl RequestParts {
    /// A request without a body that accepts JSON.
    #[must_use]
    pub fn without_body(method: Method, target: impl Into<String>) -> Self {
        Self { method, target: target.into(), content_type: None, accept: "application/json", body: Body::empty() }
    }

    /// A request with a JSON body, sent as given.
    #[must_use]
    pub fn json(method: Method, target: impl Into<String>, body: Vec<u8>) -> Self {
        Self {
            content_type: Some(Cow::Borrowed("application/json")),
            body: Body::whole(body),
            ..Self::without_body(method, target)
        }
    }
}

/// Leaves out the part of the target that may be personal.
impl fmt::Debug for RequestParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestParts")
            .field("method", &self.method)
            .field("target", &Shown(&self.target))
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// A target up to its third segment. The rest may name a complaint, a picture or a token.
struct Shown<'a>(&'a str);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SEGMENTS: usize = 3;

        let path = self.0.split('?').next().unwrap_or_default();
        let end = path.match_indices('/').nth(SEGMENTS).map_or(path.len(), |(at, _)| at);
        f.write_str(path.get(..end).unwrap_or_default())?;
        f.write_str(if end < self.0.len() { "…" } else { "" })
    }
}

/// A signed request, ready to send. Its bytes never change again, so the signed bytes are the sent
/// bytes.
///
/// ```
/// use protocol_core::crypto::PrivateKey;
/// use protocol_core::wechat_pay::{GetComplaint, Merchant, Scheme, signer};
/// use protocol_core::{Stamp, UnixTime};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let merchant_key = include_bytes!("../samples/wechat-pay/merchant_key.pem");
/// let merchant =
///     Merchant::new("1900007291", "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB", Scheme::Rsa)?;
/// let stamp = Stamp { now: UnixTime(1_741_936_166), nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };
/// let operation = GetComplaint::new("200201820200101080076610000");
/// let request = merchant.sign(&operation, &stamp, &*signer(&PrivateKey::read(merchant_key)?)?)?;
///
/// // For any HTTP library: method, target, headers, body.
/// println!("{} {}", request.method().as_str(), request.target());
/// for (name, value) in request.headers() {
///     println!("{name}: {value}");
/// }
/// assert!(request.body().is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use = "a request does nothing until it is sent"]
pub struct UnsentRequest {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) headers: Vec<(&'static str, Cow<'static, str>)>,
    pub(crate) body: Vec<u8>,
}

impl UnsentRequest {
    /// The method.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.method
    }

    /// Path and query.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The headers to send. The sender adds `Host`, `Content-Length` and `User-Agent` (which must
    /// not be empty).
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (*name, &**value))
    }

    /// The body; empty if the request has none.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// Shows no header values and no body: both may hold secrets and personal data.
impl fmt::Debug for UnsentRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsentRequest")
            .field("method", &self.method)
            .field("target", &Shown(&self.target))
            .field("body_len", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The request as a type of the `http` crate. `origin` is scheme and host, such as
/// `https://api.mch.weixin.qq.com`.
#[cfg(feature = "http")]
impl UnsentRequest {
    /// Converts without changing a byte of target, headers or body.
    ///
    /// # Errors
    /// The error of `http`: the origin is no origin, or the target has characters that no URI has.
    pub fn into_http(self, origin: &str) -> Result<http::Request<Vec<u8>>, http::Error> {
        let mut request = http::Request::builder().method(self.method.as_str()).uri(format!("{origin}{}", self.target));
        for (name, value) in &self.headers {
            let mut value = http::HeaderValue::from_str(value)?;
            value.set_sensitive(*name == "Authorization");
            request = request.header(*name, value);
        }
        request.body(self.body)
    }
}
