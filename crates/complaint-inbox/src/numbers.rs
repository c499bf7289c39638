//! Numbers: how many complaints were filed, and how soon the merchant replied and finished.

use std::collections::BTreeMap;

use protocol_core::UnixTime;
use protocol_core::complaint::{FINISH_WITHIN_SECONDS, REPLY_WITHIN_SECONDS};

use crate::day::Day;

/// The complaints that were filed on a day against a merchant of a channel.
///
/// Each is counted as it was read last. One whose time of filing is unknown is counted on no day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayNumbers {
    /// The day of filing.
    pub day: Day,
    /// The channel's name.
    pub channel: String,
    /// The merchant's number, or the application's id.
    pub merchant: String,
    /// Complaints that were filed.
    pub filed: u64,
    /// Those that the merchant has replied to.
    pub replied: u64,
    /// Those that the merchant replied to in less than
    /// [`REPLY_WITHIN_SECONDS`](protocol_core::complaint::REPLY_WITHIN_SECONDS) after the filing.
    pub replied_in_time: u64,
    /// Those of which it is unknown whether the merchant has replied, or when.
    pub reply_unknown: u64,
    /// Those that have been complete once. The payer may have continued them since.
    pub finished: u64,
    /// Those that were complete first in less than
    /// [`FINISH_WITHIN_SECONDS`](protocol_core::complaint::FINISH_WITHIN_SECONDS) after the filing.
    pub finished_in_time: u64,
    /// Those of which it is unknown whether they have been complete, or when.
    pub finish_unknown: u64,
    /// Those that the payer has continued.
    pub repeated: u64,
    /// Those of which a deadline has passed, whatever came after: [`Progress::is_overdue`].
    pub overdue: u64,
}

impl DayNumbers {
    /// The numbers of a day without complaints.
    #[must_use]
    pub fn none(day: Day, channel: &str, merchant: &str) -> Self {
        Self {
            day,
            channel: channel.to_owned(),
            merchant: merchant.to_owned(),
            filed: 0,
            replied: 0,
            replied_in_time: 0,
            reply_unknown: 0,
            finished: 0,
            finished_in_time: 0,
            finish_unknown: 0,
            repeated: 0,
            overdue: 0,
        }
    }
}

/// How far the merchant is with a complaint, for [`DayNumbers`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// The merchant's first reply.
    pub reply: Milestone,
    /// The first completion.
    pub finish: Milestone,
    /// How often the payer filed it: 1, and one more for each continuation.
    pub times: Option<u32>,
    /// Whether a deadline certainly has passed. The store keeps it, and adds the deadlines that it notes
    /// as over.
    pub is_overdue: bool,
}

/// Something that the merchant does, and its time. Exhaustive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Milestone {
    /// It is unknown whether it was done.
    #[default]
    Unknown,
    /// It was not done yet.
    NotYet,
    /// It was done at an unknown time.
    AtSomeTime,
    /// It was done at this time.
    At(UnixTime),
}

impl Milestone {
    /// The number by which a store keeps it; `None` if it is unknown.
    #[cfg(any(feature = "sqlite", test))]
    pub(crate) const fn code(self) -> Option<i64> {
        match self {
            Self::Unknown => None,
            Self::NotYet => Some(0),
            Self::At(time) if time.0 > 0 => Some(time.0),
            Self::At(_) | Self::AtSomeTime => Some(-1),
        }
    }

    /// The milestone that is kept by a number.
    #[cfg(any(feature = "sqlite", test))]
    pub(crate) const fn from_code(code: Option<i64>) -> Self {
        match code {
            None => Self::Unknown,
            Some(0) => Self::NotYet,
            Some(time) if time > 0 => Self::At(UnixTime(time)),
            Some(_) => Self::AtSomeTime,
        }
    }

    /// The numbers of those that were done, done in time, and unknown: of one.
    fn counts(self, filed: UnixTime, within: u32) -> [u64; 3] {
        match self {
            Self::Unknown => [0, 0, 1],
            Self::NotYet => [0, 0, 0],
            Self::AtSomeTime => [1, 0, 1],
            Self::At(time) => [1, u64::from(time < filed.plus(within)), 0],
        }
    }
}

/// Counts complaints by day, channel and merchant.
#[derive(Debug, Default)]
pub(crate) struct Counter(BTreeMap<(Day, String, String), DayNumbers>);

impl Counter {
    pub(crate) fn add(&mut self, filed: UnixTime, channel: &str, merchant: &str, progress: Progress) {
        let day = Day::of(filed);
        let key = (day, channel.to_owned(), merchant.to_owned());
        let numbers = self.0.entry(key).or_insert_with(|| DayNumbers::none(day, channel, merchant));
        let Progress { reply, finish, times, is_overdue } = progress;
        let [replied, replied_in_time, reply_unknown] = reply.counts(filed, REPLY_WITHIN_SECONDS);
        let [finished, finished_in_time, finish_unknown] = finish.counts(filed, FINISH_WITHIN_SECONDS);
        for (number, of_one) in [
            (&mut numbers.filed, 1),
            (&mut numbers.replied, replied),
            (&mut numbers.replied_in_time, replied_in_time),
            (&mut numbers.reply_unknown, reply_unknown),
            (&mut numbers.finished, finished),
            (&mut numbers.finished_in_time, finished_in_time),
            (&mut numbers.finish_unknown, finish_unknown),
            (&mut numbers.repeated, u64::from(times.is_some_and(|times| times > 1))),
            (&mut numbers.overdue, u64::from(is_overdue)),
        ] {
            *number += of_one;
        }
    }

    /// By day, channel and merchant.
    pub(crate) fn finish(self) -> Vec<DayNumbers> {
        self.0.into_values().collect()
    }
}

/// The times of filing from one day to another, both included.
pub(crate) fn span(from: Day, to: Day) -> std::ops::Range<UnixTime> {
    from.begin()..to.min(from.plus(MAX_DAYS - 1)).plus(1).begin()
}

/// Most days of [`numbers`](crate::Store::numbers). A longer span ends after so many.
pub const MAX_DAYS: i64 = 400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_milestone_is_read_as_it_is_kept() {
        use Milestone as M;

        for milestone in [M::Unknown, M::NotYet, M::AtSomeTime, M::At(UnixTime(1))] {
            assert_eq!(M::from_code(milestone.code()), milestone);
        }
        assert_eq!(M::from_code(M::At(UnixTime(0)).code()), M::AtSomeTime, "a time that was never set");
    }
}
