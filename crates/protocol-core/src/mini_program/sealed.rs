//! The outside of an encrypted push: the member that is signed.

use std::borrow::Cow;

use serde::Deserialize;

use super::document::{DOCUMENT, TextFormat, format_of};
use crate::codec::json::read_unopened;
use crate::codec::text::{readable, readable_json};
use crate::codec::xml::{XmlElement, XmlMember as _, XmlReader};
use crate::error::DecodeError;

/// The part of an encrypted push that is read before its signature verified: only the ciphertext.
#[derive(Default, Deserialize)]
pub(super) struct Sealed<'x> {
    #[serde(rename = "Encrypt", borrow, default)]
    encrypt: Option<Cow<'x, str>>,
}

impl<'x> Sealed<'x> {
    /// Base64, without the whitespace of a pretty-printer around it.
    pub(super) fn encrypt(&self) -> Option<&str> {
        self.encrypt.as_deref().map(str::trim)
    }

    /// The ciphertext in a body. In compatible mode the body also contains a clear-text copy, which
    /// may be invalid UTF-8. It is ignored: only `Encrypt` is signed and read, and it is ASCII.
    pub(super) fn read(body: &'x [u8]) -> Result<Self, DecodeError> {
        DecodeError::check_utf8(DOCUMENT, body).and_then(Self::parse).or_else(|error| {
            let text = readable(body);
            let sealed = match format_of(&text) {
                Some(TextFormat::Json) => {
                    read_unopened(DOCUMENT, readable_json(body).as_bytes()).map(Sealed::into_owned)
                }
                _ => Sealed::parse(&text).map(Sealed::into_owned),
            };
            sealed.ok().or_else(|| Sealed::of_damaged(&text)).ok_or(error)
        })
    }

    fn into_owned(self) -> Sealed<'static> {
        Sealed { encrypt: self.encrypt.map(|encrypt| Cow::Owned(encrypt.into_owned())) }
    }

    /// The ciphertext of a body whose clear-text copy is damaged by a payer's words. The text that
    /// is found must still verify.
    fn of_damaged(text: &str) -> Option<Sealed<'static>> {
        let encrypt = match format_of(text)? {
            // A payer's words never precede the root.
            TextFormat::Xml if !text.trim_start().starts_with("<xml") => return None,
            TextFormat::Xml => {
                let after = after_the_only(text, "<Encrypt>")?;
                let (element, _) = after.split_once("</Encrypt>")?;
                let cdata = element.trim().strip_prefix("<![CDATA[").and_then(|text| text.strip_suffix("]]>"));
                cdata.unwrap_or(element)
            }
            TextFormat::Json => {
                let after = after_the_only(text, "\"Encrypt\"")?;
                after.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?.split_once('"')?.0
            }
        };
        // JSON may escape the slash.
        Some(Sealed { encrypt: Some(Cow::Owned(encrypt.replace("\\/", "/"))) })
    }

    fn parse(text: &'x str) -> Result<Self, DecodeError> {
        match format_of(text) {
            Some(TextFormat::Xml) => {
                let mut reader = XmlReader::new(DOCUMENT, text);
                let sealed = reader.document()?;
                reader.take_misfit().map_or(Ok(sealed), Err)
            }
            _ => read_unopened(DOCUMENT, text.as_bytes()),
        }
    }
}

impl<'x> XmlElement<'x> for Sealed<'x> {
    fn child(&mut self, name: &str, reader: &mut XmlReader<'x>) -> Result<(), DecodeError> {
        if name == "Encrypt" { self.encrypt.add(reader) } else { reader.skip() }
    }
}

/// The text after a word that occurs exactly once.
fn after_the_only<'x>(text: &'x str, word: &str) -> Option<&'x str> {
    text.split_once(word).map(|(_, after)| after).filter(|after| !after.contains(word))
}
