//! Acting on complaints when the network may lie: after an unknown outcome the complaint itself is asked.

use core::time::Duration;

use protocol_core::channel::Effect;
use protocol_core::complaint::{ComplaintState, NegotiationRecord, OperateType};
use protocol_core::wechat_pay::{Complete, GetComplaint, RefundAction, Respond, UpdateRefundProgress};
use tokio::time::Instant;

use crate::transport::Transport;
use crate::wechat_pay::client::Client;
use crate::wechat_pay::error::Error;
use crate::wechat_pay::exchange::Failed;
use crate::wechat_pay::pages::HISTORY_PAGE;

/// How long the platform is given to write down what it was doing when the connection broke.
const SETTLING: Duration = Duration::from_secs(1);

/// The history's times are whole seconds, and its clock is not quite the one that dates answers.
const CLOCK_TOLERANCE_SECONDS: i64 = 2;

impl<S: Transport> Client<S> {
    /// Replies to the payer, once.
    ///
    /// Where nobody knows whether the reply arrived, the history is looked into before it is sent again: the same text, written
    /// since it was sent (by the platform's own clock), is taken for it.
    ///
    /// # Errors
    /// [`Error`]. With [`Delivery::Unknown`](protocol_core::Delivery::Unknown) not even the history could be read: look there before trying again.
    pub async fn reply(&self, respond: &Respond) -> Result<Effect, Error> {
        let text = respond.response_content.expose();
        let began = Instant::now();
        let mut attempt = 1;
        loop {
            let error = match self.exchange(respond).await {
                Ok(_) => return Ok(Effect::Confirmed),
                Err(Failed { error, .. }) if !error.wants_a_look() => return Err(error),
                Err(Failed { error, .. }) => error,
            };
            tokio::time::sleep(SETTLING).await;
            let is_ours = |record: &NegotiationRecord| {
                record.operate_type == Some(OperateType::MerchantResponse)
                    && record.operate_details.as_ref().is_some_and(|details| details.expose() == text)
            };
            match self.was_written(&respond.complaint_id, began, is_ours).await {
                Ok(true) => return Ok(Effect::Found),
                Ok(false) if attempt < self.shared.retry.attempts => attempt += 1,
                _ => return Err(error),
            }
        }
    }

    /// Completes a complaint; one that is complete already is as good.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn complete(&self, complete: &Complete) -> Result<Effect, Error> {
        let error = match self.exchange(complete).await {
            Ok(_) => return Ok(Effect::Confirmed),
            Err(Failed { error, .. }) => error,
        };
        // That it is complete already has no code of its own.
        let refused = matches!(error.refusal(), Some((400..=499, Some(code))) if !is_about_us(code));
        if refused || error.wants_a_look() {
            let complaint = self.send(&GetComplaint { complaint_id: complete.complaint_id.clone() }).await;
            if complaint.is_ok_and(|complaint| complaint.complaint_state == Some(ComplaintState::Processed)) {
                return Ok(Effect::Found);
            }
        }
        Err(error)
    }

    /// Decides on a refund. Where nobody knows whether the decision arrived, or the platform calls it a repetition of what may
    /// be our own lost attempt, the history tells.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn decide_refund(&self, decision: &UpdateRefundProgress) -> Result<Effect, Error> {
        let began = Instant::now();
        let (error, may_have_happened) = match self.exchange(decision).await {
            Ok(_) => return Ok(Effect::Confirmed),
            Err(Failed { error, may_have_happened }) => (error, may_have_happened),
        };
        let written = match decision.action {
            RefundAction::Approve => OperateType::MerchantApproveRefund,
            _ => OperateType::MerchantRefuseRefund,
        };
        if may_have_happened || error.wants_a_look() {
            let is_ours = |record: &NegotiationRecord| record.operate_type.as_ref() == Some(&written);
            if let Ok(true) = self.was_written(&decision.complaint_id, began, is_ours).await {
                return Ok(Effect::Found);
            }
        }
        Err(error)
    }

    /// Whether the history has an entry like this that was written since `began`.
    async fn was_written(
        &self,
        complaint_id: &str,
        began: Instant,
        is_ours: impl Fn(&NegotiationRecord) -> bool + Send,
    ) -> Result<bool, Failed> {
        let mut offset = 0;
        loop {
            let page = self.history_page(complaint_id, offset, HISTORY_PAGE).await?;
            // The platform's clock when it was sent: its clock now, less what has passed here. No two clocks are compared.
            let elapsed = i64::try_from(began.elapsed().as_secs()).unwrap_or(i64::MAX);
            let since =
                page.platform_time.map(|now| now.0.saturating_sub(elapsed).saturating_sub(CLOCK_TOLERANCE_SECONDS));
            let found = page.answer.iter().filter(|record| is_ours(record)).any(|record| {
                let written = record.operate_time.as_ref().and_then(|time| time.to_unix());
                written.zip(since).is_some_and(|(written, since)| written.0 >= since)
            });
            let length = u32::try_from(page.answer.len()).unwrap_or(u32::MAX);
            if found || length < HISTORY_PAGE {
                return Ok(found);
            }
            offset = offset.saturating_add(length);
        }
    }
}

/// A refusal that says nothing about the complaint's state.
fn is_about_us(code: &str) -> bool {
    matches!(code, "SIGN_ERROR" | "NO_AUTH" | "FREQUENCY_LIMITED" | "RATELIMIT_EXCEEDED" | "RATE_LIMITED")
}
