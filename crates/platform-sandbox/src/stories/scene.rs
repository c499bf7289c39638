//! What a story changes, and the complaint that it is about.

use protocol_core::UnixTime;

use super::{Story, StoryDetails, ToldStory};
use crate::error::SandboxError;
use crate::state::State;
use crate::wechat_pay::{Complaint, NewComplaint};

/// The platforms while a story is told.
pub(super) struct Scene<'a> {
    pub(super) state: &'a mut State,
    pub(super) now: UnixTime,
    pub(super) story: Story,
    pub(super) details: &'a StoryDetails,
    pub(super) default_mchid: &'a str,
}

impl Scene<'_> {
    /// Files a complaint with the merchant that is named. Returns its number.
    pub(super) fn file(&mut self, new: NewComplaint) -> Result<String, SandboxError> {
        let State { wechat_pay, allinpay, .. } = &mut *self.state;
        match &self.details.merchant {
            None => Ok(wechat_pay.file(new, self.default_mchid, self.now)),
            Some(mchid) if wechat_pay.merchants.contains_key(mchid) => Ok(wechat_pay.file(new, mchid, self.now)),
            Some(cusid) => allinpay.file_wechat(wechat_pay, new, cusid, self.now),
        }
    }

    /// The number of the complaint that is named; else of the merchant's newest one that fits; else
    /// of this new one.
    pub(super) fn complaint(
        &mut self,
        fits: impl Fn(&Complaint) -> bool,
        new: NewComplaint,
    ) -> Result<String, SandboxError> {
        let complaints = &self.state.wechat_pay.complaints;
        if let Some(id) = &self.details.id {
            let known = complaints.contains_key(id);
            return if known { Ok(id.clone()) } else { Err(SandboxError::UnknownComplaint(id.clone())) };
        }
        let merchant = self.details.merchant.as_deref().unwrap_or(self.default_mchid);
        let fitting = complaints.values().filter(|complaint| complaint.mchid == merchant && fits(complaint));
        match fitting.max_by_key(|complaint| (complaint.time, &complaint.id)) {
            Some(complaint) => Ok(complaint.id.clone()),
            None => self.file(new),
        }
    }

    /// Tells of these complaints, which belong to one merchant.
    pub(super) fn told(&self, complaints: Vec<String>) -> ToldStory {
        let State { wechat_pay, virtual_payment, mini_program, .. } = &*self.state;
        let first = complaints.first().and_then(|id| wechat_pay.complaints.get(id));
        let owner = first.map(|complaint| complaint.mchid.clone()).unwrap_or_default();
        let of_virtual_payment = virtual_payment.merchant.as_ref().is_some_and(|merchant| merchant.mchid == owner);
        let (channel, merchant) = if of_virtual_payment {
            ("virtual-payment", mini_program.account.appid.clone())
        } else if wechat_pay.merchants.contains_key(&owner) {
            ("wechat-pay", owner)
        } else {
            ("allinpay", owner)
        };
        ToldStory { channel, merchant, complaints }
    }

    /// A refusal of the story.
    pub(super) fn refuse<T>(&self, reason: &str) -> Result<T, SandboxError> {
        Err(SandboxError::Story { story: self.story.name(), reason: reason.to_owned() })
    }

    /// A refusal of a message without a receiver.
    pub(super) fn unsent<T>(&self) -> Result<T, SandboxError> {
        self.refuse("no URL is registered for its message; register one, or run `complaints serve --sandbox`")
    }
}
