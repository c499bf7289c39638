//! The notification URL: where the platform posts complaints. One per merchant.

use serde::{Deserialize, Serialize};

use crate::codec::json::wire_object;

/// Creates or replaces the URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetNotificationUrl {
    /// `https`, at most 255 characters, reachable from outside, without a query.
    pub url: String,
}

wire_object! {
    /// The URL as the platform has it.
    pub struct NotificationUrl {
        /// The merchant that asked.
        mchid: Option<String>,
        /// The URL.
        url: String,
    }
}
