//! Why a notice is refused.

use super::document::UnreadNotice;
use crate::allinpay::NoSignature;
use crate::error::{DecodeError, Fault};
use crate::limits::MAX_NOTICE_BODY;

/// Why a notice is refused. Respond with 4xx; if it is [`Unreadable`](Self::Unreadable) with 5xx, so
/// that the platform retries.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoticeError {
    /// Larger than any notice.
    #[error("the body has more than {MAX_NOTICE_BODY} bytes")]
    TooLarge,
    /// Not a form that has one meaning: a broken escape, a field that stands twice or hides in
    /// another one, too many fields. It is unproven.
    #[error("{0}")]
    Malformed(#[from] DecodeError),
    /// There is no signature that could be verified: `sign` is missing, or neither RSA's nor SM2's.
    #[error("{}", no_signature(.0))]
    NoSignature(NoSignature),
    /// The notice names another algorithm than the configured one. A notice never chooses it: if
    /// the account signs with another one now, configure that.
    #[error("the notice's `signtype` is not the configured one; a notice does not choose the algorithm")]
    OtherSignType,
    /// The signature does not fit: forged, changed on the way, or of another key.
    #[error("the signature does not verify")]
    BadSignature,
    /// The notice is the platform's, but is for another application or merchant, or names none. The
    /// platform signs all merchants' notices with one key.
    #[error("the notice is for another application or merchant")]
    WrongAppid,
    /// The platform's own notice for this merchant, but unreadable. Keep it for a person to read: a
    /// retry does not change it.
    #[error("{}", .0.error)]
    Unreadable(Box<UnreadNotice>),
}

impl NoticeError {
    /// Whether the signature of the refused notice verified: it is the platform's.
    #[must_use]
    pub const fn is_proven(&self) -> bool {
        match self {
            Self::WrongAppid | Self::Unreadable(_) => true,
            Self::TooLarge | Self::Malformed(_) | Self::NoSignature(_) | Self::OtherSignType | Self::BadSignature => {
                false
            }
        }
    }

    /// The side at fault. A notice belongs to no call, so there is no `failure()`.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Unreadable(_) => Fault::Platform,
            _ => Fault::Peer,
        }
    }
}

/// The problem of a notice's `sign`.
fn no_signature(none: &NoSignature) -> String {
    if *none == NoSignature::Missing { "the notice has no `sign`".to_owned() } else { none.to_string() }
}
