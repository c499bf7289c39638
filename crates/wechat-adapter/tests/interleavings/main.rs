//! Concurrent code, in every order of its awaits that the explorer reaches.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test states what must hold"
)]

mod certificates;
mod delivery;
mod explorer;
#[path = "../scripted/platform.rs"]
#[allow(dead_code, reason = "shared with the tests of the client")]
mod platform;
mod tokens;
