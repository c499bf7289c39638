//! The state of virtual payment: its account, and its merchant at WeChat Pay.

use std::sync::Arc;

use protocol_core::UnixTime;
use protocol_core::wechat_pay::Scheme;

use super::account::VirtualPaymentAccount;
use super::notice::{ComplaintNotice, RestrictionNotice, Shape};
use crate::error::SandboxError;
use crate::mini_program::Message;
use crate::random;
use crate::state::State;
use crate::wechat_pay::{MerchantAccount, NewComplaint};

/// One Mini Program's virtual payment.
#[derive(Clone)]
pub(crate) struct VirtualPayment {
    pub(crate) account: Arc<VirtualPaymentAccount>,
    /// The merchant that owns its complaints, once there is one.
    pub(crate) merchant: Option<Arc<MerchantAccount>>,
    /// The shape of its pushes.
    pub(crate) shape: Shape,
}

impl Default for VirtualPayment {
    fn default() -> Self {
        Self { account: Arc::new(VirtualPaymentAccount::open()), merchant: None, shape: Shape::default() }
    }
}

impl State {
    /// The merchant that owns the complaints of virtual payment.
    pub(crate) fn owner(&mut self, now: UnixTime) -> Result<Arc<MerchantAccount>, SandboxError> {
        if let Some(merchant) = &self.virtual_payment.merchant {
            return Ok(Arc::clone(merchant));
        }
        let merchant = self.wechat_pay.add_merchant(Scheme::Rsa, now)?;
        self.virtual_payment.merchant = Some(Arc::clone(&merchant));
        Ok(merchant)
    }

    /// Files a complaint, and queues its push if a URL is set. Returns its id.
    pub(crate) fn file_virtual_payment(&mut self, new: NewComplaint, now: UnixTime) -> Result<String, SandboxError> {
        let owner = self.owner(now)?;
        let has_messages = new.history_entries > 0;
        let id = self.wechat_pay.file_with(new, owner.mchid.clone(), now);
        if let Some(complaint) = self.wechat_pay.complaints.get_mut(&id) {
            // The complaint itself is no message that waits.
            complaint.incoming_user_response = has_messages;
            let notice = ComplaintNotice::new(complaint, self.virtual_payment.shape, now);
            self.mini_program.queue(Message::VirtualPayment(notice));
        }
        Ok(id)
    }

    /// Restricts the merchant, and queues the push if a URL is set. Returns the number of the case.
    pub(crate) fn restrict_virtual_payment(
        &mut self,
        [business_state, event_type, remark]: [String; 3],
        now: UnixTime,
    ) -> Result<String, SandboxError> {
        let business_code = random::digits(18);
        let notice = RestrictionNotice {
            open_id: random::alphanumeric(28),
            merchant_code: self.owner(now)?.mchid.clone(),
            business_code: business_code.clone(),
            business_state,
            event_type,
            remark,
            created: now,
        };
        self.mini_program.queue(Message::Restriction(notice));
        Ok(business_code)
    }

    /// The push of a complaint as it stands.
    pub(super) fn complaint_notice(&self, id: &str, now: UnixTime) -> Result<Message, SandboxError> {
        let complaint = self.wechat_pay.complaints.get(id);
        let complaint = complaint.ok_or_else(|| SandboxError::UnknownComplaint(id.to_owned()))?;
        Ok(Message::VirtualPayment(ComplaintNotice::new(complaint, self.virtual_payment.shape, now)))
    }
}
