//! Allinpay's methods of [`Sandbox`].

use protocol_core::allinpay::SignType;
use serde_json::Value;

use super::account::AllinpayAccount;
use super::alipay_complaint::NewAlipayComplaint;
use crate::error::SandboxError;
use crate::fault::NoticeFault;
use crate::log::SentNotice;
use crate::sandbox::Sandbox;
use crate::wechat_pay::NewComplaint;

impl Sandbox {
    /// Allinpay's merchant that signs with RSA. The gateway is at [`Sandbox::base_url`] plus
    /// `/cusapi`.
    #[must_use]
    pub fn allinpay(&self) -> AllinpayAccount {
        self.platform().state().allinpay.default_account(SignType::Rsa)
    }

    /// Allinpay's merchant that signs with SM2.
    #[must_use]
    pub fn allinpay_sm2(&self) -> AllinpayAccount {
        self.platform().state().allinpay.default_account(SignType::Sm2)
    }

    /// Opens another account at Allinpay: a merchant's, or an agent's with three merchants below.
    ///
    /// # Errors
    /// [`SandboxError::Identity`].
    pub fn add_allinpay(&self, sign_type: SignType, agent: bool) -> Result<AllinpayAccount, SandboxError> {
        self.platform().state().allinpay.add(sign_type, agent)
    }

    /// Files a WeChat complaint with a merchant of Allinpay. Returns its id, which
    /// [`Sandbox::user_message`] and the other acts take. The gateway shows the phone number in
    /// clear. No notification is sent.
    ///
    /// # Errors
    /// [`SandboxError::UnknownMerchant`].
    pub fn file_allinpay_complaint(&self, new: NewComplaint, cusid: &str) -> Result<String, SandboxError> {
        self.platform().act(|state, now| state.allinpay.file_wechat(&mut state.wechat_pay, new, cusid, now))
    }

    /// Files an Alipay complaint with a merchant of Allinpay. Returns its id. A notice is sent if
    /// the merchant has a URL for it.
    ///
    /// # Errors
    /// [`SandboxError::UnknownMerchant`].
    pub fn file_alipay_complaint(&self, new: NewAlipayComplaint, cusid: &str) -> Result<String, SandboxError> {
        self.platform().act(|state, now| state.allinpay.file_alipay(new, cusid, now))
    }

    /// Sets the risk notification URL of a merchant, or of an agent for all merchants below it.
    ///
    /// # Errors
    /// [`SandboxError::UnknownMerchant`]; [`SandboxError::Url`] for one that is not `https`.
    pub fn set_notice_url(&self, cusid: &str, url: &str) -> Result<(), SandboxError> {
        self.platform().state().allinpay.set_notice_url(cusid, url)
    }

    /// Moves an Alipay complaint to any state, such as `DROP_COMPLAIN`, and sends a notice of it.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn alipay_status(&self, id: &str, status: &str) -> Result<(), SandboxError> {
        self.platform().act(|state, now| state.allinpay.set_alipay_status(id, status, now))
    }

    /// Injects a fault into the next notice.
    pub fn inject_notice(&self, fault: NoticeFault) {
        self.platform().state().allinpay.notice_faults.push_back(fault);
    }

    /// Every attempt to deliver a notice, oldest first.
    #[must_use]
    pub fn sent_notices(&self) -> Vec<SentNotice> {
        self.platform().sent_notices()
    }

    /// The body of a notice of an Alipay complaint, signed now, for a test that posts it itself. It
    /// is neither queued nor logged.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn signed_notice(&self, id: &str, fault: Option<NoticeFault>) -> Result<Vec<u8>, SandboxError> {
        self.platform().act(|state, now| state.allinpay.signed_notice(id, fault, now))
    }

    /// An Alipay complaint, as the gateway writes it.
    #[must_use]
    pub fn alipay_complaint(&self, id: &str) -> Option<Value> {
        self.platform().state().allinpay.alipay_complaint(id)
    }

    /// How many requests asked to process an Alipay complaint, those that were refused among them;
    /// `None` if there is no such complaint.
    #[must_use]
    pub fn alipay_process_requests(&self, id: &str) -> Option<u32> {
        self.platform().state().allinpay.process_requests(id)
    }
}
