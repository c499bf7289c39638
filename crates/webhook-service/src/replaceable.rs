//! A channel that is replaced while a webhook serves it.

use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Response};
use http_body_util::Full;
use protocol_core::UnixTime;

use crate::error::WebhookError;
use crate::inbound::{Checked, Inbound, Opened, Unopened};

/// A channel that can be replaced while a webhook serves it: when keys are read again. Clones share
/// it: one goes to [`Webhook::builder`](crate::Webhook::builder), one stays to
/// [`replace`](Self::replace) with.
///
/// A request is checked and opened by the channel that there was when it arrived.
#[derive(Debug)]
pub struct Replaceable<C>(Arc<RwLock<Arc<C>>>);

impl<C> Replaceable<C> {
    /// A channel to be replaced later.
    pub fn new(channel: C) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(channel))))
    }

    /// Replaces the channel, for the requests that arrive from now on.
    pub fn replace(&self, channel: C) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(channel);
    }

    fn current(&self) -> Arc<C> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<C> Clone for Replaceable<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C: Inbound> Inbound for Replaceable<C> {
    type Message = C::Message;
    type Unreadable = C::Unreadable;
    type Error = C::Error;
    type Receiver<'a> = Arc<C>;

    const NAME: &'static str = C::NAME;
    const METHODS: &'static [Method] = C::METHODS;
    const MAX_BODY: usize = C::MAX_BODY;

    fn check(&self, head: &Parts, now: UnixTime) -> Result<Checked<Arc<C>>, WebhookError<C::Error>> {
        let channel = self.current();
        if let Checked::Respond { outcome, response } = channel.check(head, now)? {
            return Ok(Checked::Respond { outcome, response });
        }
        Ok(Checked::ReadBody(channel))
    }

    /// The receiver lives no longer than the channel, which is shared: the head is checked again.
    fn open(&self, channel: Arc<C>, head: &Parts, body: &[u8], now: UnixTime) -> Opened<Self> {
        match channel.check(head, now) {
            Ok(Checked::ReadBody(receiver)) => channel.open(receiver, head, body, now),
            Ok(Checked::Respond { .. }) => Err(Unopened::unproven(WebhookError::NotFound)),
            Err(refusal) => Err(Unopened::unproven(refusal)),
        }
    }

    fn success() -> Response<Full<Bytes>> {
        C::success()
    }

    fn acknowledgement(message: &C::Message) -> Response<Full<Bytes>> {
        C::acknowledgement(message)
    }

    fn refusal(words: &str) -> Response<Full<Bytes>> {
        C::refusal(words)
    }

    fn request_id(headers: &HeaderMap) -> Option<&str> {
        C::request_id(headers)
    }
}
