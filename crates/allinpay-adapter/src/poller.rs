//! Finding what is new by asking again and again: Allinpay is not known to tell of complaints by itself.

use core::fmt;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, ready};

use futures_util::TryStreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::Stream;
use http_transport::{HttpsClient, Transport};
use protocol_core::allinpay::{ComplaintList, Cursor, DueHistory, Found, HistoryEnd, PollStep, Polling, Rounds};
use protocol_core::complaint::NegotiationRecord;

use crate::client::Client;
use crate::error::Error;
use crate::trace;

/// New complaints and new entries of their histories, as a stream without end (or of one round: [`Polling::once`]).
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
///     // The whole cursor each time, which is costly where it remembers thousands of complaints: then save it after every so
///     // many items, or at the end of each round (`Polling::once`). What was not saved comes again after a restart.
///     save(poller.cursor());
/// }
/// # }
/// ```
///
/// # What it asks for
///
/// In rounds. A round lists every complaint filed since a horizon before the last round that was read to its end, up to now,
/// in spans of at most 30 days, and reads the histories that may have grown: of complaints that are not `PROCESSED`, that
/// stand otherwise than when their history was last read (state, waiting message, number of complaints, refund), or whose
/// history was not yet read some days after the last such change or entry ([`Polling::with_watch`]). A page is handed out, and the
/// histories due on it, before the next page is asked for: no more than a page, or one history, is in memory besides
/// the ids and the rows that cannot be read.
///
/// # Why nothing is missed
///
/// - *Pages that shift.* Within a round the end of the span is fixed, so that complaints filed later do not stand in it. Those
///   that shift it all the same (a clock that differs, a complaint that was late) push others towards pages yet to be read;
///   and a list is read again from its first page until as many complaints were met as the platform counts.
/// - *Complaints that are late*, or that our clock took for future ones, stand in the next round's list, which begins a whole
///   horizon earlier. A new complaint is told from an old one by its number, not by its time.
/// - *Histories.* An entry is told by its id. One that is written after its history was read is found by the next round, as
///   long as the complaint is open, changed or watched. A watch ends with a history read after it, never by the time that
///   passed alone: a pause, or a reading that fails, makes it longer. Not found is what is written, and changes nothing else,
///   after the last reading of a complaint that has been `PROCESSED` for longer than [`Polling::with_watch`], and what happens to
///   complaints older than the horizon.
/// - *Crashes and pauses.* The [`Cursor`] holds what was handed out, nothing more: an item is in it from when it leaves the
///   stream, a history is done when its last entry has left. After a pause of any length the lists begin a horizon before the
///   last full round.
/// - *A clock that was ahead.* Where the last full round is more than an hour to come, the cursor is taken back to the present,
///   and the lists begin a horizon before it. Only a pause longer than the horizon in between leaves something out.
///
/// # Why nothing comes twice
///
/// What the cursor holds does not come again. It forgets a complaint only when it has left the horizon and no list shows it
/// any more. Two things come again, so handle items idempotently: after a restart what was handed out since the cursor was last
/// saved, and what was forgotten while the clock was ahead by more than the horizon.
///
/// # Errors
///
/// An error does not end the stream. It is yielded, and the poller goes on:
///
/// - A complaint that cannot be read ([`Error::Unreadable`]) is told at the end of each round that lists it, and the round counts
///   as read: nothing else waits for it. It is handed out once it can be read.
/// - A history that could not be read is left until the next round.
/// - A page that may be had later ([`Failure::is_retryable`](protocol_core::Failure::is_retryable)) is asked for again. One that no waiting mends is not: the rest of its
///   list (at most 30 days) is left until the next round, the other lists of the round are read, and the round does not count as
///   read ([`Cursor::read_until`]), so that the next one begins as far back.
/// - A list that ended before as many complaints came as the platform counts is told at the end of the round
///   ([`Error::Incomplete`]), which counts as read: the next ones list the same complaints for a whole horizon. Of such a history
///   what came is handed out; it is read again in the next round.
///
/// After the error of a page, and of a history that may be had later, the poller waits, longer each time (see
/// [`Polling::with_back_off`]); after all others it does not, so that what is bad does not keep the rest back.
#[must_use = "a poller does nothing unless it is polled"]
pub struct Poller<S = HttpsClient> {
    client: Client<S>,
    rounds: Rounds<Error>,
    /// What is under way.
    work: Option<BoxFuture<'static, Done>>,
}

/// What came of the work.
enum Done {
    Page(Result<ComplaintList, Error>),
    /// What came of a history, and how it ended.
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
    /// Reads a history as far as it can be read.
    async fn history_of(&self, due: &DueHistory, records: &mut Vec<NegotiationRecord>) -> Result<(), Error> {
        let client = self.concerning(due.merchant_no.as_deref())?;
        let mut history = pin!(client.negotiation_history(&due.complaint_id));
        while let Some(record) = history.try_next().await? {
            records.push(record);
        }
        Ok(())
    }

    /// Finds what is new since a cursor.
    pub fn poller(&self, cursor: Cursor, polling: Polling) -> Poller<S> {
        let rounds = Rounds::new(cursor, polling, self.shared.whole_group);
        Poller { client: self.clone(), rounds, work: None }
    }
}

impl<S> Poller<S> {
    /// What was handed out so far: save it, and a poller that begins with it goes on from here.
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

    /// The next item, or `None` at the end, where there is no work to wait for.
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

/// Nothing in it is pinned in its place: the work is in a box of its own.
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
