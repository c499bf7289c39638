//! WeChat transaction complaints without I/O.
//!
//! | I want to | use |
//! |---|---|
//! | receive a notification (投诉通知) | [`wechat_pay::verify_notification`] |
//! | receive a push | [`mini_program::Receiver`], [`virtual_payment::Notice`] |
//! | receive a notice (风控通知) | [`allinpay::Merchant::open_notice`] |
//! | list complaints (投诉单列表) | [`wechat_pay::ListComplaints`], [`virtual_payment::GetComplaintList`], [`allinpay::WxComplaintList`] |
//! | show one, with its history | [`wechat_pay::GetComplaint`], [`wechat_pay::GetNegotiationHistory`], [`mini_program::GetOrderDetail`], [`virtual_payment::GetComplaintDetail`], [`allinpay::WxComplaintDetail`] |
//! | know when the merchant has to act (24 小时, 72 小时) | [`complaint::Deadlines`] |
//! | reply (回复) | [`wechat_pay::Respond`], [`mini_program::RespondComplaint`], [`virtual_payment::ResponseComplaint`], [`allinpay::ComplaintsResp`] |
//! | complete (反馈处理完成) | [`wechat_pay::Complete`], [`virtual_payment::CompleteComplaint`], [`allinpay::ComplaintsComplete`] |
//! | decide on a refund (退款审批) | [`wechat_pay::UpdateRefundProgress`], [`allinpay::WxComplaintsRefundProgress`] |
//! | act through any channel | [`channel::Act`] |
//! | send pictures (图片) | [`wechat_pay::UploadImage`], [`wechat_pay::DownloadImage`], [`virtual_payment::UploadVpFile`], [`virtual_payment::GetUploadFileSign`] |
//! | poll | [`poller::Rounds`]; the adapters' clients have `poller` |
//! | retry safely | [`call::Attempts`] |
//! | stay within the platform's limits (频率限制) | [`rate::Rates`], [`call::Turns`] |
//! | test | the crate `platform-sandbox` |
//!
//! In scope:
//! - reads and verifies the complaint notifications and responses of WeChat Pay APIv3, the message
//!   push of WeChat Mini Programs (with the events of their virtual payment), the responses and the
//!   notices of the Allinpay gateway;
//! - signs requests to all of them;
//! - models every complaint document, tolerant of documents as the platforms really send them.
//!
//! Out of scope: sending, listening, waiting, reading a clock, a file or the environment. Headers
//! and bytes go in, typed values come out. Any runtime, HTTP library and key service fits around
//! it.
//! ```
//! use protocol_core::UnixTime;
//! use protocol_core::crypto::{ApiV3Key, Certificate, Keyring};
//! use protocol_core::wechat_pay::{Resource, verifier, verify_notification};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let headers = sample::headers();
//! # let body = include_bytes!("../samples/wechat-pay/notification.json");
//! # let pem = include_bytes!("../samples/wechat-pay/platform_certificate.pem");
//! # let api_v3_key = include_bytes!("../samples/wechat-pay/apiv3.key");
//! // Once, at start-up: read the platform's keys by serial, and the merchant's APIv3 key.
//! let certificate = Certificate::read(pem)?;
//! let keys = Keyring::new();
//! keys.insert(certificate.serial_no(), verifier(certificate.public_key())?);
//! let key = ApiV3Key::new(api_v3_key.trim_ascii_end())?;
//!
//! // For each notification: pass its headers, its unchanged body and the time.
//! let now = UnixTime(1_741_936_166);
//! let notification = verify_notification(&headers, body, &keys, now)?.open(&key)?;
//! if let Resource::Complaint(event) = &notification.resource {
//!     assert_eq!(event.complaint_id, "200201820200101080076610000");
//! }
//! # Ok(())
//! # }
//! # mod sample {
//! #     pub fn headers() -> Vec<(String, String)> {
//! #         include_str!("../samples/wechat-pay/notification.headers")
//! #             .lines()
//! #             .filter_map(|line| line.split_once(": "))
//! #             .map(|(name, value)| (name.to_owned(), value.to_owned()))
//! #             .collect()
//! #     }
//! # }
//! ```
//!
//! | Module | Content |
//! |---|---|
//! | [`wechat_pay`], [`mini_program`], [`virtual_payment`], [`allinpay`] | the channels |
//! | [`complaint`] | the documents |
//! | [`poller`] | finds new complaints and entries by polling |
//! | [`channel`] | acts as data, and one trait over the channels that are asked |
//! | [`crypto`] | keys and signatures |
//! | [`replay`] | deduplication |
//! | [`call`], [`retry`], [`rate`] | the next step of a call, when to send again, and how much |
//! | [`limits`] | every bound |
//!
//! Types that grow with the platforms are `#[non_exhaustive]`. Operations are made by `new`,
//! documents by reading them. This interface exposes a few types of other crates, and
//! changes them with a new major version only: `serde_json::value::RawValue` for untyped JSON,
//! `rand_core::CryptoRng` for the caller's randomness, `serde`'s traits, requests and header maps
//! of `http` (feature `http`), `futures_core::Stream` (feature `channel`).

// docs.rs shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "allinpay")]
#[doc(alias("通联支付", "收银宝", "riskfeeback"))]
pub mod allinpay;
pub mod call;
pub mod channel;
pub mod codec;
pub mod complaint;
pub mod crypto;
pub mod limits;
#[cfg(feature = "mini-program")]
#[doc(alias("小程序", "交易保障", "complaint_callback"))]
pub mod mini_program;
pub mod poller;
pub mod rate;
pub mod replay;
pub mod retry;
#[cfg(feature = "virtual-payment")]
#[doc(alias("虚拟支付", "xpay", "xpay_complaint_notify"))]
pub mod virtual_payment;
#[cfg(feature = "wechat-pay")]
#[doc(alias("merchant-service", "消费者投诉", "微信支付"))]
pub mod wechat_pay;

#[cfg(any(feature = "wechat-pay", feature = "virtual-payment"))]
mod dot_segments;
mod error;
mod failure;
mod headers;
#[cfg(any(feature = "wechat-pay", feature = "virtual-payment"))]
mod image_link;
mod open_enum;
mod operation;
#[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
mod picture;
#[cfg(any(feature = "wechat-pay", feature = "allinpay"))]
#[cfg_attr(
    not(feature = "allinpay"),
    allow(dead_code, unreachable_pub, reason = "Allinpay's interface shows all of it")
)]
mod refusal;
mod request;
mod secret;
mod time;
mod trust;

pub use codec::json::Misfit;
pub use error::{DecodeError, Delivery, Fault};
pub use failure::Failure;
pub use headers::{Header, Headers};
pub use open_enum::{UnknownCode, UnknownValue, UnreadableValue};
pub use operation::{Effect, Idempotency, OperationInfo};
#[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
pub use picture::{PictureKind, unverified_picture};
pub use request::{Body, BuildError, Method, RequestParts, Stamp, UnsentRequest};
pub use secret::{Personal, Secret};
pub use time::{Clock, FIRST_OF_SET_CLOCK, UnixTime};
pub use trust::{Unverified, Verified};
