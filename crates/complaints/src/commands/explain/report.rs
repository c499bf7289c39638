//! The report of an explanation: the string to sign, each check, and what verifies.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::changes::what_cannot_be_undone;
use super::variants::Found;
use crate::error::Error;
use crate::language::{of_results, say, say_with};
use crate::view::output::{self, visible};
use crate::view::screen;
use crate::view::tone::Tone;

/// The printed report.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    #[serde(skip_serializing_if = "Option::is_none")]
    string_to_sign: Option<StringToSign>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<Key>,
    #[serde(rename = "Authorization", skip_serializing_if = "Option::is_none")]
    pub(super) authorization: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sign: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pay_sig: Option<String>,
    /// A person reads them before the rest.
    #[serde(skip_serializing_if = "are_apart")]
    pub(super) checks: Vec<Check>,
    /// After a bad signature: the changes under which it verifies, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) would_verify: Option<Vec<String>>,
    /// The usual places of these changes; without any, the changes that cannot be undone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) advice: Vec<String>,
}

/// The string to sign with visible line ends. Bytes that are not UTF-8 are replaced.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum StringToSign {
    /// For programs: the string, whose line ends JSON escapes.
    Exact(String),
    /// For a person: the lines, with escaped line ends.
    Lines(Vec<String>),
}

#[derive(Debug, Serialize)]
pub(super) struct Key {
    pub(super) id: String,
    pub(super) algorithm: &'static str,
}

#[derive(Debug)]
pub(super) struct Check {
    check: &'static str,
    result: Outcome,
    detail: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    NotReached,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotReached => "not reached",
        }
    }

    /// The mark in front of the word, in a locale that has such characters.
    const fn mark(self) -> &'static str {
        match self {
            Self::Passed => "✓ ",
            Self::Failed => "✗ ",
            Self::NotReached => "– ",
        }
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Passed => Tone::Good,
            Self::Failed => Tone::Over,
            Self::NotReached => Tone::Plain,
        }
    }
}

impl Check {
    /// The line for a person: `✗ failed: signature: the signature does not verify`.
    fn line(&self, has_marks: bool) -> String {
        let mark = if has_marks { self.result.mark() } else { "" };
        let result = of_results().word("explain", &self.result.as_str().replace(' ', "-")).into_owned();
        let check = of_results().known_word("explain-check", &self.check.replace([' ', '_'], "-"));
        let values = [("result", result.into()), ("check", check.unwrap_or_else(|| self.check.to_owned()).into())];
        let line = match &self.detail {
            Some(detail) => {
                let [result, check] = values;
                say_with("explain-line-detail", [result, check, ("detail", visible(detail).into())])
            }
            None => say_with("explain-line", values),
        };
        format!("{mark}{line}")
    }
}

/// The members, for programs.
impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("check", self.check)?;
        members.serialize_entry("result", self.result.as_str())?;
        if let Some(detail) = &self.detail {
            members.serialize_entry("detail", detail)?;
        }
        members.end()
    }
}

impl Report {
    /// Notes a check and returns its value. The first failure is the explained command's error.
    pub(super) fn check<T>(
        &mut self,
        check: &'static str,
        outcome: Result<T, Error>,
        first: &mut Result<(), Error>,
    ) -> Option<T> {
        let (result, detail, value) = match outcome {
            Ok(value) => (Outcome::Passed, None, Some(value)),
            Err(error) => {
                let detail = error.message().to_owned();
                if first.is_ok() {
                    *first = Err(error);
                }
                (Outcome::Failed, Some(detail), None)
            }
        };
        self.checks.push(Check { check, result, detail });
        value
    }

    /// Notes a check that was passed as part of another.
    pub(super) fn pass(&mut self, check: &'static str) {
        self.checks.push(Check { check, result: Outcome::Passed, detail: None });
    }

    /// Notes a check that could not be done after an earlier failure.
    pub(super) fn skip(&mut self, check: &'static str) {
        self.checks.push(Check { check, result: Outcome::NotReached, detail: None });
    }

    /// Adds the changes that verify, or advice on a body that no change makes verify.
    pub(super) fn tell(&mut self, found: Found, body: &[u8], lost: &str) {
        let nothing = found.would_verify.is_empty();
        self.advice = if nothing { what_cannot_be_undone(body, lost) } else { found.places };
        self.would_verify = Some(found.would_verify);
    }

    /// Notes a check that passed, with a fact about it.
    pub(super) fn pass_with(&mut self, check: &'static str, detail: String) {
        self.checks.push(Check { check, result: Outcome::Passed, detail: Some(detail) });
    }

    /// Prints the report. A person gets a line for each check, with a mark, and the outcome at last.
    pub(super) fn print(&self) -> Result<(), Error> {
        output::print_either(self, || self.text(screen::has_marks()))
    }

    fn text(&self, has_marks: bool) -> String {
        let checks = self.checks.iter().map(|check| format!("  {}", check.result.tone().paint(&check.line(has_marks))));
        let checks = [say("explain-checks")].into_iter().chain(checks).collect::<Vec<_>>().join("\n");
        let rest = output::json(self).map(|json| output::readable(&json)).unwrap_or_default();
        let parts = [checks, rest, self.last_line(has_marks)];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// The outcome in a line: `✓ all 8 checks passed`.
    fn last_line(&self, has_marks: bool) -> String {
        let failed = self.checks.iter().filter(|check| check.result == Outcome::Failed).count();
        let outcome = if failed == 0 { Outcome::Passed } else { Outcome::Failed };
        let name = if failed == 0 { "checks-passed" } else { "checks-failed" };
        let words = say_with(name, [("count", self.checks.len().into()), ("failed", failed.into())]);
        let mark = if has_marks { outcome.mark() } else { "" };
        outcome.tone().paint(&format!("{mark}{words}"))
    }

    /// The explained command's error, with the result of the tries in place of its suggestion.
    pub(super) fn explained(&self, error: Error) -> Error {
        match self.would_verify.as_deref() {
            None => error.without_suggestion(),
            Some([]) => error.without_suggestion().and("none of the usual changes makes it verify"),
            Some(_) => error.without_suggestion().and("`would_verify` says with which change it does"),
        }
    }

    pub(super) fn show_string(&mut self, parts: &[&[u8]]) {
        let string = String::from_utf8_lossy(&parts.concat()).into_owned();
        self.string_to_sign = Some(if screen::is_for_a_person() {
            StringToSign::Lines(string.split_inclusive('\n').map(visible).collect())
        } else {
            StringToSign::Exact(string)
        });
    }
}

fn are_apart(_: &[Check]) -> bool {
    screen::is_for_a_person()
}

pub(super) type Explained = (Report, Result<(), Error>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_check_is_a_line_with_a_mark_and_a_word() {
        let mut report = Report::default();
        report.pass("size");
        let mut first = Ok(());
        let failed = report.check::<()>("signature", Err(Error::usage("it does\u{1b} not verify")), &mut first);
        report.skip("envelope");
        assert!(failed.is_none() && first.is_err());
        let lines = |has_marks: bool| report.checks.iter().map(|check| check.line(has_marks)).collect::<Vec<_>>();
        let words = ["passed: size", "failed: signature: it does\\u{1b} not verify", "not reached: envelope"];
        assert_eq!(lines(false), words);
        assert_eq!(report.last_line(true), "✗ 1 of 3 checks failed");
        assert_eq!(lines(true), [("✓", 0), ("✗", 1), ("–", 2)].map(|(mark, place)| format!("{mark} {}", words[place])));
    }
}
