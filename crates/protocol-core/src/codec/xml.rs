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

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError};
use quick_xml::events::{BytesRef, Event};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::json::Extra;
use super::text::{has_forbidden, is_forbidden};
use crate::error::DecodeError;
use crate::limits::{MAX_XML_DEPTH, MAX_XML_EVENTS};
use crate::secret::Personal;

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

/// The text of the last element, for the second reading of a document.
#[derive(Default)]
struct SecondReading {
    /// Whether the current member is one that the document can do without.
    is_mending: bool,
    /// Whether the current member does not fit.
    is_spoilt: bool,
    text: String,
    has_elements: bool,
}

/// An element whose children are its members.
pub(crate) trait XmlElement<'x>: Default {
    /// Reads the current child to its end.
    fn child(&mut self, name: &str, reader: &mut XmlReader<'x>) -> Result<(), DecodeError>;
}

/// A value that one element holds.
pub(crate) trait XmlValue<'x>: Sized {
    /// Reads the current element to its end. `None` where it holds no such value.
    fn read(reader: &mut XmlReader<'x>) -> Result<Option<Self>, DecodeError>;

    /// The value that marks an unreadable one, for types that have such a value.
    fn unreadable() -> Option<Self> {
        None
    }
}

/// A member of an element: optional, or repeated.
pub(crate) trait XmlMember<'x> {
    /// Reads one more element of this member's name.
    fn add(&mut self, reader: &mut XmlReader<'x>) -> Result<(), DecodeError>;

    /// Takes the value out, as JSON, and marks the member as unreadable.
    fn spoil(&mut self) -> Option<Box<RawValue>>;
}

impl<'x, T: XmlValue<'x> + PartialEq + Serialize> XmlMember<'x> for Option<T> {
    fn add(&mut self, reader: &mut XmlReader<'x>) -> Result<(), DecodeError> {
        match (T::read(reader)?, &self) {
            _ if reader.is_spoilt() => {}
            (Some(value), None) => *self = Some(value),
            (Some(value), Some(before)) if value != *before => {
                reader.note_misfit("an element stands twice where one is allowed");
            }
            _ => {}
        }
        Ok(())
    }

    fn spoil(&mut self) -> Option<Box<RawValue>> {
        let before = std::mem::replace(self, T::unreadable());
        before.filter(|before| Some(before) != self.as_ref()).and_then(|before| to_raw_value(&before).ok())
    }
}

impl<'x, T: XmlValue<'x> + Serialize> XmlMember<'x> for Vec<T> {
    fn add(&mut self, reader: &mut XmlReader<'x>) -> Result<(), DecodeError> {
        self.extend(T::read(reader)?);
        Ok(())
    }

    fn spoil(&mut self) -> Option<Box<RawValue>> {
        let before = std::mem::take(self);
        (!before.is_empty()).then(|| to_raw_value(&before).ok()).flatten()
    }
}

impl<'x> XmlValue<'x> for String {
    fn read(reader: &mut XmlReader<'x>) -> Result<Option<Self>, DecodeError> {
        reader.text().map(|text| Some(text.into_owned()))
    }
}

impl<'x> XmlValue<'x> for Cow<'x, str> {
    fn read(reader: &mut XmlReader<'x>) -> Result<Option<Self>, DecodeError> {
        reader.text().map(Some)
    }
}

impl<'x, T: XmlValue<'x>> XmlValue<'x> for Personal<T> {
    fn read(reader: &mut XmlReader<'x>) -> Result<Option<Self>, DecodeError> {
        T::read(reader).map(|value| value.map(Self::new))
    }

    fn unreadable() -> Option<Self> {
        T::unreadable().map(Self::new)
    }
}

/// Empty is absent: a number has no other way to be empty.
impl<'x> XmlValue<'x> for i64 {
    fn read(reader: &mut XmlReader<'x>) -> Result<Option<Self>, DecodeError> {
        let text = reader.text()?;
        // Without trimming first: the text rarely has whitespace.
        let number = text.parse().or_else(|_| text.trim().parse()).ok();
        if number.is_none() && !text.trim().is_empty() {
            reader.note_misfit("expected a whole number");
        }
        Ok(number)
    }
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

    /// The first value that did not fit its member.
    pub(crate) fn take_misfit(&mut self) -> Option<DecodeError> {
        self.misfit.take()
    }

    /// Reads the children of the current element, to its end.
    pub(crate) fn members<T: XmlElement<'x>>(&mut self) -> Result<T, DecodeError> {
        let mut value = T::default();
        self.members_into(&mut value)?;
        Ok(value)
    }

    /// Reads one of those children as a member. In a second reading, a member that does not fit
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

    /// Reads the children of the current element, to its end, into a value that keeps the members
    /// read before an error.
    pub(crate) fn members_into<T: XmlElement<'x>>(&mut self, value: &mut T) -> Result<(), DecodeError> {
        loop {
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

    /// Records a value that does not fit, at the reader's position.
    pub(crate) fn note_misfit(&mut self, problem: &'static str) {
        if let Some(second) = self.second.as_mut().filter(|second| second.is_mending) {
            second.is_spoilt = true;
        } else if self.misfit.is_none() {
            self.misfit = Some(self.error(problem));
        }
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

    /// Skips text, the only event that may be ignored within the root.
    fn pass_over(&mut self, event: &Result<Event<'_>, Error>) -> Result<(), DecodeError> {
        match event {
            Ok(Event::GeneralRef(reference)) => self.resolve(reference).map(drop),
            Ok(Event::Eof) => Err(self.error("the document ends inside an element")),
            event => self.refuse_by_name(event),
        }
    }

    /// Accepts blanks and comments outside the root, and refuses everything else.
    fn outside_root(&self, event: &Result<Event<'_>, Error>) -> Result<(), DecodeError> {
        let blank = |text: &str| {
            text.chars().all(|c| c.is_whitespace() || is_forbidden(c) || matches!(c, '\u{200b}' | '\u{feff}'))
        };
        match event {
            Ok(Event::Comment(_)) => Ok(()),
            Ok(Event::Text(text)) if blank(text) => Ok(()),
            event => {
                self.refuse_by_name(event)?;
                Err(self.error("something stands outside the root element"))
            }
        }
    }

    /// Refuses events that are not allowed at all, or only at the start.
    fn refuse_by_name(&self, event: &Result<Event<'_>, Error>) -> Result<(), DecodeError> {
        match event {
            Ok(Event::DocType(_)) => Err(self.error("a document type is refused")),
            Ok(Event::PI(_)) => Err(self.error("a processing instruction is refused")),
            Ok(Event::Decl(_)) => Err(self.error("an XML declaration stands elsewhere than at the start")),
            Err(error) => Err(self.error_at(self.reader.error_position(), problem(error))),
            Ok(_) => Ok(()),
        }
    }

    /// The character of a reference; `None` where it was read along with the one before it.
    fn resolve(&mut self, reference: &BytesRef<'_>) -> Result<Option<char>, DecodeError> {
        match &**reference {
            "lt" => Ok(Some('<')),
            "gt" => Ok(Some('>')),
            "amp" => Ok(Some('&')),
            "apos" => Ok(Some('\'')),
            "quot" => Ok(Some('"')),
            _ if reference.is_char_ref() => match code_of(reference) {
                Some(code @ 0xd800..=0xdfff) => Ok(self.half(code)),
                code => {
                    let character = code.and_then(char::from_u32);
                    character.map(Some).ok_or_else(|| self.error("a reference to no character"))
                }
            },
            _ => Err(self.error("an entity beyond the five predefined ones is refused")),
        }
    }

    /// The character of half a surrogate pair: joined with the other half, if a reference to it
    /// follows, otherwise U+FFFD.
    #[cold]
    fn half(&mut self, code: u32) -> Option<char> {
        if std::mem::take(&mut self.low_is_read) {
            return None;
        }
        let rest = self.text.get(self.offset(self.reader.buffer_position())..).unwrap_or_default();
        let next = rest.strip_prefix('&').and_then(|rest| rest.split_once(';')).and_then(|(next, _)| code_of(next));
        let pair = [Some(code), next].map(|unit| unit.and_then(|unit| u16::try_from(unit).ok()).unwrap_or_default());
        match char::decode_utf16(pair).next() {
            Some(Ok(character)) => {
                self.low_is_read = true;
                Some(character)
            }
            _ => Some(char::REPLACEMENT_CHARACTER),
        }
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

/// The number of a reference such as `#65` or `#x41`. quick-xml refuses the reference to U+0000,
/// which is forbidden like its neighbours.
fn code_of(reference: &str) -> Option<u32> {
    let number = reference.strip_prefix('#')?;
    match number.strip_prefix('x') {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok(),
        None => number.parse().ok(),
    }
}

/// Describes a problem of the markup, and quotes nothing but element names.
fn problem(error: &Error) -> Cow<'static, str> {
    match error {
        Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
            Cow::Owned(format!("the element {} is closed by the end of {}", shown(expected), shown(found)))
        }
        Error::IllFormed(IllFormedError::UnmatchedEndTag(name)) => {
            Cow::Owned(format!("the end of {} has no start", shown(name)))
        }
        Error::Syntax(syntax) => Cow::Owned(syntax.to_string()),
        _ => Cow::Borrowed("not well-formed"),
    }
}

/// An element's name, if it is short and plain.
fn shown(name: &str) -> String {
    let plain = name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte));
    if plain { format!("<{name}>") } else { "a strange name".to_owned() }
}

/// Writes elements. Text goes into CDATA where XML would need escapes, and unescaped elsewhere.
#[derive(Debug, Default)]
pub(crate) struct XmlWriter(String);

impl XmlWriter {
    /// `<name>`, the output of `inside`, `</name>`.
    pub(crate) fn element(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.0.extend(["<", name, ">"]);
        inside(self);
        self.0.extend(["</", name, ">"]);
    }

    /// An element of text, in CDATA. A section's end within the text is split over two sections.
    pub(crate) fn cdata(&mut self, name: &str, text: &str) {
        self.element(name, |writer| {
            writer.0.extend(["<![CDATA[", &text.replace("]]>", "]]]]><![CDATA[>"), "]]>"]);
        });
    }

    /// An element of digits.
    pub(crate) fn number(&mut self, name: &str, number: i64) {
        self.element(name, |writer| writer.0.push_str(&number.to_string()));
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `<a>` once, `<b>` any number of times, `<n>` a number.
    #[derive(Debug, Default, PartialEq)]
    struct Sample {
        a: Option<String>,
        b: Vec<String>,
        n: Option<i64>,
    }

    impl<'x> XmlElement<'x> for Sample {
        fn child(&mut self, name: &str, reader: &mut XmlReader<'x>) -> Result<(), DecodeError> {
            match name {
                "a" => self.a.add(reader),
                "b" => self.b.add(reader),
                "n" => self.n.add(reader),
                _ => reader.skip(),
            }
        }
    }

    fn read(text: &str) -> Result<Sample, DecodeError> {
        let mut reader = XmlReader::new("a sample", text);
        let sample = reader.document()?;
        reader.take_misfit().map_or(Ok(sample), Err)
    }

    #[track_caller]
    fn refused(text: &str, problem: &str) {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }

    #[test]
    fn text_reads_alike_however_it_is_written() {
        for text in [
            "<x><a>1 &lt; 2</a></x>",
            "<x><a><![CDATA[1 < 2]]></a></x>",
            "<x><a>1 <![CDATA[<]]> 2</a></x>",
            "<x><a>1 &#60; <![CDATA[2]]></a></x>",
            "<x><a>1 &#x3C;<!-- no text --> 2</a></x>",
            "<?xml version=\"1.0\"?>\n<x kind='odd'>stray // text\u{200b}<a z=\"1\">1 &lt; 2</a>]</x>\n<!-- end -->\n",
            "<x><unknown><a>no</a>&amp;</unknown><a>1 &lt; 2</a><n/><n>  </n></x>",
        ] {
            assert_eq!(read(text).unwrap(), Sample { a: Some("1 < 2".into()), ..Sample::default() }, "{text}");
        }
        assert_eq!(read("<x><a><![CDATA[a]]]]><![CDATA[>b]]></a></x>").unwrap().a.as_deref(), Some("a]]>b"));
        assert_eq!(read("<x><a/></x>").unwrap().a.as_deref(), Some(""));
        let many = read("<x><b>1</b><n>-7</n><b/><b>3</b></x>").unwrap();
        assert_eq!(many, Sample { b: vec!["1".into(), String::new(), "3".into()], n: Some(-7), a: None });
    }

    #[test]
    fn text_in_one_piece_is_borrowed() {
        let text = "<x>一&amp;<![CDATA[二]]></x>";
        for (text, borrowed) in [("<x>一</x>", true), ("<x><![CDATA[一]]></x>", true), (text, false)] {
            let mut reader = XmlReader::new("a sample", text);
            reader.reader.read_event().unwrap();
            reader.enter().unwrap();
            assert_eq!(matches!(reader.text().unwrap(), Cow::Borrowed(_)), borrowed, "{text}");
        }
    }

    #[test]
    fn forbidden_control_characters_are_dropped_from_text() {
        let text = "<x><a>1\u{0}\u{8}2\t\n&#0;&#x1f;<![CDATA[\u{b}3\u{1d}]]>\u{7f}</a></x>";
        assert_eq!(read(text).unwrap().a.as_deref(), Some("12\t\n3\u{7f}"));
    }

    #[test]
    fn half_a_surrogate_pair_is_mended() {
        for (references, character) in [
            ("&#55357;&#56832;", "😀"),
            ("&#xD83D;&#xde00;", "😀"),
            ("&#xD83D;&#56832;", "😀"),
            ("&#55357;", "\u{fffd}"),
            ("&#56832;", "\u{fffd}"),
            ("&#56832;&#55357;", "\u{fffd}\u{fffd}"),
            ("&#55357;&#55357;&#56832;", "\u{fffd}😀"),
            ("&#55357;<![CDATA[&#56832;]]>&#56832;", "\u{fffd}&#56832;\u{fffd}"),
            ("&#55357;&amp;", "\u{fffd}&"),
            ("&#xFFFFFFFFF;&#55357;", ""),
        ] {
            let sample = read(&format!("<x><a>1{references}2</a>&#55357;&#56832;</x>"));
            match character {
                "" => assert!(sample.is_err(), "{references}"),
                _ => assert_eq!(sample.unwrap().a, Some(format!("1{character}2")), "{references}"),
            }
        }
    }

    #[test]
    fn attackers_markup_is_refused_by_name() {
        refused("<!DOCTYPE x><x/>", "a document type");
        refused("<x><!DOCTYPE x></x>", "a document type");
        refused("<x><a>&b;</a></x>", "an entity beyond");
        refused("<x>&b;</x>", "an entity beyond");
        refused("<x><y>&b;</y></x>", "an entity beyond");
        refused("<x><a>&#x110000;</a></x>", "a reference to no character");
        refused("<?php x?><x/>", "a processing instruction");
        refused("<x><?xml version='1.0'?></x>", "an XML declaration");
        refused("<x/><?xml version='1.0'?>", "an XML declaration");
        refused("\n <x><a>1<b/>\n</c>", "line 3 column 1");
        assert!(read("\n <?xml version='1.0'?><x/>").is_ok());
        refused("<x/><x/>", "a second root");
        refused("<x/>text", "outside the root");
        refused("text<x/>", "outside the root");
        refused("<x/>&lt;", "outside the root");
        refused("", "no root");
        refused("<x><a>", "ends inside");
        refused("<x><a>1</b></x>", "the element <a> is closed by the end of <b>, line 1 column 8");
        refused("<x>\n<a>1<a>\n</x>", "the element <a> is closed by the end of <x>, line 3 column 1");
        refused("</x>", "the end of <x> has no start");
        refused("<x><a\u{7}>1</b></x>", "the element a strange name is closed");
    }

    #[test]
    fn values_that_do_not_fit_are_reported_with_their_place() {
        refused("<x>\n<n>seven</n></x>", "expected a whole number, line 2 column 13");
        refused("<x><a>1</a><a>2</a></x>", "stands twice");
        refused("<x><a><c/></a></x>", "expected text");
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let nested = |depth: usize| format!("{}{}", "<x>".repeat(depth), "</x>".repeat(depth));
        assert!(read(&nested(MAX_XML_DEPTH)).is_ok());
        refused(&nested(MAX_XML_DEPTH + 1), "nest too deep");
        // Both ends of the root and the end of the document are events too, and so are both ends of
        // each child.
        let siblings = |events: usize| format!("<x>{}</x>", "<y/>".repeat((events - 3) / 2));
        assert!(read(&siblings(MAX_XML_EVENTS - 1)).is_ok());
        refused(&siblings(MAX_XML_EVENTS + 1), "too many elements");
    }

    #[test]
    fn written_documents_read_back() {
        let mut writer = XmlWriter::default();
        writer.element("x", |writer| {
            writer.cdata("a", "<a>]]>&amp;]]");
            writer.number("n", -3);
        });
        let read = read(&writer.finish()).unwrap();
        assert_eq!((read.a.as_deref(), read.n), (Some("<a>]]>&amp;]]"), Some(-3)));
    }
}
