//! WeChat transaction complaints behind HTTP.
//!
//! In scope: webhooks and the loops that read, sweep, fetch pictures and act ([`Engine`]); the JSON
//! API with its feed of events ([`router`]), and who may call it ([`Tokens`], [`Hosts`]); events on
//! their way to other services ([`Onward`]). Out of scope: the platforms' wire, the store, the
//! command line.
//!
//! [`Server`] is all of it over one `complaints.toml`, and the events in a function of yours:
//!
//! ```no_run
//! use complaint_inbox::{Event, StoreError};
//! use complaint_server::Server;
//!
//! async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//!     let server = Server::from_file("complaints.toml").await?.with_desk().await?;
//!     let server = server.handler("shop", |_, event: Event| async move {
//!         println!("{} of {}", event.kind.as_str(), event.complaint.id);
//!         Ok::<(), StoreError>(()) // an error is an attempt that is repeated
//!     })?;
//!     println!("webhooks at {}", server.webhooks_url());
//!     Ok(server.run(std::future::pending()).await?)
//! }
//! # let _ = serve;
//! ```

// docs.rs shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod desk;
mod engine;
mod entry_file;
mod event_document;
mod metrics;
mod moments;
mod names;
mod notices;
mod onward;
#[cfg(feature = "page")]
mod page;
mod random;
mod server;
mod stopping;
mod tokens;
mod url;

#[cfg(feature = "mini-program")]
pub use complaint_channels::mini_program_path;
pub use complaint_channels::{WECHAT_PAY_PATH, allinpay_path};
pub use desk::{
    ComplaintDocument, ComplaintRow, Desk, FEED_STREAM_SECONDS, Hosts, MAX_DESK_CONNECTIONS, MAX_FEED_WAIT_SECONDS,
    MAX_FEED_WAITERS, MAX_IDEMPOTENCY_KEY, MAX_REQUEST_BODY, MAX_ROWS, TOKEN_RATE, desk_listener, router,
};
pub use engine::{Bell, Engine, Listener, Pace, check_webhooks};
pub use event_document::EventDocument;
pub use metrics::Metrics;
pub use names::MAX_NAME;
pub use notices::Recipient;
pub use onward::{
    Endpoint, Endpoints, LADDER_SECONDS, MAX_IN_FLIGHT, MAX_SECRET_BYTES, MIN_SECRET_BYTES, Onward, SigningSecret,
};
#[cfg(feature = "page")]
pub use page::{
    IDLE_SECONDS, LINK_SECONDS, MAX_LIVE_PAGES, MAX_PASSWORD, MAX_REPLIES, MAX_USER_NAME, MAX_USERS, MIN_PASSWORD,
    Page, Replies, SESSION_SECONDS, Users,
};
pub use server::{RunningServer, Server};
pub use stopping::Stopping;
pub use tokens::{Bearer, MAX_TOKENS, May, Tokens};

// The README's Rust code compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
