//! The log, on standard error: JSON to a pipe or a file, lines for a person.

use std::io::{self, IsTerminal as _};

use tracing::Level;

/// Logs what happens from now on, with reasons and without personal data.
pub(super) fn start() {
    let log = tracing_subscriber::fmt().with_max_level(Level::INFO).with_writer(io::stderr).with_target(false);
    // A second log of one process would be a mistake of this command's, and changes nothing.
    if io::stderr().is_terminal() {
        drop(log.compact().with_ansi(false).try_init());
    } else {
        drop(log.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init());
    }
}
