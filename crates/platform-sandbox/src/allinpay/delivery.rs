//! The delivery of notices: the documented retries, until a response is 200 with `success`.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use tokio::task::JoinSet;

use crate::exchange::{Attempt, Attempted};
use crate::fault::NoticeFault;
use crate::log::SentNotice;
use crate::platform::Platform;

/// The waits between two attempts: 30 minutes and 30 seconds in all.
const WAITS: [Duration; 5] = [
    Duration::from_secs(15),
    Duration::from_secs(15),
    Duration::from_secs(5 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(15 * 60),
];

/// A notice that waits to be delivered. A retry has no fault.
#[derive(Clone)]
pub(crate) struct QueuedNotice {
    pub(super) url: String,
    pub(super) cusid: String,
    pub(super) task_id: String,
    pub(super) status: String,
    pub(super) fault: Option<NoticeFault>,
    pub(super) first: Bytes,
    pub(super) retry: Bytes,
}

/// Delivers one notice.
pub(crate) async fn deliver(platform: Arc<Platform>, notice: QueuedNotice) {
    let mut waits = WAITS.into_iter();
    let mut attempt = 1;
    loop {
        let acknowledged = match notice.fault.filter(|_| attempt == 1) {
            Some(NoticeFault::DuplicateAtOnce(copies)) => at_once(&platform, &notice, copies).await,
            _ => send(&platform, &notice, attempt).await,
        };
        if acknowledged && notice.fault == Some(NoticeFault::Duplicate) && attempt == 1 {
            send(&platform, &notice, attempt + 1).await;
        }
        let Some(wait) = waits.next().filter(|_| !acknowledged) else { break };
        tokio::time::sleep(wait.div_f64(platform.time_scale)).await;
        attempt += 1;
    }
    platform.open.send_modify(|open| *open -= 1);
}

async fn at_once(platform: &Arc<Platform>, notice: &QueuedNotice, copies: usize) -> bool {
    let mut sending = JoinSet::new();
    for _ in 0..copies.max(1) {
        let (platform, notice) = (Arc::clone(platform), notice.clone());
        sending.spawn(async move { send(&platform, &notice, 1).await });
    }
    sending.join_all().await.contains(&true)
}

/// Sends one copy, and logs the response. Returns whether it was acknowledged.
async fn send(platform: &Platform, notice: &QueuedNotice, attempt: u32) -> bool {
    let message = format!("notice {}", notice.status);
    let this = Attempt { channel: "allinpay", message: &message, complaint: &notice.task_id, number: attempt };
    let body = if attempt == 1 { &notice.first } else { &notice.retry };
    let request = || {
        Request::post(&notice.url)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("User-Agent", "Java/1.8")
            .body(body.clone())
            .map_err(|error| error.to_string())
    };
    let is_acknowledged = |status, body: &[u8]| status == 200 && body == b"success";
    let Attempted { at, status, error, acknowledged } = platform.attempt(this, request, is_acknowledged).await;
    platform.log_notice(SentNotice {
        cusid: notice.cusid.clone(),
        task_id: notice.task_id.clone(),
        status: notice.status.clone(),
        attempt,
        fault: notice.fault.filter(|_| attempt == 1),
        http_status: status,
        error,
        acknowledged,
        at,
    });
    acknowledged
}
