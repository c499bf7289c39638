//! Why a notification cannot be opened.

use super::image::hex_sha256;
use super::verification::VerificationError;
use crate::codec::id::id_before_damage;
use crate::codec::text::whole;
use crate::error::{DecodeError, Fault};
use crate::secret::Personal;

/// Why a notification cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotificationError {
    /// The notification is not proven to be the platform's. Respond with 4xx.
    #[error(transparent)]
    Verification(#[from] VerificationError),
    /// The notification is the platform's, but its resource cannot be decrypted: another APIv3 key,
    /// an unknown algorithm, a nonce that is not 12 bytes, a changed bit. Respond with 5xx, so that
    /// the platform retries.
    #[error("the resource cannot be decrypted: the APIv3 key is another one, or the resource is damaged")]
    DecryptFailed,
    /// The notification is the platform's, but cannot be read, or is a complaint without a number
    /// of 1 to 64 characters. Keep it for a person to read: a retry does not change it. Respond
    /// with 2xx once it is kept, with 5xx otherwise.
    #[error("{}", .0.error)]
    Malformed(Box<UnreadNotification>),
}

impl NotificationError {
    /// Whether the signature of the refused notification verified: it is the platform's.
    #[must_use]
    pub const fn is_proven(&self) -> bool {
        match self {
            Self::Verification(_) => false,
            Self::DecryptFailed | Self::Malformed(_) => true,
        }
    }

    /// The side at fault. A notification belongs to no call, so there is no `failure()`.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Verification(error) => error.failure().fault,
            Self::DecryptFailed => Fault::Local,
            Self::Malformed(_) => Fault::Platform,
        }
    }
}

impl From<UnreadNotification> for NotificationError {
    fn from(unread: UnreadNotification) -> Self {
        Self::Malformed(Box::new(unread))
    }
}

/// A notification of the platform's that cannot be read. It may be a complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnreadNotification {
    /// The problem; lines and columns are those of [`document`](Self::document).
    pub error: DecodeError,
    /// The notification's id, 1 to 64 characters, if it can be read.
    pub id: Option<String>,
    /// The complaint's number, 1 to 64 characters, if it precedes the damage. It is a hint for
    /// reading the complaint.
    pub complaint_id: Option<String>,
    /// The unreadable text, unchanged except that bytes that are not UTF-8 are U+FFFD.
    pub document: Personal<String>,
    /// Whether [`document`](Self::document) is the notification's body, with the resource still
    /// encrypted, because the body cannot be read. Otherwise it is the decrypted resource.
    pub is_sealed: bool,
}

impl UnreadNotification {
    /// The same in every copy of this notification: its id, or without one a digest of
    /// [`document`](Self::document).
    #[must_use]
    pub fn dedup_key(&self) -> String {
        self.id.clone().unwrap_or_else(|| format!("letter:{}", hex_sha256(self.document.expose().as_bytes())))
    }

    pub(super) fn of_body(error: DecodeError, body: &[u8]) -> Self {
        let document = whole(body).into_owned().into();
        Self { error, id: id_before_damage(body, "id"), complaint_id: None, document, is_sealed: true }
    }

    pub(super) fn of_resource(error: DecodeError, id: &str, plaintext: &[u8]) -> Self {
        let document = whole(plaintext).into_owned();
        let object = document.trim_start_matches(|before: char| before == '[' || before.is_whitespace());
        // Of several complaints, the first is not necessarily the right one.
        let is_the_only = object.matches(r#""complaint_id""#).count() == 1;
        let complaint_id = if is_the_only { id_before_damage(object.as_bytes(), "complaint_id") } else { None };
        Self { error, id: Some(id.to_owned()), complaint_id, document: document.into(), is_sealed: false }
    }
}
