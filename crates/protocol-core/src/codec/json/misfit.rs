//! Members that do not fit, and their places.

use std::fmt;

/// A member of a document that was sent but cannot be read. `extra` keeps it unchanged, and the
/// rest of the document is read.
///
/// The misfit contains no part of the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    place: String,
    expected: &'static str,
}

impl Misfit {
    pub(crate) const fn new(place: String, expected: &'static str) -> Self {
        Self { place, expected }
    }

    /// The member's place: names of members and numbers of elements, from 0, such as
    /// `complaint_order_info[0].amount`.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The expected type.
    #[must_use]
    pub const fn expected(&self) -> &'static str {
        self.expected
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the member {} cannot be read: expected {}", self.place, self.expected)
    }
}

/// The misfits of a document, while they are collected.
#[derive(Debug, Default)]
pub(crate) struct Misfits {
    place: String,
    found: Vec<Misfit>,
}

impl Misfits {
    pub(crate) fn into_found(self) -> Vec<Misfit> {
        self.found
    }

    /// Enters a member.
    pub(crate) fn member(&mut self, name: &str, look: impl FnOnce(&mut Self)) {
        let dot = if self.place.is_empty() { "" } else { "." };
        self.within(format_args!("{dot}{name}"), look);
    }

    /// Enters an element of a list.
    pub(crate) fn element(&mut self, at: usize, look: impl FnOnce(&mut Self)) {
        self.within(format_args!("[{at}]"), look);
    }

    /// Records that the current value does not fit.
    pub(crate) fn note(&mut self, expected: &'static str) {
        self.found.push(Misfit::new(self.place.clone(), expected));
    }

    fn within(&mut self, step: fmt::Arguments<'_>, look: impl FnOnce(&mut Self)) {
        use fmt::Write as _;

        let length = self.place.len();
        // Writing to a string cannot fail.
        let _ = self.place.write_fmt(step);
        look(self);
        self.place.truncate(length);
    }
}
