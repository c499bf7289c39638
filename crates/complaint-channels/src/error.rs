//! The error of a configuration.

use std::fmt;

/// A configuration that cannot be used. Its text names the file, the line or the member, and says
/// what to do. It quotes no value that may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SettingError {
    kind: SettingErrorKind,
    message: String,
}

/// The kinds of errors of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SettingErrorKind {
    /// The configuration, or a file that it names, cannot be read.
    File,
    /// The configuration is not TOML of this form: an unknown member, a value of the wrong kind.
    Document,
    /// A section or a member that is needed is missing.
    Missing,
    /// A value cannot be used: a key that is none, a merchant's number with blanks.
    Value,
    /// The choice of a section finds none or several, or two sections have one name.
    Choice,
}

impl SettingError {
    /// The error of a file beside the configuration, such as one of tokens. The message says what to
    /// do, and quotes no secret.
    #[must_use]
    pub fn new(kind: SettingErrorKind, message: impl fmt::Display) -> Self {
        Self { kind, message: visible(&message.to_string()) }
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> SettingErrorKind {
        self.kind
    }

    /// Adds a fact or a remedy.
    #[must_use]
    pub fn and(self, more: impl fmt::Display) -> Self {
        Self::new(self.kind, format_args!("{}; {more}", self.message))
    }
}

/// Names of files come from outside. No character of them moves a terminal's cursor.
fn visible(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut visible, character| {
        if character.is_control() {
            visible.extend(character.escape_default())
        } else {
            visible.push(character)
        }
        visible
    })
}
