//! Members that nobody knows.

use core::fmt;

use serde::ser::SerializeMap;
use serde_json::value::RawValue;

use crate::limits::MAX_LIST;

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

    /// Takes a member out that somebody else reads; `None` unless it stands once.
    pub(crate) fn take(&mut self, name: &str) -> Option<Box<RawValue>> {
        let members = self.0.as_mut()?;
        let at = members.iter().position(|(candidate, _)| &**candidate == name)?;
        let (_, value) = members.remove(at);
        members.iter().all(|(candidate, _)| &**candidate != name).then_some(value)
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
