//! The Mini Program's methods of [`Sandbox`].

use serde_json::Value;

use super::account::MiniProgramAccount;
use super::new_order::NewOrderComplaint;
use super::push::{SignedPush, sign};
use super::push_config::{PushConfig, PushFormat, PushMode};
use super::push_url::set_push;
use crate::error::SandboxError;
use crate::fault::PushFault;
use crate::log::SentPush;
use crate::sandbox::Sandbox;

impl Sandbox {
    /// The Mini Program.
    #[must_use]
    pub fn mini_program(&self) -> MiniProgramAccount {
        (*self.platform().state().mini_program.account).clone()
    }

    /// Sets the URL, mode and format of the Mini Program's pushes. A signed GET verifies the URL
    /// first.
    ///
    /// # Errors
    /// [`SandboxError::Url`]. The URL set before stays.
    pub async fn set_push(&self, config: PushConfig) -> Result<(), SandboxError> {
        set_push(self.platform(), config).await
    }

    /// Pushes every transaction complaint as it stands, as the platform does with one that no
    /// webhook acknowledged. No list shows them.
    pub fn push_all_order_complaints(&self) {
        self.platform().act(|state, now| state.mini_program.push_all(now));
    }

    /// Files a transaction complaint, and pushes it. Returns its number.
    pub fn file_order_complaint(&self, new: NewOrderComplaint) -> String {
        self.platform().act(|state, now| state.mini_program.file(new, now))
    }

    /// Adds a message of the payer to a transaction complaint, and pushes it again.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn order_message(&self, complaint_order_id: &str, text: &str) -> Result<(), SandboxError> {
        self.platform().act(|state, now| state.mini_program.message(complaint_order_id, text, now))
    }

    /// Moves a transaction complaint to any state (201, 106, 206 …) with the time of that state,
    /// and pushes it again. States 308 and 309 start a return of the goods.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn order_status(&self, complaint_order_id: &str, status: u32) -> Result<(), SandboxError> {
        self.platform().act(|state, now| state.mini_program.set_status(complaint_order_id, status, now))
    }

    /// Sets the appeal's state. State 401 waits 72 hours for the merchant's appeal.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn order_appeal_state(&self, complaint_order_id: &str, state: u32) -> Result<(), SandboxError> {
        self.platform().act(|all, now| all.mini_program.set_appeal_state(complaint_order_id, state, now))
    }

    /// The detail of a transaction complaint, as the server writes it.
    #[must_use]
    pub fn order_complaint(&self, complaint_order_id: &str) -> Option<Value> {
        self.platform().state().mini_program.order(complaint_order_id).map(|order| order.to_json())
    }

    /// Ends every access token now.
    pub fn expire_tokens(&self) {
        self.platform().act(|state, now| state.mini_program.expire_tokens(now));
    }

    /// Injects a fault into the next push.
    pub fn inject_push(&self, fault: PushFault) {
        self.platform().state().mini_program.push_faults.push_back(fault);
    }

    /// Every attempt to deliver a push, oldest first.
    #[must_use]
    pub fn sent_pushes(&self) -> Vec<SentPush> {
        self.platform().sent_pushes()
    }

    /// Signs a push now, for a test that posts it itself. It is neither queued nor logged. An
    /// unknown id gives a push of a default complaint.
    #[must_use]
    pub fn signed_push(
        &self,
        complaint_order_id: &str,
        mode: PushMode,
        format: PushFormat,
        fault: Option<PushFault>,
    ) -> SignedPush {
        self.platform().act(|state, now| {
            let event = state.mini_program.event(complaint_order_id, now);
            sign(&state.mini_program.account, &event, mode, format, now, fault)
        })
    }
}
