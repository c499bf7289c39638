//! Types of a member's value, with the platforms' habits taken into account.

mod list;
mod number;
mod text;

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Unexpected, Visitor};
use serde_json::value::RawValue;

use super::misfit::Misfits;
use super::unread::Unread;
use crate::secret::Personal;
pub(crate) use list::elements;
pub(crate) use number::integer;
pub(crate) use text::decode_text;

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

/// Reads a value that must fit as a whole.
pub(crate) fn strictly<'de, T: WireValue<'de>>(json: &'de str) -> Result<T, Unread<'de>> {
    T::decode(&mut serde_json::Deserializer::from_str(json)).map_err(|error| Unread::new(json, error))
}

/// As [`strictly`]; accepts the spellings of an empty value too.
pub(crate) fn strictly_or_nothing<'de, T: WireValue<'de>>(json: &'de str) -> Result<Option<T>, Unread<'de>> {
    T::decode_or_nothing(&mut serde_json::Deserializer::from_str(json)).map_err(|error| Unread::new(json, error))
}

/// As [`strictly_or_nothing`], for a value in the place of a list.
pub(crate) fn strictly_alone<'de, T: WireValue<'de>>(json: &'de str) -> Result<Option<T>, Unread<'de>> {
    T::decode_alone(&mut serde_json::Deserializer::from_str(json), true).map_err(|error| Unread::new(json, error))
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

/// The error for an empty value where one is required.
pub(crate) fn nothing<E: serde::de::Error>(expected: &'static str) -> E {
    E::invalid_type(Unexpected::Other("nothing"), &expected)
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
