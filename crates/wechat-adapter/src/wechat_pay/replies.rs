//! Acting on complaints when the network may lie: after an unknown outcome the complaint itself is asked.

use http_transport::Transport;
use protocol_core::channel::Effect;
use protocol_core::complaint::{ComplaintState, NegotiationRecord, OperateType};
use protocol_core::wechat_pay::{
    Complete, GetComplaint, Operation, RefundAction, Respond, ResponseError, UpdateRefundProgress,
};
use tokio::time::Instant;

use crate::wechat_pay::client::Client;
use crate::wechat_pay::error::{Error, refusal};
use crate::wechat_pay::exchange::Failed;
use crate::wechat_pay::pages::HISTORY_PAGE;

/// The history's times are whole seconds, and the clock that dates entries is not the one that dates answers. Too wide costs
/// little: who said the same words within the last minute has said them.
const CLOCK_TOLERANCE_SECONDS: i64 = 60;

/// Most pages of a history that are looked through.
const MAX_PAGES: u32 = 100;

/// What a look at the complaint says about an act of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// It is there.
    Done,
    /// It is not there.
    NotDone,
    /// It is not there, but something else that may be it.
    Unclear,
}

/// Whose history to look into, and what one entry of it says.
#[derive(Clone, Copy)]
struct Look<'a> {
    complaint_id: &'a str,
    seen: &'a (dyn Fn(&NegotiationRecord) -> Seen + Sync),
}

/// An act is seen by the type of its entry.
fn entry_of(operate_type: &OperateType) -> impl Fn(&NegotiationRecord) -> Seen + Sync {
    move |record| if record.operate_type.as_ref() == Some(operate_type) { Seen::Done } else { Seen::NotDone }
}

impl<S: Transport> Client<S> {
    /// Replies to the payer, once.
    ///
    /// Where nobody knows whether the reply arrived, the history is looked into before it is sent again, several times
    /// ([`ClientBuilder::looks`](crate::ClientBuilder::looks)): the same text, written since it was sent, is taken for it. Another
    /// reply written since then, or a response that the platform is still at it (202), ends the call instead.
    ///
    /// A call may take minutes. One that is dropped half-way may have replied: look into the history before replying again.
    ///
    /// ```no_run
    /// use protocol_core::wechat_pay::Respond;
    /// use wechat_adapter::Effect;
    ///
    /// # async fn example(client: &wechat_adapter::Client) -> Result<(), wechat_adapter::Error> {
    /// match client.respond(&Respond::new("200201820200101080076610000", "1900012181", "已退款")).await {
    ///     Ok(Effect::Found) => println!("its response was lost, but the history shows it"),
    ///     Ok(_) => println!("said"),
    ///     Err(error) if error.failure().may_have_happened => println!("somebody has to look: {error}"),
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error`]. With [`Delivery::Unknown`](protocol_core::Delivery::Unknown) it may have arrived and could not be found.
    pub async fn respond(&self, respond: &Respond) -> Result<Effect, Error> {
        let text = respond.response_content.expose();
        let seen = |record: &NegotiationRecord| {
            if record.operate_type != Some(OperateType::MerchantResponse) {
                return Seen::NotDone;
            }
            let same = record.operate_details.as_ref().is_some_and(|details| same_words(details.expose(), text));
            if same { Seen::Done } else { Seen::Unclear }
        };
        self.act(respond, Look { complaint_id: &respond.complaint_id, seen: &seen }).await
    }

    /// Completes a complaint; one that is complete already is as good.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn complete_complaint(&self, complete: &Complete) -> Result<Effect, Error> {
        // The state alone does not tell: the payer may have continued in between, and a second completion would close that unread.
        let seen = entry_of(&OperateType::MerchantConfirmComplete);
        let error = match self.act(complete, Look { complaint_id: &complete.complaint_id, seen: &seen }).await {
            Err(error) => error,
            done => return done,
        };
        // That it is complete already has no code of its own.
        if refusal(&error).is_some_and(|(status, code)| status < 500 && !is_about_us(code)) {
            let complaint = self.send(&GetComplaint::new(complete.complaint_id.clone())).await;
            if complaint.is_ok_and(|complaint| complaint.complaint_state == Some(ComplaintState::Processed)) {
                return Ok(Effect::Found);
            }
        }
        Err(error)
    }

    /// Decides on a refund. Where nobody knows whether the decision arrived, the history tells.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn update_refund_progress(&self, decision: &UpdateRefundProgress) -> Result<Effect, Error> {
        let written = match decision.action {
            RefundAction::Approve => OperateType::MerchantApproveRefund,
            _ => OperateType::MerchantRefuseRefund,
        };
        let seen = entry_of(&written);
        self.act(decision, Look { complaint_id: &decision.complaint_id, seen: &seen }).await
    }

    /// Sends what must not be done twice: after an unknown outcome it looks, and sends again only what is certainly not there.
    async fn act<O: Operation + Sync>(&self, operation: &O, look: Look<'_>) -> Result<Effect, Error> {
        let began = Instant::now();
        let mut unknown_before = false;
        for attempt in 1.. {
            let Failed { error, retry_after } = match self.exchange(operation).await {
                Ok(_) => return Ok(Effect::Confirmed),
                Err(failed) => failed,
            };
            let unknown = error.failure().may_have_happened;
            if !unknown && !unknown_before {
                return Err(error);
            }
            unknown_before = true;
            let mut seen = Seen::Unclear;
            for wait in &self.shared.looks {
                tokio::time::sleep(*wait).await;
                seen = self.look(look, began).await.unwrap_or(Seen::Unclear);
                if seen == Seen::Done {
                    return Ok(Effect::Found);
                }
            }
            let still_at_it = matches!(error, Error::Response(ResponseError::NotFinished));
            let too_long = retry_after.is_some_and(|wait| wait > self.shared.retry.max_retry_after);
            // It said that it succeeded, in words that cannot be read.
            let said_something = matches!(error, Error::Response(ResponseError::Malformed(_)));
            let again = unknown && seen == Seen::NotDone && !still_at_it && !said_something && !too_long;
            if !again || attempt >= self.shared.retry.attempts {
                return Err(error.after_unknown());
            }
            tokio::time::sleep(retry_after.unwrap_or_default()).await;
        }
        unreachable!("attempts end")
    }

    /// What the entries say that were written since `began`.
    async fn look(&self, Look { complaint_id, seen }: Look<'_>, began: Instant) -> Result<Seen, Error> {
        let mut offset = 0;
        let mut best = Seen::NotDone;
        let mut is_clear = true;
        for _ in 0..MAX_PAGES {
            let page = self.history_page(complaint_id, offset, HISTORY_PAGE).await.map_err(|failed| failed.error)?;
            // The platform's clock when it was sent: its clock now, less what has passed here. No clock of ours is compared.
            let elapsed = i64::try_from(began.elapsed().as_secs()).unwrap_or(i64::MAX);
            let since = page.platform_time.map(|now| now.0.saturating_sub(elapsed) - CLOCK_TOLERANCE_SECONDS);
            for record in &page.response.data {
                let written = record.operate_time.as_ref().and_then(|time| time.to_unix());
                let is_since = written.zip(since).map(|(written, since)| written.0 >= since);
                best = match seen(record) {
                    _ if is_since == Some(false) => best,
                    Seen::Done if is_since.is_some() => Seen::Done,
                    // An earlier act of the same kind may be what the payer was not content with.
                    Seen::NotDone if best == Seen::Done && continues(record) => Seen::Unclear,
                    Seen::Done | Seen::Unclear if best == Seen::NotDone => Seen::Unclear,
                    _ => best,
                };
            }
            // What cannot be read may be the act, or may say that what is seen is an older one.
            is_clear &= page.response.is_clear();
            let length = page.response.data.len() + page.response.unreadable.len();
            let length = u32::try_from(length).unwrap_or(u32::MAX);
            if length == 0 || (best == Seen::Done && length < HISTORY_PAGE) {
                return Ok(if is_clear { best } else { Seen::Unclear });
            }
            offset = offset.saturating_add(length);
        }
        Ok(Seen::Unclear)
    }
}

/// The payer goes on with a complaint that was completed or decided on.
fn continues(record: &NegotiationRecord) -> bool {
    record.operate_type == Some(OperateType::UserContinueComplaint)
}

/// The same text but for white space, which platforms trim and rewrite.
fn same_words(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

/// A refusal that says nothing about the complaint's state.
fn is_about_us(code: Option<&str>) -> bool {
    matches!(code, None | Some("SIGN_ERROR" | "NO_AUTH" | "FREQUENCY_LIMITED" | "RATELIMIT_EXCEEDED" | "RATE_LIMITED"))
}
