//! JSON as the platforms send it. One-or-many, number-or-string and absent-or-null read the same
//! everywhere. Unknown members are kept and written back.
//!
//! Every model is declared with [`wire_object!`](crate::codec::json::wire_object); every type that
//! may be a member's value is a [`WireValue`]. Reading is one pass without buffering, and an
//! unknown member costs a copy of its text only. A document that this pass cannot read is read a
//! second time, its text mended and its members one by one: see [`read_document`].

mod budget;
mod extra;
mod members;
mod misfit;
mod object;
mod unread;
mod value;

#[cfg(any(feature = "wechat-pay", feature = "allinpay"))]
pub(crate) use budget::has_few_values;
pub use extra::Extra;
pub(crate) use members::{Members, WireObject, mend_object, mend_object_alone, mend_object_or_nothing};
pub use misfit::Misfit;
pub(crate) use misfit::Misfits;
pub(crate) use object::{is_decisive, wire_name, wire_object, wire_role};
pub(crate) use unread::Unread;
pub(crate) use value::{Seed, WireValue, decode_text, elements, integer, nothing, strictly};

use std::borrow::Cow;

use budget::check_values;
use serde_json::value::RawValue;

use super::text::{marked_json, without_marks};
use crate::error::DecodeError;
use crate::trust::Unverified;

/// Decodes one JSON document: UTF-8 (a byte-order mark is allowed), one value, nothing after it.
/// The result is unverified: the caller knows where the bytes come from.
///
/// `document` names the expected document, for the error.
///
/// ```
/// use protocol_core::codec::decode_json;
/// use protocol_core::complaint::Complaint;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let text = include_bytes!("../../../samples/wechat-pay/complaint.json");
/// let complaint = decode_json::<Complaint>("a complaint", text)?.trust_anyway();
/// assert_eq!(complaint.complaint_id, "200201820200101080076610000");
///
/// let error = decode_json::<Complaint>("a complaint", b"{}").err().ok_or("incomplete")?;
/// assert_eq!(error.to_string(), "a complaint: missing member `complaint_id`, line 1 column 2");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`DecodeError`] with line and column. It never quotes the document.
pub fn decode_json<'de, T: serde::Deserialize<'de>>(
    document: &'static str,
    bytes: &'de [u8],
) -> Result<Unverified<T>, DecodeError> {
    read_json(document, bytes).map(Unverified::new)
}

/// As [`decode_json`], for a caller that has verified the bytes.
pub(crate) fn read_json<'de, T: serde::Deserialize<'de>>(
    document: &'static str,
    bytes: &'de [u8],
) -> Result<T, DecodeError> {
    // `from_str` skips the per-string UTF-8 checks of `from_slice`. One pass over the bytes here is
    // cheaper, by a third on Chinese text.
    let text = text_of(document, bytes)?;
    serde_json::from_str(text).map_err(|error| DecodeError::json(document, text, &error))
}

/// The text of a document, within the bound on its values.
fn text_of<'b>(document: &'static str, bytes: &'b [u8]) -> Result<&'b str, DecodeError> {
    let text = DecodeError::check_utf8(document, bytes)?;
    check_values(document, text).map(|()| text)
}

/// As [`read_json`], into a type that keeps the values within as their text. Those take no memory
/// and are not counted.
#[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
pub(crate) fn read_unopened<'de, T: serde::Deserialize<'de>>(
    document: &'static str,
    bytes: &'de [u8],
) -> Result<T, DecodeError> {
    let text = DecodeError::check_utf8(document, bytes)?;
    serde_json::from_str(text).map_err(|error| DecodeError::json(document, text, &error))
}

/// The rows of a text, unread, if they contain no more values than a document may have.
pub(crate) fn raw_rows<'de>(document: &'static str, text: &'de str) -> Result<&'de RawValue, DecodeError> {
    check_values(document, text)?;
    serde_json::from_str(text).map_err(|error| DecodeError::json(document, text, &error))
}

/// Reads as much of a document as possible: its text is mended, and a member that does not fit is
/// lost alone.
///
/// The usual document is read in one pass, by [`read_json`], at no additional cost.
pub(crate) fn read_document<T: for<'x> WireValue<'x>>(document: &'static str, bytes: &[u8]) -> Result<T, DecodeError> {
    read_strictly(document, bytes).or_else(|error| mend_marked(document, &marked_json(bytes), error))
}

/// As [`mend_document`], for a text with marks. It is read with the marks first: an identity that
/// contains one is refused.
pub(crate) fn mend_marked<T: for<'x> WireValue<'x>>(
    document: &'static str,
    marked: &str,
    error: DecodeError,
) -> Result<T, DecodeError> {
    let clean = without_marks(marked);
    if matches!(clean, Cow::Owned(_)) {
        mend_document::<T>(document, marked, error.clone())?;
    }
    mend_document(document, &clean, error)
}

/// As [`read_json`].
fn read_strictly<T: for<'x> WireValue<'x>>(document: &'static str, bytes: &[u8]) -> Result<T, DecodeError> {
    let text = text_of(document, bytes)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = T::decode(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    value.map_err(|error| DecodeError::json(document, text, &error))
}

/// The second reading of a document whose text is mended. `error` is the error of the first
/// reading.
pub(crate) fn mend_document<'de, T: WireValue<'de>>(
    document: &'static str,
    text: &'de str,
    error: DecodeError,
) -> Result<T, DecodeError> {
    let Ok(json) = serde_json::from_str::<&RawValue>(text) else { return Err(error) };
    T::mend(json.get()).map_err(|unread| unread.into_error(document, text))
}

#[cfg(test)]
#[allow(unreachable_pub, reason = "the macro declares public types")]
mod tests {
    use super::*;
    use crate::limits::{MAX_JSON_VALUES, MAX_LIST};

    wire_object! {
        /// Every kind of member.
        pub struct Sample {
            /// Must be there.
            id: String,
            /// Whole number.
            amount: Option<i64>,
            /// Truth.
            flag: Option<bool>,
            /// One or many.
            tags: Vec<String>,
            /// One or many objects.
            parts: Vec<Part>,
            /// One object.
            part: Option<Part>,
            /// Renamed.
            kind = "type": Option<String>,
        }
    }

    wire_object! {
        /// An inner object.
        pub struct Part {
            /// Must be there.
            name: String,
        }
    }

    fn decode(text: &str) -> Result<Sample, DecodeError> {
        read_json("a sample", text.as_bytes())
    }

    #[test]
    fn the_habits_read_alike() {
        let plain = decode(r#"{"id":"7","amount":3,"flag":true,"tags":["a"],"parts":[{"name":"x"}]}"#).unwrap();
        let odd = decode(r#"{"id":7,"amount":"3","flag":"true","tags":"a","parts":{"name":"x"},"type":null}"#).unwrap();
        assert_eq!(plain, odd);
        let bare = decode(r#"{"id":"7"}"#).unwrap();
        assert_eq!(bare, decode(r#"{"id":"7","amount":null,"tags":null,"parts":[],"flag":null}"#).unwrap());
        assert_eq!(bare, decode(r#"{"id":7,"amount":"","tags":"","parts":"","part":[]}"#).unwrap());
        assert_eq!(bare, decode(r#"{"id":"7","part":"","flag":""}"#).unwrap());
        assert_eq!(bare, decode(r#"{"id":"7","tags":{},"parts":{ }}"#).unwrap());
        assert_eq!(decode(r#"{"id":113.32}"#).unwrap().id, "113.32");
        assert_eq!(decode(r#"{"id":"7","tags":7.5}"#), decode(r#"{"id":"7","tags":[7.5]}"#));
        assert_eq!(decode(r#"{"id":"7","amount":3.0}"#).unwrap().amount, Some(3));
        assert_eq!(decode("\u{feff}{\"id\":\"7\"}").unwrap(), bare);
    }

    #[test]
    fn lists_and_unknown_members_are_bounded() {
        let list = |length: usize| format!(r#"{{"id":"1","tags":[{}"a"]}}"#, r#""a","#.repeat(length - 1));
        assert_eq!(decode(&list(MAX_LIST)).unwrap().tags.len(), MAX_LIST);
        let error = decode(&list(MAX_LIST + 1)).unwrap_err().to_string();
        assert!(error.starts_with("a sample: expected a list of at most 10000 elements"), "{error}");
        // Empty elements do not count.
        let with_nothing = list(MAX_LIST).replace(r#""a"]"#, r#""a",null,null]"#);
        assert_eq!(decode(&with_nothing).unwrap().tags.len(), MAX_LIST);
        let unknown = |count: usize| format!(r#"{{"id":"1"{}}}"#, r#","a":0"#.repeat(count));
        assert_eq!(decode(&unknown(MAX_LIST)).unwrap().extra.iter().count(), MAX_LIST);
        let error = decode(&unknown(MAX_LIST + 1)).unwrap_err().to_string();
        assert!(error.starts_with("a sample: expected an object of at most 10000 unknown members"), "{error}");
    }

    #[test]
    fn values_are_bounded_over_all_lists_and_objects() {
        // A part has its name and as many members as fill it up. `id`, `tags`, its one element and
        // `parts` count too.
        let sample = |values: usize| {
            let part = |members: usize| format!(r#"{{"name":"x"{}}}"#, r#","a":0"#.repeat(members - 1));
            let within = values - 4;
            let (full, rest) = (within / MAX_LIST, within % MAX_LIST);
            let parts: Vec<_> = (0..full).map(|_| part(MAX_LIST - 1)).chain([part(rest - 1)]).collect();
            format!(r#"{{"id":"1","tags":["a"],"parts":[{}]}}"#, parts.join(","))
        };
        let most = sample(MAX_JSON_VALUES);
        assert_eq!(decode(&most).unwrap().parts.len(), 7);
        let more = sample(MAX_JSON_VALUES + 1);
        let error = decode(&more).unwrap_err();
        assert!(
            error.to_string().contains(": expected at most 65536 values in all of its lists and objects, "),
            "{error}"
        );
        // A member that contains too many values is lost alone: here `parts`; `id` and `tags` are
        // not within it.
        assert_eq!(read_document::<Sample>("a sample", more.as_bytes()).unwrap().misfits(), []);
        let mended = read_document::<Sample>("a sample", sample(MAX_JSON_VALUES + 4).as_bytes()).unwrap();
        assert_eq!((mended.tags.len(), mended.parts.len()), (1, 0));
        assert_eq!(mended.misfits()[0].place(), "parts");
        assert!(mended.extra.get("parts").unwrap().ends_with(r#""a":0}]"#));
    }

    #[test]
    fn unknown_members_are_written_back_unchanged() {
        let text = r#"{"id":"1","big":123456789012345678901234567890,"x":{"y":[1.50,"\u00e9"]},"parts":[{"name":"p","z":null}]}"#;
        let sample = decode(text).unwrap();
        assert_eq!(sample.extra.get("big"), Some("123456789012345678901234567890"));
        let written = serde_json::to_string(&sample).unwrap();
        for kept in [r#""big":123456789012345678901234567890"#, r#""x":{"y":[1.50,"\u00e9"]}"#, r#""z":null"#] {
            assert!(written.contains(kept), "{kept} is lost in {written}");
        }
        assert_eq!(decode(&written).unwrap(), sample);
        assert_eq!(format!("{:?}", sample.extra), r#"{"big", "x"}"#);
    }

    #[test]
    fn numbers_and_truths_read_in_every_spelling() {
        for (written, text) in [("-7", "-7"), ("7.5", "7.5"), ("-0.25", "-0.25")] {
            let sample = decode(&format!(r#"{{"id":{written},"type":{written},"tags":[{written}]}}"#)).unwrap();
            assert_eq!((sample.id.as_str(), sample.kind.as_deref()), (text, Some(text)));
            assert_eq!(sample.tags, [text]);
        }
        assert_eq!(decode(r#"{"id":"1","tags":-7}"#).unwrap().tags, ["-7"]);
        assert_eq!(decode(r#"{"id":"1","tags":7}"#).unwrap().tags, ["7"]);
        assert_eq!(decode(r#"{"id":"1","tags":"\u0061"}"#).unwrap().tags, ["a"]);
        for (written, flag) in [("true", true), ("1", true), (r#""1""#, true), ("0", false), (r#""0""#, false)] {
            assert_eq!(decode(&format!(r#"{{"id":"1","flag":{written}}}"#)).unwrap().flag, Some(flag), "{written}");
        }
    }

    #[test]
    fn an_error_names_the_kind_that_was_expected() {
        for (member, values, expected) in [
            ("type", &[r#"["canary"]"#, r#"{"canary":1}"#, "true"][..], "a string"),
            ("amount", &[r#"["canary"]"#, r#"{"canary":1}"#, "true", "1.5"], "a whole number"),
            ("flag", &["2", "-1", r#""canary""#, "[]"], "true or false"),
            ("tags", &["true"], "a list, or one element of it"),
            ("tags", &[r#"{"canary":1}"#], "a string"),
        ] {
            for value in values {
                let error = decode(&format!(r#"{{"id":"1","{member}":{value}}}"#)).unwrap_err().to_string();
                assert!(
                    error.starts_with(&format!("a sample: expected {expected}, line 1 ")),
                    "{member} {value}: {error}"
                );
            }
        }
    }

    #[test]
    fn an_unreadable_value_is_named_with_its_place_and_never_quoted() {
        for (text, message) in [
            ("{\"id\":\"1\",\n\"amount\":\"canary\"}", "a sample: expected a whole number, line 2 column 17"),
            (r#"{"amount":1}"#, "a sample: missing member `id`, line 1 column 12"),
            (r#"{"id":"1","id":"2"}"#, "a sample: member `id` stands twice, line 1 column 14"),
            (r#"{"id":1e30}"#, "a sample: expected a string, line 1 column 10"),
            (r#"{"id":"1","parts":{"x":1}}"#, "a sample: missing member `name`, line 1 column 25"),
            (r#"{"id":"1","parts":{"name":"a","name":"b"}}"#, "a sample: member `name` stands twice, line 1 column 36"),
            (r#"{"id":"1","parts":{,}}"#, "a sample: key must be a string, line 1 column 20"),
            (r#"{"id":"1"} x"#, "a sample: trailing characters, line 1 column 12"),
            (r#"["canary"]"#, "a sample: expected an object (Sample), line 1 column 10"),
            (r#"{"id":"1""#, "a sample: EOF while parsing an object, line 1 column 9"),
            ("\"\"", "a sample: expected an object (Sample), line 1 column 2"),
            ("", "a sample: EOF while parsing a value, line 1 column 0"),
        ] {
            assert_eq!(decode(text).unwrap_err().to_string(), message, "for {text}");
        }
        let error = read_json::<Sample>("a sample", b"{\"id\":\n\"\xff\"}").unwrap_err();
        assert_eq!(error.to_string(), "a sample: not UTF-8, line 2 column 2");
    }
}
