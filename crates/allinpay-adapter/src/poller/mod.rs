//! Finding what is new by asking again and again: Allinpay is not known to tell of complaints by itself.

mod cursor;
mod order;
mod settings;

use core::fmt;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, ready};
use std::collections::VecDeque;

use futures_util::TryStreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::Stream;
use http_transport::{HttpsClient, Transport};
use protocol_core::UnixTime;
use protocol_core::allinpay::{ComplaintList, WxComplaintList};
use protocol_core::call::Pages;
use protocol_core::channel::ComplaintRef;
use protocol_core::complaint::{Complaint, NegotiationRecord};

pub use self::cursor::Cursor;
use self::cursor::{Entry, Standing};
use self::order::{oldest_first, written};
pub use self::settings::Polling;
use crate::client::Client;
use crate::error::Error;
use crate::spans::{moment, pieces};
use crate::trace;

/// Something new.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Found {
    /// A complaint that was filed.
    Complaint(Box<Complaint>),
    /// An entry that was written to a complaint's history.
    Entry {
        /// The complaint.
        complaint_id: String,
        /// The merchant the complaint is against, where an agent asks.
        merchant_no: Option<String>,
        /// The entry.
        record: Box<NegotiationRecord>,
    },
}

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
    polling: Polling,
    cursor: Cursor,
    round: Option<Round>,
    /// To be handed out, in this order.
    steps: VecDeque<Step>,
    /// What is under way.
    work: Option<BoxFuture<'static, Done>>,
    /// Errors since the last success, those apart that no waiting mends.
    errors: u32,
    ended: bool,
}

struct Round {
    began: UnixTime,
    from: UnixTime,
    pages: Pages<WxComplaintList>,
    /// How often its present page failed.
    failures: u32,
    due: VecDeque<Due>,
}

/// A history to be read.
struct Due {
    complaint_id: String,
    merchant_no: Option<String>,
    standing: Standing,
}

/// What is handed out, or noted in its turn.
enum Step {
    Found(Found),
    /// An entry of before the poller's time.
    Old {
        complaint_id: String,
        log_id: String,
    },
    HistoryRead {
        due: Due,
        last: Option<UnixTime>,
    },
    Amiss(Error),
}

/// What came of the work.
enum Done {
    Page(Result<ComplaintList, Error>),
    /// What came of a history, and how it ended.
    History(Due, Vec<NegotiationRecord>, Result<(), Error>),
    Rested,
}

impl<S> fmt::Debug for Poller<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poller")
            .field("client", &self.client)
            .field("polling", &self.polling)
            .field("cursor", &self.cursor)
            .finish_non_exhaustive()
    }
}

impl<S: Transport> Client<S> {
    /// Reads a history as far as it can be read.
    async fn history_of(&self, due: &Due, records: &mut Vec<NegotiationRecord>) -> Result<(), Error> {
        let client = self.concerning(due.merchant_no.as_deref())?;
        let mut history = pin!(client.negotiation_history(&due.complaint_id));
        while let Some(record) = history.try_next().await? {
            records.push(record);
        }
        Ok(())
    }

    /// Finds what is new since a cursor.
    pub fn poller(&self, cursor: Cursor, polling: Polling) -> Poller<S> {
        Poller {
            client: self.clone(),
            polling,
            cursor,
            round: None,
            steps: VecDeque::new(),
            work: None,
            errors: 0,
            ended: false,
        }
    }
}

impl<S> Poller<S> {
    /// What was handed out so far: save it, and a poller that begins with it goes on from here.
    pub const fn cursor(&self) -> &Cursor {
        &self.cursor
    }
}

impl<S: Transport> Poller<S> {
    /// The next item that is ready; what is not to be seen is noted on the way.
    fn hand_out(&mut self) -> Option<Result<Found, Error>> {
        let began = self.round.as_ref().map_or(self.cursor.read_until(), |round| round.began);
        while let Some(step) = self.steps.pop_front() {
            match step {
                Step::Found(found) => {
                    match &found {
                        Found::Complaint(complaint) => self.cursor.hand_out(complaint, began),
                        Found::Entry { complaint_id, record, .. } => {
                            self.cursor.hand_out_entry(complaint_id, &record.log_id);
                        }
                    }
                    return Some(Ok(found));
                }
                Step::Old { complaint_id, log_id } => self.cursor.hand_out_entry(&complaint_id, &log_id),
                Step::HistoryRead { due, last } => {
                    self.cursor.history_read(&due.complaint_id, due.standing, last, began);
                }
                Step::Amiss(error) => return Some(Err(error)),
            }
        }
        None
    }

    /// Takes in what came of the work.
    fn take(&mut self, done: Done) -> Result<(), Error> {
        let outcome = match (done, &mut self.round) {
            (Done::Page(Ok(page)), Some(round)) => {
                round.failures = 0;
                for complaint in round.pages.take(page) {
                    let due = self.cursor.meet(&complaint, round.began, self.polling.watch_seconds());
                    if let Some(standing) = due.history {
                        let ComplaintRef { complaint_id, merchant_no, .. } = ComplaintRef::from(&complaint);
                        round.due.push_back(Due { complaint_id, merchant_no, standing });
                    }
                    if due.is_new {
                        self.steps.push_back(Step::Found(Found::Complaint(Box::new(complaint))));
                    }
                }
                Ok(())
            }
            (
                Done::History(due, records, ended @ (Ok(()) | Err(Error::Incomplete { .. } | Error::Unreadable(_)))),
                _,
            ) => {
                let records = oldest_first(records);
                let last = records.iter().filter_map(written).max();
                for record in records {
                    let complaint_id = due.complaint_id.clone();
                    self.steps.push_back(match self.cursor.entry(&complaint_id, &record) {
                        Entry::Known => continue,
                        Entry::Old => Step::Old { complaint_id, log_id: record.log_id },
                        Entry::New => {
                            let merchant_no = due.merchant_no.clone();
                            Step::Found(Found::Entry { complaint_id, merchant_no, record: Box::new(record) })
                        }
                    });
                }
                self.steps.push_back(match ended {
                    Ok(()) => Step::HistoryRead { due, last },
                    Err(error) => Step::Amiss(error),
                });
                Ok(())
            }
            // It is left for the next round: waiting would only keep the others back.
            (Done::History(_, _, Err(error)), _) if !error.failure().is_retryable => return Err(error),
            (Done::Page(Err(error)), Some(round)) => {
                if error.failure().is_retryable {
                    round.failures = round.failures.saturating_add(1);
                } else {
                    round.failures = 0;
                    round.pages.leave();
                }
                if self.polling.gives_up(round.failures) {
                    self.ended = true;
                    return Err(error);
                }
                Err(error)
            }
            (Done::Page(Err(error)) | Done::History(_, _, Err(error)), _) => Err(error),
            (Done::Rested | Done::Page(Ok(_)), _) => return Ok(()),
        };
        match outcome {
            Ok(()) => self.errors = 0,
            Err(_) => {
                self.errors = self.errors.saturating_add(1);
                self.rest(self.polling.back_off_after(self.errors));
            }
        }
        outcome
    }

    /// Sets to work on what comes next.
    fn go_on(&mut self) {
        let Some(round) = &mut self.round else {
            self.round = Some(self.begin());
            return;
        };
        let client = self.client.clone();
        if let Some(due) = round.due.pop_front() {
            self.work = Some(Box::pin(async move {
                let mut records = Vec::new();
                let ended = client.history_of(&due, &mut records).await;
                Done::History(due, records, ended)
            }));
        } else if let Some(page) = round.pages.next() {
            self.work = Some(Box::pin(async move { Done::Page(client.send(&page).await) }));
        } else {
            self.steps.extend(round.pages.amiss().into_iter().map(Step::Amiss));
            if round.pages.is_complete() {
                self.cursor.round_read(round.from, round.began);
                trace::round(self.cursor.len());
            }
            self.round = None;
            if self.polling.ends_after_a_round() {
                self.ended = true;
            } else {
                self.rest(self.polling.pause());
            }
        }
    }

    fn begin(&mut self) -> Round {
        let began = self.client.shared.clock.now();
        let from = self.cursor.round_begins(began, self.polling.horizon_seconds());
        let list = |(begin, end)| self.client.list_of(moment(begin), moment(end), self.polling.page_size());
        let pages = Pages::new(pieces(from, began).into_iter().map(list).collect());
        Round { began, from, pages, failures: 0, due: VecDeque::new() }
    }

    fn rest(&mut self, pause: core::time::Duration) {
        self.work = Some(Box::pin(async move {
            tokio::time::sleep(pause).await;
            Done::Rested
        }));
    }
}

/// Nothing in it is pinned in its place: the work is in a box of its own.
impl<S> Unpin for Poller<S> {}

impl<S: Transport> Stream for Poller<S> {
    type Item = Result<Found, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let poller = self.get_mut();
        loop {
            if let Some(found) = poller.hand_out() {
                return Poll::Ready(Some(found));
            }
            if let Some(work) = &mut poller.work {
                let done = ready!(work.as_mut().poll(context));
                poller.work = None;
                if let Err(error) = poller.take(done) {
                    return Poll::Ready(Some(Err(error)));
                }
            } else if poller.ended {
                return Poll::Ready(None);
            } else {
                poller.go_on();
            }
        }
    }
}
