//! WeChat Pay: the client, and the webhook for its notifications.

mod acts;
mod certificates;
mod channel;
mod client;
mod error;
mod exchange;
mod notification_url;
mod pages;
#[cfg(feature = "webhook")]
mod webhook;

pub use certificates::{CertificateKeeper, Refreshed};
pub use client::{Client, ClientBuilder};
pub use error::Error;
#[cfg(feature = "webhook")]
pub use webhook::{Account, Notifications, Received, SetupError, Unreadable};
