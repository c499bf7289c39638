//! A pushed message as text: its format, and one that this crate does not type.

use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::push_signature::hex_sha1;
use crate::codec::json::read_unopened;

/// A message that this crate does not type, in its own format.
#[derive(Clone)]
#[non_exhaustive]
pub enum Document {
    /// JSON.
    Json(Box<RawValue>),
    /// XML.
    Xml(String),
    /// Any other text.
    Text(String),
}

impl Document {
    /// A message that is neither an object nor an element, and so not an event.
    pub(super) fn of_no_event(text: &str) -> Self {
        let json = text.trim_start().starts_with(['[', '"']).then(|| read_unopened(DOCUMENT, text.as_bytes()));
        match json {
            Some(Ok(json)) => Self::Json(json),
            _ => Self::Text(text.to_owned()),
        }
    }

    /// A message that could not be read, of any kind.
    pub(super) fn unread(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// The same in every copy of this message, and in no other: as
    /// [`Push::dedup_key`](super::Push::dedup_key), for a message that could not be read.
    #[must_use]
    pub fn dedup_key(&self) -> String {
        key_of(self.as_str())
    }

    /// The message, unchanged.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Json(json) => json.get(),
            Self::Xml(text) | Self::Text(text) => text,
        }
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other) && self.as_str() == other.as_str()
    }
}

impl Eq for Document {}

/// The message may be personal.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Json(_) => "Json(***)",
            Self::Xml(_) => "Xml(***)",
            Self::Text(_) => "Text(***)",
        })
    }
}

/// JSON unchanged; XML and text as a string.
impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Json(json) => json.serialize(serializer),
            Self::Xml(text) | Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

#[derive(Clone, Copy)]
pub(super) enum TextFormat {
    Json,
    Xml,
}

/// The format of a document, from the document itself.
pub(super) fn format_of(text: &str) -> Option<TextFormat> {
    match text.trim_start_matches('\u{feff}').trim_start().as_bytes().first() {
        Some(b'{') => Some(TextFormat::Json),
        Some(b'<') => Some(TextFormat::Xml),
        _ => None,
    }
}

pub(super) fn key_of(text: &str) -> String {
    format!("push:{}", String::from_utf8_lossy(&hex_sha1(&[text.as_bytes()])))
}

/// The name of a push in decoding errors.
pub(super) const DOCUMENT: &str = "a push";
