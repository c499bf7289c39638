//! Acting on complaints when the network may lie: after an unknown outcome the complaint itself is asked. Nothing is sent twice.

use core::hash::{Hash as _, Hasher as _};
use core::time::Duration;
use std::hash::DefaultHasher;

use http_transport::Transport;
use protocol_core::UnixTime;
use protocol_core::channel::Effect;
use protocol_core::complaint::OrderDetail;
use protocol_core::mini_program::{
    Appeal, GetOrderDetail, Operation, RespondComplaint, ServerError, SubmitRefund, SupplyProof,
};
use tokio::time::Instant;

use super::client::Client;
use super::error::Error;
use super::token_source::TokenSource;

/// How long the platform is given to write down what it was doing when the connection broke.
const SETTLING: Duration = Duration::from_secs(1);

/// The detail's times are whole seconds, and its clock is not quite the one that dates answers.
const CLOCK_TOLERANCE_SECONDS: i64 = 2;

/// What an item of the detail reports (`itemType`).
const MERCHANT_EVIDENCE: i64 = 8;
const MERCHANT_RESPONDED: i64 = 109;
const MERCHANT_SUBMITTED_PROOF: i64 = 110;

/// An appeal is under way (`appealState`, `appealItemType`).
const APPEALING: i64 = 403;

impl<S: Transport, T: TokenSource> Client<S, T> {
    /// Responds to a complaint, once.
    ///
    /// Where nobody knows whether the response arrived, the detail is asked: a response written since it was sent, by the
    /// platform's own clock, is taken for it. So it is where the platform refuses by state (309, 1002) what this client has sent
    /// before with an unknown outcome. Words are not compared: how the platform writes them down is not documented.
    ///
    /// # Errors
    /// [`Error`]. With [`Delivery::Unknown`](protocol_core::Delivery::Unknown) the detail did not show it, or could not be read:
    /// look there before trying again. Nothing is sent a second time here.
    pub async fn respond(&self, response: &RespondComplaint) -> Result<Effect, Error> {
        self.act(response, &response.complaint_order_id, |detail, since| shows_item(detail, MERCHANT_RESPONDED, since))
            .await
    }

    /// Supplies evidence, once. As [`Client::respond`].
    ///
    /// # Errors
    /// [`Error`].
    pub async fn supply_proof(&self, proof: &SupplyProof) -> Result<Effect, Error> {
        self.act(proof, &proof.complaint_order_id, |detail, since| shows_item(detail, MERCHANT_EVIDENCE, since)).await
    }

    /// Submits the proof of a refund, once. As [`Client::respond`].
    ///
    /// # Errors
    /// [`Error`].
    pub async fn submit_refund(&self, proof: &SubmitRefund) -> Result<Effect, Error> {
        self.act(proof, &proof.complaint_order_id, |detail, since| shows_item(detail, MERCHANT_SUBMITTED_PROOF, since))
            .await
    }

    /// Appeals, once. As [`Client::respond`]; an appeal that is under way has no time of its own and is as good, unless an item says
    /// that it is older.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn appeal(&self, appeal: &Appeal) -> Result<Effect, Error> {
        self.act(appeal, &appeal.complaint_order_id, shows_appeal).await
    }

    async fn act<O: Operation + Sync>(
        &self,
        act: &O,
        complaint_order_id: &str,
        shows: fn(&OrderDetail, UnixTime) -> bool,
    ) -> Result<Effect, Error> {
        let (key, sent) = (key(act)?, self.sent_acts());
        let number = sent.number();
        // Before it is sent: a call that is dropped has sent it all the same.
        let error = match self.exchange_saying(act, || sent.remember(number, key)).await {
            Ok(_) => {
                sent.forget(key);
                return Ok(Effect::Confirmed);
            }
            Err(error) => error,
        };
        let began = if error.wants_a_look() {
            sent.sent_at(number)
        } else {
            sent.had_no_effect(number);
            // A refusal by state may speak of our own earlier attempt.
            sent.first_sent(key).filter(|_| error.server().is_some_and(ServerError::is_state_error))
        };
        let Some(began) = began else { return Err(error) };
        tokio::time::sleep(SETTLING).await;
        if self.is_there(complaint_order_id, began, shows).await {
            sent.forget(key);
            return Ok(Effect::Found);
        }
        Err(error)
    }

    /// Whether the detail shows what was done since `began`; not, where it cannot be read.
    async fn is_there(
        &self,
        complaint_order_id: &str,
        began: Instant,
        shows: fn(&OrderDetail, UnixTime) -> bool,
    ) -> bool {
        let question = GetOrderDetail { complaint_order_id: complaint_order_id.to_owned() };
        let Ok(dated) = self.exchange(&question).await else { return false };
        // The platform's clock when it was sent: its clock now, less what has passed here. No two clocks are compared.
        let Some(now) = dated.platform_time else { return false };
        let elapsed = i64::try_from(began.elapsed().as_secs()).unwrap_or(i64::MAX);
        let since = UnixTime(now.0.saturating_sub(elapsed).saturating_sub(CLOCK_TOLERANCE_SECONDS));
        shows(dated.answer.peek(), since)
    }
}

fn shows_item(detail: &OrderDetail, kind: i64, since: UnixTime) -> bool {
    detail.item.iter().any(|item| item.item_type == Some(kind) && item.time.is_some_and(|time| time >= since))
}

fn shows_appeal(detail: &OrderDetail, since: UnixTime) -> bool {
    let appeals = || detail.item.iter().filter(|item| item.appeal_item_type == Some(APPEALING));
    let is_dated = appeals().any(|item| item.time.is_some());
    let under_way = detail.complaint_order.as_ref().is_some_and(|complaint| complaint.appeal_state == Some(APPEALING));
    if is_dated { appeals().any(|item| item.time.is_some_and(|time| time >= since)) } else { under_way }
}

/// What tells one act from another: all that is sent.
fn key<O: Operation>(act: &O) -> Result<u64, Error> {
    let parts = act.request("n")?;
    let mut hasher = DefaultHasher::new();
    (O::NAME, parts.target, parts.body.bytes()).hash(&mut hasher);
    Ok(hasher.finish())
}
