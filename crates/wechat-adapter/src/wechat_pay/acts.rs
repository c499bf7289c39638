//! Acts over a network that loses messages: after an unknown outcome the complaint is read.

use http_transport::Transport;
use protocol_core::call::ActStore;
use protocol_core::wechat_pay::{Operation, Sender as _};

use crate::wechat_pay::client::Client;
use crate::wechat_pay::error::Error;
use crate::wechat_pay::exchange::{NewKey, Sending};

impl<S: Transport> Client<S> {
    /// Sends an operation and waits for its response. It retries within the client's policy if the
    /// failure allows it.
    ///
    /// An act (a reply, a completion, a decision on a refund) happens once. After an unknown
    /// outcome the history is read several times before the act is sent again
    /// ([`ClientBuilder::recheck_delays`](crate::ClientBuilder::recheck_delays)). The same text, or
    /// an entry of the same type, that was written since the act was sent is taken for it
    /// ([`Effect::Found`](protocol_core::Effect::Found)). If the looks find no such entry, but
    /// another reply, or a decision or completion of the minute before, the outcome stays unknown.
    /// After a response that the platform is not finished (202), the act is looked for and never
    /// sent again. A completion succeeds too if the complaint is complete already.
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
    pub async fn send<O: Operation + Sync>(&self, operation: &O) -> Result<O::Response, Error> {
        self.send_once(operation, None).await
    }

    /// Sends an operation as [`Client::send`] does, also across a crash: an act's state is kept in
    /// the store before each attempt. If the store has a state, an earlier process may have sent the
    /// act: the history is read before anything is sent.
    ///
    /// ```no_run
    /// use protocol_core::call::ActStore;
    /// use protocol_core::wechat_pay::Respond;
    ///
    /// # async fn example(
    /// #     client: &wechat_adapter::Client,
    /// #     row: &mut dyn ActStore,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// // `row` is this reply's row of a database.
    /// let reply = Respond::new("200201820200101080076610000", "1900012181", "已退款");
    /// client.send_stored(&reply, row).await?;
    /// row.remove().await?; // Remove the order for the reply too.
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error`]. [`Error::Unresolved`]: an earlier process may have sent the act, and no look at
    /// the complaint shows it, or none could be read. [`Error::Store`]: the store failed.
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
        let sending = Sending::new(self, NewKey::IsFetched);
        match store {
            Some(store) => sending.send_stored(operation, store).await,
            None => sending.send(operation).await,
        }
    }
}
