//! Tables for a terminal, in which a Chinese character takes two columns.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A table: its head, then its rows. Cells hold visible text only.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<Cell>>,
}

/// A cell.
#[derive(Debug)]
pub(crate) struct Cell {
    text: String,
    to_the_right: bool,
}

impl Cell {
    /// Text.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), to_the_right: false }
    }

    /// A number, or its column's head.
    pub(crate) fn number(text: impl Into<String>) -> Self {
        Self { text: text.into(), to_the_right: true }
    }
}

impl Table {
    pub(crate) fn new(head: Vec<Cell>) -> Self {
        Self { rows: vec![head] }
    }

    pub(crate) fn add(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    /// The lines, without an end after the last.
    pub(crate) fn lines(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.text.width()).max().unwrap_or(0)
            })
            .collect();
        let lines: Vec<String> = self.rows.iter().map(|row| line(row, &widths)).collect();
        lines.join("\n")
    }
}

fn line(row: &[Cell], widths: &[usize]) -> String {
    let mut line = String::new();
    for (number, (cell, width)) in row.iter().zip(widths).enumerate() {
        let gap = " ".repeat(width.saturating_sub(cell.text.width()));
        if number > 0 {
            line.push_str("  ");
        }
        if cell.to_the_right {
            line.push_str(&gap);
        }
        line.push_str(&cell.text);
        if !cell.to_the_right {
            line.push_str(&gap);
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// Text cut to so many columns, with `…` in place of the rest.
pub(crate) fn shortened(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut taken = 0;
    let mut short: String = text
        .chars()
        .take_while(|character| {
            taken += character.width().unwrap_or(0);
            taken < columns
        })
        .collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_whatever_the_script() {
        let mut table = Table::new(vec![Cell::text("who"), Cell::number("fen"), Cell::text("what")]);
        table.add(vec![Cell::text("投诉人"), Cell::number("3"), Cell::text("重复扣费")]);
        table.add(vec![Cell::text("a"), Cell::number("1000"), Cell::text("")]);
        assert_eq!(table.lines(), "who      fen  what\n投诉人     3  重复扣费\na       1000");
    }

    #[test]
    fn text_is_cut_by_columns() {
        assert_eq!(shortened("重复扣费", 8), "重复扣费");
        assert_eq!(shortened("重复扣费", 7), "重复扣…");
        assert_eq!(shortened("重复扣费", 6), "重复…");
        assert_eq!(shortened("abcd", 3), "ab…");
        assert_eq!(shortened("", 0), "");
    }
}
