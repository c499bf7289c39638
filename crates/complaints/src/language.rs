//! The language of help and errors: `--lang`, or that of the terminal.

use std::ffi::OsString;
use std::sync::OnceLock;

use complaint_texts::Language;

static LANGUAGE: OnceLock<Language> = OnceLock::new();

/// The language of this process. English until it is [chosen](choose).
pub(crate) fn language() -> Language {
    LANGUAGE.get().copied().unwrap_or(Language::English)
}

/// Chooses it from the arguments, which may be wrong in other ways, and the environment. Called once,
/// first.
pub(crate) fn choose(arguments: &[OsString]) {
    let terminal = || Language::from_environment(|name| std::env::var(name).ok());
    let _ = LANGUAGE.set(asked(arguments).unwrap_or_else(terminal));
}

/// The value of `--lang`.
fn asked(arguments: &[OsString]) -> Option<Language> {
    let mut arguments =
        arguments.iter().skip(1).map_while(|argument| argument.to_str()).take_while(|word| *word != "--");
    while let Some(argument) = arguments.next() {
        let code = match argument.split_once('=') {
            Some(("--lang", code)) => Some(code),
            _ if argument == "--lang" => arguments.next(),
            _ => None,
        };
        if let Some(code) = code {
            return Language::from_code(code);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_stands_anywhere_before_the_operands() {
        let of = |words: &str| asked(&words.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(of("complaints list --lang zh"), Some(Language::Chinese));
        assert_eq!(of("complaints --lang=en list --from"), Some(Language::English));
        assert_eq!((of("complaints list"), of("complaints --lang"), of("complaints --lang fr")), (None, None, None));
        assert_eq!(of("complaints reply 1 -- --lang zh"), None);
    }
}
