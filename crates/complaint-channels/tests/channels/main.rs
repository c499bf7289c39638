//! A configuration's accounts against the simulated platforms, and the errors of a faulty one.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test states what must hold"
)]

mod accounts;
mod errors;
mod folder;
mod notices;
mod rates;
mod reload;
mod server;
mod settings;
