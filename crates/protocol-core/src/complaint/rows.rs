//! The rows of a list or a history, read one by one if they cannot be read together: one that
//! cannot be read hides no other.

use std::fmt;

use serde_json::value::RawValue;

use crate::codec::id::is_id;
use crate::codec::json::{
    Members, Unread, WireObject, WireValue, elements, mend_document, mend_marked, raw_rows, strictly,
};
use crate::codec::text::{marked_json, without_marks};
use crate::error::DecodeError;
use crate::secret::Personal;

/// A complaint or penalty of a list, or an entry of a history, that cannot be read. The rows beside it are
/// read.
///
/// Read a complaint by its number: its detail may be readable. Report the row too, with a document
/// without personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnreadableRow {
    /// The row's id, 1 to 64 characters, if that can be read.
    pub id: Option<String>,
    /// The problem. Lines and columns count from the beginning of the row.
    pub error: DecodeError,
    /// The row, unchanged: JSON.
    pub row: Personal<String>,
    kind: RowKind,
}

/// The kind of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowKind {
    /// Complaints of a list.
    Complaint,
    /// Entries of a negotiation history.
    Entry,
    /// Penalties of a Mini Program.
    #[cfg(feature = "mini-program")]
    Penalty,
}

impl RowKind {
    /// The name of a row in decoding errors.
    const fn document(self) -> &'static str {
        match self {
            Self::Complaint => "a complaint",
            Self::Entry => "an entry of a history",
            #[cfg(feature = "mini-program")]
            Self::Penalty => "a penalty",
        }
    }
}

impl UnreadableRow {
    /// The number of a complaint of a list, or of a penalty's complaint, if it can be read. An entry
    /// of a history has none.
    #[must_use]
    pub fn complaint_id(&self) -> Option<&str> {
        self.id.as_deref().filter(|_| self.kind != RowKind::Entry)
    }

    /// Identifies the row among others: its id, or else the row itself, which is personal.
    #[must_use]
    pub fn identity(&self) -> &str {
        self.id.as_ref().unwrap_or(self.row.expose())
    }
}

impl fmt::Display for UnreadableRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = &self.error;
        match (self.kind, &self.id) {
            (RowKind::Complaint, Some(id)) => {
                write!(f, "complaint {id} of the list cannot be read ({error}); read it by its number, and report it")
            }
            (RowKind::Complaint, None) => {
                write!(f, "a complaint of the list cannot be read, not even its number ({error}); report it")
            }
            (RowKind::Entry, Some(id)) => {
                write!(f, "entry {id} of the history cannot be read ({error}); report it")
            }
            (RowKind::Entry, None) => {
                write!(f, "an entry of the history cannot be read, not even its id ({error}); report it")
            }
            #[cfg(feature = "mini-program")]
            (RowKind::Penalty, Some(id)) => {
                write!(f, "the penalty for complaint {id} cannot be read ({error}); read the complaint, and report it")
            }
            #[cfg(feature = "mini-program")]
            (RowKind::Penalty, None) => {
                write!(f, "a penalty cannot be read, not even its complaint's number ({error}); report it")
            }
        }
    }
}

/// A type of row.
pub(crate) trait Row: for<'x> WireObject<'x> {
    const KIND: RowKind;
    /// The member that holds the row's id.
    const ID: &'static str;
}

/// The rows of a list, read one by one.
#[derive(Debug)]
pub(crate) struct Rows<T> {
    pub(crate) read: Vec<T>,
    pub(crate) unreadable: Vec<UnreadableRow>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { read: Vec::new(), unreadable: Vec::new() }
    }
}

impl<T: Row> Rows<T> {
    /// Reads a list, or one row without its list, from a mended text with marks. An empty value in
    /// place of the list is an empty list.
    pub(crate) fn read(document: &'static str, text: &str) -> Result<Self, DecodeError> {
        let json = raw_rows(document, text)?.get();
        let unread = |unread: Unread<'_>| unread.into_error(document, text);
        let elements = match json.as_bytes().first() {
            Some(b'[') => elements(json).map_err(unread)?.collect(),
            Some(b'{') => vec![json],
            _ => return strictly(json).map(|read| Self { read, ..Self::default() }).map_err(unread),
        };
        let mut rows = Self::default();
        for row in elements {
            match Self::row(row) {
                Ok(read) => rows.read.push(read),
                Err(error) => rows.unreadable.push(UnreadableRow {
                    id: id_of::<T>(row),
                    error,
                    row: Personal::new(without_marks(row).into_owned()),
                    kind: T::KIND,
                }),
            }
        }
        Ok(rows)
    }

    fn row(row: &str) -> Result<T, DecodeError> {
        let document = T::KIND.document();
        let unread = DecodeError::at(document, row.as_bytes(), 0, T::EXPECTED);
        mend_marked(document, row, unread)
    }
}

/// The id of a row that cannot be read.
fn id_of<T: Row>(row: &str) -> Option<String> {
    Members::of(row).ok()?.take(T::ID, true).ok().filter(|id: &String| is_id(id))
}

/// Reads a document row by row. `error` is the error of reading it in one pass.
pub(crate) fn by_rows<F: for<'x> WireValue<'x>, T: Row>(
    document: &'static str,
    json: &[u8],
    rows: &'static str,
    error: DecodeError,
) -> Result<(F, Rows<T>), DecodeError> {
    let text = marked_json(json);
    let frame = mend_document(document, &without_marks(&text), error.clone())?;
    let mut members = Members::of(text.trim()).map_err(|_| error)?;
    if !members.holds(rows) {
        return Ok((frame, Rows::default()));
    }
    let found: &RawValue = members.take(rows, true).map_err(|unread| unread.into_error(document, &text))?;
    Ok((frame, Rows::read(document, found.get())?))
}
