//! A notification as posted: the envelope around an encrypted resource.

use std::borrow::Cow;

use crate::codec::id::{ID, is_id};
use crate::codec::json::{mend_document, read_json, wire_object};
use crate::codec::text::{marked_json, without_marks};
use crate::complaint::Timestamp;
use crate::error::DecodeError;
use crate::open_enum::open_enum;

wire_object! {
    /// A notification as posted, with its resource still encrypted.
    pub struct Envelope<'de> {
        /// The notification's id, documented with at most 36 characters, here 1 to 64. It is the
        /// same in every copy, so deduplicate by it.
        id: String,
        /// Time at which the platform made it.
        create_time: Option<Timestamp>,
        /// The kind of event.
        event_type: EventType,
        /// `encrypt-resource`.
        resource_type: Option<String>,
        /// Summary in words, in Chinese.
        summary: Option<String>,
        /// The encrypted resource.
        resource: EncryptedResource<'de>,
    }
}

impl<'b> Envelope<'b> {
    /// Borrows from the body, if its text needs no mending.
    pub(super) fn read(body: &'b [u8]) -> Result<Self, DecodeError> {
        read_json(DOCUMENT, body).or_else(|error| match marked_json(body) {
            Cow::Borrowed(text) => mend_document(DOCUMENT, text, error),
            Cow::Owned(text) => {
                // Read with marks first: an id or a ciphertext that contains one is refused.
                mend_document::<Envelope<'_>>(DOCUMENT, &text, error.clone())?;
                mend_document(DOCUMENT, &without_marks(&text), error).map(Envelope::into_owned)
            }
        })
    }

    /// Without an id, it would count as a copy of every other notification without one.
    pub(super) fn identified(self) -> Result<Self, DecodeError> {
        if is_id(&self.id) {
            Ok(self)
        } else {
            Err(DecodeError::at(DOCUMENT, b"", 0, format!("expected `id` to have {ID}")))
        }
    }

    fn into_owned(self) -> Envelope<'static> {
        let Self { id, create_time, event_type, resource_type, summary, resource, extra } = self;
        let resource = resource.into_owned();
        Envelope { id, create_time, event_type, resource_type, summary, resource, extra }
    }
}

wire_object! {
    /// The encrypted resource of a notification.
    pub struct EncryptedResource<'de> {
        /// The kind of plaintext: `complaint`.
        original_type: Option<String>,
        /// `AEAD_AES_256_GCM`, or `AEAD_SM4_GCM` in SM mode.
        algorithm: Cow<'de, str>,
        /// Base64 of ciphertext and tag.
        ciphertext: Cow<'de, str>,
        /// The associated data that is authenticated too; empty if absent.
        associated_data: Option<Cow<'de, str>> as decisive,
        /// 12 bytes.
        nonce: Cow<'de, str>,
    }
}

impl EncryptedResource<'_> {
    fn into_owned(self) -> EncryptedResource<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        EncryptedResource {
            original_type: self.original_type,
            algorithm: owned(self.algorithm),
            ciphertext: owned(self.ciphertext),
            associated_data: self.associated_data.map(owned),
            nonce: owned(self.nonce),
            extra: self.extra,
        }
    }
}

open_enum! {
    /// The kind of event of a notification.
    pub enum EventType {
        /// A new complaint.
        ComplaintCreate = "COMPLAINT.CREATE",
        /// A complaint changed.
        ComplaintStateChange = "COMPLAINT.STATE_CHANGE",
        /// A merchant below a service provider is penalised.
        ViolationPunish = "VIOLATION.PUNISH",
        /// An interception at such a merchant.
        ViolationIntercept = "VIOLATION.INTERCEPT",
        /// An appeal of such a merchant.
        ViolationAppeal = "VIOLATION.APPEAL",
    }
}

impl EventType {
    /// Whether the resource must be a [`ComplaintEvent`](super::ComplaintEvent). A type that cannot
    /// be read does not lose a complaint.
    pub(super) const fn is_complaint(&self) -> bool {
        matches!(self, Self::ComplaintCreate | Self::ComplaintStateChange | Self::Unreadable(_))
    }

    /// Whether the resource is a [`Violation`](super::Violation).
    pub(super) const fn is_violation(&self) -> bool {
        matches!(self, Self::ViolationPunish | Self::ViolationIntercept | Self::ViolationAppeal)
    }
}

/// The name of a notification's body in errors.
const DOCUMENT: &str = "a notification";
