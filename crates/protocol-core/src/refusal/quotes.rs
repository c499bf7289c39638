//! Finds quotes of a request's values in a `detail`.

use std::collections::HashSet;

use serde_json::Value;

use crate::limits::MAX_REFUSAL_ISSUE;

/// Length of a quote: a run of so many characters that issue and value share. A shorter value is
/// quoted as a whole or not at all.
const QUOTE: usize = 6;

/// Maximum number of characters of one detail's values that are compared with its issues. Beyond
/// it, the text is hidden.
pub(super) const MAX_COMPARED: usize = 64 * 1024;

/// The texts of every `value` in a detail, at any depth; `None` if they are too many to compare.
pub(super) fn values_of(detail: &Value) -> Option<Vec<Vec<char>>> {
    let (mut values, mut characters) = (Vec::new(), 0);
    // Whether the element is inside a `value`.
    let mut rest = vec![(detail, false)];
    while let Some((json, is_value)) = rest.pop() {
        let mut compare = |text: &str| {
            let text = text.trim();
            for text in [text.chars().collect::<Vec<_>>(), text.chars().filter_map(spoken).collect()] {
                characters += text.len();
                values.push(text);
            }
        };
        match json {
            Value::String(text) if is_value => compare(text),
            Value::Number(number) if is_value => compare(&number.to_string()),
            Value::Array(elements) => rest.extend(elements.iter().map(|element| (element, is_value))),
            Value::Object(members) => {
                rest.extend(members.iter().map(|(name, member)| (member, is_value || name == "value")));
            }
            _ => {}
        }
        if characters > MAX_COMPARED {
            return None;
        }
    }
    Some(values)
}

/// A letter or a digit, in lower case, to compare values written with spaces or dashes.
pub(super) fn spoken(character: char) -> Option<char> {
    character.is_alphanumeric().then(|| character.to_ascii_lowercase())
}

/// The quotable parts of a detail's values.
pub(super) enum Quotes<'v> {
    /// Unknown: anything may be a quote.
    Anything,
    /// Runs of [`QUOTE`] characters, shorter values, and values as a whole.
    Of { runs: HashSet<&'v [char]>, whole: HashSet<&'v [char]> },
}

impl<'v> Quotes<'v> {
    pub(super) fn of(values: Option<&'v [Vec<char>]>) -> Self {
        let Some(values) = values else { return Self::Anything };
        let whole: HashSet<&[char]> = values.iter().map(Vec::as_slice).filter(|value| !value.is_empty()).collect();
        let runs = whole.iter().flat_map(|value| value.windows(value.len().min(QUOTE))).collect();
        Self::Of { runs, whole }
    }

    /// A text with `***` in place of every quote of a value, even with other characters in between.
    pub(super) fn hidden_in(&self, text: &str) -> String {
        let Self::Of { runs, .. } = self else { return HIDDEN.to_owned() };
        let text: Vec<char> = text.chars().filter(|character| !moves(*character)).take(2 * MAX_REFUSAL_ISSUE).collect();
        let mut hidden = vec![false; text.len()];
        let every = text.iter().copied().enumerate().collect::<Vec<_>>();
        let letters = text.iter().enumerate().filter_map(|(at, character)| Some((at, spoken(*character)?))).collect();
        for shown in [every, letters] {
            let characters: Vec<char> = shown.iter().map(|(_, character)| *character).collect();
            for run in 1..=QUOTE {
                for (window, places) in characters.windows(run).zip(shown.windows(run)) {
                    let (Some((from, _)), Some((to, _))) = (places.first(), places.last()) else { continue };
                    if runs.contains(window) && (run == QUOTE || stands_alone(&text, *from, *to)) {
                        hidden.iter_mut().take(to + 1).skip(*from).for_each(|hidden| *hidden = true);
                    }
                }
            }
        }
        let mut shown = String::new();
        let mut is_hidden_before = false;
        for (character, is_hidden) in text.into_iter().zip(hidden) {
            match is_hidden {
                false => shown.push(character),
                true if is_hidden_before => {}
                true => shown.push_str(HIDDEN),
            }
            is_hidden_before = is_hidden;
        }
        shown
    }

    /// A member's name, or its place, hidden if it is a value or contains one. Names may share runs
    /// with values that are names.
    pub(super) fn hidden_in_name(&self, name: &str) -> String {
        /// The documented places of members.
        const PLACES: [&str; 4] = ["body", "query", "url", "authorization"];

        let Self::Of { whole, .. } = self else { return HIDDEN.to_owned() };
        let is_a_value = |name: Vec<char>| whole.contains(name.as_slice());
        if PLACES.contains(&name) {
            return name.to_owned();
        }
        if is_a_value(name.chars().collect()) || is_a_value(name.chars().filter_map(spoken).collect()) {
            return HIDDEN.to_owned();
        }
        let is_a_members = name.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'.' | b'/'));
        if is_a_members { name.to_owned() } else { self.hidden_in(name) }
    }
}

/// The replacement of a quote.
pub(super) const HIDDEN: &str = "***";

/// Whether a short run is a separate word: the 3 of `3 is too large`, but not that of `30`.
fn stands_alone(text: &[char], from: usize, to: usize) -> bool {
    let is_word = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(char::is_ascii_alphanumeric);
    let begins_or_ends_with_one = is_word(Some(from)) || is_word(Some(to));
    !(begins_or_ends_with_one && (is_word(from.checked_sub(1)) || is_word(Some(to + 1))))
}

/// Whether a character moves the cursor: control characters, and those that reorder a line.
pub(super) fn moves(character: char) -> bool {
    let reorders =
        matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    character.is_control() || reorders
}
