//! Lists: one or many.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{WireValue, strictly};
use crate::codec::json::misfit::Misfits;
use crate::codec::json::unread::Unread;
use crate::limits::MAX_LIST;

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

/// The elements of a list, as their text, without the empty ones.
pub(crate) fn elements(json: &str) -> Result<impl Iterator<Item = &str>, Unread<'_>> {
    Ok(strictly::<Vec<&RawValue>>(json)?.into_iter().map(RawValue::get))
}
