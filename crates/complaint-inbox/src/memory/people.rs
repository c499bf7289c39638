//! Those who are logged in, and the journal.

use std::collections::{BTreeMap, BTreeSet};

use protocol_core::UnixTime;

use super::{State, count, rows};
use crate::complaint::ComplaintKey;
use crate::deed::{Deed, DeedRecord};
use crate::picture::{MAX_PHONE_LOOKS, PhoneLook, PhoneLooks};
use crate::session::Session;

#[derive(Debug, Default)]
pub(super) struct People {
    sessions: BTreeMap<[u8; 32], Session>,
    deeds: BTreeMap<i64, DeedRecord>,
    last_deed: i64,
}

impl People {
    pub(super) fn open_session(&mut self, session: Session) {
        self.sessions.insert(session.digest, session);
    }

    pub(super) fn session(&self, digest: &[u8; 32], now: UnixTime) -> Option<Session> {
        self.sessions.get(digest).filter(|session| session.is_open(now)).cloned()
    }

    pub(super) fn close_session(&mut self, digest: &[u8; 32]) -> bool {
        self.sessions.remove(digest).is_some()
    }

    pub(super) fn close_sessions_of(&mut self, user: &str) -> u64 {
        let before = self.sessions.len();
        self.sessions.retain(|_, session| session.user != user);
        count(before - self.sessions.len())
    }

    pub(super) fn deeds(&self, before: Option<i64>, limit: u32) -> Vec<DeedRecord> {
        let earlier = self.deeds.range(..before.unwrap_or(i64::MAX)).rev();
        earlier.take(rows(limit)).map(|(_, deed)| deed.clone()).collect()
    }

    pub(super) fn phone_looks(&self, complaint: &ComplaintKey) -> PhoneLooks {
        let is_look = |deed: &Deed| deed.word == Deed::PHONE_SHOWN && deed.complaint.as_ref() == Some(complaint);
        let looks = self.deeds.values().rev().filter(|record| is_look(&record.deed));
        let looks: Vec<_> = looks.map(|look| PhoneLook { by: look.deed.user.clone(), at: look.at }).collect();
        PhoneLooks { times: count(looks.len()), latest: looks.into_iter().take(MAX_PHONE_LOOKS).collect() }
    }

    /// What was noted under a clock that was not set counts from now on.
    pub(super) fn date(&mut self, now: UnixTime) {
        let undated = self.deeds.values_mut().filter(|deed| deed.at.is_of_unset_clock());
        undated.for_each(|deed| deed.at = now);
    }

    /// The numbers of deeds and sessions that were removed.
    pub(super) fn forget(&mut self, before: UnixTime, limit: u32, now: UnixTime) -> (u64, u64) {
        let is_old = |deed: &DeedRecord| deed.deed.complaint.is_none() && deed.at < before;
        let mut old: Vec<_> =
            self.deeds.values().filter(|deed| is_old(deed)).map(|deed| (deed.at, deed.number)).collect();
        old.sort_unstable();
        old.truncate(rows(limit));
        old.iter().for_each(|(_, number)| drop(self.deeds.remove(number)));
        let mut over: Vec<_> = self.sessions.values().filter(|session| !session.is_open(now)).collect();
        over.sort_by_key(|session| (session.expires, session.digest));
        let over: Vec<_> = over.into_iter().take(rows(limit)).map(|session| session.digest).collect();
        over.iter().for_each(|digest| drop(self.sessions.remove(digest)));
        (count(old.len()), count(over.len()))
    }

    /// Removes what is about complaints that are gone.
    pub(super) fn forget_complaints(&mut self, gone: &BTreeSet<ComplaintKey>) {
        self.deeds.retain(|_, record| record.deed.complaint.as_ref().is_none_or(|key| !gone.contains(key)));
    }
}

impl State {
    pub(super) fn note(&mut self, deed: Deed, now: UnixTime) -> bool {
        if deed.complaint.as_ref().is_some_and(|key| self.complaints.versions(key).is_none()) {
            return false;
        }
        let number = self.people.last_deed.saturating_add(1);
        self.people.last_deed = number;
        self.people.deeds.insert(number, DeedRecord { number, at: now, deed: deed.bounded() });
        true
    }
}
