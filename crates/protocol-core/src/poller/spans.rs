//! Spans of time in the form of the lists: in China's time, at most 30 days each.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::time::UnixTime;

/// The longest span that is requested. The platforms take 30 days; whether they count days or hours
/// is not documented.
const LONGEST: i64 = 29 * 86_400;

/// The overlap of adjoining spans: whether a platform includes a span's ends is not documented.
const OVERLAP: i64 = 60;

/// China's time, all year round.
pub(crate) const fn china() -> Offset {
    Offset::constant(8)
}

/// A time in China. A time beyond the calendar becomes its last one.
pub(crate) fn in_china(time: UnixTime) -> DateTime {
    china().to_datetime(Timestamp::from_second(time.0).unwrap_or(Timestamp::MAX))
}

/// A span in pieces that can be requested, oldest first.
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

/// The same pieces as days in China, `YYYY-MM-DD`: the first and the last of each.
#[cfg(any(feature = "wechat-pay", feature = "virtual-payment"))]
pub(crate) fn pieces_in_days(begin: UnixTime, end: UnixTime) -> impl Iterator<Item = (String, String)> {
    let day = |time| in_china(time).date().to_string();
    pieces(begin, end).into_iter().map(move |(begin, end)| (day(begin), day(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: UnixTime = UnixTime(1_741_936_166);
    const DAY: i64 = 86_400;

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

    #[cfg(any(feature = "wechat-pay", feature = "virtual-payment"))]
    #[test]
    fn days_are_chinas() {
        // 15:59:59 and 16:00:00 UTC: midnight in China lies between them.
        let midnight = UnixTime(1_741_881_600);
        let days = |begin, end| pieces_in_days(begin, end).collect::<Vec<_>>();
        let text = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        assert_eq!(days(UnixTime(midnight.0 - 1), midnight), [text("2025-03-13", "2025-03-14")]);
        assert_eq!(days(midnight, T), [text("2025-03-14", "2025-03-14")]);
        let long = days(UnixTime(T.0 - 30 * DAY), T);
        assert_eq!(long, [text("2025-02-12", "2025-03-13"), text("2025-03-13", "2025-03-14")]);
    }
}
