//! Seconds since 1970, handed in by the caller: the core owns no clock.

use core::fmt;
use std::sync::Arc;

/// Whole seconds since 1970-01-01T00:00:00Z, as `Wechatpay-Timestamp` and `timestamp` carry them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct UnixTime(pub i64);

impl UnixTime {
    /// Distance to another instant, in seconds, either way.
    #[must_use]
    pub const fn distance(self, other: Self) -> u64 {
        self.0.abs_diff(other.0)
    }

    /// The instant of decimal digits: no sign, no blank, nothing that another parser might read
    /// otherwise.
    #[must_use]
    pub fn from_digits(text: &str) -> Option<Self> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten().map(Self)
    }

    /// This instant plus so many seconds, at most the end of time.
    #[must_use]
    pub const fn plus(self, seconds: u32) -> Self {
        Self(self.0.saturating_add(seconds as i64))
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where an adapter's time comes from: the machine, or a test. The core itself takes the time as an
/// argument.
///
/// ```
/// use protocol_core::{Clock, UnixTime};
///
/// // Time stands still, for a test.
/// let clock = Clock::new(|| UnixTime(1_741_936_166));
/// assert_eq!(clock.now(), clock.now());
/// ```
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> UnixTime + Send + Sync>);

impl Clock {
    /// A clock that asks a function.
    pub fn new(now: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time.
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

/// A day and a moment as the platforms write them; each `0` is any digit.
#[cfg(any(feature = "wechat-pay", feature = "allinpay"))]
pub(crate) const DAY: &str = "0000-00-00";
#[cfg(feature = "allinpay")]
pub(crate) const MOMENT: &str = "0000-00-00 00:00:00";

/// Most calendar days between the ends of a span of time.
#[cfg(any(feature = "wechat-pay", feature = "allinpay"))]
const MAX_SPAN_DAYS: i32 = 30;

/// Two moments or days of one form, the second not before the first and at most 30 days after it.
#[cfg(any(feature = "wechat-pay", feature = "allinpay"))]
pub(crate) fn check_span<T: core::str::FromStr + PartialOrd + Copy>(
    (first, last): (&str, &str),
    form: &str,
    day: impl Fn(T) -> jiff::civil::Date,
    expected: &'static str,
) -> Result<(), crate::request::BuildError> {
    // The parser takes every form of ISO 8601; the platforms take one.
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
