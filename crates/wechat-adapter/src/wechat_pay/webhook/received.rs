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
    ///
    /// ```
    /// use protocol_core::wechat_pay::{EventType, Notification, Resource};
    /// use wechat_adapter::Received;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// /// What the service does with a notification: the handler under test.
    /// async fn handle(received: Received) -> Result<(), std::io::Error> {
    ///     match received.notification.resource {
    ///         Resource::Complaint(event) => println!("to be looked at: {}", event.complaint_id),
    ///         _ => println!("not a complaint"),
    ///     }
    ///     Ok(())
    /// }
    ///
    /// let event = serde_json::from_str(
    ///     r#"{"complaint_id":"200201820200101080076610000","action_type":"USER_RESPONSE"}"#,
    /// )?;
    /// let notification =
    ///     Notification::new("EV-1", EventType::ComplaintStateChange, Resource::Complaint(event));
    /// let received = Received::new("1900007291", notification);
    /// assert_eq!(received.dedup_key(), "1900007291/EV-1");
    /// let handled = handle(received); // to be awaited
    /// # drop(handled);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn new(mchid: impl Into<Arc<str>>, notification: Notification) -> Self {
        Self { mchid: mchid.into(), notification }
    }

    /// The id it is remembered by: the merchant's number and the notification's id, since nothing
    /// says that ids are unique among merchants.
    #[must_use]
    pub fn dedup_key(&self) -> String {
        format!("{}/{}", self.mchid, self.notification.id)
    }
}
