//! A channel whose messages have the request with them that they came in.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Response};
use http_body_util::Full;
use protocol_core::UnixTime;
use wechat_adapter::WebhookError;
use wechat_adapter::webhook_service::{Checked, Inbound, Opened};

/// A channel whose messages have the request with them.
#[derive(Debug)]
pub(super) struct WithOriginal<C>(pub(super) C);

/// A message or a letter, and the request that it came in.
pub(super) struct Arrived<T> {
    pub(super) value: T,
    pub(super) original: Original,
}

/// A request, unchanged.
pub(super) struct Original {
    pub(super) head: Parts,
    pub(super) body: Bytes,
}

impl<C: Inbound> Inbound for WithOriginal<C> {
    type Message = Arrived<C::Message>;
    type Unreadable = Arrived<C::Unreadable>;
    type Error = C::Error;
    type Receiver<'a> = C::Receiver<'a>;

    const NAME: &'static str = C::NAME;
    const METHODS: &'static [Method] = C::METHODS;
    const MAX_BODY: usize = C::MAX_BODY;

    fn check(&self, head: &Parts, now: UnixTime) -> Result<Checked<C::Receiver<'_>>, WebhookError<C::Error>> {
        self.0.check(head, now)
    }

    fn open(&self, receiver: C::Receiver<'_>, head: &Parts, body: &[u8], now: UnixTime) -> Opened<Self> {
        let original = || Original { head: head.clone(), body: Bytes::copy_from_slice(body) };
        match self.0.open(receiver, head, body, now) {
            Ok(message) => Ok(message.map(|value| Arrived { value, original: original() })),
            Err(unopened) => Err(unopened.map_letter(|value| Arrived { value, original: original() })),
        }
    }

    fn success() -> Response<Full<Bytes>> {
        C::success()
    }

    fn acknowledgement(message: &Arrived<C::Message>) -> Response<Full<Bytes>> {
        C::acknowledgement(&message.value)
    }

    fn refusal(words: &str) -> Response<Full<Bytes>> {
        C::refusal(words)
    }

    fn request_id(headers: &HeaderMap) -> Option<&str> {
        C::request_id(headers)
    }
}
