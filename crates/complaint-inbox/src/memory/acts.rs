//! Acts.

use std::collections::{BTreeMap, BTreeSet};

use protocol_core::UnixTime;
use protocol_core::call::ActState;

use super::{State, count, lease_end, rows};
use crate::act::{ActClaim, ActOutcome, ActRecord, ActStage, Ask, Asked, finished};
use crate::complaint::{ComplaintKey, Source};
use crate::reason::Reason;
use crate::rules::{MAX_LEASE_SECONDS, MAX_WAIT_SECONDS, Wait, still_holds};

#[derive(Debug, Default)]
pub(super) struct Acts {
    /// In the order in which they were asked for.
    rows: BTreeMap<i64, Row>,
    last: i64,
}

#[derive(Debug)]
struct Row {
    record: ActRecord,
    fence: i64,
    leased: UnixTime,
    later: UnixTime,
    refused: u32,
}

impl Row {
    fn is_in_hand(&self) -> bool {
        !self.record.stage.is_finished()
    }

    fn is_of(&self, complaint: &ComplaintKey) -> bool {
        self.record.ask.complaint == *complaint
    }
}

impl Acts {
    /// The row that a claim holds.
    fn claimed(&mut self, claim: &ActClaim) -> Option<&mut Row> {
        self.rows.values_mut().find(|row| row.record.ask.key == claim.record.ask.key && row.fence == claim.fence)
    }

    pub(super) fn keep(
        &mut self,
        claim: &ActClaim,
        kept: Option<&ActState>,
        lease_seconds: u32,
        now: UnixTime,
    ) -> bool {
        let Some(row) = self.claimed(claim) else { return false };
        row.record.state = kept.cloned();
        row.record.stage = if kept.is_some() { ActStage::Sending } else { ActStage::Asked };
        row.leased = lease_end(lease_seconds, now);
        true
    }

    pub(super) fn put_back(&mut self, claim: &ActClaim, wait: Wait, now: UnixTime) -> bool {
        let Some(row) = self.claimed(claim) else { return false };
        let (seconds, refused) = wait.after(row.refused);
        (row.fence, row.leased, row.later, row.refused) = (0, UnixTime(0), now.plus(seconds), refused);
        true
    }

    pub(super) fn get(&self, key: &str) -> Option<ActRecord> {
        self.rows.values().find(|row| row.record.ask.key == key).map(|row| row.record.clone())
    }

    pub(super) fn of(&self, complaint: &ComplaintKey) -> Vec<ActRecord> {
        self.rows.values().filter(|row| row.is_of(complaint)).map(|row| row.record.clone()).collect()
    }

    pub(super) fn in_hand(&self) -> u64 {
        count(self.rows.values().filter(|row| row.is_in_hand()).count())
    }

    /// Whether an act that was asked for since then keeps the complaint.
    pub(super) fn hold(&self, complaint: &ComplaintKey, since: UnixTime) -> bool {
        let holds = |row: &Row| row.is_of(complaint) && row.is_in_hand() && row.record.asked_at >= since;
        self.rows.values().any(holds)
    }

    pub(super) fn forget(&mut self, gone: &BTreeSet<ComplaintKey>) {
        self.rows.retain(|_, row| !gone.contains(&row.record.ask.complaint));
    }
}

impl State {
    pub(super) fn ask(&mut self, ask: Ask, now: UnixTime) -> Asked {
        if let Some(record) = self.acts.get(&ask.key) {
            let is_same = record.ask.complaint == ask.complaint && record.ask.act == ask.act;
            return if is_same { Asked::Same(record) } else { Asked::OtherContent };
        }
        let Some((version, payers)) = self.complaints.versions(&ask.complaint) else { return Asked::UnknownComplaint };
        if ask.seen < payers || ask.seen > self.complaints.newest_event() {
            return Asked::Stale { version };
        }
        let is_other =
            |row: &&Row| row.is_in_hand() && row.is_of(&ask.complaint) && row.record.ask.act.kind() == ask.act.kind();
        if let Some(other) = self.acts.rows.values().find(is_other) {
            return Asked::InHand { key: other.record.ask.key.clone() };
        }
        let stage = ActStage::Asked;
        let record = ActRecord { ask, asked_at: now, stage, state: None, finished_at: None, reason: None };
        let row = Row { record: record.clone(), fence: 0, leased: UnixTime(0), later: UnixTime(0), refused: 0 };
        self.acts.last = self.acts.last.saturating_add(1);
        self.acts.rows.insert(self.acts.last, row);
        Asked::New(record)
    }

    pub(super) fn claim_acts(
        &mut self,
        source: &Source,
        limit: u32,
        lease_seconds: u32,
        now: UnixTime,
    ) -> Vec<ActClaim> {
        let mut waiting = BTreeSet::new();
        let mut free = Vec::new();
        for (number, row) in self.acts.rows.iter().filter(|(_, row)| row.is_in_hand()) {
            let is_oldest = waiting.insert(&row.record.ask.complaint);
            let is_free =
                !still_holds(row.leased, MAX_LEASE_SECONDS, now) && !still_holds(row.later, MAX_WAIT_SECONDS, now);
            if is_oldest && is_free && row.record.ask.complaint.source() == *source {
                free.push(*number);
            }
        }
        let mut claims = Vec::new();
        for number in free.into_iter().take(rows(limit)) {
            let fence = self.next_fence();
            let Some(row) = self.acts.rows.get_mut(&number) else { continue };
            (row.fence, row.leased) = (fence, lease_end(lease_seconds, now));
            claims.push(ActClaim { record: row.record.clone(), fence, refused: row.refused });
        }
        claims
    }

    pub(super) fn finish_act(
        &mut self,
        claim: &ActClaim,
        outcome: ActOutcome,
        reason: Option<&Reason>,
        now: UnixTime,
    ) -> bool {
        let Some(row) = self.acts.claimed(claim) else { return false };
        row.fence = 0;
        row.record.stage = outcome.stage();
        (row.record.finished_at, row.record.reason) = (Some(now), reason.cloned());
        let ask = row.record.ask.clone();
        self.complaints.hear(&ask.complaint, None, now);
        self.complaints.write_events(&ask.complaint, vec![finished(&ask, outcome)], now);
        true
    }
}
