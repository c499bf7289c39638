//! The time, and the platforms' ways to write it.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use protocol_core::UnixTime;

/// The source of the time: the machine's clock, or a test's.
#[derive(Clone)]
pub(crate) struct Clock(Arc<dyn Fn() -> UnixTime + Send + Sync>);

impl Clock {
    pub(crate) fn new(clock: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(clock))
    }

    pub(crate) fn now(&self) -> UnixTime {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(|| SystemTime::now().into())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// RFC 3339 with China's offset, without fractions, as production writes it.
pub(crate) fn rfc3339(time: UnixTime) -> String {
    timestamp(time).display_with_offset(Offset::constant(8)).to_string()
}

/// The day in China, `YYYY-MM-DD`.
pub(crate) fn china_date(time: UnixTime) -> String {
    let mut text = rfc3339(time);
    text.truncate(10);
    text
}

/// The moment in China, `YYYY-MM-DD HH:MM:SS`.
pub(crate) fn china_time(time: UnixTime) -> String {
    let mut text = rfc3339(time);
    text.truncate(19);
    text.replace('T', " ")
}

/// `YYMMDDHHMMSSZ`, the form of certificates until 2049.
pub(crate) fn utc_time(time: UnixTime) -> String {
    let text = timestamp(time).to_string();
    let digits: String = text.chars().filter(char::is_ascii_digit).skip(2).take(12).collect();
    format!("{digits}Z")
}

/// The start of a day in UTC; `None` for anything but a day that exists, as `YYYY-MM-DD`.
pub(crate) fn start_of_day(text: &str) -> Option<UnixTime> {
    let is_plain = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let date: Date = text.parse().ok().filter(|_| is_plain)?;
    Some(UnixTime(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second()))
}

fn timestamp(time: UnixTime) -> Timestamp {
    Timestamp::from_second(time.0).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_platform_writes_them() {
        let time = UnixTime(1_741_936_166);
        assert_eq!(rfc3339(time), "2025-03-14T15:09:26+08:00");
        assert_eq!(china_date(time), "2025-03-14");
        assert_eq!(china_time(time), "2025-03-14 15:09:26");
        assert_eq!(utc_time(time), "250314070926Z");
    }
}
