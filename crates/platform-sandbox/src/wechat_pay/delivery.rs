//! The delivery of notifications to the registered URL, retried for two hours until one is
//! acknowledged.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use tokio::task::JoinSet;

use super::notification::{Notification, SignedNotification};
use crate::exchange::{Attempt, Attempted};
use crate::fault::NotificationFault;
use crate::log::SentNotification;
use crate::platform::Platform;

const SHORT_WAIT: Duration = Duration::from_secs(60);
const SHORT_WAITS: u32 = 10;
const LONG_WAIT: Duration = Duration::from_secs(300);
const GIVE_UP_AFTER: Duration = Duration::from_secs(2 * 3600);

/// The wait after a failed attempt, counted from 1; `None` after the last one.
fn wait_after(attempt: u32) -> Option<Duration> {
    let short = attempt.min(SHORT_WAITS);
    let long = attempt - short;
    (SHORT_WAIT * short + LONG_WAIT * long <= GIVE_UP_AFTER).then_some(if attempt <= SHORT_WAITS {
        SHORT_WAIT
    } else {
        LONG_WAIT
    })
}

/// Delivers one notification. `before` counts the notifications sent before it was queued.
pub(crate) async fn deliver(platform: Arc<Platform>, notification: Notification, before: u64) {
    if notification.fault == Some(NotificationFault::OutOfOrder) {
        // The sender lives as long as the platform, which this future holds.
        drop(platform.went_out.subscribe().wait_for(|went_out| *went_out > before).await);
    }
    let mut attempt = 1;
    loop {
        let acknowledged = deliver_once(&platform, &notification, attempt).await;
        if attempt == 1 {
            platform.went_out.send_modify(|went_out| *went_out += 1);
        }
        if acknowledged {
            if notification.fault == Some(NotificationFault::Duplicate) {
                send(&platform, &notification, attempt + 1, None).await;
            }
            break;
        }
        let Some(wait) = wait_after(attempt) else { break };
        tokio::time::sleep(wait.div_f64(platform.time_scale)).await;
        attempt += 1;
    }
    platform.open.send_modify(|open| *open -= 1);
}

/// Makes one attempt: one copy, or several at once. Returns whether one was acknowledged.
async fn deliver_once(platform: &Arc<Platform>, notification: &Notification, attempt: u32) -> bool {
    let fault = notification.fault.filter(|_| attempt == 1);
    let Some(NotificationFault::DuplicateAtOnce(copies)) = fault else {
        return send(platform, notification, attempt, fault).await;
    };
    let mut sending = JoinSet::new();
    for _ in 0..copies.max(1) {
        let (platform, notification) = (Arc::clone(platform), notification.clone());
        sending.spawn(async move { send(&platform, &notification, attempt, fault).await });
    }
    sending.join_all().await.contains(&true)
}

/// Signs and sends one copy, and logs the response. Returns whether it was acknowledged.
async fn send(
    platform: &Platform,
    notification: &Notification,
    attempt: u32,
    fault: Option<NotificationFault>,
) -> bool {
    let message = format!("{} {}", notification.event_type, notification.action_type);
    let complaint = &*notification.complaint_id;
    let this = Attempt { channel: "wechat-pay", message: &message, complaint, number: attempt };
    let prepared = || prepare(platform, notification, fault).ok_or_else(|| "no URL is registered".to_owned());
    let is_acknowledged = |status, _: &[u8]| matches!(status, 200 | 204);
    let Attempted { at, status, error, acknowledged } = platform.attempt(this, prepared, is_acknowledged).await;
    platform.log_sent(SentNotification {
        id: notification.id.clone(),
        mchid: notification.mchid.clone(),
        event_type: notification.event_type,
        complaint_id: notification.complaint_id.clone(),
        action_type: notification.action_type.clone(),
        record_id: notification.record_id(),
        attempt,
        fault,
        status,
        error,
        acknowledged,
        at,
    });
    acknowledged
}

fn prepare(
    platform: &Platform,
    notification: &Notification,
    fault: Option<NotificationFault>,
) -> Option<Request<Bytes>> {
    let state = platform.state();
    let merchant = state.wechat_pay.merchants.get(&notification.mchid)?.clone();
    let key = state.wechat_pay.keys.signing(merchant.account.scheme, None);
    drop(state);
    let url = notification.url.as_ref().or(merchant.notification_url.as_ref())?;
    let signed = SignedNotification::sign(notification, &merchant, &key, platform.now(), fault);
    let mut request = Request::post(url.as_str());
    for (name, value) in &signed.headers {
        request = request.header(name, value);
    }
    request.body(signed.body.into()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_minutes_of_short_waits_then_long_ones_until_two_hours_are_over() {
        let waits: Vec<_> = (1..).map_while(wait_after).collect();
        assert_eq!(waits[..10], [SHORT_WAIT; 10]);
        assert_eq!(waits[10..], [LONG_WAIT; 22]);
        assert_eq!(waits.iter().sum::<Duration>(), GIVE_UP_AFTER);
    }
}
