//! Declares objects with members.

/// Declares a JSON object of the wire: the struct, its reading and its writing.
///
/// A member is named as on the wire, or given its wire name by `= "name"`. Its type is a
/// [`WireValue`], which defines how absence is read and how the value is written. A known member
/// that occurs twice does not fit, since two readers could disagree on its value; with equal values
/// it counts once. A struct that borrows from its document names the lifetime `'de`.
///
/// In a document that one pass cannot read, a member that does not fit is lost alone: it is empty,
/// or marked unreadable where its type allows, and `extra` has its text under its name. `as
/// decisive` after a member's type means that the document cannot do without it. `as asked` adds a
/// method for the member that distinguishes *absent* from *unreadable*.
///
/// A field in `and { … }` behind it is not a member: it is empty after reading, and never written.
macro_rules! wire_object {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident $(<$life:lifetime>)? {
            $( $(#[$member_meta:meta])* $member:ident $(= $wire:literal)? : $type:ty $(as $role:ident)?, )*
        }
        $( and { $( $(#[$beside_meta:meta])* $beside:ident : $beside_type:ty, )* } )?
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        $vis struct $name $(<$life>)? {
            $( $(#[$member_meta])* pub $member: $type, )*
            /// Members this version does not know, and known ones that do not fit. They are kept
            /// and written back.
            pub extra: $crate::codec::Extra,
            $( $( $(#[$beside_meta])* pub $beside: $beside_type, )* )?
        }

        impl<'de> $crate::codec::json::WireValue<'de> for $name $(<$life>)? {
            const EXPECTED: &'static str = concat!("an object (", stringify!($name), ")");

            fn mend(json: &'de str) -> Result<Self, $crate::codec::json::Unread<'de>> {
                $crate::codec::json::mend_object(json)
            }

            fn mend_or_nothing(json: &'de str) -> Result<Option<Self>, $crate::codec::json::Unread<'de>> {
                $crate::codec::json::mend_object_or_nothing(json)
            }

            fn mend_alone(json: &'de str) -> Result<Option<Self>, $crate::codec::json::Unread<'de>> {
                $crate::codec::json::mend_object_alone(json)
            }

            fn note_misfits(&self, misfits: &mut $crate::codec::json::Misfits) {
                use $crate::codec::json::WireValue;

                $( {
                    let name = $crate::codec::json::wire_name!($member $($wire)?);
                    misfits.member(name, |misfits| match self.extra.misfit(name, <$type as WireValue<'de>>::EXPECTED) {
                        Some(expected) => misfits.note(expected),
                        None => WireValue::note_misfits(&self.$member, misfits),
                    });
                } )*
            }

            fn decode<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use $crate::codec::json::nothing;

                Self::decode_or_nothing(deserializer)?
                    .ok_or_else(|| nothing(concat!("an object (", stringify!($name), ")")))
            }

            fn decode_or_nothing<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
                Self::decode_alone(deserializer, false)
            }

            fn decode_alone<D: serde::Deserializer<'de>>(
                deserializer: D,
                in_place_of_a_list: bool,
            ) -> Result<Option<Self>, D::Error> {
                use $crate::codec::json::{Seed, WireValue};

                #[allow(non_camel_case_types, reason = "a variant is named as its member")]
                enum Member { $( $member, )* Unknown(Box<str>) }

                impl<'de> serde::de::Deserialize<'de> for Member {
                    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                        struct Name;

                        impl serde::de::Visitor<'_> for Name {
                            type Value = Member;

                            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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

                struct Members {
                    in_place_of_a_list: bool,
                }

                impl<'de> serde::de::Visitor<'de> for Members {
                    type Value = Option<$name $(<$life>)?>;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
                        let mut is_bare = true;
                        while let Some(member) = map.next_key()? {
                            is_bare = false;
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
                        if is_bare && self.in_place_of_a_list {
                            return Ok(None);
                        }
                        Ok(Some($name {
                            $( $member: match $member.or_else(<$type as WireValue<'de>>::absent) {
                                Some(value) => value,
                                None => return Err(A::Error::missing_field($crate::codec::json::wire_name!($member $($wire)?))),
                            }, )*
                            extra,
                            $( $( $beside: Default::default(), )* )?
                        }))
                    }
                }

                deserializer.deserialize_any(Members { in_place_of_a_list })
            }
        }

        impl<'de> serde::Deserialize<'de> for $name $(<$life>)? {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::codec::json::WireValue::decode(deserializer)
            }
        }

        impl<'de> $crate::codec::json::WireObject<'de> for $name $(<$life>)? {
            fn of_members(
                mut members: $crate::codec::json::Members<'de>,
            ) -> Result<Self, $crate::codec::json::Unread<'de>> {
                use $crate::codec::json::{is_decisive, wire_name};

                Ok(Self {
                    $( $member: members.take(wire_name!($member $($wire)?), is_decisive!($($role)?))?, )*
                    extra: members.rest(),
                    $( $( $beside: Default::default(), )* )?
                })
            }
        }

        impl $(<$life>)? $name $(<$life>)? {
            $( $crate::codec::json::wire_role! { $($role)? : $member $(= $wire)? : $type } )*

            /// The members that do not fit, in this object and within. `extra` has their text.
            #[must_use]
            #[allow(dead_code, reason = "a private object's misfits are never read")]
            $vis fn misfits(&self) -> Vec<$crate::Misfit> {
                let mut misfits = $crate::codec::json::Misfits::default();
                $crate::codec::json::WireValue::note_misfits(self, &mut misfits);
                misfits.into_found()
            }

            /// Writes the members into an object that the caller has begun.
            pub(crate) fn serialize_members<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                use $crate::codec::json::WireValue;

                $( if !WireValue::is_absent(&self.$member)
                    && !self.extra.holds($crate::codec::json::wire_name!($member $($wire)?))
                {
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

/// Whether a member's role is `decisive`: the document cannot do without it.
macro_rules! is_decisive {
    () => {
        false
    };
    (decisive) => {
        true
    };
    (asked) => {
        false
    };
}
pub(crate) use is_decisive;

/// The method that a member's role adds to its object.
macro_rules! wire_role {
    (: $($member:tt)*) => {};
    (decisive : $($member:tt)*) => {};
    (asked : $member:ident $(= $wire:literal)? : $type:ty) => {
        #[doc = concat!("[`", stringify!($member), "`](#structfield.", stringify!($member), "), where absent and unreadable are not the same.")]
        ///
        /// # Errors
        /// [`Misfit`](crate::Misfit) where it was sent but cannot be read.
        pub fn $member(&self) -> Result<&$type, $crate::Misfit> {
            use $crate::codec::json::{WireValue, wire_name};

            let name = wire_name!($member $($wire)?);
            match self.extra.misfit(name, <$type as WireValue<'_>>::EXPECTED) {
                Some(expected) => Err($crate::Misfit::new(name.to_owned(), expected)),
                None => Ok(&self.$member),
            }
        }
    };
}
pub(crate) use wire_role;
