//! Lists and histories as streams: page after page, each row once.

use futures_util::stream::{Stream, StreamExt as _, unfold};
use http_transport::Transport;
use protocol_core::call::{Paged, Rows};
use protocol_core::complaint::{Complaint, NegotiationRecord};
use protocol_core::wechat_pay::{GetNegotiationHistory, HISTORY_PAGE, ListComplaints, Operation};

use crate::wechat_pay::client::Client;
use crate::wechat_pay::error::{Error, refusal};

impl<S: Transport> Client<S> {
    /// Every complaint of the span, from `offset` on, each once, even if new ones shift the pages
    /// meanwhile.
    ///
    /// Pages hold `limit` complaints. If the platform refuses one (its responses are bounded), half
    /// as many are requested.
    ///
    /// Complaints that cannot be read come at the end, each as an [`Error::Unreadable`]. Read on
    /// after it. Any other error is the last item.
    ///
    /// ```no_run
    /// use futures_util::{StreamExt as _, pin_mut};
    /// use protocol_core::wechat_pay::ListComplaints;
    ///
    /// # async fn example(client: &wechat_adapter::Client) -> Result<(), wechat_adapter::Error> {
    /// let complaints = client.complaints(ListComplaints::new("2025-03-01", "2025-03-14"));
    /// pin_mut!(complaints);
    /// while let Some(complaint) = complaints.next().await {
    ///     println!("{}", complaint?.complaint_id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn complaints(&self, list: ListComplaints) -> impl Stream<Item = Result<Complaint, Error>> + Send + use<S> {
        self.read(list)
    }

    /// Every entry of a complaint's negotiation history, oldest first, each once. Entries that
    /// cannot be read come at the end, as with [`Client::complaints`].
    pub fn negotiation_history(
        &self,
        complaint_id: &str,
    ) -> impl Stream<Item = Result<NegotiationRecord, Error>> + Send + use<S> {
        self.read(GetNegotiationHistory::new(complaint_id).with_limit(HISTORY_PAGE))
    }

    fn read<P>(&self, list: P) -> impl Stream<Item = Result<P::Row, Error>> + Send + use<S, P>
    where
        P: Paged<Row: Send, Response: Send> + Operation<Response = <P as Paged>::Response> + Send + Sync + 'static,
    {
        unfold((self.clone(), Rows::new(vec![list])), async |(client, mut rows)| {
            let sender = &client;
            let ask = |page| async move { sender.send(&page).await };
            rows.next(ask, may_be_too_large).await.map(|row| (row, (client, rows)))
        })
        .fuse()
    }
}

/// The platform has no code for a response that grew too large. A refusal of the request as such
/// may mean it.
pub(super) fn may_be_too_large(error: &Error) -> bool {
    matches!(refusal(error), Some((200..=299 | 400, Some("PARAM_ERROR" | "INVALID_REQUEST"))) | Some((413, _)))
}
