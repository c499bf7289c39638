//! The platforms that send WeChat complaints, simulated over TLS on loopback.
//!
//! | I want to | use |
//! |---|---|
//! | start the platforms | [`Sandbox::start`], [`SandboxConfig`] |
//! | receive notifications and pushes in a test | [`Sandbox::file_complaint`], [`Sandbox::file_order_complaint`] |
//! | list, reply, complete, decide on refunds, send pictures | a client that points at [`Sandbox::base_url`] |
//! | poll Allinpay | [`Sandbox::file_allinpay_complaint`] |
//! | see what arrived | [`Sandbox::complaint`], [`Sandbox::history`], [`Sandbox::requests`] |
//! | make something fail | [`Sandbox::inject`] with a [`Fault`] |
//! | test a handler without a socket | [`Sandbox::offline`], [`Sandbox::signed_notification`], [`Sandbox::signed_push`] |
//!
//! In scope: WeChat Pay APIv3's complaint interfaces, a Mini Program's push and server, and
//! Allinpay's gateway in RSA and SM2, on one listener, for tests and demonstrations. The sandbox
//! verifies every request's signature itself, holds complaints with the documented states, signs
//! its responses, notifications and pushes, delivers them with the documented retries, and fails
//! on command. The requests that it accepts are tested against the published vectors, so that it
//! and a client cannot be wrong together.
//!
//! Out of scope: being the platforms. The sandbox is strict where the documents are silent. It
//! has hardly any rate limits, gives all its merchants the same certificates (the platform has
//! others for each), and keeps no secrets. It listens on 127.0.0.1 and connects to nothing else.
//!
//! ```
//! use bytes::Bytes;
//! use protocol_core::wechat_pay::Respond;
//! use platform_sandbox::{
//!     Fault, FaultKind, NewComplaint, NewOrderComplaint, PushFormat, PushMode, Sandbox, SandboxConfig,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! let sandbox = Sandbox::start(SandboxConfig::default().with_time_scale(100.0)).await?;
//! let complaint_id = sandbox.file_complaint(NewComplaint::default().with_refund(10));
//! assert_eq!(sandbox.complaint(&complaint_id).ok_or("filed")?["complaint_state"], "PENDING");
//!
//! // Point a client at `sandbox.base_url()`, trusting `sandbox.root_certificate()`, as `sandbox.merchant()`: `wechat-adapter`'s
//! // example `reconcile` shows its own, the folder `examples/refund-desk` a whole service's tests.
//! sandbox.inject(Fault::once(FaultKind::DropConnection).on::<Respond>().after_effect());
//!
//! // The Mini Program's server is beside it, and so is Allinpay's gateway, under `/cusapi`.
//! let number = sandbox.file_order_complaint(NewOrderComplaint::default());
//! let push = sandbox.signed_push(&number, PushMode::Secure, PushFormat::Xml, None);
//! assert!(push.query.contains("msg_signature="));
//! let cusid = sandbox.allinpay_sm2().cusid;
//! let through_allinpay = sandbox.file_allinpay_complaint(NewComplaint::default(), &cusid)?;
//! sandbox.user_message(&through_allinpay, "Hello?")?;
//!
//! // Unsigned requests are refused, as the platform refuses them.
//! let request = http::Request::get("/v3/certificates").header("Accept", "*/*").header("User-Agent", "me");
//! let response = sandbox.handle(&request.body(Bytes::new())?).ok_or("answered")?;
//! assert_eq!(response.status(), 401);
//! sandbox.stop().await;
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! The same over HTTP, unsigned, for those who drive it from outside: `POST /sandbox/complaints`, `…/{id}/messages`,
//! `…/{id}/continue`, `…/{id}/refund-received`; `POST /sandbox/mini-program/push`, `/sandbox/mini-program/complaints`,
//! `…/{id}/messages`, `…/{id}/status`, `…/{id}/appeal-state`, `/sandbox/mini-program/expire-tokens`;
//! `POST /sandbox/allinpay/complaints`, with the acts of the first, and `/sandbox/allinpay/alipay-complaints`;
//! `POST /sandbox/faults` with a `kind` such as `drop_connection`, `rate_limited`, `notification_duplicate` or `push_forged`;
//! `GET /sandbox/notifications`, `/sandbox/pushes`, `/sandbox/requests`, `/sandbox/configuration`.
//!
//! Where to look: [`Sandbox`] and [`SandboxConfig`] first; [`Sandbox::offline`] with [`Sandbox::signed_notification`],
//! [`Sandbox::signed_push`], [`Sandbox::signed_resource`], [`Sandbox::signed_message`], [`Sandbox::signed_records`] and
//! [`Sandbox::signed_response`] for a test that wants signed messages and no network; [`NewComplaint`], [`NewOrderComplaint`] and [`NewAlipayComplaint`]
//! for what can be filed; [`Fault`], [`NotificationFault`] and [`PushFault`] for what can go wrong; [`verify_request`] and
//! [`verify_allinpay_request`] for the platforms' side of request signing.
//!
//! Types of other crates stand in this interface, and change with a new major version only: those of `protocol-core`; `http`'s
//! requests, responses and header maps, and `bytes::Bytes`; `serde_json::Value` for the documents it holds.

mod admin;
mod allinpay;
mod certificate;
mod clock;
mod complaints_toml;
mod config;
mod error;
mod fault;
mod fixture;
mod form;
mod keys;
mod log;
mod mini_program;
mod multipart;
mod operation_names;
mod outbox;
mod platform;
mod platform_response;
mod random;
mod response_body;
mod route;
mod sandbox;
mod server;
mod state;
mod tls;
mod transfer;
mod wechat_pay;

pub use allinpay::{
    AllinpayAccount, AllinpayCaller, AllinpayKeys, AllinpayRequestError, NewAlipayComplaint, verify_allinpay_request,
};
pub use config::{DELIVERY_TIMEOUT, MAX_DELIVERY_TIMEOUT, MIN_TIME_SCALE, SandboxConfig};
pub use error::SandboxError;
pub use fault::{Fault, FaultKind, NotificationFault, OperationInfo, PushFault};
pub use log::{ReceivedRequest, SentNotification, SentPush};
pub use mini_program::{MiniProgramAccount, NewOrderComplaint, PushConfig, PushFormat, PushMode, SignedPush};
pub use sandbox::Sandbox;
pub use tls::WEBHOOK_HOST;
pub use wechat_pay::{
    Caller, MerchantAccount, MerchantKeys, NewComplaint, PlatformKeyInfo, PlatformService, RequestError,
    SignedNotification, Signing, verify_request,
};
