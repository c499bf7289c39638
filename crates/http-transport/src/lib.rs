//! One HTTPS client and one webhook listener, over hyper and rustls.
//!
//! What it does: sends a request and collects its response, within a deadline and a bound on size, over connections that
//! are reused, directly or through a proxy; listens, in the clear or over TLS, within bounds on everything a
//! stranger can send, and stops gracefully. Every error of sending says whether the request may have reached the peer.
//! What it does not do: HTTP/2, redirects, cookies, compression, retries of what may have arrived. It knows no
//! platform, reads no environment and installs no process-wide default.
//!
//! ```no_run
//! use bytes::Bytes;
//! use http_transport::{ClientConfig, Deadline, HttpsClient, SendError};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = HttpsClient::new(ClientConfig::default().with_user_agent("complaint-service/1.0"))?;
//!
//! async fn fetch(client: &HttpsClient) -> Result<Bytes, SendError> {
//!     let mut request = http::Request::new(Bytes::new());
//!     *request.uri_mut() = http::Uri::from_static("https://api.mch.weixin.qq.com/v3/certificates");
//!     request.extensions_mut().insert(Deadline(std::time::Duration::from_secs(10)));
//!     match client.send(request).await {
//!         Err(error) if !error.may_have_been_sent() => { /* sending again does nothing twice */ Err(error) }
//!         response => Ok(response?.into_body()),
//!     }
//! }
//! # let _ = fetch(&client);
//! # Ok(())
//! # }
//! ```
//!
//! Where to look: [`HttpsClient`] and [`ClientConfig`] for sending, [`SendError`] for what can go wrong, [`Listener`]
//! and [`ListenerConfig`] for receiving, [`Proof`] for who keeps its connection, [`BodyBudget`] for the bodies of strangers, [`collect`] for
//! any bounded body. The client is a `tower_service::Service`: whoever
//! takes such a service takes one of the user's own as well.
//!
//! TLS is 1.2 and 1.3, on aws-lc (feature `aws-lc-rs`, the default) or on ring (feature `ring`); with both features it is
//! aws-lc, with neither there is no TLS and what needs it answers [`ConfigError::NoProvider`].
//!
//! Types of other crates stand in this interface, and change with a new major version only: `http`'s requests and responses,
//! `bytes::Bytes` and `http_body::Body` for what they carry, `hyper::body::Incoming` for what a listener receives, and
//! `tower_service::Service`. None of rustls or tokio does.

// On docs.rs, what a feature adds says which one.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod body;
mod budget;
mod client;
mod clock;
mod config;
mod connect;
mod connection;
mod error;
mod guarded;
mod heads;
mod listener;
mod open_files;
mod peers;
mod proof;
mod proxy;
mod slots;
mod tls;
mod transport;

/// For the fuzz targets, which are built with `--cfg fuzzing`.
#[cfg(fuzzing)]
pub use connection::serve_in_memory;

pub use body::{BodyError, collect};
pub use budget::{BodyBudget, CollectedBody};
pub use client::{HttpsClient, MAX_RESPONSE_HEAD, MAX_RESPONSE_HEADERS};
pub use config::{ClientConfig, Deadline, MaxBody, Resolve, Roots};
pub use error::{ConfigError, SendError, SendErrorKind, TlsFault};
pub use listener::{Listener, ListenerConfig, MIN_HEADER_BYTES};
pub use open_files::{MAX_OPEN_FILES, open_files, raise_open_files};
pub use peers::Network;
pub use proof::Proof;
pub use proxy::Proxy;
pub use tls::ServerTls;
pub use transport::{Transport, carry};
