//! A complaint inbox behind axum: what is pushed is stored in SQLite, what is stored is read again,
//! what was never pushed is found.

mod document;
mod inbox;
mod platforms;
mod reader;
mod router;

pub use document::Document;
pub use inbox::{Channel, Due, Inbox, InboxError};
pub use platforms::{MiniProgram, mini_program, wechat_pay};
pub use reader::Reader;
pub use router::{MINI_PROGRAM_PATH, WECHAT_PAY_PATH, router};
