//! Virtual payment (虚拟支付): the client of its complaint interfaces, over that of the Mini
//! Program.
//!
//! Its events arrive among the Mini Program's pushes: a [`Webhook`](crate::Webhook) over
//! [`mini_program::Pushes`](crate::mini_program::Pushes) hands each to its handler, where
//! [`Notice::of`](protocol_core::virtual_payment::Notice::of) reads it.
//!
//! ```no_run
//! use futures_util::{StreamExt as _, pin_mut};
//! use protocol_core::Secret;
//! use protocol_core::virtual_payment::{Env, GetComplaintList, Merchant, ResponseComplaint};
//! use wechat_adapter::mini_program;
//! use wechat_adapter::virtual_payment::Client;
//!
//! # async fn example(
//! #     mini_program: mini_program::Client,
//! #     app_key: Vec<u8>,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! let merchant = Merchant::new(Secret::new(app_key), Env::Production)?;
//! let client = Client::builder(mini_program, merchant).build();
//!
//! let complaints = client.complaints(GetComplaintList::new("2025-06-01", "2025-06-09"));
//! pin_mut!(complaints);
//! while let Some(complaint) = complaints.next().await {
//!     let reply = ResponseComplaint::new(complaint?.complaint_id, "已退款");
//!     client.send(&reply).await?;
//! }
//! # Ok(())
//! # }
//! ```

mod acts;
mod channel;
mod client;
mod images;
mod pages;
mod poller;

pub use crate::mini_program::Error;
pub use client::{Client, ClientBuilder};
pub use poller::Poller;
