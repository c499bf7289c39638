//! A notification that cannot be read, as it is kept.

use std::sync::Arc;

use protocol_core::wechat_pay::UnreadNotification;

/// A notification that is the platform's but cannot be read. It may be a complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unreadable {
    /// The account it is for; `None` where its resource is still encrypted, and several accounts of
    /// the path have the key that verified it.
    pub mchid: Option<Arc<str>>,
    /// The text that was received, and the reason.
    pub notification: UnreadNotification,
}
