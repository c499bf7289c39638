//! Events on their way to endpoints.

use std::collections::{BTreeMap, BTreeSet};

use protocol_core::UnixTime;

use super::complaints::Complaints;
use super::{State, count, lease_end, rows};
use crate::handover::{Handover, HandoverOutcome, Replay, StartAt};
use crate::rules::{MAX_LEASE_SECONDS, MAX_WAIT_SECONDS, latest_end, still_holds};

#[derive(Debug, Default)]
pub(super) struct Endpoints(BTreeMap<String, Endpoint>);

#[derive(Debug)]
struct Endpoint {
    /// The number of the last event that has a row, or had one.
    position: i64,
    /// Events that are not delivered, by number.
    rows: BTreeMap<i64, Row>,
}

#[derive(Debug, Default)]
struct Row {
    fence: i64,
    leased: Option<UnixTime>,
    later: Option<UnixTime>,
    failed: u32,
    is_dead: bool,
}

impl Endpoints {
    pub(super) fn open(&mut self, name: &str, start: StartAt, newest: i64) {
        let position = if start == StartAt::Oldest { 0 } else { newest };
        self.0.entry(name.to_owned()).or_insert_with(|| Endpoint { position, rows: BTreeMap::new() });
    }

    pub(super) fn close(&mut self, name: &str) -> bool {
        self.0.remove(name).is_some()
    }

    pub(super) fn finish(&mut self, handover: &Handover, outcome: HandoverOutcome, now: UnixTime) -> bool {
        let Some(endpoint) = self.0.get_mut(&handover.endpoint) else { return false };
        let row = endpoint.rows.get_mut(&handover.event.number);
        let Some(row) = row.filter(|row| row.fence == handover.fence) else { return false };
        (row.fence, row.leased) = (0, None);
        match outcome {
            HandoverOutcome::Delivered => drop(endpoint.rows.remove(&handover.event.number)),
            HandoverOutcome::Failed(wait) => {
                row.later = Some(now.plus(wait.after(row.failed).0));
                row.failed = row.failed.saturating_add(1);
            }
            HandoverOutcome::Dead => row.is_dead = true,
        }
        true
    }

    pub(super) fn replay(&mut self, endpoint: &str, replay: Replay, complaints: &Complaints) -> u64 {
        let Some(endpoint) = self.0.get_mut(endpoint) else { return 0 };
        match replay {
            Replay::Dead => {
                let dead = endpoint.rows.values_mut().filter(|row| row.is_dead);
                count(dead.map(|row| *row = Row::default()).count())
            }
            Replay::After(number) => {
                let again = complaints.events_between(number, endpoint.position);
                count(again.map(|number| endpoint.rows.insert(number, Row::default())).count())
            }
        }
    }

    /// The numbers of events that are pending and dead.
    pub(super) fn counts(&self, complaints: &Complaints) -> (u64, u64) {
        let mut counts = (0, 0);
        for endpoint in self.0.values() {
            let dead = endpoint.rows.values().filter(|row| row.is_dead).count();
            let new = complaints.events_between(endpoint.position, i64::MAX).count();
            counts.0 += count(endpoint.rows.len() - dead + new);
            counts.1 += count(dead);
        }
        counts
    }

    pub(super) fn forget(&mut self, complaints: &Complaints) {
        for endpoint in self.0.values_mut() {
            endpoint.rows.retain(|number, _| complaints.event(*number).is_some());
        }
    }
}

impl State {
    pub(super) fn claim_handovers(
        &mut self,
        name: &str,
        limit: u32,
        lease_seconds: u32,
        now: UnixTime,
    ) -> Vec<Handover> {
        let Some(endpoint) = self.endpoints.0.get_mut(name) else { return Vec::new() };
        let new: Vec<i64> = self.complaints.events_between(endpoint.position, i64::MAX).take(rows(limit)).collect();
        for number in new {
            endpoint.position = number;
            endpoint.rows.insert(number, Row::default());
        }
        let (mut waiting, mut due) = (BTreeSet::new(), Vec::new());
        for (number, row) in &mut endpoint.rows {
            row.leased = row.leased.filter(|until| still_holds(*until, MAX_LEASE_SECONDS, now));
            let Some(event) = self.complaints.event(*number).filter(|_| !row.is_dead) else { continue };
            if !waiting.insert(&event.complaint) || row.leased.is_some() {
                continue;
            }
            row.later = row.later.filter(|until| *until <= latest_end(MAX_WAIT_SECONDS, now));
            if row.later.is_none_or(|until| until <= now) {
                due.push((row.later, *number));
            }
        }
        // Those that have waited longest, in their order.
        due.sort_unstable();
        let mut due: Vec<i64> = due.into_iter().take(rows(limit)).map(|(_, number)| number).collect();
        due.sort_unstable();
        let mut handovers = Vec::new();
        for number in due {
            let (Some(row), Some(event)) = (endpoint.rows.get_mut(&number), self.complaints.event(number)) else {
                continue;
            };
            self.fence = self.fence.saturating_add(1);
            (row.fence, row.leased) = (self.fence, Some(lease_end(lease_seconds, now)));
            let (endpoint, event) = (name.to_owned(), event.clone());
            handovers.push(Handover { endpoint, event, failed: row.failed, fence: row.fence });
        }
        handovers
    }
}
