//! The second reading of a document: member by member, so that a member that does not fit is lost
//! alone.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::budget::{AT_MOST, count_values, is_always_within};
use super::extra::Extra;
use super::unread::Unread;
use super::value::{Seed, WireValue, nothing, strictly, strictly_alone, strictly_or_nothing};
use crate::codec::text::MARK;
use crate::limits::{MAX_JSON_VALUES, MAX_LIST};

/// The members of an object, their values still text.
pub(crate) struct Members<'de> {
    json: &'de str,
    members: Vec<Member<'de>>,
    /// How many more values the members that are still to be taken may contain. Members left as
    /// text do not count.
    values_left: usize,
}

struct Member<'de> {
    name: Cow<'de, str>,
    value: &'de RawValue,
    is_read: bool,
}

impl<'de> Members<'de> {
    /// Splits an object into its members.
    pub(crate) fn of(json: &'de str) -> Result<Self, Unread<'de>> {
        let (members, read) = Self::until_damage(json);
        read.map(|()| members).map_err(|error| Unread::new(json, error))
    }

    /// Splits as much of an object as can be read, and returns whether that is all of it.
    pub(crate) fn until_damage(json: &'de str) -> (Self, serde_json::Result<()>) {
        // Counted first: a list that grows takes twice as much.
        let mut count = 0;
        let counted = walk(json, &mut |_, _| count += 1);
        let mut members = Vec::with_capacity(count);
        let read = if count == MAX_LIST && counted.is_err() {
            counted
        } else {
            walk(json, &mut |name, value| members.push(Member { name, value, is_read: false }))
        };
        (Self { json, members, values_left: MAX_JSON_VALUES }, read)
    }

    /// Names and values that were not taken yet.
    #[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'de RawValue)> {
        self.members.iter().filter(|member| !member.is_read).map(|member| (&*member.name, member.value))
    }

    /// Whether a member of this name is among them.
    pub(crate) fn holds(&self, name: &str) -> bool {
        self.members.iter().any(|member| member.name == name)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The value of a member. A member that does not fit, or occurs twice with different values,
    /// stays in the [`rest`](Self::rest), if the document can do without it.
    pub(crate) fn take<T: WireValue<'de>>(&mut self, name: &'static str, is_decisive: bool) -> Result<T, Unread<'de>> {
        let mut values = self.members.iter().filter(|member| member.name == name).map(|member| member.value.get());
        let value = match values.next() {
            None => return T::absent().ok_or_else(|| self.error(serde_json::Error::missing_field(name))),
            // A truncated identity is another one, or none.
            Some(value) if is_needed::<T>(is_decisive) && is_cut(value) => {
                Err(self.error(nothing("a text without dropped or replaced characters")))
            }
            Some(value) if values.all(|other| other == value) => self.within_budget(value).and_then(T::mend),
            Some(_) => Err(self.error(serde_json::Error::duplicate_field(name))),
        };
        match value {
            Ok(value) => {
                self.members.iter_mut().filter(|member| member.name == name).for_each(|member| member.is_read = true);
                Ok(value)
            }
            Err(unread) if is_decisive => Err(unread),
            Err(unread) => T::misfit().ok_or(unread),
        }
    }

    /// The value of a member, if it contains no more values than the object has left.
    fn within_budget(&mut self, value: &'de str) -> Result<&'de str, Unread<'de>> {
        if is_always_within(self.json) {
            return Ok(value);
        }
        match count_values(value, self.values_left) {
            Ok(values) => self.values_left -= values,
            Err(_) => {
                let error = serde_json::Error::invalid_length(MAX_JSON_VALUES + 1, &AT_MOST);
                return Err(Unread::new(value, error));
            }
        }
        Ok(value)
    }

    /// Members that were not taken: unknown ones, and those that do not fit.
    pub(crate) fn rest(self) -> Extra {
        self.members
            .into_iter()
            .filter(|member| !member.is_read)
            .map(|member| (Box::from(member.name), member.value.to_owned()))
            .collect()
    }

    fn error(&self, error: serde_json::Error) -> Unread<'de> {
        Unread::new(self.json, error)
    }
}

/// Whether a document can do without a member.
fn is_needed<'de, T: WireValue<'de>>(is_decisive: bool) -> bool {
    is_decisive || T::absent().is_none()
}

/// Whether characters were dropped from a text, or replaced in it.
fn is_cut(value: &str) -> bool {
    value.starts_with('"') && (value.contains(['\u{fffd}', MARK]) || value.contains(r"\ufffd"))
}

/// Visits the members of an object, as far as it can be read.
fn walk<'de>(json: &'de str, meet: &mut dyn FnMut(Cow<'de, str>, &'de RawValue)) -> serde_json::Result<()> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    Walk(meet).deserialize(&mut deserializer).and_then(|()| deserializer.end())
}

struct Walk<'m, 'de>(&'m mut dyn FnMut(Cow<'de, str>, &'de RawValue));

impl<'de> DeserializeSeed<'de> for Walk<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of at most 10000 members")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut count = 0;
        while let Some(name) = map.next_key_seed(Seed::<Cow<'de, str>>::new())? {
            let value = map.next_value()?;
            if count == MAX_LIST {
                return Err(A::Error::invalid_length(MAX_LIST + 1, &self));
            }
            count += 1;
            (self.0)(name, value);
        }
        Ok(())
    }
}

/// An object that is built from its members.
pub(crate) trait WireObject<'de>: WireValue<'de> {
    fn of_members(members: Members<'de>) -> Result<Self, Unread<'de>>;
}

/// [`WireValue::mend`] of an object.
pub(crate) fn mend_object<'de, T: WireObject<'de>>(json: &'de str) -> Result<T, Unread<'de>> {
    if json.starts_with('{') { T::of_members(Members::of(json)?) } else { strictly(json) }
}

/// [`WireValue::mend_or_nothing`] of an object.
pub(crate) fn mend_object_or_nothing<'de, T: WireObject<'de>>(json: &'de str) -> Result<Option<T>, Unread<'de>> {
    if json.starts_with('{') { mend_object(json).map(Some) } else { strictly_or_nothing(json) }
}

/// [`WireValue::mend_alone`] of an object.
pub(crate) fn mend_object_alone<'de, T: WireObject<'de>>(json: &'de str) -> Result<Option<T>, Unread<'de>> {
    if !json.starts_with('{') {
        return strictly_alone(json);
    }
    let members = Members::of(json)?;
    if members.is_empty() { Ok(None) } else { T::of_members(members).map(Some) }
}
