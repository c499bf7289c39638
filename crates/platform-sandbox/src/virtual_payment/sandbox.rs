//! Virtual payment's methods of [`Sandbox`].

use super::account::VirtualPaymentAccount;
use super::notice::Shape;
use crate::error::SandboxError;
use crate::fault::PushFault;
use crate::mini_program::{PushFormat, PushMode, SignedPush, sign};
use crate::sandbox::Sandbox;
use crate::wechat_pay::NewComplaint;

impl Sandbox {
    /// The virtual payment of the Mini Program.
    #[must_use]
    pub fn virtual_payment(&self) -> VirtualPaymentAccount {
        (*self.platform().state().virtual_payment.account).clone()
    }

    /// Files a complaint about an order of virtual payment, and pushes it. Returns its number.
    /// [`Sandbox::user_message`], [`Sandbox::complaint`], [`Sandbox::history`] and others take it.
    ///
    /// # Errors
    /// [`SandboxError::Identity`]: the sandbox cannot make the merchant that owns it.
    pub fn file_virtual_payment_complaint(&self, new: NewComplaint) -> Result<String, SandboxError> {
        self.platform().act(|state, now| state.file_virtual_payment(new, now))
    }

    /// Pushes `xpay_wxpay_callback_notify`: the platform restricts the merchant, or lifts a
    /// restriction. The words are not published: they are sent as they are given. Returns
    /// `BusinessCode`.
    ///
    /// # Errors
    /// [`SandboxError::Identity`]: the sandbox cannot make the merchant.
    pub fn restrict_virtual_payment(
        &self,
        business_state: &str,
        event_type: &str,
        remark: &str,
    ) -> Result<String, SandboxError> {
        let words = [business_state, event_type, remark].map(str::to_owned);
        self.platform().act(|state, now| state.restrict_virtual_payment(words, now))
    }

    /// From now on, complaints of virtual payment are pushed in the older published shape, without
    /// `ComplaintId`, `TransactionId` and `ComplaintDetail`.
    pub fn push_older_complaint_notices(&self) {
        self.platform().state().virtual_payment.shape = Shape::Older;
    }

    /// Signs the push of a complaint of virtual payment now, for a test that posts it itself. It is
    /// neither queued nor logged.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn signed_complaint_notice(
        &self,
        complaint_id: &str,
        mode: PushMode,
        format: PushFormat,
        fault: Option<PushFault>,
    ) -> Result<SignedPush, SandboxError> {
        self.platform().act(|state, now| {
            let message = state.complaint_notice(complaint_id, now)?;
            Ok(sign(&state.mini_program.account, &message, mode, format, now, fault))
        })
    }
}
