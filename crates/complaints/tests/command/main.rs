//! The command line, run as a user runs it: what it prints, what it refuses and by which code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what must hold"
)]

mod acting;
mod allinpay;
mod callback;
mod decode;
mod demo;
mod explain;
mod explain_changes;
mod fixture;
mod image;
mod interrupted;
mod mini_program;
mod mini_program_server;
mod open;
mod platform;
mod reading;
mod reports_keys;
mod reports_refusals;
mod reports_texts;
mod reports_words;
mod self_test;
mod settings;
mod sign;
#[cfg(target_os = "linux")]
mod terminal;
mod trouble;
mod via_allinpay;
mod via_virtual_payment;
