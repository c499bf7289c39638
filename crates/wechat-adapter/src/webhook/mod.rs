//! The webhook of every channel: a message is handled once, and acknowledged once it is committed.

mod dead_letters;
mod delivery;
mod error;
mod handler;
mod inbound;
mod requests;
mod service;
mod store_window;
mod timeouts;
mod undelivered;

pub use error::{Reason, WebhookError};
pub use handler::Handler;
pub use inbound::{Checked, Inbound, Keyed, Unopened};
pub use service::{Webhook, WebhookBuilder};
pub use timeouts::WebhookTimeouts;
pub use undelivered::{HandlerError, Undelivered};
