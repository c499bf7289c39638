//! The channel of notifications: the merchants of one listener, told apart by path or by the key
//! that a notification names.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use http_body_util::Full;
use protocol_core::limits::{MAX_NOTIFICATION_BODY, MAX_REQUEST_ID};
use protocol_core::wechat_pay::{NotificationError, SignatureHeaders, VerificationError, verify_notification};
use protocol_core::{BuildError, Headers as _, UnixTime};

use super::account::Account;
use super::received::Received;
use super::unreadable::Unreadable;
use webhook_service::{Checked, Inbound, Keyed, Opened, Unopened, WebhookError};

/// WeChat Pay's notifications to the merchants of one listener, for a [`Webhook`](crate::Webhook).
/// Give the store of keys a lease of one minute: the platform's first retry comes after that.
///
/// ```
/// use std::num::NonZeroUsize;
/// use std::sync::Arc;
///
/// use protocol_core::crypto::{ApiV3Key, Keyring};
/// use protocol_core::replay::MemoryDeduplicate;
/// use wechat_adapter::{Account, Notifications, Received, Webhook};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (keys, key) = (Arc::new(Keyring::new()), Arc::new(ApiV3Key::new(&[b'k'; 32])?));
/// let notifications = Notifications::of(Account::new("1900007291", keys, key));
/// let store = MemoryDeduplicate::new(NonZeroUsize::new(100_000).ok_or("zero")?, 60);
/// let webhook = Webhook::builder(notifications, store, |received: Received| async move {
///     println!("{} for {}", received.notification.event_type, received.mchid);
///     Ok::<(), std::io::Error>(()) // once it is stored
/// })
/// .build();
/// let router: axum::Router = axum::Router::new().route_service("/wechat-pay/complaints", webhook);
/// # let _ = router;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Notifications(Vec<(Option<String>, Account)>);

impl Notifications {
    /// Receives the notifications of one merchant, at any path.
    #[must_use]
    pub fn of(account: Account) -> Self {
        Self(vec![(None, account)])
    }

    /// Adds a merchant whose notifications arrive at any path. The key that a notification names
    /// tells its merchant. If several merchants have this key, the APIv3 key that decrypts the
    /// notification tells it. A merchant may be added several times, such as with its earlier and
    /// its present APIv3 key.
    ///
    /// # Errors
    /// [`BuildError::SharedKey`]: another merchant of every path has the same APIv3 key.
    pub fn account(self, account: Account) -> Result<Self, BuildError> {
        self.add(None, account)
    }

    /// Adds a merchant whose notifications arrive at this path alone, such as
    /// `/notify/1900007291`: the path as the service sees it (a router that strips a prefix leaves
    /// the rest). Several merchants may share a path, as with [`account`](Self::account).
    ///
    /// # Errors
    /// [`BuildError::SharedKey`]: another merchant of this path has the same APIv3 key.
    pub fn account_at(self, path: impl Into<String>, account: Account) -> Result<Self, BuildError> {
        self.add(Some(path.into()), account)
    }

    /// The merchants of one path must have different APIv3 keys, which tell their notifications
    /// apart.
    fn add(mut self, path: Option<String>, account: Account) -> Result<Self, BuildError> {
        for (other_path, other) in &self.0 {
            let is_alike = other.mchid != account.mchid && other.api_v3_key.is_same_as(&account.api_v3_key);
            if *other_path == path && is_alike {
                return Err(BuildError::SharedKey { one: other.mchid.clone(), other: account.mchid, path });
            }
        }
        self.0.push((path, account));
        Ok(self)
    }

    /// The merchants of this path, or else those of any path; `None` if there are none.
    fn at(&self, path: &str) -> Option<Candidates<'_>> {
        let of = |wanted: Option<&str>| -> Vec<&Account> {
            self.0.iter().filter(|(own, _)| own.as_deref() == wanted).map(|(_, account)| account).collect()
        };
        [of(Some(path)), of(None)].into_iter().find(|accounts| !accounts.is_empty()).map(Candidates)
    }
}

impl Inbound for Notifications {
    type Message = Received;
    type Unreadable = Unreadable;
    type Error = NotificationError;
    type Receiver<'a> = Candidates<'a>;

    const NAME: &'static str = "notification";
    const METHODS: &'static [Method] = &[Method::POST];
    const MAX_BODY: usize = MAX_NOTIFICATION_BODY;

    fn check(&self, head: &Parts, now: UnixTime) -> Result<Checked<Candidates<'_>>, WebhookError<NotificationError>> {
        let candidates = self.at(head.uri.path()).ok_or(WebhookError::NotFound)?;
        let known = SignatureHeaders::read(&head.headers).and_then(|signature| {
            signature.check_probe()?;
            signature.check_clock(now)?;
            candidates.that_know(signature.serial(), now)
        });
        known.map(Checked::ReadBody).map_err(|error| refusal(error.into()))
    }

    fn open(&self, receiver: Candidates<'_>, head: &Parts, body: &[u8], now: UnixTime) -> Opened<Self> {
        let received = receiver.open(&head.headers, body, now).map_err(unopened)?;
        // The id is signed with the rest: nothing else would open under this signature.
        Ok(Keyed::new(received.dedup_key(), received))
    }

    fn success() -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::NO_CONTENT;
        response
    }

    /// The documented body.
    fn refusal(words: &str) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::from(format!(r#"{{"code":"FAIL","message":"{words}"}}"#)));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }

    fn request_id(headers: &HeaderMap) -> Option<&str> {
        headers.header("Request-ID").text().filter(|id| id.len() <= MAX_REQUEST_ID)
    }
}

/// The meaning of an error: one row a kind.
fn refusal(error: NotificationError) -> WebhookError<NotificationError> {
    use NotificationError::Verification;

    match error {
        // The platform tries whether signatures are checked.
        Verification(VerificationError::Probe) => WebhookError::unverified("probe", error).everyday(),
        Verification(VerificationError::UnknownKey { .. }) => WebhookError::unverified("unknown-key", error),
        Verification(VerificationError::StaleTimestamp { .. }) => WebhookError::unverified("stale-timestamp", error),
        Verification(_) => WebhookError::unverified("unverified", error),
        _ => WebhookError::unreadable(error),
    }
}

/// A notification whose resource does not decrypt is no letter: the APIv3 key may be wrong, and be
/// mended before the platform gives up.
fn unopened((mchid, error): (Option<Arc<str>>, NotificationError)) -> Unopened<NotificationError, Unreadable> {
    match &error {
        NotificationError::Malformed(unread) => {
            let id = format!("{}/{}", mchid.as_deref().unwrap_or_default(), unread.dedup_key());
            let letter = Keyed::new(id, Unreadable { mchid, notification: (**unread).clone() });
            Unopened::proven(refusal(error)).with_letter(letter)
        }
        _ if error.is_proven() => Unopened::proven(refusal(error)),
        _ => Unopened::unproven(refusal(error)),
    }
}

/// The merchants a notification may be for.
#[derive(Debug)]
pub struct Candidates<'a>(Vec<&'a Account>);

impl Candidates<'_> {
    /// The merchants that know the key.
    fn that_know(mut self, serial: &str, now: UnixTime) -> Result<Self, VerificationError> {
        let mut unknown = None;
        self.0.retain(|account| account.keys.find(serial, now).map_err(|error| unknown = Some(error)).is_ok());
        match unknown {
            Some(error) if self.0.is_empty() => Err(error),
            _ => Ok(self),
        }
    }

    /// Verifies the notification and opens it, for the first account whose key does: the encryption
    /// is authenticated. Otherwise the account for which it came furthest, if that is one, and why.
    fn open(
        self,
        headers: &HeaderMap,
        body: &[u8],
        now: UnixTime,
    ) -> Result<Received, (Option<Arc<str>>, NotificationError)> {
        let mut unopened: Option<(Option<Arc<str>>, NotificationError)> = None;
        for account in self.0 {
            let opened = verify_notification(headers, body, &*account.keys, now)
                .and_then(|verified| verified.open(&account.api_v3_key));
            match opened {
                Ok(notification) => return Ok(Received::new(account.mchid.clone(), notification)),
                Err(error) => match &mut unopened {
                    Some((_, other)) if distance(&error) < distance(other) => {}
                    // It may be for either.
                    Some((mchid, other)) if distance(&error) == distance(other) => {
                        mchid.take_if(|mchid| *mchid != account.mchid);
                    }
                    _ => unopened = Some((Some(account.mchid.clone()), error)),
                },
            }
        }
        // Without a candidate, nothing proved it.
        Err(unopened.unwrap_or((None, VerificationError::BadSignature.into())))
    }
}

/// The number of checks that a notification passed. Of several accounts' reasons, that of the
/// account for which it passed most is the true one: another may know a different key by the same
/// id, or have another APIv3 key.
const fn distance(error: &NotificationError) -> u8 {
    match error {
        NotificationError::Verification(_) => 0,
        NotificationError::DecryptFailed => 1,
        _ => 2,
    }
}
