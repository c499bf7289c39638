//! Spans of time as the lists want them: in China's time, at most 30 days each.

use jiff::civil::Date;
use jiff::tz::Offset;
use protocol_core::UnixTime;

const DAY: i64 = 86_400;

/// The longest span asked for. The platform takes 30 days; whether it counts days or hours is not documented.
const LONGEST: i64 = 29 * DAY;

/// How far adjoining spans reach into each other: whether the platform counts a span's ends in is not documented either.
const OVERLAP: i64 = 60;

/// China's time, all year round.
const fn china() -> Offset {
    Offset::constant(8)
}

/// A moment as the lists want it: `yyyy-MM-dd HH:mm:ss` in China; the last one there is for times that no calendar has.
pub(crate) fn moment(time: UnixTime) -> String {
    let time = jiff::Timestamp::from_second(time.0).unwrap_or(jiff::Timestamp::MAX);
    china().to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The first second of the first day and the last second of the last one; `None` for texts that are no days.
pub(crate) fn of_days(first_day: &str, last_day: &str) -> Option<(UnixTime, UnixTime)> {
    let midnight = |day: &str| {
        let day: Date = day.parse().ok()?;
        china().to_timestamp(day.at(0, 0, 0, 0)).ok().map(|time| time.as_second())
    };
    Some((UnixTime(midnight(first_day)?), UnixTime(midnight(last_day)? + DAY - 1)))
}

/// A span in pieces that can be asked for, oldest first.
pub(crate) fn pieces(begin: UnixTime, end: UnixTime) -> Vec<(UnixTime, UnixTime)> {
    let mut pieces = Vec::new();
    let mut from = begin.0;
    while end.0.saturating_sub(from) > LONGEST {
        pieces.push((UnixTime(from), UnixTime(from + LONGEST)));
        from += LONGEST - OVERLAP;
    }
    pieces.push((UnixTime(from), end));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: UnixTime = UnixTime(1_741_936_166);

    #[test]
    fn moments_are_chinas() {
        assert_eq!(moment(T), "2025-03-14 15:09:26");
        assert_eq!(moment(UnixTime(i64::MAX)).len(), "9999-12-31 07:59:59".len());
    }

    #[test]
    fn days_include_their_last_second() {
        let (begin, end) = of_days("2025-03-14", "2025-03-15").unwrap();
        assert_eq!((moment(begin).as_str(), moment(end).as_str()), ("2025-03-14 00:00:00", "2025-03-15 23:59:59"));
        assert_eq!(of_days("2025-02-30", "2025-03-15"), None);
    }

    #[test]
    fn pieces_cover_the_span_and_reach_into_each_other() {
        assert_eq!(pieces(T, UnixTime(T.0 + LONGEST)).len(), 1);
        for days in [30, 31, 58, 90, 400] {
            let end = UnixTime(T.0 + days * DAY);
            let pieces = pieces(T, end);
            assert!(pieces.len() > 1 && pieces[0].0 == T && pieces[pieces.len() - 1].1 == end);
            assert!(pieces.iter().all(|(from, to)| to.0 - from.0 <= LONGEST && from < to));
            assert!(pieces.windows(2).all(|pair| pair[1].0.0 == pair[0].1.0 - OVERLAP));
        }
    }
}
