//! One complaint: its state, its history, and their JSON.

use std::collections::HashMap;

use protocol_core::UnixTime;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use crate::clock::rfc3339;

pub(crate) const PENDING: &str = "PENDING";
pub(crate) const PROCESSING: &str = "PROCESSING";
pub(crate) const PROCESSED: &str = "PROCESSED";

pub(crate) const PAYER: &str = "投诉人";
pub(crate) const MERCHANT: &str = "商家";
pub(crate) const SYSTEM: &str = "系统";
pub(crate) const PLATFORM: &str = "平台";

/// One of the three states.
pub(crate) type StateName = &'static str;

/// The state of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Refund {
    /// The payer asks for none.
    NotAsked,
    /// The merchant has to decide.
    Asked,
    Approved,
    Rejected,
    Received,
}

/// One complaint. No `Debug`: it holds what payers say.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Complaint {
    /// The merchant that sees it: the accused one, or its service provider. For Allinpay's
    /// merchants, their `cusid`.
    pub(crate) mchid: String,
    pub(crate) id: String,
    pub(crate) time: UnixTime,
    pub(crate) detail: String,
    #[serde(deserialize_with = "state")]
    pub(crate) state: StateName,
    pub(crate) complainted_mchid: String,
    /// Ciphertext, base64. In clear for Allinpay's merchants.
    pub(crate) payer_phone: Option<String>,
    pub(crate) payer_openid: Option<String>,
    pub(crate) transaction_id: String,
    pub(crate) out_trade_no: String,
    pub(crate) amount: u64,
    pub(crate) fully_refunded: bool,
    pub(crate) incoming_user_response: bool,
    pub(crate) times: u64,
    /// The URLs of the payer's pictures and of the merchant's.
    pub(crate) user_images: Vec<String>,
    pub(crate) merchant_images: Vec<String>,
    pub(crate) problem_description: String,
    pub(crate) problem_type: Option<String>,
    pub(crate) apply_refund_amount: Option<u64>,
    pub(crate) user_tags: Vec<String>,
    pub(crate) service_order: Option<Value>,
    pub(crate) in_platform_service: bool,
    pub(crate) need_immediate_service: bool,
    pub(crate) refund: Refund,
    /// The log ids of immediate replies, by `idempotent_id`.
    pub(crate) immediate: HashMap<String, String>,
    pub(crate) history: Vec<Value>,
}

/// A kept state.
fn state<'de, D: Deserializer<'de>>(deserializer: D) -> Result<StateName, D::Error> {
    let kept = String::deserialize(deserializer)?;
    let known = [PENDING, PROCESSING, PROCESSED].into_iter().find(|state| *state == kept);
    known.ok_or_else(|| serde::de::Error::custom("a complaint's state is none of the platform's"))
}

impl Complaint {
    /// The complaint as JSON. The list leaves out `payer_openid`.
    pub(crate) fn to_json(&self, with_openid: bool) -> Value {
        let mut complaint = json!({
            "complaint_id": self.id,
            "complaint_time": rfc3339(self.time),
            "complaint_detail": self.detail,
            "complaint_state": self.state,
            "complainted_mchid": self.complainted_mchid,
            "complaint_order_info": [{
                "transaction_id": self.transaction_id,
                "out_trade_no": self.out_trade_no,
                "amount": self.amount,
            }],
            "complaint_full_refunded": self.fully_refunded,
            "incoming_user_response": self.incoming_user_response,
            "user_complaint_times": self.times,
            "problem_description": self.problem_description,
            "user_tag_list": self.user_tags,
            "service_order_info": self.service_order.iter().collect::<Vec<_>>(),
            "in_platform_service": self.in_platform_service,
            "need_immediate_service": self.need_immediate_service,
            "is_agent_mode": false,
        });
        let mut optional = |name: &str, value: Option<Value>| {
            if let (Some(value), Some(complaint)) = (value, complaint.as_object_mut()) {
                complaint.insert(name.to_owned(), value);
            }
        };
        optional("payer_phone", self.payer_phone.clone().map(Value::from));
        optional("payer_openid", self.payer_openid.clone().filter(|_| with_openid).map(Value::from));
        optional("problem_type", self.problem_type.clone().map(Value::from));
        optional("apply_refund_amount", self.apply_refund_amount.map(Value::from));
        let media: Vec<Value> =
            [("USER_COMPLAINT_IMAGE", &self.user_images), ("OPERATION_IMAGE", &self.merchant_images)]
                .into_iter()
                .filter_map(|(kind, urls)| media(kind, urls))
                .collect();
        optional("complaint_media_list", (!media.is_empty()).then(|| Value::from(media)));
        complaint
    }

    /// Adds an entry to the history.
    pub(crate) fn record(&mut self, log_id: &str, now: UnixTime, operator: &str, operate_type: &str, more: Entry) {
        let mut entry = json!({
            "log_id": log_id,
            "operator": operator,
            "operate_time": rfc3339(now),
            "operate_type": operate_type,
            "image_list": [],
        });
        if let Some(entry) = entry.as_object_mut() {
            entry.extend(more.0);
        }
        self.history.push(entry);
    }

    /// The merchant says that it is dealt with.
    pub(crate) fn complete(&mut self, log_id: &str, now: UnixTime) {
        let entry = Entry::words("商家反馈处理完成");
        self.record(log_id, now, MERCHANT, "MERCHANT_CONFIRM_COMPLETE", entry);
        self.incoming_user_response = false;
        self.state = PROCESSED;
    }

    /// The merchant approves the refund.
    pub(crate) fn approve_refund(&mut self, log_id: &str, now: UnixTime) {
        let entry = Entry::words("商家同意退款");
        self.record(log_id, now, MERCHANT, "MERCHANT_APPROVE_REFUND", entry);
        self.refund = Refund::Approved;
        self.incoming_user_response = false;
    }

    /// Notes a reply of the merchant: the complaint is in process, and the payer is not waiting.
    pub(crate) fn replied(&mut self) {
        self.incoming_user_response = false;
        if self.state == PENDING {
            self.state = PROCESSING;
        }
    }
}

/// Optional members of an entry.
#[derive(Clone, Default)]
pub(crate) struct Entry(Map<String, Value>);

impl Entry {
    pub(crate) fn words(details: &str) -> Self {
        Self::default().with("operate_details", details)
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Adds pictures. The history has one object; the complaint has an array.
    pub(crate) fn with_media(mut self, kind: &str, urls: &[String]) -> Self {
        self.0.extend(media(kind, urls).map(|media| ("complaint_media_list".to_owned(), media)));
        self
    }
}

fn media(kind: &str, urls: &[String]) -> Option<Value> {
    (!urls.is_empty()).then(|| json!({"media_type": kind, "media_url": urls}))
}
