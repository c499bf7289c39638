//! The acts of payers and the platform. Each adds an entry to the history and sends a notification.

use protocol_core::UnixTime;
use serde_json::json;

use super::complaint::{Complaint, Entry, PAYER, PENDING, PLATFORM, PROCESSED, Refund, SYSTEM};
use super::state::WechatPay;
use crate::error::SandboxError;

/// A step of the platform's assistance.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlatformService {
    /// The payer asks for it.
    Applied {
        /// The reason (`user_appy_platform_service_reason` on the wire).
        reason: String,
        /// The payer's words.
        description: String,
    },
    /// The payer withdraws the request.
    Cancelled,
    /// The assistance ends.
    Finished,
}

impl WechatPay {
    pub(crate) fn user_message(&mut self, id: &str, text: &str, now: UnixTime) -> Result<(), SandboxError> {
        self.act(id, now, PAYER, "USER_RESPONSE", "USER_RESPONSE", Entry::words(text), |complaint| {
            complaint.incoming_user_response = true;
            Ok(())
        })
    }

    /// The payer continues the complaint, which opens it again.
    pub(crate) fn user_continues(&mut self, id: &str, text: &str, now: UnixTime) -> Result<(), SandboxError> {
        let entry = Entry::words(text);
        self.act(id, now, PAYER, "USER_CONTINUE_COMPLAINT", "CONTINUE_COMPLAINT", entry, |complaint| {
            complaint.incoming_user_response = true;
            complaint.times += 1;
            complaint.state = PENDING;
            if complaint.refund == Refund::Rejected {
                complaint.refund = Refund::Asked;
            }
            Ok(())
        })?;
        let log_id = self.next_log_id(now);
        if let Some(complaint) = self.complaints.get_mut(id) {
            let notice = Entry::words("用户继续投诉");
            complaint.record(&log_id, now, SYSTEM, "USER_CONTINUE_COMPLAINT_SYSTEM_MESSAGE", notice);
        }
        Ok(())
    }

    /// The payer clicks a block of an earlier message.
    pub(crate) fn user_click(
        &mut self,
        id: &str,
        clicked_log_id: &str,
        action_id: &str,
        text: &str,
        now: UnixTime,
    ) -> Result<(), SandboxError> {
        let click = json!({"message_content": text, "action_id": action_id, "clicked_log_id": clicked_log_id});
        let entry = Entry::default().with("click_message", click);
        self.act(id, now, PAYER, "USER_CLICK_RESPONSE", "USER_RESPONSE", entry, |complaint| {
            let known =
                complaint.history.iter().any(|entry| entry.get("log_id").is_some_and(|id| id == clicked_log_id));
            if !known {
                return Err(SandboxError::State("there is no such message to click"));
            }
            complaint.incoming_user_response = true;
            Ok(())
        })
    }

    pub(crate) fn platform_message(&mut self, id: &str, text: &str, now: UnixTime) -> Result<(), SandboxError> {
        let entry = Entry::words(text);
        self.act(id, now, PLATFORM, "PLATFORM_RESPONSE", "RESPONSE_BY_PLATFORM", entry, |_| Ok(()))
    }

    /// An approved refund arrives, which ends the complaint.
    pub(crate) fn refund_received(&mut self, id: &str, now: UnixTime) -> Result<(), SandboxError> {
        let entry = Entry::words("退款已到账");
        let operate_type = "COMPLAINT_REFUND_RECEIVED_SYSTEM_MESSAGE";
        self.act(id, now, SYSTEM, operate_type, "REFUND_SUCCESS", entry, |complaint| {
            if complaint.refund != Refund::Approved {
                return Err(SandboxError::State("no refund was approved"));
            }
            complaint.refund = Refund::Received;
            complaint.fully_refunded = complaint.apply_refund_amount.is_none_or(|asked| asked >= complaint.amount);
            complaint.state = PROCESSED;
            Ok(())
        })
    }

    /// An approved refund does not arrive. No type of entry is published for that: the platform
    /// writes to the merchant, who has to decide once more.
    pub(crate) fn refund_fails(&mut self, id: &str, now: UnixTime) -> Result<(), SandboxError> {
        let entry = Entry::words("退款失败，请核实账户余额后重新处理");
        self.act(id, now, PLATFORM, "PLATFORM_RESPONSE", "RESPONSE_BY_PLATFORM", entry, |complaint| {
            if complaint.refund != Refund::Approved {
                return Err(SandboxError::State("no refund was approved"));
            }
            complaint.refund = Refund::Asked;
            Ok(())
        })
    }

    /// The platform ends its assistance, and with it the complaint.
    pub(crate) fn platform_completes(&mut self, id: &str, now: UnixTime) -> Result<(), SandboxError> {
        let word = "PLATFORM_SERVICE_FINISHED";
        self.act(id, now, PLATFORM, word, word, Entry::default(), |complaint| {
            complaint.in_platform_service = false;
            complaint.incoming_user_response = false;
            complaint.state = PROCESSED;
            Ok(())
        })
    }

    /// The payer withdraws the complaint, which ends it. No notification of that is published.
    pub(crate) fn user_revokes(&mut self, id: &str, now: UnixTime) -> Result<(), SandboxError> {
        let log_id = self.next_log_id(now);
        let complaint = self.complaints.get_mut(id).ok_or_else(|| SandboxError::UnknownComplaint(id.to_owned()))?;
        complaint.record(&log_id, now, PAYER, "USER_REVOKE_COMPLAINT", Entry::words("用户撤销投诉"));
        complaint.incoming_user_response = false;
        complaint.state = PROCESSED;
        Ok(())
    }

    pub(crate) fn platform_service(
        &mut self,
        id: &str,
        service: PlatformService,
        now: UnixTime,
    ) -> Result<(), SandboxError> {
        let (operator, word, entry, running) = match service {
            PlatformService::Applied { reason, description } => {
                let entry = Entry::default()
                    .with("user_appy_platform_service_reason", reason)
                    .with("user_appy_platform_service_reason_description", description);
                (PAYER, "USER_APPLY_PLATFORM_SERVICE", entry, true)
            }
            PlatformService::Cancelled => (PAYER, "USER_CANCEL_PLATFORM_SERVICE", Entry::default(), false),
            PlatformService::Finished => (PLATFORM, "PLATFORM_SERVICE_FINISHED", Entry::default(), false),
        };
        self.act(id, now, operator, word, word, entry, |complaint| {
            complaint.in_platform_service = running;
            Ok(())
        })
    }

    #[expect(clippy::too_many_arguments, reason = "an act has an operator, a time, an entry and an effect")]
    fn act(
        &mut self,
        id: &str,
        now: UnixTime,
        operator: &str,
        operate_type: &str,
        action_type: &str,
        entry: Entry,
        effect: impl FnOnce(&mut Complaint) -> Result<(), SandboxError>,
    ) -> Result<(), SandboxError> {
        let log_id = self.next_log_id(now);
        let complaint = self.complaints.get_mut(id).ok_or_else(|| SandboxError::UnknownComplaint(id.to_owned()))?;
        effect(complaint)?;
        complaint.record(&log_id, now, operator, operate_type, entry);
        let mchid = complaint.mchid.clone();
        self.notify(&mchid, id, action_type, now);
        Ok(())
    }
}
