//! Polling for new complaints and entries, beside pushes that can be lost or lack the number.

use std::time::Duration;

use futures_util::stream::Stream;
use http_transport::{HttpsClient, Transport};
use protocol_core::complaint::{ComplaintPage, NegotiationRecord};
use protocol_core::poller::{self, Cursor, DueHistory, PollClient, Polling};
use protocol_core::virtual_payment::{GetComplaintList, ResponseError};
use protocol_core::{UnixTime, Unverified};

use super::Error;
use super::client::Client;
use crate::mini_program::{StableToken, TokenSource};
use crate::trace;

/// The poller of a [`Client`], see [`protocol_core::poller::Poller`].
pub type Poller<S = HttpsClient, T = StableToken<S>> = poller::Poller<Client<S, T>>;

impl<S: Transport, T: TokenSource> Client<S, T> {
    /// Finds new complaints and entries since a cursor.
    ///
    /// ```no_run
    /// use futures_util::StreamExt as _;
    /// use protocol_core::UnixTime;
    /// use wechat_adapter::virtual_payment::Client;
    /// use wechat_adapter::{Cursor, Found, Polling};
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
    pub fn poller(&self, cursor: Cursor, polling: Polling) -> Poller<S, T> {
        Poller::new(self.clone(), GetComplaintList::new("", ""), cursor, polling)
    }
}

impl<S: Transport, T: TokenSource> PollClient for Client<S, T> {
    type List = GetComplaintList;
    type Refusal = ResponseError;

    async fn page(&self, page: &GetComplaintList) -> Result<Unverified<ComplaintPage>, Error> {
        self.send(page).await
    }

    fn history(&self, due: &DueHistory) -> impl Stream<Item = Result<NegotiationRecord, Error>> {
        self.negotiation_history(&due.complaint_id)
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    fn now(&self) -> UnixTime {
        self.mini_program.now()
    }

    fn random(&self) -> u64 {
        fastrand::u64(..)
    }

    fn round_read(&self, complaints: usize) {
        trace::round(complaints);
    }
}
