//! The platform's responses: verified before they are read, with typed errors; an unsigned one is
//! never a success.

use super::error_body::ApiError;
use super::verification::{SignatureHeaders, VerificationError};
use crate::call::{CallError, ResponseFailure, quoted};
use crate::codec::json::read_json;
use crate::crypto::KeyStore;
use crate::error::{DecodeError, Delivery, Fault};
use crate::failure::Failure;
use crate::headers::Headers;
use crate::limits::{MAX_IMAGE_BODY, MAX_REQUEST_ID, MAX_RESPONSE_BODY};
use crate::refusal::{Found, Kind, Refusal, find, find_anywhere};
use crate::secret::Personal;
use crate::time::UnixTime;
use crate::trust::{Unverified, Verified};

/// A response as it arrived: status, headers, body. Exhaustive: HTTP has nothing more.
pub struct RawResponse<'a, H: ?Sized> {
    /// HTTP status.
    pub status: u16,
    /// All headers.
    pub headers: &'a H,
    /// The body, unchanged; empty with 204.
    pub body: &'a [u8],
}

impl<H: ?Sized> Copy for RawResponse<'_, H> {}

impl<H: ?Sized> Clone for RawResponse<'_, H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<H: ?Sized> std::fmt::Debug for RawResponse<'_, H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawResponse")
            .field("status", &self.status)
            .field("body_len", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "http")]
impl<'a, B: AsRef<[u8]>> From<&'a http::Response<B>> for RawResponse<'a, dyn Headers + 'a> {
    fn from(response: &'a http::Response<B>) -> Self {
        Self { status: response.status().as_u16(), headers: response.headers(), body: response.body().as_ref() }
    }
}

/// A response that was accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Success<'a> {
    /// HTTP status, 200 to 299. 202 means accepted but not finished: ask again with the same
    /// parameters.
    pub status: u16,
    /// The platform's id of the request, for its support.
    pub request_id: Option<&'a str>,
    /// The body; empty with 204.
    pub body: &'a [u8],
}

impl std::fmt::Debug for Success<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Success")
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("body_len", &self.body.len())
            .finish()
    }
}

/// A response that is not a success.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// The response is not proven to be the platform's. The request may have taken effect.
    #[error("the response is not proven to be the platform's: {0}")]
    Verification(#[from] VerificationError),
    /// The platform, or a gateway before it, refused. A signed 2xx whose body is a refusal counts
    /// too.
    #[error("the platform {} {status}{}", verb(*.status), .error.as_deref().map(ApiError::for_display).unwrap_or_default())]
    Rejected {
        /// HTTP status.
        status: u16,
        /// The error body; `None` if it is empty, HTML or otherwise not the platform's JSON. Its
        /// code is empty if only its words can be read.
        error: Option<Box<ApiError>>,
        /// The platform's id of the request.
        request_id: Option<String>,
        /// The proof of the refusal.
        proof: RefusalProof,
    },
    /// Accepted, but not finished (202): send the same request later.
    #[error("the platform accepted the request but has not finished it; send the same later")]
    NotFinished,
    /// A proven success whose body is not of the documented shape. The request took effect.
    /// Exception: if the response to an act should be empty, the outcome of the act is unknown.
    #[error("{}: {}", of_what(.0), .0)]
    Malformed(#[from] DecodeError),
    /// A certificate list that cannot be used.
    #[cfg(any(feature = "rsa", feature = "sm2"))]
    #[error(transparent)]
    Certificates(Box<super::CertificateError>),
}

/// The name of the response to an act without a document, in decoding errors.
pub(super) const ACT: &str = "the response to an act";

/// The verb for a response of this status.
const fn verb(status: u16) -> &'static str {
    if matches!(status, 200..=299) { "refused within a" } else { "responded with" }
}

/// The problem of an unreadable response.
fn of_what(error: &DecodeError) -> &'static str {
    if is_of_an_act(error) {
        "the response is signed but could not be read; it may be a refusal"
    } else {
        "the request succeeded, but the response could not be parsed"
    }
}

fn is_of_an_act(error: &DecodeError) -> bool {
    error.document() == ACT
}

/// The proof of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusalProof {
    /// The platform's signature.
    Verified,
    /// No signature, as with 401 and gateways' errors. Trust these as little as possible.
    Unsigned,
    /// A signature that could not be verified: forged, or made with a key that is not configured
    /// yet.
    Failed(VerificationError),
}

impl ResponseError {
    /// The meaning for the call. An unsigned refusal does not prove that the request had no effect.
    /// The outcome is also unknown after a failure of the platform (a 5xx, or `SYSTEM_ERROR` within
    /// a 2xx), and if the response to an act has a body that is neither empty nor a code of success.
    ///
    /// [`Failure::may_have_happened`] is `false` for a 4xx, even without a signature: no look for
    /// the effect is needed. Exception: a 429 without one.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let unknown = |fault| Failure::new(fault, Delivery::Unknown);
        let processed = |fault| Failure::new(fault, Delivery::Processed);
        match self {
            Self::Verification(error) => error.failure(),
            Self::Rejected { status: 200..=299, error, proof, .. } => match kind(error.as_deref()).failure() {
                failure if *proof == RefusalProof::Verified => failure,
                failure => unknown(failure.fault).with_is_retryable(failure.is_retryable),
            },
            Self::Rejected { status: 429, proof: RefusalProof::Verified, .. } => {
                processed(Fault::Platform).with_is_retryable(true)
            }
            Self::Rejected { status: 429, .. } => unknown(Fault::Platform).with_is_retryable(true),
            Self::Rejected { status: 400..=499, proof: RefusalProof::Verified, .. } => processed(Fault::Caller),
            // With 502 to 504 a gateway reports that it reached no server.
            Self::Rejected { status: status @ 500.., .. } => {
                unknown(Fault::Platform).with_is_retryable(true).with_is_at_this_host(matches!(status, 502..=504))
            }
            Self::Rejected { .. } => unknown(Fault::Caller).with_may_have_happened(false),
            Self::NotFinished => unknown(Fault::Platform).with_is_retryable(true),
            Self::Malformed(error) if is_of_an_act(error) => unknown(Fault::Platform),
            // For an act without a document, a body that cannot be read may be a refusal.
            Self::Malformed(_) => processed(Fault::Platform).with_may_have_happened(true),
            #[cfg(any(feature = "rsa", feature = "sm2"))]
            Self::Certificates(error) => error.failure(),
        }
    }

    /// Status and code of a refusal.
    #[must_use]
    pub fn refusal(&self) -> Option<(u16, Option<&str>)> {
        match self {
            Self::Rejected { status, error, .. } => Some((*status, error.as_ref().map(|error| error.code.as_str()))),
            _ => None,
        }
    }
}

impl ResponseFailure for ResponseError {
    fn failure(&self) -> Failure {
        self.failure()
    }

    fn malformed(&self) -> Option<&DecodeError> {
        match self {
            Self::Malformed(error) => Some(error),
            _ => None,
        }
    }

    fn quote(&self) -> Option<Personal<String>> {
        let Self::Rejected { error: Some(error), .. } = self else { return None };
        quoted([Some(error.code.as_str())], [error.message.as_ref()])
    }
}

impl From<ResponseError> for CallError<ResponseError> {
    fn from(error: ResponseError) -> Self {
        Self::Response(error)
    }
}

/// The meaning of a refusal within a success.
fn kind(error: Option<&ApiError>) -> Kind {
    error.map_or(Kind::Unclear, ApiError::kind)
}

impl<'a, H: Headers + ?Sized> RawResponse<'a, H> {
    /// Accepts a 2xx response whose signature verifies and whose body is not a refusal. Everything
    /// else is an error.
    ///
    /// A 2xx response without signature headers counts as forged. Any other status is a refusal.
    /// Its signature is checked if it has one (401 has none), and its [`RefusalProof`] shows the
    /// outcome.
    ///
    /// ```
    /// use protocol_core::UnixTime;
    /// use protocol_core::complaint::ComplaintPage;
    /// use protocol_core::crypto::{Certificate, Keyring};
    /// use protocol_core::wechat_pay::{RawResponse, verifier};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let certificate = Certificate::read(include_bytes!("../../samples/wechat-pay/platform_certificate.pem"))?;
    /// # let keys = Keyring::new();
    /// # keys.insert(certificate.serial_no(), verifier(certificate.public_key())?);
    /// # let headers: Vec<_> = include_str!("../../samples/wechat-pay/complaint-page.headers").lines().filter_map(|line| line.split_once(": ")).collect();
    /// # let body = include_bytes!("../../samples/wechat-pay/complaint-page.json");
    /// // The response: status, headers, the unchanged body.
    /// let response = RawResponse { status: 200, headers: &headers, body };
    /// let response = response.verify(&keys, UnixTime(1_741_936_166))?;
    /// let page = response.decode::<ComplaintPage>("a complaint list")?;
    /// assert_eq!(page.data.len() as i64, page.total_count.unwrap_or_default());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ResponseError`].
    pub fn verify(&self, keys: &dyn KeyStore, now: UnixTime) -> Result<Verified<Success<'a>>, ResponseError> {
        self.check_size(MAX_RESPONSE_BODY)?;
        if !self.is_success() {
            return Err(self.rejection(keys, now));
        }
        SignatureHeaders::read(self.headers)?.verify(self.body, keys, now)?;
        match find(self.body) {
            Found::Refusal(refusal) => Err(self.refused(*refusal, RefusalProof::Verified)),
            _ => Ok(Verified::new(self.success())),
        }
    }

    /// Accepts the response of an image download, which the platform never signs: TLS and the
    /// address vouch for it. For that one interface only.
    ///
    /// # Errors
    /// [`ResponseError`]; refusals are JSON as everywhere.
    pub fn accept_image(&self, keys: &dyn KeyStore, now: UnixTime) -> Result<Unverified<Success<'a>>, ResponseError> {
        self.check_size(MAX_IMAGE_BODY)?;
        if !self.is_success() {
            return Err(self.rejection(keys, now));
        }
        match find_anywhere(self.body) {
            Found::Refusal(refusal) => Err(self.refused(*refusal, RefusalProof::Unsigned)),
            _ => Ok(Unverified::new(self.success())),
        }
    }

    pub(super) const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    const fn check_size(&self, limit: usize) -> Result<(), VerificationError> {
        if self.body.len() > limit { Err(VerificationError::TooLarge { limit }) } else { Ok(()) }
    }

    /// The platform's id of the request, for its support.
    #[must_use]
    pub fn request_id(&self) -> Option<&'a str> {
        self.headers.header("Request-ID").text().filter(|id| id.len() <= MAX_REQUEST_ID)
    }

    /// The wait that the platform asks for (`Retry-After`, in seconds or as a date). It is not
    /// signed.
    #[must_use]
    pub fn retry_after(&self, now: UnixTime) -> Option<std::time::Duration> {
        let value = self.headers.header("Retry-After").text()?;
        let seconds = match UnixTime::from_digits(value) {
            Some(seconds) => seconds.0,
            None => jiff::fmt::rfc2822::parse(value).ok()?.timestamp().as_second().saturating_sub(now.0),
        };
        Some(std::time::Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
    }

    fn success(&self) -> Success<'a> {
        Success { status: self.status, request_id: self.request_id(), body: self.body }
    }

    fn rejection(&self, keys: &dyn KeyStore, now: UnixTime) -> ResponseError {
        if !SignatureHeaders::any(self.headers) {
            return self.rejected(RefusalProof::Unsigned);
        }
        let verified = SignatureHeaders::read(self.headers).and_then(|headers| headers.verify(self.body, keys, now));
        self.rejected(verified.map_or_else(RefusalProof::Failed, |()| RefusalProof::Verified))
    }

    /// A refusal in place of a document.
    pub(super) fn refused(&self, refusal: Refusal, proof: RefusalProof) -> ResponseError {
        let error = ApiError::of(refusal).map(Box::new);
        ResponseError::Rejected { status: self.status, error, request_id: self.request_id().map(str::to_owned), proof }
    }

    /// A refusal, from the platform or from a gateway.
    fn rejected(&self, proof: RefusalProof) -> ResponseError {
        ResponseError::Rejected {
            status: self.status,
            error: ApiError::decode(self.body).map(Box::new),
            request_id: self.request_id().map(str::to_owned),
            proof,
        }
    }
}

impl Verified<Success<'_>> {
    /// The body as its documented type, still verified.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode<T: serde::de::DeserializeOwned>(&self, document: &'static str) -> Result<Verified<T>, DecodeError> {
        read_json(document, self.body).map(Verified::new)
    }
}
