//! What the webhooks of both channels share: a message is handled once, and acknowledged once it is committed.

mod dead_letters;
mod delivery;
mod handler;
mod requests;
mod store_window;
mod undelivered;

pub(crate) use dead_letters::DeadLetters;
pub(crate) use delivery::{Delivery, Remembered};
pub use handler::Handler;
pub(crate) use requests::{Requests, Weight};
pub(crate) use store_window::StoreWindow;
pub use undelivered::Undelivered;
