//! WeChat complaints over the network: WeChat Pay's here, the Mini Program's in [`mini_program`],
//! those of its virtual payment in [`virtual_payment`].
//!
//! | I want to | use |
//! |---|---|
//! | receive notifications (投诉通知) | [`Webhook`] over [`Notifications`] |
//! | receive a Mini Program's pushes | [`Webhook`] over [`mini_program::Pushes`] |
//! | list complaints (投诉单列表) | [`Client::complaints`], [`virtual_payment::Client::complaints`] |
//! | show one | [`Client::send`] with [`GetComplaint`](protocol_core::wechat_pay::GetComplaint) |
//! | read its history (协商历史) | [`Client::negotiation_history`] |
//! | reply (回复) | [`Client::send`] with [`Respond`](protocol_core::wechat_pay::Respond), [`mini_program::Client::send`] with [`RespondComplaint`](protocol_core::mini_program::RespondComplaint) |
//! | complete (反馈处理完成) | [`Client::send`] with [`Complete`](protocol_core::wechat_pay::Complete) |
//! | decide on a refund (退款审批) | [`Client::send`] with [`UpdateRefundProgress`](protocol_core::wechat_pay::UpdateRefundProgress) |
//! | act across a crash | [`Client::send_stored`], [`mini_program::Client::send_stored`], [`virtual_payment::Client::send_stored`] with an [`ActStore`](protocol_core::call::ActStore) |
//! | send and fetch pictures (图片) | [`Client::send`] with [`UploadImage`](protocol_core::wechat_pay::UploadImage), [`DownloadImage`](protocol_core::wechat_pay::DownloadImage) |
//! | poll | [`Client::poller`], [`virtual_payment::Client::poller`]; the example `reconcile` |
//! | register the notification URL | [`Client::ensure_notification_url`] |
//! | test | the crate `platform-sandbox` |
//!
//! The examples `receive`, `list`, `reply`, `complete` and `refund` run against the simulated
//! platform: `cargo run -p wechat-adapter --example reply`.
//!
//! In scope: [`Client`] sends every operation of [`protocol_core::wechat_pay`], signed anew for
//! each attempt. It retries where that is safe, and uses the backup host where that is safe. It
//! reads pages as streams and keeps the platform's certificates fresh. [`Webhook`] receives
//! notifications and hands each to the service. If one is not committed, the platform's next copy
//! is handed over again.
//!
//! Out of scope: storing complaints, and deciding on the words to a payer.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use protocol_core::crypto::{Keyring, PrivateKey, PublicKey};
//! use protocol_core::wechat_pay::{GetComplaint, Merchant, Scheme, signer, verifier};
//! use wechat_adapter::Client;
//!
//! # async fn example(private_key: &[u8], platform_key: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! let platform_key_id = "PUB_KEY_ID_0000000000000024101100397200000006";
//! let merchant =
//!     Merchant::new("1900007291", "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB", Scheme::Rsa)?
//!         .with_platform_key(platform_key_id)?;
//! let keys = Arc::new(Keyring::new());
//! keys.insert(platform_key_id, verifier(&PublicKey::read(platform_key)?)?);
//!
//! let client =
//!     Client::builder(merchant, signer(&PrivateKey::read(private_key)?)?).keys(keys).build()?;
//! let complaint = client.send(&GetComplaint::new("200201820200101080076610000")).await?;
//! println!("{:?}", complaint.complaint_state);
//! # Ok(())
//! # }
//! ```
//!
//! Types of other crates are part of this interface, and change with a new major version only:
//! those of `protocol-core` and `http-transport`; in [`Transport`] `tower_service::Service`,
//! `http`'s requests and responses and `bytes::Bytes`; `futures_core::Stream` for pages; with the
//! feature `webhook` those of [`webhook_service`] too.

// docs.rs shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "mini-program")]
pub mod mini_program;
mod sending;
mod trace;
#[cfg(feature = "virtual-payment")]
pub mod virtual_payment;
mod wechat_pay;

pub use http_transport;
pub use http_transport::Transport;
pub use protocol_core;
pub use protocol_core::Clock;
pub use protocol_core::poller::{Cursor, Found, Polling};

pub use protocol_core::Effect;
pub use protocol_core::wechat_pay::ORIGINS;
#[cfg(feature = "webhook")]
pub use webhook_service::{self, Handler, Webhook, WebhookBuilder, WebhookError, WebhookTimeouts};
#[cfg(feature = "webhook")]
pub use wechat_pay::{Account, Notifications, Received, Unreadable};
pub use wechat_pay::{CertificateKeeper, Client, ClientBuilder, Error, Poller, Refreshed};
