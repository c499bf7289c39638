//! Seconds since 1970, passed in by the caller: the core has no clock.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Whole seconds since 1970-01-01T00:00:00Z, the unit of `Wechatpay-Timestamp` and `timestamp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct UnixTime(pub i64);

impl UnixTime {
    /// Absolute distance to another instant, in seconds.
    #[must_use]
    pub const fn distance(self, other: Self) -> u64 {
        self.0.abs_diff(other.0)
    }

    /// Reads decimal digits. A sign or whitespace is refused, so that no two parsers read it
    /// differently.
    #[must_use]
    pub fn from_digits(text: &str) -> Option<Self> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten().map(Self)
    }

    /// This instant plus so many seconds; saturates.
    #[must_use]
    pub const fn plus(self, seconds: u32) -> Self {
        Self(self.0.saturating_add(seconds as i64))
    }

    /// Whether a clock that tells this time was never set: a machine without a battery starts in
    /// 1970. Such are the times before 2020.
    ///
    /// ```
    /// use protocol_core::UnixTime;
    ///
    /// assert!(UnixTime(0).is_of_unset_clock());
    /// assert!(!UnixTime(1_741_936_166).is_of_unset_clock());
    /// ```
    #[must_use]
    pub const fn is_of_unset_clock(self) -> bool {
        self.0 < FIRST_OF_SET_CLOCK.0
    }
}

/// 2020-01-01 in UTC: the earliest time that a clock tells once it is set.
pub const FIRST_OF_SET_CLOCK: UnixTime = UnixTime(1_577_836_800);

/// A reading of the machine's clock, in whole seconds. A time before 1970 reads as 1970, so that no
/// signature verifies.
impl From<SystemTime> for UnixTime {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An adapter's source of time: the machine, or a test. The core itself takes the time as an
/// argument.
///
/// ```
/// use std::time::SystemTime;
/// use protocol_core::{Clock, UnixTime};
///
/// let machine = Clock::new(|| SystemTime::now().into());
/// # let _ = machine;
///
/// // A clock for a test: time does not pass.
/// let clock = Clock::new(|| UnixTime(1_741_936_166));
/// assert_eq!(clock.now(), clock.now());
/// ```
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> UnixTime + Send + Sync>);

impl Clock {
    /// A clock that calls a function.
    pub fn new(now: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// A day and a moment in the platforms' format; each `0` is any digit.
#[cfg(any(feature = "wechat-pay", feature = "virtual-payment", feature = "allinpay"))]
pub(crate) const DAY: &str = "0000-00-00";
#[cfg(feature = "allinpay")]
pub(crate) const MOMENT: &str = "0000-00-00 00:00:00";

/// Maximum number of calendar days between the ends of a span of time.
#[cfg(any(feature = "wechat-pay", feature = "virtual-payment", feature = "allinpay"))]
const MAX_SPAN_DAYS: i32 = 30;

/// Checks the two ends of a span: of one format, the second not before the first and at most 30
/// days after it.
#[cfg(any(feature = "wechat-pay", feature = "virtual-payment", feature = "allinpay"))]
pub(crate) fn check_span<T: std::str::FromStr + PartialOrd + Copy>(
    (first, last): (&str, &str),
    form: &str,
    day: impl Fn(T) -> jiff::civil::Date,
    expected: &'static str,
) -> Result<(), crate::request::BuildError> {
    // The parser accepts every form of ISO 8601; the platforms accept one.
    let fits = |(byte, form)| if form == b'0' { u8::is_ascii_digit(&byte) } else { byte == form };
    let read = |text: &str| {
        let formed = text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits);
        formed.then(|| text.parse::<T>().ok()).flatten()
    };
    match (read(first), read(last)) {
        (Some(first), Some(last)) if first <= last && (day(last) - day(first)).get_days() <= MAX_SPAN_DAYS => Ok(()),
        _ => Err(crate::request::BuildError::Field { field: "the span of time", expected }),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_clock_of_the_machine_counts_whole_seconds_from_1970() {
        let after = |time| UNIX_EPOCH + time;
        assert_eq!(UnixTime::from(after(Duration::from_millis(1_741_936_166_999))), UnixTime(1_741_936_166));
        assert_eq!(UnixTime::from(UNIX_EPOCH), UnixTime(0));
        assert_eq!(UnixTime::from(UNIX_EPOCH - Duration::from_secs(5)), UnixTime(0));
    }
}
