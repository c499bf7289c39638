//! Finds new complaints and entries by polling: Allinpay is not known to send notifications.

mod cursor;
mod order;
mod rounds;
mod settings;
mod spans;

pub use cursor::Cursor;
pub use rounds::{DueHistory, Found, HistoryEnd, PollStep, Rounds};
pub use settings::Polling;
pub use spans::lists_of_days;
