//! What is new, found by asking again and again: Allinpay is not known to tell of complaints by itself.

mod cursor;
mod order;
mod rounds;
mod settings;
mod spans;

pub use cursor::Cursor;
pub use rounds::{DueHistory, Found, HistoryEnd, PollStep, Rounds};
pub use settings::Polling;
pub use spans::lists_of_days;
