//! An error with its code, and the codes.

use std::fmt;
use std::process::ExitCode;

/// The codes of the command line. Programs read them; they do not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    BadSignature,
    StaleTimestamp,
    UnknownKey,
    Probe,
    DecryptFailed,
    Malformed,
    MissingHeader,
    TooLarge,
    WrongAppid,
    Rejected,
    Network,
    Config,
    Usage,
}

impl Code {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::BadSignature => "bad-signature",
            Self::StaleTimestamp => "stale-timestamp",
            Self::UnknownKey => "unknown-key",
            Self::Probe => "probe",
            Self::DecryptFailed => "decrypt-failed",
            Self::Malformed => "malformed",
            Self::MissingHeader => "missing-header",
            Self::TooLarge => "too-large",
            Self::WrongAppid => "wrong-appid",
            Self::Rejected => "rejected",
            Self::Network => "network",
            Self::Config => "config",
            Self::Usage => "usage",
        }
    }
}

/// An error with its code and its remedy.
#[derive(Debug, Clone)]
pub(crate) struct Error {
    pub(crate) code: Code,
    pub(super) message: String,
    /// The help that `complaints explain` gives.
    pub(super) explain: Option<&'static str>,
}

impl Error {
    pub(crate) fn new(code: Code, message: impl fmt::Display) -> Self {
        Self { code, message: message.to_string(), explain: None }
    }

    /// An error of the configuration: the file, the files it names, the variables.
    pub(crate) fn config(message: impl fmt::Display) -> Self {
        Self::new(Code::Config, message)
    }

    /// An error of the arguments, the files they name, or the machine.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::new(Code::Usage, message)
    }

    /// Adds the step that failed.
    pub(crate) fn during(self, step: &str) -> Self {
        Self { message: format!("{step}: {}", self.message), ..self }
    }

    /// Adds the help that `complaints explain` gives.
    pub(super) fn suggesting(self, explain: &'static str) -> Self {
        Self { explain: Some(explain), ..self }
    }

    /// Removes that help, for `complaints explain` itself.
    pub(crate) fn without_suggestion(self) -> Self {
        Self { explain: None, ..self }
    }

    /// Adds a fact or a remedy.
    pub(crate) fn and(self, more: impl fmt::Display) -> Self {
        Self { message: format!("{}; {more}", self.message), ..self }
    }

    /// 2 for usage and configuration, 1 for a refusal or a failure.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(if matches!(self.code, Code::Config | Code::Usage) { 2 } else { 1 })
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: {}", self.code.as_str(), self.message)?;
        self.explain.map_or(Ok(()), |explain| write!(f, "; `complaints explain` {explain}"))
    }
}
