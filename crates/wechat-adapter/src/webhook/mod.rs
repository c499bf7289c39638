//! What the webhooks of both channels share: a message is handled once, and acknowledged once it is committed.

mod delivery;
mod handler;

pub(crate) use delivery::{Delivery, Undelivered};
pub use handler::Handler;
