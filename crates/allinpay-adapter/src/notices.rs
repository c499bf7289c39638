//! The channel of notices: the merchants of one listener, told apart by path.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response};
use http_body_util::Full;
use http_transport::BodyError;
use protocol_core::allinpay::{Merchant, NOTICE_SUCCESS, Notice, NoticeError, UnreadNotice};
use protocol_core::crypto::Verifier;
use protocol_core::limits::MAX_NOTICE_BODY;
use protocol_core::{UnixTime, Verified};
use webhook_service::{ByPath, Checked, Inbound, Keyed, Opened, Unopened, WebhookError, plain_text};

/// A merchant that receives notices, or an agent for all merchants below it.
#[derive(Clone)]
pub struct Account {
    merchant: Merchant,
    verifier: Arc<dyn Verifier>,
}

impl Account {
    /// The merchant, and the platform's key: those of a [`Client`](crate::Client).
    #[must_use]
    pub const fn new(merchant: Merchant, verifier: Arc<dyn Verifier>) -> Self {
        Self { merchant, verifier }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("merchant", &self.merchant).finish_non_exhaustive()
    }
}

/// A notice, and the account that it was sent to.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Noticed {
    /// The number of the receiving account: the merchant's, or an agent's own.
    pub cusid: Arc<str>,
    /// The notice. Below an agent, its `cusid` is the merchant's.
    pub notice: Verified<Notice>,
}

impl Noticed {
    /// As the webhook hands it out; for tests of a handler.
    #[must_use]
    pub fn new(cusid: impl Into<Arc<str>>, notice: Verified<Notice>) -> Self {
        Self { cusid: cusid.into(), notice }
    }
}

/// A notice of the platform's that cannot be read, and the account that it was sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unreadable {
    /// The number of the receiving account.
    pub cusid: Arc<str>,
    /// The notice, whole.
    pub notice: UnreadNotice,
}

/// The notices to the merchants of one listener, for a [`Webhook`](crate::Webhook). The merchant
/// sets the URL (风控通知地址) in the platform's customer console; this library registers none.
///
/// A notice is a hint: store its task, and read the complaint by it. The platform retries five
/// times: after 15 seconds, 15 seconds, 5, 10 and 15 minutes. A notice that was not acknowledged by
/// then is lost, and only the list has its complaint. The store's lease must end before the first
/// retry: take 10 seconds. A notice has no time of its own, so a recorded one verifies for ever. A
/// copy that comes after the store has forgotten the key is handed out again.
///
/// ```no_run
/// use std::num::NonZeroUsize;
///
/// use allinpay_adapter::{Account, Noticed, Notices, Webhook};
/// use protocol_core::allinpay::{Merchant, SignType, verifier};
/// use protocol_core::crypto::PublicKey;
/// use protocol_core::replay::MemoryDeduplicate;
///
/// # fn example(platform_key: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
/// let merchant = Merchant::new("00000051", "990581007426001", SignType::Sm2)?;
/// let verifier = verifier(&PublicKey::read(platform_key)?)?;
/// let notices = Notices::of(Account::new(merchant, verifier));
/// let store = MemoryDeduplicate::new(NonZeroUsize::new(100_000).ok_or("zero")?, 10);
/// let webhook = Webhook::builder(notices, store, |Noticed { notice, .. }: Noticed| async move {
///     println!("to be read again: {:?} of {}", notice.task_id, notice.cusid);
///     Ok::<(), std::io::Error>(()) // once it is stored
/// })
/// .build();
/// # let _ = webhook;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Notices(ByPath<Account>);

impl Notices {
    /// Receives the notices of one merchant, at any path.
    #[must_use]
    pub fn of(account: Account) -> Self {
        Self::default().account(account)
    }

    /// Adds the merchant for all paths that no other one has. There is one such: the last one
    /// added.
    #[must_use]
    pub fn account(self, account: Account) -> Self {
        Self(self.0.anywhere(account))
    }

    /// Adds a merchant whose notices arrive at this path alone. The last one added for a path
    /// counts.
    #[must_use]
    pub fn account_at(self, path: impl Into<String>, account: Account) -> Self {
        Self(self.0.at(path, account))
    }
}

impl Inbound for Notices {
    type Message = Noticed;
    type Unreadable = Unreadable;
    type Error = NoticeError;
    type Receiver<'a> = &'a Account;

    const NAME: &'static str = "notice";
    const METHODS: &'static [Method] = &[Method::POST];
    const MAX_BODY: usize = MAX_NOTICE_BODY;

    /// The path alone: all else of a notice is in its body.
    fn check(&self, head: &Parts, _now: UnixTime) -> Result<Checked<&Account>, WebhookError<NoticeError>> {
        self.0.get(head.uri.path()).map(Checked::ReadBody).ok_or(WebhookError::NotFound)
    }

    fn open(&self, account: &Account, _head: &Parts, body: &[u8], _now: UnixTime) -> Opened<Self> {
        let opened = account.merchant.open_notice(body, &*account.verifier);
        let notice = opened.map_err(|error| unopened(account, error))?;
        Ok(Keyed::new(notice.dedup_key.clone(), Noticed::new(account.merchant.cusid(), notice)))
    }

    fn success() -> Response<Full<Bytes>> {
        plain_text(NOTICE_SUCCESS)
    }

    fn refusal(words: &str) -> Response<Full<Bytes>> {
        plain_text(words.to_owned())
    }
}

/// The meaning of an error: one row a kind.
fn refusal(error: NoticeError) -> WebhookError<NoticeError> {
    match error {
        NoticeError::TooLarge => BodyError::TooLarge { limit: MAX_NOTICE_BODY }.into(),
        NoticeError::Malformed(_) => WebhookError::malformed(error),
        NoticeError::Unreadable(_) => WebhookError::unreadable(error),
        // A wrong configuration, as a rule.
        NoticeError::WrongAppid => WebhookError::unverified("wrong-appid", error).alarming(),
        _ => WebhookError::unverified("unverified", error),
    }
}

/// A notice that is the platform's, but cannot be read, is kept under its own key.
fn unopened(account: &Account, error: NoticeError) -> Unopened<NoticeError, Unreadable> {
    match &error {
        NoticeError::Unreadable(unread) => {
            let letter = Unreadable { cusid: account.merchant.cusid().into(), notice: (**unread).clone() };
            let letter = Keyed::new(unread.dedup_key.clone(), letter);
            Unopened::proven(refusal(error)).with_letter(letter)
        }
        _ if error.is_proven() => Unopened::proven(refusal(error)),
        _ => Unopened::unproven(refusal(error)),
    }
}
