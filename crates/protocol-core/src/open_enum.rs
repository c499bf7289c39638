//! Wire enumerations that keep unknown values unchanged.

/// Declares an enumeration of wire strings with one more variant for every other string.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $wire:literal, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$variant_meta])* #[doc = concat!("\n\nOn the wire: `", $wire, "`.")] $variant, )*
            /// A value this version does not know, unchanged. `From<&str>` makes it for such values
            /// only.
            Unknown($crate::open_enum::UnknownValue),
            /// The value that was sent is not a string: neither absent nor any of the others.
            /// `extra` beside it has its text.
            Unreadable($crate::open_enum::UnreadableValue),
        }

        impl $name {
            /// Every value this version knows.
            pub const KNOWN: &[Self] = &[$( Self::$variant, )*];

            /// The value on the wire; `unreadable` for one that cannot be read.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $wire, )*
                    Self::Unknown(value) => value.as_str(),
                    Self::Unreadable(_) => "unreadable",
                }
            }

            /// Whether this version knows the value.
            #[must_use]
            pub const fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_) | Self::Unreadable(_))
            }
        }

        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                match value {
                    $( $wire => Self::$variant, )*
                    other => Self::Unknown($crate::open_enum::UnknownValue::new(other)),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl<'de> $crate::codec::json::WireValue<'de> for $name {
            const EXPECTED: &'static str = "a string";

            fn decode<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::codec::json::decode_text(deserializer, "a string", |value| Self::from(value))
            }

            fn unreadable() -> Option<Self> {
                Some(Self::Unreadable($crate::open_enum::UnreadableValue::new()))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::codec::json::WireValue::decode(deserializer)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}
pub(crate) use open_enum;

/// Declares an enumeration of wire numbers with one more variant for every other number.
macro_rules! open_code {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $code:literal, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$variant_meta])* #[doc = concat!("\n\nOn the wire: `", $code, "`.")] $variant, )*
            /// A code this version does not know. Made by `From<i64>` only for such codes.
            Unknown($crate::open_enum::UnknownCode),
            /// The value that was sent is not a whole number: neither absent nor any of the others.
            /// `extra` beside it has its text.
            Unreadable($crate::open_enum::UnreadableValue),
        }

        impl $name {
            /// Every code this version knows.
            pub const KNOWN: &[Self] = &[$( Self::$variant, )*];

            /// The code on the wire; `i64::MIN` for one that cannot be read.
            #[must_use]
            pub const fn code(self) -> i64 {
                match self {
                    $( Self::$variant => $code, )*
                    Self::Unknown(code) => code.get(),
                    Self::Unreadable(_) => i64::MIN,
                }
            }

            /// Whether this version knows the code.
            #[must_use]
            pub const fn is_known(self) -> bool {
                !matches!(self, Self::Unknown(_) | Self::Unreadable(_))
            }
        }

        impl From<i64> for $name {
            fn from(code: i64) -> Self {
                match code {
                    $( $code => Self::$variant, )*
                    other => Self::Unknown($crate::open_enum::UnknownCode::new(other)),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    Self::Unreadable(_) => f.write_str("unreadable"),
                    known => known.code().fmt(f),
                }
            }
        }

        impl<'de> $crate::codec::json::WireValue<'de> for $name {
            const EXPECTED: &'static str = <i64 as $crate::codec::json::WireValue<'_>>::EXPECTED;

            fn decode<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                i64::decode(deserializer).map(Self::from)
            }

            fn unreadable() -> Option<Self> {
                Some(Self::Unreadable($crate::open_enum::UnreadableValue::new()))
            }

            fn decode_or_nothing<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
                i64::decode_or_nothing(deserializer).map(|code| code.map(Self::from))
            }
        }

        #[cfg(feature = "mini-program")]
        impl<'x> $crate::codec::xml::XmlValue<'x> for $name {
            fn read(reader: &mut $crate::codec::xml::XmlReader<'x>) -> Result<Option<Self>, $crate::DecodeError> {
                i64::read(reader).map(|code| code.map(Self::from))
            }

            fn unreadable() -> Option<Self> {
                Some(Self::Unreadable($crate::open_enum::UnreadableValue::new()))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.code())
            }
        }
    };
}
pub(crate) use open_code;

/// Marks a value that was sent but cannot be read. Only reading a document makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UnreadableValue(());

impl UnreadableValue {
    pub(crate) const fn new() -> Self {
        Self(())
    }
}

/// A wire number that this version does not know. Only this crate makes one, so that a known code
/// never hides in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UnknownCode(i64);

impl UnknownCode {
    pub(crate) const fn new(code: i64) -> Self {
        Self(code)
    }

    /// The number, unchanged.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// A wire value that this version does not know. Only this crate makes one, so that a known value
/// never hides in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    pub(crate) fn new(value: &str) -> Self {
        Self(value.into())
    }

    /// The value, unchanged.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
