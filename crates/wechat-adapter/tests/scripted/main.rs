//! The client and the webhook against a platform that follows a script: no socket, no waiting.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test states what must hold"
)]

mod acts;
mod calls;
mod certificates;
#[cfg(feature = "webhook")]
mod dead_letters;
#[cfg(feature = "webhook")]
mod late_store;
#[cfg(feature = "webhook")]
mod names;
mod pages;
mod platform;
mod rates;
mod refusals;
#[path = "../common/row.rs"]
mod row;
mod stored;
#[cfg(feature = "webhook")]
mod webhook;
