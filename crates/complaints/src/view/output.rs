//! Results: JSON for programs, a readable form for people.

use std::fmt::{self, Write as _};
use std::io::{self, BufWriter, StdoutLock, Write as _};
use std::mem;

use protocol_core::Misfit;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::error::Error;
use crate::language::{language, say};
use crate::view::screen;

/// Prints a result. A reader that closes the pipe early is no error.
pub(crate) fn print(result: &impl Serialize) -> Result<(), Error> {
    let json = json(result)?;
    if screen::is_for_a_person() { print_text(&readable(&json)) } else { print_lines([Ok(json)]) }
}

pub(crate) fn json(result: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(result).map_err(|_| Error::usage("the result cannot be written as JSON; please report this"))
}

/// Prints a result in one form for a person, in another for a program.
pub(crate) fn print_either(result: &impl Serialize, for_a_person: impl FnOnce() -> String) -> Result<(), Error> {
    if screen::is_for_a_person() { print_text(&for_a_person()) } else { print(result) }
}

/// Prints lines. Text from outside must be made [`visible`] first.
pub(crate) fn print_text(text: &str) -> Result<(), Error> {
    has_reader(writeln!(io::stdout().lock(), "{text}")).map(|_| ())
}

/// Standard output, for a result that is written line by line.
pub(crate) struct Lines {
    output: BufWriter<StdoutLock<'static>>,
    on_a_terminal: bool,
}

impl Lines {
    pub(crate) fn open() -> Self {
        Self { output: BufWriter::new(io::stdout().lock()), on_a_terminal: screen::is_terminal() }
    }

    /// Writes a line, which has its end; [`visible`] on a terminal. `false` if the reader closed the
    /// pipe.
    pub(crate) fn write(&mut self, line: &str) -> Result<bool, Error> {
        has_reader(if self.on_a_terminal {
            writeln!(self.output, "{}", visible(line.trim_end_matches(['\r', '\n'])))
        } else {
            self.output.write_all(line.as_bytes())
        })
    }

    pub(crate) fn finish(mut self) -> Result<(), Error> {
        has_reader(self.output.flush()).map(|_| ())
    }
}

/// Prints lines one by one, whatever the number. A line without an end gets one.
pub(crate) fn print_lines(lines: impl IntoIterator<Item = Result<String, Error>>) -> Result<(), Error> {
    let mut output = Lines::open();
    for line in lines {
        let mut line = line?;
        if !line.ends_with('\n') {
            line.push('\n');
        }
        if !output.write(&line)? {
            break;
        }
    }
    output.finish()
}

/// Whether the output still has a reader. One that closes the pipe early is no error.
fn has_reader(written: io::Result<()>) -> Result<bool, Error> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Error::usage(format_args!(
            "cannot write the result to standard output: {error}; the command itself was carried out"
        ))),
    }
}

/// Prints a note, which is no result, to standard error.
pub(crate) fn print_note(text: &str) {
    let _ = write!(io::stderr().lock(), "{text}");
}

/// Most members that are listed one by one.
const MAX_MISFITS: usize = 10;

/// Notes members that cannot be read. Readable forms leave them out; JSON prints them unchanged. `of`
/// names the document, if there are several.
pub(crate) fn note_misfits(of: Option<String>, misfits: &[Misfit]) {
    note_each("warn-misfit", &of.unwrap_or_default(), misfits);
}

/// The same before a confirmation, which leaves them out.
pub(crate) fn note_left_out(misfits: &[Misfit]) {
    note_each("warn-left-out", "", misfits);
}

fn note_each(note: &str, of: &str, misfits: &[Misfit]) {
    let of = visible(of);
    for misfit in misfits.iter().take(MAX_MISFITS) {
        let misfit = visible(&misfit.to_string());
        let note = language().text_with(note, [("of", of.as_str().into()), ("misfit", misfit.into())]);
        print_note(&format!("{note}\n"));
    }
    if let Some(more) = misfits.len().checked_sub(MAX_MISFITS).filter(|more| *more > 0) {
        let more = language().text_with("warn-more", [("of", of.into()), ("more", more.into())]);
        print_note(&format!("{more}\n"));
    }
}

/// Prints an error to standard error, in the person's language.
pub(crate) fn print_error(error: &Error) {
    let lines: Vec<_> = error.lines(language()).iter().map(|line| visible(line)).collect();
    // If standard error is closed, the exit status still tells.
    let _ = writeln!(io::stderr().lock(), "{}", lines.join("\n"));
}

/// Prints all errors except the last one, which the command ends with.
pub(crate) fn print_all_but_last(errors: Vec<Error>) -> Result<(), Error> {
    let mut last = Ok(());
    for error in errors {
        if let Err(earlier) = mem::replace(&mut last, Err(error)) {
            print_error(&earlier);
        }
    }
    last
}

/// Prints a text that this program made, byte for byte.
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<(), Error> {
    let mut output = io::stdout().lock();
    has_reader(output.write_all(bytes).and_then(|()| output.flush())).map(|_| ())
}

/// Deepest nesting that is outlined. Deeper values are shown as JSON.
const MAX_OUTLINE_DEPTH: usize = 32;

/// An indented outline of a JSON text: members in their order, numbers as they were written.
pub(crate) fn readable(json: &str) -> String {
    let mut text = String::new();
    outline(json, 0, &mut text);
    text.truncate(text.trim_end().len());
    text
}

/// A JSON value, one level of it taken apart.
enum Level<'j> {
    Members(Vec<(String, &'j RawValue)>),
    Elements(Vec<&'j RawValue>),
    Leaf(String),
}

fn level(json: &str) -> Level<'_> {
    match json.as_bytes().first() {
        Some(b'{') => serde_json::from_str::<Members<'_>>(json).map(|members| Level::Members(members.0)).ok(),
        Some(b'[') => serde_json::from_str(json).map(Level::Elements).ok(),
        Some(b'"') => serde_json::from_str::<String>(json).map(|text| Level::Leaf(visible(&text))).ok(),
        _ => None,
    }
    .unwrap_or_else(|| Level::Leaf(visible(json)))
}

fn outline(json: &str, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match if depth < MAX_OUTLINE_DEPTH { level(json) } else { Level::Leaf(visible(json)) } {
        Level::Members(members) => {
            for (name, member) in members {
                let _ = write!(text, "{indent}{}:", visible(&name));
                beside_or_below(member.get(), depth, text);
            }
        }
        Level::Elements(elements) => {
            for element in elements {
                let _ = write!(text, "{indent}-");
                beside_or_below(element.get(), depth, text);
            }
        }
        Level::Leaf(leaf) => {
            let _ = writeln!(text, "{indent}{leaf}");
        }
    }
}

fn beside_or_below(json: &str, depth: usize, text: &mut String) {
    match level(json) {
        Level::Members(members) if members.is_empty() => none(text),
        Level::Elements(elements) if elements.is_empty() => none(text),
        Level::Leaf(leaf) => {
            let _ = writeln!(text, " {leaf}");
        }
        _ => {
            text.push('\n');
            outline(json, depth + 1, text);
        }
    }
}

fn none(text: &mut String) {
    let _ = writeln!(text, " {}", say("outline-none"));
}

/// An object's members in their order: `serde_json`'s own map sorts them.
struct Members<'j>(Vec<(String, &'j RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

/// The text, with escapes for every character that moves the cursor or reorders the line.
pub(crate) fn visible(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut visible, character| {
        let reorders = matches!(character, '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
        if character.is_control() || reorders {
            visible.extend(character.escape_default());
        } else {
            visible.push(character);
        }
        visible
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_reads_an_outline() {
        let json = r#"{"id":"1","list":[{"b":1.50,"a":null},"x"],"none":[],"resource":{"c":true}}"#;
        assert_eq!(
            readable(json),
            "id: 1\nlist:\n  -\n    b: 1.50\n    a: null\n  - x\nnone: (none)\nresource:\n  c: true"
        );
    }

    #[test]
    fn a_value_nested_beyond_reading_is_shown_as_json() {
        let json = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(readable(&json).ends_with(']'));
    }

    #[test]
    fn nothing_in_a_message_moves_the_cursor() {
        assert_eq!(visible("a\u{1b}[2Jb\u{9b}1mc\u{202e}\n"), "a\\u{1b}[2Jb\\u{9b}1mc\\u{202e}\\n");
        assert_eq!(visible("a\u{61c}b"), "a\\u{61c}b");
        assert_eq!(visible("投诉 é"), "投诉 é");
    }
}
