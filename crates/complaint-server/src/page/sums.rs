//! Numbers of some days and merchants together, and what a chart shows of them.

use complaint_inbox::DayNumbers;
use complaint_texts::Language;

/// Numbers of some days and merchants together.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) filed: u64,
    pub(super) replied_in_time: u64,
    pub(super) replied_late: u64,
    pub(super) reply_unknown: u64,
    pub(super) finished_in_time: u64,
    pub(super) finished_late: u64,
    pub(super) finish_unknown: u64,
    pub(super) repeated: u64,
    pub(super) overdue: u64,
}

impl Sums {
    pub(super) fn and(self, more: &DayNumbers) -> Self {
        // Done at an unknown time is counted among the unknown alone.
        let late = |done: u64, in_time: u64, unknown: u64| done.saturating_sub(in_time).saturating_sub(unknown);
        Self {
            filed: self.filed + more.filed,
            replied_in_time: self.replied_in_time + more.replied_in_time,
            replied_late: self.replied_late + late(more.replied, more.replied_in_time, more.reply_unknown),
            reply_unknown: self.reply_unknown + more.reply_unknown,
            finished_in_time: self.finished_in_time + more.finished_in_time,
            finished_late: self.finished_late + late(more.finished, more.finished_in_time, more.finish_unknown),
            finish_unknown: self.finish_unknown + more.finish_unknown,
            repeated: self.repeated + more.repeated,
            overdue: self.overdue + more.overdue,
        }
    }

    pub(super) const fn values(self) -> [u64; 9] {
        let Self { filed, replied_in_time, replied_late, reply_unknown, .. } = self;
        let Self { finished_in_time, finished_late, finish_unknown, repeated, overdue, .. } = self;
        [
            filed,
            replied_in_time,
            replied_late,
            reply_unknown,
            finished_in_time,
            finished_late,
            finish_unknown,
            repeated,
            overdue,
        ]
    }

    pub(super) fn names(language: Language) -> [String; 9] {
        [
            language.text("numbers-filed"),
            language.text("numbers-replied"),
            language.text("numbers-replied-late"),
            language.text("numbers-reply-unknown"),
            language.text("numbers-finished"),
            language.text("numbers-finished-late"),
            language.text("numbers-finish-unknown"),
            language.text("numbers-repeated"),
            language.text("numbers-overdue"),
        ]
    }
}

/// What a chart shows. Shares are in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// Complaints; the part of them is overdue.
    Filed,
    /// The share that was replied to within 24 hours.
    Replied,
    /// The share that was finished within 72 hours.
    Finished,
    /// Complaints; the part of them was repeated.
    Repeated,
}

impl Measure {
    pub(super) const ALL: [Self; 4] = [Self::Filed, Self::Replied, Self::Finished, Self::Repeated];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Replied => "replied",
            Self::Finished => "finished",
            Self::Repeated => "repeated",
        }
    }

    pub(super) const fn is_share(self) -> bool {
        matches!(self, Self::Replied | Self::Finished)
    }

    /// The number and the part of it; `None` for a share of none.
    pub(super) fn of(self, sums: &Sums) -> Option<(u64, Option<u64>)> {
        let share = |part: u64, unknown: u64| {
            let known = sums.filed.saturating_sub(unknown);
            part.saturating_mul(100).checked_div(known).map(|share| (share.min(100), None))
        };
        match self {
            Self::Filed => Some((sums.filed, Some(sums.overdue))),
            Self::Replied => share(sums.replied_in_time, sums.reply_unknown),
            Self::Finished => share(sums.finished_in_time, sums.finish_unknown),
            Self::Repeated => Some((sums.filed, Some(sums.repeated))),
        }
    }

    /// A number of it in words.
    pub(super) fn words(self, number: u64) -> String {
        if self.is_share() { format!("{number}%") } else { number.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use complaint_inbox::Day;

    use super::*;

    #[test]
    fn late_and_unknown_are_apart() {
        let row = DayNumbers {
            day: Day::parse("2025-03-14").unwrap(),
            channel: "wechat-pay".to_owned(),
            merchant: "1".to_owned(),
            filed: 10,
            replied: 7,
            replied_in_time: 4,
            reply_unknown: 2,
            finished: 5,
            finished_in_time: 5,
            finish_unknown: 1,
            repeated: 3,
            overdue: 1,
        };
        assert_eq!(Sums::default().and(&row).values(), [10, 4, 1, 2, 5, 0, 1, 3, 1]);
        assert_eq!(Sums::default().and(&row).and(&row).values(), [20, 8, 2, 4, 10, 0, 2, 6, 2]);
    }
}
