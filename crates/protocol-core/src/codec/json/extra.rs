//! Members that no model knows.

use std::fmt;

use serde::ser::SerializeMap;
use serde_json::value::RawValue;

use crate::limits::MAX_LIST;

/// Members of an object that this version does not know, and known ones that do not fit: unchanged,
/// in their order.
///
/// Encoding writes them back. The object's `misfits()` lists those that are known. An empty value
/// takes one machine word, because objects nest deep and move while they are read.
#[derive(Clone, Default)]
pub struct Extra(Option<Box<Members>>);

type Members = Vec<(Box<str>, Box<RawValue>)>;

impl Extra {
    /// The JSON text of a member; the last one where a name occurs twice.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().filter(|(candidate, _)| *candidate == name).last().map(|(_, value)| value)
    }

    /// Names and JSON texts, in their order on the wire.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.members().iter().map(|(name, value)| (&**name, value.get()))
    }

    /// Whether every member of the object was known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members().is_empty()
    }

    /// Drops the members that other code has read.
    pub(crate) fn forget(&mut self, is_read: impl Fn(&str) -> bool) {
        self.0.iter_mut().for_each(|members| members.retain(|(name, _)| !is_read(name)));
    }

    /// Whether a member of this name is among them.
    pub(crate) fn holds(&self, name: &str) -> bool {
        self.members().iter().any(|(candidate, _)| &**candidate == name)
    }

    /// The expected type of a known member that is kept here because it does not fit.
    pub(crate) fn misfit(&self, name: &str, expected: &'static str) -> Option<&'static str> {
        match self.members().iter().filter(|(candidate, _)| &**candidate == name).count() {
            0 => None,
            1 => Some(expected),
            _ => Some("one value; it occurs several times"),
        }
    }

    /// Adds a member. Beyond [`MAX_LIST`] of them the document is refused.
    pub(crate) fn push<E: serde::de::Error>(&mut self, name: Box<str>, value: Box<RawValue>) -> Result<(), E> {
        if self.len() == MAX_LIST {
            return Err(E::invalid_length(MAX_LIST + 1, &"an object of at most 10000 unknown members"));
        }
        self.0.get_or_insert_default().push((name, value));
        Ok(())
    }

    /// The number of members.
    pub(crate) fn len(&self) -> usize {
        self.members().len()
    }

    /// Adds a member that the caller has bounded already.
    #[cfg(feature = "mini-program")]
    pub(crate) fn keep(&mut self, name: &str, value: Box<RawValue>) {
        self.0.get_or_insert_default().push((name.into(), value));
    }

    pub(crate) fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.members().iter().try_for_each(|(name, value)| map.serialize_entry(&**name, &**value))
    }

    fn members(&self) -> &[(Box<str>, Box<RawValue>)] {
        self.0.as_deref().map_or(&[], Members::as_slice)
    }
}

impl FromIterator<(Box<str>, Box<RawValue>)> for Extra {
    fn from_iter<I: IntoIterator<Item = (Box<str>, Box<RawValue>)>>(members: I) -> Self {
        let members: Members = members.into_iter().collect();
        Self((!members.is_empty()).then(|| Box::new(members)))
    }
}

/// Two sets of unknown members are equal when their texts are.
impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Extra {}

/// Names only: the value of an unknown member may be personal.
impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|(name, _)| name)).finish()
    }
}
