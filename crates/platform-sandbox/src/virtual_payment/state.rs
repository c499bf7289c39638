//! The state of virtual payment: its account, and its merchant at WeChat Pay.

use std::sync::Arc;

use protocol_core::UnixTime;
use protocol_core::wechat_pay::Scheme;

use super::account::VirtualPaymentAccount;
use super::notice::{ComplaintNotice, Shape};
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
            let notice = ComplaintNotice::new(complaint, self.virtual_payment.shape, now);
            self.mini_program.queue(Message::VirtualPayment(notice));
        }
        Ok(id)
    }

    /// The push of a complaint as it stands.
    pub(super) fn complaint_notice(&self, id: &str, now: UnixTime) -> Result<Message, SandboxError> {
        let complaint = self.wechat_pay.complaints.get(id);
        let complaint = complaint.ok_or_else(|| SandboxError::UnknownComplaint(id.to_owned()))?;
        Ok(Message::VirtualPayment(ComplaintNotice::new(complaint, self.virtual_payment.shape, now)))
    }
}
