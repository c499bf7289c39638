//! The rounds of a poller, without I/O: the next request, and the new items of its response.

use std::collections::VecDeque;
use std::time::Duration;

use super::cursor::{Cursor, Entry, Standing};
use super::order::{oldest_first, written};
use super::settings::Polling;
use super::spans::lists_between;
use crate::allinpay::{ComplaintList, ResponseError, WxComplaintList};
use crate::call::{CallError, Pages};
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
pub enum PollStep<E> {
    /// Hand this out. It is in the cursor from now on.
    Hand(Result<Found, E>),
    /// Ask for this page, then call [`Rounds::page`].
    Ask(WxComplaintList),
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

/// How the reading of a history ended. Exhaustive.
#[derive(Debug)]
pub enum HistoryEnd<E> {
    /// Everything was read.
    Whole,
    /// The rows that were read are valid, but there is a problem.
    Amiss(E),
    /// It could not be read to its end.
    Failed {
        /// The reason.
        error: E,
        /// Whether it may be read later.
        is_retryable: bool,
    },
}

/// The state of a poller. `random` is uniform over all of `u64`.
#[derive(Debug)]
pub struct Rounds<E> {
    polling: Polling,
    cursor: Cursor,
    whole_group: bool,
    round: Option<Round>,
    /// To be handed out, in this order.
    notes: VecDeque<Note<E>>,
    rest: Option<Duration>,
    /// Errors since the last success, without those that no wait helps.
    errors: u32,
    ended: bool,
}

#[derive(Debug)]
struct Round {
    began: UnixTime,
    from: UnixTime,
    pages: Pages<WxComplaintList>,
    /// The number of failures of its current page.
    failures: u32,
    due: VecDeque<DueHistory>,
}

/// An item to hand out, or a change of the cursor in its turn.
#[derive(Debug)]
enum Note<E> {
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
    Amiss(E),
}

impl<E: From<CallError<ResponseError>>> Rounds<E> {
    /// Before the first round. In group mode `whole_group` asks for the whole group's complaints.
    #[must_use]
    pub const fn new(cursor: Cursor, polling: Polling, whole_group: bool) -> Self {
        Self { polling, cursor, whole_group, round: None, notes: VecDeque::new(), rest: None, errors: 0, ended: false }
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
    pub fn next(&mut self, now: UnixTime, random: u64) -> PollStep<E> {
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
    pub fn page(&mut self, page: Result<ComplaintList, (E, bool)>, random: u64) {
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
            Err((error, is_retryable)) => {
                if is_retryable {
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

    /// Takes the entries of a history, and how its reading ended.
    pub fn history(&mut self, due: DueHistory, records: Vec<NegotiationRecord>, end: HistoryEnd<E>, random: u64) {
        let error = match end {
            HistoryEnd::Whole => None,
            HistoryEnd::Amiss(error) => Some(error),
            HistoryEnd::Failed { error, is_retryable: true } => return self.failed(error, random),
            // It is left for the next round: waiting would only keep the others back.
            HistoryEnd::Failed { error, is_retryable: false } => return self.notes.push_back(Note::Amiss(error)),
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
    fn hand_out(&mut self) -> Option<Result<Found, E>> {
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

    fn failed(&mut self, error: E, random: u64) {
        self.errors = self.errors.saturating_add(1);
        self.rest = Some(self.polling.back_off_after(self.errors, random));
        self.notes.push_back(Note::Amiss(error));
    }

    fn begin(&mut self, began: UnixTime) -> Round {
        let from = self.cursor.round_begins(began, self.polling.horizon_seconds());
        let lists = lists_between(from, began, self.polling.page_size(), self.whole_group);
        Round { began, from, pages: Pages::new(lists), failures: 0, due: VecDeque::new() }
    }

    /// Whether the round was read to its end.
    fn end_round(&mut self, random: u64) -> bool {
        let Some(mut round) = self.round.take() else { return false };
        self.notes.extend(round.pages.amiss().into_iter().map(E::from).map(Note::Amiss));
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
