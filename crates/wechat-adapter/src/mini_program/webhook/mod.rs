//! The Mini Program's message push, as it arrives.

mod pushed;
mod pushes;
mod unreadable;

pub use self::pushed::Pushed;
pub use self::pushes::Pushes;
pub use self::unreadable::Unreadable;
