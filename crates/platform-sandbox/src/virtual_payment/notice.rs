//! The events `xpay_complaint_notify` and `xpay_wxpay_callback_notify`, in XML and in JSON. They do
//! not share code with the core.

use protocol_core::UnixTime;
use serde_json::json;

use crate::mini_program::{PushFormat, cdata, plain};
use crate::random;
use crate::wechat_pay::Complaint;

/// A complaint at the time of its push.
#[derive(Clone)]
pub(crate) struct ComplaintNotice {
    pub(crate) open_id: String,
    pub(crate) complaint_id: String,
    pub(crate) detail: String,
    pub(crate) retry_times: u32,
    wx_order_id: String,
    mch_order_id: String,
    transaction_id: String,
    filed: UnixTime,
    created: UnixTime,
    request_id: String,
    shape: Shape,
}

/// The members of the event: the published tables differ.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Shape {
    #[default]
    Newer,
    /// Without [`NEWER`].
    Older,
}

/// The members that the older table lacks.
const NEWER: [&str; 3] = ["TransactionId", "ComplaintId", "ComplaintDetail"];

impl ComplaintNotice {
    pub(super) fn new(complaint: &Complaint, shape: Shape, created: UnixTime) -> Self {
        Self {
            open_id: complaint.payer_openid.clone().unwrap_or_else(|| random::alphanumeric(28)),
            complaint_id: complaint.id.clone(),
            detail: complaint.detail.clone(),
            retry_times: 0,
            wx_order_id: wx_order_id(complaint),
            mch_order_id: complaint.out_trade_no.clone(),
            transaction_id: complaint.transaction_id.clone(),
            filed: complaint.time,
            created,
            request_id: random::alphanumeric(16),
            shape,
        }
    }

    /// The message for this Mini Program.
    pub(crate) fn write(&self, original_id: &str, format: PushFormat) -> String {
        let texts = [
            ("OpenId", &*self.open_id),
            ("WxOrderId", &self.wx_order_id),
            ("MchOrderId", &self.mch_order_id),
            ("TransactionId", &self.transaction_id),
            ("ComplaintId", &self.complaint_id),
            ("ComplaintDetail", &self.detail),
            ("RequestId", &self.request_id),
        ];
        let is_sent = |(name, _): &(&str, &str)| self.shape == Shape::Newer || !NEWER.contains(name);
        let texts: Vec<_> = texts.into_iter().filter(is_sent).collect();
        let numbers = [("ComplaintTime", self.filed.0), ("RetryTimes", self.retry_times.into())];
        Envelope { original_id, open_id: &self.open_id, created: self.created, event: "xpay_complaint_notify" }
            .write(&texts, &numbers, format)
    }

    /// Whether a body is the documented success in this format.
    pub(crate) fn is_success(body: &[u8], format: PushFormat) -> bool {
        if format == PushFormat::Json {
            let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
            return body.get("ErrCode") == Some(&json!(0));
        }
        std::str::from_utf8(body).is_ok_and(|body| body.starts_with("<xml>") && body.contains("<ErrCode>0</ErrCode>"))
    }
}

/// A restriction of the merchant, with the members of the one published table.
#[derive(Clone)]
pub(crate) struct RestrictionNotice {
    pub(crate) open_id: String,
    pub(crate) remark: String,
    pub(super) merchant_code: String,
    pub(super) business_code: String,
    pub(super) business_state: String,
    pub(super) event_type: String,
    pub(super) created: UnixTime,
}

impl RestrictionNotice {
    /// The message for this Mini Program.
    pub(crate) fn write(&self, original_id: &str, format: PushFormat) -> String {
        let texts = [
            ("MerchantCode", &*self.merchant_code),
            ("BusinessCode", &self.business_code),
            ("BusinessState", &self.business_state),
            ("EventType", &self.event_type),
            ("Remark", &self.remark),
        ];
        Envelope { original_id, open_id: &self.open_id, created: self.created, event: "xpay_wxpay_callback_notify" }
            .write(&texts, &[], format)
    }
}

/// The members that every event has.
struct Envelope<'a> {
    original_id: &'a str,
    open_id: &'a str,
    created: UnixTime,
    event: &'static str,
}

impl Envelope<'_> {
    /// The event with these members.
    fn write(&self, texts: &[(&str, &str)], numbers: &[(&str, i64)], format: PushFormat) -> String {
        if format == PushFormat::Json {
            let mut message = json!({
                "ToUserName": self.original_id,
                "FromUserName": self.open_id,
                "CreateTime": self.created.0,
                "MsgType": "event",
                "Event": self.event,
            });
            if let Some(message) = message.as_object_mut() {
                message.extend(texts.iter().map(|(name, text)| ((*name).to_owned(), json!(text))));
                message.extend(numbers.iter().map(|(name, number)| ((*name).to_owned(), json!(number))));
            }
            return message.to_string();
        }
        let mut xml = String::from("<xml>");
        cdata(&mut xml, "ToUserName", self.original_id);
        cdata(&mut xml, "FromUserName", self.open_id);
        plain(&mut xml, "CreateTime", &self.created.to_string());
        cdata(&mut xml, "MsgType", "event");
        cdata(&mut xml, "Event", self.event);
        texts.iter().for_each(|(name, text)| cdata(&mut xml, name, text));
        numbers.iter().for_each(|(name, number)| plain(&mut xml, name, &number.to_string()));
        xml.push_str("</xml>");
        xml
    }
}

/// The platform's number of the virtual order.
pub(super) fn wx_order_id(complaint: &Complaint) -> String {
    format!("MP{}", complaint.transaction_id)
}
