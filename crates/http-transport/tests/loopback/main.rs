//! Client and listener against real peers on loopback: TLS by rustls and by OpenSSL, scripted
//! faults, a proxy.
#![cfg(any(feature = "aws-lc-rs", feature = "ring"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test that meets the unexpected has to stop and say so"
)]

mod bodies;
mod bounds;
mod budget;
mod heads;
mod listening;
mod openssl;
mod peer;
mod redaction;
mod responses;
mod sending;
mod shutdown;
mod strangers;
mod tunnel;
