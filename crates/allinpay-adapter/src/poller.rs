//! Polling for new complaints and entries: Allinpay is not known to push WeChat's complaints.

use std::future::ready;
use std::time::Duration;

use futures_util::stream::{Stream, StreamExt as _, once};
use http_transport::{HttpsClient, Transport};
use protocol_core::UnixTime;
use protocol_core::allinpay::{ComplaintList, ResponseError, WxComplaintList};
use protocol_core::complaint::NegotiationRecord;
use protocol_core::poller::{self, Cursor, DueHistory, PollClient, Polling};

use crate::client::Client;
use crate::error::Error;
use crate::trace;

/// The poller of a [`Client`], see [`protocol_core::poller::Poller`].
pub type Poller<S = HttpsClient> = poller::Poller<Client<S>>;

impl<S: Transport> Client<S> {
    /// Finds new complaints and entries since a cursor.
    ///
    /// ```no_run
    /// use allinpay_adapter::{Client, Cursor, Found, Polling};
    /// use futures_util::StreamExt as _;
    /// # use protocol_core::UnixTime;
    /// # async fn example(client: Client, saved: Option<Cursor>, save: impl Fn(&Cursor), now: UnixTime) {
    /// let cursor = saved.unwrap_or(Cursor::last_days(7, now));
    /// let mut poller = client.poller(cursor, Polling::default());
    /// while let Some(found) = poller.next().await {
    ///     match found {
    ///         Ok(Found::Complaint(complaint)) => println!("{} is new", complaint.complaint_id),
    ///         Ok(Found::Entry { complaint_id, .. }) => println!("{complaint_id} has a new entry"),
    ///         Ok(_) => {}
    ///         Err(error) => eprintln!("{error}; the poller goes on"),
    ///     }
    ///     // This saves the whole cursor each time. If it remembers thousands of complaints,
    ///     // save it less often, or at the end of each round (`Polling::once`). Unsaved items are
    ///     // delivered again after a restart.
    ///     save(poller.cursor());
    /// }
    /// # }
    /// ```
    pub fn poller(&self, cursor: Cursor, polling: Polling) -> Poller<S> {
        let list = WxComplaintList::new("", "").with_groupall(self.shared.whole_group);
        Poller::new(self.clone(), list, cursor, polling)
    }
}

impl<S: Transport> PollClient for Client<S> {
    type List = WxComplaintList;
    type Refusal = ResponseError;

    async fn page(&self, page: &WxComplaintList) -> Result<ComplaintList, Error> {
        self.send(page).await
    }

    fn history(&self, due: &DueHistory) -> impl Stream<Item = Result<NegotiationRecord, Error>> {
        match self.concerning(due.merchant_no.as_deref()) {
            Ok(client) => client.negotiation_history(&due.complaint_id).left_stream(),
            Err(error) => once(ready(Err(error))).right_stream(),
        }
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    fn now(&self) -> UnixTime {
        self.shared.clock.now()
    }

    fn random(&self) -> u64 {
        fastrand::u64(..)
    }

    fn round_read(&self, complaints: usize) {
        trace::round(complaints);
    }
}
