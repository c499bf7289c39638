//! Spans of time in the form of the lists: in China's time, at most 30 days each.

use crate::allinpay::WxComplaintList;
use crate::time::UnixTime;
use jiff::civil::Date;
use jiff::tz::Offset;

/// The largest page the platform advises.
pub(super) const PAGE: u32 = 20;

/// Most days from the first one to the last, as the channels' trait has it.
const MAX_DAYS: i64 = 30;

const DAY: i64 = 86_400;

/// The longest span that is requested. The platform takes 30 days; whether it counts days or hours
/// is not documented.
const LONGEST: i64 = 29 * DAY;

/// The overlap of adjoining spans: whether the platform includes a span's ends is not documented.
const OVERLAP: i64 = 60;

/// The lists of complaints filed from one day to another, both included, `YYYY-MM-DD` in China: at
/// most 30 days each. A span that is invalid or too long becomes one list, whose request cannot be
/// built.
#[must_use]
pub fn lists_of_days(first_day: &str, last_day: &str, whole_group: bool) -> Vec<WxComplaintList> {
    let fits = |&(begin, end): &(UnixTime, UnixTime)| (0..(MAX_DAYS + 1) * DAY).contains(&(end.0 - begin.0));
    match of_days(first_day, last_day).filter(fits) {
        Some((begin, end)) => lists_between(begin, end, PAGE, whole_group),
        None => vec![list(format!("{first_day} 00:00:00"), format!("{last_day} 23:59:59"), PAGE, whole_group)],
    }
}

/// The lists of a span of any length.
pub(super) fn lists_between(begin: UnixTime, end: UnixTime, page_size: u32, whole_group: bool) -> Vec<WxComplaintList> {
    let list = |(begin, end)| list(moment(begin), moment(end), page_size, whole_group);
    pieces(begin, end).into_iter().map(list).collect()
}

fn list(begindate: String, enddate: String, page_size: u32, whole_group: bool) -> WxComplaintList {
    WxComplaintList::new(begindate, enddate).with_page_size(page_size).with_groupall(whole_group)
}

/// China's time, all year round.
const fn china() -> Offset {
    Offset::constant(8)
}

/// A moment in the form of the lists: `yyyy-MM-dd HH:mm:ss` in China. A time beyond the calendar
/// becomes its last one.
fn moment(time: UnixTime) -> String {
    let time = jiff::Timestamp::from_second(time.0).unwrap_or(jiff::Timestamp::MAX);
    china().to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The first second of the first day and the last second of the last one; `None` if a text is no
/// day.
fn of_days(first_day: &str, last_day: &str) -> Option<(UnixTime, UnixTime)> {
    let midnight = |day: &str| {
        let day: Date = day.parse().ok()?;
        china().to_timestamp(day.at(0, 0, 0, 0)).ok().map(|time| time.as_second())
    };
    Some((UnixTime(midnight(first_day)?), UnixTime(midnight(last_day)? + DAY - 1)))
}

/// A span in pieces that can be requested, oldest first.
fn pieces(begin: UnixTime, end: UnixTime) -> Vec<(UnixTime, UnixTime)> {
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
