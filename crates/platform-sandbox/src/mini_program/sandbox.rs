//! The Mini Program's part of the handle.

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

    /// Sets where the Mini Program's pushes go, and how, if the address proves to be one: it is tried with a signed GET first.
    ///
    /// # Errors
    /// [`SandboxError::Url`]; what was set before stays.
    pub async fn set_push(&self, config: PushConfig) -> Result<(), SandboxError> {
        set_push(self.platform(), config).await
    }

    /// Files a transaction complaint, and pushes it; its number.
    pub fn file_order_complaint(&self, new: NewOrderComplaint) -> String {
        self.platform().act(|state, now| state.mini_program.file(new, now))
    }

    /// The payer adds something to a transaction complaint: it is pushed again.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn order_message(&self, complaint_order_id: &str, text: &str) -> Result<(), SandboxError> {
        self.platform().act(|state, now| state.mini_program.message(complaint_order_id, text, now))
    }

    /// Moves a transaction complaint to any state (201, 106, 206 …), for as long as that state lasts: it is pushed again. 308 and 309
    /// bring a return of the goods.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn order_status(&self, complaint_order_id: &str, status: u32) -> Result<(), SandboxError> {
        self.platform().act(|state, now| state.mini_program.set_status(complaint_order_id, status, now))
    }

    /// Sets where the appeal stands: 401 waits for the merchant's appeal, for 72 hours.
    ///
    /// # Errors
    /// [`SandboxError::UnknownComplaint`].
    pub fn order_appeal_state(&self, complaint_order_id: &str, state: u32) -> Result<(), SandboxError> {
        self.platform().act(|all, now| all.mini_program.set_appeal_state(complaint_order_id, state, now))
    }

    /// A transaction complaint as its detail is served.
    #[must_use]
    pub fn order_complaint(&self, complaint_order_id: &str) -> Option<Value> {
        self.platform().state().mini_program.order(complaint_order_id).map(|order| order.to_json())
    }

    /// Ends every access token now.
    pub fn expire_tokens(&self) {
        self.platform().act(|state, now| state.mini_program.expire_tokens(now));
    }

    /// Lets something go wrong with the next push.
    pub fn inject_push(&self, fault: PushFault) {
        self.platform().state().mini_program.push_faults.push_back(fault);
    }

    /// Every attempt to deliver a push, oldest first.
    #[must_use]
    pub fn sent_pushes(&self) -> Vec<SentPush> {
        self.platform().sent_pushes()
    }

    /// A push signed now, for whoever posts it: to a webhook under load, say. It is not queued and not logged. A
    /// complaint that nobody filed looks like any.
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
