//! The differences between the channels that push.

use std::error::Error;
use std::fmt;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Response};
use http_body_util::Full;
use protocol_core::UnixTime;
use protocol_core::replay::SignedDigest;

use crate::error::WebhookError;

/// A channel that pushes: how a request is checked, how its message opens, and what its
/// sender is told. A [`Webhook`](crate::Webhook) does the rest: bounds, deduplication, the handler,
/// dead letters, traces.
///
/// An implementation reads no clock and waits for nothing. It states these facts:
///
/// | fact | member |
/// |---|---|
/// | the methods and the largest body | [`METHODS`](Self::METHODS), [`MAX_BODY`](Self::MAX_BODY) |
/// | what can be refused before the body is read | [`check`](Self::check) |
/// | what proves the sender, and how a message opens | [`open`](Self::open) |
/// | the key a message is remembered by | [`Keyed::id`] |
/// | what a dead letter holds | [`Unopened::with_letter`] |
/// | what a response says | [`success`](Self::success), [`refusal`](Self::refusal) |
pub trait Inbound: fmt::Debug + Send + Sync + 'static {
    /// The message that a handler stores.
    type Message: Send + 'static;

    /// A message that is the platform's but cannot be read, as a dead letter.
    type Unreadable: Send + 'static;

    /// Why a message does not open. Its `Display` holds no word of the message.
    type Error: Error + Clone + Send + Sync + 'static;

    /// The receiver that a request may be for, as far as its head tells.
    type Receiver<'a>: Send;

    /// The name of one message in traces, such as `notification`.
    const NAME: &'static str;

    /// The methods of its requests.
    const METHODS: &'static [Method];

    /// The largest body, in bytes.
    const MAX_BODY: usize;

    /// Checks everything that the head alone shows, so that a stranger's body is not read.
    ///
    /// # Errors
    /// [`WebhookError`]: no receiver has the path, or the head proves that the request is refused.
    fn check(&self, head: &Parts, now: UnixTime) -> Result<Checked<Self::Receiver<'_>>, WebhookError<Self::Error>>;

    /// Verifies and opens a message.
    ///
    /// # Errors
    /// [`Unopened`].
    fn open(&self, receiver: Self::Receiver<'_>, head: &Parts, body: &[u8], now: UnixTime) -> Opened<Self>;

    /// The response to a message or a letter that is committed.
    fn success() -> Response<Full<Bytes>>;

    /// The response to this message, once it is committed. Default: [`success`](Self::success).
    fn acknowledgement(_message: &Self::Message) -> Response<Full<Bytes>> {
        Self::success()
    }

    /// The response to a request that is refused, with these words in the form that the platform
    /// expects. The webhook sets its status. The words say nothing that helps a forger.
    fn refusal(words: &str) -> Response<Full<Bytes>>;

    /// The platform's own id of a request, for traces. Default: none.
    fn request_id(_headers: &HeaderMap) -> Option<&str> {
        None
    }
}

/// The message of a channel, or why it does not open.
pub type Opened<C> =
    Result<Keyed<<C as Inbound>::Message>, Unopened<<C as Inbound>::Error, <C as Inbound>::Unreadable>>;

/// A request whose head is not refused.
#[derive(Debug)]
pub enum Checked<R> {
    /// Read the body: it may be a message for this receiver.
    ReadBody(R),
    /// The request carries no message and is responded to at once: for instance the platform's test
    /// of the URL.
    Respond {
        /// The outcome's name in traces.
        outcome: &'static str,
        /// The response.
        response: Response<Full<Bytes>>,
    },
}

/// A message or a dead letter, and the key it is remembered by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Keyed<T> {
    /// The id: the same in every copy of the message, and in no other message of any receiver.
    pub id: String,
    /// The digest of the signed bytes, if one signature could be used for another message.
    pub signed: Option<SignedDigest>,
    /// The message, or the letter.
    pub value: T,
}

impl<T> Keyed<T> {
    /// A message whose id is signed with the rest.
    pub const fn new(id: String, value: T) -> Self {
        Self { id, signed: None, value }
    }

    /// The same key for another form of the message.
    #[must_use]
    pub fn map<V>(self, change: impl FnOnce(T) -> V) -> Keyed<V> {
        Keyed { id: self.id, signed: self.signed, value: change(self.value) }
    }

    /// Adds the digest of the signed bytes: the signature is then valid for this message alone.
    #[must_use]
    pub fn with_signed(self, signed: Option<SignedDigest>) -> Self {
        Self { signed, ..self }
    }
}

/// A message that does not open.
#[derive(Debug)]
pub struct Unopened<E: Error + 'static, U> {
    pub(crate) refusal: WebhookError<E>,
    pub(crate) is_proven: bool,
    pub(crate) letter: Option<Keyed<U>>,
}

impl<E: Error + 'static, U> Unopened<E, U> {
    /// It is not proven that the platform sent it.
    pub const fn unproven(refusal: WebhookError<E>) -> Self {
        Self { refusal, is_proven: false, letter: None }
    }

    /// The platform sent it: its connection is kept like that of a message that opens.
    pub const fn proven(refusal: WebhookError<E>) -> Self {
        Self { refusal, is_proven: true, letter: None }
    }

    /// The same with another form of the letter.
    #[must_use]
    pub fn map_letter<V>(self, change: impl FnOnce(U) -> V) -> Unopened<E, V> {
        let Self { refusal, is_proven, letter } = self;
        Unopened { refusal, is_proven, letter: letter.map(|letter| letter.map(change)) }
    }

    /// Adds the dead letter, for a service that keeps them: a retry would not change the message.
    #[must_use]
    pub fn with_letter(self, letter: Keyed<U>) -> Self {
        Self { letter: Some(letter), ..self }
    }
}
