//! XML of a message push: one pass over the events, straight into the value, within bounds.
//!
//! The reader accepts everything that real pushes and the documentation's samples need: CDATA and
//! text alike, split sections, character references and the five predefined entities, comments,
//! attributes (ignored), stray text between elements (ignored). It refuses by name everything that
//! only an attacker needs: a document type, other entities, processing instructions, a second root,
//! anything after the root, too much depth, too many events.
//!
//! Control characters that XML 1.0 forbids (U+0000 to U+0008, U+000B, U+000C, U+000E to U+001F) do
//! occur in payers' texts. They are dropped from the text, whether written raw or as references:
//! those characters are lost, but the complaint is read.

mod member;
mod references;
mod refused;
mod second_reading;
#[cfg(test)]
mod tests;
mod writer;

use std::borrow::Cow;
use std::io::BufRead as _;

use memchr::{memchr_iter, memchr2};
use quick_xml::Reader;
use quick_xml::events::Event;

pub(crate) use self::member::{XmlElement, XmlMember, XmlValue};
use self::second_reading::SecondReading;
pub(crate) use self::writer::{XmlWriter, is_xml_name};
use super::text::{has_forbidden, is_forbidden};
use crate::error::DecodeError;
use crate::limits::{MAX_XML_DEPTH, MAX_XML_EVENTS};

/// A reader over one document.
pub(crate) struct XmlReader<'x> {
    reader: Reader<&'x [u8]>,
    text: &'x str,
    document: &'static str,
    /// Whether the document contains no character to drop. Nearly all do not, and their texts are
    /// then not scanned.
    clean: bool,
    depth: usize,
    events: usize,
    /// The first value that is well-formed but does not fit its member. The document decides at its
    /// end whether that matters.
    misfit: Option<DecodeError>,
    /// State of a second reading, for members that do not fit.
    second: Option<SecondReading>,
    /// Whether the next reference was read along with the one before it.
    low_is_read: bool,
    /// Whether characters of the document were replaced.
    is_cut: bool,
    /// While an identity is read: whether all of its characters were kept.
    is_whole: Option<bool>,
}

impl<'x> XmlReader<'x> {
    /// A reader of `text`, called `document` in errors. Leading whitespace is skipped.
    pub(crate) fn new(document: &'static str, text: &'x str) -> Self {
        Self { clean: !has_forbidden(text), ..Self::of_readable(document, text) }
    }

    /// The same for a text whose control characters were dropped already.
    pub(crate) fn of_readable(document: &'static str, text: &'x str) -> Self {
        let mut reader = Reader::from_str(text.trim_start());
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            text,
            document,
            clean: true,
            depth: 0,
            events: 0,
            misfit: None,
            second: None,
            low_is_read: false,
            is_cut: false,
            is_whole: None,
        }
    }

    /// Records that characters of the document may have been replaced.
    pub(crate) fn cut(self, is_cut: bool) -> Self {
        Self { is_cut, ..self }
    }

    /// Starts a second reading: a member that does not fit is lost alone.
    pub(crate) fn again(self) -> Self {
        Self { second: Some(SecondReading::default()), ..self }
    }

    /// Reads the whole document: one root, its children into `T`, nothing after it.
    pub(crate) fn document<T: XmlElement<'x>>(&mut self) -> Result<T, DecodeError> {
        let mut value = T::default();
        self.document_into(&mut value)?;
        Ok(value)
    }

    /// As [`document`](Self::document), into a value that keeps the members read before an error.
    pub(crate) fn document_into<T: XmlElement<'x>>(&mut self, value: &mut T) -> Result<(), DecodeError> {
        loop {
            self.count()?;
            match self.reader.read_event() {
                Ok(Event::Start(_)) => break,
                Ok(Event::Decl(_)) if self.events == 1 => {}
                Ok(Event::Eof) => return Err(self.error("there is no root element")),
                event => self.outside_root(&event)?,
            }
        }
        self.enter()?;
        self.members_into(value)?;
        loop {
            self.count()?;
            match self.reader.read_event() {
                Ok(Event::Eof) => return Ok(()),
                Ok(Event::Start(_)) => return Err(self.error("there is a second root element")),
                event => self.outside_root(&event)?,
            }
        }
    }
    /// Reads the children of the current element, to its end.
    pub(crate) fn members<T: XmlElement<'x>>(&mut self) -> Result<T, DecodeError> {
        let mut value = T::default();
        self.members_into(&mut value)?;
        Ok(value)
    }

    /// Reads the children of the current element, to its end, into a value that keeps the members
    /// read before an error.
    pub(crate) fn members_into<T: XmlElement<'x>>(&mut self, value: &mut T) -> Result<(), DecodeError> {
        loop {
            self.blank()?;
            self.count()?;
            match self.reader.read_event() {
                Ok(Event::Start(start)) => {
                    self.enter()?;
                    value.child(start.name().as_ref(), self)?;
                }
                Ok(Event::End(_)) => {
                    self.leave();
                    return Ok(());
                }
                // Mostly whitespace.
                Ok(Event::Text(_)) => {}
                event => self.pass_over(&event)?,
            }
        }
    }

    /// Reads the text of the current element, to its end; borrowed where it is in one piece.
    pub(crate) fn text(&mut self) -> Result<Cow<'x, str>, DecodeError> {
        let mut text = Cow::Borrowed("");
        if let Some(piece) = self.only_piece() {
            self.count()?;
            self.append(&mut text, Cow::Borrowed(piece));
        }
        loop {
            self.count()?;
            match self.reader.read_event() {
                Ok(Event::Text(piece)) => self.append(&mut text, piece.into_inner()),
                Ok(Event::CData(piece)) => self.append(&mut text, piece.into_inner()),
                Ok(Event::GeneralRef(reference)) => {
                    let resolved = self.resolve(&reference)?;
                    match resolved {
                        Some(character) if is_forbidden(character) => self.lose(),
                        Some(character) => text.to_mut().push(character),
                        None => {}
                    }
                }
                Ok(Event::Start(_)) => {
                    self.enter()?;
                    self.note_misfit("expected text, found an element");
                    if let Some(second) = &mut self.second {
                        second.has_elements = true;
                    }
                    self.skip()?;
                }
                Ok(Event::End(_)) => {
                    self.leave();
                    if self.is_cut && self.is_whole.is_some() && text.contains(char::REPLACEMENT_CHARACTER) {
                        self.lose();
                    }
                    if let Some(second) = &mut self.second {
                        second.text.clone_from(&text.to_string());
                    }
                    return Ok(text);
                }
                event => self.pass_over(&event)?,
            }
        }
    }

    /// Takes the text of an element that was just entered, if it is in one piece. quick-xml would
    /// check once more that the text is UTF-8.
    fn only_piece(&mut self) -> Option<&'x str> {
        let ahead = self.ahead();
        let (before, piece, after) = match ahead.strip_prefix(CDATA) {
            Some(section) => {
                let closes = |end: &usize| section.get(..=*end).is_some_and(|text| text.ends_with(CDATA_END));
                let end = memchr_iter(b'>', section.as_bytes()).find(closes)? + 1 - CDATA_END.len();
                (CDATA.len(), section.get(..end)?, CDATA_END.len())
            }
            None => (0, ahead.get(..memchr2(b'<', b'&', ahead.as_bytes())?)?, 0),
        };
        let length = before + piece.len() + after;
        let is_all = !piece.is_empty() && ahead.get(length..)?.starts_with("</");
        is_all.then(|| self.advance(length)).map(|()| piece)
    }

    /// Takes the whitespace before the next tag.
    fn blank(&mut self) -> Result<(), DecodeError> {
        let ahead = self.ahead().as_bytes();
        let next = ahead.trim_ascii_start();
        if next.len() < ahead.len() && next.starts_with(b"<") {
            self.count()?;
            self.advance(ahead.len() - next.len());
        }
        Ok(())
    }

    /// The document after the last event; empty after an empty element, whose end is next.
    fn ahead(&self) -> &'x str {
        let at = self.text.len() - self.reader.get_ref().len();
        let (before, ahead) = self.text.split_at_checked(at).unwrap_or_default();
        if before.ends_with("/>") { "" } else { ahead }
    }

    /// Passes over so many bytes, as if they had been an event.
    fn advance(&mut self, length: usize) {
        self.reader.stream().consume(length);
    }

    /// Records that a character is dropped, or was replaced.
    fn lose(&mut self) {
        self.is_whole = self.is_whole.map(|_| false);
    }

    /// Joins pieces of text; the first one stays borrowed.
    fn append(&mut self, text: &mut Cow<'x, str>, mut piece: Cow<'x, str>) {
        if !self.clean {
            let length = piece.len();
            piece.to_mut().retain(|character| !is_forbidden(character));
            if piece.len() < length {
                self.lose();
            }
        }
        if text.is_empty() {
            *text = piece;
        } else {
            text.to_mut().push_str(&piece);
        }
    }

    /// Skips the current element, to its end.
    pub(crate) fn skip(&mut self) -> Result<(), DecodeError> {
        let outside = self.depth - 1;
        while self.depth > outside {
            self.count()?;
            match self.reader.read_event() {
                Ok(Event::Start(_)) => self.enter()?,
                Ok(Event::End(_)) => self.leave(),
                event => self.pass_over(&event)?,
            }
        }
        Ok(())
    }

    /// Counts the next event. The caller matches on it in place: moving it would cost more than all
    /// else.
    fn count(&mut self) -> Result<(), DecodeError> {
        if self.events == MAX_XML_EVENTS {
            return Err(self.error("there are too many elements"));
        }
        self.events += 1;
        Ok(())
    }

    /// Enters an element.
    fn enter(&mut self) -> Result<(), DecodeError> {
        if self.depth == MAX_XML_DEPTH {
            return Err(self.error("elements nest too deep"));
        }
        self.depth += 1;
        Ok(())
    }

    /// Leaves an element.
    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    #[cold]
    fn error(&self, problem: &'static str) -> DecodeError {
        self.error_at(self.reader.buffer_position(), Cow::Borrowed(problem))
    }

    #[cold]
    fn error_at(&self, offset: u64, problem: Cow<'static, str>) -> DecodeError {
        DecodeError::at(self.document, self.text.as_bytes(), self.offset(offset), problem)
    }

    /// Converts a position of the reader into one in the text: the reader does not see the
    /// whitespace that was skipped before it.
    fn offset(&self, position: u64) -> usize {
        let skipped = self.text.len() - self.text.trim_start().len();
        usize::try_from(position).unwrap_or(usize::MAX).saturating_add(skipped)
    }
}

/// The start and the end of a section of text without markup.
const CDATA: &str = "<![CDATA[";
const CDATA_END: &str = "]]>";
