//! One interface for the channels through which a merchant reads complaints and replies to them:
//! WeChat Pay's own interfaces, virtual payment's and Allinpay's.
//!
//! The adapters implement [`ComplaintChannel`]. A service written against it handles all of them
//! with the same code. Each channel's own client has the rest (Alipay's complaints, the notification URL).

mod act;
#[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
mod act_operation;
#[cfg(feature = "channel")]
mod face;

use crate::complaint::Complaint;

pub use crate::operation::Effect;
#[cfg(all(test, any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay")))]
pub(crate) use act::samples;
pub use act::{
    Act, ActKind, Evidence, ImmediateReply, Link, Processing, RefundApproval, RefundDecision, RefundEvidence,
    RefundRejection, Reply,
};
#[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
pub(crate) use act_operation::act_operations;
#[cfg(feature = "channel")]
pub use face::{ChannelError, ChannelFuture, ChannelStream, ComplaintChannel};

/// The complaint that an act is about.
///
/// The merchant is optional. If it is missing, WeChat Pay's channel looks it up, and Allinpay's
/// takes the one it was configured for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ComplaintRef {
    /// The complaint's number.
    pub complaint_id: String,
    /// The accused merchant, as WeChat Pay names it.
    pub complainted_mchid: Option<String>,
    /// The merchant as Allinpay names it (`merchantNo`), for an agent's requests.
    pub merchant_no: Option<String>,
}

impl ComplaintRef {
    /// A complaint by its number alone.
    #[must_use]
    pub fn new(complaint_id: impl Into<String>) -> Self {
        Self { complaint_id: complaint_id.into(), complainted_mchid: None, merchant_no: None }
    }
}

/// An empty merchant number counts as missing.
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
    /// Its bytes, at most 2 MiB; at most 1 MiB for virtual payment.
    pub bytes: &'a [u8],
}

impl<'a> Picture<'a> {
    /// A picture of this name.
    #[must_use]
    pub const fn new(filename: &'a str, bytes: &'a [u8]) -> Self {
        Self { filename, bytes }
    }
}

impl std::fmt::Debug for Picture<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} bytes)", self.bytes.len())
    }
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
