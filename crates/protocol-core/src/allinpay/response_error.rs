//! Why one of Allinpay's responses is not a success.

use std::fmt;
use std::time::Duration;

use super::handled::Handled;
use crate::call::{CallError, ResponseFailure, quoted};
use crate::error::{DecodeError, Delivery, Fault};
use crate::failure::Failure;
use crate::refusal::Refusal;
use crate::secret::Personal;
use crate::trust::Unverified;

/// Why a response is not a success.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// The HTTP status is not 200. The interfaces have no other, so a gateway or a stranger wrote
    /// the response. It is not signed, and none of it is kept.
    #[error("HTTP status {status} (unauthenticated)")]
    Status {
        /// The status.
        status: u16,
        /// `Retry-After`, if it is a number of seconds.
        retry_after: Option<Duration>,
    },
    /// The response is larger than any of its kind.
    #[error("the response has more than {limit} bytes")]
    TooLarge {
        /// The bound, in bytes: that of a picture's response, which is the largest, or of one with
        /// `records`.
        limit: usize,
    },
    /// Not a response of the platform's: not JSON, a member occurs twice, or no member shows
    /// whether it is a success.
    #[error("{0}")]
    NoResponse(DecodeError),
    /// The response is a success whose signature verifies, but whose document is not of the
    /// documented shape.
    #[error("the request succeeded, but the response could not be parsed: {0}")]
    Malformed(#[from] DecodeError),
    /// The platform refused. Refusals are not signed, so trust them as little as possible.
    #[error("the platform refused (unauthenticated)")]
    Rejected {
        /// `retcode`.
        retcode: String,
        /// `retmsg`, in words.
        retmsg: Option<Unverified<Personal<String>>>,
    },
    /// A success without a signature that could be verified: `sign` is missing, or neither RSA's
    /// nor SM2's. The request may have taken effect.
    #[error("{0}")]
    NoSignature(NoSignature),
    /// A success whose signature does not fit: forged, signed under another user id, in another
    /// form, or with another key. The request may have taken effect.
    #[error("the signature does not verify")]
    BadSignature,
    /// The response is signed, but names another application or merchant.
    #[error("the response is for another application or merchant")]
    WrongAppid,
    /// The response is signed, but was received before: an intermediary sent it again, in place of
    /// the current one. The request may have taken effect.
    #[error("this response was received before and belongs to another request: this one may have taken effect")]
    Replayed,
    /// The response is signed, and reports that the request failed (`handlestate` 3999,
    /// `complaint_process_success` false).
    #[error("the platform reports that the request failed")]
    Failed {
        /// `handlemsg`, in words.
        handlemsg: Option<Personal<String>>,
    },
    /// The response is signed, and `records` contains a refusal by WeChat or Alipay, behind the
    /// platform.
    #[error("WeChat or Alipay, behind the platform, refused{}", .0.for_display())]
    Refused(Box<Refusal>),
    /// The response to an act is signed, but its `handlestate` reports neither success nor failure.
    #[error("the response reports neither success nor failure: the request may have taken effect")]
    Unclear(Box<Handled>),
}

impl ResponseError {
    /// The meaning for the call.
    ///
    /// A signed failure or refusal proves that the request had no effect, unless it reports a
    /// failure of a system. The platform's own refusal is not signed: an intermediary may have
    /// written it over a success. Thus it neither proves that the request had no effect, nor
    /// justifies a second attempt. A gateway's page may be followed by a real response. A signature
    /// that does not verify is most often caused by a wrong key.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let unknown = |fault| Failure::new(fault, Delivery::Unknown);
        match self {
            Self::Status { status: 408 | 429 | 500.., retry_after } => {
                unknown(Fault::Platform).with_is_retryable(true).with_retry_after(*retry_after)
            }
            // A base URL with nothing behind it.
            Self::Status { status: 400..=499, retry_after } => unknown(Fault::Caller).with_retry_after(*retry_after),
            Self::Status { retry_after, .. } => unknown(Fault::Peer).with_retry_after(*retry_after),
            Self::NoResponse(_) => unknown(Fault::Platform).with_is_retryable(true),
            Self::TooLarge { .. } | Self::NoSignature(_) | Self::BadSignature | Self::WrongAppid | Self::Replayed => {
                unknown(Fault::Peer)
            }
            Self::Malformed(_) | Self::Unclear(_) => unknown(Fault::Platform),
            Self::Rejected { .. } => unknown(Fault::Caller),
            Self::Failed { .. } => Failure::new(Fault::Platform, Delivery::Processed),
            Self::Refused(refusal) => refusal.failure(),
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
        match self {
            Self::Rejected { retcode, retmsg } => quoted([Some(&**retcode)], [retmsg.as_ref().map(Unverified::peek)]),
            Self::Failed { handlemsg } => quoted([], [handlemsg.as_ref()]),
            Self::Refused(refusal) => {
                let Refusal { code, sub_code, message, sub_message, .. } = &**refusal;
                quoted([code.as_deref(), sub_code.as_deref()], [message.as_ref(), sub_message.as_ref()])
            }
            _ => None,
        }
    }
}

impl From<ResponseError> for CallError<ResponseError> {
    fn from(error: ResponseError) -> Self {
        Self::Response(error)
    }
}

/// The content of `sign` where it is not a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoSignature {
    /// `sign` is absent, `null`, empty or blank.
    Missing,
    /// 32 hexadecimal digits: MD5 over a shared key. The complaint interfaces do not offer it.
    Md5,
    /// More hexadecimal digits, where base64 is required.
    Hexadecimal,
}

impl NoSignature {
    /// The problem of a `sign`; `None` if it may be a signature.
    pub(super) fn of(sign: &str) -> Option<Self> {
        /// Digits of the shortest digest after MD5, SHA-1's. Base64 of a signature always has other
        /// characters too.
        const SHORTEST: usize = 40;

        let sign = sign.trim_ascii();
        if sign.is_empty() {
            return Some(Self::Missing);
        }
        let is_hexadecimal = sign.bytes().all(|byte| byte.is_ascii_hexdigit());
        match sign.len() {
            32 if is_hexadecimal => Some(Self::Md5),
            digits if is_hexadecimal && digits >= SHORTEST => Some(Self::Hexadecimal),
            _ => None,
        }
    }
}

impl fmt::Display for NoSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "the response has no `sign`",
            Self::Md5 => "`sign` is 32 hexadecimal digits: that is MD5",
            Self::Hexadecimal => "`sign` is in hexadecimal, where base64 is due",
        })
    }
}
