//! One webhook for every channel that pushes. It bounds requests, drops copies, and acknowledges a
//! message once it is committed.
//!
//! In scope: a request's method and body within bounds, unverified bodies within one budget, the
//! deduplication of copies and replays, the handler's and the store's timeouts, dead letters,
//! refusals and traces. Out of scope: how a platform signs and encrypts, and where messages are
//! stored. A channel states the former ([`Inbound`]), a service the latter ([`Handler`]).
//!
//! A service embeds a channel of `wechat-adapter` or `allinpay-adapter`, for instance:
//! `Webhook::builder(Notifications::of(account), store, handler).build()`. A channel in full:
//!
//! ```
//! use std::num::NonZeroUsize;
//!
//! use bytes::Bytes;
//! use http::request::Parts;
//! use http::{Method, Response};
//! use http_body_util::Full;
//! use protocol_core::UnixTime;
//! use protocol_core::replay::MemoryDeduplicate;
//! use webhook_service::{Checked, Inbound, Keyed, Opened, Unopened, Webhook, WebhookError};
//!
//! /// A numbered text. Any client that knows the path can send it; no platform signs it.
//! #[derive(Debug)]
//! struct Notes {
//!     secret_path: String,
//! }
//!
//! #[derive(Debug, Clone, thiserror::Error)]
//! #[error("a note is a number, a space and UTF-8 text")]
//! struct NoNote;
//!
//! impl Inbound for Notes {
//!     type Message = String;
//!     type Unreadable = Vec<u8>;
//!     type Error = NoNote;
//!     type Receiver<'a> = ();
//!
//!     const NAME: &'static str = "note";
//!     const METHODS: &'static [Method] = &[Method::POST];
//!     const MAX_BODY: usize = 1024;
//!
//!     fn check(&self, head: &Parts, _now: UnixTime) -> Result<Checked<()>, WebhookError<NoNote>> {
//!         if head.uri.path() != self.secret_path {
//!             return Err(WebhookError::NotFound);
//!         }
//!         Ok(Checked::ReadBody(()))
//!     }
//!
//!     fn open(&self, (): (), _head: &Parts, body: &[u8], _now: UnixTime) -> Opened<Self> {
//!         let note = std::str::from_utf8(body).ok().and_then(|note| note.split_once(' '));
//!         let note = note.ok_or_else(|| Unopened::unproven(WebhookError::malformed(NoNote)));
//!         note.map(|(number, text)| Keyed::new(number.to_owned(), text.to_owned()))
//!     }
//!
//!     fn success() -> Response<Full<Bytes>> {
//!         Response::default()
//!     }
//!
//!     fn refusal(words: &str) -> Response<Full<Bytes>> {
//!         Response::new(Full::from(words.to_owned()))
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = MemoryDeduplicate::new(NonZeroUsize::new(1000).ok_or("zero")?, 60);
//! let notes = Notes { secret_path: "/notes/5f2a".to_owned() };
//! let webhook = Webhook::builder(notes, store, |note: String| async move {
//!     println!("{note}");
//!     Ok::<(), std::io::Error>(()) // once it is stored
//! })
//! .build();
//! # let _ = webhook;
//! # Ok(())
//! # }
//! ```
//!
//! Types of other crates stand in this interface, and change with a new major version only: those
//! of `protocol-core` and `http-transport`, `http`'s requests and responses, `http_body::Body`,
//! `http_body_util::Full`, `bytes::Bytes` and `tower_service::Service`.

// docs.rs shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod by_path;
mod dead_letters;
mod delivery;
mod error;
mod handler;
mod inbound;
mod plain_text;
mod replaceable;
mod requests;
mod service;
mod store_window;
mod timeouts;

pub use by_path::ByPath;
pub use error::{Reason, WebhookError};
pub use handler::Handler;
pub use inbound::{Checked, Inbound, Keyed, Opened, Unopened};
pub use plain_text::plain_text;
pub use replaceable::Replaceable;
pub use service::{NOT_ACCEPTED, Webhook, WebhookBuilder};
pub use timeouts::WebhookTimeouts;
