//! The Mini Program's client, tokens and webhook against a platform that follows a script: no
//! socket, no waiting.
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
mod platform;
mod redaction;
#[cfg(feature = "webhook")]
mod replays;
#[path = "../common/row.rs"]
mod row;
#[cfg(feature = "webhook")]
mod slow_store;
mod stored;
mod tokens;
#[cfg(feature = "virtual-payment")]
mod virtual_payment;
#[cfg(all(feature = "virtual-payment", feature = "webhook"))]
mod virtual_payment_events;
#[cfg(feature = "webhook")]
mod webhook;
