//! WeChat Pay's methods of [`Sandbox`].

use protocol_core::wechat_pay::Scheme;
use serde_json::Value;

use super::account::{MerchantAccount, PlatformKeyInfo, Signing};
use super::acts::PlatformService;
use super::new_complaint::NewComplaint;
use super::new_violation::NewViolation;
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

    /// Allows links in a merchant's replies. Default: `jump_url` is refused with 403.
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

    /// The serials of the platform's certificates of a scheme, oldest first.
    #[must_use]
    pub fn certificate_serials(&self, scheme: Scheme) -> Vec<String> {
        let state = self.platform().state();
        state.wechat_pay.keys.certificates.iter().filter(|key| key.scheme == scheme).map(|key| key.id.clone()).collect()
    }

    /// Issues a new platform certificate of each algorithm. It signs in place of the older
    /// certificates, which stay listed. Returns the serial of the new RSA certificate.
    ///
    /// # Errors
    /// [`SandboxError::Identity`].
    pub fn rotate_certificate(&self) -> Result<String, SandboxError> {
        self.platform().act(|state, now| state.wechat_pay.keys.rotate(now))
    }

    /// Chooses the key that signs responses and notifications.
    pub fn set_response_signing(&self, signing: Signing) {
        self.platform().state().wechat_pay.keys.set_signing(signing);
    }

    /// Sets whether there are platform certificates. Newer accounts have none, and listing them is
    /// refused with 404. Default: true.
    pub fn has_certificates(&self, has_certificates: bool) {
        self.platform().state().wechat_pay.has_certificates = has_certificates;
    }

    /// Files a complaint, and notifies of it. Returns its id. An unknown merchant is replaced by
    /// the default one.
    pub fn file_complaint(&self, new: NewComplaint) -> String {
        self.platform().act(|state, now| state.wechat_pay.file(new, &self.merchant().mchid, now))
    }

    /// Notifies a service provider of a violation at the URL that it has registered for violations.
    /// Returns `record_id`.
    pub fn notify_violation(&self, new: &NewViolation) -> String {
        self.platform().act(|state, now| state.wechat_pay.notify_violation(new, &self.merchant().mchid, now))
    }

    /// Adds a message of the payer.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn user_message(&self, complaint_id: &str, text: &str) -> Result<(), SandboxError> {
        self.platform().act(|state, now| state.wechat_pay.user_message(complaint_id, text, now))
    }

    /// The payer continues the complaint, which opens it again.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn user_continues(&self, complaint_id: &str, text: &str) -> Result<(), SandboxError> {
        self.platform().act(|state, now| state.wechat_pay.user_continues(complaint_id, text, now))
    }

    /// The payer clicks a block of the message with this log id.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`], or [`SandboxError::State`] for an unknown message.
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

    /// Adds a message of the platform.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn platform_message(&self, complaint_id: &str, text: &str) -> Result<(), SandboxError> {
        self.platform().act(|state, now| state.wechat_pay.platform_message(complaint_id, text, now))
    }

    /// Starts or ends the platform's assistance.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn platform_service(&self, complaint_id: &str, service: PlatformService) -> Result<(), SandboxError> {
        self.platform().act(|state, now| state.wechat_pay.platform_service(complaint_id, service, now))
    }

    /// An approved refund arrives, which ends the complaint.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`], or [`SandboxError::State`] without an approved refund.
    pub fn refund_received(&self, complaint_id: &str) -> Result<(), SandboxError> {
        self.platform().act(|state, now| state.wechat_pay.refund_received(complaint_id, now))
    }

    /// The detail of a complaint, as the platform writes it.
    #[must_use]
    pub fn complaint(&self, complaint_id: &str) -> Option<Value> {
        self.platform().state().wechat_pay.complaints.get(complaint_id).map(|complaint| complaint.to_json(true))
    }

    /// The numbers of all complaints of WeChat Pay, of virtual payment and of WeChat at Allinpay.
    #[must_use]
    pub fn complaint_ids(&self) -> Vec<String> {
        self.platform().state().wechat_pay.complaints.keys().cloned().collect()
    }

    /// A complaint's history, oldest first. Empty for an unknown complaint.
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

    /// The notification URL that a merchant has registered.
    #[must_use]
    pub fn notification_url(&self, mchid: &str) -> Option<String> {
        self.platform().state().wechat_pay.merchants.get(mchid).and_then(|merchant| merchant.notification_url.clone())
    }

    /// Every attempt to deliver a notification, oldest first.
    #[must_use]
    pub fn sent_notifications(&self) -> Vec<SentNotification> {
        self.platform().sent()
    }

    /// Injects a fault into the next notification.
    pub fn inject_notification(&self, fault: NotificationFault) {
        self.platform().state().wechat_pay.notification_faults.push_back(fault);
    }

    /// Signs a notification now, for a test that posts it itself. It is neither queued nor logged.
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
