//! Nothing is changed at a platform unasked.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use crate::args::Consent;
use crate::error::Error;
use crate::view::output::{self, visible};

/// Longest answer that is read, in bytes.
const MAX_RESPONSE: u64 = 1024;

impl Consent {
    /// To be called before anything else: where nobody can be asked, somebody has to have decided.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal();
        if self.yes || self.dry_run || can_ask {
            Ok(())
        } else {
            Err(Error::usage(
                "this changes something at the platform, and there is no terminal to ask on: give --yes to do it, \
                 --dry-run to see the request; nothing was sent",
            ))
        }
    }

    /// Says what is about to happen, and asks, unless `--yes` has answered.
    pub(crate) async fn ask(&self, what: String) -> Result<(), Error> {
        if self.yes {
            return Ok(());
        }
        // Beside the runtime: connections that are closed meanwhile are noticed.
        match tokio::task::spawn_blocking(move || is_confirmed(&what)).await {
            Ok(true) => Ok(()),
            _ => Err(Error::usage("not confirmed; nothing was sent")),
        }
    }
}

fn is_confirmed(what: &str) -> bool {
    output::print_note(&format!("{what}\nGo ahead? [y/N] "));
    let mut response = String::new();
    let read = io::stdin().lock().take(MAX_RESPONSE).read_line(&mut response);
    read.is_ok() && matches!(response.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

/// Somebody's words, set apart from the command's own: each line begins with a bar.
pub(crate) fn quoted(words: &str) -> String {
    words.lines().map(|line| format!("\n  | {}", visible(line))).collect()
}
