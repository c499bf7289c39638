//! The terminal: the form that is asked for, the width, the colours.

use std::env;
use std::io::{self, IsTerminal as _};
use std::sync::OnceLock;

use clap::ValueEnum;
use complaint_texts::csv::Dialect;

/// The form of a result. On a terminal, control characters are shown as escapes in every form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For people: tables and sheets.
    Table,
    /// One JSON value.
    Json,
    /// A JSON object a line.
    Jsonl,
    /// CSV for programs, without a mark (BOM): exact text, fen, UTC.
    Csv,
    /// CSV for Excel, with a mark (BOM): ids as text, yuan, China's time; formulas are not
    /// calculated.
    Excel,
}

impl Form {
    /// The value of `--output`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Excel => "excel",
        }
    }

    /// The dialect of a form that is CSV.
    pub(crate) const fn dialect(self) -> Option<Dialect> {
        match self {
            Self::Csv => Some(Dialect::Exact),
            Self::Excel => Some(Dialect::Excel),
            Self::Table | Self::Json | Self::Jsonl => None,
        }
    }
}

/// When colours are used. Words say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, if `NO_COLOR` is empty and `TERM` is not `dumb`.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The choices of this run.
#[derive(Debug)]
struct Screen {
    form: Option<Form>,
    is_colored: bool,
}

/// A process has one standard output, and one choice for it.
static SCREEN: OnceLock<Screen> = OnceLock::new();

/// Sets the choices. The first ones stay.
pub(crate) fn set(form: Option<Form>, color: Color) {
    let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_dumb = env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    let is_colored = color.is_used(is_terminal(), no_color || is_dumb);
    let _ = SCREEN.set(Screen { form, is_colored });
}

/// The form that is asked for.
pub(crate) fn form() -> Option<Form> {
    SCREEN.get().and_then(|screen| screen.form)
}

/// Whether the result is for a person. Default: on a terminal.
pub(crate) fn is_for_a_person() -> bool {
    form().map_or_else(is_terminal, |form| form == Form::Table)
}

/// Whether standard output is a terminal.
pub(crate) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

pub(crate) fn is_colored() -> bool {
    SCREEN.get().is_some_and(|screen| screen.is_colored)
}

/// The columns that a line has: `COLUMNS`, else the terminal's, else [`WIDTH`].
pub(crate) fn width() -> usize {
    let terminal = is_terminal().then(terminal_size::terminal_size).flatten();
    width_of(env::var("COLUMNS").ok().as_deref(), terminal.map(|(width, _)| width.0.into()))
}

/// Whether the locale has characters such as ✓.
pub(crate) fn has_marks() -> bool {
    let variables = ["LC_ALL", "LC_CTYPE", "LANG"].map(|name| env::var(name).unwrap_or_default());
    cfg!(windows) || is_utf8(variables.each_ref().map(String::as_str))
}

impl Color {
    fn is_used(self, on_a_terminal: bool, is_unwanted: bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => on_a_terminal && !is_unwanted,
        }
    }
}

fn width_of(columns: Option<&str>, terminal: Option<usize>) -> usize {
    let asked = columns.and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
    asked.or(terminal).unwrap_or(WIDTH).clamp(MIN_WIDTH, MAX_WIDTH)
}

/// The first of the variables that is set decides.
fn is_utf8(variables: [&str; 3]) -> bool {
    let locale = variables.into_iter().find(|locale| !locale.is_empty()).unwrap_or_default().to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// Columns of a line, if neither `COLUMNS` nor a terminal tells them.
const WIDTH: usize = 80;

/// Fewest columns that a table is made for.
const MIN_WIDTH: usize = 20;

/// Most columns that a table is made for.
const MAX_WIDTH: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_is_the_users_then_the_terminals() {
        assert_eq!(width_of(None, None), 80);
        assert_eq!(width_of(None, Some(120)), 120);
        assert_eq!(width_of(Some("40"), Some(120)), 40);
        for no_number in ["", "0", "-1", "wide"] {
            assert_eq!(width_of(Some(no_number), Some(120)), 120, "{no_number:?}");
        }
    }

    #[test]
    fn the_width_has_its_bounds() {
        let widths = ["19", "20", "21", "999", "1000", "1001"].map(|columns| width_of(Some(columns), None));
        assert_eq!(widths, [MIN_WIDTH, MIN_WIDTH, 21, 999, MAX_WIDTH, MAX_WIDTH]);
    }

    #[test]
    fn colours_are_for_terminals_that_want_them() {
        let used = |color: Color| [(true, false), (true, true), (false, false)].map(|(on, no)| color.is_used(on, no));
        assert_eq!(used(Color::Auto), [true, false, false]);
        assert_eq!((used(Color::Always), used(Color::Never)), ([true; 3], [false; 3]));
    }

    #[test]
    fn the_first_locale_that_is_set_decides() {
        assert!(is_utf8(["", "", "zh_CN.UTF-8"]) && is_utf8(["C.utf8", "C", "C"]));
        assert!(!is_utf8(["C", "", "zh_CN.UTF-8"]) && !is_utf8(["", "", ""]) && !is_utf8(["", "", "zh_CN.GB18030"]));
    }
}
