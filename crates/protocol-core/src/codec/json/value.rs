//! Types of a member's value, with the platforms' habits taken into account.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, StrDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde_json::value::RawValue;

use super::members::{Unread, elements, strictly, strictly_alone, strictly_or_nothing};
use super::misfit::Misfits;
use crate::limits::MAX_LIST;
use crate::secret::Personal;
use crate::time::UnixTime;

/// A type of a member's value, with the platforms' habits taken into account.
pub(crate) trait WireValue<'de>: Sized {
    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// As [`decode`](Self::decode); accepts the spellings of an empty value too: `""` for a number
    /// or an object, `[]` for an object or a text, `{}` for a text (a conversion from XML makes it
    /// of an empty element). The caller handles `null`.
    fn decode_or_nothing<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Self::decode(deserializer).map(Some)
    }

    /// As [`decode_or_nothing`](Self::decode_or_nothing). For an object in the place of a list,
    /// `{}` is empty too.
    fn decode_alone<D: Deserializer<'de>>(
        deserializer: D,
        _in_place_of_a_list: bool,
    ) -> Result<Option<Self>, D::Error> {
        Self::decode_or_nothing(deserializer)
    }

    /// The expected type, for errors and misfits.
    const EXPECTED: &'static str;

    /// As [`decode`](Self::decode), from the value's own text, in a second reading: a member that
    /// does not fit is lost alone. See [`Members`](super::members::Members).
    fn mend(json: &'de str) -> Result<Self, Unread<'de>> {
        strictly(json)
    }

    /// As [`mend`](Self::mend); accepts the spellings of an empty value too.
    fn mend_or_nothing(json: &'de str) -> Result<Option<Self>, Unread<'de>> {
        strictly_or_nothing(json)
    }

    /// As [`mend_or_nothing`](Self::mend_or_nothing). For an object in the place of a list, `{}` is
    /// empty too.
    fn mend_alone(json: &'de str) -> Result<Option<Self>, Unread<'de>> {
        strictly_alone(json)
    }

    /// The value that marks an unreadable one, for types that have such a value.
    fn unreadable() -> Option<Self> {
        None
    }

    /// The content of a member that cannot be read; `None` where the member is required.
    fn misfit() -> Option<Self> {
        Self::unreadable().or_else(Self::absent)
    }

    /// Records the members within that do not fit.
    fn note_misfits(&self, _misfits: &mut Misfits) {}

    /// The content of a member that is absent; `None` where the member is required.
    fn absent() -> Option<Self> {
        None
    }

    /// Whether the member is left out on encoding.
    fn is_absent(&self) -> bool {
        false
    }
}

/// Passes a [`WireValue`] to serde's map and sequence readers.
pub(crate) struct Seed<T>(PhantomData<T>);

impl<T> Seed<T> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: WireValue<'de>> DeserializeSeed<'de> for Seed<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::decode(deserializer)
    }
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

/// Every whole number up to here is exact in a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

pub(crate) fn decode_text<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    expecting: &'static str,
    make: impl FnOnce(&str) -> T,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(TextVisitor { expecting, make, output: PhantomData })
}

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

impl<'de, T: WireValue<'de>> WireValue<'de> for Personal<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn mend(json: &'de str) -> Result<Self, Unread<'de>> {
        T::mend(json).map(Self::new)
    }

    fn mend_or_nothing(json: &'de str) -> Result<Option<Self>, Unread<'de>> {
        T::mend_or_nothing(json).map(|value| value.map(Self::new))
    }

    fn mend_alone(json: &'de str) -> Result<Option<Self>, Unread<'de>> {
        T::mend_alone(json).map(|value| value.map(Self::new))
    }

    fn unreadable() -> Option<Self> {
        T::unreadable().map(Self::new)
    }

    fn note_misfits(&self, misfits: &mut Misfits) {
        self.expose().note_misfits(misfits);
    }

    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::decode(deserializer).map(Self::new)
    }

    fn decode_or_nothing<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        T::decode_or_nothing(deserializer).map(|value| value.map(Self::new))
    }

    fn decode_alone<D: Deserializer<'de>>(deserializer: D, in_place_of_a_list: bool) -> Result<Option<Self>, D::Error> {
        T::decode_alone(deserializer, in_place_of_a_list).map(|value| value.map(Self::new))
    }

    fn absent() -> Option<Self> {
        T::absent().map(Self::new)
    }

    fn is_absent(&self) -> bool {
        self.expose().is_absent()
    }
}

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

/// The error for an empty value where one is required.
pub(crate) fn nothing<E: serde::de::Error>(expected: &'static str) -> E {
    E::invalid_type(Unexpected::Other("nothing"), &expected)
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

/// Absent and `null` are the same.
impl<'de, T: WireValue<'de>> WireValue<'de> for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn mend(json: &'de str) -> Result<Self, Unread<'de>> {
        if json == "null" { Ok(None) } else { T::mend_or_nothing(json) }
    }

    fn unreadable() -> Option<Self> {
        T::unreadable().map(Some)
    }

    fn note_misfits(&self, misfits: &mut Misfits) {
        self.iter().for_each(|value| value.note_misfits(misfits));
    }

    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Maybe<T>(PhantomData<T>);

        impl<'de, T: WireValue<'de>> Visitor<'de> for Maybe<T> {
            type Value = Option<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value or null")
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<Option<T>, E> {
                Ok(None)
            }

            fn visit_none<E: serde::de::Error>(self) -> Result<Option<T>, E> {
                Ok(None)
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
                T::decode_or_nothing(deserializer)
            }
        }

        deserializer.deserialize_option(Maybe(PhantomData))
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

/// Adds an element to a list in its final place: returned, it would be moved again and again.
/// `null` adds none.
struct Append<'v, T>(&'v mut Vec<T>);

impl<'de, T: WireValue<'de>> DeserializeSeed<'de> for Append<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, T: WireValue<'de>> Visitor<'de> for Append<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of at most 10000 elements")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let element = T::decode_or_nothing(deserializer)?;
        if element.is_some() && self.0.len() == MAX_LIST {
            return Err(D::Error::invalid_length(MAX_LIST + 1, &self));
        }
        // Not `extend`: it moves the element once more.
        if let Some(element) = element {
            self.0.push(element);
        }
        Ok(())
    }
}

/// One or many: a list, one element without its list, or an empty value: `null`, `""`, and `{}` (a
/// conversion from XML makes it of an empty element). Always written as a list.
impl<'de, T: WireValue<'de>> WireValue<'de> for Vec<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    /// An element that cannot be read at all loses the list.
    fn mend(json: &'de str) -> Result<Self, Unread<'de>> {
        match json.as_bytes().first() {
            Some(b'{') => T::mend_alone(json).map(|element| element.into_iter().collect()),
            Some(b'[') => {
                let mut list = Self::new();
                for element in elements(json)? {
                    list.extend(T::mend_or_nothing(element)?);
                }
                Ok(list)
            }
            _ => strictly(json),
        }
    }

    fn note_misfits(&self, misfits: &mut Misfits) {
        self.iter().enumerate().for_each(|(at, element)| misfits.element(at, |misfits| element.note_misfits(misfits)));
    }

    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany<T>(PhantomData<T>);

        impl<T> OneOrMany<T> {
            fn one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error>
            where
                T: WireValue<'de>,
            {
                T::decode(deserializer).map(|element| vec![element])
            }
        }

        impl<'de, T: WireValue<'de>> Visitor<'de> for OneOrMany<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list, or one element of it")
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<Vec<T>, E> {
                Ok(Vec::new())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<T>, A::Error> {
                let mut elements = Vec::new();
                while sequence.next_element_seed(Append(&mut elements))?.is_some() {}
                Ok(elements)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
                let element = T::decode_alone(MapAccessDeserializer::new(map), true)?;
                Ok(element.into_iter().collect())
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Vec<T>, E> {
                if text.is_empty() { Ok(Vec::new()) } else { Self::one(StrDeserializer::new(text)) }
            }

            fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Vec<T>, E> {
                if text.is_empty() { Ok(Vec::new()) } else { Self::one(BorrowedStrDeserializer::new(text)) }
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Vec<T>, E> {
                Self::one(number.into_deserializer())
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Vec<T>, E> {
                Self::one(number.into_deserializer())
            }

            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Vec<T>, E> {
                Self::one(number.into_deserializer())
            }
        }

        deserializer.deserialize_any(OneOrMany(PhantomData))
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
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

/// The raw text of any value.
impl<'de> WireValue<'de> for Box<RawValue> {
    const EXPECTED: &'static str = "any value";

    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }
}

/// The text of any value, unchanged.
impl<'de> WireValue<'de> for &'de RawValue {
    const EXPECTED: &'static str = "any value";

    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }
}
