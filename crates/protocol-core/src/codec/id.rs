//! Ids that the platforms assign: of complaints, notifications, entries of a history.

#[cfg(any(feature = "wechat-pay", feature = "mini-program"))]
use super::json::Members;
#[cfg(any(feature = "wechat-pay", feature = "mini-program"))]
use super::text::readable_json;
use crate::limits::MAX_ID;

/// The requirement of [`is_id`], for errors.
#[cfg(any(feature = "wechat-pay", feature = "mini-program"))]
pub(crate) const ID: &str = "1 to 64 characters, not blank, without control characters";

/// Whether a text is usable as an id. Otherwise all objects without one would share an id.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.chars().count()) && !text.contains(char::is_control) && !text.trim().is_empty()
}

/// The id in a JSON document that cannot be read, if it precedes the damage. It is a hint: it was
/// not read together with the rest.
#[cfg(any(feature = "wechat-pay", feature = "mini-program"))]
pub(crate) fn id_before_damage(json: &[u8], name: &'static str) -> Option<String> {
    let mended = readable_json(json);
    let (mut members, _) = Members::until_damage(mended.trim_start());
    members.take(name, true).ok().flatten().filter(|id: &String| is_id(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_bounded_on_both_sides() {
        for id in ["1", "200201820200101080076610000", "投", &"1".repeat(MAX_ID), &"投".repeat(MAX_ID)] {
            assert!(is_id(id), "{id}");
        }
        for none in ["", " ", "\u{3000}", "1\n", "1\u{0}", &"1".repeat(MAX_ID + 1)] {
            assert!(!is_id(none), "{none:?}");
        }
    }

    #[cfg(any(feature = "wechat-pay", feature = "mini-program"))]
    #[test]
    fn an_id_is_found_before_the_damage_alone() {
        let found = |json: &str| id_before_damage(json.as_bytes(), "id");
        for json in [r#" {"id":"7","a":"b"c"}"#, r#"{"id":7,"a":"#, r#"{"id":"7","id":"7","a":"#, r#"{"id":"7"} x"#] {
            assert_eq!(found(json).as_deref(), Some("7"), "{json}");
        }
        for json in [r#"{"a":"b"c","id":"7"}"#, r#"{"id":"7","id":"8"}"#, r#"{"id":["7"]}"#, r#"{"id":""}"#, "[", ""] {
            assert_eq!(found(json), None, "{json}");
        }
    }
}
