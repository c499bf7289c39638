//! Whole numbers, times and truth values, also as texts.

use std::fmt;

use serde::de::{Deserializer, Unexpected, Visitor};

use super::{WireValue, nothing};
use crate::time::UnixTime;

/// A whole number, as a number or as its digits in a string.
impl<'de> WireValue<'de> for i64 {
    const EXPECTED: &'static str = "a whole number";

    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::decode_or_nothing(deserializer)?.ok_or_else(|| nothing("a whole number"))
    }

    fn decode_or_nothing<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        integer(deserializer, true)
    }
}

/// Seconds since 1970, as a number or as its digits.
impl<'de> WireValue<'de> for UnixTime {
    const EXPECTED: &'static str = <i64 as WireValue<'_>>::EXPECTED;

    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::decode(deserializer).map(Self)
    }

    fn decode_or_nothing<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        i64::decode_or_nothing(deserializer).map(|seconds| seconds.map(Self))
    }
}

/// `true` or `false`, also as text.
impl<'de> WireValue<'de> for bool {
    const EXPECTED: &'static str = "true or false";

    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::decode_or_nothing(deserializer)?.ok_or_else(|| nothing("true or false"))
    }

    fn decode_or_nothing<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        struct Truth;

        impl Visitor<'_> for Truth {
            type Value = Option<bool>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true or false")
            }

            fn visit_bool<E: serde::de::Error>(self, truth: bool) -> Result<Option<bool>, E> {
                Ok(Some(truth))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Option<bool>, E> {
                match number {
                    0 => Ok(Some(false)),
                    1 => Ok(Some(true)),
                    _ => Err(E::invalid_value(Unexpected::Unsigned(number), &self)),
                }
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Option<bool>, E> {
                match text {
                    "" => Ok(None),
                    "true" | "1" => Ok(Some(true)),
                    "false" | "0" => Ok(Some(false)),
                    _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_any(Truth)
    }
}

/// A whole number, or an empty value. A fraction must be zero.
pub(crate) fn integer<'de, D: Deserializer<'de>>(
    deserializer: D,
    may_have_a_fraction: bool,
) -> Result<Option<i64>, D::Error> {
    struct Whole(bool);

    impl Visitor<'_> for Whole {
        type Value = Option<i64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number")
        }

        fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Option<i64>, E> {
            Ok(Some(number))
        }

        fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Option<i64>, E> {
            i64::try_from(number).map(Some).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
        }

        fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Option<i64>, E> {
            if self.0 && number.fract() == 0.0 && number.abs() <= EXACT {
                Ok(Some(number as i64))
            } else {
                Err(E::invalid_value(Unexpected::Float(number), &self))
            }
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Option<i64>, E> {
            match text.trim() {
                "" => Ok(None),
                digits => digits.parse().map(Some).map_err(|_| E::invalid_value(Unexpected::Str(text), &self)),
            }
        }
    }

    deserializer.deserialize_any(Whole(may_have_a_fraction))
}

/// Every whole number up to here is exact in a double.
pub(super) const EXACT: f64 = 9_007_199_254_740_992.0;
