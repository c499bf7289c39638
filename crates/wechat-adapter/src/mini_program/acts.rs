//! Acting on complaints when the network may lie: after an unknown outcome the complaint itself is asked. Nothing is sent again that may have happened.

use core::hash::{Hash as _, Hasher as _};
use core::time::Duration;
use std::hash::DefaultHasher;

use http_transport::Transport;
use protocol_core::complaint::OrderDetail;
use protocol_core::mini_program::{
    Appeal, GetOrderDetail, Operation, RespondComplaint, ServerError, SubmitRefund, SupplyProof,
};
use protocol_core::{Effect, Stamp, UnixTime};
use tokio::time::Instant;

use super::client::Client;
use super::error::Error;
use super::sent_acts::{ActKey, CLOCK_TOLERANCE};
use super::token_source::TokenSource;

/// How long the platform is given to write down what it was doing when the connection broke.
const SETTLING: Duration = Duration::from_secs(1);

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
    /// platform's own clock, is taken for it, but for as many as this client's other acts of the kind may have left. So it is where the platform refuses by state (309, 1002) what this client has sent
    /// before with an unknown outcome. Words are not compared: how the platform writes them down is not documented.
    ///
    /// # Errors
    /// [`Error`]. With [`Delivery::Unknown`](protocol_core::Delivery::Unknown) the detail did not show it, or could not be read:
    /// look there before trying again. Nothing is sent a second time here.
    pub async fn respond(&self, response: &RespondComplaint) -> Result<Effect, Error> {
        self.act(response, &response.complaint_order_id, |detail, since| items(detail, MERCHANT_RESPONDED, since)).await
    }

    /// Supplies evidence, once. As [`Client::respond`].
    ///
    /// # Errors
    /// [`Error`].
    pub async fn supply_proof(&self, proof: &SupplyProof) -> Result<Effect, Error> {
        self.act(proof, &proof.complaint_order_id, |detail, since| items(detail, MERCHANT_EVIDENCE, since)).await
    }

    /// Submits the proof of a refund, once. As [`Client::respond`].
    ///
    /// # Errors
    /// [`Error`].
    pub async fn submit_refund(&self, proof: &SubmitRefund) -> Result<Effect, Error> {
        self.act(proof, &proof.complaint_order_id, |detail, since| items(detail, MERCHANT_SUBMITTED_PROOF, since)).await
    }

    /// Appeals, once. As [`Client::respond`]; an appeal that is under way has no time of its own and is as good, unless an item says
    /// that it is older.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn appeal(&self, appeal: &Appeal) -> Result<Effect, Error> {
        self.act(appeal, &appeal.complaint_order_id, appeals).await
    }

    async fn act<O: Operation + Sync>(
        &self,
        act: &O,
        complaint_order_id: &str,
        shown: fn(&OrderDetail, UnixTime) -> usize,
    ) -> Result<Effect, Error> {
        let (key, sent) = (key(act, complaint_order_id)?, self.sent_acts());
        let number = sent.number();
        // Before it is sent: a call that is dropped has sent it all the same.
        let error = match self.exchange_saying(act, || sent.remember(number, key)).await {
            Ok(_) => {
                sent.done(number, key);
                return Ok(Effect::Confirmed);
            }
            Err(error) => error,
        };
        let began = if error.failure().may_have_happened {
            sent.sent_at(number)
        } else {
            sent.had_no_effect(number);
            // A refusal by state may speak of our own earlier attempt.
            sent.first_sent(key).filter(|_| error.response().is_some_and(ServerError::is_state_error))
        };
        let Some(began) = began else { return Err(error) };
        tokio::time::sleep(SETTLING).await;
        let count = self.count(complaint_order_id, began, shown).await;
        // Counted last: another may have been sent while the detail was read.
        if count > sent.others(number, key, began) {
            sent.done(number, key);
            return Ok(Effect::Found);
        }
        Err(error)
    }

    /// How many acts of a kind the detail shows since `began`; none, where it cannot be read.
    async fn count(
        &self,
        complaint_order_id: &str,
        began: Instant,
        shown: fn(&OrderDetail, UnixTime) -> usize,
    ) -> usize {
        let question = GetOrderDetail::new(complaint_order_id);
        let Ok(dated) = self.exchange(&question).await else { return 0 };
        // The platform's clock when it was sent: its clock now, less what has passed here. No two clocks are compared.
        let Some(now) = dated.platform_time else { return 0 };
        let ago = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        let since = UnixTime(now.0.saturating_sub(ago(began.elapsed())).saturating_sub(ago(CLOCK_TOLERANCE)));
        let detail = dated.response.peek();
        // What cannot be read may say that an item is an older one.
        if detail.misfits().is_empty() { shown(detail, since) } else { 0 }
    }
}

fn items(detail: &OrderDetail, kind: i64, since: UnixTime) -> usize {
    let is_recent = |time: Option<UnixTime>| time.is_some_and(|time| time >= since);
    detail.item.iter().filter(|item| item.item_type == Some(kind) && is_recent(item.time)).count()
}

fn appeals(detail: &OrderDetail, since: UnixTime) -> usize {
    let times =
        || detail.item.iter().filter(|item| item.appeal_item_type == Some(APPEALING)).filter_map(|item| item.time);
    let under_way = detail.complaint_order.as_ref().is_some_and(|complaint| complaint.appeal_state == Some(APPEALING));
    let is_dated = times().next().is_some();
    if is_dated { times().filter(|time| *time >= since).count() } else { usize::from(under_way) }
}

/// What tells one act from another: all that is sent; and what acts look alike in the detail: the kind and the complaint.
fn key<O: Operation>(act: &O, complaint_order_id: &str) -> Result<ActKey, Error> {
    let parts = act.request(&Stamp { now: UnixTime(0), nonce: "n" })?;
    let mut hasher = DefaultHasher::new();
    (O::NAME, complaint_order_id).hash(&mut hasher);
    let alike = hasher.finish();
    (parts.target, parts.body.bytes()).hash(&mut hasher);
    Ok(ActKey { alike, same: hasher.finish() })
}
