//! Members under their published names: for every model, which members of a document are known, and
//! with which value.
//!
//! A round trip cannot see a misnamed member, since an unknown one is kept and written back. So
//! each document here is decoded and every field is compared with the value under its published
//! name; [`unknown`] and [`absent`] look at every level. The documents are the published samples
//! (`vectors/`); members that no sample has are in documents written from the published tables of
//! names (`member_cases/documents/`, with their sources).
//!
//! [`unknown`]: documents::unknown
//! [`absent`]: documents::absent

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test states what must hold, and reads its own files"
)]

mod common;

#[path = "member_cases/alipay.rs"]
mod alipay;
#[path = "member_cases/complaint.rs"]
mod complaint;
#[path = "member_cases/documents.rs"]
mod documents;
#[path = "member_cases/history.rs"]
mod history;
#[path = "member_cases/message.rs"]
mod message;
#[path = "member_cases/misfits.rs"]
mod misfits;
#[path = "member_cases/models.rs"]
mod models;
#[path = "member_cases/order_codes.rs"]
mod order_codes;
#[path = "member_cases/order_detail.rs"]
mod order_detail;
#[path = "allinpay_cases/platform.rs"]
#[allow(dead_code, reason = "the platform signs more than these documents")]
mod platform;
#[path = "member_cases/push.rs"]
mod push;
#[path = "member_cases/requests.rs"]
mod requests;
#[path = "member_cases/virtual_payment.rs"]
mod virtual_payment;
#[path = "member_cases/wechat_pay.rs"]
mod wechat_pay;
