//! The loop of each endpoint: claim, send, end the claim.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use complaint_channels::{SettingError, SettingErrorKind};
use complaint_inbox::{AbortPoint, Event, Handover, StartAt, Store};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use http_transport::{HttpsClient, Transport};
use protocol_core::Clock;
use tokio::time::sleep;

use super::attempt::{exchange, reply, request};
use super::endpoint::Endpoint;
use super::endpoints::{Endpoints, Named, To};
use super::handler::Handler;
use super::ladder::{Reply, Then, verdict};
use crate::engine::{Bell, pause};
use crate::metrics::{Family, Metrics};
use crate::names::{NAME_RULE, is_name};
use crate::notices::{Means, Recipient};
use crate::stopping::Stopping;

/// Hands events on to endpoints, in the format of Standard Webhooks 1.0.0.
///
/// An endpoint receives every event at least once, under one id, and the events of one complaint in
/// their order. Only a response of 2xx delivers; redirects are not followed. A failed attempt is
/// repeated up the ladder ([`LADDER_SECONDS`](crate::LADDER_SECONDS)), later if `Retry-After` says
/// so; after the last one the event is dead until it is replayed. A response of 410 disables the
/// endpoint until the next start, or until its section is another one; its events stay. An endpoint that
/// is down holds up no other.
/// An endpoint may also be a function of this process ([`handler`](Self::handler)).
///
/// ```no_run
/// use complaint_inbox::SqliteStore;
/// use complaint_server::{Endpoint, Onward, SigningSecret, Stopping};
/// use http_transport::{ClientConfig, HttpsClient};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let stopping = Stopping::default();
/// let secret = SigningSecret::read(&std::fs::read("onward.secret")?)?;
/// // `http` is for endpoints on loopback alone.
/// let client = HttpsClient::new(ClientConfig::default().with_allow_http(true))?;
/// let onward = Onward::new(SqliteStore::open("complaints.db")?, client)
///     .endpoint(Endpoint::new("shop", "http://127.0.0.1:9000/complaints", secret)?)?
///     .with_stopping(stopping.clone());
/// let running = tokio::spawn(onward.run());
/// // … and at the end:
/// stopping.stop();
/// running.await?;
/// # Ok(())
/// # }
/// ```
pub struct Onward<S, T = HttpsClient> {
    store: S,
    transport: T,
    endpoints: Endpoints,
    clock: Clock,
    events: Bell,
    work: Bell,
    stopping: Stopping,
    metrics: Metrics,
}

impl<S: Store, T: Transport> Onward<S, T> {
    /// Hands on the events of this store through this client, to no endpoint yet.
    #[must_use]
    pub fn new(store: S, transport: T) -> Self {
        Self {
            store,
            transport,
            endpoints: Endpoints::default(),
            clock: Clock::new(|| SystemTime::now().into()),
            events: Bell::default(),
            work: Bell::default(),
            stopping: Stopping::default(),
            metrics: Metrics::default(),
        }
    }

    /// Adds an endpoint.
    ///
    /// # Errors
    /// [`SettingError`]: two endpoints have one name, and would each receive a part of the events.
    pub fn endpoint(self, endpoint: Endpoint) -> Result<Self, SettingError> {
        self.named(endpoint.into())
    }

    /// Adds a function of this process, known to the store by its name. It takes the store, and all events
    /// of the inbox, from the oldest one on, those of one complaint in their order.
    ///
    /// An event may come twice, so an act that it leads to has an idempotency key that is the same
    /// each time. An error, a panic and 15 seconds without an end are a failed attempt, which is
    /// repeated up the ladder and holds up the events of this complaint alone. The error is not
    /// logged, since it may quote a payer.
    ///
    /// # Errors
    /// [`SettingError`]: a name that cannot be used, or that another endpoint has.
    pub fn handler<F, D, E>(self, name: impl Into<String>, handle: F) -> Result<Self, SettingError>
    where
        F: Fn(S, Event) -> D + Send + Sync + 'static,
        D: Future<Output = Result<(), E>> + Send + 'static,
    {
        let name = name.into();
        if !is_name(&name) {
            let rule = format_args!("a handler's name is {NAME_RULE}");
            return Err(SettingError::new(SettingErrorKind::Value, rule));
        }
        let to = To::Handler(Handler::new(self.store.clone(), handle));
        self.named(Named { name, start: StartAt::Oldest, to })
    }

    /// Adds a recipient of notices. It is told of what happens from now on, if the store does not know
    /// it yet.
    ///
    /// A message tells of several events if there are several. It is repeated after a failure that the
    /// platform calls one of its own; a refusal is the end. A command and a URL receive each event
    /// alone, and repeat it up the ladder.
    ///
    /// # Errors
    /// [`SettingError`]: another endpoint has the name.
    pub fn notice(self, recipient: Recipient) -> Result<Self, SettingError> {
        self.named(recipient.into())
    }

    fn named(self, endpoint: Named) -> Result<Self, SettingError> {
        self.endpoints.add(endpoint)?;
        Ok(self)
    }

    /// The endpoints, for the desk ([`Desk::with_endpoints`](crate::Desk::with_endpoints)).
    #[must_use]
    pub fn endpoints(&self) -> Endpoints {
        self.endpoints.clone()
    }

    /// The clock of the attempts' timestamps. Default: the machine's.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Looks for new events when this bell rings ([`Engine::events`](crate::Engine::events)), beside a
    /// look each second. Default: the looks alone.
    #[must_use]
    pub fn with_events(self, events: Bell) -> Self {
        Self { events, ..self }
    }

    /// Rings this bell after a handler ([`Engine::work`](crate::Engine::work)): it may have asked for
    /// an act. Default: the engine finds the act when it looks next.
    #[must_use]
    pub fn with_work(self, work: Bell) -> Self {
        Self { work, ..self }
    }

    /// Ends [`run`](Self::run) once the server stops. Default: it never does.
    #[must_use]
    pub fn with_stopping(self, stopping: Stopping) -> Self {
        Self { stopping, ..self }
    }

    /// The counters of attempts. Default: not shown.
    #[must_use]
    pub fn with_metrics(self, metrics: Metrics) -> Self {
        Self { metrics, ..self }
    }

    /// Hands events on until the server stops, and finishes the attempts in hand. If it is dropped,
    /// these are repeated once their leases lapse.
    pub async fn run(mut self) {
        let endpoints = std::mem::take(&mut self.endpoints);
        let mut wanted = endpoints.follow();
        // Without another handle nothing changes them.
        drop(endpoints);
        let mut is_closed = false;
        let mut serving = FuturesUnordered::new();
        let mut begun: Vec<Begun> = Vec::new();
        loop {
            let is_stopping = self.stopping.is_wished();
            let endpoints = if is_stopping { Vec::new() } else { wanted.borrow_and_update().clone() };
            let is_wanted = |begun: &Begun| endpoints.iter().any(|endpoint| Arc::ptr_eq(endpoint, &begun.endpoint));
            begun.retain(|begun| begun.is_serving || is_wanted(begun));
            begun.iter().filter(|begun| !is_wanted(begun)).for_each(|begun| begun.stopping.stop());
            for endpoint in endpoints {
                // One that has changed begins once its attempts in hand are finished.
                let is_in_the_way = |begun: &Begun| {
                    Arc::ptr_eq(&begun.endpoint, &endpoint)
                        || (begun.is_serving && begun.endpoint.shares_a_queue(&endpoint))
                };
                if !begun.iter().any(is_in_the_way) {
                    let stopping = Stopping::default();
                    serving.push(self.serve(Arc::clone(&endpoint), stopping.clone()));
                    begun.push(Begun { endpoint, stopping, is_serving: true });
                }
            }
            if serving.is_empty() && (is_stopping || is_closed) {
                return;
            }
            tokio::select! {
                Some(ended) = serving.next() => {
                    let ended = begun.iter_mut().find(|begun| Arc::ptr_eq(&begun.endpoint, &ended));
                    ended.into_iter().for_each(|begun| begun.is_serving = false);
                }
                changed = wanted.changed(), if !is_closed => is_closed = changed.is_err(),
                () = self.stopping.wished(), if !is_stopping => {}
            }
        }
    }

    /// Hands events on to one endpoint until it is to stop, or is disabled.
    async fn serve(&self, endpoint: Arc<Named>, stopping: Stopping) -> Arc<Named> {
        let mut news = self.events.listener();
        for queue in endpoint.queues() {
            while self.store.open_endpoint(&queue, endpoint.start).await.is_err() {
                if !pause(&stopping, &mut news, LOOK_EVERY).await {
                    return endpoint;
                }
            }
        }
        while !stopping.is_wished() {
            match self.round(&endpoint).await {
                None => {
                    pause(&stopping, &mut news, LOOK_EVERY).await;
                }
                Some(Then::GoOn) => {}
                Some(Then::Rest(seconds)) => {
                    // New events end no rest.
                    tokio::select! {
                        () = stopping.wished() => {}
                        () = sleep(Duration::from_secs(seconds.into())) => {}
                    }
                }
                Some(Then::Disable) => {
                    #[cfg(feature = "tracing")]
                    tracing::error!(
                        endpoint = endpoint.name,
                        "the endpoint responded with 410 and receives nothing until the next start, or until its \
                         section is another one"
                    );
                    break;
                }
            }
        }
        endpoint
    }

    /// Sends what is due, one event a complaint. `None`: there is nothing, or the store failed.
    async fn round(&self, endpoint: &Named) -> Option<Then> {
        if let To::People(people) = &endpoint.to {
            let Self { store, transport, clock, metrics, .. } = self;
            return people.round(&Means { store, transport, clock, metrics }).await;
        }
        let claims = self.store.claim_handovers(&endpoint.name, MAX_IN_FLIGHT, LEASE_SECONDS).await.ok()?;
        join_all(claims.iter().map(|claim| self.attempt(endpoint, claim))).await.into_iter().max()
    }

    async fn attempt(&self, endpoint: &Named, claim: &Handover) -> Then {
        let reply = match &endpoint.to {
            To::Service(service) => self.send(service, &claim.event).await,
            To::Handler(handler) => {
                let handled = handler.handle(claim.event.clone()).await;
                self.work.ring();
                Reply::Local(handled)
            }
            // Theirs is a round of their own.
            To::People(_) => return Then::GoOn,
        };
        AbortPoint::EventSent.reach();
        let verdict = verdict(reply, claim.failed, fastrand::u8(..));
        self.metrics.count(Family::Attempts, &[("endpoint", &endpoint.name), ("outcome", verdict.word)]);
        #[cfg(feature = "tracing")]
        if verdict.word != "delivered" {
            let (endpoint, event, outcome) = (&endpoint.name, claim.event.number, verdict.word);
            tracing::warn!(endpoint, event, outcome, reason = %reply, "an event was not handed on");
        }
        // If the store fails here, the lease lapses and the event is sent once more.
        let _ = self.store.finish_handover(claim, verdict.outcome).await;
        verdict.then
    }

    async fn send(&self, endpoint: &Endpoint, event: &Event) -> Reply {
        let response = exchange(&self.transport, request(endpoint, event, self.clock.now())).await;
        response.map_or(Reply::NoResponse, |response| reply(&response, self.clock.now()))
    }
}

impl<S, T> fmt::Debug for Onward<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Onward").field("endpoints", &self.endpoints).finish_non_exhaustive()
    }
}

/// An endpoint that was served since it is there.
struct Begun {
    endpoint: Arc<Named>,
    stopping: Stopping,
    is_serving: bool,
}

/// Most events on their way to one endpoint.
pub const MAX_IN_FLIGHT: u32 = 8;

/// The lease of a claim, in seconds: an attempt, and the store's time to keep its outcome.
pub(crate) const LEASE_SECONDS: u32 = 60;

/// How often the store is asked for events without news.
const LOOK_EVERY: Duration = Duration::from_secs(1);

#[cfg(test)]
#[path = "sender_tests.rs"]
mod tests;
