//! A JSON value that cannot be read.

use crate::error::DecodeError;

/// A value that cannot be read, with its own text.
pub(crate) struct Unread<'de> {
    json: &'de str,
    error: serde_json::Error,
}

impl<'de> Unread<'de> {
    pub(crate) const fn new(json: &'de str, error: serde_json::Error) -> Self {
        Self { json, error }
    }

    /// The error, with its position in the document that contains the value.
    pub(crate) fn into_error(self, document: &'static str, text: &str) -> DecodeError {
        let Self { json, error } = self;
        let start = json.as_ptr().addr().saturating_sub(text.as_ptr().addr());
        // Line 0: the value was read to its end, and then found not to be the expected one.
        let within = match error.line().checked_sub(1) {
            None => json.len().saturating_sub(1),
            Some(before) => {
                let lines: usize = json.split_inclusive('\n').take(before).map(str::len).sum();
                lines + error.column().saturating_sub(1)
            }
        };
        DecodeError::at_json(document, text, start.saturating_add(within), &error)
    }
}
