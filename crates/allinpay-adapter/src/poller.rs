//! Polling for new complaints and entries: Allinpay is not known to push complaints.

use std::fmt;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use futures_util::TryStreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::Stream;
use http_transport::{HttpsClient, Transport};
use protocol_core::allinpay::{ComplaintList, Cursor, DueHistory, Found, HistoryEnd, PollStep, Polling, Rounds};
use protocol_core::complaint::NegotiationRecord;

use crate::client::Client;
use crate::error::Error;
use crate::trace;

/// New complaints and new entries of their histories, as a stream without end, or of one round
/// ([`Polling::once`]).
///
/// ```no_run
/// use allinpay_adapter::{Client, Cursor, Found, Polling};
/// use futures_util::StreamExt as _;
/// # use protocol_core::UnixTime;
/// # async fn example(client: Client, saved: Option<Cursor>, save: impl Fn(&Cursor)) {
/// let cursor = saved.unwrap_or(Cursor::since(UnixTime(1_741_936_166)));
/// let mut poller = client.poller(cursor, Polling::default());
/// while let Some(found) = poller.next().await {
///     match found {
///         Ok(Found::Complaint(complaint)) => println!("{} is new", complaint.complaint_id),
///         Ok(Found::Entry { complaint_id, .. }) => println!("{complaint_id} has a new entry"),
///         Ok(_) => {}
///         Err(error) => eprintln!("{error}; the poller goes on"),
///     }
///     // This saves the whole cursor each time. If it remembers thousands of complaints,
// save it less often, or at the end of each round (`Polling::once`). Unsaved items are
// delivered again after a restart.
///     save(poller.cursor());
/// }
/// # }
/// ```
///
/// # Rounds
///
/// The poller works in rounds. A round lists complaints in spans of at most 30 days. It begins one
/// horizon before the last complete round, and ends now. It reads the histories that may have
/// grown:
///
/// - those of complaints that are not `PROCESSED`;
/// - those of complaints that changed since their history was last read (state, waiting message,
///   number of complaints, refund);
/// - those whose last reading was less than [`Polling::with_watch`] (default: 3 days) after the
///   last such change or entry.
///
/// A page and the histories due on it are handed out before the next page is requested. So memory
/// holds at most one page or one history, besides the ids and the rows that cannot be read.
///
/// # Completeness
///
/// - *Pages that shift.* The end of a span is fixed within a round, so complaints filed later are
///   not in it. If others shift the pages nevertheless (by a clock that differs, or a late
///   complaint), they push rows towards later pages. A list is read again from its first page until
///   as many complaints were met as the platform counts.
/// - *Late complaints.* A complaint that is listed late, or lies in the future by our clock, stands
///   in the next round's list, which begins a whole horizon earlier. A new complaint is recognised
///   by its number, not by its time.
/// - *Histories.* An entry is recognised by its id. The next round finds an entry that was written
///   after its history was read, as long as the complaint is open, changed or watched. A watch ends
///   only with a history read after it, never by time alone, so a pause or a failed reading makes
///   it longer. The poller misses two kinds of entries: those that change nothing else, and are
///   written after the last reading of a complaint that has been `PROCESSED` for longer than
///   [`Polling::with_watch`]; and those of complaints older than the horizon.
/// - *Crashes and pauses.* The [`Cursor`] holds exactly the items that left the stream; a history
///   is done when its last entry has left. After a pause of any length the lists begin one horizon
///   before the last complete round.
/// - *A clock that was ahead.* If the last complete round is more than an hour in the future, the
///   cursor is rewound to now, and the lists begin one horizon before it. Entries are missed only
///   if a pause longer than the horizon came in between.
///
/// # Repetition
///
/// Items that the cursor holds are not delivered again. The cursor forgets a complaint only when it
/// has left the horizon and no list shows it any more. Two kinds of items are delivered twice, so
/// handle items idempotently: after a restart, those handed out since the cursor was last saved;
/// and those forgotten while the clock was ahead by more than the horizon.
///
/// # Errors
///
/// An error does not end the stream. It is yielded, and the poller goes on:
///
/// - A complaint that cannot be read ([`Error::Unreadable`]) is reported at the end of each round
///   that lists it, and the round counts as complete. The complaint is handed out once it can be
///   read.
/// - A history that could not be read is left until the next round.
/// - A page whose error is retryable
///   ([`Failure::is_retryable`](protocol_core::Failure::is_retryable)) is requested again. After
///   any other error, the rest of its list (at most 30 days) is left until the next round. The
///   other lists of the round are read, and the round does not count as complete
///   ([`Cursor::read_until`]), so that the next one begins as far back.
/// - A list that ended before it had as many complaints as the platform counts is reported at the
///   end of the round ([`Error::Incomplete`]). The round counts as complete: later rounds list the
///   same complaints for a whole horizon. The entries of such a history are handed out, and it is
///   read again in the next round.
///
/// After the error of a page, and after a retryable error of a history, the poller waits, longer
/// each time (see [`Polling::with_back_off`]). After other errors it does not wait, so that one bad
/// item does not delay the rest.
#[must_use = "a poller does nothing unless it is polled"]
pub struct Poller<S = HttpsClient> {
    client: Client<S>,
    rounds: Rounds<Error>,
    /// The current work.
    work: Option<BoxFuture<'static, Done>>,
}

/// The result of the work.
enum Done {
    Page(Result<ComplaintList, Error>),
    /// The entries of a history, and how its reading ended.
    History(DueHistory, Vec<NegotiationRecord>, Result<(), Error>),
    Rested,
}

impl<S> fmt::Debug for Poller<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poller")
            .field("client", &self.client)
            .field("polling", &self.rounds.polling())
            .field("cursor", &self.rounds.cursor())
            .finish_non_exhaustive()
    }
}

impl<S: Transport> Client<S> {
    /// Reads as much of a history as it can.
    async fn history_of(&self, due: &DueHistory, records: &mut Vec<NegotiationRecord>) -> Result<(), Error> {
        let client = self.concerning(due.merchant_no.as_deref())?;
        let mut history = pin!(client.negotiation_history(&due.complaint_id));
        while let Some(record) = history.try_next().await? {
            records.push(record);
        }
        Ok(())
    }

    /// Finds new complaints and entries since a cursor.
    pub fn poller(&self, cursor: Cursor, polling: Polling) -> Poller<S> {
        let rounds = Rounds::new(cursor, polling, self.shared.whole_group);
        Poller { client: self.clone(), rounds, work: None }
    }
}

impl<S> Poller<S> {
    /// The record of the items handed out so far. Save it: a poller that begins with it continues
    /// from here.
    pub const fn cursor(&self) -> &Cursor {
        self.rounds.cursor()
    }
}

impl<S: Transport> Poller<S> {
    fn take(&mut self, done: Done) {
        let random = fastrand::u64(..);
        match done {
            Done::Page(page) => {
                let page = page.map_err(|error| {
                    let is_retryable = error.failure().is_retryable;
                    (error, is_retryable)
                });
                self.rounds.page(page, random);
            }
            Done::History(due, records, ended) => {
                let end = match ended {
                    Ok(()) => HistoryEnd::Whole,
                    Err(error @ (Error::Incomplete { .. } | Error::Unreadable(_))) => HistoryEnd::Amiss(error),
                    Err(error) => HistoryEnd::Failed { is_retryable: error.failure().is_retryable, error },
                };
                self.rounds.history(due, records, end, random);
            }
            Done::Rested => {}
        }
    }

    /// The next item, or `None` at the end, if there is no work to wait for.
    fn go_on(&mut self) -> Option<Option<Result<Found, Error>>> {
        let client = self.client.clone();
        self.work = Some(match self.rounds.next(client.shared.clock.now(), fastrand::u64(..)) {
            PollStep::Hand(item) => return Some(Some(item)),
            PollStep::End => return Some(None),
            PollStep::RoundRead(complaints) => {
                trace::round(complaints);
                return None;
            }
            PollStep::Ask(page) => Box::pin(async move { Done::Page(client.send(&page).await) }),
            PollStep::Read(due) => Box::pin(async move {
                let mut records = Vec::new();
                let ended = client.history_of(&due, &mut records).await;
                Done::History(due, records, ended)
            }),
            PollStep::Rest(pause) => Box::pin(async move {
                tokio::time::sleep(pause).await;
                Done::Rested
            }),
        });
        None
    }
}

/// No field needs pinning: the work is boxed.
impl<S> Unpin for Poller<S> {}

impl<S: Transport> Stream for Poller<S> {
    type Item = Result<Found, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let poller = self.get_mut();
        loop {
            if let Some(work) = &mut poller.work {
                let done = ready!(work.as_mut().poll(context));
                poller.work = None;
                poller.take(done);
            }
            if let Some(item) = poller.go_on() {
                return Poll::Ready(item);
            }
        }
    }
}
