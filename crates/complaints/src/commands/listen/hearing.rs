//! The webhooks of every channel: each message is printed, and handed on.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use allinpay_adapter::Notices;
use bytes::Bytes;
use complaint_channels::{Channels, allinpay_path, mini_program_path};
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use http_transport::{BodyBudget, SendError};
use protocol_core::UnixTime;
use protocol_core::replay::{Deduplicate, Key, Lease, Reservation};
use tower_service::Service;
use wechat_adapter::mini_program::Pushes;
use wechat_adapter::webhook_service::Inbound;
use wechat_adapter::{Handler, Notifications, Webhook, WebhookTimeouts};

use super::forward::{self, Forward};
use super::lines::{Heard, Line};
use super::original::{Arrived, Original, WithOriginal};
use crate::error::Error;
use crate::language::language;
use crate::view::output::{self, visible};

/// The webhooks, told apart by path.
#[derive(Clone)]
pub(super) struct Hearing {
    notifications: Hook<Notifications>,
    pushes: Hook<Pushes>,
    notices: Hook<Notices>,
}

type Hook<C> = Webhook<WithOriginal<C>, Teller, EachCopy>;

impl Hearing {
    pub(super) fn of(channels: &Channels, forward: Option<Forward>) -> Result<Self, Error> {
        let teller = Teller(forward.map(Arc::new));
        let budget = BodyBudget::default();
        Ok(Self {
            notifications: hook(channels.notifications()?, &teller, &budget),
            pushes: hook(channels.pushes(mini_program_path), &teller, &budget),
            notices: hook(channels.notices(allinpay_path), &teller, &budget),
        })
    }
}

fn hook<C: Inbound>(inbound: C, teller: &Teller, budget: &BodyBudget) -> Hook<C>
where
    C::Message: Heard + Sync,
    C::Unreadable: Heard + Sync,
{
    /// The time for printing, beside that for the response.
    const MARGIN: Duration = Duration::from_millis(500);

    let letters = teller.clone();
    Webhook::builder(WithOriginal(inbound), EachCopy, teller.clone())
        .timeouts(WebhookTimeouts::default().with_handler(forward::TIMEOUT + MARGIN))
        .body_budget(budget.clone())
        .dead_letters(move |letter: Arrived<C::Unreadable>| {
            let letters = letters.clone();
            async move { letters.tell(&letter).await.is_ok() }
        })
        .on_refusal(|refusal| {
            let message = language().word("message", C::NAME).into_owned();
            let values = [("message", message.into()), ("why", visible(&refusal.to_string()).into())];
            output::print_note(&format!("{}\n", language().text_with("listen-refused", values)));
        })
        .build()
}

impl<B> Service<Request<B>> for Hearing
where
    B: Body + Send + 'static,
    B::Data: Send,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    /// WeChat Pay's URL may have any path: the registered one has to stay the service's.
    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let slot = Slot::default();
        request.extensions_mut().insert(slot.clone());
        let is_below = |path: String| request.uri().path().starts_with(&path);
        let receiving = if is_below(mini_program_path("")) {
            self.pushes.call(request)
        } else if is_below(allinpay_path("")) {
            self.notices.call(request)
        } else {
            self.notifications.call(request)
        };
        Box::pin(async move {
            let own = receiving.await?;
            Ok(slot.take().map_or(own, |response| response.map(Full::new)))
        })
    }
}

/// Where the response of the service that a request was handed on to waits for its webhook's.
#[derive(Clone, Default)]
struct Slot(Arc<Mutex<Option<Response<Bytes>>>>);

impl Slot {
    fn take(&self) -> Option<Response<Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, response: Response<Bytes>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(response);
    }
}

/// Prints messages, and hands them on.
#[derive(Clone)]
struct Teller(Option<Arc<Forward>>);

impl Teller {
    /// Hands a message on, and prints it with what became of it.
    async fn tell<M: Heard>(&self, arrived: &Arrived<M>) -> Result<(), NotHandedOn> {
        let forwarded = match &self.0 {
            None => Ok(None),
            Some(forward) => hand_on(forward, &arrived.original).await.map(Some),
        };
        // A result that cannot be printed is no reason to refuse the message.
        let line = Line::new(&arrived.value, forwarded.as_ref().ok().copied().flatten());
        if let Err(error) = line.and_then(|line| line.print()) {
            output::print_error(&error);
        }
        forwarded.map(drop)
    }
}

impl<M: Heard + Sync + 'static> Handler<Arrived<M>> for Teller {
    type Error = NotHandedOn;

    async fn handle(&self, arrived: Arrived<M>) -> Result<(), NotHandedOn> {
        self.tell(&arrived).await
    }
}

/// Hands a request on; the status of its response, which the platform gets.
async fn hand_on(forward: &Forward, original: &Original) -> Result<u16, NotHandedOn> {
    let response = forward.hand_on(original).await.map_err(NotHandedOn)?;
    let status = response.status().as_u16();
    if let Some(slot) = original.head.extensions.get::<Slot>() {
        slot.put(response);
    }
    Ok(status)
}

/// The service gave no response.
#[derive(Debug)]
struct NotHandedOn(SendError);

impl std::fmt::Display for NotHandedOn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the service of --forward-to gave no response: {}", self.0)
    }
}

impl std::error::Error for NotHandedOn {}

/// Remembers no message: each copy is printed, and handed on. A receiver that is tried has to get
/// copies.
struct EachCopy;

impl Deduplicate for EachCopy {
    type Error = Infallible;

    async fn reserve(&self, _: Key<'_>, _: Lease, _: UnixTime) -> Result<Reservation, Infallible> {
        Ok(Reservation::First)
    }

    async fn commit(&self, _: Key<'_>, _: Lease) -> Result<bool, Infallible> {
        Ok(true)
    }

    async fn release(&self, _: Key<'_>, _: Lease) -> Result<(), Infallible> {
        Ok(())
    }
}
