//! JSON as the platforms send it: one-or-many, number-or-string, absent-or-null read the same
//! everywhere, unknown members are kept and written back.
//!
//! Every model is declared with [`wire_object!`](crate::codec::json::wire_object); every type that
//! may stand as a member's value is a [`WireValue`]. Nothing here is buffered: a document is read in
//! one pass, and a member nobody knows costs its own text, nothing else.

use core::fmt;
use core::marker::PhantomData;
use std::borrow::Cow;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, StrDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde::ser::SerializeMap;
use serde_json::value::RawValue;

use crate::error::DecodeError;
use crate::limits::MAX_LIST;
use crate::secret::Personal;
use crate::time::UnixTime;
use crate::trust::Unverified;

/// Decodes a JSON document that stands alone: UTF-8 (a byte-order mark is allowed), one value, nothing after it.
/// Nothing vouches for it but whoever gave it.
///
/// `document` names what was expected, for the error.
///
/// ```
/// use protocol_core::codec::decode_json;
/// use protocol_core::complaint::Complaint;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let text = include_bytes!("../../samples/wechat-pay/complaint.json");
/// let complaint = decode_json::<Complaint>("a complaint", text)?.trust_anyway();
/// assert_eq!(complaint.complaint_id, "200201820200101080076610000");
///
/// let error = decode_json::<Complaint>("a complaint", b"{}").err().ok_or("incomplete")?;
/// assert_eq!(error.to_string(), "a complaint: missing member `complaint_id`, line 1 column 2");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`DecodeError`] with line and column. It never quotes the document.
pub fn decode_json<'de, T: serde::Deserialize<'de>>(
    document: &'static str,
    bytes: &'de [u8],
) -> Result<Unverified<T>, DecodeError> {
    read_json(document, bytes).map(Unverified::new)
}

/// As [`decode_json`], for a caller that knows what vouches for the bytes.
pub(crate) fn read_json<'de, T: serde::Deserialize<'de>>(
    document: &'static str,
    bytes: &'de [u8],
) -> Result<T, DecodeError> {
    // `from_str` skips the per-string UTF-8 checks of `from_slice`: one pass over the bytes here
    // is cheaper, by a third on Chinese text.
    let text = DecodeError::check_utf8(document, bytes)?;
    serde_json::from_str(text).map_err(|error| DecodeError::json(document, text, &error))
}

/// Members of an object that this version does not know, as they were written, in their order.
///
/// They are written back on encoding. Empty, it takes one word: objects nest deep and move while they are read.
#[derive(Clone, Default)]
pub struct Extra(Option<Box<Members>>);

type Members = Vec<(Box<str>, Box<RawValue>)>;

impl Extra {
    /// The JSON text of a member; the last one where a name stands twice.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().filter(|(candidate, _)| *candidate == name).last().map(|(_, value)| value)
    }

    /// Names and JSON texts, in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.members().iter().map(|(name, value)| (&**name, value.get()))
    }

    /// Whether every member of the object was known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members().is_empty()
    }

    /// Forgets the members that somebody else has read.
    #[cfg(feature = "mini-program")]
    pub(crate) fn forget(&mut self, names: &[&str]) {
        self.0.iter_mut().for_each(|members| members.retain(|(name, _)| !names.contains(&&**name)));
    }

    /// Adds a member; beyond [`MAX_LIST`] of them the document is refused.
    pub(crate) fn push<E: serde::de::Error>(&mut self, name: Box<str>, value: Box<RawValue>) -> Result<(), E> {
        let members = self.0.get_or_insert_default();
        if members.len() == MAX_LIST {
            return Err(E::invalid_length(MAX_LIST + 1, &"an object of at most 10000 unknown members"));
        }
        members.push((name, value));
        Ok(())
    }

    pub(crate) fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.members().iter().try_for_each(|(name, value)| map.serialize_entry(&**name, &**value))
    }

    fn members(&self) -> &[(Box<str>, Box<RawValue>)] {
        self.0.as_deref().map_or(&[], Members::as_slice)
    }
}

/// Two sets of unknown members are equal when their texts are.
impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Extra {}

/// Names only: what an unknown member holds may be personal.
impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

/// A type that may stand as the value of a member, with the platforms' habits taken into account.
pub(crate) trait WireValue<'de>: Sized {
    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// As [`decode`](Self::decode), with the ways there are to write nothing: `""` for a number or an object, `[]` for
    /// an object or a text, `{}` for a text (what a conversion from XML makes of an empty element). `null` is the caller's.
    fn decode_or_nothing<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Self::decode(deserializer).map(Some)
    }

    /// What the member means when it is not there; `None` where it must be.
    fn absent() -> Option<Self> {
        None
    }

    /// Whether the member is left out on encoding.
    fn is_absent(&self) -> bool {
        false
    }
}

/// Hands a [`WireValue`] to serde's map and sequence readers.
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

/// Text; a number is taken as its digits, unless it has too many to be exact.
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

    /// Up to 2^53 a fraction keeps its digits; beyond, digits are already lost, and an id with other digits is worse than none.
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
    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::decode(deserializer).map(Self::new)
    }

    fn decode_or_nothing<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        T::decode_or_nothing(deserializer).map(|value| value.map(Self::new))
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
    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::decode_or_nothing(deserializer)?.ok_or_else(|| nothing("a whole number"))
    }

    fn decode_or_nothing<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        struct Whole;

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
                if number.fract() == 0.0 && number.abs() <= EXACT {
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

        deserializer.deserialize_any(Whole)
    }
}

/// Nothing stands where something has to.
pub(crate) fn nothing<E: serde::de::Error>(expected: &'static str) -> E {
    E::invalid_type(Unexpected::Other("nothing"), &expected)
}

/// Seconds since 1970, as a number or as its digits.
impl<'de> WireValue<'de> for UnixTime {
    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::decode(deserializer).map(Self)
    }

    fn decode_or_nothing<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        i64::decode_or_nothing(deserializer).map(|seconds| seconds.map(Self))
    }
}

/// `true` or `false`, also as text.
impl<'de> WireValue<'de> for bool {
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

/// Adds an element of a list where it is to stay: handed out it would be moved again and again. `null` adds none.
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

/// One or many: a list, one element without its list, `null` or nothing. Always written as a list.
impl<'de, T: WireValue<'de>> WireValue<'de> for Vec<T> {
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
                Self::one(MapAccessDeserializer::new(map))
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
        }

        deserializer.deserialize_any(OneOrMany(PhantomData))
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

/// Text that borrows from the document where nothing in it was escaped.
impl<'de> WireValue<'de> for Cow<'de, str> {
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

/// The raw text of whatever stands there.
impl<'de> WireValue<'de> for Box<RawValue> {
    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }
}

/// Declares a JSON object of the wire: the struct, its reading and its writing.
///
/// A member is named as on the wire, or given its wire name by `= "name"`. Its type is a
/// [`WireValue`], which says what absence means and how it is written. A known member that stands
/// twice is refused, since two readers could disagree on its value. A struct that borrows from its
/// document names the lifetime `'de`.
macro_rules! wire_object {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident $(<$life:lifetime>)? {
            $( $(#[$member_meta:meta])* $member:ident $(= $wire:literal)? : $type:ty, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        $vis struct $name $(<$life>)? {
            $( $(#[$member_meta])* pub $member: $type, )*
            /// Members this version does not know, kept and written back.
            pub extra: $crate::codec::Extra,
        }

        impl<'de> $crate::codec::json::WireValue<'de> for $name $(<$life>)? {
            fn decode<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use $crate::codec::json::nothing;

                Self::decode_or_nothing(deserializer)?
                    .ok_or_else(|| nothing(concat!("an object (", stringify!($name), ")")))
            }

            fn decode_or_nothing<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
                use $crate::codec::json::{Seed, WireValue};

                #[allow(non_camel_case_types, reason = "a variant is named as its member")]
                enum Member { $( $member, )* Unknown(Box<str>) }

                impl<'de> serde::de::Deserialize<'de> for Member {
                    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                        struct Name;

                        impl serde::de::Visitor<'_> for Name {
                            type Value = Member;

                            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                                f.write_str("a member's name")
                            }

                            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Member, E> {
                                $( if name == $crate::codec::json::wire_name!($member $($wire)?) { return Ok(Member::$member); } )*
                                Ok(Member::Unknown(name.into()))
                            }
                        }

                        deserializer.deserialize_identifier(Name)
                    }
                }

                struct Members;

                impl<'de> serde::de::Visitor<'de> for Members {
                    type Value = Option<$name $(<$life>)?>;

                    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                        f.write_str(concat!("an object (", stringify!($name), ")"))
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                        if text.is_empty() { Ok(None) } else { Err(E::invalid_type(serde::de::Unexpected::Str(text), &self)) }
                    }

                    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
                        use serde::de::Error as _;

                        match sequence.next_element::<serde::de::IgnoredAny>()? {
                            None => Ok(None),
                            Some(_) => Err(A::Error::invalid_type(serde::de::Unexpected::Seq, &self)),
                        }
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                        use serde::de::Error as _;

                        $( let mut $member: Option<$type> = None; )*
                        let mut extra = $crate::codec::Extra::default();
                        while let Some(member) = map.next_key()? {
                            match member {
                                $( Member::$member => {
                                    if $member.is_some() {
                                        return Err(A::Error::duplicate_field($crate::codec::json::wire_name!($member $($wire)?)));
                                    }
                                    $member = Some(map.next_value_seed(Seed::new())?);
                                } )*
                                Member::Unknown(name) => extra.push(name, map.next_value()?)?,
                            }
                        }
                        Ok(Some($name {
                            $( $member: match $member.or_else(<$type as WireValue<'de>>::absent) {
                                Some(value) => value,
                                None => return Err(A::Error::missing_field($crate::codec::json::wire_name!($member $($wire)?))),
                            }, )*
                            extra,
                        }))
                    }
                }

                deserializer.deserialize_any(Members)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name $(<$life>)? {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::codec::json::WireValue::decode(deserializer)
            }
        }

        impl $(<$life>)? $name $(<$life>)? {
            /// Writes the members into an object that somebody else has begun.
            pub(crate) fn serialize_members<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                use $crate::codec::json::WireValue;

                $( if !WireValue::is_absent(&self.$member) {
                    map.serialize_entry($crate::codec::json::wire_name!($member $($wire)?), &self.$member)?;
                } )*
                self.extra.serialize_into(map)
            }
        }

        impl $(<$life>)? serde::Serialize for $name $(<$life>)? {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap as _;

                let mut map = serializer.serialize_map(None)?;
                self.serialize_members(&mut map)?;
                map.end()
            }
        }
    };
}
pub(crate) use wire_object;

macro_rules! wire_name {
    ($member:ident) => {
        stringify!($member)
    };
    ($member:ident $wire:literal) => {
        $wire
    };
}
pub(crate) use wire_name;

#[cfg(test)]
#[allow(unreachable_pub, reason = "the macro declares public types")]
mod tests {
    use super::*;

    wire_object! {
        /// Every kind of member.
        pub struct Sample {
            /// Must be there.
            id: String,
            /// Whole number.
            amount: Option<i64>,
            /// Truth.
            flag: Option<bool>,
            /// One or many.
            tags: Vec<String>,
            /// One or many objects.
            parts: Vec<Part>,
            /// One object.
            part: Option<Part>,
            /// Renamed.
            kind = "type": Option<String>,
        }
    }

    wire_object! {
        /// An inner object.
        pub struct Part {
            /// Must be there.
            name: String,
        }
    }

    fn decode(text: &str) -> Result<Sample, DecodeError> {
        read_json("a sample", text.as_bytes())
    }

    #[test]
    fn the_habits_read_alike() {
        let plain = decode(r#"{"id":"7","amount":3,"flag":true,"tags":["a"],"parts":[{"name":"x"}]}"#).unwrap();
        let odd = decode(r#"{"id":7,"amount":"3","flag":"true","tags":"a","parts":{"name":"x"},"type":null}"#).unwrap();
        assert_eq!(plain, odd);
        let bare = decode(r#"{"id":"7"}"#).unwrap();
        assert_eq!(bare, decode(r#"{"id":"7","amount":null,"tags":null,"parts":[],"flag":null}"#).unwrap());
        assert_eq!(bare, decode(r#"{"id":7,"amount":"","tags":"","parts":"","part":[]}"#).unwrap());
        assert_eq!(bare, decode(r#"{"id":"7","part":"","flag":""}"#).unwrap());
        assert_eq!(decode(r#"{"id":113.32}"#).unwrap().id, "113.32");
        assert_eq!(decode(r#"{"id":"7","amount":3.0}"#).unwrap().amount, Some(3));
        assert_eq!(decode("\u{feff}{\"id\":\"7\"}").unwrap(), bare);
    }

    #[test]
    fn lists_and_unknown_members_are_bounded() {
        let list = |length: usize| format!(r#"{{"id":"1","tags":[{}"a"]}}"#, r#""a","#.repeat(length - 1));
        assert_eq!(decode(&list(MAX_LIST)).unwrap().tags.len(), MAX_LIST);
        let error = decode(&list(MAX_LIST + 1)).unwrap_err().to_string();
        assert!(error.starts_with("a sample: expected a list of at most 10000 elements"), "{error}");
        // What is nothing does not count.
        let with_nothing = list(MAX_LIST).replace(r#""a"]"#, r#""a",null,null]"#);
        assert_eq!(decode(&with_nothing).unwrap().tags.len(), MAX_LIST);
        let unknown = |count: usize| format!(r#"{{"id":"1"{}}}"#, r#","a":0"#.repeat(count));
        assert_eq!(decode(&unknown(MAX_LIST)).unwrap().extra.iter().count(), MAX_LIST);
        let error = decode(&unknown(MAX_LIST + 1)).unwrap_err().to_string();
        assert!(error.starts_with("a sample: expected an object of at most 10000 unknown members"), "{error}");
    }

    #[test]
    fn unknown_members_are_written_back_as_they_came() {
        let text = r#"{"id":"1","big":123456789012345678901234567890,"x":{"y":[1.50,"\u00e9"]},"parts":[{"name":"p","z":null}]}"#;
        let sample = decode(text).unwrap();
        assert_eq!(sample.extra.get("big"), Some("123456789012345678901234567890"));
        let written = serde_json::to_string(&sample).unwrap();
        for kept in [r#""big":123456789012345678901234567890"#, r#""x":{"y":[1.50,"\u00e9"]}"#, r#""z":null"#] {
            assert!(written.contains(kept), "{kept} is lost in {written}");
        }
        assert_eq!(decode(&written).unwrap(), sample);
        assert_eq!(format!("{:?}", sample.extra), r#"{"big", "x"}"#);
    }

    #[test]
    fn numbers_and_truths_read_in_every_spelling() {
        for (written, text) in [("-7", "-7"), ("7.5", "7.5"), ("-0.25", "-0.25")] {
            let sample = decode(&format!(r#"{{"id":{written},"type":{written},"tags":[{written}]}}"#)).unwrap();
            assert_eq!((sample.id.as_str(), sample.kind.as_deref()), (text, Some(text)));
            assert_eq!(sample.tags, [text]);
        }
        assert_eq!(decode(r#"{"id":"1","tags":-7}"#).unwrap().tags, ["-7"]);
        assert_eq!(decode(r#"{"id":"1","tags":7}"#).unwrap().tags, ["7"]);
        assert_eq!(decode(r#"{"id":"1","tags":"\u0061"}"#).unwrap().tags, ["a"]);
        for (written, flag) in [("true", true), ("1", true), (r#""1""#, true), ("0", false), (r#""0""#, false)] {
            assert_eq!(decode(&format!(r#"{{"id":"1","flag":{written}}}"#)).unwrap().flag, Some(flag), "{written}");
        }
    }

    #[test]
    fn a_value_of_another_kind_is_told_what_it_should_be() {
        for (member, values, expected) in [
            ("type", &[r#"["canary"]"#, r#"{"canary":1}"#, "true"][..], "a string"),
            ("amount", &[r#"["canary"]"#, r#"{"canary":1}"#, "true", "1.5"], "a whole number"),
            ("flag", &["2", "-1", r#""canary""#, "[]"], "true or false"),
            ("tags", &["true", "1.5"], "a list, or one element of it"),
        ] {
            for value in values {
                let error = decode(&format!(r#"{{"id":"1","{member}":{value}}}"#)).unwrap_err().to_string();
                assert!(
                    error.starts_with(&format!("a sample: expected {expected}, line 1 ")),
                    "{member} {value}: {error}"
                );
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_place_and_never_quoted() {
        for (text, message) in [
            ("{\"id\":\"1\",\n\"amount\":\"canary\"}", "a sample: expected a whole number, line 2 column 17"),
            (r#"{"amount":1}"#, "a sample: missing member `id`, line 1 column 12"),
            (r#"{"id":"1","id":"2"}"#, "a sample: member `id` stands twice, line 1 column 14"),
            (r#"{"id":1e30}"#, "a sample: expected a string, line 1 column 10"),
            (r#"{"id":"1"} x"#, "a sample: trailing characters, line 1 column 12"),
            (r#"["canary"]"#, "a sample: expected an object (Sample), line 1 column 10"),
            (r#"{"id":"1""#, "a sample: EOF while parsing an object, line 1 column 9"),
            ("\"\"", "a sample: expected an object (Sample), line 1 column 2"),
            ("", "a sample: EOF while parsing a value, line 1 column 0"),
        ] {
            assert_eq!(decode(text).unwrap_err().to_string(), message, "for {text}");
        }
        let error = read_json::<Sample>("a sample", b"{\"id\":\n\"\xff\"}").unwrap_err();
        assert_eq!(error.to_string(), "a sample: not UTF-8, line 2 column 2");
    }
}
