//! The state of virtual payment: its account, and its merchant at WeChat Pay.

use std::sync::Arc;

use protocol_core::UnixTime;
use protocol_core::wechat_pay::Scheme;

use super::account::VirtualPaymentAccount;
use super::notice::ComplaintNotice;
use crate::error::SandboxError;
use crate::mini_program::Message;
use crate::state::State;
use crate::wechat_pay::{MerchantAccount, NewComplaint};

/// One Mini Program's virtual payment.
#[derive(Clone)]
pub(crate) struct VirtualPayment {
    pub(crate) account: Arc<VirtualPaymentAccount>,
    /// The merchant that owns its complaints, once there is one.
    merchant: Option<Arc<MerchantAccount>>,
}

impl Default for VirtualPayment {
    fn default() -> Self {
        Self { account: Arc::new(VirtualPaymentAccount::open()), merchant: None }
    }
}

impl State {
    /// The merchant that owns the complaints of virtual payment.
    pub(super) fn owner(&mut self, now: UnixTime) -> Result<Arc<MerchantAccount>, SandboxError> {
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
        let id = self.wechat_pay.file_with(new, owner.mchid.clone(), now);
        if let Some(complaint) = self.wechat_pay.complaints.get(&id) {
            self.mini_program.queue(Message::VirtualPayment(ComplaintNotice::new(complaint, now)));
        }
        Ok(id)
    }

    /// The push of a complaint as it stands.
    pub(super) fn complaint_notice(&self, id: &str, now: UnixTime) -> Result<Message, SandboxError> {
        let complaint = self.wechat_pay.complaints.get(id);
        let complaint = complaint.ok_or_else(|| SandboxError::UnknownComplaint(id.to_owned()))?;
        Ok(Message::VirtualPayment(ComplaintNotice::new(complaint, now)))
    }
}
