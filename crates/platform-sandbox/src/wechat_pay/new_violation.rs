//! A penalty of a merchant below a service provider.

use protocol_core::UnixTime;
use serde_json::{Value, json};

use super::account::MerchantAccount;
use crate::clock::rfc3339;

/// The event of a violation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ViolationEvent {
    /// `VIOLATION.PUNISH`: a penalty.
    #[default]
    Punish,
    /// `VIOLATION.INTERCEPT`: an interception.
    Intercept,
    /// `VIOLATION.APPEAL`: an appeal.
    Appeal,
}

impl ViolationEvent {
    pub(crate) const fn event_type(self) -> &'static str {
        match self {
            Self::Punish => "VIOLATION.PUNISH",
            Self::Intercept => "VIOLATION.INTERCEPT",
            Self::Appeal => "VIOLATION.APPEAL",
        }
    }
}

/// A violation to notify of. Default: a penalty of a merchant below the default one, because of
/// disputes about transactions.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct NewViolation {
    pub(crate) mchid: Option<String>,
    pub(crate) event: ViolationEvent,
    sub_mchid: Option<String>,
    risk_type: Option<String>,
    punish_plan: Option<String>,
}

impl NewViolation {
    /// The service provider. Default: the default merchant.
    pub fn with_merchant(mut self, merchant: &MerchantAccount) -> Self {
        self.mchid = Some(merchant.mchid.clone());
        self
    }

    /// The event. Default: [`ViolationEvent::Punish`].
    pub const fn with_event(mut self, event: ViolationEvent) -> Self {
        self.event = event;
        self
    }

    /// The merchant concerned.
    pub fn with_sub_mchid(mut self, sub_mchid: impl Into<String>) -> Self {
        self.sub_mchid = Some(sub_mchid.into());
        self
    }

    /// The kind of risk. Default: `TRANSACTION_DISPUTE`.
    pub fn with_risk_type(mut self, risk_type: impl Into<String>) -> Self {
        self.risk_type = Some(risk_type.into());
        self
    }

    /// The penalty.
    pub fn with_punish_plan(mut self, punish_plan: impl Into<String>) -> Self {
        self.punish_plan = Some(punish_plan.into());
        self
    }

    /// The resource of the notification.
    pub(crate) fn to_json(&self, record_id: &str, now: UnixTime) -> Value {
        let text = |given: &Option<String>, default: &str| given.clone().unwrap_or_else(|| default.to_owned());
        json!({
            "sub_mchid": text(&self.sub_mchid, "1900009231"),
            "company_name": "某商户公司",
            "record_id": record_id,
            "punish_plan": text(&self.punish_plan, "关闭支付权限"),
            "punish_time": rfc3339(now),
            "punish_description": "消费者投诉较多",
            "risk_type": text(&self.risk_type, "TRANSACTION_DISPUTE"),
            "risk_description": "交易纠纷",
        })
    }
}
