//! Messages, the digests of their signatures, and letters.

use std::collections::{BTreeMap, HashMap};

use protocol_core::replay::{Key, Lease, Reservation, SignedDigest};
use protocol_core::{Personal, UnixTime};

use super::{State, count, rows};
use crate::complaint::ComplaintKey;
use crate::deed::Deed;
use crate::error::StoreError;
use crate::message::{Heard, Letter, Message, NewLetter};
use crate::reservations::{DoneMessages, Reservations};
use crate::rules::{REMEMBERED_SECONDS, SIGNED_SECONDS, removed_key};

#[derive(Debug, Default)]
pub(super) struct Messages {
    reservations: Reservations,
    done: Done,
    letters: BTreeMap<i64, Letter>,
    last_letter: i64,
}

#[derive(Debug, Default)]
struct Done {
    messages: HashMap<String, Row>,
    /// The message of each signature, and the time.
    signed: HashMap<SignedDigest, (String, UnixTime)>,
}

#[derive(Debug)]
struct Row {
    at: UnixTime,
    content: Option<Personal<Vec<u8>>>,
}

impl DoneMessages for Done {
    fn is_done(&self, id: &str) -> Result<bool, StoreError> {
        Ok(self.messages.contains_key(id))
    }

    fn owner(&self, signed: &SignedDigest) -> Result<Option<String>, StoreError> {
        Ok(self.signed.get(signed).map(|(message, _)| message.clone()))
    }
}

impl Messages {
    pub(super) fn reserve(&mut self, key: Key<'_>, lease: Lease, now: UnixTime) -> Result<Reservation, StoreError> {
        let (outcome, is_new) = self.reservations.reserve(key, lease, now, &self.done)?;
        if let Some(signed) = key.signed.filter(|_| is_new) {
            self.done.signed.insert(signed, (key.id.to_owned(), now));
        }
        Ok(outcome)
    }

    pub(super) fn commit(&mut self, id: &str, lease: Lease, now: UnixTime) -> bool {
        let is_done = self.done.messages.contains_key(id);
        let is_of = self.reservations.is_of(id, lease);
        if is_of {
            self.finish(id, None, now);
        }
        is_done || is_of
    }

    pub(super) fn release(&mut self, id: &str, lease: Lease) {
        self.reservations.release(id, lease);
    }

    /// Marks a message as done, with its signatures. `false` if it is.
    fn finish(&mut self, id: &str, content: Option<Personal<Vec<u8>>>, now: UnixTime) -> bool {
        if self.done.messages.contains_key(id) {
            return false;
        }
        self.done.messages.insert(id.to_owned(), Row { at: now, content });
        let signed = self.reservations.signed_of(id).into_iter().map(|signed| (signed, (id.to_owned(), now)));
        self.done.signed.extend(signed);
        self.reservations.end(id);
        true
    }

    pub(super) fn letters(&self, after: i64, limit: u32) -> Vec<Letter> {
        self.letters.range(after.saturating_add(1)..).take(rows(limit)).map(|(_, letter)| letter.clone()).collect()
    }

    pub(super) fn letter_count(&self) -> u64 {
        count(self.letters.len())
    }

    /// What was kept under a clock that was not set counts from now on.
    pub(super) fn date(&mut self, now: UnixTime) {
        let messages = self.done.messages.values_mut().map(|row| &mut row.at);
        let signed = self.done.signed.values_mut().map(|(_, at)| at);
        let letters = self.letters.values_mut().map(|letter| &mut letter.at);
        messages.chain(signed).chain(letters).filter(|at| at.is_of_unset_clock()).for_each(|at| *at = now);
    }

    /// The numbers of messages and letters that were removed.
    pub(super) fn forget(&mut self, before: UnixTime, limit: u32, now: UnixTime) -> (u64, u64) {
        let ago = |seconds: u32| UnixTime(now.0.saturating_sub(i64::from(seconds)));
        let keys_before = before.min(ago(REMEMBERED_SECONDS));
        let mut old: Vec<_> = self.done.messages.iter().filter(|(_, row)| row.at < before).collect();
        old.retain(|(_, row)| row.at < keys_before || row.content.is_some());
        old.sort_by_key(|(id, row)| (row.at, (*id).clone()));
        let old: Vec<String> = old.into_iter().take(rows(limit)).map(|(id, _)| id.clone()).collect();
        for id in &old {
            if self.done.messages.get(id).is_some_and(|row| row.at < keys_before) {
                self.done.messages.remove(id);
            } else if let Some(row) = self.done.messages.get_mut(id) {
                row.content = None;
            }
        }
        self.done.signed.retain(|_, (_, at)| *at >= ago(SIGNED_SECONDS));
        self.reservations.forget(now);
        let letters: Vec<i64> =
            self.letters.values().filter(|letter| letter.at < before).map(|letter| letter.number).collect();
        let letters: Vec<i64> = letters.into_iter().take(rows(limit)).collect();
        letters.iter().for_each(|number| drop(self.letters.remove(number)));
        (count(old.len()), count(letters.len()))
    }
}

impl State {
    pub(super) fn remove_letter(&mut self, number: i64, by: &str, now: UnixTime) -> bool {
        let Some(Letter { letter, .. }) = self.messages.letters.remove(&number) else { return false };
        self.messages.finish(&removed_key(&letter), None, now);
        self.note(Deed::new(by, Deed::LETTER_DONE).with_detail(number.to_string()), now)
    }

    pub(super) fn hear(&mut self, message: Message, now: UnixTime) -> Heard {
        let Message { dedup_key, complaint, accused, content, events, .. } = message;
        if !self.messages.finish(&dedup_key, content, now) {
            return Heard::Copy;
        }
        self.complaints.hear(&complaint, accused, now);
        self.complaints.write_events(&complaint, events, now);
        Heard::First
    }

    pub(super) fn keep_letter(&mut self, letter: NewLetter, now: UnixTime) -> bool {
        let same = |kept: &Letter| kept.letter.source == letter.source && kept.letter.content == letter.content;
        let is_removed = self.messages.done.messages.contains_key(&removed_key(&letter));
        if is_removed || self.messages.letters.values().any(same) {
            return false;
        }
        if let Some(id) = &letter.complaint_id {
            let key = ComplaintKey::new(&*letter.source.channel, &*letter.source.merchant, id);
            self.complaints.hear(&key, None, now);
        }
        let number = self.messages.last_letter.saturating_add(1);
        self.messages.last_letter = number;
        self.messages.letters.insert(number, Letter { number, at: now, letter });
        true
    }
}
