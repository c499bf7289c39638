//! The events of virtual payment among the pushes of a Mini Program.

use crate::codec::id::is_id;
use crate::codec::json::{WireValue, read_document};
use crate::codec::xml::{XmlElement, XmlReader};
use crate::complaint::{Complaint, ComplaintOrder};
use crate::error::DecodeError;
use crate::mini_program::{Document, Event, Push, XPAY_COMPLAINT, XPAY_RESTRICTION, push_object};
use crate::secret::Personal;
use crate::time::UnixTime;

/// An event of virtual payment.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Notice {
    /// `xpay_complaint_notify`: a complaint was filed.
    Complaint(Box<ComplaintNotify>),
    /// `xpay_wxpay_callback_notify`: the platform restricts the merchant, or lifts a restriction.
    Restriction(Box<RestrictionNotify>),
}

impl Notice {
    /// The event of virtual payment in a push; `None` for any other push. The push keeps it as an
    /// [`Event::Other`].
    ///
    /// ```
    /// use protocol_core::mini_program::Push;
    /// use protocol_core::virtual_payment::Notice;
    ///
    /// # fn main() -> Result<(), protocol_core::DecodeError> {
    /// let push = Push::decode(
    ///     br#"{"Event":"xpay_complaint_notify","WxOrderId":"wx1","MchOrderId":"m1","RetryTimes":0}"#,
    /// )?;
    /// // No signature was verified: `trust_anyway` says so.
    /// let notice = Notice::of(&push.trust_anyway()).transpose()?;
    /// let Some(Notice::Complaint(complaint)) = notice else { panic!("a complaint") };
    /// // A push may lack the number: then list the complaints, and match the order.
    /// assert_eq!((complaint.number(), complaint.wx_order_id.as_deref()), (None, Some("wx1")));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`DecodeError`] for an event that is not an object or element with members. A member that
    /// does not fit is lost alone: see [`ComplaintNotify::misfits`].
    #[must_use]
    pub fn of(push: &Push) -> Option<Result<Self, DecodeError>> {
        let Event::Other(document) = &push.content else { return None };
        Some(match push.event.as_deref().map(str::trim) {
            Some(XPAY_COMPLAINT) => read::<ComplaintNotify>(document).map(|mut notice| {
                notice.extra.forget(|name| is_read(push, name));
                Self::Complaint(Box::new(notice))
            }),
            Some(XPAY_RESTRICTION) => read::<RestrictionNotify>(document).map(|mut notice| {
                notice.extra.forget(|name| is_read(push, name));
                Self::Restriction(Box::new(notice))
            }),
            _ => return None,
        })
    }
}

push_object! {
    /// A complaint that was filed. A hint: read the complaint, or the list if the number is
    /// missing.
    ///
    /// The published tables differ: an older one has no `TransactionId`, `ComplaintId` and
    /// `ComplaintDetail`.
    #[doc(alias("xpay_complaint_notify", "用户投诉推送"))]
    pub struct ComplaintNotify {
        /// The payer's openid.
        open_id = "OpenId": Option<Personal<String>>,
        /// The platform's number of the virtual order: a complaint's order has it as `wx_order_id`.
        wx_order_id = "WxOrderId": Option<String> as asked,
        /// The merchant's order number: a complaint's order has it as `wxa_out_trade_no`.
        mch_order_id = "MchOrderId": Option<String> as asked,
        /// WeChat Pay's order number.
        transaction_id = "TransactionId": Option<String> as asked,
        /// The complaint's number. [`ComplaintNotify::number`] has it where it is usable.
        complaint_id = "ComplaintId": Option<String> as asked,
        /// The payer's words.
        complaint_detail = "ComplaintDetail": Option<Personal<String>>,
        /// Time of filing.
        complaint_time = "ComplaintTime": Option<UnixTime> as asked,
        /// The number of the retry, from 0; at most 15.
        retry_times = "RetryTimes": Option<i64>,
        /// The platform's id of the request.
        request_id = "RequestId": Option<String>,
    }
}

impl ComplaintNotify {
    /// The complaint's number, if the push has one of 1 to 64 characters. Without one, list the
    /// complaints and look for those that the push [is about](Self::is_about).
    #[must_use]
    pub fn number(&self) -> Option<&str> {
        usable(&self.complaint_id)
    }

    /// Whether the push is about this complaint: by the number, or without one by an order, whose
    /// `wx_order_id` counts before its `wxa_out_trade_no`. A missing value matches none. By order,
    /// a push may be about several complaints.
    ///
    /// ```
    /// use protocol_core::complaint::Complaint;
    /// use protocol_core::mini_program::Push;
    /// use protocol_core::virtual_payment::Notice;
    ///
    /// # fn main() -> Result<(), protocol_core::DecodeError> {
    /// let push = Push::decode(br#"{"Event":"xpay_complaint_notify","WxOrderId":"MP1"}"#)?;
    /// let listed = Complaint::decode(
    ///     br#"{"complaint_id":"7","complaint_order_info":[{"wx_order_id":"MP1"}]}"#,
    /// )?;
    /// let notice = Notice::of(push.peek()).transpose()?;
    /// let Some(Notice::Complaint(notice)) = notice else { panic!("a complaint") };
    /// assert!(notice.number().is_none() && notice.is_about(listed.peek()));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn is_about(&self, complaint: &Complaint) -> bool {
        match self.number() {
            Some(number) => number == complaint.complaint_id,
            None => complaint.complaint_order_info.iter().any(|order| self.is_of(order)),
        }
    }

    fn is_of(&self, order: &ComplaintOrder) -> bool {
        let same = |ours, theirs| Some(usable(ours)? == usable(theirs)?);
        same(&self.wx_order_id, &order.wx_order_id)
            .or_else(|| same(&self.mch_order_id, &order.wxa_out_trade_no))
            .unwrap_or_default()
    }
}

/// A number that tells one object from another.
fn usable(number: &Option<String>) -> Option<&str> {
    number.as_deref().filter(|number| is_id(number))
}

push_object! {
    /// A restriction of the merchant: about risk, not about a complaint.
    #[doc(alias("xpay_wxpay_callback_notify", "管控"))]
    pub struct RestrictionNotify {
        /// WeChat Pay's number of the merchant.
        merchant_code = "MerchantCode": Option<String>,
        /// The number of the case.
        business_code = "BusinessCode": Option<String>,
        /// The state of the case.
        business_state = "BusinessState": Option<String>,
        /// The kind of event.
        event_type = "EventType": Option<String>,
        /// The platform's words.
        remark = "Remark": Option<Personal<String>>,
        /// The number of the retry, from 0.
        retry_times = "RetryTimes": Option<i64>,
        /// The platform's id of the request.
        request_id = "RequestId": Option<String>,
    }
}

/// Whether the push itself holds this member. One that does not fit stays with the event.
fn is_read(push: &Push, name: &str) -> bool {
    match name {
        "ToUserName" => push.to_user_name.is_some(),
        "FromUserName" => push.from_user_name.is_some(),
        "CreateTime" => push.create_time.is_some(),
        "MsgType" => push.msg_type.is_some(),
        "Event" => push.event.is_some(),
        _ => false,
    }
}

/// The name of an event in decoding errors.
const DOCUMENT: &str = "an event of virtual payment";

/// Reads an event: in one pass, or else member by member.
fn read<T>(document: &Document) -> Result<T, DecodeError>
where
    T: for<'x> WireValue<'x> + for<'x> XmlElement<'x>,
{
    match document {
        Document::Xml(text) => {
            let mut reader = XmlReader::new(DOCUMENT, text);
            let read = reader.document()?;
            if reader.take_misfit().is_none() {
                return Ok(read);
            }
            XmlReader::new(DOCUMENT, text).again().document()
        }
        Document::Json(json) => read_document(DOCUMENT, json.get().as_bytes()),
        Document::Text(text) => read_document(DOCUMENT, text.as_bytes()),
    }
}
