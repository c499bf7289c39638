//! Both services against the simulated platform: what the payer is told, and how often.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers fail by panicking"
)]

mod in_python;
mod in_rust;
mod world;
