//! The service that receives messages: check, open, reserve the key, let the handler store the
//! message, commit, acknowledge.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::Body;
use http_body_util::Full;
use http_transport::{BodyBudget, Proof};
use protocol_core::Clock;
use protocol_core::replay::Deduplicate;
use tower_service::Service;

use crate::dead_letters::DeadLetters;
use crate::delivery::Delivery;
use crate::error::WebhookError;
use crate::handler::Handler;
use crate::inbound::{Checked, Inbound, Unopened};
use crate::requests::{Requests, Weight};
use crate::store_window::StoreWindow;
use crate::timeouts::WebhookTimeouts;

/// A `tower` service for hyper, axum and others. It responds to each request itself, never fails,
/// and is cheap to clone. `C` is the channel, `H` the handler, `D` the store of keys.
///
/// No message is acknowledged before it is committed. A handler that fails, panics or exceeds its
/// timeout releases the key, and the platform's next copy is delivered. A copy of a committed
/// message is acknowledged without a second delivery. One that arrives while the first is in hand
/// gets 503, so that the platform retries.
pub struct Webhook<C: Inbound, H, D> {
    inner: Arc<Inner<C, H, D>>,
}

struct Inner<C: Inbound, H, D> {
    inbound: C,
    delivery: Arc<Delivery<H, D>>,
    clock: Clock,
    body_budget: BodyBudget,
    on_refusal: Option<OnRefusal<C>>,
    dead_letters: DeadLetters<C::Unreadable>,
    requests: Requests,
}

type OnRefusal<C> = Box<dyn Fn(&WebhookError<<C as Inbound>::Error>) + Send + Sync>;

impl<C: Inbound, H, D> Clone for Webhook<C, H, D> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<C: Inbound, H, D> fmt::Debug for Webhook<C, H, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("inbound", &self.inner.inbound).finish_non_exhaustive()
    }
}

impl<C: Inbound, H: Handler<C::Message>, D: Deduplicate + 'static> Webhook<C, H, D> {
    /// Builder for a webhook: the channel with its receivers, the store of keys, and the handler
    /// that stores messages.
    ///
    /// The store's lease must outlast the handler timeout and two store timeouts
    /// ([`WebhookTimeouts`]), and must end before the platform's last retry.
    pub fn builder(inbound: C, store: D, handler: H) -> WebhookBuilder<C, H, D> {
        WebhookBuilder {
            inbound,
            store,
            handler,
            clock: Clock::new(|| SystemTime::now().into()),
            timeouts: WebhookTimeouts::default(),
            body_budget: BodyBudget::default(),
            on_refusal: None,
            dead_letters: DeadLetters::default(),
        }
    }
}

/// Builder for a [`Webhook`].
#[must_use = "a builder does nothing until it builds"]
pub struct WebhookBuilder<C: Inbound, H, D> {
    inbound: C,
    store: D,
    handler: H,
    clock: Clock,
    timeouts: WebhookTimeouts,
    body_budget: BodyBudget,
    on_refusal: Option<OnRefusal<C>>,
    dead_letters: DeadLetters<C::Unreadable>,
}

impl<C: Inbound, H, D> fmt::Debug for WebhookBuilder<C, H, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("WebhookBuilder");
        debug.field("inbound", &self.inbound).field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}

impl<C: Inbound, H: Handler<C::Message>, D: Deduplicate + 'static> WebhookBuilder<C, H, D> {
    /// The timeouts of body, store and handler. Default: [`WebhookTimeouts::default`].
    pub const fn timeouts(mut self, timeouts: WebhookTimeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// The memory for the bodies of all requests that are not verified yet. Several webhooks may
    /// share one. Default: [`BodyBudget::DEFAULT`] bytes for this webhook alone.
    pub fn body_budget(mut self, budget: BodyBudget) -> Self {
        self.body_budget = budget;
        self
    }

    /// The clock. Default: the machine's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Keeps messages that are the platform's but cannot be read: a retry does not change such a
    /// message, and it may be a complaint. Such a letter is acknowledged once `keep` returns `true`
    /// and its key is committed. Default: it is refused (500), and lost after the platform's last
    /// retry.
    ///
    /// `keep` has the handler timeout. It gets each letter once, and again only if it failed or
    /// exceeded its timeout, or if the store of keys failed or forgot the letter.
    pub fn dead_letters<F, Fut>(mut self, keep: F) -> Self
    where
        F: Fn(C::Unreadable) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = bool> + Send + 'static,
    {
        self.dead_letters = DeadLetters::kept_by(keep);
        self
    }

    /// Called for each request that is not acknowledged: to raise an alarm if
    /// [`WebhookError::wants_attention`], and to count the others. Any client can cause a few of
    /// those. But if all refusals are `stale-timestamp`, `unknown-key` or `wrong-path`, this
    /// machine's clock, its keys or the registered path are wrong, and the platform gives up.
    pub fn on_refusal(mut self, observer: impl Fn(&WebhookError<C::Error>) + Send + Sync + 'static) -> Self {
        self.on_refusal = Some(Box::new(observer));
        self
    }

    /// The service.
    #[must_use]
    pub fn build(self) -> Webhook<C, H, D> {
        let Self { inbound, store, handler, clock, timeouts, body_budget, on_refusal, dead_letters } = self;
        let window = StoreWindow::default();
        let delivery = Arc::new(Delivery { store, handler, timeouts, window, clock: clock.clone() });
        let requests = Requests::of(C::NAME);
        Webhook { inner: Arc::new(Inner { inbound, delivery, clock, body_budget, on_refusal, dead_letters, requests }) }
    }
}

/// A request that is not refused.
struct Accepted {
    /// The outcome's name in traces.
    outcome: &'static str,
    response: Response<Full<Bytes>>,
}

impl<C: Inbound, H: Handler<C::Message>, D: Deduplicate + 'static> Inner<C, H, D> {
    async fn receive<B>(&self, request: Request<B>) -> Result<Accepted, WebhookError<C::Error>>
    where
        B: Body + Send,
        B::Data: Send,
    {
        let (head, body) = request.into_parts();
        if !C::METHODS.contains(&head.method) {
            return Err(WebhookError::Method);
        }
        let now = self.clock.now();
        let receiver = match self.inbound.check(&head, now)? {
            Checked::ReadBody(receiver) => receiver,
            Checked::Respond { outcome, response } => return Ok(Accepted { outcome, response }),
        };
        let body = self.body_budget.collect(body, C::MAX_BODY, self.delivery.timeouts.body).await?;
        let opened = self.inbound.open(receiver, &head, &body, now);
        if opened.as_ref().err().is_none_or(|unopened| unopened.is_proven) {
            Proof::mark(&head.extensions);
        }
        // The budget has room for others while the handler is at work.
        drop(body);
        let (outcome, response) = match opened {
            Ok(message) => {
                let response = C::acknowledgement(&message.value);
                (self.delivery.deliver(message).await?, response)
            }
            Err(Unopened { refusal, letter: None, .. }) => return Err(refusal),
            Err(Unopened { refusal, letter: Some(letter), .. }) => {
                (self.dead_letters.keep(&self.delivery, letter).await?.ok_or(refusal)?, C::success())
            }
        };
        Ok(Accepted { outcome, response })
    }
}

impl<C, H, D, B> Service<Request<B>> for Webhook<C, H, D>
where
    C: Inbound,
    H: Handler<C::Message>,
    D: Deduplicate + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let inner = Arc::clone(&self.inner);
        Box::pin(async move {
            let request_id = C::request_id(request.headers()).map(str::to_owned);
            let received = inner.receive(request).await;
            let (request_id, now) = (request_id.as_deref(), inner.clock.now());
            let response = match received {
                Ok(Accepted { outcome, response }) => {
                    inner.requests.tell(outcome, Weight::Everyday, response.status(), request_id, None, now);
                    response
                }
                Err(refusal) => {
                    let (name, weight, status) = (refusal.name(), refusal.weight(), refusal.status());
                    inner.requests.tell(name, weight, status, request_id, Some(&refusal), now);
                    if let Some(observer) = &inner.on_refusal {
                        observer(&refusal);
                    }
                    refused::<C>(status)
                }
            };
            Ok(response)
        })
    }
}

/// The words of the response to a request that is not proven to be the platform's (401). A probe
/// with a false signature gets them.
pub const NOT_ACCEPTED: &str = "the signature is not accepted";

/// The response to a refused request.
fn refused<C: Inbound>(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = match status {
        StatusCode::UNAUTHORIZED => C::refusal(NOT_ACCEPTED),
        status if status.is_server_error() => C::refusal("not stored yet, send it again"),
        _ => C::refusal(&format!("this is no {}", C::NAME)),
    };
    *response.status_mut() = status;
    if status == StatusCode::METHOD_NOT_ALLOWED {
        let methods: Vec<_> = C::METHODS.iter().map(Method::as_str).collect();
        // The names of methods are always a header's value.
        if let Ok(methods) = HeaderValue::from_str(&methods.join(", ")) {
            response.headers_mut().insert(header::ALLOW, methods);
        }
    }
    response
}
