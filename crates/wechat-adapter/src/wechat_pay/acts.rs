//! Acting on complaints when the network may lie: after an unknown outcome the complaint itself is asked.

use core::time::Duration;

use http_transport::Transport;
use protocol_core::UnixTime;
use protocol_core::call::{ActOnce, Doubt, Performer, Setback, perform};
use protocol_core::channel::Effect;
use protocol_core::wechat_pay::{
    Complete, Evidence, EvidenceQuery, EvidenceResponse, Operation, Respond, ResponseError, UpdateRefundProgress,
};
use tokio::time::Instant;

use crate::wechat_pay::client::Client;
use crate::wechat_pay::error::{Error, refusal};
use crate::wechat_pay::exchange::{Dated, Failed};

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
        self.act(respond).await
    }

    /// Completes a complaint. Succeeds too where it is complete already.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn complete_complaint(&self, complete: &Complete) -> Result<Effect, Error> {
        self.act(complete).await
    }

    /// Decides on a refund. Where nobody knows whether the decision arrived, the history tells.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn update_refund_progress(&self, decision: &UpdateRefundProgress) -> Result<Effect, Error> {
        self.act(decision).await
    }

    async fn act<O: Operation<Response: Send> + Sync>(&self, operation: &O) -> Result<Effect, Error> {
        let Some((evidence, _)) = operation.evidence() else {
            return self.send(operation).await.map(|_| Effect::Confirmed);
        };
        let mut act = ActOnce::new(evidence, self.shared.retry, &self.shared.looks);
        let mut sender = Sender { client: self, operation, began: Instant::now() };
        match perform(&mut act, &mut sender).await {
            Ok((effect, _)) => Ok(effect),
            Err(failed) => Err(failed.map_or(Error::Unresolved, |failed| failed.error)),
        }
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
    type Error = Failed;

    async fn send(&mut self, act: &mut ActOnce<Evidence>) -> Result<O::Response, Failed> {
        act.sending(self.now());
        self.client.exchange(self.operation).await.map(|dated| dated.response)
    }

    fn setback(&self, Failed { error, retry_after }: &Failed, _: bool) -> Setback {
        let failure = error.failure().with_retry_after(*retry_after);
        // It is still at it, or said that it succeeded, in words that cannot be read.
        let may_still_come = matches!(error, Error::Response(ResponseError::NotFinished | ResponseError::Malformed(_)));
        let is_lost = failure.may_have_happened && !may_still_come;
        let doubt = if is_lost { Doubt::Lost } else { Doubt::MayStillCome };
        let is_about_state = refusal(error).is_some_and(|(status, code)| status < 500 && !is_about_us(code));
        Setback::new(failure, doubt).with_is_about_state(is_about_state)
    }

    async fn look(&mut self, query: EvidenceQuery) -> Option<(EvidenceResponse, Option<UnixTime>)> {
        let (response, platform_time) = match query {
            EvidenceQuery::History(page) => {
                let Dated { response, platform_time } = self.client.exchange(&page).await.ok()?;
                (EvidenceResponse::History(response), platform_time)
            }
            EvidenceQuery::Complaint(complaint) => {
                let Dated { response, platform_time } = self.client.exchange(&complaint).await.ok()?;
                (EvidenceResponse::Complaint(Box::new(response)), platform_time)
            }
        };
        Some((response, platform_time))
    }

    async fn sleep(&mut self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn after_unknown(Failed { error, retry_after }: Failed) -> Failed {
        Failed { error: error.after_unknown(), retry_after }
    }
}

/// A refusal that says nothing about the complaint's state.
fn is_about_us(code: Option<&str>) -> bool {
    matches!(code, None | Some("SIGN_ERROR" | "NO_AUTH" | "FREQUENCY_LIMITED" | "RATELIMIT_EXCEEDED" | "RATE_LIMITED"))
}
