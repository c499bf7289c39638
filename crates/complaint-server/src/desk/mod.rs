//! The desk: the JSON API over a store, and the page.

mod acts;
mod bounds;
mod complaints;
mod documents;
mod feed;
mod guard;
mod health;
mod hosts;
mod letters;
mod onward;
mod phone;
mod pictures;
mod query;
mod refusal;
mod start_page;
mod turns;
mod verbatim;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, post};
#[cfg(feature = "page")]
use complaint_channels::Channels;
use complaint_channels::LiveChannels;
use complaint_inbox::Store;
use http_transport::{BodyBudget, ListenerConfig};
use protocol_core::Clock;
use tokio::sync::Semaphore;

#[cfg(feature = "page")]
pub(crate) use self::acts::is_idempotency_key;
#[cfg(feature = "page")]
pub(crate) use self::bounds::{BODY_TIMEOUT, FEED_POLL, FEED_SIGN_OF_LIFE};
pub use self::bounds::{
    FEED_STREAM_SECONDS, MAX_DESK_CONNECTIONS, MAX_FEED_WAIT_SECONDS, MAX_FEED_WAITERS, MAX_IDEMPOTENCY_KEY,
    MAX_REQUEST_BODY, MAX_ROWS, TOKEN_RATE,
};
pub use self::documents::{ComplaintDocument, ComplaintRow};
pub use self::hosts::Hosts;
#[cfg(feature = "page")]
pub(crate) use self::letters::{remove_letter, shown_letter};
#[cfg(feature = "page")]
pub(crate) use self::phone::shown_phone;
#[cfg(feature = "page")]
pub(crate) use self::pictures::picture;
#[cfg(feature = "page")]
pub(crate) use self::query::{Query, Segments, accepts};
#[cfg(feature = "page")]
pub(crate) use self::refusal::Reason;
pub(crate) use self::refusal::Refusal;
use self::turns::Turns;
use crate::engine::Bell;
use crate::metrics::Metrics;
use crate::onward::Endpoints;
#[cfg(feature = "page")]
use crate::page::Page;
use crate::stopping::Stopping;
use crate::tokens::Tokens;

/// The API over a store: who may call it, under which names, and what it needs beside the store.
///
/// ```no_run
/// use complaint_inbox::SqliteStore;
/// use complaint_server::{Desk, Hosts, Tokens, desk_listener, router};
/// use http_transport::Listener;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::open("complaints.db")?;
/// let listener = Listener::bind("127.0.0.1:8080".parse()?, desk_listener()).await?;
/// let desk = Desk::new(store, Tokens::from_file("tokens.toml")?, Hosts::of(listener.local_addr()));
/// listener.serve(router(desk), std::future::pending()).await;
/// # Ok(())
/// # }
/// ```
pub struct Desk<S> {
    store: S,
    tokens: Tokens,
    hosts: Hosts,
    clock: Clock,
    stopping: Stopping,
    metrics: Metrics,
    endpoints: Endpoints,
    channels: Option<LiveChannels>,
    work: Bell,
    events: Bell,
    bodies: BodyBudget,
    waiting: Arc<Semaphore>,
    turns: Turns,
    #[cfg(feature = "page")]
    page: Page,
}

impl<S: Store> Desk<S> {
    /// The API over this store, for the bearers of these tokens, under these names.
    #[must_use]
    pub fn new(store: S, tokens: Tokens, hosts: Hosts) -> Self {
        Self {
            store,
            tokens,
            hosts,
            clock: Clock::new(|| SystemTime::now().into()),
            stopping: Stopping::default(),
            metrics: Metrics::default(),
            endpoints: Endpoints::default(),
            channels: None,
            work: Bell::default(),
            events: Bell::default(),
            bodies: BodyBudget::default(),
            waiting: Arc::new(Semaphore::new(MAX_FEED_WAITERS)),
            turns: Turns::default(),
            #[cfg(feature = "page")]
            page: Page::default(),
        }
    }

    /// The clock by which a deadline is near or over. Default: the machine's.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Ends waits and streams once the server stops. Default: it never does.
    #[must_use]
    pub fn with_stopping(self, stopping: Stopping) -> Self {
        Self { stopping, ..self }
    }

    /// The counters that `/metrics` shows, shared with other parts of the server. Default: the API's
    /// alone.
    #[must_use]
    pub fn with_metrics(self, metrics: Metrics) -> Self {
        Self { metrics, ..self }
    }

    /// Decrypts payers' telephone numbers with the keys of these accounts. Default: none is
    /// decrypted.
    #[must_use]
    pub fn with_channels(self, channels: LiveChannels) -> Self {
        Self { channels: Some(channels), ..self }
    }

    /// Rings this bell when an act was asked for ([`Engine::work`](crate::Engine::work)). Default: the
    /// engine finds the act when it looks next.
    #[must_use]
    pub fn with_work(self, work: Bell) -> Self {
        Self { work, ..self }
    }

    /// Shows new events when this bell rings ([`Engine::events`](crate::Engine::events)), beside a look
    /// twice a second. Default: the looks alone.
    #[must_use]
    pub fn with_events(self, events: Bell) -> Self {
        Self { events, ..self }
    }

    /// The endpoints that events are handed on to ([`Onward::endpoints`](crate::Onward::endpoints)). They
    /// can be replayed; any other that the store knows can be forgotten. Default: none.
    #[must_use]
    pub fn with_endpoints(self, endpoints: Endpoints) -> Self {
        Self { endpoints, ..self }
    }

    /// Shows the page to these users. Default: to none.
    #[cfg(feature = "page")]
    #[must_use]
    pub fn with_page(self, page: Page) -> Self {
        Self { page, ..self }
    }
}

/// What the page needs of the desk.
#[cfg(feature = "page")]
impl<S: Store> Desk<S> {
    pub(crate) const fn store(&self) -> &S {
        &self.store
    }

    pub(crate) const fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) const fn bodies(&self) -> &BodyBudget {
        &self.bodies
    }

    /// The accounts as they are now; `None` if this desk has none.
    pub(crate) fn channels(&self) -> Option<Arc<Channels>> {
        self.channels.as_ref().map(LiveChannels::current)
    }

    pub(crate) const fn events(&self) -> &Bell {
        &self.events
    }

    pub(crate) const fn stopping(&self) -> &Stopping {
        &self.stopping
    }

    pub(crate) const fn page(&self) -> &Page {
        &self.page
    }
}

impl<S> fmt::Debug for Desk<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("tokens", &self.tokens).field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

/// The service of a desk's address, for a [`Listener`](http_transport::Listener) with the bounds of
/// [`desk_listener`], or as a part of another axum application.
pub fn router<S: Store>(desk: Desk<S>) -> Router {
    let desk = Arc::new(desk);
    let authenticated = Router::new()
        .route("/api/complaints", get(complaints::list))
        .route("/api/complaints/{channel}/{merchant}/{id}", get(complaints::one))
        .route("/api/complaints/{channel}/{merchant}/{id}/acts", post(acts::ask))
        .route("/api/complaints/{channel}/{merchant}/{id}/phone", post(phone::show))
        .route("/api/pictures/{channel}/{merchant}/{id}/{number}", get(pictures::one))
        .route("/api/acts/{key}", get(acts::one))
        .route("/api/events", get(feed::events))
        .route("/api/letters", get(letters::list))
        .route("/api/letters/{number}", delete(letters::remove))
        .route("/api/letters/{number}/content", post(letters::show))
        .route("/api/onward/{endpoint}", delete(onward::forget))
        .route("/api/onward/{endpoint}/replay", post(onward::replay))
        .route("/metrics", get(health::metrics))
        .route_layer(from_fn_with_state(Arc::clone(&desk), guard::authenticate));
    let open = authenticated.route("/api", get(start_page::page));
    #[cfg(feature = "page")]
    let open = open.merge(crate::page::router());
    let open = open
        .fallback(async || Refusal::NoSuchPath)
        .method_not_allowed_fallback(async || Refusal::Method)
        .layer(from_fn_with_state(Arc::clone(&desk), guard::check_host));
    #[cfg(feature = "page")]
    let open = open.layer(from_fn(crate::page::draw_problems));
    // Probes call by whatever address they know; the responses tell them nothing else.
    open.route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .layer(from_fn(guard::harden))
        .layer(from_fn_with_state(Arc::clone(&desk), guard::count))
        .with_state(desk)
}

/// A listener's bounds for the desk: [`MAX_DESK_CONNECTIONS`], and time enough for a stream of
/// events.
#[must_use]
pub fn desk_listener() -> ListenerConfig {
    ListenerConfig::default()
        .with_max_connections(MAX_DESK_CONNECTIONS)
        .with_request_timeout(Some(Duration::from_secs(u64::from(FEED_STREAM_SECONDS) + 30)))
}
