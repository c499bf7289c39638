//! One face for the channels through which a merchant reads and answers complaints: WeChat Pay's own interfaces and Allinpay's.
//!
//! The adapters implement [`ComplaintChannel`]; a service written against it handles both with the same code. What only one
//! channel has (immediate service, Alipay's complaints, the notification URL) stays with that channel's own client.

mod act;

#[cfg(feature = "channel")]
use core::future::Future;

#[cfg(feature = "channel")]
use futures_core::Stream;

#[cfg(all(feature = "channel", any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay")))]
use crate::call::{CallError, ResponseFailure};
use crate::complaint::Complaint;
#[cfg(feature = "channel")]
use crate::complaint::{NegotiationRecord, UnreadableRow};
#[cfg(feature = "channel")]
use crate::failure::Failure;
#[cfg(feature = "channel")]
use crate::secret::Personal;
#[cfg(feature = "channel")]
use crate::trust::Unverified;

pub use crate::operation::Effect;
#[cfg(all(test, any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay")))]
pub(crate) use act::one_act_of_each_kind;
pub use act::{
    Act, ActKind, Evidence, ImmediateReply, Link, RefundApproval, RefundDecision, RefundEvidence, RefundRejection,
    Reply,
};

/// Which complaint an act is about.
///
/// The merchant is optional: WeChat Pay's channel looks it up where it is missing, Allinpay's takes the one it was
/// configured for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ComplaintRef {
    /// The complaint's number.
    pub complaint_id: String,
    /// The accused merchant, as WeChat Pay names it.
    pub complainted_mchid: Option<String>,
    /// The merchant as Allinpay names it (`merchantNo`), where an agent asks.
    pub merchant_no: Option<String>,
}

impl ComplaintRef {
    /// By number alone.
    #[must_use]
    pub fn new(complaint_id: impl Into<String>) -> Self {
        Self { complaint_id: complaint_id.into(), complainted_mchid: None, merchant_no: None }
    }
}

/// A merchant whose number is empty is none.
impl From<&Complaint> for ComplaintRef {
    fn from(complaint: &Complaint) -> Self {
        let number = |merchant: &Option<String>| merchant.clone().filter(|number| !number.is_empty());
        Self {
            complaint_id: complaint.complaint_id.clone(),
            complainted_mchid: number(&complaint.complainted_mchid),
            merchant_no: number(&complaint.merchant_no),
        }
    }
}

/// A picture to upload.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Picture<'a> {
    /// Its name, ending in `.jpg`, `.jpeg`, `.bmp` or `.png`.
    pub filename: &'a str,
    /// Its bytes, at most 2 MiB.
    pub bytes: &'a [u8],
}

impl<'a> Picture<'a> {
    /// A picture of this name.
    #[must_use]
    pub const fn new(filename: &'a str, bytes: &'a [u8]) -> Self {
        Self { filename, bytes }
    }
}

impl core::fmt::Debug for Picture<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Picture({} bytes)", self.bytes.len())
    }
}

/// The error of a channel.
#[cfg(feature = "channel")]
pub trait ChannelError: core::error::Error + Send + Sync + 'static {
    /// What it means for the call.
    fn failure(&self) -> Failure;

    /// The complaint of a list that cannot be read, if that is the error.
    fn unreadable(&self) -> Option<&UnreadableRow> {
        None
    }

    /// Whether only some rows of a list or a history are concerned: the rows handed out stand, and more may come.
    fn leaves_the_others(&self) -> bool {
        self.unreadable().is_some()
    }
}

#[cfg(all(feature = "channel", any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay")))]
impl<R: ResponseFailure + Send + Sync> ChannelError for CallError<R> {
    fn failure(&self) -> Failure {
        self.failure()
    }

    fn unreadable(&self) -> Option<&UnreadableRow> {
        self.unreadable()
    }

    fn leaves_the_others(&self) -> bool {
        matches!(self, Self::Unreadable(_) | Self::Incomplete { .. })
    }
}

/// A channel of complaints. See the [module](self).
///
/// ```
/// use protocol_core::channel::{ComplaintChannel, ComplaintRef, Effect, Reply};
///
/// /// The same for WeChat Pay's client and for Allinpay's.
/// async fn response<C: ComplaintChannel>(channel: &C, complaint_id: &str) -> Result<Effect, C::Error> {
///     let complaint = ComplaintRef::from(&channel.show(&ComplaintRef::new(complaint_id)).await?);
///     channel.reply(&complaint, &Reply::new("您好，已为您退款")).await?;
///     channel.complete(&complaint).await
/// }
/// ```
#[cfg(feature = "channel")]
pub trait ComplaintChannel: Send + Sync {
    /// What can go wrong.
    type Error: ChannelError;

    /// The complaints filed from one day to another, both included, `YYYY-MM-DD` in China, at most 30 days apart; each once.
    /// Those that cannot be read come at the end, each as an error that names it ([`ChannelError::unreadable`]), and so does what
    /// else is amiss with some of them ([`ChannelError::leaves_the_others`]).
    fn list(&self, first_day: &str, last_day: &str) -> impl Stream<Item = Result<Complaint, Self::Error>> + Send;

    /// One complaint.
    fn show(&self, complaint: &ComplaintRef) -> impl Future<Output = Result<Complaint, Self::Error>> + Send;

    /// What happened to a complaint, each entry once, in the platform's order. Errors are as those of a list.
    fn history(&self, complaint: &ComplaintRef) -> impl Stream<Item = Result<NegotiationRecord, Self::Error>> + Send;

    /// Acts, once: after an unknown outcome the complaint is looked at before anything is sent again. An act that the channel
    /// does not take is refused before anything is sent.
    fn perform(&self, complaint: &ComplaintRef, act: &Act) -> impl Future<Output = Result<Effect, Self::Error>> + Send;

    /// [`Act::Reply`].
    fn reply(
        &self,
        complaint: &ComplaintRef,
        reply: &Reply,
    ) -> impl Future<Output = Result<Effect, Self::Error>> + Send {
        async move { self.perform(complaint, &reply.clone().into()).await }
    }

    /// [`Act::Complete`]. Succeeds too where the complaint is complete already.
    fn complete(&self, complaint: &ComplaintRef) -> impl Future<Output = Result<Effect, Self::Error>> + Send {
        self.perform(complaint, &Act::Complete)
    }

    /// [`Act::DecideRefund`].
    fn decide_refund(
        &self,
        complaint: &ComplaintRef,
        decision: &RefundDecision,
    ) -> impl Future<Output = Result<Effect, Self::Error>> + Send {
        async move { self.perform(complaint, &decision.clone().into()).await }
    }

    /// Uploads a picture; the id to reply with.
    fn upload_image(&self, picture: Picture<'_>) -> impl Future<Output = Result<String, Self::Error>> + Send;

    /// Downloads a picture by the address that a complaint or a history has.
    fn download_image(
        &self,
        media_url: &str,
    ) -> impl Future<Output = Result<Unverified<Personal<Vec<u8>>>, Self::Error>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_complaint_is_asked_about_under_every_name_it_came_with() {
        let complaint: Complaint = crate::codec::json::read_json(
            "a complaint",
            br#"{"complaint_id":"20025","complainted_mchid":"1900012181","merchantNo":"990581007426001"}"#,
        )
        .unwrap();
        let about = ComplaintRef::from(&complaint);
        assert_eq!(about.complaint_id, "20025");
        assert_eq!(about.complainted_mchid.as_deref(), Some("1900012181"));
        assert_eq!(about.merchant_no.as_deref(), Some("990581007426001"));
        assert_eq!(
            ComplaintRef::new("20025"),
            ComplaintRef { complainted_mchid: None, merchant_no: None, ..about },
            "by number alone"
        );
    }

    #[test]
    fn a_merchant_without_a_number_is_none() {
        let complaint: Complaint = crate::codec::json::read_json(
            "a complaint",
            br#"{"complaint_id":"20025","complainted_mchid":"","merchantNo":""}"#,
        )
        .unwrap();
        assert_eq!(ComplaintRef::from(&complaint), ComplaintRef::new("20025"));
    }

    #[test]
    fn a_picture_shows_its_size_alone() {
        let picture = Picture { filename: "canary.png", bytes: b"canary" };
        assert_eq!(format!("{picture:?}"), "Picture(6 bytes)");
    }
}
