//! The client and the poller against the simulated gateway, over TLS on loopback; and one interface
//! for both channels.
#![cfg(any(feature = "aws-lc-rs", feature = "ring"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test states what must hold"
)]

mod faults;
#[cfg(feature = "webhook")]
mod notices;
mod one_face;
mod operations;
mod polling;
mod world;
