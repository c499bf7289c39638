//! The usual changes of a body before it is verified. Each is undone, and each two in turn.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use super::escapes::{
    escape_slashes, escape_unicode, literal, percent_decode, unescape_hex, unescape_html, unescape_markup,
    unescape_unicode,
};
use super::replace::{changed, replace};
use super::undo::{
    form_decode, from_base64, from_latin_1, from_utf16, member_body, minify, to_utf8, unchunk, undouble,
    without_parameter_name, without_surroundings,
};
use crate::language::{say, say_with};

/// Largest body of which changes are undone, in bytes. Only pictures of Allinpay's are larger.
const MAX_ONCE: usize = 8 * 1024 * 1024;

/// Largest body of which two changes are undone in turn, in bytes.
const MAX_TWICE: usize = 256 * 1024;

/// A change of a body that undoes another one.
#[derive(Debug)]
pub(super) struct Change {
    /// The name of the text that says what verifies.
    pub(super) words: &'static str,
    /// The name of the text that says the change, and its usual place.
    pub(super) place: &'static str,
    /// `None` if it changes nothing.
    undo: fn(&[u8]) -> Option<Vec<u8>>,
}

const REWRITTEN: &str = "place-rewritten";

/// From the particular to the general: of two changes with the same result, the first is named.
const CHANGES: &[Change] = &[
    Change {
        words: "undo-final-newline",
        place: "place-line-end-added",
        undo: |body| body.strip_suffix(b"\r\n").or(body.strip_suffix(b"\n")).map(<[u8]>::to_vec),
    },
    Change { words: "undo-no-final-newline", place: "place-line-end-lost", undo: |body| Some([body, b"\n"].concat()) },
    Change { words: "undo-blanks", place: "place-blanks", undo: |body| changed(body, body.trim_ascii().to_vec()) },
    Change {
        words: "undo-nuls",
        place: "place-buffer",
        undo: |body| {
            let end = body.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            changed(body, body.get(..end).unwrap_or_default().to_vec())
        },
    },
    Change { words: "undo-crlf", place: "place-crlf", undo: |body| changed(body, replace(body, b"\r\n", b"\n")) },
    Change {
        words: "undo-lf",
        place: "place-lf",
        undo: |body| changed(body, replace(&replace(body, b"\r\n", b"\n"), b"\n", b"\r\n")),
    },
    Change {
        words: "undo-bom",
        place: "place-bom",
        undo: |body| body.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec),
    },
    Change { words: "undo-utf-16", place: "place-utf-16", undo: from_utf16 },
    Change { words: "undo-chunks", place: "place-chunks", undo: unchunk },
    Change { words: "undo-literal", place: "place-literal", undo: literal },
    Change { words: "undo-hex", place: "place-hex", undo: unescape_hex },
    Change { words: "undo-html", place: "place-html", undo: unescape_html },
    Change { words: "undo-read-as-latin-1", place: "place-read-as-latin-1", undo: from_latin_1 },
    Change { words: "undo-latin-1", place: "place-latin-1", undo: to_utf8 },
    Change { words: "undo-slashes", place: "place-slashes", undo: |body| changed(body, replace(body, b"\\/", b"/")) },
    Change { words: "undo-no-slashes", place: REWRITTEN, undo: |body| changed(body, escape_slashes(body)) },
    Change { words: "undo-unicode", place: "place-unicode", undo: unescape_unicode },
    Change { words: "undo-no-unicode", place: REWRITTEN, undo: escape_unicode },
    Change { words: "undo-markup", place: "place-markup", undo: unescape_markup },
    Change { words: "undo-percent", place: "place-percent", undo: |body| changed(body, percent_decode(body)) },
    Change {
        words: "undo-form",
        place: "place-form",
        undo: |body| if body.contains(&b'%') { changed(body, form_decode(body)) } else { None },
    },
    Change { words: "undo-equals", place: "place-equals", undo: |body| body.strip_suffix(b"=").map(<[u8]>::to_vec) },
    Change { words: "undo-parameter", place: "place-parameter", undo: without_parameter_name },
    Change { words: "undo-base64", place: "place-base64", undo: from_base64 },
    Change { words: "undo-doubled", place: "place-doubled", undo: undouble },
    Change { words: "undo-member", place: "place-member", undo: member_body },
    Change { words: "undo-surroundings", place: "place-surroundings", undo: without_surroundings },
    Change { words: "undo-blanks-within", place: "place-blanks-within", undo: |body| changed(body, minify(body)) },
];

/// Calls back with the body, each change of it, and each two changes in turn. Of several ways to
/// the same bytes, the shortest is taken.
pub(super) fn for_each_body(body: &[u8], mut try_body: impl FnMut(&[&'static Change], &[u8])) {
    let hasher = RandomState::new();
    let mut seen = HashSet::from([hasher.hash_one(body)]);
    try_body(&[], body);
    if body.len() > MAX_ONCE {
        return;
    }
    let mut once = |body: &[u8], before: Option<&'static Change>, seen: &mut HashSet<u64>| {
        for change in CHANGES {
            if let Some(changed) = (change.undo)(body)
                && seen.insert(hasher.hash_one(changed.as_slice()))
            {
                let changes: Vec<_> = before.into_iter().chain([change]).collect();
                try_body(&changes, &changed);
            }
        }
    };
    once(body, None, &mut seen);
    if body.len() > MAX_TWICE {
        return;
    }
    for change in CHANGES {
        if let Some(changed) = (change.undo)(body) {
            once(&changed, Some(change), &mut seen);
        }
    }
}

/// Changes of a message of WeChat Pay's that cannot be undone.
pub(super) const LOST: &str = "lost-wechat-pay";

/// Advice on a body that no change makes verify: its visible damage, and changes that cannot be
/// undone. `lost` is the name of a text.
pub(super) fn what_cannot_be_undone(body: &[u8], lost: &str) -> Vec<String> {
    let compressed = match body {
        [0x1f, 0x8b, ..] => Some("gzip"),
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Some("zlib"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("zstd"),
        _ => None,
    };
    let text = std::str::from_utf8(body);
    let mut said = Vec::new();
    if body.is_empty() {
        said.push(say("lost-empty"));
    } else if let Some(format) = compressed {
        said.push(say_with("lost-compressed", [("format", format.into())]));
    } else if text.is_err() && input_is_gbk(body) {
        said.push(say("lost-gbk"));
    } else if text.is_ok_and(|text| text.contains('\u{fffd}')) {
        said.push(say("lost-replaced"));
    }
    said.push(say(lost));
    said.push(say("lost-forged"));
    said
}

/// Whether bytes beyond ASCII come in pairs as GBK has them.
fn input_is_gbk(body: &[u8]) -> bool {
    let mut rest = body;
    while let Some((&byte, after)) = rest.split_first() {
        rest = match (byte, after.first()) {
            (..=0x7f, _) => after,
            (0x81..=0xfe, Some(0x40..=0x7e | 0x80..=0xfe)) => after.get(1..).unwrap_or_default(),
            _ => return false,
        };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_body_is_changed_without_a_fault_and_no_two_ways_to_the_same() {
        let pieces: [&[u8]; 18] = [
            b"\\u",
            b"\\ud83d",
            b"\\ude00",
            b"\\x",
            b"\\x2",
            b"\\",
            b"\"",
            b"'",
            b"&#x",
            b"&amp;",
            b"%",
            b"%2",
            b"1\r\n",
            b"=",
            b"{",
            "投".as_bytes(),
            b"\xe6",
            b"\0",
        ];
        for body in pieces
            .iter()
            .flat_map(|one| pieces.map(|two| [*one, two]))
            .flat_map(|[one, two]| pieces.map(|three| [one, two, three].concat()))
        {
            let mut seen = HashSet::new();
            for_each_body(&body, |changes, changed| {
                assert!(changes.len() <= 2 && seen.insert(changed.to_vec()), "{}", String::from_utf8_lossy(&body));
            });
            assert!(seen.contains(&body));
        }
    }

    #[test]
    fn a_large_body_is_tried_as_it_is() {
        let count = |size: usize| {
            let mut count = 0;
            for_each_body(&vec![b'\n'; size], |_, _| count += 1);
            count
        };
        assert_eq!(count(MAX_ONCE + 1), 1);
        assert!(count(MAX_TWICE + 1) > 1 && count(MAX_TWICE) > count(MAX_TWICE + 1));
    }

    #[test]
    fn what_a_body_shows_is_said() {
        let first = |body: &[u8]| what_cannot_be_undone(body, LOST).swap_remove(0);
        assert!(first(b"").contains("empty"));
        assert!(first(b"\x1f\x8b\x08\x00").contains("(gzip)"));
        assert!(first(b"\x78\x9c\x03").contains("(zlib)"));
        // 投诉 in GBK.
        assert!(first(b"{\"a\":\"\xcd\xb6\xcb\xdf\"}").contains("iconv -f GBK"));
        assert!(first("{\"a\":\"\u{fffd}\"}".as_bytes()).contains("U+FFFD"));
        assert!(first(b"{\"a\":\"\x80\"}").starts_with("these changes cannot be undone"));
        assert!(first(b"{}").starts_with("these changes cannot be undone"));
    }
}
