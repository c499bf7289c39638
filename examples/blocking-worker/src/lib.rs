//! A job without an async runtime: the core says what to send and what came back, `ureq` carries it.

mod client;
mod worker;

pub use client::{CallError, Client};
pub use worker::{Report, greet};
