//! The accused merchant, which an act on a complaint names.

use serde_json::{Map, Value};

use super::super::authenticate::Caller;
use super::super::complaint::Complaint;
use super::super::refusal::Refusal;
use super::super::shape::{ID, Member, needed, text};
use super::super::state::WechatPay;

/// The body of an act that says nothing more: `{complainted_mchid}`.
pub(super) const ACCUSED: &[Member] = &[needed("complainted_mchid", &ID)];

impl WechatPay {
    /// The complaint, if `complainted_mchid` is its accused merchant.
    pub(super) fn accused_complaint(
        &self,
        id: &str,
        caller: &Caller,
        body: &Map<String, Value>,
    ) -> Result<&Complaint, Refusal> {
        let complaint = self.complaint_of(id, caller)?;
        let named = text(body, "complainted_mchid").unwrap_or_default();
        if named == complaint.complainted_mchid {
            return Ok(complaint);
        }
        Err(Refusal::parameter("body", "/complainted_mchid", Value::from(named), "与投诉单的被诉商户号不一致"))
    }
}
