//! The log of what the sandbox received and sent, for tests to read.

use protocol_core::UnixTime;

use crate::fault::{NotificationFault, PushFault};

/// How many entries of each kind are kept; the oldest go first.
pub(crate) const MAX_LOG: usize = 100_000;

/// A request that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceivedRequest {
    /// The operation's name; `unknown` where the platform has no such path.
    pub operation: &'static str,
    /// The response's status; `None` where the connection was dropped.
    pub status: Option<u16>,
    /// Whether the signature was verified; of the Mini Program, the token or the secret.
    pub verified: bool,
    /// The merchant that signed: `mchid`, Allinpay's `cusid`, or the Mini Program's `appid`.
    pub mchid: Option<String>,
    /// When.
    pub at: UnixTime,
}

/// An attempt to deliver a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentNotification {
    /// The notification's id.
    pub id: String,
    /// The merchant it went to.
    pub mchid: String,
    /// `COMPLAINT.CREATE` and so on.
    pub event_type: &'static str,
    /// The complaint; empty in a self-test.
    pub complaint_id: String,
    /// What was done; empty in a self-test.
    pub action_type: String,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// What was wrong with it on purpose.
    pub fault: Option<NotificationFault>,
    /// The status that came back.
    pub status: Option<u16>,
    /// Why nothing came back.
    pub error: Option<String>,
    /// Whether the merchant's answer was 200 or 204.
    pub acknowledged: bool,
    /// When it was sent.
    pub at: UnixTime,
}

/// An attempt to deliver a push.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentPush {
    /// The complaint.
    pub complaint_order_id: String,
    /// Its state in this push.
    pub status: u32,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// What was wrong with it on purpose.
    pub fault: Option<PushFault>,
    /// The HTTP status that came back.
    pub http_status: Option<u16>,
    /// Why nothing came back.
    pub error: Option<String>,
    /// Whether the response was 200 with `success` or nothing in it.
    pub acknowledged: bool,
    /// When it was sent.
    pub at: UnixTime,
}
