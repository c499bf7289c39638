//! Headers in a printed map: PHP's `print_r`, `var_export` and `var_dump`, Python, Node, Java, Go,
//! Ruby.
//!
//! No language's grammar: a name, `=>`, `:` or `=`, and a value, at any place.

use super::line::{Headers, is_ours};

/// Longest name of a header.
const MAX_NAME: usize = 128;

/// The headers of a printed map, or of Node's list of names and values in turn. `None` without a
/// header of WeChat Pay's.
pub(super) fn headers(text: &str) -> Option<Headers> {
    by(text, pair).or_else(|| by(text, in_turn))
}

fn by(text: &str, pair: impl Fn(&str) -> Option<(&str, String, &str)>) -> Option<Headers> {
    let mut headers = Headers::new();
    let mut rest = text;
    // Each step takes something away.
    while !rest.is_empty() {
        rest = match pair(rest) {
            Some((name, value, after)) => {
                headers.push((name.to_owned(), value));
                after
            }
            None => after_word(rest),
        };
    }
    headers.iter().any(|(name, value)| is_ours(name) && !value.is_empty()).then_some(headers)
}

/// Without the word, or the one character, that it begins with.
fn after_word(text: &str) -> &str {
    let word = text.find(|character| !is_of_name(character)).unwrap_or(text.len());
    let step = if word > 0 { word } else { text.chars().next().map_or(0, char::len_utf8) };
    text.get(step..).unwrap_or_default()
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}

/// A name and its value at the beginning, and what comes after.
fn pair(text: &str) -> Option<(&str, String, &str)> {
    if let Some(inner) = text.strip_prefix('(') {
        return tuple(inner);
    }
    let (name, rest) = name(text)?;
    let rest = rest.trim_start();
    let rest = ["=>", ":", "="].iter().find_map(|separator| rest.strip_prefix(separator))?;
    let (value, rest) = value(rest)?;
    Some((name, value, rest))
}

/// One of WeChat Pay's headers in Node's list: `'Name', 'value'`.
fn in_turn(text: &str) -> Option<(&str, String, &str)> {
    tuple(text).filter(|(name, ..)| is_ours(name))
}

/// Python's `('Name', 'value')`, after its bracket; also of bytes.
fn tuple(text: &str) -> Option<(&str, String, &str)> {
    let bare = |text| -> &str { str::strip_prefix(text, 'b').unwrap_or(text) };
    let text = bare(text);
    text.starts_with(['\'', '"']).then_some(())?;
    let (name, rest) = name(text)?;
    let rest = bare(rest.strip_prefix(',')?.trim_start());
    rest.starts_with(['\'', '"']).then_some(())?;
    let (value, rest) = value(rest)?;
    Some((name, value, rest))
}

/// `Name`, `'Name'`, `"Name"`, `[Name]`, `["Name"]`.
fn name(text: &str) -> Option<(&str, &str)> {
    let bracket = text.strip_prefix('[');
    let inner = bracket.unwrap_or(text);
    let quote = inner.chars().next().filter(|character| matches!(character, '"' | '\''));
    let inner = quote.map_or(Some(inner), |quote| inner.strip_prefix(quote))?;
    let end = inner.find(|character| !is_of_name(character)).unwrap_or(inner.len());
    let (name, mut rest) = inner.split_at(end);
    if !(1..=MAX_NAME).contains(&name.len()) || name.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if let Some(quote) = quote {
        rest = rest.strip_prefix(quote)?;
    }
    // `[Name]` is PHP's; `[Name:` begins one of Java's maps.
    match (bracket, rest.strip_prefix(']')) {
        (Some(_), Some(after)) => Some((name, after)),
        (Some(_), None) => None,
        (None, _) => Some((name, rest)),
    }
}

/// A value: in quotes, or up to the end in its kind of map. The marks of a list of one are skipped.
fn value(text: &str) -> Option<(String, &str)> {
    let mut rest = text;
    let mut in_list = false;
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        // PHP's own go on below the name; an empty value does not.
        let below = rest.trim_start();
        if ["string(", "array", "Array"].iter().any(|word| below.starts_with(word)) {
            rest = below;
        }
        match wrapper(rest) {
            Some(inner) => {
                in_list = true;
                rest = inner;
            }
            None => break,
        }
    }
    if let Some(quote) = rest.chars().next().filter(|character| matches!(character, '"' | '\'')) {
        let inner = rest.get(1..)?;
        let mut value = String::new();
        let mut characters = inner.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
                character if character == quote => return Some((value, inner.get(at + 1..)?)),
                character => value.push(character),
            }
        }
        return None;
    }
    let is_end = |character: char| match character {
        '\r' | '\n' | ',' | '}' => true,
        ']' | ' ' => in_list || character == ']',
        _ => false,
    };
    let end = rest.find(is_end).unwrap_or(rest.len());
    let (value, after) = rest.split_at(end);
    Some((value.trim().to_owned(), after))
}

/// Skips the text before the value: the beginning of a list of one, or PHP's type.
fn wrapper(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix('[') {
        let index = rest.strip_prefix("0]").and_then(|rest| rest.trim_start().strip_prefix("=>"));
        return Some(index.unwrap_or(rest));
    }
    if let Some(rest) = text.strip_prefix("string(").and_then(|rest| rest.split_once(')')) {
        return Some(rest.1);
    }
    let array = ["Array", "array"].iter().find_map(|word| text.strip_prefix(word))?.trim_start();
    let array = array.strip_prefix('(')?.trim_start();
    Some(array.strip_prefix("0 =>").unwrap_or(array))
}
