//! WeChat Pay's operations: the requests they make, their bounds on both sides, the responses and
//! refusals they read. `requests.rs` has a row for each, and `every.rs` what holds for all.
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
mod refusals;
mod requests;
mod responses;

use protocol_core::complaint::NormalMessage;
use protocol_core::crypto::{Keyring, PrivateKey, PublicKey};
use protocol_core::wechat_pay::{
    Complete, ListComplaints, Operation, RawResponse, RefundAction, Respond, RespondImmediateService, Response,
    ResponseError, Scheme, UpdateRefundProgress, signer, verifier,
};
use protocol_core::{BuildError, RequestParts, Stamp, UnixTime};

pub(crate) const NOW: UnixTime = UnixTime(1_741_936_166);
pub(crate) const STAMP: Stamp<'_> = Stamp { now: NOW, nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };
pub(crate) const ID: &str = "200201820200101080076610000";
pub(crate) const MCHID: &str = "1900007291";

/// The value, changed.
pub(crate) fn changed<T>(mut value: T, change: impl FnOnce(&mut T)) -> T {
    change(&mut value);
    value
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

pub(crate) fn body(parts: &RequestParts) -> &str {
    std::str::from_utf8(parts.body.bytes()).unwrap()
}

pub(crate) fn list() -> ListComplaints {
    ListComplaints::new("2025-03-01", "2025-03-30").with_limit(50).with_complainted_mchid(MCHID)
}

pub(crate) fn respond() -> Respond {
    Respond::new(ID, MCHID, "已与用户沟通解决")
}

pub(crate) fn complete() -> Complete {
    Complete::new(ID, MCHID)
}

pub(crate) fn refund(action: RefundAction) -> UpdateRefundProgress {
    changed(UpdateRefundProgress::approve(ID, 0), |value| {
        value.action = action;
        value.launch_refund_day = None;
    })
}

pub(crate) fn immediate(message: NormalMessage) -> RespondImmediateService {
    RespondImmediateService::new(ID, MCHID, message, "0f8b1a52-6a0e-4c0b-9f3d-0b8e6a2c1d77")
}

const PLATFORM_KEY: &[u8] = include_bytes!("../vectors/wechatpay/java/wechat_pay_private_key.pem");
const PLATFORM_PUBLIC_KEY: &[u8] = include_bytes!("../vectors/wechatpay/java/wechat_pay_public_key.pem");

/// The result of an operation for a response that the platform signed.
pub(crate) fn received<O: Operation>(operation: &O, status: u16, body: &[u8]) -> Result<O::Response, ResponseError> {
    let signature = signer(&PrivateKey::read(PLATFORM_KEY).unwrap()).unwrap();
    let signature = signature.sign(&[b"1741936166\nn0nce\n", body, b"\n"]).unwrap().to_base64();
    let headers = vec![
        ("Wechatpay-Timestamp", "1741936166".to_owned()),
        ("Wechatpay-Nonce", "n0nce".to_owned()),
        ("Wechatpay-Serial", "PUB_KEY_ID_1".to_owned()),
        ("Wechatpay-Signature", signature),
        ("Wechatpay-Signature-Type", Scheme::Rsa.as_str().to_owned()),
        ("Request-ID", "08E6-268435484".to_owned()),
    ];
    arrived(operation, RawResponse { status, headers: &headers, body })
}

pub(crate) fn arrived<O: Operation>(
    operation: &O,
    response: RawResponse<'_, Vec<(&str, String)>>,
) -> Result<O::Response, ResponseError> {
    let keys = Keyring::new();
    keys.insert("PUB_KEY_ID_1", verifier(&PublicKey::read(PLATFORM_PUBLIC_KEY).unwrap()).unwrap());
    let RawResponse { status, headers, body } = response;
    operation.receive(Response::new(RawResponse { status, headers, body }, &keys, NOW))
}
