//! The platforms that send WeChat complaints, simulated over TLS on loopback.
//!
//! | I want to | use |
//! |---|---|
//! | start the platforms | [`Sandbox::start`], [`SandboxConfig`] |
//! | receive notifications and pushes in a test | [`Sandbox::file_complaint`] with a [`NewComplaint`], [`Sandbox::notify_violation`] with a [`NewViolation`], [`Sandbox::file_order_complaint`] with a [`NewOrderComplaint`], [`Sandbox::file_virtual_payment_complaint`], [`Sandbox::restrict_virtual_payment`] |
//! | list, reply, complete, decide on refunds, send pictures | a client that points at [`Sandbox::base_url`] |
//! | have pictures fetched | [`NewComplaint::with_image`], [`Sandbox::link_picture`] for plain links |
//! | receive Allinpay's notices | [`Sandbox::set_notice_url`], [`Sandbox::file_alipay_complaint`], [`Sandbox::alipay_status`] |
//! | poll Allinpay | [`Sandbox::file_allinpay_complaint`], [`Sandbox::file_alipay_complaint`] with a [`NewAlipayComplaint`] |
//! | see what arrived | [`Sandbox::complaint`], [`Sandbox::history`], [`Sandbox::requests`] |
//! | see each request and each delivery as it happens | [`SandboxConfig::with_observer`] |
//! | make something fail | [`Sandbox::inject`] with a [`Fault`], [`Sandbox::inject_notification`], [`Sandbox::inject_push`], [`Sandbox::inject_notice`] |
//! | test a handler without a socket | [`Sandbox::offline`], [`Sandbox::signed_notification`], [`Sandbox::signed_push`], [`Sandbox::signed_notice`] |
//! | sign a custom document | [`Sandbox::signed_resource`], [`Sandbox::signed_message`], [`Sandbox::signed_records`], [`Sandbox::signed_response`] |
//! | verify requests as the platforms do | [`verify_request`], [`verify_allinpay_request`] |
//! | have something happen by its name | [`Sandbox::tell`] with a [`Story`] |
//! | see what group robots are told | [`Robots`] |
//! | go on after a restart | [`SandboxConfig::with_memory`] |
//! | drive the sandbox from another language | [the admin interface](#the-admin-interface) |
//!
//! One listener simulates WeChat Pay APIv3's complaint operations, a Mini Program's push and
//! server with its virtual payment, and Allinpay's gateway in RSA and SM2. Use it in tests and demonstrations. The sandbox
//! verifies each request's signature, keeps complaints in the documented states, signs its
//! responses, notifications, pushes and notices, delivers them with the documented retries, and injects
//! faults. The published vectors test its verification, so that the sandbox and a client cannot be
//! wrong together.
//!
//! The sandbox is not the platforms. It is strict where the documents are silent. It has few rate
//! limits. All its merchants share the same certificates, which the real platform does not do. No
//! data in it is secret. It listens on 127.0.0.1 and connects to loopback only.
//!
//! ```
//! use bytes::Bytes;
//! use platform_sandbox::{
//!     Fault, FaultKind, NewComplaint, NewOrderComplaint, PushFormat, PushMode, Sandbox, SandboxConfig,
//! };
//! use protocol_core::wechat_pay::Respond;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! let sandbox = Sandbox::start(SandboxConfig::default().with_time_scale(100.0)).await?;
//! let complaint_id = sandbox.file_complaint(NewComplaint::default().with_refund(10));
//! assert_eq!(sandbox.complaint(&complaint_id).ok_or("filed")?["complaint_state"], "PENDING");
//!
//! // A client connects to `sandbox.base_url()`, trusts `sandbox.root_certificate()`, and is `sandbox.merchant()`.
//! // See `wechat-adapter`'s example `reconcile`, and the tests of `examples/refund-desk` for a whole service.
//! sandbox.inject(Fault::once(FaultKind::DropConnection).on::<Respond>().after_effect());
//!
//! // The Mini Program's server is at the same URL; Allinpay's gateway is under `/cusapi`.
//! let number = sandbox.file_order_complaint(NewOrderComplaint::default());
//! let push = sandbox.signed_push(&number, PushMode::Secure, PushFormat::Xml, None);
//! assert!(push.query.contains("msg_signature="));
//! let cusid = sandbox.allinpay_sm2().cusid;
//! let through_allinpay = sandbox.file_allinpay_complaint(NewComplaint::default(), &cusid)?;
//! sandbox.user_message(&through_allinpay, "Hello?")?;
//!
//! // Unsigned requests are refused, as the platform refuses them.
//! let request = http::Request::get("/v3/certificates").header("Accept", "*/*").header("User-Agent", "me");
//! let response = sandbox.handle(&request.body(Bytes::new())?).ok_or("a response")?;
//! assert_eq!(response.status(), 401);
//! sandbox.stop().await;
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! # The admin interface
//!
//! Programs in other languages drive the sandbox over HTTP. Requests are not signed. A body is a
//! JSON object. Unknown members and values are refused with 400, and `code` and `message` say
//! which.
//!
//! | path under `/sandbox/` | members |
//! |---|---|
//! | `POST complaints` | `complaint_detail`, `amount`, `problem_type`, `apply_refund_amount`, `payer_phone`, `need_immediate_service` |
//! | `POST complaints/{id}/messages`, `…/continue` | `text` |
//! | `POST complaints/{id}/refund-received` | |
//! | `GET complaints/{id}/history` | |
//! | `POST violations` | `event` (`punish`, `intercept`, `appeal`), `sub_mchid`, `risk_type`, `punish_plan` |
//! | `POST mini-program/push` | `url`, `mode` (`plain`, `compatible`, `secure`), `format` (`xml`, `flat_xml`, `json`) |
//! | `POST mini-program/complaints` | `type`, `content`, `phone_number`, `product_name`, `total_cost` |
//! | `POST mini-program/complaints/{id}/messages` | `text` |
//! | `POST mini-program/complaints/{id}/status` | `status` |
//! | `POST mini-program/complaints/{id}/appeal-state` | `state` |
//! | `POST mini-program/expire-tokens` | |
//! | `POST virtual-payment/restrictions` | `business_state`, `event_type`, `remark` |
//! | `POST virtual-payment/complaints` | those of `complaints`, `older_notice`; its `{id}` paths are those of `complaints` |
//! | `POST allinpay/complaints`, and its `{id}` paths as above | `cusid`, and those of `complaints` |
//! | `POST allinpay/notice-url` | `cusid`, `url` |
//! | `POST allinpay/alipay-complaints` | `cusid`, `complain_content`, `complain_amount`, `contact` |
//! | `POST allinpay/alipay-complaints/{id}/status` | `status` |
//! | `POST faults` | `kind`, such as `drop_connection`, `notification_duplicate`, `push_forged` or `notice_forged`; `on` (an operation's name), `times`, `after_effect`; the members of the kind |
//! | `POST stories/{name}` | `merchant`, `id`, `seconds`, `status`: see [`StoryDetails`]; the header `Authorization: Bearer` with the token of [`SandboxConfig::with_story_token`] |
//! | `GET stories`, `notifications`, `pushes`, `notices`, `requests`, `configuration` | |
//!
//! Types of other crates are part of this interface, and change with a new major version only:
//! those of `protocol-core`; `http`'s requests, responses and header maps, and `bytes::Bytes`;
//! `serde_json::Value` for documents.

mod admin;
mod allinpay;
mod certificate;
mod clock;
mod complaints_toml;
mod config;
mod error;
mod exchange;
mod fault;
mod fixture;
mod form;
mod keys;
mod linked;
mod log;
mod memory;
mod mini_program;
mod multipart;
mod operation_names;
mod outbox;
mod platform;
mod platform_response;
mod random;
mod request_error;
mod response_body;
mod robots;
mod route;
mod sandbox;
mod server;
mod state;
mod stories;
mod tls;
mod transfer;
mod virtual_payment;
mod wechat_pay;

pub use allinpay::{AllinpayAccount, AllinpayCaller, AllinpayKeys, NewAlipayComplaint, verify_allinpay_request};
pub use config::{DELIVERY_TIMEOUT, MAX_DELIVERY_TIMEOUT, MIN_TIME_SCALE, SandboxConfig};
pub use error::SandboxError;
pub use exchange::{Delivery, Exchange};
pub use fault::{Fault, FaultKind, NoticeFault, NotificationFault, PushFault};
pub use linked::{LINK_SECONDS, LINKED_PICTURE};
pub use log::{ReceivedRequest, SentNotice, SentNotification, SentPush};
pub use mini_program::{MiniProgramAccount, NewOrderComplaint, PushConfig, PushFormat, PushMode, SignedPush};
pub use request_error::RequestError;
pub use robots::{RobotKind, Robots};
pub use sandbox::Sandbox;
pub use stories::{MAX_STORY_SECONDS, SAMPLE_PICTURE, Story, StoryDetails, ToldStory};
pub use tls::WEBHOOK_HOST;
pub use virtual_payment::VirtualPaymentAccount;
pub use wechat_pay::{
    Caller, MerchantAccount, MerchantKeys, NewComplaint, NewViolation, PlatformKeyInfo, PlatformService,
    SignedNotification, Signing, ViolationEvent, verify_request,
};
