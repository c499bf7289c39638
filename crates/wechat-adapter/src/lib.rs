//! WeChat complaints over the network: WeChat Pay's here, the Mini Program's in [`mini_program`].
//!
//! What it does: sends every operation of [`protocol_core::wechat_pay`] as one call ([`Client`]), signed anew for each
//! attempt, again where that is safe, to the backup host where that is; reads pages as streams; keeps the platform's
//! certificates fresh; and receives notifications ([`Webhook`]), each handed to the service exactly until it is committed.
//! What it does not do: store anything, or decide what to answer a payer.
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
//! let merchant = Merchant::new("1900007291", "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB", Scheme::Rsa)?
//!     .with_platform_key(platform_key_id)?;
//! let keys = Arc::new(Keyring::new());
//! keys.insert(platform_key_id, verifier(&PublicKey::read(platform_key)?)?);
//!
//! let client = Client::builder(merchant, signer(&PrivateKey::read(private_key)?)?).keys(keys).build()?;
//! let complaint = client.send(&GetComplaint::new("200201820200101080076610000")).await?;
//! println!("{:?}", complaint.complaint_state);
//! # Ok(())
//! # }
//! ```
//!
//! Types of other crates stand in this interface, and change with a new major version only: those of `protocol-core` and
//! `http-transport`; in [`Transport`] `tower_service::Service`, `http`'s requests and responses and `bytes::Bytes`;
//! `futures_core::Stream` for pages; with the feature `webhook`, whose services take and give the same, `http::StatusCode`,
//! `http_body::Body` and `http_body_util::Full` as well.

// On docs.rs, what a feature adds says which one.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod clock;
#[cfg(feature = "mini-program")]
pub mod mini_program;
mod sending;
mod trace;
#[cfg(feature = "webhook")]
mod webhook;
mod wechat_pay;

pub use http_transport;
pub use http_transport::Transport;
pub use protocol_core;
pub use protocol_core::Clock;

pub use protocol_core::Effect;
pub use protocol_core::wechat_pay::ORIGINS;
#[cfg(feature = "webhook")]
pub use webhook::{Handler, Undelivered};
#[cfg(feature = "webhook")]
pub use wechat_pay::{Account, Received, Refusal, SetupError, Unreadable, Webhook, WebhookBuilder};
pub use wechat_pay::{CertificateKeeper, Client, ClientBuilder, Error, Refreshed};

// What the README shows in Rust compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
