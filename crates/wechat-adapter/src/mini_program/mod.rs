//! WeChat Mini Program: the client of its five complaint interfaces, the access token they need,
//! and the webhook for its message push.
//!
//! ```no_run
//! use http_transport::{ClientConfig, HttpsClient};
//! use protocol_core::Secret;
//! use protocol_core::mini_program::{BussiHandle, GetOrderDetail, RespondComplaint};
//! use wechat_adapter::mini_program::{Client, StableToken};
//!
//! # async fn example(app_secret: Vec<u8>) -> Result<(), Box<dyn std::error::Error>> {
//! let transport = HttpsClient::new(ClientConfig::default())?;
//! let tokens = StableToken::builder("wx0123456789abcdef", Secret::new(app_secret))
//!     .build_over(transport.clone());
//! let client = Client::builder(tokens).build_over(transport);
//!
//! // These responses are not signed: TLS and the host vouch for them.
//! let detail = client.send(&GetOrderDetail::new("8622001")).await?.trust_anyway();
//! println!("{:?}", detail.complaint_order.and_then(|complaint| complaint.status));
//!
//! let response = RespondComplaint::new("8622001", BussiHandle::Agree).with_content("已退款");
//! client.send(&response).await?;
//! # Ok(())
//! # }
//! ```

mod acts;
mod client;
mod error;
mod exchange;
mod pages;
mod stable_token;
mod token_source;
mod trace;
#[cfg(feature = "webhook")]
mod webhook;

pub use client::{Client, ClientBuilder};
pub use error::Error;
pub use exchange::ORIGIN;
pub use stable_token::{StableToken, StableTokenBuilder};
pub use token_source::TokenSource;
#[cfg(feature = "webhook")]
pub use webhook::{Pushed, Pushes, Unreadable};
