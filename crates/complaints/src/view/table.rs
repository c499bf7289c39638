//! Tables that fit a terminal, in which a Chinese character takes two columns.

use std::borrow::Cow;
use std::collections::HashSet;

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Row, Width, presets};
use complaint_texts::Language;
use unicode_width::UnicodeWidthStr as _;

use crate::language::of_results;
use crate::view::screen;
use crate::view::tone::Tone;

/// A table: its head, then its rows. Cells hold visible text only. Without any text in the head,
/// there is none.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<(Tone, Vec<Cell>)>,
    leaves_out: bool,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// Its head is the text `head-` and this name.
    name: &'static str,
    to_the_right: bool,
    fit: Fit,
}

/// The treatment of a column in a table that is too wide. Times become short first; then columns are
/// left out; then texts are cut; ids are cut last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It is kept whole.
    Whole,
    /// It is left out, the highest number first.
    Spare(u8),
    /// It takes what is left, at least [`MIN_TEXT`], and is cut at its end. Left out after every
    /// spare column.
    Text,
    /// It takes what is left, on several lines. Columns are left out for [`MIN_LINES`] of it; it is
    /// never narrower than [`MIN_TEXT`].
    Lines,
    /// It is left out first, and stands above the rows that share it.
    Above,
    /// It is cut in the middle, to [`MIN_ID`] at least.
    Id,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    text: String,
    short: Option<String>,
}

impl Column {
    pub(crate) const fn new(name: &'static str, fit: Fit) -> Self {
        Self { name, to_the_right: false, fit }
    }

    /// A column of numbers.
    pub(crate) const fn number(name: &'static str, fit: Fit) -> Self {
        Self { name, to_the_right: true, fit }
    }

    /// The head in a language.
    pub(crate) fn head(&self, language: Language) -> Cow<'static, str> {
        language.word("head", self.name)
    }

    fn shown_head(&self) -> Cow<'static, str> {
        self.head(of_results())
    }
}

impl Cell {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), short: None }
    }

    /// With another text for a table that is too wide.
    pub(crate) fn or(self, short: impl Into<String>) -> Self {
        Self { short: Some(short.into()), ..self }
    }

    fn shown(&self, is_short: bool) -> &str {
        self.short.as_deref().filter(|_| is_short).unwrap_or(&self.text)
    }
}

impl Table {
    pub(crate) fn new(columns: impl Into<Vec<Column>>) -> Self {
        Self { columns: columns.into(), rows: Vec::new(), leaves_out: true }
    }

    /// Keeps every column, since the user chose them.
    pub(crate) fn keep_columns(&mut self) {
        self.leaves_out = false;
    }

    /// A row without a colour, as the server's commands have them.
    #[cfg(any(feature = "serve", test))]
    pub(crate) fn add(&mut self, row: impl Into<Vec<Cell>>) {
        self.add_in(Tone::Plain, row);
    }

    /// A row in a colour.
    pub(crate) fn add_in(&mut self, tone: Tone, row: impl Into<Vec<Cell>>) {
        self.rows.push((tone, row.into()));
    }

    /// The lines for this terminal, without an end after the last.
    pub(crate) fn text(&self) -> String {
        self.fitted(screen::width())
    }

    fn fitted(&self, width: usize) -> String {
        let layout = self.layout(width);
        let mut texts: Vec<Vec<String>> = self.rows.iter().map(|(_, row)| layout.texts(row)).collect();
        for (place, (column, width)) in layout.columns.iter().zip(&layout.widths).enumerate() {
            if column.fit == Fit::Id {
                let ids: Vec<&mut String> = texts.iter_mut().filter_map(|row| row.get_mut(place)).collect();
                cut_in_the_middle(ids, *width);
            }
        }
        let head = layout.columns.iter().any(|column| !column.name.is_empty());
        let head =
            head.then(|| layout.lines(layout.columns.iter().map(|column| column.shown_head().into_owned()).collect()));
        let mut lines: Vec<String> = head.into_iter().collect();
        let mut above = None;
        for ((tone, row), texts) in self.rows.iter().zip(texts) {
            let shared = self.above(&layout, row);
            if above != shared {
                lines.extend(shared.map(str::to_owned));
                above = shared;
            }
            lines.push(tone.paint(&layout.lines(texts)));
        }
        lines.join("\n")
    }

    /// The text that stands above a row.
    fn above<'r>(&self, layout: &Layout<'_>, row: &'r [Cell]) -> Option<&'r str> {
        let place = self.columns.iter().position(|column| column.fit == Fit::Above)?;
        let is_left_out = !layout.places.contains(&place);
        row.get(place).filter(|_| is_left_out).map(|cell| cell.shown(layout.is_short))
    }

    fn layout(&self, width: usize) -> Layout<'_> {
        let mut layout = self.natural((0..self.columns.len()).collect(), false);
        while layout.fewest() > width {
            let kept = if !layout.is_short {
                layout.places.clone()
            } else if let Some(spare) = layout.spare().filter(|_| self.leaves_out) {
                layout.places.iter().copied().filter(|place| *place != spare).collect()
            } else {
                break;
            };
            layout = self.natural(kept, true);
        }
        layout.shrink_to(width);
        layout
    }

    /// The columns as wide as their widest cell.
    fn natural(&self, places: Vec<usize>, is_short: bool) -> Layout<'_> {
        let columns: Vec<&Column> = places.iter().filter_map(|place| self.columns.get(*place)).collect();
        let widest = |(place, column): (&usize, &&Column)| {
            let cells = self.rows.iter().filter_map(|(_, row)| row.get(*place));
            cells.map(|cell| columns_of(cell.shown(is_short))).chain([column.shown_head().width()]).max().unwrap_or(0)
        };
        let widths = places.iter().zip(&columns).map(widest).collect();
        Layout { places, columns, widths, is_short }
    }
}

/// The columns that are shown, and their widths.
struct Layout<'t> {
    places: Vec<usize>,
    columns: Vec<&'t Column>,
    widths: Vec<usize>,
    is_short: bool,
}

impl Layout<'_> {
    /// The width without an id that is cut, and with the least of each text.
    fn fewest(&self) -> usize {
        let fewest = self.columns.iter().zip(&self.widths).map(|(column, width)| match column.fit {
            Fit::Text => MIN_TEXT.min(*width),
            Fit::Lines => MIN_LINES.min(*width),
            Fit::Whole | Fit::Spare(_) | Fit::Above | Fit::Id => *width,
        });
        fewest.sum::<usize>() + self.gaps()
    }

    fn gaps(&self) -> usize {
        GAP * self.columns.len().saturating_sub(1)
    }

    /// The place of the column that is left out first.
    fn spare(&self) -> Option<usize> {
        let spares = self.places.iter().zip(&self.columns).filter_map(|(place, column)| match column.fit {
            Fit::Above => Some((u8::MAX, *place)),
            Fit::Spare(order) => Some((order, *place)),
            Fit::Text => Some((0, *place)),
            Fit::Whole | Fit::Lines | Fit::Id => None,
        });
        spares.max().map(|(_, place)| place)
    }

    /// Takes the width that is missing from texts, then from ids.
    fn shrink_to(&mut self, width: usize) {
        let mut missing = (self.widths.iter().sum::<usize>() + self.gaps()).saturating_sub(width);
        for (fits, fewest) in [([Fit::Text, Fit::Lines], MIN_TEXT), ([Fit::Id, Fit::Id], MIN_ID)] {
            for (column, width) in self.columns.iter().zip(&mut self.widths) {
                if fits.contains(&column.fit) {
                    let taken = missing.min(width.saturating_sub(fewest));
                    *width -= taken;
                    missing -= taken;
                }
            }
        }
    }

    fn texts(&self, row: &[Cell]) -> Vec<String> {
        let cells = self.places.iter().map(|place| row.get(*place));
        cells.map(|cell| cell.map(|cell| cell.shown(self.is_short).to_owned()).unwrap_or_default()).collect()
    }

    /// The lines of one row. Every row has the same columns, whose widths are absolute.
    fn lines(&self, texts: Vec<String>) -> String {
        let mut row = Row::from(texts);
        if !self.columns.iter().any(|column| column.fit == Fit::Lines) {
            row.max_height(1);
        }
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_truncation_indicator("…").add_row(row);
        let last = self.columns.len().saturating_sub(1);
        for (place, (column, width)) in self.columns.iter().zip(&self.widths).enumerate() {
            let Some(laid) = table.column_mut(place) else { continue };
            let gap = if place == last { 0 } else { GAP };
            laid.set_padding((0, u16::try_from(gap).unwrap_or(0)));
            laid.set_constraint(ColumnConstraint::Absolute(Width::Fixed(
                u16::try_from((*width).max(1) + gap).unwrap_or(u16::MAX),
            )));
            laid.set_cell_alignment(if column.to_the_right { CellAlignment::Right } else { CellAlignment::Left });
        }
        table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }
}

/// The columns of a text's widest line.
fn columns_of(text: &str) -> usize {
    text.lines().map(|line| line.width()).max().unwrap_or(0)
}

/// Cuts ids that are too wide, where most of them stay different; with `…` in place of the rest.
fn cut_in_the_middle(ids: Vec<&mut String>, width: usize) {
    let whole: Vec<String> = ids.iter().map(|id| (**id).clone()).collect();
    let Some(kept) = width.checked_sub(1).filter(|_| whole.iter().any(|id| id.width() > width)) else { return };
    let different = |ids: &[String]| ids.iter().collect::<HashSet<_>>().len();
    let most = different(&whole);
    // The middle first, then further and further from it.
    let mut starts: Vec<usize> = (0..=kept).collect();
    starts.sort_by_key(|start| start.abs_diff(kept / 2));
    let mut best: Option<(usize, Vec<String>)> = None;
    for start in starts {
        let cut: Vec<String> = whole.iter().map(|id| cut(id, width, start)).collect();
        let count = different(&cut);
        if best.as_ref().is_none_or(|(most, _)| count > *most) {
            best = Some((count, cut));
        }
        if count == most {
            break;
        }
    }
    for (id, cut) in ids.into_iter().zip(best.map(|(_, cut)| cut).unwrap_or_default()) {
        *id = cut;
    }
}

fn cut(id: &str, width: usize, start: usize) -> String {
    let characters: Vec<char> = id.chars().collect();
    if characters.len() <= width {
        return id.to_owned();
    }
    let end = width.saturating_sub(start + 1);
    let start = characters.iter().take(start);
    let end = characters.iter().skip(characters.len().saturating_sub(end));
    start.chain(&['…']).chain(end).collect()
}

/// Columns between two columns of the table.
const GAP: usize = 2;

/// Fewest columns of a text that is cut, and of one on several lines.
const MIN_TEXT: usize = 12;

/// Columns of a text on several lines, for which other columns are left out.
const MIN_LINES: usize = 30;

/// Fewest columns of an id.
const MIN_ID: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn row<const N: usize>(texts: [&str; N]) -> [Cell; N] {
        texts.map(Cell::new)
    }

    #[test]
    fn columns_stand_under_each_other_whatever_the_script() {
        let columns =
            [Column::new("who", Fit::Whole), Column::number("fen", Fit::Whole), Column::new("what", Fit::Text)];
        let mut table = Table::new(columns);
        table.add(row(["投诉人", "3", "重复扣费"]));
        table.add(row(["a", "1000", ""]));
        assert_eq!(table.fitted(80), "who      fen  what\n投诉人     3  重复扣费\na       1000");
    }

    #[test]
    fn a_text_takes_the_width_that_is_left_and_is_cut_by_columns() {
        let mut table = Table::new([Column::new("ID", Fit::Id), Column::new("DETAIL", Fit::Text)]);
        table.add(row(["123", "重复扣费请退还多扣的一笔"]));
        let detail = |width: usize| table.fitted(width).lines().last().unwrap().to_owned();
        assert_eq!(detail(29), "123  重复扣费请退还多扣的一笔");
        assert_eq!(detail(28), "123  重复扣费请退还多扣的一…");
        assert_eq!(detail(27), "123  重复扣费请退还多扣的…");
        assert_eq!(detail(5 + MIN_TEXT), "123  重复扣费请…");
        assert_eq!(detail(4 + MIN_TEXT), "123", "less of it tells nothing");
    }

    fn every_fit() -> Table {
        let mut table = Table::new([
            Column::new("END", Fit::Whole),
            Column::new("ID", Fit::Id),
            Column::new("FIRST", Fit::Spare(2)),
            Column::number("LAST", Fit::Spare(1)),
            Column::new("DETAIL", Fit::Text),
        ]);
        let due = || Cell::new("over 2025-03-15").or("over 03-15");
        for id in ["200201820200101080076610000", "200201820200101080076610001"] {
            table.add([
                due(),
                Cell::new(id),
                Cell::new("first"),
                Cell::new("9"),
                Cell::new("重复扣费，请退还多扣的一笔"),
            ]);
        }
        table
    }

    #[test]
    fn a_table_too_wide_shortens_times_then_leaves_columns_out_then_cuts_ids() {
        let table = every_fit();
        let heads =
            |width: usize| table.fitted(width).lines().next().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        let row = |width: usize| table.fitted(width).lines().last().unwrap().to_owned();
        let id = "200201820200101080076610001";
        assert_eq!(row(90), format!("over 2025-03-15  {id}  first     9  重复扣费，请退还多扣的一笔"));
        // 15 + 27 + 5 + 4 + 12 and four gaps.
        assert!(row(71).starts_with("over 2025-03-15  ") && row(71).ends_with('…'), "{}", row(71));
        assert!(row(70).starts_with("over 03-15  ") && row(70).ends_with("请退…"), "{}", row(70));
        assert_eq!((heads(66), heads(65)), ("END ID FIRST LAST DETAIL".into(), "END ID LAST DETAIL".into()));
        assert_eq!((heads(59), heads(58)), ("END ID LAST DETAIL".into(), "END ID DETAIL".into()));
        assert_eq!((heads(53), heads(52)), ("END ID DETAIL".into(), "END ID".into()));
        assert_eq!((row(39), row(38)), (format!("over 03-15  {id}"), "over 03-15  200201820200…1080076610001".into()));
        assert_eq!(row(12 + MIN_ID), "over 03-15  200…0001");
        assert_eq!(row(1), row(12 + MIN_ID), "it is never less");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in (12 + MIN_ID)..200 {
            let text = every_fit().fitted(width);
            assert!(text.lines().all(|line| line.width() <= width), "{width}: {text}");
        }
    }

    #[test]
    fn columns_that_the_user_chose_stay() {
        let mut table = every_fit();
        table.keep_columns();
        assert!(table.fitted(40).starts_with("END         ID        FIRST  LAST  DETAIL\n"), "{}", table.fitted(40));
    }

    #[test]
    fn ids_that_differ_look_different_where_they_can() {
        let cut = |ids: &[&str], width: usize| {
            let mut ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
            cut_in_the_middle(ids.iter_mut().collect(), width);
            ids
        };
        assert_eq!(cut(&["1234567890", "1234567891"], 7), ["123…890", "123…891"]);
        assert_eq!(cut(&["1234x67890", "1234y67890"], 7), ["1234x…0", "1234y…0"], "not in the middle");
        assert_eq!(cut(&["123456x890", "123456y890"], 7), ["12…x890", "12…y890"]);
        assert_eq!(cut(&["1234567890", "12345"], 7), ["123…890", "12345"]);
        assert_eq!(cut(&["1234567", "1234568"], 7), ["1234567", "1234568"]);
        assert_eq!(cut(&["a1234x67890b", "a1234y67890b", "a1234x67890c"], 5).len(), 3);
        assert_eq!(cut(&["投诉1234567890"], 7), ["投诉1…890"]);
    }

    #[test]
    fn a_column_that_rows_share_stands_above_them_if_it_has_no_room() {
        let columns =
            [Column::new("STATE", Fit::Whole), Column::new("OF", Fit::Above), Column::new("FOUND", Fit::Lines)];
        let mut table = Table::new(columns);
        for (of, found) in
            [("wechat-pay", "x".repeat(MIN_LINES + 1)), ("wechat-pay", "short".into()), ("allinpay", "".into())]
        {
            table.add(row(["ok", of, &found]));
        }
        // 5 + 10 + 30 and two gaps.
        let long = "x".repeat(MIN_LINES);
        let beside = format!(
            "STATE  OF          FOUND\nok     wechat-pay  {long}\n                   x\nok     wechat-pay  short\nok     allinpay"
        );
        assert_eq!(table.fitted(19 + MIN_LINES), beside);
        let above = format!("STATE  FOUND\nwechat-pay\nok     {long}x\nok     short\nallinpay\nok");
        assert_eq!(table.fitted(18 + MIN_LINES), above);
    }

    #[test]
    fn a_text_may_have_several_lines_below_no_head() {
        let mut table = Table::new([Column::new("", Fit::Whole), Column::new("", Fit::Lines)]);
        table.add(row(["list", "List the complaints of a span of days"]));
        assert_eq!(table.fitted(24), "list  List the\n      complaints of a\n      span of days");
    }
}
