//! The router: both webhooks, and a sign of life.

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use http_transport::BodyBudget;
use protocol_core::crypto::Keyring;
use protocol_core::mini_program::Mode;
use protocol_core::wechat_pay::{Notification, Resource, UnreadNotification};
use serde::Serialize;
use serde_json::value::RawValue;
use settings::Settings;
use wechat_adapter::mini_program::{Pushed, Pushes};
use wechat_adapter::{Account, Notifications, Received, Webhook};

use crate::inbox::{Channel, Inbox, InboxError};

/// The path of WeChat Pay's notifications.
pub const WECHAT_PAY_PATH: &str = "/wechat-pay/complaints";

/// The path of the Mini Program's pushes.
pub const MINI_PROGRAM_PATH: &str = "/mini-program/push";

/// The service. Each webhook bounds its input and responds by itself; a complaint is acknowledged
/// once it is in the inbox. Without `[mini-program]` in the settings, nothing is at
/// [`MINI_PROGRAM_PATH`].
///
/// # Errors
/// Settings that are missing or no keys.
pub fn router(settings: &Settings, keys: Arc<Keyring>, inbox: &Inbox) -> Result<Router, Box<dyn Error>> {
    let section = settings.wechat_pay()?;
    let account = Account::new(section.mchid()?, keys, Arc::new(section.api_v3_key()?));
    // Both share the memory for unverified bodies.
    let budget = BodyBudget::default();
    let (stored, letters) = (inbox.clone(), inbox.clone());
    let wechat_pay = Webhook::builder(Notifications::of(account), inbox.clone(), move |received: Received| {
        let inbox = stored.clone();
        async move {
            let Notification { id, event_type, resource, .. } = &received.notification;
            let event_type = event_type.as_str();
            let resource = match resource {
                Resource::Complaint(event) => {
                    return inbox.hear(received.dedup_key(), Channel::WechatPay, event.complaint_id.clone()).await;
                }
                Resource::Other(resource) => Some(&**resource),
                _ => None,
            };
            // Another event is none of this service's business.
            if !event_type.starts_with("COMPLAINT.") {
                return Ok(());
            }
            let kept = keep(&inbox, &Unknown { id, event_type, resource }, None).await;
            tracing::error!(
                event_type,
                is_kept = kept.is_ok(),
                "a complaint event of a shape that is not known: see the table dead_letter"
            );
            kept
        }
    })
    .body_budget(budget.clone())
    .dead_letters(move |unreadable| {
        let inbox = letters.clone();
        async move {
            let UnreadNotification { error, id, complaint_id, document, is_sealed, .. } = &unreadable.notification;
            let (id, complaint_id) = (id.as_deref(), complaint_id.as_deref());
            let error = error.to_string();
            let unread = Unread { id, complaint_id, error, is_sealed: *is_sealed, document: document.expose() };
            let is_kept = keep(&inbox, &unread, complaint_id.map(|id| (Channel::WechatPay, id))).await.is_ok();
            tracing::error!(is_kept, "a genuine notification cannot be read: see the table dead_letter");
            is_kept
        }
    })
    .on_refusal(|refusal| {
        if refusal.wants_attention() {
            tracing::error!(%refusal, "a genuine notification was not stored; it is sent again");
        }
    })
    .build();

    let router =
        Router::new().route_service(WECHAT_PAY_PATH, wechat_pay).route("/health", get(async || StatusCode::NO_CONTENT));
    let Some(section) = settings.mini_program()? else { return Ok(router) };
    let receiver = section.receiver()?;
    if receiver.mode() == Mode::Plain {
        // No signature vouches for a plain push: a stranger who saw one could have any number
        // stored and asked for.
        return Err("[mini-program]: the mode has to be secure or compatible".into());
    }
    let (stored, letters) = (inbox.clone(), inbox.clone());
    let mini_program = Webhook::builder(Pushes::of(receiver), inbox.clone(), move |pushed: Pushed| {
        let inbox = stored.clone();
        async move {
            // Another event is none of this service's business, and a complaint without a number is
            // a dead letter.
            let number = pushed.received.push().complaint().and_then(|complaint| complaint.complaint_order_id.clone());
            let Some(number) = number else { return Ok(()) };
            inbox.hear(pushed.dedup_key(), Channel::MiniProgram, number).await
        }
    })
    .body_budget(budget)
    .dead_letters(move |unreadable| {
        let inbox = letters.clone();
        async move {
            let complaint_id = unreadable.complaint_order_id.as_deref();
            let (error, document) = (unreadable.error.to_string(), unreadable.document.as_str());
            let unread = Unread { id: None, complaint_id, error, is_sealed: false, document };
            // Of a complaint without a number the push is the only trace: no list has it.
            let is_kept = keep(&inbox, &unread, complaint_id.map(|id| (Channel::MiniProgram, id))).await.is_ok();
            tracing::error!(is_kept, "a genuine push cannot be read: see the table dead_letter");
            is_kept
        }
    })
    .on_refusal(|refusal| {
        if refusal.wants_attention() {
            tracing::error!(%refusal, "a push was not stored; a genuine one is sent a few times only");
        }
    })
    .build();

    Ok(router.route_service(MINI_PROGRAM_PATH, mini_program))
}

/// A notification that tells of something unknown about a complaint.
#[derive(Serialize)]
struct Unknown<'a> {
    id: &'a str,
    event_type: &'a str,
    resource: Option<&'a RawValue>,
}

/// A notification or a push that cannot be read: what is known of it, and its text.
#[derive(Serialize)]
struct Unread<'a> {
    id: Option<&'a str>,
    complaint_id: Option<&'a str>,
    /// The reason.
    error: String,
    /// Whether the text is the notification's body, its resource still encrypted.
    is_sealed: bool,
    document: &'a str,
}

/// Keeps a message that cannot be read or names no complaint, for a person to look at. If its
/// number can be told, the complaint is read.
async fn keep(
    inbox: &Inbox,
    letter: &(impl Serialize + Sync),
    number: Option<(Channel, &str)>,
) -> Result<(), InboxError> {
    inbox.keep(serde_json::to_string(letter)?, number.map(|(channel, number)| (channel, number.to_owned()))).await
}
