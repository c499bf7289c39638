//! The interface of every channel of complaints, usable as `dyn`.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use futures_core::Stream;

use super::{Act, ActKind, ComplaintRef, Effect, Picture, RefundDecision, Reply};
use crate::call::ActStore;
#[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
use crate::call::{CallError, ResponseFailure};
use crate::complaint::{Complaint, NegotiationRecord, UnreadableRow};
use crate::failure::Failure;
use crate::secret::Personal;
use crate::trust::Unverified;

/// A call, to be awaited.
pub type ChannelFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, ChannelError>> + Send + 'a>>;

/// Rows, to be read.
pub type ChannelStream<'a, T> = Pin<Box<dyn Stream<Item = Result<T, ChannelError>> + Send + 'a>>;

/// The error of a channel: its [`Failure`], and the channel's own error, whose `Display` it shows.
/// Clones share that error.
#[derive(Clone)]
pub struct ChannelError {
    failure: Failure,
    unreadable: Option<Box<UnreadableRow>>,
    leaves_the_others: bool,
    quote: Option<Personal<String>>,
    cause: Arc<dyn Error + Send + Sync>,
}

impl ChannelError {
    /// An error of a custom channel.
    #[must_use]
    pub fn new(failure: Failure, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { failure, unreadable: None, leaves_the_others: false, quote: None, cause: Arc::from(cause.into()) }
    }

    /// The meaning for the call.
    #[must_use]
    pub const fn failure(&self) -> Failure {
        self.failure
    }

    /// The row of a list or a history that cannot be read, if that is the error.
    #[must_use]
    pub fn unreadable(&self) -> Option<&UnreadableRow> {
        self.unreadable.as_deref()
    }

    /// Whether the error concerns only some rows of a list or a history: earlier rows stay valid,
    /// and more may come.
    #[must_use]
    pub const fn leaves_the_others(&self) -> bool {
        self.leaves_the_others
    }

    /// The platform's own words, if it refused in some: its code and its message.
    #[must_use]
    pub const fn quote(&self) -> Option<&Personal<String>> {
        self.quote.as_ref()
    }

    /// The channel's own error, if it is of this type.
    #[must_use]
    pub fn cause<E: Error + 'static>(&self) -> Option<&E> {
        self.cause.downcast_ref()
    }
}

#[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
impl<R: ResponseFailure + Send + Sync> From<CallError<R>> for ChannelError {
    fn from(error: CallError<R>) -> Self {
        Self {
            failure: error.failure(),
            unreadable: error.unreadable().cloned().map(Box::new),
            leaves_the_others: error.leaves_the_others(),
            quote: error.quote(),
            cause: Arc::new(error),
        }
    }
}

impl fmt::Debug for ChannelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.cause, f)
    }
}

impl fmt::Display for ChannelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.cause, f)
    }
}

impl Error for ChannelError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.source()
    }
}

/// A channel of complaints. See the [module](super).
///
/// ```
/// use protocol_core::channel::{ChannelError, ComplaintChannel, ComplaintRef, Effect, Reply};
///
/// /// Works with the client of every channel.
/// async fn settle(
///     channel: &dyn ComplaintChannel,
///     complaint_id: &str,
/// ) -> Result<Effect, ChannelError> {
///     let complaint = ComplaintRef::from(&channel.show(&ComplaintRef::new(complaint_id)).await?);
///     channel.reply(&complaint, &Reply::new("您好，已为您退款")).await?;
///     channel.complete(&complaint).await
/// }
/// ```
pub trait ComplaintChannel: Send + Sync {
    /// The kinds of acts that the channel takes.
    fn acts(&self) -> &'static [ActKind];

    /// The complaints filed from one day to another, both included, `YYYY-MM-DD` in China, at most
    /// 30 days apart; each once. Errors of single rows come at the end
    /// ([`ChannelError::leaves_the_others`]): a complaint that cannot be read is an error that
    /// names it ([`ChannelError::unreadable`]).
    fn list<'a>(&'a self, first_day: &str, last_day: &str) -> ChannelStream<'a, Complaint>;

    /// One complaint.
    fn show<'a>(&'a self, complaint: &'a ComplaintRef) -> ChannelFuture<'a, Complaint>;

    /// The history of a complaint, each entry once, in the platform's order. Errors are those of a
    /// list.
    fn history<'a>(&'a self, complaint: &ComplaintRef) -> ChannelStream<'a, NegotiationRecord>;

    /// Carries out an act once: after an unknown outcome the complaint is read before the act is
    /// sent again. An act that the channel does not take is refused before anything is sent.
    fn perform<'a>(&'a self, complaint: &'a ComplaintRef, act: &'a Act) -> ChannelFuture<'a, Effect>;

    /// Carries out an act as [`perform`](Self::perform) does, also across a crash: its state is kept
    /// in the store before each attempt. If the store has a state, an earlier process may have sent
    /// the act: the complaint is read before anything is sent.
    fn perform_stored<'a>(
        &'a self,
        complaint: &'a ComplaintRef,
        act: &'a Act,
        store: &'a mut dyn ActStore,
    ) -> ChannelFuture<'a, Effect>;

    /// Carries out an [`Act::Reply`].
    fn reply<'a>(&'a self, complaint: &'a ComplaintRef, reply: &Reply) -> ChannelFuture<'a, Effect> {
        let act = Act::from(reply.clone());
        Box::pin(async move { self.perform(complaint, &act).await })
    }

    /// Carries out an [`Act::Complete`]. Succeeds too if the complaint is complete already.
    fn complete<'a>(&'a self, complaint: &'a ComplaintRef) -> ChannelFuture<'a, Effect> {
        self.perform(complaint, &Act::Complete)
    }

    /// Carries out an [`Act::DecideRefund`].
    fn decide_refund<'a>(
        &'a self,
        complaint: &'a ComplaintRef,
        decision: &RefundDecision,
    ) -> ChannelFuture<'a, Effect> {
        let act = Act::from(decision.clone());
        Box::pin(async move { self.perform(complaint, &act).await })
    }

    /// Uploads a picture. Returns its id, for a reply.
    fn upload_image<'a>(&'a self, picture: Picture<'a>) -> ChannelFuture<'a, String>;

    /// Downloads a picture of a complaint by its address in the complaint or its history.
    fn download_image<'a>(
        &'a self,
        complaint: &'a ComplaintRef,
        media_url: &'a str,
    ) -> ChannelFuture<'a, Unverified<Personal<Vec<u8>>>>;
}
