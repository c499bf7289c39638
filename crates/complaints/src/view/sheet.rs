//! A form for one complaint.

use crate::language::of_results;
use crate::view::output::visible;
use crate::view::words::padded;

/// Columns of a line's name.
const NAME_COLUMNS: usize = 14;

/// A form: a line for each member that is present; long texts and lists below their names. The names
/// are texts of the families `line` and `below`.
#[derive(Default)]
pub(crate) struct Sheet(Vec<String>);

impl Sheet {
    pub(crate) fn line(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.0.push(format!("{} {value}", padded(&of_results().word("line", name), NAME_COLUMNS)));
        }
    }

    pub(crate) fn below<'t>(&mut self, name: &str, lines: impl Iterator<Item = &'t str>) {
        let mut lines = lines.map(|line| format!("  {}", visible(line))).peekable();
        if lines.peek().is_some() {
            self.0.push(of_results().word("below", name).into_owned());
            self.0.extend(lines);
        }
    }

    /// The lines, without an end after the last.
    pub(crate) fn text(&self) -> String {
        self.0.join("\n")
    }
}
