//! Acting on complaints when the network may lie: after an unknown outcome the complaint itself is asked.
//!
//! The act may still come when it is not there yet: a gateway may take longer than its client, or a proxy before it, waits. So an
//! act that may be on its way is looked for and never sent again; only after a connection that broke, or a page that is no
//! response, is that done.

use core::time::Duration;

use http_transport::Transport;
use protocol_core::allinpay::{
    ComplaintsComplete, ComplaintsResp, Evidence, EvidenceQuery, EvidenceResponse, Operation, ResponseError,
    WxComplaintsRefundProgress,
};
use protocol_core::call::{ActOnce, Doubt, Performer, RECHECK_DELAYS, Setback, perform};
use protocol_core::channel::Effect;
use protocol_core::{Delivery, UnixTime};
use tokio::time::Instant;

use crate::client::Client;
use crate::error::{Error, may_be_on_its_way};

impl<S: Transport> Client<S> {
    /// Replies to the payer, once.
    ///
    /// Where nobody knows whether the reply arrived, the history is looked into, three times within seven seconds: a message
    /// of the merchant with the same text that was not there before is taken for it. It is sent again only where no new message
    /// of the merchant is there at all, and where the failure allows it: never after a refusal (`FAIL` is not signed) or
    /// a signature that does not verify, nor beside a `handlestate` that nobody knows, and never where it may still be on its way:
    /// the time ran out, or the status is 408, 502 or above. Where the history could not be read beforehand, the reply is sent once,
    /// and an unknown outcome stays unknown.
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
        self.act(reply).await
    }

    /// Completes a complaint, once, as [`respond`](Self::respond) replies: a completion that was not in the history before is
    /// taken for this one. Succeeds too where there is none but the complaint is complete, whatever the response was.
    ///
    /// # Errors
    /// [`Error`]. With [`Delivery::Unknown`] neither history nor complaint tell anything certain.
    pub async fn complete_complaint(&self, complete: &ComplaintsComplete) -> Result<Effect, Error> {
        self.act(complete).await
    }

    /// Decides on a refund, once, as [`respond`](Self::respond) replies: a decision of the same kind that was not in the history
    /// before is taken for this one.
    ///
    /// # Errors
    /// [`Error`]. With [`Delivery::Unknown`] the history tells nothing certain: look there before trying again.
    pub async fn update_refund_progress(&self, decision: &WxComplaintsRefundProgress) -> Result<Effect, Error> {
        self.act(decision).await
    }

    async fn act<O: Operation<Response: Send> + Sync>(&self, operation: &O) -> Result<Effect, Error> {
        let Some((evidence, _)) = operation.evidence() else {
            return self.send(operation).await.map(|_| Effect::Confirmed);
        };
        self.check(operation)?;
        let mut act = ActOnce::new(evidence, self.shared.retry, &RECHECK_DELAYS);
        let performed = perform(&mut act, &mut Sender { client: self, operation, began: Instant::now() }).await;
        performed.map(|(effect, _)| effect).map_err(|error| error.unwrap_or(Error::Unresolved))
    }
}

/// What sends an act, and asks about it.
struct Sender<'a, S, O> {
    client: &'a Client<S>,
    operation: &'a O,
    began: Instant,
}

impl<S: Transport, O: Operation<Response: Send> + Sync> Performer<Evidence> for Sender<'_, S, O> {
    type Response = O::Response;
    type Error = Error;

    async fn send(&mut self, act: &mut ActOnce<Evidence>) -> Result<O::Response, Error> {
        act.sending(self.now());
        self.client.send(self.operation).await
    }

    fn setback(&self, error: &Error, may_have_happened: bool) -> Setback {
        let failure = error.failure();
        // The platform took it, one way or another.
        let is_about_state = may_have_happened || failure.delivery != Delivery::NotSent;
        Setback::new(failure, doubt(error)).with_is_about_state(is_about_state)
    }

    async fn look(&mut self, query: EvidenceQuery) -> Option<(EvidenceResponse, Option<UnixTime>)> {
        let response = match query {
            EvidenceQuery::History(page) => self.client.send(&page).await.map(EvidenceResponse::History),
            EvidenceQuery::Complaint(complaint) => {
                self.client.send(&complaint).await.map(|complaint| EvidenceResponse::Complaint(Box::new(complaint)))
            }
        };
        Some((response.ok()?, None))
    }

    async fn sleep(&mut self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn after_unknown(error: Error) -> Error {
        error.after_unknown()
    }
}

/// After a refusal, say, one look is enough. An act in a state that nobody knows may be done in a moment.
fn doubt(error: &Error) -> Doubt {
    if may_be_on_its_way(error) || matches!(error, Error::Response(ResponseError::Unclear(_))) {
        Doubt::MayStillCome
    } else if error.failure().is_retryable {
        Doubt::Lost
    } else {
        Doubt::Settled
    }
}
