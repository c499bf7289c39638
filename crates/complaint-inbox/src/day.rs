//! Days in China.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::Offset;
use protocol_core::UnixTime;

/// A day in China, whose time has no summer time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(i64);

impl Day {
    /// The day of a time.
    #[must_use]
    pub const fn of(time: UnixTime) -> Self {
        Self(time.0.saturating_add(AHEAD_SECONDS).div_euclid(SECONDS))
    }

    /// Reads `yyyy-mm-dd`; `None` for another text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let date = Date::strptime("%Y-%m-%d", text).ok()?;
        let begin = Offset::UTC.to_timestamp(date.to_datetime(jiff::civil::Time::midnight())).ok()?;
        let day = Self(begin.as_second().div_euclid(SECONDS));
        (day.to_string() == text).then_some(day)
    }

    /// Its first second.
    #[must_use]
    pub const fn begin(self) -> UnixTime {
        UnixTime(self.0.saturating_mul(SECONDS).saturating_sub(AHEAD_SECONDS))
    }

    /// The day so many days later, or earlier.
    #[must_use]
    pub const fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }
}

/// `yyyy-mm-dd`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0.saturating_mul(SECONDS)) {
            Ok(begin) => write!(f, "{}", Offset::UTC.to_datetime(begin).date()),
            Err(_) => write!(f, "day {}", self.0),
        }
    }
}

const SECONDS: i64 = 86_400;

/// China is 8 hours ahead of UTC.
const AHEAD_SECONDS: i64 = 8 * 3600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_china() {
        let day = Day::parse("2025-03-14").unwrap();
        assert_eq!(day.begin(), UnixTime(1_741_881_600));
        for (seconds, text) in [(-1, "2025-03-13"), (0, "2025-03-14"), (86_399, "2025-03-14"), (86_400, "2025-03-15")] {
            assert_eq!(Day::of(UnixTime(day.begin().0 + seconds)).to_string(), text);
        }
        assert_eq!(day.plus(-14).to_string(), "2025-02-28");
        assert_eq!(Day::of(UnixTime(-28_801)).to_string(), "1969-12-31");
        assert_eq!(Day::of(UnixTime(i64::MAX)).to_string(), "day 106751991167300");
    }

    #[test]
    fn another_text_is_no_day() {
        for text in ["", "2025-02-29", "2025-3-14", "2025-03-14T00:00:00", "20250314", "99999-01-01"] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }
}
