//! Progress while pages are read, on standard error.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A counter on standard error, if that is a terminal. Dropping it removes the line.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// `what` in the plural.
    pub(crate) fn reading(what: &'static str) -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} read {pos} {msg}") {
            bar.set_style(style);
        }
        bar.set_message(what);
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    /// One more was read.
    pub(crate) fn count(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
