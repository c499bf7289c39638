//! Acts over a network that loses messages: after an unknown outcome the complaint is read. An act
//! that may have happened is not sent again.

use std::time::Duration;

use http_transport::Transport;
use protocol_core::UnixTime;
use protocol_core::call::{ActOnce, ActStore, CallResponse, FailedCall, Performer, Setback, perform, perform_unseen};
use protocol_core::virtual_payment::{Evidence, EvidenceQuery, EvidenceResponse, Operation, ResponseError};

use super::Error;
use super::client::Client;
use crate::mini_program::TokenSource;

impl<S: Transport, T: TokenSource> Client<S, T> {
    /// Sends an operation and waits for its response, for which TLS and the host vouch. It retries
    /// within the policy of the Mini Program's client if the failure allows it.
    ///
    /// An act (a reply, a completion) happens once. After an unknown outcome the history is read
    /// several times ([`ClientBuilder::recheck_delays`](super::ClientBuilder::recheck_delays)). The
    /// same text, or an entry of the same type, that was written since the act was sent is taken
    /// for it ([`Effect::Found`](protocol_core::Effect::Found)). An act that may have happened is
    /// not sent a second time. A completion succeeds too if the complaint is complete already.
    ///
    /// # Errors
    /// [`Error`]. With [`Delivery::Unknown`](protocol_core::Delivery::Unknown) an act may have
    /// happened and could not be found: read the history before trying again.
    pub async fn send<O: Operation + Sync>(&self, operation: &O) -> Result<O::Response, Error> {
        self.send_once(operation, None).await
    }

    /// Sends an operation as [`Client::send`] does, also across a crash: an act's state is kept in
    /// the store before each attempt, and the history is read before the first one. If the store
    /// has a state, an earlier process may have sent the act: the history is read, and the act is
    /// not sent again.
    ///
    /// ```no_run
    /// use protocol_core::call::ActStore;
    /// use protocol_core::virtual_payment::ResponseComplaint;
    ///
    /// # async fn example(
    /// #     client: &wechat_adapter::virtual_payment::Client,
    /// #     row: &mut dyn ActStore,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// // `row` is this reply's row of a database.
    /// let reply = ResponseComplaint::new("200000020250609150295416690", "已退款");
    /// client.send_stored(&reply, row).await?;
    /// row.remove().await?; // Remove the order for the reply too.
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error`]. [`Error::Unresolved`]: an earlier process may have sent the act, and no look at
    /// the history shows it, or none could be read. [`Error::Store`]: the store failed.
    pub async fn send_stored<O: Operation + Sync>(
        &self,
        operation: &O,
        store: &mut dyn ActStore,
    ) -> Result<O::Response, Error> {
        self.send_once(operation, Some(store)).await
    }

    pub(super) async fn send_once<O: Operation + Sync>(
        &self,
        operation: &O,
        store: Option<&mut dyn ActStore>,
    ) -> Result<O::Response, Error> {
        let Some((evidence, found)) = operation.evidence() else {
            return perform_unseen(O::IDEMPOTENCY, store, self.send_without_looking(operation)).await;
        };
        let Self { mini_program, shared } = self;
        let mut sender = Sender { client: self, operation };
        perform(evidence, found, mini_program.retry(), &shared.recheck_delays, store, &mut sender).await
    }
}

/// The I/O of an act, over a client.
struct Sender<'a, S, T, O> {
    client: &'a Client<S, T>,
    operation: &'a O,
}

impl<S: Transport, T: TokenSource, O: Operation + Sync> Performer<Evidence> for Sender<'_, S, T, O> {
    type Response = O::Response;
    type Refusal = ResponseError;

    async fn send(&mut self, act: &mut ActOnce<Evidence>) -> Result<O::Response, FailedCall<ResponseError>> {
        let Self { client, operation } = self;
        let sending = || act.sending(client.mini_program.elapsed());
        Ok(client.exchange(*operation, sending).await?.response)
    }

    fn setback(&self, failed: &FailedCall<ResponseError>, _: bool) -> Setback {
        Evidence::setback(&failed.error)
    }

    async fn look(&mut self, query: EvidenceQuery) -> Option<(EvidenceResponse, Option<UnixTime>)> {
        Some(match query {
            EvidenceQuery::History(page) => {
                let CallResponse { response, platform_time } = self.client.exchange(&page, || {}).await.ok()?;
                (EvidenceResponse::History(response.trust_anyway()), platform_time)
            }
            EvidenceQuery::Complaint(complaint) => {
                let CallResponse { response, platform_time } = self.client.exchange(&complaint, || {}).await.ok()?;
                (EvidenceResponse::Complaint(Box::new(response.trust_anyway())), platform_time)
            }
        })
    }

    async fn sleep(&mut self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    fn now(&self) -> Duration {
        self.client.mini_program.elapsed()
    }
}
