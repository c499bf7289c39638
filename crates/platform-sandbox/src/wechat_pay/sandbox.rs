//! WeChat Pay's methods of [`Sandbox`].

use protocol_core::wechat_pay::Scheme;
use serde_json::Value;

use super::account::{MerchantAccount, PlatformKeyInfo, Signing};
use super::acts::PlatformService;
use super::new_complaint::NewComplaint;
use super::notification::SignedNotification;
use crate::error::SandboxError;
use crate::fault::NotificationFault;
use crate::log::SentNotification;
use crate::sandbox::Sandbox;

impl Sandbox {
    /// The default merchant.
    #[must_use]
    pub fn merchant(&self) -> &MerchantAccount {
        &self.platform().merchant
    }

    /// Opens another merchant's account.
    ///
    /// # Errors
    /// [`SandboxError::Identity`].
    pub fn add_merchant(&self, scheme: Scheme) -> Result<MerchantAccount, SandboxError> {
        self.platform().add_merchant(scheme)
    }

    /// Lets a merchant put links into its replies; `jump_url` is refused with 403 before.
    pub fn allow_links(&self, mchid: &str) {
        if let Some(merchant) = self.platform().state().wechat_pay.merchants.get_mut(mchid) {
            merchant.links_allowed = true;
        }
    }

    /// The platform's RSA public key.
    #[must_use]
    pub fn platform_key(&self) -> PlatformKeyInfo {
        self.platform().state().wechat_pay.keys.public.info()
    }

    /// The platform's SM2 public key.
    #[must_use]
    pub fn sm_platform_key(&self) -> PlatformKeyInfo {
        self.platform().state().wechat_pay.keys.sm2_public.info()
    }

    /// Serials of the platform's certificates of a scheme, oldest first.
    #[must_use]
    pub fn certificate_serials(&self, scheme: Scheme) -> Vec<String> {
        let state = self.platform().state();
        state.wechat_pay.keys.certificates.iter().filter(|key| key.scheme == scheme).map(|key| key.id.clone()).collect()
    }

    /// Issues a new platform certificate of each algorithm, which signs from now on where certificates sign; the old ones
    /// stay listed. Serial of the new RSA certificate.
    ///
    /// # Errors
    /// [`SandboxError::Identity`].
    pub fn rotate_certificate(&self) -> Result<String, SandboxError> {
        self.platform().act(|state, now| state.wechat_pay.keys.rotate(now))
    }

    /// Chooses what answers and notifications are signed with.
    pub fn set_response_signing(&self, signing: Signing) {
        self.platform().state().wechat_pay.keys.set_signing(signing);
    }

    /// Whether there are platform certificates. Newer accounts have none: then asking for them is answered with 404.
    pub fn has_certificates(&self, has_certificates: bool) {
        self.platform().state().wechat_pay.has_certificates = has_certificates;
    }

    /// Files a complaint, and notifies of it; its id. A merchant the sandbox does not know is taken for the default one.
    pub fn file_complaint(&self, new: NewComplaint) -> String {
        self.platform().act(|state, now| state.wechat_pay.file(new, &self.merchant().mchid, now))
    }

    /// The payer says something.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn user_message(&self, complaint_id: &str, text: &str) -> Result<(), SandboxError> {
        self.platform().act(|state, now| state.wechat_pay.user_message(complaint_id, text, now))
    }

    /// The payer continues the complaint: it opens again.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn user_continues(&self, complaint_id: &str, text: &str) -> Result<(), SandboxError> {
        self.platform().act(|state, now| state.wechat_pay.user_continues(complaint_id, text, now))
    }

    /// The payer clicks a block of the message with this log id.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`], or [`SandboxError::State`] where there is no such message.
    pub fn user_click(
        &self,
        complaint_id: &str,
        clicked_log_id: &str,
        action_id: &str,
        text: &str,
    ) -> Result<(), SandboxError> {
        self.platform()
            .act(|state, now| state.wechat_pay.user_click(complaint_id, clicked_log_id, action_id, text, now))
    }

    /// The platform says something.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn platform_message(&self, complaint_id: &str, text: &str) -> Result<(), SandboxError> {
        self.platform().act(|state, now| state.wechat_pay.platform_message(complaint_id, text, now))
    }

    /// The platform's assistance begins or ends.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn platform_service(&self, complaint_id: &str, service: PlatformService) -> Result<(), SandboxError> {
        self.platform().act(|state, now| state.wechat_pay.platform_service(complaint_id, service, now))
    }

    /// An approved refund arrives: the complaint is processed.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`], or [`SandboxError::State`] where none was approved.
    pub fn refund_received(&self, complaint_id: &str) -> Result<(), SandboxError> {
        self.platform().act(|state, now| state.wechat_pay.refund_received(complaint_id, now))
    }

    /// A complaint as its detail is served.
    #[must_use]
    pub fn complaint(&self, complaint_id: &str) -> Option<Value> {
        self.platform().state().wechat_pay.complaints.get(complaint_id).map(|complaint| complaint.to_json(true))
    }

    /// A complaint's history, oldest first; empty for an unknown one.
    #[must_use]
    pub fn history(&self, complaint_id: &str) -> Vec<Value> {
        self.platform()
            .state()
            .wechat_pay
            .complaints
            .get(complaint_id)
            .map(|complaint| complaint.history.clone())
            .unwrap_or_default()
    }

    /// The URL a merchant has registered.
    #[must_use]
    pub fn notification_url(&self, mchid: &str) -> Option<String> {
        self.platform().state().wechat_pay.merchants.get(mchid).and_then(|merchant| merchant.notification_url.clone())
    }

    /// Every attempt to deliver a notification, oldest first.
    #[must_use]
    pub fn sent_notifications(&self) -> Vec<SentNotification> {
        self.platform().sent()
    }

    /// Lets something go wrong with the next notification.
    pub fn inject_notification(&self, fault: NotificationFault) {
        self.platform().state().wechat_pay.notification_faults.push_back(fault);
    }

    /// A notification signed now, for whoever posts it: to a webhook under load, say. It is not queued and not logged.
    ///
    /// # Errors
    /// [`SandboxError::UnknownMerchant`].
    pub fn signed_notification(
        &self,
        mchid: &str,
        complaint_id: &str,
        action_type: &str,
        fault: Option<NotificationFault>,
    ) -> Result<SignedNotification, SandboxError> {
        self.platform().signed_notification(mchid, complaint_id, action_type, fault)
    }
}
