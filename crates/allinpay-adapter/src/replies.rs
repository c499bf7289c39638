//! Acting on complaints when the network may lie: after an unknown outcome the complaint itself is asked.
//!
//! An act whose outcome is unknown shows in the complaint's history, or does not. A false "it is there" loses a reply, a false "it
//! is not" sends it twice, so how to know it again matters. Times do not tell: answers carry no clock of the platform's, entries are
//! dated by WeChat's, and the same canned sentence may have been sent a minute ago. So the history is read before the first
//! attempt, and only an entry that was not there then counts: no two clocks are compared. The price is one query an act.
//!
//! What is not there yet may still come: a gateway may take longer than its client, or a proxy before it, waits. So what may be on
//! its way is looked for and never sent again; only after a connection that broke, or a page that is no response, is that done.
//!
//! Completing and deciding are no better repeated than replying: the payer may have continued, or asked for another refund, in
//! between, and a second completion would close that unread.

use core::time::Duration;
use std::collections::HashSet;

use futures_util::TryStreamExt as _;
use http_transport::Transport;
use protocol_core::Delivery;
use protocol_core::allinpay::{
    ComplaintsComplete, ComplaintsResp, Operation, ResponseError, WxComplaintDetail, WxComplaintsRefundProgress,
};
use protocol_core::channel::Effect;
use protocol_core::complaint::{ComplaintState, NegotiationRecord, OperateType};

use crate::client::Client;
use crate::error::{Error, may_be_on_its_way};

/// How long the platform, and WeChat behind it, are given to write down what they were doing: a look after each of these.
const SETTLING: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// What new entries of a history tell.
enum Sight {
    /// The act.
    Ours,
    /// Nothing of its kind.
    Nothing,
    /// Something of its kind that is not quite it, or nobody could look.
    Unclear,
}

impl<S: Transport> Client<S> {
    /// Replies to the payer, once.
    ///
    /// Where nobody knows whether the reply arrived, the history is looked into, three times within seven seconds: a message
    /// of the merchant with the same text that was not there before is taken for it. It is sent again only where no new message
    /// of the merchant is there at all, and where the failure allows it: never after a refusal (`FAIL` is not signed) or
    /// a signature that does not verify, nor beside a `handlestate` that nobody knows, and never where it may still be on its way:
    /// the time ran out, or the status is 408, 502 or above. Where the history could not be read beforehand, the reply is sent once, and an unknown outcome stays unknown.
    ///
    /// ```no_run
    /// use protocol_core::allinpay::ComplaintsResp;
    ///
    /// # async fn example(client: &allinpay_adapter::Client) -> Result<(), allinpay_adapter::Error> {
    /// let effect = client.respond(&ComplaintsResp::new("200201820200101080076610000", "已退款")).await?;
    /// println!("{effect:?}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error`]. With [`Delivery::Unknown`] the history tells nothing certain: look there before trying again.
    pub async fn respond(&self, reply: &ComplaintsResp) -> Result<Effect, Error> {
        let text = reply.response_content.trim();
        let says_it = |record: &NegotiationRecord| {
            record.operate_details.as_ref().is_some_and(|details| details.expose().trim() == text)
        };
        self.act(reply, &reply.complaint_id, &OperateType::MerchantResponse, says_it).await
    }

    /// Completes a complaint, once, as [`respond`](Self::respond) replies: a completion that was not in the history before is
    /// taken for this one. Where there is none, a complaint that is complete is as good, whatever the response was.
    ///
    /// # Errors
    /// [`Error`]. With [`Delivery::Unknown`] neither history nor complaint tell anything certain.
    pub async fn complete_complaint(&self, complete: &ComplaintsComplete) -> Result<Effect, Error> {
        let id = &complete.complaint_id;
        let error = match self.act(complete, id, &OperateType::MerchantConfirmComplete, |_| true).await {
            Ok(effect) => return Ok(effect),
            Err(error) => error,
        };
        if error.failure().delivery != Delivery::NotSent {
            let complaint = self.send(&WxComplaintDetail::new(id.clone())).await;
            if complaint.is_ok_and(|complaint| complaint.complaint_state == Some(ComplaintState::Processed)) {
                return Ok(Effect::Found);
            }
        }
        Err(error)
    }

    /// Decides on a refund, once, as [`respond`](Self::respond) replies: a decision of the same kind that was not in the history
    /// before is taken for this one.
    ///
    /// # Errors
    /// [`Error`]. With [`Delivery::Unknown`] the history tells nothing certain: look there before trying again.
    pub async fn update_refund_progress(&self, decision: &WxComplaintsRefundProgress) -> Result<Effect, Error> {
        let (complaint_id, written) = match decision {
            WxComplaintsRefundProgress::Reject(rejection) => {
                (&rejection.complaint_id, OperateType::MerchantRefuseRefund)
            }
            WxComplaintsRefundProgress::Approve { complaint_id, .. } => {
                (complaint_id, OperateType::MerchantApproveRefund)
            }
            // A decision that this version does not know, and so does not find again.
            _ => return self.send(decision).await.map(|_| Effect::Confirmed),
        };
        self.act(decision, complaint_id, &written, |_| true).await
    }

    /// Sends what must not be done twice: after an unknown outcome it looks, and sends again only what is certainly neither there
    /// nor on its way.
    async fn act<O: Operation<Response = Effect> + Sync>(
        &self,
        operation: &O,
        complaint_id: &str,
        kind: &OperateType,
        is_ours: impl Fn(&NegotiationRecord) -> bool + Send + Sync,
    ) -> Result<Effect, Error> {
        self.check(operation)?;
        // No history is empty: it begins with the filing. One that seems so tells nothing.
        let before = self.entries(complaint_id).await.ok().filter(|entries| !entries.is_empty());
        let mut was_unknown = false;
        let mut sent = 0;
        loop {
            sent += 1;
            let error = match self.send(operation).await {
                Ok(_) => return Ok(Effect::Confirmed),
                // A proven refusal may be of the repetition: it tells nothing about an earlier attempt.
                Err(error) if was_unknown => error.after_unknown(),
                Err(error) => error,
            };
            let failure = error.failure();
            let (true, Some(before)) = (failure.may_have_happened, &before) else { return Err(error) };
            let looks = looks(&error);
            let again = failure.is_retryable && !may_be_on_its_way(&error) && sent < self.shared.retry.attempts;
            match self.look(complaint_id, before, kind, &is_ours, looks).await {
                Sight::Ours => return Ok(Effect::Found),
                Sight::Nothing if again => was_unknown = true,
                _ => return Err(error),
            }
        }
    }

    /// The ids of a history's entries.
    async fn entries(&self, complaint_id: &str) -> Result<HashSet<String>, Error> {
        self.negotiation_history(complaint_id).map_ok(|record| record.log_id).try_collect().await
    }

    /// Looks for a new entry of a kind, after each pause of [`SETTLING`].
    async fn look(
        &self,
        complaint_id: &str,
        before: &HashSet<String>,
        kind: &OperateType,
        is_ours: impl Fn(&NegotiationRecord) -> bool + Send + Sync,
        looks: usize,
    ) -> Sight {
        let mut sight = Sight::Nothing;
        for pause in SETTLING.iter().take(looks) {
            tokio::time::sleep(*pause).await;
            let history = self.negotiation_history(complaint_id).try_collect::<Vec<_>>().await;
            let Ok(history) = history else {
                sight = Sight::Unclear;
                continue;
            };
            let (known, new): (Vec<_>, Vec<_>) =
                history.into_iter().partition(|record| before.contains(&record.log_id));
            let of_kind = |record: &&NegotiationRecord| record.operate_type.as_ref() == Some(kind);
            if new.iter().filter(of_kind).any(&is_ours) {
                return Sight::Ours;
            }
            // Where what was there before is missing, it is not the whole history; what cannot be read may be the act.
            let is_clear = new.iter().all(|record| record.misfits().is_empty());
            let is_nothing = is_clear && known.len() >= before.len() && !new.iter().any(|record| of_kind(&record));
            sight = if is_nothing { Sight::Nothing } else { Sight::Unclear };
        }
        sight
    }
}

/// Where another try is of no use either way, such as after a refusal, one look is enough. An act in a state that nobody knows
/// may be done in a moment.
fn looks(error: &Error) -> usize {
    let may_be_done_soon = error.failure().is_retryable || matches!(error, Error::Response(ResponseError::Unclear(_)));
    if may_be_done_soon { SETTLING.len() } else { 1 }
}
