//! The bound on the number of values in a document: each takes much more memory than its text.

use crate::error::DecodeError;
use crate::limits::MAX_JSON_VALUES;

/// The error text for a document with too many values.
macro_rules! at_most {
    () => {
        "at most 65536 values in all of its lists and objects"
    };
}

pub(super) const AT_MOST: &str = at_most!();

/// A value takes at least one byte, and the separator or bracket before it another. A text of this
/// many bytes never exceeds the bound.
const ALWAYS_WITHIN: usize = 2 * MAX_JSON_VALUES;

/// Refuses a document of more than [`MAX_JSON_VALUES`] values: elements of its lists and members of
/// its objects, all together.
///
/// Text behind the first mistake is never read, whatever the count says.
pub(super) fn check_values(document: &'static str, text: &str) -> Result<(), DecodeError> {
    // Text has few commas and brackets, in strings as well. Counting them all costs a fraction of
    // what reading costs.
    if is_always_within(text) || separators(text.as_bytes()) <= MAX_JSON_VALUES {
        return Ok(());
    }
    let counted = count_values(text, MAX_JSON_VALUES);
    let too_many = |offset| DecodeError::at(document, text.as_bytes(), offset, concat!("expected ", at_most!()));
    counted.map(drop).map_err(too_many)
}

/// Whether a text has no more than [`MAX_JSON_VALUES`] values.
#[cfg(any(feature = "wechat-pay", feature = "allinpay"))]
pub(crate) fn has_few_values(text: &str) -> bool {
    check_values("", text).is_ok()
}

/// Whether a text is too short for more than [`MAX_JSON_VALUES`] values.
pub(super) const fn is_always_within(text: &str) -> bool {
    text.len() <= ALWAYS_WITHIN
}

/// The number of values within a value; on excess, the position of the first value that is one too
/// many.
pub(super) fn count_values(text: &str, most: usize) -> Result<usize, usize> {
    let text = text.as_bytes();
    let (mut values, mut in_string, mut bytes) = (0, false, text.iter().enumerate());
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            // The next byte is escaped.
            b'\\' if in_string => drop(bytes.next()),
            b',' if !in_string => values += 1,
            b'[' | b'{' if !in_string && !is_empty(text.get(at + 1..).unwrap_or_default()) => values += 1,
            _ => {}
        }
        if values > most {
            return Err(at);
        }
    }
    Ok(values)
}

/// Commas and opening brackets, inside and outside of strings.
fn separators(text: &[u8]) -> usize {
    // As many as fit a byte, so that many bytes are added at once.
    let chunks = text.chunks(usize::from(u8::MAX));
    chunks.map(|chunk| usize::from(chunk.iter().map(|byte| u8::from(is_separator(*byte))).sum::<u8>())).sum()
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b',' | b'[' | b'{')
}

/// Whether a list or an object ends right after its opening bracket.
fn is_empty(rest: &[u8]) -> bool {
    rest.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| matches!(byte, b']' | b'}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Result<(), String> {
        check_values("a document", text).map_err(|error| error.to_string())
    }

    /// A list of so many elements, with text in front that has no values.
    fn list(front: &str, element: &str, count: usize) -> String {
        format!("{front}[{}{element}]", format!("{element},").repeat(count - 1))
    }

    #[test]
    fn values_are_counted_to_the_last_one() {
        let blank = " ".repeat(ALWAYS_WITHIN);
        for (element, each) in
            [("0", 1), ("{}", 1), ("[ \n]", 1), (r#""\",[{""#, 1), ("[0]", 2), (r#"{"a":0,"b":[[]]}"#, 4)]
        {
            let most = MAX_JSON_VALUES / each;
            assert_eq!(values(&list(&blank, element, most)), Ok(()), "{element}");
            let told = values(&list(&blank, element, most + 1)).unwrap_err();
            assert!(
                told.starts_with(&format!("a document: expected at most {MAX_JSON_VALUES} values in all")),
                "{element}: {told}"
            );
        }
        let (most, more) = (list("", "0", MAX_JSON_VALUES), list("", "0", MAX_JSON_VALUES + 1));
        assert!(most.len() > ALWAYS_WITHIN);
        assert_eq!(values(&most), Ok(()));
        assert_eq!(
            values(&more).unwrap_err(),
            "a document: expected at most 65536 values in all of its lists and objects, line 1 column 131073"
        );
    }

    #[test]
    fn text_in_strings_has_no_values() {
        let text = format!(r#"["{}","\\","\"{}"]"#, ",[{".repeat(MAX_JSON_VALUES), ",".repeat(MAX_JSON_VALUES));
        assert_eq!(values(&text), Ok(()));
    }

    #[test]
    fn separators_are_counted_in_every_length() {
        for length in [0, 1, 254, 255, 256, 511, 1000] {
            assert_eq!(separators(&b",[{"[..].repeat(length)), 3 * length);
            assert_eq!(separators(&b"]}\"a"[..].repeat(length)), 0);
        }
    }
}
