//! Confirmation before anything is changed at a platform.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use crate::args::Consent;
use crate::error::Error;
use crate::language::language;
use crate::view::output::{self, visible};

/// Longest line that is read, in bytes.
const MAX_LINE: u64 = 1024;

impl Consent {
    /// Refuses to go on without `--yes`, `--dry-run` or a terminal to ask on. Called first.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.yes || self.dry_run || can_ask() {
            Ok(())
        } else {
            Err(Error::usage(
                "this command changes something at the platform, and there is no terminal to confirm it on; \
                 nothing was sent; give --yes to do it, or --dry-run to see the request",
            ))
        }
    }

    /// Describes the change and asks for confirmation, except with `--yes`.
    pub(crate) async fn ask(&self, what: String) -> Result<(), Error> {
        if self.yes {
            return Ok(());
        }
        // On another thread: the runtime notices connections that close meanwhile.
        match tokio::task::spawn_blocking(move || is_confirmed(&what)).await {
            Ok(true) => Ok(()),
            _ => Err(Error::usage("not confirmed; nothing was sent")),
        }
    }
}

/// Whether there is a person to ask.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks a person, who types a line; `None` if the input has ended.
pub(crate) fn ask(prompt: &str) -> Option<String> {
    output::print_note(prompt);
    let mut line = String::new();
    let read = io::stdin().lock().take(MAX_LINE).read_line(&mut line);
    read.ok().filter(|bytes| *bytes > 0).map(|_| line)
}

fn is_confirmed(what: &str) -> bool {
    is_yes(&ask(&format!("{what}\n{} ", language().text("confirm-go-ahead"))).unwrap_or_default())
}

/// Whether a person agrees, in any language.
pub(crate) fn is_yes(line: &str) -> bool {
    matches!(line.trim().to_lowercase().as_str(), "y" | "yes" | "是")
}

/// A complaint in two lines: its number and its state, and the payer's words.
pub(crate) fn complaint(id: &str, state: Option<String>, words: Option<&str>) -> String {
    let id = ("id", visible(id).into());
    let head = match state {
        Some(state) => language().text_with("confirm-complaint-in", [id, ("state", state.into())]),
        None => language().text_with("confirm-complaint", [id]),
    };
    format!("{head}{}", words.map(quoted).unwrap_or_default())
}

/// A person's words, set apart from the command's: each line begins with a bar.
pub(crate) fn quoted(words: &str) -> String {
    words.lines().map(|line| format!("\n  | {}", visible(line))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_word_agrees() {
        for yes in ["y", "Y\n", " yes ", "是\r\n"] {
            assert!(is_yes(yes), "{yes:?}");
        }
        for no in ["", "\n", "n", "no", "否", "yess", "不是", "是的吗"] {
            assert!(!is_yes(no), "{no:?}");
        }
    }
}
