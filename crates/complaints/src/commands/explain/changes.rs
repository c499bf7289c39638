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

/// Largest body of which changes are undone, in bytes. Only pictures of Allinpay's are larger.
const MAX_ONCE: usize = 8 * 1024 * 1024;

/// Largest body of which two changes are undone in turn, in bytes.
const MAX_TWICE: usize = 256 * 1024;

/// A change of a body that undoes another one.
#[derive(Debug)]
pub(super) struct Change {
    /// The text that verifies.
    pub(super) words: &'static str,
    /// The change, and its usual place.
    pub(super) place: &'static str,
    /// `None` if it changes nothing.
    undo: fn(&[u8]) -> Option<Vec<u8>>,
}

const REWRITTEN: &str = "a framework parsed the body and wrote it anew: store the bytes before anything parses them";

/// From the particular to the general: of two changes with the same result, the first is named.
const CHANGES: &[Change] = &[
    Change {
        words: "the body without its final newline",
        place: "a line end was added: an editor, `echo`, a log",
        undo: |body| body.strip_suffix(b"\r\n").or(body.strip_suffix(b"\n")).map(<[u8]>::to_vec),
    },
    Change {
        words: "the body with a final newline added",
        place: "the line end was taken away: a shell's `$(…)`, a trimmed string",
        undo: |body| Some([body, b"\n"].concat()),
    },
    Change {
        words: "the body without the blanks around it",
        place: "blanks were added: copying, a log",
        undo: |body| changed(body, body.trim_ascii().to_vec()),
    },
    Change {
        words: "the body without the NULs after it",
        place: "a whole buffer was written, beyond the end of the body",
        undo: |body| {
            let end = body.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            changed(body, body.get(..end).unwrap_or_default().to_vec())
        },
    },
    Change {
        words: "the body with LF for CRLF",
        place: "line ends were changed: Windows, a file moved in text mode",
        undo: |body| changed(body, replace(body, b"\r\n", b"\n")),
    },
    Change {
        words: "the body with CRLF for LF",
        place: "line ends were changed: a file moved in text mode, git",
        undo: |body| changed(body, replace(&replace(body, b"\r\n", b"\n"), b"\n", b"\r\n")),
    },
    Change {
        words: "the body without its byte-order mark",
        place: "a byte-order mark was added: Windows' editors and shells",
        undo: |body| body.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec),
    },
    Change {
        words: "the body in UTF-8 for UTF-16",
        place: "it was stored in UTF-16: PowerShell's `>`, Windows' editors, a database",
        undo: from_utf16,
    },
    Change {
        words: "the body without the sizes of HTTP's chunks",
        place: "it was read below HTTP: a raw socket, a packet capture",
        undo: unchunk,
    },
    Change {
        words: "the body taken out of a string literal",
        place: "it was copied from source text, a debugger or a log of Java, PHP, JavaScript or Python, with its escapes",
        undo: literal,
    },
    Change {
        words: "the body with bytes for its `\\x` escapes",
        place: "it was copied from nginx's access log, which escapes quotation marks and everything beyond ASCII",
        undo: unescape_hex,
    },
    Change {
        words: "the body without HTML's escapes",
        place: "it was escaped for HTML: a web page, `htmlspecialchars`, a filter against scripts",
        undo: unescape_html,
    },
    Change {
        words: "the body with its characters taken as bytes of Latin-1",
        place: "its UTF-8 was read as Latin-1 or Windows-1252: a servlet, a driver or an editor without a character encoding",
        undo: from_latin_1,
    },
    Change {
        words: "the body in UTF-8 for Latin-1",
        place: "it was written in Latin-1: a program without a character encoding",
        undo: to_utf8,
    },
    Change {
        words: "the body with `/` for `\\/`",
        place: "a JSON writer escaped slashes: PHP's `json_encode`",
        undo: |body| changed(body, replace(body, b"\\/", b"/")),
    },
    Change { words: "the body with `\\/` for `/`", place: REWRITTEN, undo: |body| changed(body, escape_slashes(body)) },
    Change {
        words: "the body with UTF-8 for `\\u` escapes",
        place: "a JSON writer escaped what is beyond ASCII: PHP's `json_encode`, Python's `json.dumps`",
        undo: unescape_unicode,
    },
    Change { words: "the body with `\\u` escapes for UTF-8", place: REWRITTEN, undo: escape_unicode },
    Change {
        words: "the body with `<`, `>`, `&`, `=` and `'` for their `\\u` escapes",
        place: "a JSON writer escaped for HTML: Go's `encoding/json`, Gson",
        undo: unescape_markup,
    },
    Change {
        words: "the body with its percent-escapes decoded",
        place: "it was encoded for a URL or a form",
        undo: |body| changed(body, percent_decode(body)),
    },
    Change {
        words: "the body form-decoded",
        place: "it was encoded as a form: blanks as `+`, the rest as percent-escapes",
        undo: |body| if body.contains(&b'%') { changed(body, form_decode(body)) } else { None },
    },
    Change {
        words: "the body without the `=` after it",
        place: "a form parser took the whole body for the name of a parameter",
        undo: |body| body.strip_suffix(b"=").map(<[u8]>::to_vec),
    },
    Change {
        words: "the body without the parameter's name before it",
        place: "it was handed on as a parameter of a form",
        undo: without_parameter_name,
    },
    Change {
        words: "the body that base64 stands for",
        place: "a gateway hands bodies on in base64: a cloud function, a message queue",
        undo: from_base64,
    },
    Change {
        words: "the body with one `\"` for each two, without those around it",
        place: "it was copied from a CSV export or a verbatim string of C#",
        undo: undouble,
    },
    Change {
        words: "the text of the member `body`",
        place: "a gateway hands the request on as an event, with the body as a text in it",
        undo: member_body,
    },
    Change {
        words: "the body without what stands before and after it",
        place: "a log's words, or the headers, stand around it",
        undo: without_surroundings,
    },
    Change {
        words: "the body minified",
        place: "it was written again with blanks between its members: a formatter, a document store, Python's `json.dumps`",
        undo: |body| changed(body, minify(body)),
    },
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
pub(super) const LOST: &str = "these changes cannot be undone: members in another order, numbers and texts parsed and written \
                               in another way, text cut or masked in a log, UTF-8 read as GBK; store the body's bytes \
                               before anything parses them";

/// Advice on a body that no change makes verify: its visible damage, and changes that cannot be
/// undone.
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
        said.push("the body is empty: a stream can be read once, and it may have been read before".to_owned());
    } else if let Some(format) = compressed {
        said.push(format!(
            "the body is compressed ({format}), and the signature covers the text: decompress it, and try again"
        ));
    } else if text.is_err() && input_is_gbk(body) {
        said.push(
            "the body is not UTF-8; if it was stored as GBK, `iconv -f GBK -t UTF-8` undoes that: try again with its output"
                .to_owned(),
        );
    } else if text.is_ok_and(|text| text.contains('\u{fffd}')) {
        said.push("the body holds U+FFFD: a program replaced bytes that were not UTF-8, and they are lost".to_owned());
    }
    said.push(lost.to_owned());
    said.push("it may also be signed with another key, or forged".to_owned());
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
