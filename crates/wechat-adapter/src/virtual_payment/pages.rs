//! Lists and histories as streams: page after page, each row once.

use futures_util::stream::{Stream, StreamExt as _, unfold};
use http_transport::Transport;
use protocol_core::call::{Paged, Rows};
use protocol_core::complaint::{Complaint, NegotiationRecord};
use protocol_core::virtual_payment::{GetComplaintList, GetNegotiationHistory, HISTORY_PAGE, Operation};

use super::Error;
use super::client::Client;
use crate::mini_program::TokenSource;

impl<S: Transport, T: TokenSource> Client<S, T> {
    /// Every complaint of the span, from `offset` on, each once, even if new ones shift the pages
    /// meanwhile.
    ///
    /// Complaints that cannot be read come at the end, each as an [`Error::Unreadable`]. Read on
    /// after it. Any other error is the last item.
    pub fn complaints(
        &self,
        list: GetComplaintList,
    ) -> impl Stream<Item = Result<Complaint, Error>> + Send + use<S, T> {
        self.read(list)
    }

    /// Every entry of a complaint's negotiation history, each once. Entries that cannot be read
    /// come at the end, as with [`Client::complaints`].
    pub fn negotiation_history(
        &self,
        complaint_id: &str,
    ) -> impl Stream<Item = Result<NegotiationRecord, Error>> + Send + use<S, T> {
        self.read(GetNegotiationHistory::new(complaint_id).with_limit(HISTORY_PAGE))
    }

    fn read<P>(&self, list: P) -> impl Stream<Item = Result<P::Row, Error>> + Send + use<S, T, P>
    where
        P: Paged<Row: Send, Response: Send> + Operation<Response = <P as Paged>::Response> + Send + Sync + 'static,
    {
        unfold((self.clone(), Rows::new(vec![list])), async |(client, mut rows)| {
            let sender = &client;
            let ask = |page| async move { sender.send(&page).await };
            rows.next(ask, |_| false).await.map(|row| (row, (client, rows)))
        })
        .fuse()
    }
}
