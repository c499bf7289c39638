//! Polling for new complaints and entries, beside notifications that can be lost.

use std::time::Duration;

use futures_util::stream::Stream;
use http_transport::{HttpsClient, Transport};
use protocol_core::UnixTime;
use protocol_core::complaint::{ComplaintPage, NegotiationRecord};
use protocol_core::poller::{self, Cursor, DueHistory, PollClient, Polling};
use protocol_core::wechat_pay::{ListComplaints, ResponseError};

use super::client::Client;
use super::error::Error;
use super::pages::may_be_too_large;
use crate::trace;

/// The poller of a [`Client`], see [`protocol_core::poller::Poller`].
pub type Poller<S = HttpsClient> = poller::Poller<Client<S>>;

impl<S: Transport> Client<S> {
    /// Finds new complaints and entries since a cursor.
    ///
    /// ```no_run
    /// use futures_util::StreamExt as _;
    /// use protocol_core::UnixTime;
    /// use wechat_adapter::{Client, Cursor, Found, Polling};
    ///
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
    ///     save(poller.cursor());
    /// }
    /// # }
    /// ```
    pub fn poller(&self, cursor: Cursor, polling: Polling) -> Poller<S> {
        Poller::new(self.clone(), ListComplaints::new("", ""), cursor, polling)
    }
}

impl<S: Transport> PollClient for Client<S> {
    type List = ListComplaints;
    type Refusal = ResponseError;

    async fn page(&self, page: &ListComplaints) -> Result<ComplaintPage, Error> {
        self.send(page).await
    }

    fn history(&self, due: &DueHistory) -> impl Stream<Item = Result<NegotiationRecord, Error>> {
        self.negotiation_history(&due.complaint_id)
    }

    fn may_be_too_large(error: &Error) -> bool {
        may_be_too_large(error)
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
