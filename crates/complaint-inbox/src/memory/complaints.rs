//! Complaints and their events.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use protocol_core::UnixTime;

use super::{State, count, lease_end, rows};
use crate::complaint::{
    Choices, ComplaintKey, ComplaintRecord, Cursor, Exported, Filter, MAX_CHOICES, Page, Source, Summary,
};
use crate::day::Day;
use crate::event::{Event, EventKind, NewEvent};
use crate::numbers::{Counter, DayNumbers, Progress, span};
use crate::reading::{Claim, Entry, Reading, Sighting};
use crate::rules::{
    CLOSED, MAX_LEASE_SECONDS, MAX_WAIT_SECONDS, MET, NearSteps, Wait, deadline_events, first_alarm, is_over,
    next_alarm, still_holds, urgency,
};
use crate::search::{MAX_SEARCHED, Search};

#[derive(Debug, Default)]
pub(super) struct Complaints {
    rows: BTreeMap<ComplaintKey, Row>,
    events: BTreeMap<i64, Event>,
    once: BTreeSet<(ComplaintKey, EventKind, String)>,
    newest: i64,
}

#[derive(Debug)]
struct Row {
    heard: i64,
    read: i64,
    read_at: Option<UnixTime>,
    accused: Option<String>,
    fence: i64,
    leased: UnixTime,
    later: UnixTime,
    refused: u32,
    reading: Option<Reading>,
    entries: Vec<Entry>,
    alarm: Option<UnixTime>,
    /// Whether a deadline has passed.
    is_overdue: bool,
    version: i64,
    /// The number of the payer's last event.
    payers: i64,
    /// The time of the last event or message.
    changed: UnixTime,
}

impl Row {
    const fn new(now: UnixTime) -> Self {
        Self {
            heard: 0,
            read: 0,
            read_at: None,
            accused: None,
            fence: 0,
            leased: UnixTime(0),
            later: UnixTime(0),
            refused: 0,
            reading: None,
            entries: Vec::new(),
            alarm: None,
            is_overdue: false,
            version: 0,
            payers: 0,
            changed: now,
        }
    }

    fn is_closed(&self) -> bool {
        self.reading.as_ref().is_some_and(|reading| reading.is_closed)
    }

    fn state(&self) -> Option<&String> {
        self.reading.as_ref()?.state.as_ref()
    }

    fn product(&self) -> Option<&String> {
        self.reading.as_ref()?.product.as_ref()
    }

    /// Whether this is a whole number of its own or of its orders.
    fn has_number(&self, number: &str) -> bool {
        self.reading.as_ref().is_some_and(|reading| reading.numbers.iter().any(|own| own == number))
    }

    /// Whether a search finds it. Without one, each is found.
    fn is_found(&self, search: Option<&Search>, key: &ComplaintKey) -> bool {
        let text = self.reading.as_ref().map(|reading| reading.searched.expose().as_str());
        search.is_none_or(|search| search.finds(&key.id, text))
    }

    fn urgency(&self) -> i64 {
        urgency(self.reading.as_ref().and_then(|reading| reading.deadlines.as_ref()), self.is_closed())
    }

    fn is_claimable(&self, now: UnixTime) -> bool {
        self.read < self.heard
            && !still_holds(self.leased, MAX_LEASE_SECONDS, now)
            && !still_holds(self.later, MAX_WAIT_SECONDS, now)
    }

    fn summary(&self, key: &ComplaintKey) -> Summary {
        let reading = self.reading.as_ref();
        Summary {
            key: key.clone(),
            version: self.version,
            heard: self.heard,
            read: self.read,
            read_at: self.read_at,
            refused: self.refused,
            state: self.state().cloned(),
            filed: reading.and_then(|reading| reading.filed),
            deadlines: reading.and_then(|reading| reading.deadlines),
            amount: reading.and_then(|reading| reading.amount),
            product: self.product().cloned(),
            is_closed: self.is_closed(),
        }
    }
}

impl Complaints {
    /// There is reason to read it at once.
    pub(super) fn hear(&mut self, key: &ComplaintKey, accused: Option<String>, now: UnixTime) {
        let row = self.rows.entry(key.clone()).or_insert_with(|| Row::new(now));
        row.heard = row.heard.saturating_add(1);
        row.accused = accused.or_else(|| row.accused.take());
        (row.refused, row.later, row.changed) = (0, UnixTime(0), now);
    }

    pub(super) fn sight(&mut self, sightings: Vec<Sighting>, now: UnixTime) -> u64 {
        let mut due = 0;
        for Sighting { key, standing, accused } in sightings {
            let row = self.rows.entry(key).or_insert_with(|| Row::new(now));
            let stands_so = |reading: &Reading| standing.as_ref().is_none_or(|standing| *standing == reading.standing);
            let stands_so = row.reading.as_ref().is_some_and(stands_so);
            if row.read == row.heard && !stands_so {
                row.heard = row.heard.saturating_add(1);
                row.accused = accused.or_else(|| row.accused.take());
                due += 1;
            }
        }
        due
    }

    pub(super) fn read_again(&mut self, source: &Source, unread_seconds: u32, limit: u32, now: UnixTime) -> u64 {
        let before = UnixTime(now.0.saturating_sub(i64::from(unread_seconds)));
        let old = |row: &Row| !row.is_closed() && row.read == row.heard && row.read_at.is_some_and(|at| at <= before);
        let mut old: Vec<_> = self.rows.iter_mut().filter(|(key, row)| key.source() == *source && old(row)).collect();
        old.sort_by_key(|(key, row)| (row.read_at, (*key).clone()));
        let taken = old.into_iter().take(rows(limit)).map(|(_, row)| row.heard = row.heard.saturating_add(1));
        count(taken.count())
    }

    fn keep_reading(&mut self, claim: &Claim, mut reading: Reading, now: UnixTime) -> bool {
        let Some(row) = self.rows.get_mut(&claim.key).filter(|row| row.fence == claim.fence) else { return false };
        let events = std::mem::take(&mut reading.events);
        if let Some(entries) = reading.entries.take() {
            row.entries = entries;
        }
        (row.leased, row.later, row.refused) = (UnixTime(0), UnixTime(0), 0);
        (row.read, row.read_at) = (claim.heard, Some(now));
        row.alarm = first_alarm(reading.deadlines.as_ref(), reading.is_closed);
        row.is_overdue |= reading.progress.is_overdue;
        row.reading = Some(reading);
        // The claim is over: the fence of none.
        row.fence = 0;
        self.write_events(&claim.key, events, now);
        true
    }

    pub(super) fn put_back(&mut self, claim: &Claim, wait: Wait, now: UnixTime) -> bool {
        let Some(row) = self.rows.get_mut(&claim.key).filter(|row| row.fence == claim.fence) else { return false };
        row.fence = 0;
        row.leased = UnixTime(0);
        if row.heard == claim.heard {
            let (seconds, refused) = wait.after(row.refused);
            (row.later, row.refused) = (now.plus(seconds), refused);
        }
        true
    }

    pub(super) fn note_deadlines(&mut self, steps: &NearSteps, limit: u32, now: UnixTime) -> u64 {
        let alarm = |row: &Row| row.alarm.filter(|alarm| *alarm <= now);
        let mut due: Vec<_> = self.rows.iter().filter_map(|(key, row)| Some((alarm(row)?, key.clone()))).collect();
        due.sort();
        due.truncate(rows(limit));
        for (_, key) in &due {
            let Some(row) = self.rows.get_mut(key) else { continue };
            let deadlines = row.reading.as_ref().and_then(|reading| reading.deadlines);
            row.alarm = next_alarm(deadlines.as_ref(), row.is_closed(), steps, Some(now));
            let events = deadlines.map(|deadlines| deadline_events(&deadlines, steps, now)).unwrap_or_default();
            row.is_overdue |= is_over(&events);
            self.write_events(key, events, now);
        }
        count(due.len())
    }

    pub(super) fn write_events(&mut self, key: &ComplaintKey, events: Vec<NewEvent>, now: UnixTime) {
        let Some(row) = self.rows.get_mut(key) else { return };
        for NewEvent { kind, once, data } in events {
            if once.is_some_and(|once| !self.once.insert((key.clone(), kind, once))) {
                continue;
            }
            let number = self.newest.saturating_add(1);
            self.events.insert(number, Event { number, complaint: key.clone(), kind, at: now, data });
            (self.newest, row.version, row.changed) = (number, number, now);
            if kind.is_the_payers() {
                row.payers = number;
            }
        }
    }

    pub(super) fn list(&self, filter: &Filter, from: Option<&Cursor>, limit: u32) -> Page {
        let (search, mut fitting) = self.fitting(filter);
        fitting.sort_by_key(|(key, row)| (row.urgency(), (*key).clone()));
        fitting.retain(|(key, row)| from.is_none_or(|from| (row.urgency(), *key) > (from.urgency, &from.key)));
        let place = |(key, row): &(&ComplaintKey, &Row)| Cursor::new(row.urgency(), (*key).clone());
        let bound = if search.is_some() { MAX_SEARCHED } else { usize::MAX };
        let last = fitting.get(..bound).and_then(<[_]>::last).filter(|_| fitting.len() > bound).map(place);
        fitting.truncate(bound);
        let mut found = fitting;
        found.retain(|(key, row)| row.is_found(search.as_ref(), key));
        let is_more = found.len() > rows(limit);
        found.truncate(rows(limit));
        let next = if is_more { found.last().map(place) } else { last };
        Page { rows: found.into_iter().map(|(key, row)| row.summary(key)).collect(), next }
    }

    /// The rows that a filter shows if the search finds them, by key.
    fn fitting(&self, filter: &Filter) -> (Option<Search>, Vec<(&ComplaintKey, &Row)>) {
        let mut search = filter.text.as_deref().map(Search::new);
        let mut fitting: Vec<_> = self.rows.iter().filter(|(key, row)| fits(filter, key, row)).collect();
        if let Some(search) = &mut search {
            let Ok(()) = search.leave_out(|word| {
                let is_number = self.rows.values().any(|row| row.has_number(word));
                fitting.retain(|(_, row)| !is_number || row.has_number(word));
                Ok::<_, Infallible>(is_number)
            });
        }
        (search, fitting)
    }

    pub(super) fn choices(&self) -> Choices {
        let sources: BTreeSet<Source> = self.rows.keys().map(ComplaintKey::source).collect();
        let sources = || sources.iter().take(MAX_CHOICES);
        let listed = |values: BTreeSet<&String>| {
            let named = values.into_iter().filter(|value| !value.is_empty());
            named.take(MAX_CHOICES).cloned().collect()
        };
        Choices {
            channels: listed(sources().map(|source| &source.channel).collect()),
            merchants: listed(sources().map(|source| &source.merchant).collect()),
            states: listed(self.rows.values().filter_map(Row::state).collect()),
            products: listed(self.rows.values().filter_map(Row::product).collect()),
        }
    }

    pub(super) fn numbers(&self, from: Day, to: Day, channel: Option<&str>, merchant: Option<&str>) -> Vec<DayNumbers> {
        let mut counter = Counter::default();
        let of = |key: &ComplaintKey| {
            channel.is_none_or(|channel| channel == key.channel)
                && merchant.is_none_or(|merchant| merchant == key.merchant)
        };
        for (key, row) in self.rows.iter().filter(|(key, _)| of(key)) {
            let Some(reading) = &row.reading else { continue };
            if let Some(filed) = reading.filed.filter(|filed| span(from, to).contains(filed)) {
                let progress = Progress { is_overdue: row.is_overdue, ..reading.progress };
                counter.add(filed, &key.channel, &key.merchant, progress);
            }
        }
        counter.finish()
    }

    pub(super) fn export(&self, filter: &Filter, after: Option<&ComplaintKey>, limit: u32) -> Vec<Exported> {
        let (search, fitting) = self.fitting(filter);
        let rest = fitting.into_iter().filter(|(key, _)| after.is_none_or(|after| *key > after));
        let found = rest.filter(|(key, row)| row.is_found(search.as_ref(), key)).take(rows(limit));
        let exported = |(key, row): (&ComplaintKey, &Row)| Exported {
            summary: row.summary(key),
            document: row.reading.as_ref().map(|reading| reading.document.clone()),
        };
        found.map(exported).collect()
    }

    pub(super) fn events_of(&self, key: &ComplaintKey, after: i64, limit: u32) -> Vec<Event> {
        let later = self.events.range(after.saturating_add(1)..).map(|(_, event)| event);
        later.filter(|event| event.complaint == *key).take(rows(limit)).cloned().collect()
    }

    pub(super) fn events_after(&self, after: i64, limit: u32) -> Vec<Event> {
        self.events.range(after.saturating_add(1)..).take(rows(limit)).map(|(_, event)| event.clone()).collect()
    }

    pub(super) fn event(&self, number: i64) -> Option<&Event> {
        self.events.get(&number)
    }

    /// The numbers of events after one and up to another.
    pub(super) fn events_between(&self, after: i64, last: i64) -> impl Iterator<Item = i64> + '_ {
        self.events
            .range(after.saturating_add(1)..)
            .map(|(number, _)| *number)
            .take_while(move |number| *number <= last)
    }

    pub(super) const fn newest_event(&self) -> i64 {
        self.newest
    }

    /// How many of the reasons to read it its document reflects.
    pub(super) fn read(&self, key: &ComplaintKey) -> Option<i64> {
        self.rows.get(key).map(|row| row.read)
    }

    /// The numbers of the complaint's last event and of the payer's last one.
    pub(super) fn versions(&self, key: &ComplaintKey) -> Option<(i64, i64)> {
        self.rows.get(key).map(|row| (row.version, row.payers))
    }

    /// The numbers of the open ones and of those that are due to be read.
    pub(super) fn counts(&self) -> (u64, u64) {
        let open = self.rows.values().filter(|row| row.urgency() < CLOSED);
        let due = self.rows.values().filter(|row| row.read < row.heard);
        (count(open.count()), count(due.count()))
    }

    /// What changed under a clock that was not set counts from now on.
    pub(super) fn date(&mut self, now: UnixTime) {
        let undated = self.rows.values_mut().filter(|row| row.changed.is_of_unset_clock());
        undated.for_each(|row| row.changed = now);
    }

    /// Those whose last change is older, the oldest first.
    pub(super) fn unchanged_since(&self, before: UnixTime) -> Vec<ComplaintKey> {
        let mut old: Vec<_> = self.rows.iter().filter(|(_, row)| row.changed < before).collect();
        old.sort_by_key(|(key, row)| (row.changed, (*key).clone()));
        old.into_iter().map(|(key, _)| key.clone()).collect()
    }

    pub(super) fn forget(&mut self, gone: &BTreeSet<ComplaintKey>) {
        self.rows.retain(|key, _| !gone.contains(key));
        self.events.retain(|_, event| !gone.contains(&event.complaint));
        self.once.retain(|(key, ..)| !gone.contains(key));
    }
}

fn fits(filter: &Filter, key: &ComplaintKey, row: &Row) -> bool {
    // The text is looked through last.
    let Filter { is_open, channel, merchant, id, due_by, state, product, text: _ } = filter;
    is_open.is_none_or(|is_open| is_open != row.is_closed())
        && channel.as_ref().is_none_or(|channel| *channel == key.channel)
        && merchant.as_ref().is_none_or(|merchant| *merchant == key.merchant)
        && id.as_ref().is_none_or(|id| *id == key.id)
        && due_by.is_none_or(|time| row.urgency() <= time.0.min(MET - 1))
        && (state.is_none() || row.state() == state.as_ref())
        && (product.is_none() || row.product() == product.as_ref())
}

impl State {
    pub(super) fn keep_reading(&mut self, claim: &Claim, reading: Reading, now: UnixTime) -> bool {
        let mut reading = reading.bounded(&claim.key.id);
        let places = std::mem::take(&mut reading.pictures);
        let is_kept = self.complaints.keep_reading(claim, reading, now);
        if is_kept {
            self.pictures.want(&claim.key, places);
        }
        is_kept
    }

    pub(super) fn claim(&mut self, source: &Source, limit: u32, lease_seconds: u32, now: UnixTime) -> Vec<Claim> {
        let due = self.complaints.rows.iter().filter(|(key, row)| key.source() == *source && row.is_claimable(now));
        // The newest number first, and before all one that was never read.
        let place = |(key, row): (&ComplaintKey, &Row)| {
            let newest = Reverse((key.id.chars().count(), key.id.clone()));
            (row.urgency(), row.read_at.is_some(), newest, key.clone())
        };
        let mut due: Vec<_> = due.map(place).collect();
        due.sort();
        due.truncate(rows(limit));
        let mut claims = Vec::new();
        for (.., key) in due {
            let fence = self.next_fence();
            let Some(row) = self.complaints.rows.get_mut(&key) else { continue };
            (row.fence, row.leased) = (fence, lease_end(lease_seconds, now));
            claims.push(Claim {
                key,
                heard: row.heard,
                fence,
                refused: row.refused,
                version: row.version,
                accused: row.accused.clone(),
                document: row.reading.as_ref().map(|reading| reading.document.clone()),
            });
        }
        claims
    }

    pub(super) fn complaint(&self, key: &ComplaintKey) -> Option<ComplaintRecord> {
        let row = self.complaints.rows.get(key)?;
        Some(ComplaintRecord {
            summary: row.summary(key),
            accused: row.accused.clone(),
            document: row.reading.as_ref().map(|reading| reading.document.clone()),
            entries: row.entries.clone(),
            acts: self.acts.of(key),
            pictures: self.pictures.of(key),
            phone_looks: self.people.phone_looks(key),
        })
    }
}
