//! Lists and histories as streams: page after page, each row once. [`Rows`] reads pages that shift.

use futures_util::stream::{Stream, StreamExt as _, unfold};
use http_transport::Transport;
use protocol_core::allinpay::{
    AlipayComplaint, AlipayComplaintQueryV2, HISTORY_PAGE, Operation, WxComplaintHistory, WxComplaintList,
    WxComplaintListOlder,
};
use protocol_core::call::{Paged, Rows};
use protocol_core::complaint::{Complaint, NegotiationRecord};

use crate::client::Client;
use crate::error::Error;

impl<S: Transport> Client<S> {
    /// Every complaint of the span, each once, even if new ones shift the pages meanwhile. The
    /// stream begins at the first page; `current_page_num` is ignored.
    ///
    /// Problems come at the end: an [`Error::Unreadable`] for each complaint that cannot be read,
    /// and [`Error::Incomplete`] if fewer came than the platform counts. Read on after these. Any
    /// other error is the last item.
    ///
    /// ```no_run
    /// use futures_util::{StreamExt as _, pin_mut};
    /// use protocol_core::allinpay::WxComplaintList;
    ///
    /// # async fn example(client: &allinpay_adapter::Client) -> Result<(), allinpay_adapter::Error> {
    /// let complaints =
    ///     client.complaints(WxComplaintList::new("2025-03-01 00:00:00", "2025-03-14 23:59:59"));
    /// pin_mut!(complaints);
    /// while let Some(complaint) = complaints.next().await {
    ///     println!("{}", complaint?.complaint_id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn complaints(&self, list: WxComplaintList) -> impl Stream<Item = Result<Complaint, Error>> + Send + use<S> {
        self.read(vec![list])
    }

    /// The same list from the older interface, with the same errors. The stream begins at the first
    /// row; `offset` is ignored.
    pub fn complaints_older(
        &self,
        list: WxComplaintListOlder,
    ) -> impl Stream<Item = Result<Complaint, Error>> + Send + use<S> {
        self.read(vec![list])
    }

    /// Every complaint of Alipay's list, each once. The stream begins at the first page;
    /// `current_page_num` is ignored. Errors are those of [`Client::complaints`].
    pub fn alipay_complaints(
        &self,
        list: AlipayComplaintQueryV2,
    ) -> impl Stream<Item = Result<AlipayComplaint, Error>> + Send + use<S> {
        self.read(vec![list])
    }

    /// Every entry of a complaint's negotiation history, each once, in the platform's order, which
    /// seems to be newest first. Problems come at the end: an [`Error::Unreadable`] for each entry
    /// that cannot be read, and [`Error::Incomplete`] if fewer came than the platform counts.
    pub fn negotiation_history(
        &self,
        complaint_id: &str,
    ) -> impl Stream<Item = Result<NegotiationRecord, Error>> + Send + use<S> {
        let complaint_id = complaint_id.to_owned();
        self.read(vec![WxComplaintHistory::new(complaint_id).with_limit(HISTORY_PAGE)])
    }

    /// Several lists, one after the other. A row that stands in more than one of them comes once.
    /// Problems come last.
    pub(crate) fn read<P>(&self, lists: Vec<P>) -> impl Stream<Item = Result<P::Row, Error>> + Send + use<S, P>
    where
        P: Paged<Row: Send, Response: Send> + Operation<Response = <P as Paged>::Response> + Send + Sync + 'static,
    {
        unfold((self.clone(), Rows::new(lists)), async |(client, mut rows)| {
            let sender = &client;
            let ask = |page| async move { sender.send(&page).await };
            rows.next(ask, |_| false).await.map(|row| (row, (client, rows)))
        })
        .fuse()
    }
}
