//! Allinpay's complaint interfaces over the network.
//!
//! What it does: sends every operation of [`protocol_core::allinpay`] as one call ([`Client`]), signed anew for each attempt,
//! again where that is safe, and hands out answers that verified; reads pages as streams, each row once although they shift;
//! replies to a payer once, though the network may lie; and finds new complaints and new entries of their histories
//! ([`Poller`]), since Allinpay is not known to tell of them. It is a
//! [`ComplaintChannel`](protocol_core::channel::ComplaintChannel) beside WeChat Pay's own. What it does not do: store
//! anything, or decide what to answer a payer.
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
//! let client = Client::builder(merchant, signer, verifier).base_url(allinpay_adapter::TEST).build()?;
//! let complaint = client.send(&WxComplaintDetail::new("200201820200101080076610000")).await?;
//! println!("{:?}", complaint.complaint_state);
//! # Ok(())
//! # }
//! ```
//!
//! For a group or an agent, appid and keys are the organisation's
//! ([`Merchant::with_orgid`](protocol_core::allinpay::Merchant::with_orgid)); [`Client::about`] turns to one merchant below it.
//!
//! Types of other crates stand in this interface, and change with a new major version only: those of `protocol-core` and
//! `http-transport`; in [`Transport`] `tower_service::Service`, `http`'s requests and responses and `bytes::Bytes`;
//! `futures_core::Stream` for pages and the [`Poller`]; `serde`'s traits for its [`Cursor`].

// On docs.rs, what a feature adds says which one.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod acts;
mod channel;
mod client;
mod clock;
mod error;
mod exchange;
mod pages;
mod poller;
mod trace;

pub use client::{Client, ClientBuilder, PRODUCTION, TEST};
pub use error::Error;
pub use http_transport;
pub use http_transport::Transport;
pub use poller::Poller;
pub use protocol_core;
pub use protocol_core::Clock;
pub use protocol_core::allinpay::{Cursor, Found, Polling};

pub use protocol_core::Effect;
