//! Allinpay's (通联支付, 收银宝) complaint interfaces over the network.
//!
//! | I want to | use |
//! |---|---|
//! | receive new complaints (投诉单), poll | [`Poller`]: WeChat's complaints are not known to be pushed here |
//! | receive notices about Alipay's (风控通知) | `Webhook` over `Notices` (feature `webhook`) |
//! | list them | [`Client::complaints`]; Alipay's with [`Client::alipay_complaints`] |
//! | show one | [`Client::send`] with [`WxComplaintDetail`](protocol_core::allinpay::WxComplaintDetail) |
//! | read its history (协商历史) | [`Client::negotiation_history`] |
//! | reply (回复) | [`Client::send`] with [`ComplaintsResp`](protocol_core::allinpay::ComplaintsResp) |
//! | complete (反馈处理完成) | [`Client::send`] with [`ComplaintsComplete`](protocol_core::allinpay::ComplaintsComplete) |
//! | decide on a refund (退款审批) | [`Client::send`] with [`WxComplaintsRefundProgress`](protocol_core::allinpay::WxComplaintsRefundProgress) |
//! | act across a crash | [`Client::send_stored`] with an [`ActStore`](protocol_core::call::ActStore) |
//! | send and fetch pictures (图片) | [`Client::send`] with [`WxMerchantImageUpload`](protocol_core::allinpay::WxMerchantImageUpload), [`WxGetMerchantImage`](protocol_core::allinpay::WxGetMerchantImage) |
//! | use one code for WeChat Pay too | [`ComplaintChannel`](protocol_core::channel::ComplaintChannel) |
//! | test | the crate `platform-sandbox` |
//!
//! The examples `allinpay_list`, `allinpay_reply`, `allinpay_complete`, `allinpay_refund` and
//! `allinpay_reconcile` (an inbox over the [`Poller`]) run against the simulated gateway:
//! `cargo run -p allinpay-adapter --example allinpay_reply`.
//!
//! In scope: [`Client`] sends every operation of [`protocol_core::allinpay`], signed anew for each
//! attempt, retries where that is safe, and returns responses that verified. It reads lists as
//! streams: each row comes once, even if rows move to other pages meanwhile. It sends a reply to a
//! payer once, whatever the network loses. [`Poller`] finds new complaints and new entries of their
//! histories. A webhook receives the notices that are posted to the risk notification URL.
//!
//! Out of scope: storing complaints, and deciding on the words to a payer.
//!
//! ```no_run
//! use allinpay_adapter::Client;
//! use protocol_core::allinpay::{Merchant, SignType, WxComplaintDetail, signer, verifier};
//! use protocol_core::crypto::{PrivateKey, PublicKey};
//!
//! # async fn example(private_key: &[u8], platform_key: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! let appid = "00000051";
//! let merchant = Merchant::new(appid, "990581007426001", SignType::Sm2)?;
//! let signer = signer(&PrivateKey::read(private_key)?, appid)?;
//! let verifier = verifier(&PublicKey::read(platform_key)?)?;
//!
//! let client =
//!     Client::builder(merchant, signer, verifier).base_url(allinpay_adapter::TEST).build()?;
//! let complaint = client.send(&WxComplaintDetail::new("200201820200101080076610000")).await?;
//! println!("{:?}", complaint.complaint_state);
//! # Ok(())
//! # }
//! ```
//!
//! For a group or an agent, appid and keys are the organisation's
//! ([`Merchant::with_orgid`](protocol_core::allinpay::Merchant::with_orgid)). [`Client::about`]
//! returns a client for one merchant below it.
//!
//! Types of other crates are part of this interface, and change with a new major version only:
//! those of `protocol-core` and `http-transport`; in [`Transport`] `tower_service::Service`,
//! `http`'s requests and responses and `bytes::Bytes`; `futures_core::Stream` for pages and the
//! [`Poller`]; `serde`'s traits for its [`Cursor`]; with `webhook` those of `webhook-service`.

// docs.rs shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod acts;
mod channel;
mod client;
mod error;
mod exchange;
#[cfg(feature = "webhook")]
mod notices;
mod pages;
mod poller;
mod trace;

pub use client::{Client, ClientBuilder, PRODUCTION, TEST};
pub use error::Error;
pub use http_transport;
pub use http_transport::Transport;
#[cfg(feature = "webhook")]
pub use notices::{Account, Noticed, Notices, Unreadable};
pub use poller::Poller;
pub use protocol_core;
pub use protocol_core::Clock;
pub use protocol_core::poller::{Cursor, Found, Polling};

pub use protocol_core::Effect;
#[cfg(feature = "webhook")]
pub use webhook_service::{self, Handler, Webhook, WebhookBuilder, WebhookError, WebhookTimeouts};
