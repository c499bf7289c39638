//! Acts over a network that loses messages: after an unknown outcome the complaint is read. An act
//! that may have happened is not sent again.

use std::time::Duration;

use http_transport::Transport;
use protocol_core::UnixTime;
use protocol_core::call::{
    ActOnce, ActState, ActStore, CallResponse, Performer, Setback, begin_act, begin_unseen_act, keep_state, perform,
};
use protocol_core::virtual_payment::{Evidence, EvidenceQuery, EvidenceResponse, Operation};

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
    /// # Errors
    /// [`Error`]. [`Error::Unresolved`]: an earlier process may have sent the act, and the history
    /// does not show it. [`Error::Store`]: the store failed.
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
        mut store: Option<&mut dyn ActStore>,
    ) -> Result<O::Response, Error> {
        let Some((evidence, found)) = operation.evidence() else {
            begin_unseen_act(O::IDEMPOTENCY, store).await?;
            return self.send_without_looking(operation).await;
        };
        let Self { mini_program, shared } = self;
        let now = mini_program.elapsed();
        let began = begin_act(evidence, mini_program.retry(), &shared.recheck_delays, store.as_deref_mut(), now);
        let mut act = began.await?;
        match perform(&mut act, &mut Sender { client: self, operation, store: store.map(|store| store as _) }).await {
            Ok((_, response)) => Ok(response.unwrap_or(found)),
            Err(error) => Err(error.unwrap_or(Error::Unresolved)),
        }
    }
}

/// The I/O of an act, over a client.
struct Sender<'a, S, T, O> {
    client: &'a Client<S, T>,
    operation: &'a O,
    store: Option<&'a mut dyn ActStore>,
}

impl<S: Transport, T: TokenSource, O: Operation + Sync> Performer<Evidence> for Sender<'_, S, T, O> {
    type Response = O::Response;
    type Error = Error;

    async fn keep(&mut self, state: &ActState) -> Result<(), Error> {
        keep_state(self.store.as_deref_mut(), state).await
    }

    async fn send(&mut self, act: &mut ActOnce<Evidence>) -> Result<Self::Response, Error> {
        let Self { client, operation, .. } = self;
        let sending = || act.sending(client.mini_program.elapsed());
        client.exchange(*operation, sending).await.map(|received| received.response)
    }

    fn setback(&self, error: &Error, _: bool) -> Setback {
        Evidence::setback(error)
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

    fn after_unknown(error: Error) -> Error {
        error.after_unknown()
    }
}
