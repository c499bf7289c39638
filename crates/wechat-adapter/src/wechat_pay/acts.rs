//! Acts over a network that loses messages: after an unknown outcome the complaint is read.

use core::time::Duration;

use http_transport::Transport;
use protocol_core::UnixTime;
use protocol_core::call::{ActOnce, Performer, Setback, perform};
use protocol_core::wechat_pay::{Evidence, EvidenceQuery, EvidenceResponse, Operation};
use tokio::time::Instant;

use crate::wechat_pay::client::Client;
use crate::wechat_pay::error::Error;
use crate::wechat_pay::exchange::{Dated, Failed};

impl<S: Transport> Client<S> {
    /// Sends an operation and waits for its response. It retries within the client's policy if the
    /// failure allows it.
    ///
    /// An act (a reply, a completion, a decision on a refund) happens once. After an unknown
    /// outcome the history is read several times before the act is sent again
    /// ([`ClientBuilder::looks`](crate::ClientBuilder::looks)). The same text, or an entry of the
    /// same type, that was written since the act was sent is taken for it
    /// ([`Effect::Found`](protocol_core::Effect::Found)). Another reply since then ends the call
    /// with an error, as does a response that the platform is not finished (202). A completion
    /// succeeds too if the complaint is complete already.
    ///
    /// A call may take minutes. A call that is dropped half-way may have acted: read the history
    /// before acting again.
    ///
    /// ```no_run
    /// use protocol_core::wechat_pay::Respond;
    /// use wechat_adapter::Effect;
    ///
    /// # async fn example(client: &wechat_adapter::Client) -> Result<(), wechat_adapter::Error> {
    /// match client
    ///     .send(&Respond::new("200201820200101080076610000", "1900012181", "已退款"))
    ///     .await
    /// {
    ///     Ok(Effect::Found) => println!("its response was lost, but the history shows it"),
    ///     Ok(_) => println!("said"),
    ///     Err(error) if error.failure().may_have_happened => {
    ///         println!("a person should look: {error}")
    ///     }
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error`]. With [`Delivery::Unknown`](protocol_core::Delivery::Unknown) an act may have
    /// happened and could not be found.
    pub async fn send<O: Operation<Response: Send> + Sync>(&self, operation: &O) -> Result<O::Response, Error> {
        let Some((evidence, found)) = operation.evidence() else { return self.send_without_looking(operation).await };
        let mut act = ActOnce::new(evidence, self.shared.retry, &self.shared.looks);
        let mut sender = Sender { client: self, operation, began: Instant::now() };
        match perform(&mut act, &mut sender).await {
            Ok((_, response)) => Ok(response.unwrap_or(found)),
            Err(failed) => Err(failed.map_or(Error::Unresolved, |failed| failed.error)),
        }
    }
}

/// The I/O of an act, over a client.
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
        Evidence::setback(error, *retry_after)
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
