//! A notification as the handler gets it.

use std::sync::Arc;

use protocol_core::wechat_pay::Notification;

/// A notification for one of the listener's merchants, verified and opened.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Received {
    /// The account it is for.
    pub mchid: Arc<str>,
    /// The notification.
    pub notification: Notification,
}

impl Received {
    /// As the webhook hands it out; for tests of a handler.
    #[must_use]
    pub fn new(mchid: impl Into<Arc<str>>, notification: Notification) -> Self {
        Self { mchid: mchid.into(), notification }
    }

    /// The id it is remembered by: the merchant's number and the notification's id, since nothing says that ids are unique among
    /// merchants.
    #[must_use]
    pub fn dedup_key(&self) -> String {
        format!("{}/{}", self.mchid, self.notification.id)
    }
}
