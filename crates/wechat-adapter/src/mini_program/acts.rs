//! Acting on complaints when the network may lie: after an unknown outcome the complaint itself is asked. Nothing is sent again that
//! may have happened.

use core::time::Duration;

use http_transport::Transport;
use protocol_core::UnixTime;
use protocol_core::call::{ActOnce, Doubt, Performer, RECHECK_DELAYS, Setback, perform};
use protocol_core::channel::Effect;
use protocol_core::complaint::OrderDetail;
use protocol_core::mini_program::{
    Appeal, Counted, GetOrderDetail, Operation, RespondComplaint, ServerError, SubmitRefund, SupplyProof,
};

use super::client::Client;
use super::error::Error;
use super::exchange::Dated;
use super::token_source::TokenSource;

impl<S: Transport, T: TokenSource> Client<S, T> {
    /// Responds to a complaint, once.
    ///
    /// Where nobody knows whether the response arrived, the detail is asked: a response written since it was sent, by the
    /// platform's own clock, is taken for it, except for as many as this client's other acts of the kind may have left. So it is
    /// where the platform refuses by state (309, 1002) what this client has sent before with an unknown outcome. Words are not
    /// compared: how the platform writes them down is not documented.
    ///
    /// # Errors
    /// [`Error`]. With [`Delivery::Unknown`](protocol_core::Delivery::Unknown) the detail did not show it, or could not be read:
    /// look there before trying again. Nothing is sent a second time here.
    pub async fn respond(&self, response: &RespondComplaint) -> Result<Effect, Error> {
        self.act(response).await
    }

    /// Supplies evidence, once. As [`Client::respond`].
    ///
    /// # Errors
    /// [`Error`].
    pub async fn supply_proof(&self, proof: &SupplyProof) -> Result<Effect, Error> {
        self.act(proof).await
    }

    /// Submits the proof of a refund, once. As [`Client::respond`].
    ///
    /// # Errors
    /// [`Error`].
    pub async fn submit_refund(&self, proof: &SubmitRefund) -> Result<Effect, Error> {
        self.act(proof).await
    }

    /// Appeals, once. As [`Client::respond`]; an appeal that is under way has no time of its own and is taken for this one, unless
    /// an item says that it is older.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn appeal(&self, appeal: &Appeal) -> Result<Effect, Error> {
        self.act(appeal).await
    }

    async fn act<O: Operation<Response: Send> + Sync>(&self, operation: &O) -> Result<Effect, Error> {
        let Some((evidence, _)) = operation.evidence() else {
            return self.send(operation).await.map(|_| Effect::Confirmed);
        };
        let mut act = ActOnce::new(evidence.among(self.sent_acts()), self.retry(), &RECHECK_DELAYS);
        let performed = perform(&mut act, &mut Sender { client: self, operation }).await;
        performed.map(|(effect, _)| effect).map_err(|error| error.unwrap_or(Error::Unresolved))
    }
}

/// What sends an act, and asks about it.
struct Sender<'a, S, T, O> {
    client: &'a Client<S, T>,
    operation: &'a O,
}

impl<'c, S: Transport, T: TokenSource, O: Operation<Response: Send> + Sync> Performer<Counted<'c>>
    for Sender<'_, S, T, O>
{
    type Response = O::Response;
    type Error = Error;

    async fn send(&mut self, act: &mut ActOnce<Counted<'c>>) -> Result<Self::Response, Error> {
        let Self { client, operation } = self;
        let sending = || act.sending(client.elapsed());
        client.exchange_saying(*operation, sending).await.map(|dated| dated.response)
    }

    fn setback(&self, error: &Error, _: bool) -> Setback {
        let is_about_state = error.response().is_some_and(ServerError::is_state_error);
        Setback::new(error.failure(), Doubt::Settled).with_is_about_state(is_about_state)
    }

    async fn look(&mut self, query: GetOrderDetail) -> Option<(OrderDetail, Option<UnixTime>)> {
        let Dated { response, platform_time } = self.client.exchange(&query).await.ok()?;
        Some((response.trust_anyway(), platform_time))
    }

    async fn sleep(&mut self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    fn now(&self) -> Duration {
        self.client.elapsed()
    }

    fn after_unknown(error: Error) -> Error {
        error.after_unknown()
    }
}
