//! A form for one complaint.

use crate::view::output::visible;

/// A form: a line for each member that is present; long texts and lists below their names.
#[derive(Default)]
pub(crate) struct Sheet(Vec<String>);

impl Sheet {
    pub(crate) fn line(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.0.push(format!("{name:14} {value}"));
        }
    }

    pub(crate) fn below<'t>(&mut self, name: &str, lines: impl Iterator<Item = &'t str>) {
        let mut lines = lines.map(|line| format!("  {}", visible(line))).peekable();
        if lines.peek().is_some() {
            self.0.push(format!("{name}:"));
            self.0.extend(lines);
        }
    }

    /// The lines, without an end after the last.
    pub(crate) fn text(&self) -> String {
        self.0.join("\n")
    }
}
