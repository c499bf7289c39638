//! The content of `records` in a verified response: the document, or a refusal in its place.

use std::borrow::Cow;

use ::base64::Engine as _;
use ::base64::alphabet::STANDARD;
use ::base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::response::{Members, RECORDS, check_size};
use super::response_error::ResponseError;
use crate::codec::json::{WireValue, read_document, read_json};
use crate::codec::text::bare;
use crate::error::DecodeError;
use crate::limits::MAX_RESPONSE_BODY;
use crate::operation::Effect;
use crate::refusal::{Found, find, find_anywhere, find_of_act};
use crate::trust::Verified;

/// Base64 in any common variant.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Accessors that require a verified signature.
impl Verified<Members<'_>> {
    /// Reads `records`: base64 (whitespace in it is skipped) of JSON.
    ///
    /// # Errors
    /// As [`records_json`](Self::records_json). [`ResponseError::Malformed`] too if the JSON is not
    /// a `T`; [`ResponseError::Refused`] if it is a refusal.
    pub fn records<T: serde::de::DeserializeOwned>(&self, document: &'static str) -> Result<T, ResponseError> {
        let read = self.records_json().and_then(|json| Ok(read_json(document, json)?));
        self.unless_refused(read, |_| false)
    }

    /// Reads as much of the document in `records` as possible.
    pub(super) fn document<T: for<'x> WireValue<'x>>(&self, document: &'static str) -> Result<T, ResponseError> {
        let read = self.records_json().and_then(|json| Ok(read_document(document, json)?));
        self.unless_refused(read, |_| false)
    }

    /// Returns the document, or the refusal in `records`. A refusal of any size is looked for if
    /// the document could not be read, or `is_empty`.
    pub(super) fn unless_refused<T>(
        &self,
        outcome: Result<T, ResponseError>,
        is_empty: impl FnOnce(&T) -> bool,
    ) -> Result<T, ResponseError> {
        if outcome.as_ref().is_ok_and(|read| !is_empty(read)) {
            return outcome;
        }
        match self.look(find_anywhere) {
            Found::Refusal(refusal) => Err(ResponseError::Refused(refusal)),
            _ => outcome,
        }
    }

    /// The decoded bytes of `records`.
    ///
    /// # Errors
    /// [`ResponseError::TooLarge`] if its text takes more than [`MAX_RESPONSE_BODY`] bytes;
    /// [`ResponseError::Malformed`] if `records` is missing or not base64.
    pub fn records_json(&self) -> Result<&[u8], ResponseError> {
        if let Some(json) = &self.records {
            return Ok(json);
        }
        let text = self.get("records").ok_or_else(|| DecodeError::at(RECORDS, b"", 0, "missing"))?;
        // A picture may be larger, but a model may not: it takes much more memory than its text.
        check_size(text.len(), MAX_RESPONSE_BODY)?;
        Err(DecodeError::at(RECORDS, b"", 0, "not base64").into())
    }

    /// The response to an act that succeeded. `records` is then absent, or contains an empty value
    /// (`null`, `{}`, `[]`) or a code of success.
    ///
    /// # Errors
    /// [`ResponseError::Unclear`] for a `handlestate` that reports neither success nor failure.
    /// [`ResponseError::Refused`] if `records` contains a refusal. [`ResponseError::Malformed`] if
    /// it contains anything else, or is not base64: it may be a refusal.
    pub fn done(&self) -> Result<Effect, ResponseError> {
        let handled = self.handled();
        if handled.is_unclear() {
            return Err(ResponseError::Unclear(Box::new(handled)));
        }
        let Some(text) = self.get("records") else { return Ok(Effect::Confirmed) };
        check_size(text.len(), MAX_RESPONSE_BODY)?;
        // `null` is valid base64 too.
        if find_of_act(text.as_bytes()) == Found::Success {
            return Ok(Effect::Confirmed);
        }
        match self.look(find_of_act) {
            Found::Refusal(refusal) => Err(ResponseError::Refused(refusal)),
            Found::Success => Ok(Effect::Confirmed),
            Found::Nothing | Found::Unreadable => Err(DecodeError::at(
                RECORDS,
                b"",
                0,
                "expected an empty value or a code of success; it may be a refusal",
            )
            .into()),
        }
    }

    /// The JSON of a page, which may be missing: `None` if `records` is absent, or encodes an empty
    /// value or `null`.
    pub(super) fn page_json(&self) -> Result<Option<&[u8]>, ResponseError> {
        if self.get("records").is_none() {
            return Ok(None);
        }
        let json = self.records_json()?;
        let is_page = !matches!(bare(json), b"" | b"null");
        Ok(is_page.then_some(json))
    }
}

impl Members<'_> {
    /// Decodes `records`, and finds a refusal in them.
    pub(super) fn open_records(&mut self) -> Result<(), ResponseError> {
        let text = self.get("records").filter(|text| text.len() <= MAX_RESPONSE_BODY);
        self.records = text.and_then(Members::decode_base64);
        match self.look(find) {
            Found::Refusal(refusal) => Err(ResponseError::Refused(refusal)),
            _ => Ok(()),
        }
    }

    /// Checks `records`: the document, even if its base64 has no padding or uses the URL alphabet,
    /// or else the text itself.
    fn look(&self, find: impl Fn(&[u8]) -> Found) -> Found {
        if let Some(json) = &self.records {
            return find(json);
        }
        let text = self.get("records").filter(|text| text.len() <= MAX_RESPONSE_BODY).unwrap_or_default();
        match decode_lenient(text) {
            Some(json) => find(&json),
            None => find(text.as_bytes()),
        }
    }
}

/// Decodes base64 of either alphabet, with or without padding, and skips whitespace.
fn decode_lenient(text: &str) -> Option<Vec<u8>> {
    let is_odd = |character: char| matches!(character, '-' | '_') || character.is_whitespace();
    let text = if text.contains(is_odd) {
        let plain = text.chars().filter(|character| !character.is_whitespace()).map(|character| match character {
            '-' => '+',
            '_' => '/',
            other => other,
        });
        Cow::Owned(plain.collect::<String>())
    } else {
        Cow::Borrowed(text)
    };
    LENIENT.decode(&*text).ok()
}
