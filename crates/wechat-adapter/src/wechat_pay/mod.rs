//! WeChat Pay: the client, and the webhook for its notifications.

mod acts;
mod certificates;
mod channel;
mod client;
mod error;
mod exchange;
mod pages;
mod poller;
mod registered_url;
#[cfg(feature = "webhook")]
mod webhook;

pub use certificates::{CertificateKeeper, Refreshed};
pub use client::{Client, ClientBuilder};
pub use error::Error;
pub use poller::Poller;
#[cfg(feature = "webhook")]
pub use webhook::{Account, Notifications, Received, Unreadable};
