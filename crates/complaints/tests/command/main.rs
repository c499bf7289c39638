//! The command line, run as a user runs it: what it prints, what it refuses and by which code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test states what must hold"
)]

mod acting;
mod allinpay;
mod allinpay_notice;
mod callback;
#[cfg(feature = "serve")]
mod captures;
mod decode;
mod demo;
mod doctor;
mod explain;
mod explain_changes;
mod fixture;
mod image;
#[cfg(feature = "serve")]
mod inbox;
mod init;
mod interrupted;
#[cfg(all(feature = "serve", target_os = "linux"))]
mod language;
mod listen;
mod listening;
mod mini_program;
mod mini_program_server;
mod notice;
mod open;
mod pay_sig;
mod platform;
mod reading;
mod reports_keys;
mod reports_refusals;
mod reports_texts;
mod reports_words;
#[cfg(feature = "serve")]
mod sandbox;
mod screen;
mod self_test;
#[cfg(feature = "serve")]
mod serve;
#[cfg(feature = "serve")]
mod served;
mod settings;
#[cfg(unix)]
mod shells;
mod sign;
#[cfg(feature = "serve")]
mod stories;
#[cfg(target_os = "linux")]
mod terminal;
mod trouble;
#[cfg(all(feature = "serve", target_os = "linux"))]
mod users;
mod via_allinpay;
mod via_virtual_payment;
