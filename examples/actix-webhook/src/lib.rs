//! WeChat Pay's notifications in actix-web: verified and opened by the core alone, acknowledged
//! once they are in a file.

mod headers;
mod journal;
mod refusal;
mod server;
mod webhook;

pub use journal::Journal;
pub use server::{PATH, Tls, serve};
pub use webhook::Webhook;
