//! Character references and the five predefined entities.

use quick_xml::events::BytesRef;

use super::XmlReader;
use crate::error::DecodeError;

impl XmlReader<'_> {
    /// The character of a reference; `None` where it was read along with the one before it.
    pub(super) fn resolve(&mut self, reference: &BytesRef<'_>) -> Result<Option<char>, DecodeError> {
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
