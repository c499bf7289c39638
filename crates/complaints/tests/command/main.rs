//! The command line, run as a user runs it: what it prints, what it refuses and by which code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what must hold"
)]

mod allinpay;
mod decode;
mod explain;
mod fixture;
mod mini_program;
mod open;
mod settings;
mod sign;
