//! The rounds of a poller, without I/O: the next request, and the new items of its response.

use std::collections::VecDeque;
use std::time::Duration;

use super::cursor::{Cursor, Entry, Standing};
use super::list::PolledList;
use super::order::{oldest_first, written};
use super::settings::Polling;
use crate::call::{CallError, Pages, ResponseFailure};
use crate::channel::ComplaintRef;
use crate::complaint::{Complaint, NegotiationRecord};
use crate::time::UnixTime;

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
        /// The merchant that the complaint is against, for an agent's requests.
        merchant_no: Option<String>,
        /// The entry.
        record: Box<NegotiationRecord>,
    },
}

/// The next step. Exhaustive: a poller does each of them.
#[derive(Debug)]
pub enum PollStep<L, R> {
    /// Hand this out. It is in the cursor from now on.
    Hand(Result<Found, CallError<R>>),
    /// Ask for this page, then call [`Rounds::page`].
    Ask(L),
    /// Read this history to its end, then call [`Rounds::history`].
    Read(DueHistory),
    /// A round was read to its end. The number is that of the complaints remembered.
    RoundRead(usize),
    /// Wait.
    Rest(Duration),
    /// The end of a poller for one round.
    End,
}

/// A history to be read.
#[derive(Debug)]
#[non_exhaustive]
pub struct DueHistory {
    /// The complaint.
    pub complaint_id: String,
    /// The merchant that the complaint is against, for an agent's requests.
    pub merchant_no: Option<String>,
    standing: Standing,
}

/// The state of a poller over the lists `L` of a channel, whose error of a response is `R`. `random`
/// is uniform over all of `u64`.
///
/// ```
/// use protocol_core::complaint::ComplaintPage;
/// use protocol_core::poller::{Cursor, Found, PollStep, Polling, Rounds};
/// use protocol_core::virtual_payment::{GetComplaintList, ResponseError};
/// use protocol_core::{DecodeError, UnixTime};
///
/// # fn main() -> Result<(), DecodeError> {
/// let (now, random) = (UnixTime(1_741_936_166), 7);
/// let list = GetComplaintList::new("", "");
/// let mut rounds: Rounds<_, ResponseError> =
///     Rounds::new(list, Cursor::last_days(7, now), Polling::default().once());
/// let mut found = Vec::new();
/// loop {
///     match rounds.next(now, random) {
///         // A client sends the page here.
///         PollStep::Ask(_) => {
///             let response = br#"{"data":[{"complaint_id":"1"}],"total_count":1}"#;
///             rounds.page(Ok(ComplaintPage::decode(response)?), random);
///         }
///         // A client reads the history here.
///         PollStep::Read(due) => rounds.history(due, Vec::new(), Ok(()), random),
///         PollStep::Hand(Ok(Found::Complaint(complaint))) => found.push(complaint.complaint_id),
///         // A client waits here.
///         PollStep::Rest(_) => {}
///         PollStep::Hand(_) | PollStep::RoundRead(_) => {}
///         PollStep::End => break,
///     }
/// }
/// assert_eq!(found, ["1"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Rounds<L, R> {
    list: L,
    polling: Polling,
    cursor: Cursor,
    round: Option<Round<L>>,
    /// To be handed out, in this order.
    notes: VecDeque<Note<R>>,
    rest: Option<Duration>,
    /// Errors since the last success, without those that no wait helps.
    errors: u32,
    ended: bool,
}

#[derive(Debug)]
struct Round<L> {
    began: UnixTime,
    from: UnixTime,
    pages: Pages<L>,
    /// The number of failures of its current page.
    failures: u32,
    due: VecDeque<DueHistory>,
}

/// An item to hand out, or a change of the cursor in its turn.
#[derive(Debug)]
enum Note<R> {
    Found(Found),
    /// An entry of before the poller's time.
    Old {
        complaint_id: String,
        log_id: String,
    },
    HistoryRead {
        due: DueHistory,
        last: Option<UnixTime>,
    },
    Amiss(CallError<R>),
}

impl<L: PolledList, R: ResponseFailure> Rounds<L, R> {
    /// Before the first round. `list` is the list to read; its span and page are replaced.
    #[must_use]
    pub const fn new(list: L, cursor: Cursor, polling: Polling) -> Self {
        Self { list, polling, cursor, round: None, notes: VecDeque::new(), rest: None, errors: 0, ended: false }
    }

    /// The cursor: everything handed out so far.
    #[must_use]
    pub const fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// The settings.
    pub const fn polling(&self) -> &Polling {
        &self.polling
    }

    /// The next step.
    pub fn next(&mut self, now: UnixTime, random: u64) -> PollStep<L, R> {
        loop {
            if let Some(item) = self.hand_out() {
                return PollStep::Hand(item);
            }
            if let Some(rest) = self.rest.take() {
                return PollStep::Rest(rest);
            }
            if self.ended {
                return PollStep::End;
            }
            let Some(round) = &mut self.round else {
                self.round = Some(self.begin(now));
                continue;
            };
            if let Some(due) = round.due.pop_front() {
                return PollStep::Read(due);
            }
            if let Some(page) = round.pages.next() {
                return PollStep::Ask(page);
            }
            if self.end_round(random) {
                return PollStep::RoundRead(self.cursor.len());
            }
        }
    }

    /// Takes a page, or the error of its request.
    pub fn page(&mut self, page: Result<L::Response, CallError<R>>, random: u64) {
        let Some(round) = &mut self.round else { return };
        match page {
            Ok(page) => {
                round.failures = 0;
                for complaint in round.pages.take(page) {
                    let due = self.cursor.meet(&complaint, round.began, self.polling.watch_seconds());
                    if let Some(standing) = due.history {
                        let ComplaintRef { complaint_id, merchant_no, .. } = ComplaintRef::from(&complaint);
                        round.due.push_back(DueHistory { complaint_id, merchant_no, standing });
                    }
                    if due.is_new {
                        self.notes.push_back(Note::Found(Found::Complaint(Box::new(complaint))));
                    }
                }
                self.errors = 0;
            }
            Err(error) => {
                if error.failure().is_retryable {
                    round.failures = round.failures.saturating_add(1);
                } else {
                    round.failures = 0;
                    round.pages.leave();
                }
                if self.polling.gives_up(round.failures) {
                    self.ended = true;
                    self.notes.push_back(Note::Amiss(error));
                } else {
                    self.failed(error, random);
                }
            }
        }
    }

    /// Requests smaller pages from here on: call this instead of [`Rounds::page`] if the requested
    /// page may be too large. `false`: no smaller page is possible.
    pub fn shrink(&mut self) -> bool {
        self.round.as_mut().is_some_and(|round| round.pages.shrink())
    }

    /// Takes the entries of a history that were read, and the error that ended the reading.
    pub fn history(
        &mut self,
        due: DueHistory,
        records: Vec<NegotiationRecord>,
        ended: Result<(), CallError<R>>,
        random: u64,
    ) {
        let error = match ended {
            Ok(()) => None,
            Err(error) if error.leaves_the_others() => Some(error),
            Err(error) if error.failure().is_retryable => return self.failed(error, random),
            // It is left for the next round: waiting would only keep the others back.
            Err(error) => return self.notes.push_back(Note::Amiss(error)),
        };
        let records = oldest_first(records);
        let last = records.iter().filter_map(written).max();
        for record in records {
            let complaint_id = due.complaint_id.clone();
            self.notes.push_back(match self.cursor.entry(&complaint_id, &record) {
                Entry::Known => continue,
                Entry::Old => Note::Old { complaint_id, log_id: record.log_id },
                Entry::New => {
                    let merchant_no = due.merchant_no.clone();
                    Note::Found(Found::Entry { complaint_id, merchant_no, record: Box::new(record) })
                }
            });
        }
        self.notes.push_back(match error {
            None => Note::HistoryRead { due, last },
            Some(error) => Note::Amiss(error),
        });
        self.errors = 0;
    }

    /// The next item that is ready. Changes of the cursor before it are made on the way.
    fn hand_out(&mut self) -> Option<Result<Found, CallError<R>>> {
        let began = self.round.as_ref().map_or(self.cursor.read_until(), |round| round.began);
        while let Some(note) = self.notes.pop_front() {
            match note {
                Note::Found(found) => {
                    match &found {
                        Found::Complaint(complaint) => self.cursor.hand_out(complaint, began),
                        Found::Entry { complaint_id, record, .. } => {
                            self.cursor.hand_out_entry(complaint_id, &record.log_id);
                        }
                    }
                    return Some(Ok(found));
                }
                Note::Old { complaint_id, log_id } => self.cursor.hand_out_entry(&complaint_id, &log_id),
                Note::HistoryRead { due, last } => {
                    self.cursor.history_read(&due.complaint_id, due.standing, last, began);
                }
                Note::Amiss(error) => return Some(Err(error)),
            }
        }
        None
    }

    fn failed(&mut self, error: CallError<R>, random: u64) {
        self.errors = self.errors.saturating_add(1);
        // The client's own rate, or the platform, may ask for a longer wait.
        let asked = error.failure().retry_after.unwrap_or_default().min(MAX_ASKED_WAIT);
        self.rest = Some(self.polling.back_off_after(self.errors, random).max(asked));
        self.notes.push_back(Note::Amiss(error));
    }

    fn begin(&mut self, began: UnixTime) -> Round<L> {
        let from = self.cursor.round_begins(began, self.polling.horizon_seconds());
        let lists = self.list.of_span(from, began, self.polling.page_size());
        Round { began, from, pages: Pages::new(lists), failures: 0, due: VecDeque::new() }
    }

    /// Whether the round was read to its end.
    fn end_round(&mut self, random: u64) -> bool {
        let Some(mut round) = self.round.take() else { return false };
        self.notes.extend(round.pages.amiss().into_iter().map(Note::Amiss));
        if self.polling.ends_after_a_round() {
            self.ended = true;
        } else {
            self.rest = Some(self.polling.pause(random));
        }
        let is_read = round.pages.is_complete();
        if is_read {
            self.cursor.round_read(round.from, round.began);
        }
        is_read
    }
}

/// The longest wait after a failure that asks for one.
const MAX_ASKED_WAIT: Duration = Duration::from_secs(3600);

#[cfg(all(test, feature = "allinpay"))]
mod tests {
    use super::*;
    use crate::allinpay::{ResponseError, WxComplaintList};

    #[test]
    fn a_failure_that_asks_for_a_longer_wait_gets_it() {
        let now = UnixTime(1_741_936_166);
        let second = Duration::from_secs(1);
        let polling = Polling::default().with_back_off(second * 10, second * 10);
        let mut rounds: Rounds<_, ResponseError> =
            Rounds::new(WxComplaintList::new("", ""), Cursor::last_days(1, now), polling);
        for (wait, rest) in [
            (second, second * 10),
            (second * 11, second * 11),
            (MAX_ASKED_WAIT, MAX_ASKED_WAIT),
            (MAX_ASKED_WAIT + second, MAX_ASKED_WAIT),
        ] {
            assert!(matches!(rounds.next(now, 0), PollStep::Ask(_)));
            rounds.page(Err(CallError::OverRate { wait }), u64::MAX);
            assert!(matches!(rounds.next(now, 0), PollStep::Hand(Err(CallError::OverRate { .. }))));
            let step = rounds.next(now, 0);
            assert!(matches!(step, PollStep::Rest(wait) if wait == rest), "{step:?}");
        }
    }
}
