//! Allinpay's lists over spans of time in China, at most 30 days each.

use jiff::civil::Date;

use super::WxComplaintList;
use super::complaints::{DEFAULT_PAGE, MAX_PAGE};
use crate::poller::{PolledList, china, in_china, pieces};
use crate::time::UnixTime;

/// The lists of complaints filed from one day to another, both included, `YYYY-MM-DD` in China: at
/// most 30 days each. A span that is invalid or too long becomes one list, whose request cannot be
/// built.
#[must_use]
pub fn lists_of_days(first_day: &str, last_day: &str, whole_group: bool) -> Vec<WxComplaintList> {
    let fits = |&(begin, end): &(UnixTime, UnixTime)| (0..(MAX_DAYS + 1) * DAY).contains(&(end.0 - begin.0));
    let list = |begindate, enddate| WxComplaintList::new(begindate, enddate).with_groupall(whole_group);
    match of_days(first_day, last_day).filter(fits) {
        Some((begin, end)) => list(String::new(), String::new()).of_span(begin, end, None),
        None => vec![list(format!("{first_day} 00:00:00"), format!("{last_day} 23:59:59"))],
    }
}

impl PolledList for WxComplaintList {
    fn of_span(&self, begin: UnixTime, end: UnixTime, page_size: Option<u32>) -> Vec<Self> {
        let page_size = page_size.unwrap_or(DEFAULT_PAGE).clamp(1, MAX_PAGE);
        let list = |(begin, end)| Self {
            current_page_num: 1,
            page_size,
            begindate: moment(begin),
            enddate: moment(end),
            groupall: self.groupall,
        };
        pieces(begin, end).into_iter().map(list).collect()
    }
}

/// Most days from the first one to the last, as the channels' trait has it.
const MAX_DAYS: i64 = 30;

const DAY: i64 = 86_400;

/// A moment in the form of the lists: `yyyy-MM-dd HH:mm:ss` in China. A time beyond the calendar
/// becomes its last one.
fn moment(time: UnixTime) -> String {
    in_china(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
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
    fn a_page_is_one_that_can_be_asked_for() {
        let list = WxComplaintList::new("", "").with_groupall(true);
        for (asked, taken) in [(0, 1), (1, 1), (200, 200), (999_999, 999_999), (u32::MAX, 999_999)] {
            let lists = list.of_span(T, T, Some(asked));
            assert_eq!((lists.len(), lists[0].page_size, lists[0].groupall), (1, taken, true));
        }
        assert_eq!(list.of_span(T, T, None)[0].page_size, 20);
    }
}
