//! Markup that is refused by name.

use std::borrow::Cow;

use quick_xml::errors::{Error, IllFormedError};
use quick_xml::events::Event;

use super::XmlReader;
use crate::codec::text::is_forbidden;
use crate::error::DecodeError;

impl XmlReader<'_> {
    /// Skips text, the only event that may be ignored within the root.
    pub(super) fn pass_over(&mut self, event: &Result<Event<'_>, Error>) -> Result<(), DecodeError> {
        match event {
            Ok(Event::GeneralRef(reference)) => self.resolve(reference).map(drop),
            Ok(Event::Eof) => Err(self.error("the document ends inside an element")),
            event => self.refuse_by_name(event),
        }
    }

    /// Accepts blanks and comments outside the root, and refuses everything else.
    pub(super) fn outside_root(&self, event: &Result<Event<'_>, Error>) -> Result<(), DecodeError> {
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
