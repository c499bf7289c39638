//! The engine against the simulated platforms, over TLS on loopback: what they send or lose, what the
//! inbox has afterwards, and what they were sent.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![allow(clippy::print_stdout, reason = "a load tells its figures")]

mod acting;
mod allinpay;
mod clocks;
mod failing;
#[cfg(target_os = "linux")]
mod growth;
mod keeping;
mod letters;
mod load;
mod picturing;
#[cfg(target_os = "linux")]
mod process;
mod reading;
mod reloading;
mod sweeping;
mod world;
