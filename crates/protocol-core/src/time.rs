//! Seconds since 1970, handed in by the caller: the core owns no clock.

use core::fmt;

/// Whole seconds since 1970-01-01T00:00:00Z, as `Wechatpay-Timestamp` and `timestamp` carry them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct UnixTime(pub i64);

impl UnixTime {
    /// Distance to another instant, in seconds, either way.
    #[must_use]
    pub const fn distance(self, other: Self) -> u64 {
        self.0.abs_diff(other.0)
    }

    /// The instant of decimal digits: no sign, no blank, nothing that another parser might read otherwise.
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
