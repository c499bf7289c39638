//! The pump of a poller: it sends what [`Rounds`] asks for, and hands out what it finds.

use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;

use super::cursor::Cursor;
use super::list::PolledList;
use super::rounds::{DueHistory, Found, PollStep, Rounds};
use super::settings::Polling;
use crate::call::{CallError, Paged, ResponseFailure};
use crate::complaint::NegotiationRecord;
use crate::time::UnixTime;

/// The I/O of a poller: it sends requests, waits, and reads a clock.
pub trait PollClient: Clone + Send + Sync + 'static {
    /// The channel's list.
    type List: PolledList<Response: Send> + Send + Sync;
    /// The channel's error of a response.
    type Refusal: ResponseFailure + Send;

    /// Requests a page of the list.
    fn page(
        &self,
        page: &Self::List,
    ) -> impl Future<Output = Result<<Self::List as Paged>::Response, CallError<Self::Refusal>>> + Send;

    /// The entries of a history. The first error ends the reading, so errors come after all entries.
    fn history(
        &self,
        due: &DueHistory,
    ) -> impl Stream<Item = Result<NegotiationRecord, CallError<Self::Refusal>>> + Send;

    /// Whether a page may have been refused because it is too large: a smaller one is then
    /// requested. Default: `false`.
    fn may_be_too_large(_: &CallError<Self::Refusal>) -> bool {
        false
    }

    /// Waits.
    fn sleep(&self, wait: Duration) -> impl Future<Output = ()> + Send;

    /// The time.
    fn now(&self) -> UnixTime;

    /// A random number, uniform over all of `u64`.
    fn random(&self) -> u64;

    /// A round was read to its end; the cursor remembers so many complaints. Default: nothing.
    fn round_read(&self, _complaints: usize) {}
}

/// New complaints and new entries of their histories, as a stream without end, or of one round
/// ([`Polling::once`]). The adapters' clients make it: `client.poller(cursor, polling)`.
///
/// # Rounds
///
/// The poller works in rounds. A round lists complaints in spans of at most 30 days. It begins one
/// horizon before the last complete round, but at most [`LOOK_BACK_DAYS`](super::LOOK_BACK_DAYS)
/// and a day back ([`Cursor::clamped_to`]), and ends now. It reads the histories that may have
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
///   is done when its last entry has left. After a pause the lists begin one horizon before the last
///   complete round, within the look-back.
/// - *A clock that was never set* ([`UnixTime::is_of_unset_clock`](crate::UnixTime::is_of_unset_clock))
///   changes nothing: a round under it lists a past without complaints.
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
/// - A complaint that cannot be read ([`CallError::Unreadable`]) is reported at the end of each round
///   that lists it, and the round counts as complete. The complaint is handed out once it can be
///   read.
/// - A history that could not be read is left until the next round.
/// - A page whose error is retryable
///   ([`Failure::is_retryable`](crate::Failure::is_retryable)) is requested again. After
///   any other error, the rest of its list (at most 30 days) is left until the next round. The
///   other lists of the round are read, and the round does not count as complete
///   ([`Cursor::read_until`]), so that the next one begins as far back.
/// - A list that ended before it had as many complaints as the platform counts is reported at the
///   end of the round ([`CallError::Incomplete`]). The round counts as complete: later rounds list the
///   same complaints for a whole horizon. The entries of such a history are handed out, and it is
///   read again in the next round.
///
/// After the error of a page, and after a retryable error of a history, the poller waits, longer
/// each time (see [`Polling::with_back_off`]). After other errors it does not wait, so that one bad
/// item does not delay the rest.
#[must_use = "a poller does nothing unless it is polled"]
pub struct Poller<C: PollClient> {
    client: C,
    rounds: Rounds<C::List, C::Refusal>,
    /// The current work.
    work: Option<Work<C>>,
}

type Work<C> = Pin<Box<dyn Future<Output = Done<C>> + Send>>;

type Response<C> = <<C as PollClient>::List as Paged>::Response;

type Error<C> = CallError<<C as PollClient>::Refusal>;

/// The result of the work.
enum Done<C: PollClient> {
    Page(Result<Response<C>, Error<C>>),
    /// The entries of a history, and how its reading ended.
    History(DueHistory, Vec<NegotiationRecord>, Result<(), Error<C>>),
    Rested,
}

impl<C: PollClient + fmt::Debug> fmt::Debug for Poller<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poller")
            .field("client", &self.client)
            .field("polling", &self.rounds.polling())
            .field("cursor", &self.rounds.cursor())
            .finish_non_exhaustive()
    }
}

impl<C: PollClient> Poller<C> {
    /// A poller over a client. `list` is the list to read; its span and page are replaced.
    pub const fn new(client: C, list: C::List, cursor: Cursor, polling: Polling) -> Self {
        Self { client, rounds: Rounds::new(list, cursor, polling), work: None }
    }

    /// The record of the items handed out so far. Save it: a poller that begins with it continues
    /// from here.
    pub const fn cursor(&self) -> &Cursor {
        self.rounds.cursor()
    }

    fn take(&mut self, done: Done<C>) {
        let random = self.client.random();
        match done {
            Done::Page(Err(error)) if C::may_be_too_large(&error) && self.rounds.shrink() => {}
            Done::Page(page) => self.rounds.page(page, random),
            Done::History(due, records, ended) => self.rounds.history(due, records, ended, random),
            Done::Rested => {}
        }
    }

    /// The next item, or `None` at the end, if there is no work to wait for.
    fn go_on(&mut self) -> Option<Option<Result<Found, Error<C>>>> {
        let client = self.client.clone();
        self.work = Some(match self.rounds.next(client.now(), client.random()) {
            PollStep::Hand(item) => return Some(Some(item)),
            PollStep::End => return Some(None),
            PollStep::RoundRead(complaints) => {
                client.round_read(complaints);
                return None;
            }
            PollStep::Ask(page) => Box::pin(async move { Done::Page(client.page(&page).await) }),
            PollStep::Read(due) => Box::pin(async move {
                let mut records = Vec::new();
                let ended = read_to_end(client.history(&due), &mut records).await;
                Done::History(due, records, ended)
            }),
            PollStep::Rest(pause) => Box::pin(async move {
                client.sleep(pause).await;
                Done::Rested
            }),
        });
        None
    }
}

/// Reads as many entries as it can.
async fn read_to_end<R>(
    history: impl Stream<Item = Result<NegotiationRecord, CallError<R>>>,
    records: &mut Vec<NegotiationRecord>,
) -> Result<(), CallError<R>> {
    let mut history = pin!(history);
    while let Some(record) = poll_fn(|context| history.as_mut().poll_next(context)).await {
        records.push(record?);
    }
    Ok(())
}

/// No field needs pinning: the work is boxed.
impl<C: PollClient> Unpin for Poller<C> {}

impl<C: PollClient> Stream for Poller<C> {
    type Item = Result<Found, Error<C>>;

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
