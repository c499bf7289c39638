//! The service that receives notifications: verify, decrypt, reserve the id, let the handler store it, commit, acknowledge.
//!
//! Nothing is acknowledged before it is committed. A handler that fails, panics or takes too long releases the id, and the
//! platform's next copy is delivered; a copy of a committed one is acknowledged without a second delivery; one that arrives
//! while the first is in hand is told to come again.

mod account;
mod received;
mod refusal;
mod setup_error;
mod unreadable;

use core::convert::Infallible;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::Full;
use http_transport::{BodyBudget, Proof};
use protocol_core::Clock;
use protocol_core::Headers as _;
use protocol_core::limits::{MAX_NOTIFICATION_BODY, MAX_REQUEST_ID};
use protocol_core::replay::Deduplicate;
use protocol_core::wechat_pay::{NotificationError, SignatureHeaders};
use tower_service::Service;

pub use self::account::Account;
use self::account::{Accounts, Unopened};
pub use self::received::Received;
pub use self::refusal::Refusal;
pub use self::setup_error::SetupError;
pub use self::unreadable::Unreadable;
use crate::clock;
use crate::webhook::{DeadLetters, Delivery, Handler, Remembered, Requests, StoreWindow, Weight};

/// A service for hyper, axum and whatever else takes a `tower` service: it answers each request itself, never fails, and is cheap
/// to clone.
///
/// ```
/// use std::num::NonZeroUsize;
/// use std::sync::Arc;
///
/// use protocol_core::crypto::{ApiV3Key, Keyring};
/// use protocol_core::replay::MemoryDeduplicate;
/// use wechat_adapter::{Account, Received, Webhook};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (keys, key) = (Arc::new(Keyring::new()), Arc::new(ApiV3Key::new(&[b'k'; 32])?));
/// let store = MemoryDeduplicate::new(NonZeroUsize::new(100_000).ok_or("zero")?, 60);
/// let webhook = Webhook::builder(store, |received: Received| async move {
///     println!("{} for {}", received.notification.event_type, received.mchid);
///     Ok::<(), std::io::Error>(()) // once it is stored
/// })
/// .account(Account::new("1900007291", keys, key))
/// .build()?;
/// let router: axum::Router = axum::Router::new().route_service("/wechat-pay/complaints", webhook);
/// # let _ = router;
/// # Ok(())
/// # }
/// ```
pub struct Webhook<H, D> {
    inner: Arc<Inner<H, D>>,
}

struct Inner<H, D> {
    accounts: Accounts,
    delivery: Arc<Delivery<H, D>>,
    clock: Clock,
    body_time: Duration,
    body_budget: BodyBudget,
    on_refusal: Option<OnRefusal>,
    dead_letters: DeadLetters<Unreadable>,
    requests: Requests,
}

type OnRefusal = Box<dyn Fn(&Refusal) + Send + Sync>;

impl<H, D> Clone for Webhook<H, D> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<H, D> fmt::Debug for Webhook<H, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("accounts", &self.inner.accounts).finish_non_exhaustive()
    }
}

impl<H: Handler<Received>, D: Deduplicate + 'static> Webhook<H, D> {
    /// A webhook in the making: what remembers ids, and what stores notifications.
    ///
    /// The store's lease has to outlast [`WebhookBuilder::handler_time`] and two of [`WebhookBuilder::store_time`]; the platform comes
    /// again after a minute, so a minute will do.
    pub fn builder(store: D, handler: H) -> WebhookBuilder<H, D> {
        WebhookBuilder {
            accounts: Accounts::default(),
            store,
            handler,
            clock: clock::machine(),
            body_time: Duration::from_secs(5),
            body_budget: BodyBudget::default(),
            handler_time: Duration::from_secs(3),
            store_time: Duration::from_millis(600),
            on_refusal: None,
            dead_letters: DeadLetters::default(),
        }
    }
}

/// A [`Webhook`] in the making.
#[must_use = "a builder does nothing until it builds"]
pub struct WebhookBuilder<H, D> {
    accounts: Accounts,
    store: D,
    handler: H,
    clock: Clock,
    body_time: Duration,
    body_budget: BodyBudget,
    handler_time: Duration,
    store_time: Duration,
    on_refusal: Option<OnRefusal>,
    dead_letters: DeadLetters<Unreadable>,
}

impl<H, D> fmt::Debug for WebhookBuilder<H, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookBuilder").field("accounts", &self.accounts).finish_non_exhaustive()
    }
}

impl<H: Handler<Received>, D: Deduplicate + 'static> WebhookBuilder<H, D> {
    /// A merchant whose notifications arrive at any path: it is found by the key that a notification names, and of several that
    /// know this key, by whose APIv3 key opens it. A merchant may be given several times, with the APIv3 key it had and the one it
    /// has, say; two merchants at every path with one APIv3 key are refused by [`WebhookBuilder::build`].
    pub fn account(mut self, account: Account) -> Self {
        self.accounts.add(None, account);
        self
    }

    /// A merchant whose notifications arrive at this path alone, such as `/notify/1900007291`: the path as the service sees it (a
    /// router that strips a prefix leaves the rest). Several may share a path, as with [`WebhookBuilder::account`].
    pub fn account_at(mut self, path: impl Into<String>, account: Account) -> Self {
        self.accounts.add(Some(path.into()), account);
        self
    }

    /// How long a handler may take, 3 seconds unless said: the platform waits 5 for all there is to do. Beyond it the handler is dropped at its next
    /// await, and the id is released.
    pub const fn handler_time(mut self, time: Duration) -> Self {
        self.handler_time = time;
        self
    }

    /// How long the store of ids may take for each of its two steps. Default: 600 milliseconds. Beyond it the platform is told to retry,
    /// the store is waited for in the background (a minute at most), and what it reserved too late is released.
    pub const fn store_time(mut self, time: Duration) -> Self {
        self.store_time = time;
        self
    }

    /// How long a request's body may take, 5 seconds unless said: the platform waits no longer for everything.
    pub const fn body_time(mut self, time: Duration) -> Self {
        self.body_time = time;
        self
    }

    /// The memory for the bodies of all requests that are not verified yet; several webhooks may share one. Default:
    /// [`BodyBudget::DEFAULT`] bytes of its own.
    pub fn body_budget(mut self, budget: BodyBudget) -> Self {
        self.body_budget = budget;
        self
    }

    /// Another clock than the machine's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Where a notification goes that is the platform's but cannot be read, or is a complaint without a number of 1 to 64 characters: a
    /// retry does not change it, and it may be a complaint. Once this says that the notification is kept (`true`), it is
    /// acknowledged. Default: nowhere; such a notification is refused (500), and the platform gives up after two hours.
    ///
    /// It gets each notification once, as a handler does: again only where it could not keep it, or where the store has forgotten it. It
    /// has [`WebhookBuilder::handler_time`]. A notification whose resource does not
    /// decrypt is not handed to it: the APIv3 key may be wrong, and be mended before the platform gives up.
    pub fn dead_letters<F, Fut>(mut self, keep: F) -> Self
    where
        F: Fn(Unreadable) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = bool> + Send + 'static,
    {
        self.dead_letters = DeadLetters::kept_by(keep);
        self
    }

    /// Called for each request that is not acknowledged: to raise an alarm where [`Refusal::wants_attention`], and to count the
    /// others. Anybody can bring about a few of those; but when `stale-timestamp`, `unknown-key` or `wrong-path` are all there
    /// is, this machine's clock, its keys or the registered path are wrong, and the platform gives up after two hours.
    pub fn on_refusal(mut self, observer: impl Fn(&Refusal) + Send + Sync + 'static) -> Self {
        self.on_refusal = Some(Box::new(observer));
        self
    }

    /// The service.
    ///
    /// # Errors
    /// [`SetupError`]: two merchants could not be told apart.
    pub fn build(self) -> Result<Webhook<H, D>, SetupError> {
        self.accounts.check()?;
        let Self {
            accounts,
            store,
            handler,
            clock,
            body_time,
            body_budget,
            handler_time,
            store_time,
            on_refusal,
            dead_letters,
        } = self;
        let window = StoreWindow::default();
        let delivery = Arc::new(Delivery { store, handler, handler_time, store_time, window, clock: clock.clone() });
        Ok(Webhook {
            inner: Arc::new(Inner {
                accounts,
                delivery,
                clock,
                body_time,
                body_budget,
                on_refusal,
                dead_letters,
                requests: Requests::of("notification"),
            }),
        })
    }
}

impl<H: Handler<Received>, D: Deduplicate + 'static> Inner<H, D> {
    /// The outcome's name, for traces.
    async fn receive<B>(&self, request: Request<B>) -> Result<&'static str, Refusal>
    where
        B: Body + Send,
        B::Data: Send,
    {
        let (parts, body) = request.into_parts();
        if parts.method != Method::POST {
            return Err(Refusal::Method);
        }
        let candidates = self.accounts.at(parts.uri.path()).ok_or(Refusal::NotFound)?;
        // All that the headers can tell comes before the body is read.
        let signature = SignatureHeaders::read(&parts.headers)?;
        let now = self.clock.now();
        signature.check_probe()?;
        signature.check_clock(now)?;
        let candidates = candidates.that_know(signature.serial(), now)?;
        let body = self.body_budget.collect(body, MAX_NOTIFICATION_BODY, self.body_time).await?;
        let opened = candidates.open(&parts.headers, &body, now);
        if opened.as_ref().err().is_none_or(|unopened| unopened.error.is_proven()) {
            Proof::mark(&parts.extensions);
        }
        drop(body);
        match opened {
            Ok(received) => {
                // The id is signed with the rest: nothing else would open under this signature.
                let key = Remembered { id: received.dedup_key(), signed: None };
                Ok(self.delivery.deliver(key, received).await?)
            }
            Err(unopened) => self.keep(unopened).await,
        }
    }

    /// What cannot be read is kept where it is the platform's and there are dead letters: once, as a notification is handled.
    async fn keep(&self, Unopened { mchid, error }: Unopened) -> Result<&'static str, Refusal> {
        let NotificationError::Malformed(unread) = &error else { return Err(error.into()) };
        let letter = || {
            let id = format!("{}/{}", mchid.as_deref().unwrap_or_default(), unread.dedup_key());
            (Remembered { id, signed: None }, Unreadable { mchid, notification: (**unread).clone() })
        };
        self.dead_letters.keep(&self.delivery, letter).await?.ok_or_else(|| error.into())
    }
}

impl<H, D, B> Service<Request<B>> for Webhook<H, D>
where
    H: Handler<Received>,
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
            let request_id = request.headers().header("Request-ID").ok().flatten();
            let request_id = request_id.filter(|id| id.len() <= MAX_REQUEST_ID).map(str::to_owned);
            let outcome = inner.receive(request).await;
            let (name, weight, response) = match &outcome {
                Ok(name) => (*name, Weight::Everyday, refusal::acknowledgement()),
                Err(refusal) => (refusal.name(), refusal.weight(), refusal.response()),
            };
            let (status, now) = (response.status().as_u16(), inner.clock.now());
            inner.requests.tell(name, weight, status, request_id.as_deref(), now);
            if let (Err(refusal), Some(observer)) = (&outcome, &inner.on_refusal) {
                observer(refusal);
            }
            Ok(response)
        })
    }
}
