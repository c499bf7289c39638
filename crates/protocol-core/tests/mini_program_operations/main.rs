//! The Mini Program server's operations: the requests they make, their bounds on both sides, the
//! responses they read. `requests.rs` has a row for each, and `every.rs` what holds for all.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what must hold"
)]

mod every;
#[path = "../common/operations.rs"]
mod operations;
mod requests;
mod responses;

use protocol_core::mini_program::{
    Appeal, BussiHandle, GetOrderDetail, GetStableToken, Operation, RespondComplaint, SubmitRefund, SupplyProof,
};
use protocol_core::{BuildError, RequestParts, Secret, Stamp, UnixTime};

pub(crate) const NONCE: &str = "593BEC0C930BF1AFEB40B4A08C8FB242";
pub(crate) const STAMP: Stamp<'_> = Stamp { now: UnixTime(1_741_936_166), nonce: NONCE };
pub(crate) const CANARY: &str = "canary13900001234";

/// The value, changed.
pub(crate) fn changed<T>(mut value: T, change: impl FnOnce(&mut T)) -> T {
    change(&mut value);
    value
}

pub(crate) fn respond() -> RespondComplaint {
    RespondComplaint::new("8622001", BussiHandle::Agree).with_content("已退款\u{1f600}")
}

pub(crate) fn proof() -> SupplyProof {
    SupplyProof::new("8622001").with_media_id_list(vec!["m1".to_owned(), "m2".to_owned()])
}

pub(crate) fn refund() -> SubmitRefund {
    SubmitRefund::new("8622001")
        .with_content("c")
        .with_media_id_list(vec!["m1".to_owned()])
        .with_accept_return(1)
        .with_return_id("23234234234")
}

pub(crate) fn appeal() -> Appeal {
    Appeal::new("8622001").with_content("c")
}

pub(crate) fn detail() -> GetOrderDetail {
    GetOrderDetail::new("8622001")
}

pub(crate) fn token_request(force_refresh: bool) -> GetStableToken {
    GetStableToken::new("wx1", Secret::new(CANARY.as_bytes().to_vec())).with_force_refresh(force_refresh)
}

pub(crate) fn built(operation: &impl Operation) -> RequestParts {
    operation.request(&STAMP).unwrap()
}

pub(crate) fn refused(operation: &impl Operation) -> &'static str {
    match operation.request(&STAMP).unwrap_err() {
        BuildError::Field { field, .. } => field,
        other => panic!("{other}"),
    }
}

pub(crate) fn text(parts: &RequestParts) -> &str {
    std::str::from_utf8(parts.body.bytes()).unwrap()
}
