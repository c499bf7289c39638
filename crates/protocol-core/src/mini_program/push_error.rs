//! Why a push is refused.

use super::document::Document;
use super::push::Push;
use super::push_signature::digest;
use super::received::Received;
use crate::error::{DecodeError, Fault};
use crate::limits::{CLOCK_WINDOW_SECONDS, MAX_PUSH_BODY};
use crate::replay::SignedDigest;

/// Why a push is refused. Respond with 4xx; for an error of the configuration with 5xx, so that the
/// platform retries.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// Larger than any push.
    #[error("the body has more than {MAX_PUSH_BODY} bytes")]
    TooLarge,
    /// A parameter of the query is missing or empty.
    #[error("the query has no {0}")]
    MissingParameter(&'static str),
    /// A parameter occurs twice.
    #[error("the query has {0} more than once")]
    RepeatedParameter(&'static str),
    /// A parameter has a value that the platform never writes.
    #[error("the query's {0} is not what the platform writes")]
    MalformedParameter(&'static str),
    /// The message's clock and ours are too far apart.
    #[error("the message is dated {seconds} seconds {direction}; {CLOCK_WINDOW_SECONDS} are too many", direction = if *.future { "from now" } else { "ago" })]
    StaleTimestamp {
        /// The difference between the clocks.
        seconds: u64,
        /// Whether the message is ahead of our clock.
        future: bool,
    },
    /// The signature does not belong to the message, or the message is not encrypted although it
    /// must be.
    #[error("the signature does not verify")]
    BadSignature,
    /// The ciphertext cannot be decrypted: the `EncodingAESKey` is another one.
    #[error("the message cannot be decrypted: the EncodingAESKey is another one, or the message is damaged")]
    DecryptFailed,
    /// The message is another application's.
    #[error("the message is for another application")]
    WrongAppid,
    /// The platform sends encrypted messages, but the mode is plain.
    #[error("the message is encrypted, but the mode is plain")]
    Encrypted,
    /// Not the XML or JSON of an encrypted push. It is unproven.
    #[error("{0}")]
    Malformed(#[from] DecodeError),
    /// The platform's own message for this application, but unreadable, or a complaint without a
    /// number of 1 to 64 characters. Keep it for a person to read: a retry does not change it. In
    /// plain mode, anyone who knows one signed query can cause this.
    #[error("{error}")]
    Unreadable {
        /// The problem.
        error: DecodeError,
        /// The complaint's number, if it precedes the damage: `complaint_order_id`, or
        /// `ComplaintId` of virtual payment. It is a hint: it was not read together with the rest.
        complaint_order_id: Option<String>,
        /// The decrypted message, and whether it is verified.
        document: Box<Received<Document>>,
        /// The digest of its signature, as [`open_signed`](super::Receiver::open_signed) returns
        /// it.
        signed: SignedDigest,
    },
}

impl PushError {
    pub(super) fn unreadable(error: DecodeError, document: Received<Document>, signature: &str) -> Self {
        let complaint_order_id = Push::number_before_damage(document.as_str());
        Self::Unreadable { error, complaint_order_id, document: Box::new(document), signed: digest(signature) }
    }

    /// Whether the signature of the refused push verified. In plain mode that proves as little as
    /// for a push that is accepted.
    #[must_use]
    pub const fn is_proven(&self) -> bool {
        match self {
            Self::DecryptFailed | Self::WrongAppid | Self::Encrypted | Self::Unreadable { .. } => true,
            Self::TooLarge
            | Self::MissingParameter(_)
            | Self::RepeatedParameter(_)
            | Self::MalformedParameter(_)
            | Self::StaleTimestamp { .. }
            | Self::BadSignature
            | Self::Malformed(_) => false,
        }
    }

    /// The side at fault. A push belongs to no call, so there is no `failure()`.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        match self {
            Self::DecryptFailed | Self::Encrypted => Fault::Local,
            Self::Unreadable { document, .. } if document.is_verified() => Fault::Platform,
            _ => Fault::Peer,
        }
    }
}
