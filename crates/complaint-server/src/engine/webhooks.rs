//! The webhooks: what a platform sends is in the store before it is acknowledged.

use std::sync::Arc;

use allinpay_adapter::Noticed;
use axum::Router;
use axum::http::StatusCode;
use axum::middleware::map_response;
use axum::response::Response;
use complaint_channels::{Channels, SettingError, WECHAT_PAY_PATH, allinpay_path};
#[cfg(feature = "mini-program")]
use complaint_channels::{SettingErrorKind, mini_program_path};
use complaint_inbox::{AbortPoint, EventKind, Heard, NewLetter, Store, StoreError};
use http_transport::BodyBudget;
#[cfg(feature = "mini-program")]
use protocol_core::mini_program::{self as pushed, Mode};
use serde_json::json;
#[cfg(feature = "mini-program")]
use wechat_adapter::mini_program::{self, Pushed, Pushes};
#[cfg(feature = "mini-program")]
use wechat_adapter::{Handler, webhook_service::Replaceable};
use wechat_adapter::{Received, Unreadable, Webhook};

use super::arrival::{self, Arrival};
use super::run::Shared;
use super::{story, trace};

/// The webhooks of all channels. They share the memory for unverified bodies.
pub(super) fn router<S: Store>(shared: &Arc<Shared<S>>) -> Result<Router, SettingError> {
    let budget = BodyBudget::default();
    let (handler, letters) = (Arc::clone(shared), Arc::clone(shared));
    let notifications = shared.live.notifications()?;
    let notifications = Webhook::builder(notifications, shared.store.clone(), move |received: Received| {
        let shared = Arc::clone(&handler);
        async move { keep(&shared, arrival::of_notification(&received)).await }
    })
    .clock(shared.clock.clone())
    .body_budget(budget.clone())
    .dead_letters(move |unreadable: Unreadable| {
        let shared = Arc::clone(&letters);
        async move { keep_letter(&shared, arrival::of_unreadable(&unreadable)).await.is_ok() }
    })
    .on_refusal(|refusal| {
        if refusal.wants_attention() {
            trace::refused(&refusal.to_string());
        }
    })
    .build();
    let router = Router::new().route_service(WECHAT_PAY_PATH, notifications);
    let (handler, letters) = (Arc::clone(shared), Arc::clone(shared));
    let notices =
        Webhook::builder(shared.live.notices(allinpay_path), shared.store.clone(), move |noticed: Noticed| {
            let shared = Arc::clone(&handler);
            async move { keep(&shared, arrival::of_notice(&noticed)).await }
        })
        .clock(shared.clock.clone())
        .body_budget(budget.clone())
        .dead_letters(move |unreadable: allinpay_adapter::Unreadable| {
            let shared = Arc::clone(&letters);
            async move { keep_letter(&shared, arrival::of_unreadable_notice(unreadable)).await.is_ok() }
        })
        .on_refusal(|refusal| {
            if refusal.wants_attention() {
                trace::refused(&refusal.to_string());
            }
        })
        .build();
    let router = router.route_service(&allinpay_path("{cusid}"), notices);
    #[cfg(feature = "mini-program")]
    let router = router.route_service(&mini_program_path("{appid}"), pushes(shared, budget)?);
    Ok(router.layer(map_response(as_unavailable)))
}

/// Whatever fails at this side, the message is sound, and the platform is to retry.
async fn as_unavailable(mut response: Response) -> Response {
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response
}

/// Examines whether the server's webhooks can receive for these channels. [`Engine::webhooks`] does
/// it by itself.
///
/// # Errors
/// [`SettingError`]: two merchants of WeChat Pay have one APIv3 key, or a Mini Program's pushes are
/// not signed.
///
/// [`Engine::webhooks`]: crate::Engine::webhooks
pub fn check_webhooks(channels: &Channels) -> Result<(), SettingError> {
    channels.notifications()?;
    #[cfg(feature = "mini-program")]
    check_signed(channels)?;
    Ok(())
}

#[cfg(feature = "mini-program")]
fn check_signed(channels: &Channels) -> Result<(), SettingError> {
    let mut receivers = channels.mini_programs().filter_map(|account| account.receiver());
    match receivers.find(|receiver| receiver.mode() == Mode::Plain) {
        None => Ok(()),
        Some(receiver) => {
            let told = format!("[mini-program] {}: {NOT_SIGNED}", receiver.appid());
            Err(SettingError::new(SettingErrorKind::Value, told))
        }
    }
}

/// The webhook of the Mini Programs.
#[cfg(feature = "mini-program")]
fn pushes<S: Store>(
    shared: &Arc<Shared<S>>,
    budget: BodyBudget,
) -> Result<Webhook<Replaceable<Pushes>, PushHandler<S>, S>, SettingError> {
    check_signed(&shared.live.current())?;
    let letters = Arc::clone(shared);
    let webhook =
        Webhook::builder(shared.live.pushes(mini_program_path), shared.store.clone(), PushHandler(Arc::clone(shared)));
    Ok(webhook
        .clock(shared.clock.clone())
        .body_budget(budget)
        .dead_letters(move |unreadable: mini_program::Unreadable| {
            let shared = Arc::clone(&letters);
            async move { keep_letter(&shared, arrival::of_unreadable_push(&unreadable)).await.is_ok() }
        })
        .on_refusal(|refusal| {
            if refusal.wants_attention() {
                trace::refused(&refusal.to_string());
            }
        })
        .build())
}

#[cfg(feature = "mini-program")]
struct PushHandler<S>(Arc<Shared<S>>);

#[cfg(feature = "mini-program")]
impl<S: Store> Handler<Pushed> for PushHandler<S> {
    type Error = Box<dyn std::error::Error + Send + Sync>;

    async fn handle(&self, pushed: Pushed) -> Result<(), Self::Error> {
        // A reload may have brought one.
        if matches!(pushed.received, pushed::Received::Unverified(_)) {
            return Err(NOT_SIGNED.into());
        }
        Ok(keep(&self.0, arrival::of_push(&pushed)).await?)
    }
}

/// The reason why plain pushes are not taken: a stranger who saw one could have any number kept, and
/// asked about.
#[cfg(feature = "mini-program")]
const NOT_SIGNED: &str =
    "pushes of the mode `plain` are not signed: set `mode` to secure or compatible, here and at the platform";

/// Keeps what arrived.
async fn keep<S: Store>(shared: &Shared<S>, arrival: Arrival) -> Result<(), StoreError> {
    match arrival {
        Arrival::Message(mut message, proof) => {
            if let Some(kind) = proof.kind {
                let known = match kind {
                    EventKind::Filed => None,
                    _ => shared.store.complaint(&message.complaint).await?,
                };
                let known = known.map(|record| record.entries).unwrap_or_default();
                message.events.extend(story::proven(kind, &known, proof.sent, json!({ "message": message.kind })));
            }
            let heard = shared.store.hear(message).await?;
            AbortPoint::MessageKept.reach();
            if heard == Heard::First {
                shared.work.ring();
                shared.events.ring();
            }
            Ok(())
        }
        Arrival::Letter(letter) => keep_letter(shared, letter).await,
        // The sweep at the next start finds the complaint if this process ends before.
        #[cfg(feature = "virtual-payment")]
        Arrival::Unnumbered => {
            shared.unlisted.ring();
            Ok(())
        }
        Arrival::Other => Ok(()),
    }
}

/// Keeps a letter, for a person.
pub(super) async fn keep_letter<S: Store>(shared: &Shared<S>, letter: NewLetter) -> Result<(), StoreError> {
    let source = letter.source.clone();
    let kept = shared.store.keep_letter(letter).await;
    // A list shows the same row at each sweep.
    if kept == Ok(false) {
        return Ok(());
    }
    trace::letter(&source, kept.is_ok());
    kept?;
    AbortPoint::LetterKept.reach();
    // It may name a complaint, which is due then.
    shared.work.ring();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_fault_of_this_side_is_unavailable_and_nothing_else_changes() {
        for (status, told) in [(200, 200), (204, 204), (401, 401), (404, 404), (413, 413), (500, 503), (503, 503)] {
            let mut response = Response::default();
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            assert_eq!(as_unavailable(response).await.status(), told);
        }
    }
}
