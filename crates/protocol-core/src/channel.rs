//! One face for the channels through which a merchant reads and answers complaints: WeChat Pay's own interfaces and Allinpay's.
//!
//! The adapters implement [`ComplaintChannel`]; a service written against it handles both with the same code. What only one
//! channel has (immediate service, Alipay's complaints, the notification URL) stays with that channel's own client.

use core::future::Future;

use futures_core::Stream;

pub use crate::call::Effect;
use crate::complaint::{Complaint, NegotiationRecord, UnreadableRow};
use crate::error::{Delivery, Fault};
use crate::secret::Personal;
use crate::trust::Unverified;

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

    /// The accused merchant, as WeChat Pay names it.
    #[must_use]
    pub fn with_complainted_mchid(mut self, complainted_mchid: impl Into<String>) -> Self {
        self.complainted_mchid = Some(complainted_mchid.into());
        self
    }

    /// The merchant as Allinpay names it (`merchantNo`), where an agent asks.
    #[must_use]
    pub fn with_merchant_no(mut self, merchant_no: impl Into<String>) -> Self {
        self.merchant_no = Some(merchant_no.into());
        self
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

/// A reply to the payer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reply {
    /// The text, at most 500 characters, none outside the basic multilingual plane.
    pub text: Personal<String>,
    /// Ids of uploaded pictures, at most 4.
    pub images: Vec<String>,
}

impl Reply {
    /// A reply of words alone.
    #[must_use]
    pub fn new(text: impl Into<Personal<String>>) -> Self {
        Self { text: text.into(), images: Vec::new() }
    }

    /// Ids of uploaded pictures, at most 4.
    #[must_use]
    pub fn with_images(mut self, images: Vec<String>) -> Self {
        self.images = images;
        self
    }
}

/// A decision on a refund that the payer asks for. It moves no money. Closed: a channel carries out every decision there is.
///
/// ```
/// use protocol_core::channel::{RefundDecision, RefundRejection};
///
/// let yes = RefundDecision::approve(3);
/// let no = RefundDecision::from(RefundRejection::new("已发货").with_remark("SF1234"));
/// # assert_ne!(yes, no);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundDecision {
    /// Yes.
    #[non_exhaustive]
    Approve {
        /// In how many working days the refund starts; 0 is today.
        launch_refund_day: u32,
    },
    /// No.
    Reject(RefundRejection),
}

impl RefundDecision {
    /// Yes: the refund starts in so many working days; 0 is today.
    #[must_use]
    pub const fn approve(launch_refund_day: u32) -> Self {
        Self::Approve { launch_refund_day }
    }
}

impl From<RefundRejection> for RefundDecision {
    fn from(rejection: RefundRejection) -> Self {
        Self::Reject(rejection)
    }
}

/// Why a refund is not made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefundRejection {
    /// Why, 1 to 200 characters; the payer reads it.
    pub reason: Personal<String>,
    /// Ids of uploaded pictures, at most 4.
    pub images: Vec<String>,
    /// A note for the merchant itself, at most 200 characters.
    pub remark: Option<Personal<String>>,
}

impl RefundRejection {
    /// For this reason, 1 to 200 characters; the payer reads it.
    #[must_use]
    pub fn new(reason: impl Into<Personal<String>>) -> Self {
        Self { reason: reason.into(), images: Vec::new(), remark: None }
    }

    /// Ids of uploaded pictures, at most 4.
    #[must_use]
    pub fn with_images(mut self, images: Vec<String>) -> Self {
        self.images = images;
        self
    }

    /// A note for the merchant itself, at most 200 characters.
    #[must_use]
    pub fn with_remark(mut self, remark: impl Into<Personal<String>>) -> Self {
        self.remark = Some(remark.into());
        self
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

/// What every channel's error answers.
pub trait ChannelError: core::error::Error + Send + Sync + 'static {
    /// Whose fault it is.
    fn fault(&self) -> Fault;

    /// Whether what was asked for may have taken effect.
    fn delivery(&self) -> Delivery;

    /// Whether the same call may succeed later.
    fn is_retryable(&self) -> bool;

    /// The complaint of a list that cannot be read, where that is the error.
    fn unreadable(&self) -> Option<&UnreadableRow> {
        None
    }

    /// Whether it is about some rows of a list or a history alone: what was handed out stands, and more may come.
    fn leaves_the_others(&self) -> bool {
        self.unreadable().is_some()
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

    /// Replies to the payer, once: after an unknown outcome the history is looked into before anything is sent again.
    fn reply(
        &self,
        complaint: &ComplaintRef,
        reply: &Reply,
    ) -> impl Future<Output = Result<Effect, Self::Error>> + Send;

    /// Completes a complaint; one that is complete already is as good.
    fn complete(&self, complaint: &ComplaintRef) -> impl Future<Output = Result<Effect, Self::Error>> + Send;

    /// Decides on a refund.
    fn decide_refund(
        &self,
        complaint: &ComplaintRef,
        decision: &RefundDecision,
    ) -> impl Future<Output = Result<Effect, Self::Error>> + Send;

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
