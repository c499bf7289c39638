//! An error with its code, and the codes.

use std::fmt;
use std::process::ExitCode;

use complaint_texts::Language;

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
    /// The request may have taken effect nevertheless.
    pub(super) may_have_happened: bool,
    /// The help that `complaints explain` gives.
    pub(super) explain: Option<&'static str>,
}

impl Error {
    pub(crate) fn new(code: Code, message: impl fmt::Display) -> Self {
        Self { code, message: message.to_string(), may_have_happened: false, explain: None }
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
    pub(crate) fn suggesting(self, explain: &'static str) -> Self {
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

    /// What happened, and what to do, in English.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The lines for a person. In English there is one. In another language the general words come
    /// first, and the words of libraries and platforms below them as they are. A message about the
    /// arguments keeps its line ends; any other may have a stranger's words in it, and is one line.
    pub(crate) fn lines(&self, language: Language) -> Vec<String> {
        let Self { code, message, may_have_happened, explain } = self;
        let split = |text: &str| -> Vec<String> {
            if *code == Code::Usage { text.lines().map(str::to_owned).collect() } else { vec![text.to_owned()] }
        };
        if language == Language::English {
            return split(&self.to_string());
        }
        let code = code.as_str();
        let mut lines = vec![format!("error[{code}]: {}", language.word("error", code))];
        lines.extend(may_have_happened.then(|| language.text("error-may-have-happened")));
        lines.extend(explain.map(|_| language.text("error-explain")));
        lines.extend(split(message).iter().map(|line| format!("  {line}")));
        lines
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: {}", self.code.as_str(), self.message)?;
        if self.may_have_happened {
            f.write_str("; it may have taken effect: look before you try again")?;
        }
        self.explain.map_or(Ok(()), |explain| write!(f, "; `complaints explain` {explain}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_chinese_the_general_words_come_first_and_strangers_add_no_line() {
        let error = Error::new(Code::Rejected, "SIGN_ERROR: no\nerror[config]: forged").suggesting("tries the changes");
        let error = Error { may_have_happened: true, ..error };
        let english = "error[rejected]: SIGN_ERROR: no\nerror[config]: forged; it may have taken effect: look before you \
                       try again; `complaints explain` tries the changes";
        assert_eq!(error.lines(Language::English), [english]);
        let chinese = [
            "error[rejected]: 平台或对方拒绝了请求，原话如下。",
            "请求可能已经生效：重试之前请先查看投诉的协商历史。",
            "用 complaints explain 可以逐项检查，查找原因。",
            "  SIGN_ERROR: no\nerror[config]: forged",
        ];
        assert_eq!(error.lines(Language::Chinese), chinese);
        assert_eq!(Error::usage("a\nb").lines(Language::English), ["error[usage]: a", "b"]);
    }

    #[test]
    fn every_code_has_words_in_each_language() {
        use Code::*;

        let codes = [
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
        ];
        for code in codes {
            for language in Language::ALL {
                assert!(language.known_word("error", code.as_str()).is_some(), "{}", code.as_str());
            }
        }
    }
}
