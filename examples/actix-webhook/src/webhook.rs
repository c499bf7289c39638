//! The steps of a notification: the headers, the body within its bound, the signature, the
//! encryption; then it is stored once.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use actix_web::http::header::HeaderMap;
use actix_web::web::{Bytes, Payload};
use protocol_core::UnixTime;
use protocol_core::crypto::{ApiV3Key, KeyStore as _, Keyring};
use protocol_core::limits::MAX_NOTIFICATION_BODY;
use protocol_core::replay::{Deduplicate as _, Key, Lease, MemoryDeduplicate, Reservation};
use protocol_core::wechat_pay::{
    Notification, NotificationError, Resource, SignatureHeaders, UnreadNotification, verify_notification,
};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::headers::Lookup;
use crate::journal::Journal;
use crate::refusal::Refusal;

/// The time a body has.
const BODY_TIME: Duration = Duration::from_secs(10);

/// Ids remembered. A message stored before a restart may be stored again: the journal's reader
/// tells lines apart by `id`.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(100_000).unwrap();

/// Longer than storing takes, shorter than the minute after which the platform retries.
const LEASE_SECONDS: u32 = 30;

/// One merchant's webhook. Cheap to clone; all clones remember the same.
#[derive(Debug, Clone)]
pub struct Webhook(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    keys: Arc<Keyring>,
    api_v3_key: ApiV3Key,
    seen: MemoryDeduplicate,
    journal: Journal,
}

impl Webhook {
    /// A webhook that verifies with the platform's keys, opens with the merchant's, and stores in a
    /// journal.
    #[must_use]
    pub fn new(keys: Arc<Keyring>, api_v3_key: ApiV3Key, journal: Journal) -> Self {
        let seen = MemoryDeduplicate::new(REMEMBERED, LEASE_SECONDS);
        Self(Arc::new(Inner { keys, api_v3_key, seen, journal }))
    }

    /// Returns once it is stored, now or before.
    pub(crate) async fn receive(&self, headers: &HeaderMap, payload: Payload) -> Result<(), Refusal> {
        let headers = Lookup(headers);
        let now = now();
        // The headers come first: a body is read only for a sender that names a known key and the
        // time.
        let signature = SignatureHeaders::read(&headers)?;
        signature.check_probe()?;
        signature.check_clock(now)?;
        self.0.keys.find(signature.serial(), now)?;
        let body = collect(payload).await?;
        let opened = verify_notification(&headers, &body, &*self.0.keys, now)
            .and_then(|verified| verified.open(&self.0.api_v3_key));
        // In a task of its own: a peer that hangs up does not part the writing from the
        // remembering.
        let webhook = self.clone();
        let storing = tokio::spawn(async move {
            match opened {
                Ok(notification) => webhook.0.store(&notification).await,
                Err(NotificationError::Malformed(unread)) => webhook.0.keep(&unread).await,
                Err(error) => Err(error.into()),
            }
        });
        storing.await.unwrap_or_else(|error| Err(Refusal::NotStored(io::Error::other(error))))
    }
}

impl Inner {
    async fn store(&self, notification: &Notification) -> Result<(), Refusal> {
        let Some(line) = line(notification) else { return Ok(()) };
        let (key, lease) = (Key::from(&*notification.id), Lease::new(fastrand::u64(..)));
        // A memory full of copies in hand refuses too: the platform retries. It responds at once,
        // and its leases end with the process: nothing is left behind. The clock once more: the
        // body took its time.
        match self.seen.reserve(key, lease, now()).await.map_err(|_| Refusal::InHand)? {
            Reservation::First => {}
            // Only a push has a signature to use again.
            Reservation::InHand | Reservation::Replayed => return Err(Refusal::InHand),
            Reservation::Done => return Ok(()),
        }
        let stored = self.journal.append(line.to_string()).await;
        // The memory's own errors are about room for ids: there is nothing to be done about them
        // here.
        let _ = match &stored {
            Ok(()) => self.seen.commit(key, lease).await.map(drop),
            Err(_) => self.seen.release(key, lease).await,
        };
        stored.map_err(Refusal::NotStored)
    }

    /// Keeps a notification that cannot be read, for a person: a retry does not change it. A copy
    /// is another line.
    async fn keep(&self, unread: &UnreadNotification) -> Result<(), Refusal> {
        let (id, complaint_id) = (&unread.id, &unread.complaint_id);
        tracing::error!(error = %unread.error, id, "a genuine notification cannot be read: its text is in the journal");
        let error = unread.error.to_string();
        let line = json!({"id": id, "complaint_id": complaint_id, "error": error, "unreadable": unread.document});
        self.journal.append(line.to_string()).await.map_err(Refusal::NotStored)
    }
}

/// The stored part of a notification; `None` for an event that this service does not handle.
fn line(notification: &Notification) -> Option<Value> {
    let (id, event_type) = (&notification.id, notification.event_type.as_str());
    match &notification.resource {
        Resource::Complaint(event) => Some(json!({
            "id": id,
            "complaint_id": event.complaint_id,
            "action_type": event.action_type.as_ref().map(|action| action.as_str()),
        })),
        _ if event_type.starts_with("COMPLAINT.") => {
            tracing::error!(
                id,
                event_type,
                "a complaint event of a shape that is not known: the journal has no complaint_id for it"
            );
            Some(json!({"id": id, "event_type": event_type}))
        }
        _ => None,
    }
}

async fn collect(payload: Payload) -> Result<Bytes, Refusal> {
    match timeout(BODY_TIME, payload.to_bytes_limited(MAX_NOTIFICATION_BODY)).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Ok(Err(_))) => Err(Refusal::Broken),
        Ok(Err(_)) => Err(Refusal::TooLarge),
        Err(_) => Err(Refusal::TooSlow),
    }
}

fn now() -> UnixTime {
    SystemTime::now().into()
}
