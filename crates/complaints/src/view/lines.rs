//! Lines that are wider than the terminal, broken. Chinese has no blanks between words.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Breaks each line that is too wide. What follows stands below the start of its last column; if that
/// has less than half of the width, the column stands below the others.
pub(crate) fn broken(text: &str, width: usize) -> String {
    text.split('\n').map(|line| broken_line(line, width)).collect::<Vec<_>>().join("\n")
}

fn broken_line(line: &str, width: usize) -> String {
    if line.width() <= width {
        return line.to_owned();
    }
    let (before, words) = line.split_at(start_of_last_column(line));
    let is_below = before.width() * 2 > width && !before.trim().is_empty();
    let before = if is_below { format!("{}\n{BELOW}", before.trim_end()) } else { before.to_owned() };
    let start = if is_below { BELOW.len() } else { before.width() };
    let indent = start + if words.starts_with(BULLET) { BULLET.len() } else { 0 };
    let (mut lines, mut column) = (before, start);
    for piece in pieces(words) {
        if column > indent && column + piece.trim_end().width() > width {
            lines.truncate(lines.trim_end().len());
            lines.push('\n');
            lines.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        }
        lines.push_str(piece);
        column += piece.width();
    }
    lines.truncate(lines.trim_end().len());
    lines
}

/// The place after the last gap of several blanks.
fn start_of_last_column(line: &str) -> usize {
    let indent = line.len() - line.trim_start().len();
    line.rfind(GAP).map_or(indent, |at| at + GAP.len()).max(indent)
}

/// The parts of a text between which a line may end.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut rest, mut taken, mut is_code) = (text, 0, false);
    for ((at, before), after) in text.char_indices().zip(text.chars().skip(1)) {
        is_code ^= before == '`';
        if may_end(before, after, is_code) {
            let (piece, others) = rest.split_at(at + before.len_utf8() - taken);
            pieces.push(piece);
            taken += piece.len();
            rest = others;
        }
    }
    pieces.push(rest);
    pieces
}

/// Whether a line may end between two characters: after a blank, and beside a Chinese character unless
/// it belongs to a mark.
fn may_end(before: char, after: char, is_code: bool) -> bool {
    let is_wide = |character: char| character.width() == Some(2);
    match (before, after) {
        (_, ' ') => false,
        (' ', _) => true,
        _ => (is_wide(before) || is_wide(after)) && !is_code && !STARTS.contains(before) && !ENDS.contains(after),
    }
}

/// Between two columns.
const GAP: &str = "  ";

/// In front of a column that stands below the others.
const BELOW: &str = "          ";

const BULLET: &str = "- ";

/// Marks that no line ends with.
const STARTS: &str = "（「《“([<";

/// Marks that no line starts with.
const ENDS: &str = "，。、；：！？）」》”…,.;:!?)]>";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_fits_is_unchanged() {
        for line in ["", "  list  投诉单  ", "一二三四五"] {
            assert_eq!(broken(line, 16), line);
        }
    }

    #[test]
    fn lines_end_at_blanks_and_between_chinese_characters() {
        assert_eq!(broken("one two three", 8), "one two\nthree");
        assert_eq!(broken("一二三四五六", 8), "一二三四\n五六");
        // Neither of the marks stands apart from its character, and code stays whole.
        assert_eq!(broken("一二三四，五（六）", 8), "一二三\n四，五\n（六）");
        assert_eq!(broken("一二`a文b`、三四", 8), "一二\n`a文b`、\n三四");
        assert_eq!(broken("muchlonger", 4), "muchlonger");
    }

    #[test]
    fn the_rest_stands_below_its_column() {
        assert_eq!(broken("  -a  一二三四五六", 14), "  -a  一二三四\n      五六");
        assert_eq!(broken("  - one two\nx", 9), "  - one\n    two\nx");
        assert_eq!(broken("  --a-long-name  一二三四五六", 20), "  --a-long-name\n          一二三四五\n          六");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let text = "      --due-within <TIME>  只列出下一个期限已过、未知，或在这段时间之内的投诉单，如 30m、6h 或 2d";
        for width in 20..100 {
            let lines = broken(text, width);
            assert!(lines.lines().skip(1).all(|line| line.width() <= width), "{width}\n{lines}");
            let words = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(words(&lines), words(text));
        }
    }
}
