//! Times for people: China's, and how long until then.

use complaint_texts::Language;
use jiff::tz::Offset;
use protocol_core::UnixTime;

/// A time for people, and for programs.
#[cfg(feature = "page")]
pub(crate) struct Moment {
    pub(crate) people: String,
    pub(crate) machine: String,
}

#[cfg(feature = "page")]
impl Moment {
    pub(crate) fn new(time: UnixTime) -> Self {
        Self { people: china_time(time), machine: machine_time(time) }
    }
}

/// `2025-03-15 15:09`, in China.
pub(crate) fn china_time(time: UnixTime) -> String {
    let instant = jiff::Timestamp::from_second(time.0).unwrap_or_default();
    Offset::constant(8).to_datetime(instant).strftime("%Y-%m-%d %H:%M").to_string()
}

/// The time for a `time` element.
#[cfg(feature = "page")]
fn machine_time(time: UnixTime) -> String {
    crate::event_document::moment(time)
}

/// How long until then, or since then, in words: hours, or minutes below two hours.
pub(crate) fn left(language: Language, now: UnixTime, due: UnixTime) -> String {
    let seconds = due.0.saturating_sub(now.0);
    let (hours, minutes) = (seconds.unsigned_abs() / 3600, seconds.unsigned_abs() / 60);
    match (seconds >= 0, minutes < 120) {
        (true, true) => language.text_with("left-minutes", [("minutes", minutes.into())]),
        (true, false) => language.text_with("left-hours", [("hours", hours.into())]),
        (false, true) => language.text_with("late-minutes", [("minutes", minutes.into())]),
        (false, false) => language.text_with("late-hours", [("hours", hours.into())]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_chinas_and_its_distance_in_words() {
        let due = UnixTime(1_741_936_166);
        assert_eq!(china_time(due), "2025-03-14 15:09");
        #[cfg(feature = "page")]
        assert_eq!(machine_time(due), "2025-03-14T07:09:26Z");
        let english = |now: i64| left(Language::English, UnixTime(due.0 + now), due);
        assert_eq!(english(-7200), "2 hours left");
        assert_eq!(english(-7199), "119 minutes left");
        assert_eq!(english(-60), "1 minute left");
        assert_eq!(english(0), "0 minutes left");
        assert_eq!(english(60), "over for 1 minute");
        assert_eq!(english(7200), "over for 2 hours");
        assert_eq!(left(Language::Chinese, UnixTime(due.0 - 10_800), due), "还剩 3 小时");
        assert!(left(Language::English, UnixTime(i64::MIN), UnixTime(i64::MAX)).ends_with("left"));
    }
}
