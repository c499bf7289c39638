//! The second reading of a document: a member that does not fit is lost alone.

use serde_json::value::to_raw_value;

use super::{XmlMember, XmlReader};
use crate::codec::json::Extra;
use crate::error::DecodeError;

/// The text of the last element, for the second reading of a document.
#[derive(Default)]
pub(super) struct SecondReading {
    /// Whether the current member is one that the document can do without.
    is_mending: bool,
    /// Whether the current member does not fit.
    is_spoilt: bool,
    pub(super) text: String,
    pub(super) has_elements: bool,
}

impl<'x> XmlReader<'x> {
    /// The first value that did not fit its member.
    pub(crate) fn take_misfit(&mut self) -> Option<DecodeError> {
        self.misfit.take()
    }

    /// Reads a child of the current element as a member. In a second reading, a member that does not fit
    /// goes into `extra` as its text, or as its markup where it contains elements. A decisive one
    /// fails the document.
    pub(crate) fn member(
        &mut self,
        name: &'static str,
        is_decisive: bool,
        member: &mut impl XmlMember<'x>,
        extra: &mut Extra,
    ) -> Result<(), DecodeError> {
        if is_decisive {
            self.is_whole = Some(true);
            member.add(self)?;
            if self.is_whole.take() == Some(false) {
                self.note_misfit("expected a text without dropped or replaced characters");
            }
            return Ok(());
        }
        if self.second.is_none() { member.add(self) } else { self.mend(name, member, extra) }
    }

    /// Whether the value that was just read in a second reading does not fit.
    pub(crate) fn is_spoilt(&self) -> bool {
        self.second.as_ref().is_some_and(|second| second.is_spoilt)
    }

    #[cold]
    fn mend(
        &mut self,
        name: &'static str,
        member: &mut impl XmlMember<'x>,
        extra: &mut Extra,
    ) -> Result<(), DecodeError> {
        let begin = self.offset(self.reader.buffer_position());
        let around = self.second.replace(SecondReading { is_mending: true, ..SecondReading::default() });
        member.add(self)?;
        let read = std::mem::replace(&mut self.second, around).unwrap_or_default();
        if !read.is_spoilt && !extra.holds(name) {
            return Ok(());
        }
        let text = if read.has_elements { self.markup_since(begin) } else { &read.text };
        let kept = member.spoil().into_iter().chain(to_raw_value(text).ok());
        kept.for_each(|value| extra.keep(name, value));
        Ok(())
    }

    /// The markup in an element that began at `begin` and has just ended.
    fn markup_since(&self, begin: usize) -> &'x str {
        let end = self.offset(self.reader.buffer_position());
        let element = self.text.get(begin..end).unwrap_or_default();
        element.rfind("</").and_then(|end| element.get(..end)).unwrap_or_default()
    }

    /// Records a value that does not fit, at the reader's position.
    pub(crate) fn note_misfit(&mut self, problem: &'static str) {
        if let Some(second) = self.second.as_mut().filter(|second| second.is_mending) {
            second.is_spoilt = true;
        } else if self.misfit.is_none() {
            self.misfit = Some(self.error(problem));
        }
    }
}
