//! Errors shared by all channels, the side at fault, and whether the request took effect.

use std::borrow::Cow;
use std::fmt;

/// The side at fault, which can remedy the error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The calling program: a value out of bounds, a key of the wrong kind.
    Caller,
    /// The sender of the message: it is forged, stale, damaged or not the platform's.
    Peer,
    /// The platform: it refused, or sent a message that its documentation does not allow.
    Platform,
    /// The network in between.
    Network,
    /// This machine: its clock, its memory, its random generator.
    Local,
}

/// Whether a request may have taken effect at the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// It was not sent: safe to send again.
    NotSent,
    /// It may have taken effect: look before sending again, unless it is idempotent.
    Unknown,
    /// The platform responded: the request was processed, perhaps refused.
    Processed,
}

/// A document that could not be read: the expectation, the problem, and its position.
///
/// Lines and columns count from 1, columns in bytes; column 0 is the start of a line. The message
/// never quotes the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    document: &'static str,
    problem: Cow<'static, str>,
    line: usize,
    column: usize,
}

impl DecodeError {
    /// The problem of a member that occurs twice, where the decoder does not know its name.
    pub(crate) const TWICE: &'static str = "a member stands twice";

    /// A problem at a byte offset of a document.
    pub(crate) fn at(
        document: &'static str,
        bytes: &[u8],
        offset: usize,
        problem: impl Into<Cow<'static, str>>,
    ) -> Self {
        let before = bytes.get(..offset).unwrap_or(bytes);
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        Self {
            document,
            problem: problem.into(),
            line: before.iter().filter(|&&byte| byte == b'\n').count() + 1,
            column: before.len() - line_start + 1,
        }
    }

    /// The text of a document that must be UTF-8; a byte-order mark before it is dropped.
    pub(crate) fn check_utf8<'b>(document: &'static str, bytes: &'b [u8]) -> Result<&'b str, Self> {
        match simdutf8::compat::from_utf8(bytes) {
            Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
            Err(error) => Err(Self::at(document, bytes, error.valid_up_to(), "not UTF-8")),
        }
    }

    pub(crate) fn json(document: &'static str, text: &str, error: &serde_json::Error) -> Self {
        // Line 0: the whole document was read, and then found not to be the expected one.
        if error.line() == 0 {
            return Self::at(document, text.as_bytes(), text.len().saturating_sub(1), json_problem(error));
        }
        Self { document, problem: json_problem(error), line: error.line(), column: error.column() }
    }

    /// An error of `serde_json` in a part of a document, at a byte offset of the whole.
    pub(crate) fn at_json(document: &'static str, text: &str, offset: usize, error: &serde_json::Error) -> Self {
        Self::at(document, text.as_bytes(), offset, json_problem(error))
    }

    /// The side at fault: the author of the document. There is no `failure()`: the channel's
    /// `ResponseError` knows which response cannot be read.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        Fault::Peer
    }

    /// The name of the document.
    #[must_use]
    pub const fn document(&self) -> &'static str {
        self.document
    }

    /// Line of the problem, from 1.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }

    /// Column of the problem in bytes, from 1.
    #[must_use]
    pub const fn column(&self) -> usize {
        self.column
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, line {} column {}", self.document, self.problem, self.line, self.column)
    }
}

impl std::error::Error for DecodeError {}

/// The part of a `serde_json` error that contains no part of the document.
///
/// Syntax errors are fixed texts. Data errors quote the value (`invalid type: string "18500000000",
/// expected …`): only the crate's own words at the end are kept.
fn json_problem(error: &serde_json::Error) -> Cow<'static, str> {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let problem = text.strip_suffix(&place).unwrap_or(&text);
    if !error.is_data() {
        return Cow::Owned(problem.to_owned());
    }
    if let Some(name) = problem.strip_prefix("missing field ") {
        return Cow::Owned(format!("missing member {name}"));
    }
    if let Some(name) = problem.strip_prefix("duplicate field ") {
        return Cow::Owned(format!("member {name} stands twice"));
    }
    if problem == DecodeError::TWICE {
        return Cow::Borrowed(DecodeError::TWICE);
    }
    match problem.rsplit_once(", expected ") {
        Some((_, expected)) => Cow::Owned(format!("expected {expected}")),
        None => Cow::Borrowed("a value of another kind than expected"),
    }
}
