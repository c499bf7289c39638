//! WeChat Pay's notifications, as they arrive.

mod account;
mod notifications;
mod received;
mod unreadable;

pub use self::account::Account;
pub use self::notifications::Notifications;
pub use self::received::Received;
pub use self::unreadable::Unreadable;
