//! Pictures of complaints.

use std::collections::{BTreeMap, BTreeSet};

use protocol_core::{Personal, UnixTime};

use super::{State, count, lease_end, rows};
use crate::complaint::{ComplaintKey, Source};
use crate::picture::{MAX_PICTURES, Picture, PictureClaim, PictureOutcome, PictureRecord, PictureState};
use crate::reason::Reason;
use crate::rules::{MAX_LEASE_SECONDS, MAX_WAIT_SECONDS, still_holds};

#[derive(Debug, Default)]
pub(super) struct Pictures {
    /// In the order in which they were first seen.
    rows: BTreeMap<i64, Row>,
    last: i64,
}

#[derive(Debug)]
struct Row {
    complaint: ComplaintKey,
    number: u32,
    place: String,
    fence: i64,
    leased: UnixTime,
    later: UnixTime,
    refused: u32,
    reason: Option<Reason>,
    /// The complaint's `read` at the last attempt that failed.
    failed_read: Option<i64>,
    finished_at: Option<UnixTime>,
    content: Option<Personal<Vec<u8>>>,
}

impl Row {
    fn record(&self) -> PictureRecord {
        PictureRecord {
            number: self.number,
            place: self.place.clone(),
            state: PictureState::of(self.finished_at.is_some(), self.content.is_some(), self.reason.is_some()),
            size: self.content.as_ref().map(|content| count(content.expose().len())),
            reason: self.reason.clone(),
            finished_at: self.finished_at,
        }
    }
}

impl Pictures {
    /// Wants the pictures at these places, and ends the waits of those that are wanted: a reading has
    /// fresh links.
    pub(super) fn want(&mut self, complaint: &ComplaintKey, places: Vec<String>) {
        let of_complaint = self.rows.values_mut().filter(|row| row.complaint == *complaint);
        of_complaint.filter(|row| row.finished_at.is_none()).for_each(|row| row.later = UnixTime(0));
        for place in places {
            let known = || self.rows.values().filter(|row| row.complaint == *complaint);
            let is_full = known().count() >= usize::try_from(MAX_PICTURES).unwrap_or(usize::MAX);
            if is_full || known().any(|row| row.place == place) {
                continue;
            }
            let number = known().map(|row| row.number).max().unwrap_or(0).saturating_add(1);
            self.last = self.last.saturating_add(1);
            let row = Row {
                complaint: complaint.clone(),
                number,
                place,
                fence: 0,
                leased: UnixTime(0),
                later: UnixTime(0),
                refused: 0,
                reason: None,
                failed_read: None,
                finished_at: None,
                content: None,
            };
            self.rows.insert(self.last, row);
        }
    }

    pub(super) fn finish(
        &mut self,
        claim: &PictureClaim,
        outcome: PictureOutcome,
        read: Option<i64>,
        now: UnixTime,
    ) -> bool {
        let is_claimed = |row: &&mut Row| {
            row.complaint == claim.complaint
                && row.number == claim.number
                && row.fence == claim.fence
                && row.finished_at.is_none()
        };
        let Some(row) = self.rows.values_mut().find(is_claimed) else { return false };
        row.failed_read = Some(claim.read);
        (row.fence, row.leased, row.later) = (0, UnixTime(0), UnixTime(0));
        (row.reason, row.finished_at, row.content) = match outcome.bounded() {
            PictureOutcome::Kept(content) => (None, Some(now), Some(content)),
            PictureOutcome::GivenUp { reason } => (Some(reason), Some(now), None),
            PictureOutcome::Failed { reason, wait } => {
                let seconds;
                (seconds, row.refused) = wait.after(row.refused);
                // A reading meanwhile has a fresh link: there is no reason to wait.
                row.later = if read > Some(claim.read) { UnixTime(0) } else { now.plus(seconds) };
                (Some(reason), None, None)
            }
        };
        true
    }

    pub(super) fn of(&self, complaint: &ComplaintKey) -> Vec<PictureRecord> {
        let mut records: Vec<_> = self.of_complaint(complaint).map(Row::record).collect();
        records.sort_by_key(|record| record.number);
        records
    }

    pub(super) fn get(&self, complaint: &ComplaintKey, number: u32) -> Option<Picture> {
        let row = self.of_complaint(complaint).find(|row| row.number == number)?;
        Some(Picture { record: row.record(), content: row.content.clone() })
    }

    pub(super) fn wanted(&self) -> u64 {
        count(self.rows.values().filter(|row| row.finished_at.is_none()).count())
    }

    pub(super) fn is_any_of(&self, complaint: &ComplaintKey) -> bool {
        self.of_complaint(complaint).next().is_some()
    }

    /// Removes so many pictures of these complaints, in their order.
    pub(super) fn forget(&mut self, old: &[ComplaintKey], limit: u32) -> u64 {
        let mut gone = BTreeSet::new();
        for key in old {
            let mut of_complaint: Vec<_> = self.rows.iter().filter(|(_, row)| row.complaint == *key).collect();
            of_complaint.sort_by_key(|(_, row)| row.number);
            gone.extend(of_complaint.into_iter().map(|(row, _)| *row).take(rows(limit) - gone.len()));
        }
        self.rows.retain(|row, _| !gone.contains(row));
        count(gone.len())
    }

    fn of_complaint(&self, complaint: &ComplaintKey) -> impl Iterator<Item = &Row> {
        self.rows.values().filter(move |row| row.complaint == *complaint)
    }
}

impl State {
    pub(super) fn claim_pictures(
        &mut self,
        source: &Source,
        limit: u32,
        lease_seconds: u32,
        now: UnixTime,
    ) -> Vec<PictureClaim> {
        let is_due = |row: &Row| {
            row.finished_at.is_none()
                && row.complaint.source() == *source
                && !still_holds(row.leased, MAX_LEASE_SECONDS, now)
                && !still_holds(row.later, MAX_WAIT_SECONDS, now)
        };
        let mut claims = Vec::new();
        for row in self.pictures.rows.values_mut().filter(|row| is_due(row)).take(rows(limit)) {
            self.fence = self.fence.saturating_add(1);
            (row.fence, row.leased) = (self.fence, lease_end(lease_seconds, now));
            claims.push(PictureClaim {
                complaint: row.complaint.clone(),
                number: row.number,
                place: row.place.clone(),
                fence: row.fence,
                refused: row.refused,
                read: self.complaints.read(&row.complaint).unwrap_or(0),
                is_read_since: row.failed_read.is_none_or(|failed| self.complaints.read(&row.complaint) > Some(failed)),
            });
        }
        claims
    }
}
