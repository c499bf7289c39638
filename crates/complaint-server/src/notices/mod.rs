//! Notices: events on their way to people, through group robots, commands and URLs.

mod body;
mod command;
mod people;
mod recipient;
mod response;
mod sign;
mod text;

pub(crate) use self::people::{Means, People};
pub use self::recipient::Recipient;
