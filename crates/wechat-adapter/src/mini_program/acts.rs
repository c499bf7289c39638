//! Acts over a network that loses messages: after an unknown outcome the complaint is read. An act
//! that may have happened is not sent again.

use std::time::Duration;

use futures_util::future::BoxFuture;
use http_transport::Transport;
use protocol_core::call::{
    ActOnce, ActStore, CallResponse, FailedCall, Performer, RECHECK_DELAYS, Setback, perform, perform_unseen,
};
use protocol_core::channel::{Act, ComplaintRef};
use protocol_core::complaint::OrderDetail;
use protocol_core::mini_program::{
    ActOperation, ActVisitor, Counted, Evidence, GetOrderDetail, Operation, ResponseError,
};
use protocol_core::{Effect, UnixTime};

use super::client::Client;
use super::error::Error;
use super::token_source::TokenSource;

impl<S: Transport, T: TokenSource> Client<S, T> {
    /// Sends an operation and waits for its response, for which TLS and the host vouch.
    ///
    /// It retries within the client's policy if the failure allows it. A refused token (40001,
    /// 40014, 42001) is reported to its source, and the call repeated once with the next one. A
    /// call refused by state (309, 1002) is never repeated.
    ///
    /// An act (a reply, evidence, proof of a refund, an appeal) happens once: an act that may
    /// have happened is not sent a second time. After an unknown outcome the detail is read. An
    /// item of the act's kind that was written since the act was sent, by the platform's own clock,
    /// is taken for the act ([`Effect::Found`](protocol_core::Effect::Found)). As many items as
    /// this client's other acts of the kind may have left do not count. The same is done if the
    /// platform refuses by state an act that this client has sent before with an unknown outcome.
    /// Words are not compared, since the platform's form of them is not documented. An appeal that
    /// is under way has no time of its own and is taken for this one, unless an item says that it
    /// is older.
    ///
    /// # Errors
    /// [`Error`]. With [`Delivery::Unknown`](protocol_core::Delivery::Unknown) the detail did not
    /// show an act, or could not be read: read it before trying again.
    pub async fn send<O: Operation + Sync>(&self, operation: &O) -> Result<O::Response, Error> {
        self.send_once(operation, None).await
    }

    /// Sends an operation as [`Client::send`] does, also across a crash: an act's state is kept in
    /// the store before each attempt, and the detail is read before the first one. If the store has
    /// a state, an earlier process may have sent the act: the detail is read, and the act is not
    /// sent again.
    ///
    /// ```no_run
    /// use protocol_core::call::ActStore;
    /// use protocol_core::mini_program::{BussiHandle, RespondComplaint};
    ///
    /// # async fn example(
    /// #     client: &wechat_adapter::mini_program::Client,
    /// #     row: &mut dyn ActStore,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// // `row` is this reply's row of a database.
    /// let reply = RespondComplaint::new("8622001", BussiHandle::Agree);
    /// client.send_stored(&reply, row).await?;
    /// row.remove().await?; // Remove the order for the reply too.
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error`]. [`Error::Unresolved`]: an earlier process may have sent the act, and no look at
    /// the detail shows it, or none could be read. [`Error::Store`]: the store failed.
    pub async fn send_stored<O: Operation + Sync>(
        &self,
        operation: &O,
        store: &mut dyn ActStore,
    ) -> Result<O::Response, Error> {
        self.send_once(operation, Some(store)).await
    }

    async fn send_once<O: Operation + Sync>(
        &self,
        operation: &O,
        store: Option<&mut dyn ActStore>,
    ) -> Result<O::Response, Error> {
        let Some((evidence, found)) = operation.evidence() else {
            return perform_unseen(O::IDEMPOTENCY, store, self.send_without_looking(operation)).await;
        };
        let evidence = evidence.among(self.sent_acts());
        let mut sender = Sender { client: self, operation };
        perform(evidence, found, self.retry(), &RECHECK_DELAYS, store, &mut sender).await
    }

    /// Carries out an act once, as [`Client::send`] does with its operation.
    ///
    /// ```no_run
    /// use protocol_core::channel::{ComplaintRef, Reply};
    ///
    /// # async fn example(client: &wechat_adapter::mini_program::Client) -> Result<(), wechat_adapter::mini_program::Error> {
    /// let mut reply = Reply::new("已退款");
    /// reply.agrees = Some(true);
    /// client.perform(&ComplaintRef::new("8622001"), &reply.into()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error`]. An act that the Mini Program does not take is
    /// [`BuildError::NotTaken`](protocol_core::BuildError::NotTaken).
    pub async fn perform(&self, complaint: &ComplaintRef, act: &Act) -> Result<Effect, Error> {
        ActOperation::new(complaint, act)?.visit(SendAct { client: self, store: None }).await
    }

    /// Carries out an act once, as [`Client::send_stored`] does with its operation.
    ///
    /// # Errors
    /// As [`Client::perform`] and [`Client::send_stored`].
    pub async fn perform_stored(
        &self,
        complaint: &ComplaintRef,
        act: &Act,
        store: &mut dyn ActStore,
    ) -> Result<Effect, Error> {
        ActOperation::new(complaint, act)?.visit(SendAct { client: self, store: Some(store) }).await
    }
}

/// Sends the operation of an act.
struct SendAct<'a, S, T> {
    client: &'a Client<S, T>,
    store: Option<&'a mut dyn ActStore>,
}

impl<'a, S: Transport, T: TokenSource> ActVisitor for SendAct<'a, S, T> {
    type Output = BoxFuture<'a, Result<Effect, Error>>;

    fn visit<O>(self, operation: O) -> Self::Output
    where
        O: Operation<Response: Into<Effect>> + Send + Sync + 'static,
    {
        let Self { client, store } = self;
        Box::pin(async move { client.send_once(&operation, store).await.map(Into::into) })
    }
}

/// The I/O of an act, over a client.
struct Sender<'a, S, T, O> {
    client: &'a Client<S, T>,
    operation: &'a O,
}

impl<'c, S: Transport, T: TokenSource, O: Operation + Sync> Performer<Counted<'c>> for Sender<'_, S, T, O> {
    type Response = O::Response;
    type Refusal = ResponseError;

    async fn send(&mut self, act: &mut ActOnce<Counted<'c>>) -> Result<O::Response, FailedCall<ResponseError>> {
        let Self { client, operation } = self;
        let sending = || act.sending(client.elapsed());
        Ok(client.exchange_saying(*operation, client.turns(), sending).await?.response)
    }

    fn setback(&self, failed: &FailedCall<ResponseError>, _: bool) -> Setback {
        Evidence::setback(&failed.error)
    }

    async fn look(&mut self, query: GetOrderDetail) -> Option<(OrderDetail, Option<UnixTime>)> {
        let CallResponse { response, platform_time } = self.client.exchange(&query).await.ok()?;
        Some((response.trust_anyway(), platform_time))
    }

    async fn sleep(&mut self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    fn now(&self) -> Duration {
        self.client.elapsed()
    }
}
