//! Allinpay's channel: responses opened, requests signed, documents decoded, no personal data
//! shown.
//!
//! No captured response of the complaint interfaces is public. Therefore responses are signed here,
//! with the published demo keys in the platform's place; the platform's own published signature is
//! among the vectors.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what must hold"
)]

#[path = "allinpay_cases/decoding.rs"]
mod decoding;
#[path = "allinpay_cases/notices.rs"]
mod notices;
#[path = "common/operations.rs"]
mod operations;
#[path = "allinpay_cases/platform.rs"]
mod platform;
#[path = "allinpay_cases/redaction.rs"]
mod redaction;
#[path = "allinpay_cases/refusals.rs"]
mod refusals;
#[path = "allinpay_cases/requests.rs"]
mod requests;
#[path = "allinpay_cases/responses.rs"]
mod responses;
