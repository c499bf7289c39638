//! Allinpay's methods of [`Sandbox`].

use protocol_core::allinpay::SignType;
use serde_json::Value;

use super::account::AllinpayAccount;
use super::alipay_complaint::NewAlipayComplaint;
use crate::error::SandboxError;
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

    /// Files an Alipay complaint with a merchant of Allinpay. Returns its id.
    ///
    /// # Errors
    /// [`SandboxError::UnknownMerchant`].
    pub fn file_alipay_complaint(&self, new: NewAlipayComplaint, cusid: &str) -> Result<String, SandboxError> {
        self.platform().act(|state, now| state.allinpay.file_alipay(new, cusid, now))
    }

    /// An Alipay complaint, as the gateway writes it.
    #[must_use]
    pub fn alipay_complaint(&self, id: &str) -> Option<Value> {
        self.platform().state().allinpay.alipay_complaint(id)
    }
}
