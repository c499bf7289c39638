//! The client, its streams and the poller against a simulated gateway in memory: no socket, and
//! time that passes at once.
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
mod channel;
mod complaints;
mod pages;
mod platform;
mod poller;
mod poller_errors;
mod redaction;
mod refusals;
mod replays;
mod responses;
mod restarts;
#[path = "../../../wechat-adapter/tests/common/row.rs"]
mod row;
mod stored;
