//! Notifications: the envelope that the platform posts, and the encrypted complaint event in it.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::image::hex_sha256;
use super::verification::{SignatureHeaders, VerificationError};
use crate::codec::id::{ID, id_before_damage, is_id};
use crate::codec::json::{Misfit, WireValue as _, mend_document, read_document, read_json, read_unopened, wire_object};
use crate::codec::text::{bare, marked_json, readable_json, whole, without_marks};
use crate::codec::{Extra, base64};
use crate::complaint::{ComplaintState, Encrypted, Fen, Timestamp};
use crate::crypto::{AeadAlgorithm, ApiV3Key, KeyStore};
use crate::error::{DecodeError, Fault};
use crate::headers::Headers;
use crate::limits::MAX_NOTIFICATION_BODY;
use crate::open_enum::open_enum;
use crate::secret::Personal;
use crate::time::UnixTime;
use crate::trust::{Unverified, Verified};

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

    fn of_body(error: DecodeError, body: &[u8]) -> Self {
        let document = whole(body).into_owned().into();
        Self { error, id: id_before_damage(body, "id"), complaint_id: None, document, is_sealed: true }
    }

    fn of_resource(error: DecodeError, id: &str, plaintext: &[u8]) -> Self {
        let document = whole(plaintext).into_owned();
        let object = document.trim_start_matches(|before: char| before == '[' || before.is_whitespace());
        // Of several complaints, the first is not necessarily the right one.
        let is_the_only = object.matches(r#""complaint_id""#).count() == 1;
        let complaint_id = if is_the_only { id_before_damage(object.as_bytes(), "complaint_id") } else { None };
        Self { error, id: Some(id.to_owned()), complaint_id, document: document.into(), is_sealed: false }
    }
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

    /// The side at fault.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Verification(error) => error.fault(),
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

wire_object! {
    /// The content of a complaint notification: the complaint's number, and the act.
    ///
    /// The other members come from older versions of the interface. Treat them as hints: read the
    /// complaint and its history again.
    pub struct ComplaintEvent {
        /// The complaint's number, 1 to 64 characters.
        complaint_id: String,
        /// The act.
        action_type: Option<ActionType> as asked,
        /// Older: the merchant's order number.
        out_trade_no: Option<String>,
        /// Older: time of filing.
        complaint_time: Option<Timestamp>,
        /// Older: the order's amount.
        amount: Option<Fen>,
        /// Older: the payer's phone number, encrypted to the merchant's certificate.
        payer_phone: Option<Encrypted>,
        /// Older: the payer's words.
        complaint_detail: Option<Personal<String>>,
        /// Older: the complaint's state.
        complaint_state: Option<ComplaintState> as asked,
        /// Older: WeChat Pay's order number.
        transaction_id: Option<String>,
        /// Older: the act, in other words.
        complaint_handle_state: Option<String>,
    }
}

impl ComplaintEvent {
    /// Decodes a resource that was decrypted elsewhere. A member that does not fit is lost alone,
    /// and [`misfits`](Self::misfits) lists it. The result is unverified: the caller knows how it
    /// was decrypted.
    ///
    /// # Errors
    /// [`DecodeError`] for anything but a complaint event: `complaint_id` is required, with 1 to 64
    /// characters.
    pub fn decode(plaintext: &[u8]) -> Result<Unverified<Self>, DecodeError> {
        Self::read(plaintext).map(Unverified::new)
    }

    /// A list of one event is unambiguous, and read as that event.
    fn read(plaintext: &[u8]) -> Result<Self, DecodeError> {
        let event: Self = read_document(RESOURCE, plaintext).or_else(|error| {
            let listed = bare(plaintext).strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]"));
            listed.and_then(|element| read_document(RESOURCE, element).ok()).ok_or(error)
        })?;
        if is_id(&event.complaint_id) {
            Ok(event)
        } else {
            Err(DecodeError::at(RESOURCE, b"", 0, format!("expected `complaint_id` to have {ID}")))
        }
    }
}

/// The name of a notification's body in errors.
const DOCUMENT: &str = "a notification";

/// The name of a complaint event's plaintext in errors.
const RESOURCE: &str = "a complaint resource";

open_enum! {
    /// The kind of event of a notification.
    pub enum EventType {
        /// A new complaint.
        ComplaintCreate = "COMPLAINT.CREATE",
        /// A complaint changed.
        ComplaintStateChange = "COMPLAINT.STATE_CHANGE",
    }
}

open_enum! {
    /// The act that a notification reports.
    ///
    /// The history names some acts differently: see [`OperateType`](crate::complaint::OperateType).
    /// Handle an unknown value like any other change, and report it to a person. Do not rely on
    /// notifications of the merchant's own acts.
    pub enum ActionType {
        /// Filed by the payer.
        CreateComplaint = "CREATE_COMPLAINT",
        /// Continued by the payer.
        ContinueComplaint = "CONTINUE_COMPLAINT",
        /// Message of the payer.
        UserResponse = "USER_RESPONSE",
        /// Message of the platform (`PLATFORM_RESPONSE` in the history).
        ResponseByPlatform = "RESPONSE_BY_PLATFORM",
        /// The merchant started a full refund.
        SellerRefund = "SELLER_REFUND",
        /// Message of the merchant.
        MerchantResponse = "MERCHANT_RESPONSE",
        /// Closed by the merchant.
        MerchantConfirmComplete = "MERCHANT_CONFIRM_COMPLETE",
        /// The payer asks for the platform's assistance.
        UserApplyPlatformService = "USER_APPLY_PLATFORM_SERVICE",
        /// The same in the spelling of WeChat Pay's changelog of 2024-09: see
        /// [`meaning`](Self::meaning).
        UserApplyPlatformServiceMisspelled = "USER_APPLY_PLATFORM_SERIVCE",
        /// The payer withdraws that request.
        UserCancelPlatformService = "USER_CANCEL_PLATFORM_SERVICE",
        /// The assistance ended.
        PlatformServiceFinished = "PLATFORM_SERVICE_FINISHED",
        /// The merchant approves the refund.
        MerchantApproveRefund = "MERCHANT_APPROVE_REFUND",
        /// The merchant refuses the refund (`MERCHANT_REFUSE_RERUND` in the history).
        MerchantRejectRefund = "MERCHANT_REJECT_REFUND",
        /// The refund arrived.
        RefundSuccess = "REFUND_SUCCESS",
    }
}

impl ActionType {
    /// The act without its second spelling: `USER_APPLY_PLATFORM_SERIVCE` means
    /// [`UserApplyPlatformService`](Self::UserApplyPlatformService), every other value itself. Branch
    /// on this. The value itself is written back as it was spelled.
    ///
    /// ```
    /// use protocol_core::wechat_pay::ActionType;
    ///
    /// let misspelled = ActionType::from("USER_APPLY_PLATFORM_SERIVCE");
    /// assert_eq!(misspelled.meaning(), &ActionType::UserApplyPlatformService);
    /// assert_eq!(misspelled.as_str(), "USER_APPLY_PLATFORM_SERIVCE");
    /// ```
    #[must_use]
    pub const fn meaning(&self) -> &Self {
        match self {
            Self::UserApplyPlatformServiceMisspelled => &Self::UserApplyPlatformService,
            other => other,
        }
    }
}

impl EventType {
    /// Whether the resource must be a [`ComplaintEvent`]. A type that cannot be read does not lose
    /// a complaint.
    const fn is_complaint(&self) -> bool {
        matches!(self, Self::ComplaintCreate | Self::ComplaintStateChange | Self::Unreadable(_))
    }
}

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

impl<'b> Envelope<'b> {
    /// Borrows from the body, if its text needs no mending.
    fn read(body: &'b [u8]) -> Result<Self, DecodeError> {
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
    fn identified(self) -> Result<Self, DecodeError> {
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

/// The decrypted resource of a notification.
#[derive(Clone)]
#[non_exhaustive]
pub enum Resource {
    /// A complaint event.
    Complaint(Box<ComplaintEvent>),
    /// The JSON of any other event, unchanged.
    Other(Box<RawValue>),
}

impl Resource {
    fn decode(event_type: &EventType, plaintext: &[u8]) -> Result<Self, DecodeError> {
        if event_type.is_complaint() {
            return ComplaintEvent::read(plaintext).map(Box::new).map(Self::Complaint);
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
            Self::Other(_) => f.write_str("Other(***)"),
        }
    }
}

impl Serialize for Resource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Complaint(event) => event.serialize(serializer),
            Self::Other(json) => json.serialize(serializer),
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
