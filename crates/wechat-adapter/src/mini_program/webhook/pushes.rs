//! The channel of pushes: the Mini Programs of one listener, told apart by path.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, Response, header};
use http_body_util::Full;
use http_transport::BodyError;
use protocol_core::UnixTime;
use protocol_core::limits::MAX_PUSH_BODY;
use protocol_core::mini_program::{Acknowledgement, PushError, Receiver};

use super::pushed::Pushed;
use super::unreadable::Unreadable;
use webhook_service::{ByPath, Checked, Inbound, Keyed, Opened, Unopened, WebhookError, plain_text};

/// The message push to the Mini Programs of one listener, for a [`Webhook`](crate::Webhook). `GET`
/// is the platform's trial of the URL, `POST` a push.
///
/// The handler gets every push, complaints and all others: the URL that a Mini Program configures
/// is for all of its events. The platform is said to wait 5 seconds and to send a push three times
/// in all (of this push neither is confirmed). A push that was not delivered by then is lost, and
/// only the complaint's detail has it. So the store's lease must end before the platform's last
/// retry: how soon that comes is not confirmed, and 6 seconds is a guess on the safe side.
///
/// ```
/// use std::num::NonZeroUsize;
///
/// use protocol_core::Secret;
/// use protocol_core::mini_program::{EncodingAesKey, Mode, Receiver};
/// use protocol_core::replay::MemoryDeduplicate;
/// use wechat_adapter::Webhook;
/// use wechat_adapter::mini_program::{Pushed, Pushes};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = EncodingAesKey::read("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")?;
/// let receiver = Receiver::new(
///     "wx0123456789abcdef",
///     Secret::new(b"AAAAA".to_vec()),
///     Mode::Secure,
///     Some(key),
/// )?;
/// let pushes = Pushes::default().receiver_at("/push/wx0123456789abcdef", receiver);
/// let store = MemoryDeduplicate::new(NonZeroUsize::new(100_000).ok_or("zero")?, 6);
/// let webhook = Webhook::builder(pushes, store, |pushed: Pushed| async move {
///     if let Some(complaint) = pushed.received.push().complaint() {
///         println!("{:?} of {}", complaint.status, pushed.appid);
///     }
///     Ok::<(), std::io::Error>(()) // once it is stored
/// })
/// .build();
/// # let _ = webhook;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Pushes(ByPath<Arc<Receiver>>);

impl Pushes {
    /// Receives the pushes of one Mini Program, at any path.
    #[must_use]
    pub fn of(receiver: impl Into<Arc<Receiver>>) -> Self {
        Self::default().receiver(receiver)
    }

    /// Adds the Mini Program for all paths that no other one has. There is one such: the last one
    /// added.
    #[must_use]
    pub fn receiver(self, receiver: impl Into<Arc<Receiver>>) -> Self {
        Self(self.0.anywhere(receiver.into()))
    }

    /// Adds a Mini Program whose push arrives at this path alone. The last one added for a
    /// path counts.
    #[must_use]
    pub fn receiver_at(self, path: impl Into<String>, receiver: impl Into<Arc<Receiver>>) -> Self {
        Self(self.0.at(path, receiver.into()))
    }
}

impl Inbound for Pushes {
    type Message = Pushed;
    type Unreadable = Unreadable;
    type Error = PushError;
    type Receiver<'a> = &'a Receiver;

    const NAME: &'static str = "push";
    const METHODS: &'static [Method] = &[Method::GET, Method::POST];
    const MAX_BODY: usize = MAX_PUSH_BODY;

    /// Checks everything that the query shows before the body is read.
    fn check(&self, head: &Parts, now: UnixTime) -> Result<Checked<&Receiver>, WebhookError<PushError>> {
        let receiver = self.0.get(head.uri.path()).ok_or(WebhookError::NotFound)?;
        let query = head.uri.query().unwrap_or_default();
        if head.method == Method::GET {
            let echo = receiver.verify_url(query, now).map_err(refusal)?;
            return Ok(Checked::Respond { outcome: "url-verified", response: plain_text(echo) });
        }
        receiver.check_query(query, now).map_err(refusal)?;
        Ok(Checked::ReadBody(receiver))
    }

    fn open(&self, receiver: &Receiver, head: &Parts, body: &[u8], now: UnixTime) -> Opened<Self> {
        let opened = receiver.open_signed(head.uri.query().unwrap_or_default(), body, now);
        let (received, signed) = opened.map_err(|error| unopened(receiver.appid(), error))?;
        let pushed = Pushed::new(receiver.appid(), received).with_signed(signed);
        Ok(Keyed::new(pushed.dedup_key(), pushed).with_signed(Some(signed)))
    }

    fn success() -> Response<Full<Bytes>> {
        acknowledged(Acknowledgement::TEXT)
    }

    /// Virtual payment's events have a success of their own.
    fn acknowledgement(pushed: &Pushed) -> Response<Full<Bytes>> {
        acknowledged(Acknowledgement::of(&pushed.received))
    }

    /// Never empty: an empty body says the same as `success`.
    fn refusal(words: &str) -> Response<Full<Bytes>> {
        plain_text(words.to_owned())
    }
}

/// The meaning of an error: one row a kind.
fn refusal(error: PushError) -> WebhookError<PushError> {
    match error {
        PushError::TooLarge => BodyError::TooLarge { limit: MAX_PUSH_BODY }.into(),
        PushError::Unreadable { .. } | PushError::DecryptFailed | PushError::Encrypted => {
            WebhookError::unreadable(error)
        }
        PushError::Malformed(_) => WebhookError::malformed(error),
        PushError::StaleTimestamp { .. } => WebhookError::unverified("stale-timestamp", error),
        // A wrong configuration, as a rule.
        PushError::WrongAppid => WebhookError::unverified("wrong-appid", error).alarming(),
        _ => WebhookError::unverified("unverified", error),
    }
}

/// A push that is the platform's, but cannot be read, is kept under its signature, as a push is
/// handled.
fn unopened(appid: &str, error: PushError) -> Unopened<PushError, Unreadable> {
    match &error {
        PushError::Unreadable { error: reason, complaint_order_id, document, signed } => {
            let unreadable = Unreadable {
                appid: appid.into(),
                document: (**document).clone(),
                error: reason.clone(),
                complaint_order_id: complaint_order_id.clone(),
            };
            let id = format!("{appid}/{}", document.dedup_key());
            let letter = Keyed::new(id, unreadable).with_signed(Some(*signed));
            Unopened::proven(refusal(error)).with_letter(letter)
        }
        _ if error.is_proven() => Unopened::proven(refusal(error)),
        _ => Unopened::unproven(refusal(error)),
    }
}

fn acknowledged(acknowledgement: Acknowledgement) -> Response<Full<Bytes>> {
    let mut response = plain_text(acknowledgement.body);
    let content_type = HeaderValue::from_static(acknowledgement.content_type);
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}
