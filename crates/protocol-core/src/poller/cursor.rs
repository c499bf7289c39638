//! The record of what a poller has handed out: saved, and continued from.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::complaint::{Complaint, ComplaintState, NegotiationRecord};
use crate::time::UnixTime;

/// The form that this version writes and reads.
const VERSION: u32 = 1;

/// The furthest look-back of a poller, in days. No platform documents how far back its list reaches:
/// this bound keeps a first round to seven requests where it finds nothing.
pub const LOOK_BACK_DAYS: u32 = 180;

/// The lists of a round begin no further back, in seconds: a day more, so that a cursor over the
/// whole look-back loses nothing before its first round.
const LOOK_BACK: i64 = (LOOK_BACK_DAYS as i64 + 1) * DAY;

const DAY: i64 = 86_400;

/// The largest step back of a clock for which its earlier time is still trusted, in seconds. At
/// most the shortest horizon.
const CLOCK_TOLERANCE: i64 = 3600;

/// The record of what a poller has handed out so far. Save it with `serde`, in any format; only the
/// poller reads its content.
///
/// It holds the instant up to which everything was read, and for each complaint within the horizon
/// its number, its state when its history was last read to the end, and the ids of the entries
/// handed out. It takes about 200 bytes a complaint and 30 an entry, and holds no personal data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    #[serde(deserialize_with = "version")]
    version: u32,
    /// Complaints filed before are not new.
    since: i64,
    /// Complaints filed before may have been forgotten: unknown ones are not new, nor are their
    /// entries until `read_until`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    forgotten: Option<i64>,
    /// Complaints filed before may have been missed: the lists did not reach back to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clamped: Option<i64>,
    /// The time when the last round that was read to its end began.
    read_until: i64,
    complaints: BTreeMap<String, Known>,
}

/// A complaint within the horizon.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    /// The time when it was filed or, if that is unknown, first met.
    filed: i64,
    /// The time when the last round that met it began.
    met: i64,
    /// Entries written before are not new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<i64>,
    /// The last time that its history was handed out to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    read: Option<Read>,
    /// Entries handed out.
    entries: BTreeSet<String>,
}

impl Known {
    /// Forgets times in the future. A history that was read then is read again, and watched from
    /// then on.
    fn take_back(&mut self, now: i64, earliest: i64) {
        self.filed = self.filed.min(now);
        self.met = self.met.min(now);
        if self.after.is_some_and(|after| after > now) {
            self.after = self.after.min(Some(earliest));
        }
        if let Some(read) = self.read.as_mut().filter(|read| read.at > now) {
            read.since = read.since.min(now);
            read.at = read.since;
        }
    }
}

/// A history that was handed out to its end.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Read {
    /// The complaint's state.
    standing: Standing,
    /// The time since when it has had this state without a new entry.
    since: i64,
    /// The time when the round that read it began.
    at: i64,
}

impl Read {
    /// Whether the complaint had been unchanged for so long before its history was read that no
    /// more entries are expected. The present does not count: entries written since the last
    /// reading were never read.
    const fn is_quiet(&self, watch: i64) -> bool {
        self.at.saturating_sub(self.since) >= watch
    }
}

/// The state of a complaint, as far as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Standing {
    state: Option<String>,
    waits: Option<bool>,
    times: Option<i64>,
    refunded: Option<bool>,
}

impl Standing {
    fn of(complaint: &Complaint) -> Self {
        Self {
            state: complaint.complaint_state.as_ref().map(|state| state.as_str().to_owned()),
            waits: complaint.incoming_user_response,
            times: complaint.user_complaint_times,
            refunded: complaint.complaint_full_refunded,
        }
    }
}

/// The next work on a complaint of a list.
pub(super) struct Due {
    /// Whether to hand it out.
    pub(super) is_new: bool,
    /// Its state, if its history is to be read.
    pub(super) history: Option<Standing>,
}

/// The next work on an entry of a history.
pub(super) enum Entry {
    New,
    /// Written before the poller's time.
    Old,
    Known,
}

fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        VERSION => Ok(VERSION),
        _ => Err(D::Error::custom("a cursor of another version")),
    }
}

/// Shows counts only.
impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor")
            .field("read_until", &self.read_until)
            .field("complaints", &self.complaints.len())
            .finish_non_exhaustive()
    }
}

impl Cursor {
    /// A cursor without history: complaints filed and entries written at `time` or later are new.
    ///
    /// The lists reach back [`LOOK_BACK_DAYS`] at most. If `time` is further back, the first round
    /// leaves out what was filed before, and [`clamped_to`](Self::clamped_to) says so.
    #[must_use]
    pub const fn since(time: UnixTime) -> Self {
        let complaints = BTreeMap::new();
        Self { version: VERSION, since: time.0, forgotten: None, clamped: None, read_until: time.0, complaints }
    }

    /// A cursor over the last days: 1 to [`LOOK_BACK_DAYS`]; values beyond are clamped, and
    /// [`clamped_to`](Self::clamped_to) says so.
    ///
    /// ```
    /// use protocol_core::UnixTime;
    /// use protocol_core::poller::Cursor;
    ///
    /// let now = UnixTime(1_741_936_166);
    /// assert_eq!(Cursor::last_days(7, now), Cursor::since(UnixTime(now.0 - 7 * 86_400)));
    /// assert_eq!(Cursor::last_days(7, now).clamped_to(), None);
    /// let clamped = Cursor::last_days(365, now);
    /// assert_eq!(clamped.clamped_to(), Some(UnixTime(now.0 - 180 * 86_400)));
    /// ```
    #[must_use]
    pub fn last_days(days: u32, now: UnixTime) -> Self {
        let taken = days.clamp(1, LOOK_BACK_DAYS);
        let mut cursor = Self::since(UnixTime(now.0.saturating_sub(i64::from(taken) * DAY)));
        cursor.clamped = (days > taken).then_some(cursor.since);
        cursor
    }

    /// The time before which complaints may have been missed, because the lists do not reach back
    /// further than [`LOOK_BACK_DAYS`]: the cursor began earlier, or a pause was longer. `None`: no
    /// round left anything out. It is told after the step that begins the round.
    #[must_use]
    pub fn clamped_to(&self) -> Option<UnixTime> {
        self.clamped.map(UnixTime)
    }

    /// The instant up to which everything was read.
    #[must_use]
    pub const fn read_until(&self) -> UnixTime {
        UnixTime(self.read_until)
    }

    /// Complaints remembered.
    pub(super) fn len(&self) -> usize {
        self.complaints.len()
    }

    /// A round begins at `began`. If the last complete round is more than an hour in the future,
    /// the cursor is rewound to now: some items may be delivered twice. A clock that was never set
    /// rewinds nothing. Returns the time from which to list, at most [`LOOK_BACK`] before.
    pub(super) fn round_begins(&mut self, began: UnixTime, horizon: i64) -> UnixTime {
        let earliest = began.0.saturating_sub(LOOK_BACK);
        let read_until = self.read_until.min(began.0);
        // Complaints filed before `since` are not new, and those before `read_until` were listed.
        if read_until.max(self.since) < earliest {
            self.clamped = Some(earliest);
        }
        let from = read_until.saturating_sub(horizon).max(earliest).max(0);
        if began.0.saturating_add(CLOCK_TOLERANCE) < self.read_until && !began.is_of_unset_clock() {
            self.read_until = began.0;
            self.forgotten = self.forgotten.map(|forgotten| forgotten.min(from));
            self.clamped = self.clamped.map(|clamped| if clamped > began.0 { from } else { clamped });
            let earliest = self.since.max(from);
            self.complaints.values_mut().for_each(|known| known.take_back(began.0, earliest));
        }
        UnixTime(from)
    }

    /// Meets a complaint of a list, in the round that began at `round`. A history is read if it
    /// may have grown: the complaint is not closed, or its state differs from that when the history
    /// was last read, or the last reading was less than `watch` seconds after the state changed.
    pub(super) fn meet(&mut self, complaint: &Complaint, round: UnixTime, watch: i64) -> Due {
        let filed = complaint.complaint_time.as_ref().and_then(|time| time.to_unix()).map(|time| time.0);
        let standing = Standing::of(complaint);
        let is_before = |bound: i64| filed.is_some_and(|filed| filed < bound);
        let Some(known) = self.complaints.get_mut(&complaint.complaint_id) else {
            let after = if self.forgotten.is_some_and(is_before) {
                Some(self.read_until)
            } else {
                is_before(self.since).then_some(self.since)
            };
            // A new one is known once it was handed out.
            if after.is_some() {
                let known = Known { filed: filed.unwrap_or(round.0), met: round.0, after, ..Known::default() };
                self.complaints.insert(complaint.complaint_id.clone(), known);
            }
            return Due { is_new: after.is_none(), history: Some(standing) };
        };
        known.met = round.0;
        // An unreadable member may have changed.
        let is_readable = complaint.misfits().is_empty();
        let is_closed = complaint.complaint_state == Some(ComplaintState::Processed);
        let is_quiet = known.read.as_ref().is_some_and(|read| read.standing == standing && read.is_quiet(watch));
        Due { is_new: false, history: (!is_closed || !is_quiet || !is_readable).then_some(standing) }
    }

    /// A complaint was handed out.
    pub(super) fn hand_out(&mut self, complaint: &Complaint, round: UnixTime) {
        let filed = complaint.complaint_time.as_ref().and_then(|time| time.to_unix()).unwrap_or(round);
        let known = Known { filed: filed.0, met: round.0, ..Known::default() };
        self.complaints.entry(complaint.complaint_id.clone()).or_insert(known);
    }

    /// The work on an entry.
    pub(super) fn entry(&self, complaint_id: &str, record: &NegotiationRecord) -> Entry {
        let Some(known) = self.complaints.get(complaint_id) else { return Entry::New };
        if known.entries.contains(&record.log_id) {
            return Entry::Known;
        }
        let written = record.operate_time.as_ref().and_then(|time| time.to_unix());
        match (written, known.after) {
            (Some(written), Some(after)) if written.0 < after => Entry::Old,
            _ => Entry::New,
        }
    }

    /// An entry was handed out.
    pub(super) fn hand_out_entry(&mut self, complaint_id: &str, log_id: &str) {
        if let Some(known) = self.complaints.get_mut(complaint_id) {
            known.entries.insert(log_id.to_owned());
        }
    }

    /// All of a history was handed out; `last` is the time of its last entry. The complaint has had
    /// its present state since then, or since this round if it was seen to change.
    pub(super) fn history_read(
        &mut self,
        complaint_id: &str,
        standing: Standing,
        last: Option<UnixTime>,
        round: UnixTime,
    ) {
        let Some(known) = self.complaints.get_mut(complaint_id) else { return };
        let last = last.unwrap_or(round).0;
        let since = match known.read.take() {
            None => last,
            Some(read) if read.standing == standing => read.since.max(last),
            Some(_) => last.max(round.0),
        };
        known.read = Some(Read { standing, since, at: round.0 });
    }

    /// A round was read to its end. Complaints filed before its first list, and missing from all
    /// lists, are forgotten.
    pub(super) fn round_read(&mut self, from: UnixTime, began: UnixTime) {
        self.read_until = self.read_until.max(began.0);
        self.forgotten = self.forgotten.max((from.0 > self.since).then_some(from.0));
        self.complaints.retain(|_, known| known.filed >= from.0 || known.met >= began.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::FIRST_OF_SET_CLOCK;

    const NOW: UnixTime = UnixTime(1_741_936_166);
    const HORIZON: i64 = 30 * DAY;

    fn ago(seconds: i64) -> UnixTime {
        UnixTime(NOW.0 - seconds)
    }

    #[test]
    fn a_round_reaches_back_one_horizon_and_the_look_back_at_most() {
        for (since, from, clamped) in [
            (ago(0), ago(HORIZON), None),
            (ago(LOOK_BACK - HORIZON), ago(LOOK_BACK), None),
            (ago(LOOK_BACK - HORIZON + 1), ago(LOOK_BACK), None),
            (ago(LOOK_BACK), ago(LOOK_BACK), None),
            (ago(LOOK_BACK + 1), ago(LOOK_BACK), Some(ago(LOOK_BACK))),
            (UnixTime(0), ago(LOOK_BACK), Some(ago(LOOK_BACK))),
            (UnixTime(i64::MIN), ago(LOOK_BACK), Some(ago(LOOK_BACK))),
        ] {
            let mut cursor = Cursor::since(since);
            assert_eq!(cursor.round_begins(NOW, HORIZON), from, "{since}");
            assert_eq!(cursor.clamped_to(), clamped, "{since}");
        }
    }

    #[test]
    fn the_last_days_are_one_to_the_look_back() {
        let most = LOOK_BACK_DAYS;
        for (days, taken) in [(0, 1), (1, 1), (most, most), (most + 1, most), (u32::MAX, most)] {
            let cursor = Cursor::last_days(days, NOW);
            let since = ago(i64::from(taken) * DAY);
            assert_eq!(cursor.read_until(), since);
            assert_eq!(cursor.clamped_to(), (days > most).then_some(since));
        }
    }

    #[test]
    fn a_clock_that_was_ahead_leaves_nothing_of_the_future_told() {
        let mut cursor = Cursor::since(ago(DAY));
        let ahead = UnixTime(NOW.0 + 400 * DAY);
        let from = cursor.round_begins(ahead, HORIZON);
        cursor.round_read(from, ahead);
        assert_eq!(cursor.clamped_to(), Some(from));
        let from = cursor.round_begins(NOW, HORIZON);
        assert_eq!((from, cursor.clamped_to()), (ago(HORIZON), Some(from)));
    }

    #[test]
    fn a_clock_that_was_never_set_changes_nothing() {
        let mut cursor = Cursor::since(ago(DAY));
        let from = cursor.round_begins(NOW, HORIZON);
        cursor.round_read(from, NOW);
        let before = cursor.clone();
        for unset in [UnixTime(0), UnixTime(FIRST_OF_SET_CLOCK.0 - 1)] {
            let from = cursor.round_begins(unset, HORIZON);
            cursor.round_read(from, unset);
            assert_eq!(cursor, before);
        }
        assert_eq!(cursor.round_begins(NOW, HORIZON), ago(HORIZON));
        // A clock that was set back is believed.
        cursor.round_begins(FIRST_OF_SET_CLOCK, HORIZON);
        assert_eq!(cursor.read_until(), FIRST_OF_SET_CLOCK);
    }

    #[test]
    fn a_pause_beyond_the_look_back_is_told_and_stays_told() {
        let mut cursor = Cursor::since(ago(400 * DAY));
        let long_ago = ago(LOOK_BACK + 1);
        let from = cursor.round_begins(long_ago, HORIZON);
        cursor.round_read(from, long_ago);
        let first = cursor.clamped_to();
        assert_eq!(first, Some(UnixTime(long_ago.0 - LOOK_BACK)));
        let from = cursor.round_begins(NOW, HORIZON);
        assert_eq!((from, cursor.clamped_to()), (ago(LOOK_BACK), Some(ago(LOOK_BACK))));
        cursor.round_read(from, NOW);
        assert_eq!(cursor.round_begins(NOW, HORIZON), ago(HORIZON));
        let saved: Cursor = serde_json::from_str(&serde_json::to_string(&cursor).unwrap()).unwrap();
        assert_eq!((saved.clamped_to(), saved == cursor), (Some(ago(LOOK_BACK)), true));
    }
}
