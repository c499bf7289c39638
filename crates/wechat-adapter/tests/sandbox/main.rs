//! Client and webhook against the simulated platform, over TLS on loopback.
#![cfg(all(feature = "webhook", any(feature = "aws-lc-rs", feature = "ring")))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    missing_docs,
    unreachable_pub,
    reason = "a test states what must hold"
)]

mod faults;
mod keys;
mod load;
#[cfg(feature = "mini-program")]
mod mini_program;
mod notifications;
mod operations;
mod polling;
#[cfg(feature = "mini-program")]
mod pushes;
mod rates;
mod strangers;
#[cfg(feature = "virtual-payment")]
mod virtual_payment;
mod world;
