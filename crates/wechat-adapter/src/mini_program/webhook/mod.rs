//! The service that receives the message push: verify, decrypt, reserve its key, let the handler store it, commit, say `success`.
//!
//! Nothing is acknowledged before it is committed. The platform is said to wait 5 seconds and to send a push three times in all (of
//! this push neither is confirmed): what it could not deliver then is lost to the push, and only the complaint's detail has it.

mod apps;
mod pushed;
mod refusal;

use core::convert::Infallible;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header};
use http_body::Body;
use http_body_util::Full;
use http_transport::{BodyBudget, Proof};
use protocol_core::limits::MAX_PUSH_BODY;
use protocol_core::mini_program::{Document, PushError, Received, Receiver, SUCCESS};
use protocol_core::replay::Deduplicate;
use protocol_core::{Clock, DecodeError};
use tower_service::Service;

use self::apps::Apps;
pub use self::pushed::Pushed;
pub use self::refusal::PushRefusal;
use crate::clock;
use crate::webhook::{DeadLetters, Delivery, Handler, Remembered, Requests, StoreWindow, Weight};

/// A service for hyper, axum and whatever else takes a `tower` service: it answers each request itself, never fails, and is cheap
/// to clone. `GET` is the platform's trial of the URL, `POST` a push.
///
/// The handler gets every push, complaints and all others: the URL that a Mini Program configures is for all of its events.
///
/// ```
/// use std::num::NonZeroUsize;
///
/// use protocol_core::Secret;
/// use protocol_core::mini_program::{EncodingAesKey, Mode, Receiver};
/// use protocol_core::replay::MemoryDeduplicate;
/// use wechat_adapter::mini_program::{PushWebhook, Pushed};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = EncodingAesKey::read("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")?;
/// let receiver = Receiver::new("wx0123456789abcdef", Secret::new(b"AAAAA".to_vec()), Mode::Secure, Some(key))?;
/// let store = MemoryDeduplicate::new(NonZeroUsize::new(100_000).ok_or("zero")?, 6);
/// let webhook = PushWebhook::builder(store, |pushed: Pushed| async move {
///     if let Some(complaint) = pushed.received.push().complaint() {
///         println!("{:?} of {}", complaint.status, pushed.appid);
///     }
///     Ok::<(), std::io::Error>(()) // once it is stored
/// })
/// .receiver_at("/push/wx0123456789abcdef", receiver)
/// .build();
/// # let _ = webhook;
/// # Ok(())
/// # }
/// ```
pub struct PushWebhook<H, D> {
    inner: Arc<Inner<H, D>>,
}

struct Inner<H, D> {
    apps: Apps,
    delivery: Arc<Delivery<H, D>>,
    clock: Clock,
    body_time: Duration,
    body_budget: BodyBudget,
    on_refusal: Option<OnRefusal>,
    dead_letters: DeadLetters<Unreadable>,
    requests: Requests,
}

type OnRefusal = Box<dyn Fn(&PushRefusal) + Send + Sync>;

/// A push that is the platform's, as far as the mode proves it, but cannot be read or has no number. It may be a complaint.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Unreadable {
    /// The Mini Program it is for.
    pub appid: Arc<str>,
    /// The message in clear, and what vouches for it: in plain mode, nothing does.
    pub document: Received<Document>,
    /// What is wrong with it.
    pub error: DecodeError,
    /// The complaint's number, where it stands before what is wrong. A hint: read the complaint by it.
    pub complaint_order_id: Option<String>,
}

impl<H, D> Clone for PushWebhook<H, D> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<H, D> fmt::Debug for PushWebhook<H, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushWebhook").field("apps", &self.inner.apps).finish_non_exhaustive()
    }
}

impl<H: Handler<Pushed>, D: Deduplicate + 'static> PushWebhook<H, D> {
    /// A webhook in the making: what remembers keys, and what stores pushes.
    ///
    /// The store's lease has to outlast [`PushWebhookBuilder::handler_time`] and two of [`PushWebhookBuilder::store_time`], and to be
    /// over before the platform's last try, or the push of a process that dies over it is lost. A push is said to come three times;
    /// how soon is not confirmed, so 6 seconds is a guess on the safe side.
    pub fn builder(store: D, handler: H) -> PushWebhookBuilder<H, D> {
        PushWebhookBuilder {
            apps: Apps::default(),
            store,
            handler,
            clock: clock::machine(),
            body_time: Duration::from_secs(5),
            body_budget: BodyBudget::default(),
            handler_time: Duration::from_secs(3),
            store_time: Duration::from_millis(600),
            dead_letters: DeadLetters::default(),
            on_refusal: None,
        }
    }
}

/// A [`PushWebhook`] in the making.
#[must_use = "a builder does nothing until it builds"]
pub struct PushWebhookBuilder<H, D> {
    apps: Apps,
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

impl<H, D> fmt::Debug for PushWebhookBuilder<H, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushWebhookBuilder").field("apps", &self.apps).finish_non_exhaustive()
    }
}

impl<H: Handler<Pushed>, D: Deduplicate + 'static> PushWebhookBuilder<H, D> {
    /// The one Mini Program whose push arrives at every path that no other has. The last one given counts.
    pub fn receiver(mut self, receiver: Receiver) -> Self {
        self.apps.add(None, receiver);
        self
    }

    /// A Mini Program whose push arrives at this path alone, such as `/push/wx0123456789abcdef`. The last one given counts.
    pub fn receiver_at(mut self, path: impl Into<String>, receiver: Receiver) -> Self {
        self.apps.add(Some(path.into()), receiver);
        self
    }

    /// How long a handler may take, 3 seconds unless said: the platform waits 5 for all there is to do. Beyond it the handler is dropped at its next
    /// await, and the key is released.
    pub const fn handler_time(mut self, time: Duration) -> Self {
        self.handler_time = time;
        self
    }

    /// How long the store of keys may take for each of its two steps. Default: 600 milliseconds. Beyond it the platform is told to retry,
    /// the store is waited for in the background (a minute at most), and what it reserved too late is released.
    pub const fn store_time(mut self, time: Duration) -> Self {
        self.store_time = time;
        self
    }

    /// How long a request's body may take, 5 seconds unless said.
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

    /// Where a push goes that is the platform's but cannot be read, or is a complaint without a number of 1 to 64 characters: a retry
    /// does not change it, and it may be a complaint.
    /// Once this says that the message is kept (`true`), the push is acknowledged. Without it such a push is refused, and lost after
    /// the last time.
    ///
    /// It gets each message once, as a handler does: again only where it could not keep it, or where the store has forgotten it. It has the time
    /// of a handler. In plain mode the message is [`Received::Unverified`]: whoever knows a signed query that was not used yet can have
    /// one kept.
    pub fn dead_letters<F, Fut>(mut self, keep: F) -> Self
    where
        F: Fn(Unreadable) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = bool> + Send + 'static,
    {
        self.dead_letters = DeadLetters::kept_by(keep);
        self
    }

    /// Called for each request that is not acknowledged: to count, and to raise an alarm where [`PushRefusal::wants_attention`].
    pub fn on_refusal(mut self, observer: impl Fn(&PushRefusal) + Send + Sync + 'static) -> Self {
        self.on_refusal = Some(Box::new(observer));
        self
    }

    /// The service.
    #[must_use]
    pub fn build(self) -> PushWebhook<H, D> {
        let Self {
            apps,
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
        PushWebhook {
            inner: Arc::new(Inner {
                apps,
                delivery,
                clock,
                body_time,
                body_budget,
                on_refusal,
                dead_letters,
                requests: Requests::of("push"),
            }),
        }
    }
}

/// What is answered with 200.
struct Accepted {
    /// In a word, for traces.
    name: &'static str,
    body: Bytes,
}

impl<H: Handler<Pushed>, D: Deduplicate + 'static> Inner<H, D> {
    async fn receive<B>(&self, request: Request<B>) -> Result<Accepted, PushRefusal>
    where
        B: Body + Send,
        B::Data: Send,
    {
        let (parts, body) = request.into_parts();
        if parts.method != Method::GET && parts.method != Method::POST {
            return Err(PushRefusal::Method);
        }
        let receiver = self.apps.at(parts.uri.path()).ok_or(PushRefusal::NotFound)?;
        let query = parts.uri.query().unwrap_or_default();
        let now = self.clock.now();
        if parts.method == Method::GET {
            let echo = receiver.verify_url(query, now).map_err(PushRefusal::of)?;
            return Ok(Accepted { name: "url-verified", body: echo.into() });
        }
        // All that the query can tell comes before the body is read.
        receiver.check_query(query, now).map_err(PushRefusal::of)?;
        let body = self.body_budget.collect(body, MAX_PUSH_BODY, self.body_time).await?;
        let opened = receiver.open_signed(query, &body, now);
        if opened.as_ref().err().is_none_or(PushError::is_proven) {
            Proof::mark(&parts.extensions);
        }
        drop(body);
        let (received, signed) = match opened {
            Ok(opened) => opened,
            Err(error) => return self.keep(receiver.appid(), error).await,
        };
        let pushed = Pushed::new(receiver.appid(), received).with_signed(signed);
        let key = Remembered { id: pushed.dedup_key(), signed: pushed.signed };
        let name = self.delivery.deliver(key, pushed).await?;
        Ok(Accepted { name, body: Bytes::from_static(SUCCESS.as_bytes()) })
    }

    /// What cannot be read is kept where it is the platform's and there are dead letters: once, and under its signature, as a push is
    /// handled.
    async fn keep(&self, appid: &str, error: PushError) -> Result<Accepted, PushRefusal> {
        let PushError::Unreadable { error: reason, complaint_order_id, document, signed } = &error else {
            return Err(PushRefusal::of(error));
        };
        let letter = || {
            let key = Remembered { id: format!("{appid}/{}", document.dedup_key()), signed: Some(*signed) };
            let unreadable = Unreadable {
                appid: appid.into(),
                document: (**document).clone(),
                error: reason.clone(),
                complaint_order_id: complaint_order_id.clone(),
            };
            (key, unreadable)
        };
        match self.dead_letters.keep(&self.delivery, letter).await? {
            Some(name) => Ok(Accepted { name, body: Bytes::from_static(SUCCESS.as_bytes()) }),
            None => Err(PushRefusal::of(error)),
        }
    }
}

impl<H, D, B> Service<Request<B>> for PushWebhook<H, D>
where
    H: Handler<Pushed>,
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
            let (name, weight, response) = match inner.receive(request).await {
                Ok(Accepted { name, body }) => (name, Weight::Everyday, text(body)),
                Err(refusal) => {
                    if let Some(observer) = &inner.on_refusal {
                        observer(&refusal);
                    }
                    (refusal.name(), refusal.weight(), refusal.response())
                }
            };
            inner.requests.tell(name, weight, response.status().as_u16(), None, inner.clock.now());
            Ok(response)
        })
    }
}

/// A body that no browser takes for a page: the platform's trial of the URL is answered with the caller's own words.
fn text(body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
