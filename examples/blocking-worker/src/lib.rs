//! A job without an async runtime: the core makes requests and reads responses, `ureq` sends them.

mod client;
mod worker;

pub use client::{CallError, Client};
pub use worker::{Report, greet};
