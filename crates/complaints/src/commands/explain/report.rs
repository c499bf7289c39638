//! The report of an explanation: the string to sign, each check, and what verifies.

use serde::Serialize;

use super::changes::what_cannot_be_undone;
use super::variants::Found;
use crate::error::Error;
use crate::view::output;

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

#[derive(Debug, Serialize)]
pub(super) struct Check {
    pub(super) check: &'static str,
    pub(super) result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<String>,
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
            Ok(value) => ("passed", None, Some(value)),
            Err(error) => {
                let detail = error.message().to_owned();
                if first.is_ok() {
                    *first = Err(error);
                }
                ("failed", Some(detail), None)
            }
        };
        self.checks.push(Check { check, result, detail });
        value
    }

    /// Notes a check that was passed as part of another.
    pub(super) fn pass(&mut self, check: &'static str) {
        self.checks.push(Check { check, result: "passed", detail: None });
    }

    /// Notes a check that could not be done after an earlier failure.
    pub(super) fn skip(&mut self, check: &'static str) {
        self.checks.push(Check { check, result: "not reached", detail: None });
    }

    /// Adds the changes that verify, or advice on a body that no change makes verify.
    pub(super) fn tell(&mut self, found: Found, body: &[u8], lost: &str) {
        let nothing = found.would_verify.is_empty();
        self.advice = if nothing { what_cannot_be_undone(body, lost) } else { found.places };
        self.would_verify = Some(found.would_verify);
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
        self.string_to_sign = Some(if output::to_a_person() {
            StringToSign::Lines(string.split_inclusive('\n').map(output::visible).collect())
        } else {
            StringToSign::Exact(string)
        });
    }
}

pub(super) type Explained = (Report, Result<(), Error>);
