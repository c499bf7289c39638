//! Money and time in the platforms' formats.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::codec::json::{WireValue, decode_text, integer, nothing};
use crate::time::UnixTime;

/// An amount in fen, 1/100 of a yuan. On the wire a whole number, or its digits in a string.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Fen(pub i64);

impl<'de> WireValue<'de> for Fen {
    const EXPECTED: &'static str = <i64 as WireValue<'_>>::EXPECTED;

    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::decode_or_nothing(deserializer)?.ok_or_else(|| nothing(Self::EXPECTED))
    }

    /// Refuses a fraction: `50.00` may be yuan.
    fn decode_or_nothing<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        integer(deserializer, false).map(|fen| fen.map(Self))
    }
}

impl<'de> Deserialize<'de> for Fen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::decode(deserializer)
    }
}

/// A point in time as its text, parsed on demand.
///
/// Documented formats: RFC 3339 with or without milliseconds, with `+08:00` or `Z`. Any other text
/// (old messages have `20180225112233`) is kept and written back, but has no instant.
///
/// ```
/// use protocol_core::UnixTime;
/// use protocol_core::complaint::Timestamp;
///
/// let time = Timestamp::from("2022-10-17T16:31:56.120+08:00");
/// assert_eq!(time.to_unix(), Some(UnixTime(1_665_995_516)));
/// assert_eq!(Timestamp::from("20180225112233").to_unix(), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Timestamp(String);

impl Timestamp {
    /// The text, unchanged.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The instant, in whole seconds (fractions dropped); `None` when the text is not RFC 3339 with
    /// an offset.
    #[must_use]
    pub fn to_unix(&self) -> Option<UnixTime> {
        self.0
            .parse::<jiff::Timestamp>()
            .ok()
            .map(|time| UnixTime(time.as_nanosecond().div_euclid(1_000_000_000) as i64))
    }
}

impl From<&str> for Timestamp {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// In UTC, such as `2025-03-14T07:09:26Z`; instants beyond the year 9999 as their number.
impl From<UnixTime> for Timestamp {
    fn from(time: UnixTime) -> Self {
        Self(jiff::Timestamp::from_second(time.0).map_or_else(|_| time.to_string(), |time| time.to_string()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> WireValue<'de> for Timestamp {
    const EXPECTED: &'static str = "a time";

    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        decode_text(deserializer, "a time", |text| Self::from(text))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::decode(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_shapes_are_the_same_instant() {
        for text in [
            "2022-10-17T16:31:56+08:00",
            "2022-10-17T16:31:56.000+08:00",
            "2022-10-17T08:31:56Z",
            "2022-10-17T08:31:56.999Z",
        ] {
            assert_eq!(Timestamp::from(text).to_unix(), Some(UnixTime(1_665_995_516)), "{text}");
        }
        assert_eq!(Timestamp::from("1969-12-31T23:59:59.5Z").to_unix(), Some(UnixTime(-1)));
    }

    #[test]
    fn an_instant_is_written_in_utc() {
        assert_eq!(Timestamp::from(UnixTime(1_741_936_166)).as_str(), "2025-03-14T07:09:26Z");
        assert_eq!(Timestamp::from(UnixTime(i64::MAX)).as_str(), i64::MAX.to_string());
    }

    #[test]
    fn other_texts_are_kept_without_an_instant() {
        for text in ["20180225112233", "", "yesterday", "2022-10-17", "2022-10-17 16:31:56"] {
            assert_eq!(Timestamp::from(text).to_unix(), None, "{text}");
            assert_eq!(Timestamp::from(text).as_str(), text);
        }
    }
}
