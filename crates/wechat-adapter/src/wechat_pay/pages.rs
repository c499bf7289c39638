//! Lists and histories as streams: page after page, nothing twice.

use std::collections::{BTreeMap, HashSet, VecDeque};

use futures_util::stream::{Stream, StreamExt as _, unfold};
use http_transport::Transport;
use protocol_core::complaint::{Complaint, NegotiationHistory, NegotiationRecord, UnreadableRow};
use protocol_core::wechat_pay::{GetNegotiationHistory, ListComplaints};

use crate::wechat_pay::client::Client;
use crate::wechat_pay::error::{Error, refusal};
use crate::wechat_pay::exchange::{Dated, Failed};

/// A page that is too large for the platform is asked for again in halves, down to this.
const SMALLEST_PAGE: u32 = 10;

/// Full pages in a row with nothing new on them, after which the platform is taken to have lost count.
const STALE_PAGES: u32 = 20;

/// Entries of a history a page; above about 130 it was seen to fail.
pub(crate) const HISTORY_PAGE: u32 = 100;

impl<S: Transport> Client<S> {
    /// Every complaint of the span, from `offset` on, each once although new ones shift the pages while they are read.
    ///
    /// Pages hold `limit` complaints; where the platform refuses one (its responses are bounded), half as many are asked for.
    ///
    /// Complaints that cannot be read come at the end, each as an [`Error::Unreadable`]: read on after it. Any other error is the
    /// last item.
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
        let client = self.clone();
        let pages = Pages::new(list.offset, list.limit);
        unfold((client, list, pages), async |(client, list, mut pages)| {
            while pages.ready.is_empty() && !pages.ended {
                let page = list.clone().with_limit(pages.limit).with_offset(pages.offset);
                match client.send(&page).await {
                    Ok(page) => {
                        let told = (page.limit, page.total_count);
                        pages.take(page.data, page.unreadable, told, |complaint| &complaint.complaint_id);
                    }
                    Err(error) => pages.fail(error),
                }
            }
            Some((pages.next()?, (client, list, pages)))
        })
        .fuse()
    }

    /// Every entry of a complaint's negotiation history, oldest first, each once. Entries that cannot be read come at the end, as
    /// those of [`Client::complaints`].
    pub fn negotiation_history(
        &self,
        complaint_id: &str,
    ) -> impl Stream<Item = Result<NegotiationRecord, Error>> + Send + use<S> {
        let client = self.clone();
        let complaint_id = complaint_id.to_owned();
        let pages = Pages::new(0, HISTORY_PAGE);
        unfold((client, complaint_id, pages), async |(client, complaint_id, mut pages)| {
            while pages.ready.is_empty() && !pages.ended {
                match client.history_page(&complaint_id, pages.offset, pages.limit).await {
                    Ok(page) => {
                        let told = (page.response.limit, page.response.total_count);
                        pages.take(page.response.data, page.response.unreadable, told, |record| &record.log_id);
                    }
                    Err(Failed { error, .. }) => pages.fail(error),
                }
            }
            Some((pages.next()?, (client, complaint_id, pages)))
        })
        .fuse()
    }

    /// A page of a history, with the platform's time.
    pub(crate) async fn history_page(
        &self,
        complaint_id: &str,
        offset: u32,
        limit: u32,
    ) -> Result<Dated<NegotiationHistory>, Failed> {
        self.exchange(&GetNegotiationHistory::new(complaint_id).with_limit(limit).with_offset(offset)).await
    }
}

/// Where the reading stands.
struct Pages<T> {
    offset: u32,
    limit: u32,
    seen: HashSet<String>,
    ready: VecDeque<T>,
    /// Rows that cannot be read, by what tells them apart: told when all others were handed out.
    unreadable: BTreeMap<String, UnreadableRow>,
    /// What ended the reading, told last.
    failure: Option<Error>,
    /// How many there are, as last told; 0 where nobody tells.
    total: u32,
    stale: u32,
    ended: bool,
}

impl<T> Pages<T> {
    fn new(offset: u32, limit: u32) -> Self {
        Self {
            offset,
            limit,
            seen: HashSet::new(),
            ready: VecDeque::new(),
            unreadable: BTreeMap::new(),
            failure: None,
            total: 0,
            stale: 0,
            ended: false,
        }
    }

    /// What is handed out next, once there is something or the reading has ended.
    fn next(&mut self) -> Option<Result<T, Error>> {
        if let Some(element) = self.ready.pop_front() {
            return Some(Ok(element));
        }
        let unreadable = self.unreadable.pop_first().map(|(_, row)| Error::Unreadable(Box::new(row)));
        unreadable.or_else(|| self.failure.take()).map(Err)
    }

    /// Takes a page in. The last one is empty, or shorter than the page that the platform says it made, unless it counts more.
    ///
    /// A full page with nothing new is none: what came in meanwhile has pushed the last page's complaints onto it.
    fn take(
        &mut self,
        page: Vec<T>,
        unreadable: Vec<UnreadableRow>,
        (made, total): (Option<i64>, Option<i64>),
        id: impl Fn(&T) -> &String,
    ) {
        let length = u32::try_from(page.len() + unreadable.len()).unwrap_or(u32::MAX);
        let number = |told: Option<i64>| told.and_then(|told| u32::try_from(told).ok()).filter(|told| *told > 0);
        let made = number(made).unwrap_or(self.limit);
        self.total = number(total).unwrap_or(self.total);
        let mut is_stale = true;
        for element in page {
            if self.seen.insert(id(&element).clone()) {
                // It may have stood on an earlier page, not to be read yet.
                self.unreadable.remove(id(&element));
                self.ready.push_back(element);
                is_stale = false;
            }
        }
        for row in unreadable.into_iter().filter(|row| !self.seen.contains(row.identity())) {
            is_stale &= self.unreadable.insert(row.identity().to_owned(), row).is_some();
        }
        self.offset = self.offset.saturating_add(length);
        self.ended = length == 0 || (length < self.limit.min(made) && self.offset >= self.total);
        self.stale = if is_stale { self.stale + 1 } else { 0 };
        if self.stale > STALE_PAGES && !self.ended {
            self.fail(Error::StalePages);
        }
    }

    /// Asks for smaller pages where that may help; ends with this error where not.
    fn fail(&mut self, error: Error) {
        if self.may_be_too_large(&error) {
            self.limit = (self.limit / 2).max(SMALLEST_PAGE);
        } else {
            self.failure = Some(error);
            self.ended = true;
        }
    }

    /// The platform has no code of its own for a response that grew too large: a refusal of the request as such may mean it.
    fn may_be_too_large(&self, error: &Error) -> bool {
        self.limit > SMALLEST_PAGE
            && matches!(
                refusal(error),
                Some((200..=299 | 400, Some("PARAM_ERROR" | "INVALID_REQUEST"))) | Some((413, _))
            )
    }
}
