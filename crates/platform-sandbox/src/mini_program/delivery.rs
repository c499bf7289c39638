//! The delivery of pushes: several attempts, until a response is 200 with a success.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use protocol_core::Personal;
use tokio::task::JoinSet;

use super::push::{QueuedPush, SignedPush, sign};
use crate::exchange::{Attempt, Attempted};
use crate::fault::PushFault;
use crate::log::SentPush;
use crate::platform::Platform;

/// Delivers one push. The documents do not say whether the platform signs a retry anew. Here the
/// second attempt repeats the first byte for byte, and the third is signed anew.
pub(crate) async fn deliver(platform: Arc<Platform>, mut push: QueuedPush) {
    let mut signed = push.sign(&platform, push.fault);
    let attempts = push.event.attempts();
    for attempt in 1..=attempts {
        let fault = push.fault.filter(|_| attempt == 1);
        let acknowledged = match fault {
            Some(PushFault::DuplicateAtOnce(copies)) => at_once(&platform, &push, &signed, copies).await,
            _ => send(&platform, &push, &signed, attempt, fault).await,
        };
        if acknowledged {
            if push.fault == Some(PushFault::Duplicate) {
                send(&platform, &push, &signed, attempt + 1, None).await;
            }
            break;
        }
        if attempt < attempts {
            tokio::time::sleep(push.event.wait(attempt).div_f64(platform.time_scale)).await;
        }
        push.event.at(attempt + 1);
        if attempt > 1 || push.fault.is_some() {
            signed = push.sign(&platform, None);
        }
    }
    platform.open.send_modify(|open| *open -= 1);
}

impl QueuedPush {
    fn sign(&self, platform: &Platform, fault: Option<PushFault>) -> SignedPush {
        sign(&self.account, &self.event, self.config.mode, self.config.format, platform.now(), fault)
    }
}

async fn at_once(platform: &Arc<Platform>, push: &QueuedPush, signed: &SignedPush, copies: usize) -> bool {
    let mut sending = JoinSet::new();
    for _ in 0..copies.max(1) {
        let (platform, push, signed) = (Arc::clone(platform), push.clone(), signed.clone());
        sending.spawn(async move { send(&platform, &push, &signed, 1, push.fault).await });
    }
    sending.join_all().await.contains(&true)
}

/// Sends one copy, and logs the response. Returns whether it was acknowledged.
async fn send(
    platform: &Platform,
    push: &QueuedPush,
    signed: &SignedPush,
    attempt: u32,
    fault: Option<PushFault>,
) -> bool {
    let (event, config) = (&push.event, &push.config);
    let message = event.title();
    let this = Attempt { channel: event.channel(), message: &message, complaint: event.id(), number: attempt };
    let request = || {
        Request::post(with_query(&config.url, &signed.query))
            .header("Content-Type", signed.content_type)
            .header("User-Agent", "Mozilla/4.0")
            .header("Accept", "*/*")
            .body(Bytes::copy_from_slice(&signed.body))
            .map_err(|error| error.to_string())
    };
    let is_acknowledged =
        |status, body: &[u8]| status == 200 && event.is_acknowledged_by(body, config.mode, config.format);
    let Attempted { at, status, error, acknowledged } = platform.attempt(this, request, is_acknowledged).await;
    platform.log_push(SentPush {
        complaint_order_id: push.event.id().to_owned(),
        status: push.event.status(),
        message: Personal::new(event.write(&push.account.original_id, &push.account.appid, config.format)),
        attempt,
        fault,
        http_status: status,
        error,
        acknowledged,
        at,
    });
    acknowledged
}

/// A URL with parameters added.
pub(super) fn with_query(url: &str, query: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{query}")
}
