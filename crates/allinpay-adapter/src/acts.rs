//! Acts over a network that loses messages: after an unknown outcome the complaint is read.
//!
//! An act that is not in the history yet may still come: a gateway may take longer than its client
//! waits, or than a proxy does. So an act that may be on its way is looked for and never sent
//! again. It is sent again only after a connection that broke, or a page that is no response.

use std::time::Duration;

use http_transport::Transport;
use protocol_core::allinpay::{Evidence, EvidenceQuery, EvidenceResponse, Operation, ResponseError};
use protocol_core::call::{
    ActOnce, ActStore, Doubt, FailedCall, Performer, RECHECK_DELAYS, Setback, perform, perform_unseen,
};
use protocol_core::{Delivery, UnixTime};
use tokio::time::Instant;

use crate::client::Client;
use crate::error::{Error, may_be_on_its_way};

impl<S: Transport> Client<S> {
    /// Sends an operation and waits for its verified response. It retries within the client's
    /// policy if the failure allows it. For a merchant below an agent, send through
    /// [`Client::about`].
    ///
    /// An act (a reply, a completion, a decision on a refund) happens once. The complaint's history
    /// is read first. After an unknown outcome the history is read again, three times within seven
    /// seconds. A new entry of the act's type, for a reply with the same text, is taken for the act
    /// ([`Effect::Found`](protocol_core::Effect::Found)).
    ///
    /// The act is sent again only if the history has no new entry of the type, and the failure
    /// allows it. It is never sent again after `FAIL`, which is not signed, after a signature
    /// that does not verify, or after an unknown `handlestate`. Nor is it while it may still be on
    /// its way: after a timeout, or a status of 408, 502 or above. If the history could not be read
    /// first, the act is sent once, and an unknown outcome stays unknown. A completion succeeds too
    /// if the complaint is complete already.
    ///
    /// ```no_run
    /// use protocol_core::allinpay::ComplaintsResp;
    ///
    /// # async fn example(client: &allinpay_adapter::Client) -> Result<(), allinpay_adapter::Error> {
    /// let effect =
    ///     client.send(&ComplaintsResp::new("200201820200101080076610000", "已退款")).await?;
    /// println!("{effect:?}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error`]. With [`Delivery::Unknown`] the history shows nothing certain: read it before
    /// trying again.
    pub async fn send<O: Operation + Sync>(&self, operation: &O) -> Result<O::Response, Error> {
        self.send_once(operation, None).await
    }

    /// Sends an operation as [`Client::send`] does, also across a crash: an act's state is kept in
    /// the store before each attempt. If the store has a state, an earlier process may have sent the
    /// act: the history is read, and the act is not sent again.
    ///
    /// ```no_run
    /// use protocol_core::call::ActStore;
    /// use protocol_core::allinpay::ComplaintsResp;
    ///
    /// # async fn example(
    /// #     client: &allinpay_adapter::Client,
    /// #     row: &mut dyn ActStore,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// // `row` is this reply's row of a database.
    /// let reply = ComplaintsResp::new("200201820200101080076610000", "已退款");
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

    pub(crate) async fn send_once<O: Operation + Sync>(
        &self,
        operation: &O,
        store: Option<&mut dyn ActStore>,
    ) -> Result<O::Response, Error> {
        let Some((evidence, found)) = operation.evidence() else {
            return perform_unseen(O::IDEMPOTENCY, store, self.send_without_looking(operation)).await;
        };
        self.check(operation)?;
        let mut sender = Sender { client: self, operation, began: Instant::now() };
        perform(evidence, found, self.shared.retry, &RECHECK_DELAYS, store, &mut sender).await
    }
}

/// The I/O of an act, over a client.
struct Sender<'a, S, O> {
    client: &'a Client<S>,
    operation: &'a O,
    began: Instant,
}

impl<S: Transport, O: Operation + Sync> Performer<Evidence> for Sender<'_, S, O> {
    type Response = O::Response;
    type Refusal = ResponseError;

    async fn send(&mut self, act: &mut ActOnce<Evidence>) -> Result<O::Response, FailedCall<ResponseError>> {
        act.sending(self.now());
        Ok(self.client.send_without_looking(self.operation).await?)
    }

    fn setback(&self, FailedCall { error, .. }: &FailedCall<ResponseError>, may_have_happened: bool) -> Setback {
        let failure = error.failure();
        // The platform may have processed the act, in this attempt or an earlier one.
        let is_about_state = may_have_happened || failure.delivery != Delivery::NotSent;
        Setback::new(failure, doubt(error)).with_is_about_state(is_about_state)
    }

    async fn look(&mut self, query: EvidenceQuery) -> Option<(EvidenceResponse, Option<UnixTime>)> {
        let response = match query {
            EvidenceQuery::History(page) => {
                self.client.send_without_looking(&page).await.map(EvidenceResponse::History)
            }
            EvidenceQuery::Complaint(complaint) => self
                .client
                .send_without_looking(&complaint)
                .await
                .map(|complaint| EvidenceResponse::Complaint(Box::new(complaint))),
        };
        Some((response.ok()?, None))
    }

    async fn sleep(&mut self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }
}

/// The doubt after an error: one look is enough after a refusal, for instance, but an act in an
/// unknown state may still happen.
fn doubt(error: &Error) -> Doubt {
    if may_be_on_its_way(error) || matches!(error, Error::Response(ResponseError::Unclear(_))) {
        Doubt::MayStillCome
    } else if error.failure().is_retryable {
        Doubt::Lost
    } else {
        Doubt::Settled
    }
}
