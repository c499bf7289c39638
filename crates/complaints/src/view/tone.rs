//! Colours. Words say the same, since not everyone sees colours, and not every terminal shows them.

use crate::view::screen;

/// The urgency of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    #[default]
    Plain,
    /// Green: it is in order.
    Good,
    /// Yellow: it is near, or a warning.
    Near,
    /// Red: it is over, or failed.
    Over,
}

impl Tone {
    /// The lines in the colour, if colours are used.
    pub(crate) fn paint(self, text: &str) -> String {
        match self.color().filter(|_| screen::is_colored()) {
            Some(color) => text.split('\n').map(|line| painted(line, color)).collect::<Vec<_>>().join("\n"),
            None => text.to_owned(),
        }
    }

    /// The number of the colour in an SGR sequence.
    const fn color(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Good => Some("32"),
            Self::Near => Some("33"),
            Self::Over => Some("1;31"),
        }
    }
}

fn painted(line: &str, color: &str) -> String {
    format!("\u{1b}[{color}m{line}\u{1b}[0m")
}
