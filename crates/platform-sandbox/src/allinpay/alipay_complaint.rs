//! Alipay's complaints, with the members that a merchant of Allinpay sees.

use std::fmt;

use protocol_core::UnixTime;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::china_time;
use crate::random;

/// The merchant's time to process a complaint, in seconds.
const DUE: i64 = 24 * 3600;

/// An Alipay complaint to file. Default: 0.01 yuan, goods not received.
#[derive(Clone, Default)]
#[must_use]
pub struct NewAlipayComplaint {
    content: Option<String>,
    contact: Option<String>,
    amount: Option<String>,
    trade_no: Option<String>,
    time: Option<UnixTime>,
    overdue: bool,
}

/// The payer's words and contact are left out.
impl fmt::Debug for NewAlipayComplaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewAlipayComplaint").field("amount", &self.amount).finish_non_exhaustive()
    }
}

impl NewAlipayComplaint {
    /// The payer's words.
    pub fn with_content(mut self, content: impl Into<String>) -> Self {
        self.content = Some(content.into());
        self
    }

    /// The payer's contact.
    pub fn with_contact(mut self, contact: impl Into<String>) -> Self {
        self.contact = Some(contact.into());
        self
    }

    /// The amount, in yuan.
    pub fn with_amount(mut self, yuan: impl Into<String>) -> Self {
        self.amount = Some(yuan.into());
        self
    }

    /// Alipay's number of the trade.
    pub fn with_trade_no(mut self, trade_no: impl Into<String>) -> Self {
        self.trade_no = Some(trade_no.into());
        self
    }

    /// The time of filing. Default: now.
    pub fn with_time(mut self, time: UnixTime) -> Self {
        self.time = Some(time);
        self
    }

    /// The merchant missed the deadline.
    pub fn overdue(mut self) -> Self {
        self.overdue = true;
        self
    }
}

/// One complaint. No `Debug`: it holds what payers say.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AlipayComplaint {
    id: u64,
    pub(super) cusid: String,
    pub(super) time: UnixTime,
    pub(super) task_id: String,
    pub(super) trade_no: String,
    pub(super) status: String,
    content: String,
    contact: String,
    amount: String,
    out_no: String,
    processed: Option<Processed>,
    /// Requests to process it, also those that were refused.
    #[serde(default)]
    pub(super) process_requests: u32,
}

/// The merchant's act.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Processed {
    pub(super) time: UnixTime,
    pub(super) code: String,
    pub(super) remark: String,
    pub(super) images: Vec<String>,
}

impl AlipayComplaint {
    pub(super) fn file(id: u64, new: NewAlipayComplaint, cusid: &str, now: UnixTime) -> Self {
        Self {
            id,
            cusid: cusid.to_owned(),
            time: new.time.unwrap_or(now),
            task_id: random::digits(20),
            trade_no: new.trade_no.unwrap_or_else(|| random::digits(28)),
            status: if new.overdue { "OVERDUE" } else { "WAIT_PROCESS" }.to_owned(),
            content: new.content.unwrap_or_else(|| "没有收到商品".to_owned()),
            contact: new.contact.unwrap_or_else(|| "138****0000".to_owned()),
            amount: new.amount.unwrap_or_else(|| "0.01".to_owned()),
            out_no: random::digits(20),
            processed: None,
            process_requests: 0,
        }
    }

    /// Processes it, if its state allows.
    pub(super) fn process(&mut self, processed: Processed) -> Result<(), &'static str> {
        let processed_status = match self.status.as_str() {
            "WAIT_PROCESS" | "PROCESSING" => "PROCESSED",
            "OVERDUE" | "PART_OVERDUE" => "OVERDUE_PROCESSED",
            _ => return Err("投诉单状态不支持当前操作"),
        };
        processed_status.clone_into(&mut self.status);
        self.processed = Some(processed);
        Ok(())
    }

    /// The time of processing.
    pub(super) fn processed_at(&self) -> Option<UnixTime> {
        self.processed.as_ref().map(|processed| processed.time)
    }

    /// The complaint, as the gateway writes it.
    pub(super) fn to_json(&self) -> Value {
        let described = match self.status.as_str() {
            "WAIT_PROCESS" => "待处理",
            "OVERDUE" => "已超时",
            _ => "处理完成",
        };
        let processed = self.processed.as_ref();
        let done_at = processed.map(|processed| china_time(processed.time));
        json!({
            "id": self.id,
            "task_id": self.task_id,
            "opposite_pid": "2088000000000000",
            "opposite_name": "某某商户",
            "complain_amount": self.amount,
            "contact": self.contact,
            "gmt_complain": china_time(self.time),
            "gmt_process": done_at,
            "gmt_overdue": china_time(UnixTime(self.time.0.saturating_add(DUE))),
            "complain_content": self.content,
            "trade_no": self.trade_no,
            "status": self.status,
            "status_description": described,
            "process_code": processed.map(|processed| processed.code.as_str()),
            "process_message": processed.map(|_| "商家已处理"),
            "process_remark": processed.map(|processed| processed.remark.as_str()),
            "process_img_url_list": processed.map(|processed| processed.images.clone()).unwrap_or_default(),
            "gmt_risk_finish_time": china_time(self.time),
            "complain_url": Value::Null,
            "certify_info": [],
            "complaint_trade_info_list": [{
                "id": self.id + 1_000_000,
                "complaint_record_id": self.id,
                "trade_no": self.trade_no,
                "out_no": self.out_no,
                "gmt_trade": china_time(UnixTime(self.time.0.saturating_sub(3600))),
                "gmt_refund": Value::Null,
                "status": self.status,
                "status_description": described,
                "amount": self.amount,
            }],
        })
    }
}
