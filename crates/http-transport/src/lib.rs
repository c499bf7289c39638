//! One HTTPS client and one webhook listener, over hyper and rustls.
//!
//! In scope: sending a request and collecting its response, within a deadline and a bound on size,
//! over reused connections, directly or through a proxy; listening, in the clear or over TLS,
//! within bounds on everything that a stranger can send; stopping gracefully. Every error of
//! sending says whether the request may have reached the peer. Out of scope: HTTP/2, redirects,
//! cookies, compression, retries of requests that may have arrived. The crate knows no platform,
//! reads no environment and installs no process-wide default.
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
//! | I want to | use |
//! |---|---|
//! | send a request | [`HttpsClient`], [`ClientConfig`] |
//! | know what went wrong, and whether it was sent | [`SendError`] |
//! | send with another client | any `tower_service::Service` of the same kind: [`Transport`] |
//! | receive requests | [`Listener`], [`ListenerConfig`] |
//! | keep the connection of a genuine peer | [`Proof`] |
//! | bound the bodies of strangers | [`BodyBudget`], [`collect`] |
//!
//! TLS is 1.2 and 1.3, on aws-lc (feature `aws-lc-rs`, the default) or on ring (feature `ring`);
//! with both features it is aws-lc, with neither there is no TLS, and clients that need it fail
//! with [`ConfigError::NoProvider`].
//!
//! Types of other crates stand in this interface, and change with a new major version only:
//! `http`'s requests and responses, `bytes::Bytes` and `http_body::Body` for what they carry,
//! `hyper::body::Incoming` for what a listener receives, and `tower_service::Service`. None of
//! rustls or tokio does.

// docs.rs shows which feature an item needs.
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
mod private_url;
mod proof;
mod proxy;
mod public;
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
pub use error::{ConfigError, SendError, SendErrorKind};
pub use listener::{Listener, ListenerConfig, MIN_HEADER_BYTES};
pub use open_files::{MAX_OPEN_FILES, open_files, raise_open_files};
pub use peers::{Network, Peer};
pub use private_url::is_private;
pub use proof::Proof;
pub use proxy::Proxy;
pub use tls::ServerTls;
pub use transport::{Transport, carry};
