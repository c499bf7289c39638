//! The log of what the sandbox received and sent, for tests to read.

use protocol_core::{Personal, UnixTime};

use crate::fault::{NoticeFault, NotificationFault, PushFault};

/// The most entries of each kind. The oldest are dropped.
pub(crate) const MAX_LOG: usize = 100_000;

/// A received request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceivedRequest {
    /// The operation's name; `unknown` for a path that the platform does not have.
    pub operation: &'static str,
    /// The response's status; `None` for a dropped connection.
    pub status: Option<u16>,
    /// Whether the signature was verified. For the Mini Program: whether the token or the secret
    /// was.
    pub verified: bool,
    /// The merchant that signed: `mchid`, Allinpay's `cusid`, or the Mini Program's `appid`.
    pub mchid: Option<String>,
    /// The time.
    pub at: UnixTime,
}

/// An attempt to deliver a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentNotification {
    /// The notification's id.
    pub id: String,
    /// The merchant that it was sent to.
    pub mchid: String,
    /// `COMPLAINT.CREATE` and so on.
    pub event_type: &'static str,
    /// The complaint. Empty in a self-test and a violation.
    pub complaint_id: String,
    /// The action type. Empty in a self-test and a violation.
    pub action_type: String,
    /// The violation's `record_id`. Empty in all other notifications.
    pub record_id: String,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// The injected fault.
    pub fault: Option<NotificationFault>,
    /// The status of the response.
    pub status: Option<u16>,
    /// The reason that there was no response.
    pub error: Option<String>,
    /// Whether the response was 200 or 204.
    pub acknowledged: bool,
    /// The time of sending.
    pub at: UnixTime,
}

/// An attempt to deliver a push.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentPush {
    /// The complaint. Empty for a restriction of virtual payment.
    pub complaint_order_id: String,
    /// The complaint's state in this push.
    pub status: u32,
    /// The message before encryption, as it is without a fault.
    pub message: Personal<String>,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// The injected fault.
    pub fault: Option<PushFault>,
    /// The HTTP status of the response.
    pub http_status: Option<u16>,
    /// The reason that there was no response.
    pub error: Option<String>,
    /// Whether the response was 200 with `success` or an empty body.
    pub acknowledged: bool,
    /// The time of sending.
    pub at: UnixTime,
}

/// An attempt to deliver a notice of Allinpay.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentNotice {
    /// The merchant that it is for.
    pub cusid: String,
    /// The complaint's task.
    pub task_id: String,
    /// The complaint's state in this notice.
    pub status: String,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// The injected fault.
    pub fault: Option<NoticeFault>,
    /// The HTTP status of the response.
    pub http_status: Option<u16>,
    /// The reason that there was no response.
    pub error: Option<String>,
    /// Whether the response was 200 with `success`.
    pub acknowledged: bool,
    /// The time of sending.
    pub at: UnixTime,
}
