//! Progress while pages are read, on standard error.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::language::language;

/// A counter on standard error, if that is a terminal. Dropping it removes the line.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    /// The name of the text that says how many were read.
    read: &'static str,
}

impl Progress {
    /// `read` is the name of the text that says how many were read.
    pub(crate) fn reading(read: &'static str) -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        let progress = Self { bar, read };
        progress.tell();
        progress.bar.enable_steady_tick(Duration::from_millis(100));
        progress
    }

    /// One more was read.
    pub(crate) fn count(&self) {
        self.bar.inc(1);
        self.tell();
    }

    fn tell(&self) {
        self.bar.set_message(language().text_with(self.read, [("count", self.bar.position().into())]));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
