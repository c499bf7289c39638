//! Notices of Alipay's complaints: signed forms, and the ways to spoil one. Shares no code with the
//! core.

use protocol_core::UnixTime;
use protocol_core::crypto::Signer;
use serde_json::Value;

use super::alipay_complaint::AlipayComplaint;
use super::verify::string_to_sign;
use crate::clock::china_time;
use crate::fault::NoticeFault;
use crate::form;
use crate::random;

/// A notice of a complaint, as it is now.
#[derive(Clone)]
pub(super) struct Notice {
    pub(super) cusid: String,
    pub(super) task_id: String,
    pub(super) status: String,
    fields: Vec<(String, String)>,
}

impl Notice {
    /// The documented fields. `signtype` is not among them: the account's counts.
    pub(super) fn of(complaint: &AlipayComplaint, appid: &str, now: UnixTime) -> Self {
        let document = complaint.to_json();
        let text = |name: &str| match document.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        let mut fields = vec![
            ("cusid".to_owned(), complaint.cusid.clone()),
            ("appid".to_owned(), appid.to_owned()),
            ("create_time".to_owned(), china_time(now)),
            ("paychnl".to_owned(), "ALIPAY".to_owned()),
        ];
        fields.extend(MIRRORED.map(|name| (name.to_owned(), text(name))));
        Self { cusid: complaint.cusid.clone(), task_id: text("task_id"), status: text("status"), fields }
    }

    /// The form's body, signed.
    pub(super) fn sign(&self, signer: &dyn Signer, fault: Option<NoticeFault>) -> Vec<u8> {
        let mut fields = self.fields.clone();
        match fault {
            Some(NoticeFault::UnknownField) => fields.push(("risk_level".to_owned(), "高 & 新".to_owned())),
            Some(NoticeFault::WrongMerchant) => {
                fields
                    .iter_mut()
                    .filter(|(name, _)| name == "cusid")
                    .for_each(|(_, cusid)| *cusid = random::digits(15));
            }
            _ => {}
        }
        let mut string = string_to_sign(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        if fault == Some(NoticeFault::Forged) {
            string.push_str("&forged=1");
        }
        let sign = signer.sign(&[string.as_bytes()]).map(|signature| signature.to_base64()).unwrap_or_default();
        match fault {
            Some(NoticeFault::UnsignedField) => fields.push(("added".to_owned(), "1".to_owned())),
            Some(NoticeFault::MissingField) => fields.retain(|(name, _)| name != "status_description"),
            _ => {}
        }
        if fault != Some(NoticeFault::NoSignature) {
            fields.push(("sign".to_owned(), sign));
        }
        form::encode(&fields).into_bytes()
    }
}

/// The fields that have the names of a row of the list.
const MIRRORED: [&str; 13] = [
    "complain_amount",
    "complain_content",
    "complaint_trade_info_list",
    "contact",
    "gmt_complain",
    "gmt_overdue",
    "gmt_process",
    "gmt_risk_finish_time",
    "opposite_name",
    "opposite_pid",
    "status",
    "status_description",
    "task_id",
];
