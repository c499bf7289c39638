//! Elements that are kept unchanged: unknown ones, and in the second reading of a document those
//! that do not fit.

use std::borrow::Cow;

use serde_json::value::to_raw_value;

use super::{XmlMember, XmlReader};
use crate::codec::json::Extra;
use crate::error::DecodeError;
use crate::limits::MAX_UNKNOWN_ELEMENTS;

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
        let (is_spoilt, text) = self.apart(|reader| member.add(reader))?;
        if !is_spoilt && !extra.holds(name) {
            return Ok(());
        }
        let kept = member.spoil().into_iter().chain(to_raw_value(&text).ok());
        kept.for_each(|value| extra.keep(name, value));
        Ok(())
    }

    /// Keeps an element that no model knows, to its end: its text, or its markup where it contains
    /// elements. Beyond [`MAX_UNKNOWN_ELEMENTS`] it is skipped.
    #[cold]
    pub(crate) fn keep(&mut self, name: &str, extra: &mut Extra) -> Result<(), DecodeError> {
        if extra.len() >= MAX_UNKNOWN_ELEMENTS {
            return self.skip();
        }
        let (_, text) = self.apart(|reader| reader.text().map(drop))?;
        to_raw_value(&text).into_iter().for_each(|value| extra.keep(name, value));
        Ok(())
    }

    /// Reads the current element to its end, so that a value that does not fit stays within it.
    /// Returns whether there was one, and the text or the markup of the element.
    fn apart(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<(), DecodeError>,
    ) -> Result<(bool, Cow<'x, str>), DecodeError> {
        let begin = self.offset(self.reader.buffer_position());
        let around = self.second.replace(SecondReading { is_mending: true, ..SecondReading::default() });
        read(self)?;
        let read = std::mem::replace(&mut self.second, around).unwrap_or_default();
        let text = if read.has_elements { self.markup_since(begin).into() } else { read.text.into() };
        Ok((read.is_spoilt, text))
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
