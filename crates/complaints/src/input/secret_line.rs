//! A secret that a person types, or that a program writes to standard input.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use complaint_texts::Language;

use crate::error::Error;
use crate::language::language;
use crate::view::output;

/// A secret of one line: asked for twice on a terminal, without echo; else the line of standard
/// input. `what` is the name of the text that says which.
pub(crate) fn secret_line(what: &str, max_bytes: usize) -> Result<String, Error> {
    let (asked, what) = (language().text(what), Language::English.text(what));
    let what = what.as_str();
    if !io::stdin().is_terminal() {
        return line(what, max_bytes);
    }
    let ask = |prompt: &str| {
        output::print_note(&format!("{} ", language().text_with(prompt, [("what", asked.as_str().into())])));
        let _quiet = Quiet::begin();
        let line = line(what, max_bytes);
        output::print_note("\n");
        line
    };
    let first = ask("secret-ask")?;
    if ask("secret-again")? == first {
        Ok(first)
    } else {
        Err(Error::usage(format_args!("the two are not the same; nothing was changed, type the {what} again")))
    }
}

fn line(what: &str, max_bytes: usize) -> Result<String, Error> {
    let mut line = String::new();
    let bound = u64::try_from(max_bytes).unwrap_or(u64::MAX).saturating_add(2);
    let read = io::stdin().lock().take(bound).read_line(&mut line);
    let text = line.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).unwrap_or(&line);
    match read {
        Ok(bytes) if bytes > 0 && text.len() <= max_bytes => Ok(text.to_owned()),
        _ => Err(Error::usage(format_args!(
            "standard input has no {what}: type it, or write one line of UTF-8 with {max_bytes} bytes at most"
        ))),
    }
}

/// The terminal does not show what is typed, as long as this lives.
struct Quiet {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

impl Quiet {
    #[cfg(unix)]
    fn begin() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

        let before = tcgetattr(io::stdin()).ok();
        if let Some(before) = &before {
            let mut quiet = before.clone();
            quiet.local_modes -= LocalModes::ECHO;
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &quiet);
        }
        Self { before }
    }

    #[cfg(not(unix))]
    fn begin() -> Self {
        Self {}
    }
}

#[cfg(unix)]
impl Drop for Quiet {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, before);
        }
    }
}
