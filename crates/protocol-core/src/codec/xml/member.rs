//! What elements hold: members, and their values.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::XmlReader;
use crate::error::DecodeError;
use crate::secret::Personal;

/// An element whose children are its members.
pub(crate) trait XmlElement<'x>: Default {
    /// Reads the current child to its end.
    fn child(&mut self, name: &str, reader: &mut XmlReader<'x>) -> Result<(), DecodeError>;
}

/// A value that one element holds.
pub(crate) trait XmlValue<'x>: Sized {
    /// Reads the current element to its end. `None` where it holds no such value.
    fn read(reader: &mut XmlReader<'x>) -> Result<Option<Self>, DecodeError>;

    /// The value that marks an unreadable one, for types that have such a value.
    fn unreadable() -> Option<Self> {
        None
    }
}

/// A member of an element: optional, or repeated.
pub(crate) trait XmlMember<'x> {
    /// Reads one more element of this member's name.
    fn add(&mut self, reader: &mut XmlReader<'x>) -> Result<(), DecodeError>;

    /// Takes the value out, as JSON, and marks the member as unreadable.
    fn spoil(&mut self) -> Option<Box<RawValue>>;
}

impl<'x, T: XmlValue<'x> + PartialEq + Serialize> XmlMember<'x> for Option<T> {
    fn add(&mut self, reader: &mut XmlReader<'x>) -> Result<(), DecodeError> {
        match (T::read(reader)?, &self) {
            _ if reader.is_spoilt() => {}
            (Some(value), None) => *self = Some(value),
            (Some(value), Some(before)) if value != *before => {
                reader.note_misfit("an element stands twice where one is allowed");
            }
            _ => {}
        }
        Ok(())
    }

    fn spoil(&mut self) -> Option<Box<RawValue>> {
        let before = std::mem::replace(self, T::unreadable());
        before.filter(|before| Some(before) != self.as_ref()).and_then(|before| to_raw_value(&before).ok())
    }
}

impl<'x, T: XmlValue<'x> + Serialize> XmlMember<'x> for Vec<T> {
    fn add(&mut self, reader: &mut XmlReader<'x>) -> Result<(), DecodeError> {
        self.extend(T::read(reader)?);
        Ok(())
    }

    fn spoil(&mut self) -> Option<Box<RawValue>> {
        let before = std::mem::take(self);
        (!before.is_empty()).then(|| to_raw_value(&before).ok()).flatten()
    }
}

impl<'x> XmlValue<'x> for String {
    fn read(reader: &mut XmlReader<'x>) -> Result<Option<Self>, DecodeError> {
        reader.text().map(|text| Some(text.into_owned()))
    }
}

impl<'x> XmlValue<'x> for Cow<'x, str> {
    fn read(reader: &mut XmlReader<'x>) -> Result<Option<Self>, DecodeError> {
        reader.text().map(Some)
    }
}

impl<'x, T: XmlValue<'x>> XmlValue<'x> for Personal<T> {
    fn read(reader: &mut XmlReader<'x>) -> Result<Option<Self>, DecodeError> {
        T::read(reader).map(|value| value.map(Self::new))
    }

    fn unreadable() -> Option<Self> {
        T::unreadable().map(Self::new)
    }
}

/// Empty is absent: a number has no other way to be empty.
impl<'x> XmlValue<'x> for i64 {
    fn read(reader: &mut XmlReader<'x>) -> Result<Option<Self>, DecodeError> {
        let text = reader.text()?;
        // Without trimming first: the text rarely has whitespace.
        let number = text.parse().or_else(|_| text.trim().parse()).ok();
        if number.is_none() && !text.trim().is_empty() {
            reader.note_misfit("expected a whole number");
        }
        Ok(number)
    }
}
