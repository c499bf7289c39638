//! Complaints of a list that cannot be read, told apart from those beside them that can.

use core::fmt;

use serde::de::{Deserialize as _, DeserializeOwned, Deserializer};
use serde_json::value::RawValue;

use crate::codec::json::{WireValue, read_json, wire_object};
use crate::error::DecodeError;
use crate::limits::MAX_ID;
use crate::secret::Personal;

/// A complaint that stands in a list but cannot be read; the others of its page are.
///
/// Read it by its number: what the detail says may be readable. And report it, with a document without personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnreadableComplaint {
    /// Its number, 1 to 64 characters, if that much can be read.
    pub complaint_id: Option<String>,
    /// What is wrong with it; lines and columns count from the beginning of the row.
    pub error: DecodeError,
    /// The row as it came: JSON.
    pub row: Personal<String>,
}

impl UnreadableComplaint {
    /// What tells it apart from other rows: its number, or else the row itself, which is personal.
    #[must_use]
    pub fn identity(&self) -> &str {
        self.complaint_id.as_ref().unwrap_or(self.row.expose())
    }
}

impl fmt::Display for UnreadableComplaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { complaint_id, error, .. } = self;
        match complaint_id {
            Some(id) => {
                write!(f, "complaint {id} of the list cannot be read ({error}); read it by its number, and report it")
            }
            None => write!(f, "a complaint of the list cannot be read, not even its number ({error}); report it"),
        }
    }
}

impl core::error::Error for UnreadableComplaint {}

/// What is read of a complaint that cannot be read.
pub(crate) trait Numbered: DeserializeOwned {
    fn number(self) -> Option<String>;
}

wire_object! {
    /// The number of a WeChat complaint.
    pub(crate) struct ComplaintNumber {
        /// The number.
        complaint_id: Option<String>,
    }
}

impl Numbered for ComplaintNumber {
    fn number(self) -> Option<String> {
        self.complaint_id
    }
}

/// The rows of a list, read one by one.
#[derive(Debug)]
pub(crate) struct Rows<T> {
    pub(crate) read: Vec<T>,
    pub(crate) unreadable: Vec<UnreadableComplaint>,
}

impl<T: DeserializeOwned> Rows<T> {
    /// Reads a list, or one row without its list. `None` where it is neither, or where it is not the rows that are at fault.
    pub(crate) fn one_by_one<N: Numbered>(json: &[u8]) -> Option<Self> {
        let json = read_json::<&RawValue>("a list", json).ok()?.get();
        let elements = match json.as_bytes().first() {
            Some(b'[') => Vec::<&RawValue>::decode(&mut serde_json::Deserializer::from_str(json)).ok()?,
            Some(b'{') => vec![serde_json::from_str(json).ok()?],
            _ => return None,
        };
        let mut rows = Self { read: Vec::new(), unreadable: Vec::new() };
        for row in elements.into_iter().map(RawValue::get) {
            match read_json("a complaint", row.as_bytes()) {
                Ok(complaint) => rows.read.push(complaint),
                Err(error) => rows.unreadable.push(UnreadableComplaint {
                    complaint_id: number::<N>(row),
                    error,
                    row: Personal::new(row.to_owned()),
                }),
            }
        }
        (!rows.unreadable.is_empty()).then_some(rows)
    }
}

/// As it stands there, whatever it is.
impl<'de> WireValue<'de> for &'de RawValue {
    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

fn number<N: Numbered>(row: &str) -> Option<String> {
    let number = read_json::<N>("a number", row.as_bytes()).ok()?.number()?;
    let is_one = (1..=MAX_ID).contains(&number.chars().count()) && !number.contains(char::is_control);
    is_one.then_some(number)
}
