//! Texts, also as numbers.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor};

use super::WireValue;
use super::number::EXACT;

impl<'de> WireValue<'de> for String {
    const EXPECTED: &'static str = "a string";

    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        decode_text(deserializer, "a string", str::to_owned)
    }

    fn decode_or_nothing<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        struct TextOrNothing;

        impl<'de> Visitor<'de> for TextOrNothing {
            type Value = Option<String>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Some(text.to_owned()))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
                String::decode(number.into_deserializer()).map(Some)
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Self::Value, E> {
                String::decode(number.into_deserializer()).map(Some)
            }

            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Self::Value, E> {
                String::decode(number.into_deserializer()).map(Some)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
                match sequence.next_element::<serde::de::IgnoredAny>()? {
                    None => Ok(None),
                    Some(_) => Err(A::Error::invalid_type(Unexpected::Seq, &self)),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                match map.next_key::<serde::de::IgnoredAny>()? {
                    None => Ok(None),
                    Some(_) => Err(A::Error::invalid_type(Unexpected::Map, &self)),
                }
            }
        }

        deserializer.deserialize_any(TextOrNothing)
    }
}

/// Text that borrows from the document if no part of it was escaped.
impl<'de> WireValue<'de> for Cow<'de, str> {
    const EXPECTED: &'static str = "a string";

    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowing;

        impl<'de> Visitor<'de> for Borrowing {
            type Value = Cow<'de, str>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }

        deserializer.deserialize_str(Borrowing)
    }
}

pub(crate) fn decode_text<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    expecting: &'static str,
    make: impl FnOnce(&str) -> T,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(TextVisitor { expecting, make, output: PhantomData })
}

/// Text. A number is taken as its digits, if it is small enough to be exact.
pub(crate) struct TextVisitor<F, T> {
    pub(crate) expecting: &'static str,
    pub(crate) make: F,
    pub(crate) output: PhantomData<T>,
}

impl<'de, T, F: FnOnce(&str) -> T> Visitor<'de> for TextVisitor<F, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expecting)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        Ok((self.make)(text))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<T, E> {
        Ok((self.make)(&number.to_string()))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<T, E> {
        Ok((self.make)(&number.to_string()))
    }

    /// Up to 2^53 a number keeps its digits. Beyond, digits are already lost, and an id with other
    /// digits is worse than none.
    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<T, E> {
        if number.abs() <= EXACT {
            Ok((self.make)(&number.to_string()))
        } else {
            Err(E::invalid_type(Unexpected::Float(number), &self))
        }
    }
}
