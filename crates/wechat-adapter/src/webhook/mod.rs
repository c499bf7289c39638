//! What the webhooks of both channels share: a message is handled once, and acknowledged once it is committed.

mod delivery;
mod handler;
mod store_window;
mod undelivered;

pub(crate) use delivery::{Delivery, Remembered};
pub use handler::Handler;
pub(crate) use store_window::StoreWindow;
pub use undelivered::Undelivered;
