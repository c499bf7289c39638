//! WeChat transaction complaints without I/O.
//!
//! What it does: reads and verifies the complaint notifications and answers of WeChat Pay APIv3, the message push of
//! WeChat Mini Programs and the responses of the Allinpay gateway, signs requests to them, and models every complaint
//! document, tolerant of what the platforms really send.
//! What it does not do: send, listen, wait, read a clock, a file or the environment. Headers and bytes go
//! in, typed values come out; any runtime, HTTP library and key service fits around it.
//!
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
//! // Once, at start-up: the platform's keys by serial, and the merchant's APIv3 key.
//! let certificate = Certificate::read(pem)?;
//! let keys = Keyring::new();
//! keys.insert(certificate.serial_no(), verifier(certificate.public_key())?);
//! let key = ApiV3Key::new(api_v3_key.trim_ascii_end())?;
//!
//! // For each notification: its headers, its untouched body, the time.
//! let notification = verify_notification(&headers, body, &keys, UnixTime(1_741_936_166))?.open(&key)?;
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
//! Where to look: [`wechat_pay`], [`mini_program`], [`allinpay`] for the channels, [`complaint`] for the models, [`channel`] for
//! acts as data and one face over the channels that are asked, [`crypto`] for keys and signatures, [`replay`] for deduplication, [`call`]
//! for what a call does next, [`retry`] for when to send again, [`limits`] for every bound.
//!
//! What grows with the platforms is `#[non_exhaustive]`: operations are made by `new` and `with_…`, documents by reading them.
//! Types of other crates stand in this interface where nothing else would serve, and change with a new major version only:
//! `serde_json::value::RawValue` for JSON that nobody here types, `rand_core::CryptoRng` for the caller's randomness, `serde`'s
//! traits; with the feature `http` that crate's requests and header maps, with `channel` `futures_core::Stream`.

// On docs.rs, what a feature adds says which one.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "allinpay")]
pub mod allinpay;
#[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
pub mod call;
pub mod channel;
pub mod codec;
pub mod complaint;
pub mod crypto;
pub mod limits;
#[cfg(feature = "mini-program")]
pub mod mini_program;
pub mod replay;
#[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
pub mod retry;
#[cfg(feature = "wechat-pay")]
pub mod wechat_pay;

mod error;
mod headers;
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
#[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
mod request;
mod secret;
mod time;
mod trust;

pub use codec::json::Misfit;
pub use error::{DecodeError, Delivery, Fault};
pub use headers::{HeaderFault, Headers};
pub use open_enum::{UnknownCode, UnknownValue, UnreadableValue};
pub use operation::{Effect, Idempotency, OperationInfo};
#[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
pub use picture::PictureKind;
#[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
pub use request::{Body, BuildError, Method, RequestParts, Stamp, UnsentRequest};
pub use secret::{Personal, Secret};
pub use time::{Clock, UnixTime};
pub use trust::{Unverified, Verified};
