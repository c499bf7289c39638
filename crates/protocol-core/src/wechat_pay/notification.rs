//! Notifications: verified, then opened.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::complaint_event::ComplaintEvent;
use super::envelope::{Envelope, EventType};
use super::notification_error::{NotificationError, UnreadNotification};
use super::verification::{SignatureHeaders, VerificationError};
use super::violation::Violation;
use crate::codec::json::{Misfit, WireValue as _, read_unopened};
use crate::codec::text::readable_json;
use crate::codec::{Extra, base64};
use crate::complaint::Timestamp;
use crate::crypto::{AeadAlgorithm, ApiV3Key, KeyStore};
use crate::error::DecodeError;
use crate::headers::Headers;
use crate::limits::MAX_NOTIFICATION_BODY;
use crate::time::UnixTime;
use crate::trust::Verified;

/// Verifies a notification. Pass `body` exactly as received, before any parsing or change of
/// encoding.
///
/// ```
/// use protocol_core::UnixTime;
/// use protocol_core::crypto::{Keyring, PublicKey};
/// use protocol_core::wechat_pay::{
///     NotificationError, VerificationError, verifier, verify_notification,
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let keys = Keyring::new();
/// let key = PublicKey::read(include_bytes!(
///     "../../tests/vectors/wechatpay/official/wechatpay_public_key.pem"
/// ))?;
/// keys.insert("PUB_KEY_ID_0000000000000024101100397200000006", verifier(&key)?);
///
/// let headers = [
///     ("Wechatpay-Timestamp", "1722850421"),
///     ("Wechatpay-Nonce", "d824f2e086d3c1df967785d13fcd22ef"),
/// ];
/// let refused = verify_notification(&headers, b"{}", &keys, UnixTime(1_722_850_421)).unwrap_err();
/// assert_eq!(
///     refused,
///     NotificationError::Verification(VerificationError::MissingHeader("Wechatpay-Serial"))
/// );
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`NotificationError`].
#[doc(alias("投诉通知回调", "验签", "webhook"))]
pub fn verify_notification<'b>(
    headers: &(impl Headers + ?Sized),
    body: &'b [u8],
    keys: &dyn KeyStore,
    now: UnixTime,
) -> Result<Verified<Envelope<'b>>, NotificationError> {
    if body.len() > MAX_NOTIFICATION_BODY {
        return Err(VerificationError::TooLarge { limit: MAX_NOTIFICATION_BODY }.into());
    }
    SignatureHeaders::read(headers)?.verify(body, keys, now)?;
    let envelope = Envelope::read(body).and_then(Envelope::identified);
    let envelope = envelope.map_err(|error| UnreadNotification::of_body(error, body))?;
    Ok(Verified::new(envelope))
}

impl Verified<Envelope<'_>> {
    /// Decrypts and reads the resource.
    ///
    /// # Errors
    /// [`NotificationError::DecryptFailed`] or [`NotificationError::Malformed`].
    pub fn open(self, key: &ApiV3Key) -> Result<Notification, NotificationError> {
        let envelope = self.into_inner();
        let sealed = &envelope.resource;
        let algorithm = AeadAlgorithm::from_wire(&sealed.algorithm).ok_or(NotificationError::DecryptFailed)?;
        let mut buffer = base64::decode(&sealed.ciphertext).ok_or(NotificationError::DecryptFailed)?;
        let associated_data = sealed.associated_data.as_deref().unwrap_or_default();
        key.open_in_place(algorithm, sealed.nonce.as_bytes(), associated_data.as_bytes(), &mut buffer)
            .map_err(|_| NotificationError::DecryptFailed)?;
        let resource = Resource::decode(&envelope.event_type, &buffer);
        Ok(Notification {
            resource: resource.map_err(|error| UnreadNotification::of_resource(error, &envelope.id, &buffer))?,
            id: envelope.id,
            create_time: envelope.create_time,
            event_type: envelope.event_type,
            resource_type: envelope.resource_type,
            summary: envelope.summary,
            extra: envelope.extra,
        })
    }
}

/// A notification, verified and decrypted.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Notification {
    /// The notification's id; deduplicate by it.
    pub id: String,
    /// Time at which the platform made it.
    pub create_time: Option<Timestamp>,
    /// The kind of event.
    pub event_type: EventType,
    /// `encrypt-resource`.
    pub resource_type: Option<String>,
    /// Summary in words, in Chinese.
    pub summary: Option<String>,
    /// The decrypted resource.
    pub resource: Resource,
    /// Members of the envelope that this version does not know, and known ones that do not fit.
    pub extra: Extra,
}

impl Notification {
    /// The members that do not fit, of the envelope and of the event in it.
    #[must_use]
    pub fn misfits(&self) -> Vec<Misfit> {
        let of_envelope = |(name, expected): (&'static str, &'static str)| {
            self.extra.misfit(name, expected).map(|expected| Misfit::new(name.to_owned(), expected))
        };
        let text = String::EXPECTED;
        let known =
            [("create_time", Timestamp::EXPECTED), ("event_type", text), ("resource_type", text), ("summary", text)];
        let of_event = match &self.resource {
            Resource::Complaint(event) => event.misfits(),
            Resource::Violation(violation) => violation.misfits(),
            Resource::Other(_) => Vec::new(),
        };
        known.into_iter().filter_map(of_envelope).chain(of_event).collect()
    }

    /// A custom notification, for testing handlers. It proves nothing: the platform's notifications
    /// come from [`Verified::open`].
    ///
    /// ```
    /// use protocol_core::wechat_pay::{ComplaintEvent, EventType, Notification, Resource};
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let event: ComplaintEvent =
    ///     serde_json::from_str(r#"{"complaint_id":"200201820200101080076610000"}"#)?;
    /// let notification = Notification::new(
    ///     "1",
    ///     EventType::ComplaintCreate,
    ///     Resource::Complaint(Box::new(event)),
    /// );
    /// assert!(matches!(notification.resource, Resource::Complaint(_)));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn new(id: impl Into<String>, event_type: EventType, resource: Resource) -> Self {
        Self {
            id: id.into(),
            create_time: None,
            event_type,
            resource_type: None,
            summary: None,
            resource,
            extra: Extra::default(),
        }
    }
}

/// The envelope's members, with the decrypted resource in place of the encrypted one.
impl Serialize for Notification {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        if let Some(create_time) = &self.create_time {
            map.serialize_entry("create_time", create_time)?;
        }
        if !self.extra.holds("event_type") {
            map.serialize_entry("event_type", &self.event_type)?;
        }
        if let Some(resource_type) = &self.resource_type {
            map.serialize_entry("resource_type", resource_type)?;
        }
        if let Some(summary) = &self.summary {
            map.serialize_entry("summary", summary)?;
        }
        map.serialize_entry("resource", &self.resource)?;
        self.extra.serialize_into(&mut map)?;
        map.end()
    }
}

/// The decrypted resource of a notification.
#[derive(Clone)]
#[non_exhaustive]
pub enum Resource {
    /// A complaint event.
    Complaint(Box<ComplaintEvent>),
    /// A penalty of a merchant below a service provider.
    Violation(Box<Violation>),
    /// The JSON of any other event, unchanged.
    Other(Box<RawValue>),
}

impl Resource {
    fn decode(event_type: &EventType, plaintext: &[u8]) -> Result<Self, DecodeError> {
        if event_type.is_complaint() {
            return ComplaintEvent::read(plaintext).map(Box::new).map(Self::Complaint);
        }
        if event_type.is_violation()
            && let Ok(violation) = Violation::read(plaintext)
        {
            return Ok(Self::Violation(Box::new(violation)));
        }
        // Another `COMPLAINT.` event, should there ever be one, is read as a complaint event if it
        // fits.
        if event_type.as_str().starts_with("COMPLAINT.")
            && let Ok(event) = ComplaintEvent::read(plaintext)
        {
            return Ok(Self::Complaint(Box::new(event)));
        }
        read_unopened("a resource", readable_json(plaintext).as_bytes()).map(Self::Other)
    }
}

impl PartialEq for Resource {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Complaint(one), Self::Complaint(other)) => one == other,
            (Self::Violation(one), Self::Violation(other)) => one == other,
            (Self::Other(one), Self::Other(other)) => one.get() == other.get(),
            _ => false,
        }
    }
}

/// The resource of another event may be personal.
impl std::fmt::Debug for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Complaint(event) => event.fmt(f),
            Self::Violation(violation) => violation.fmt(f),
            Self::Other(_) => f.write_str("Other(***)"),
        }
    }
}

impl Serialize for Resource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Complaint(event) => event.serialize(serializer),
            Self::Violation(violation) => violation.serialize(serializer),
            Self::Other(json) => json.serialize(serializer),
        }
    }
}
