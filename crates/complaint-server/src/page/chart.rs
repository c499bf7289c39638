//! A chart of columns, as plain SVG.

/// A column a day: what was filed, and in front of it what is overdue.
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) words: String,
    pub(super) columns: Vec<Column>,
    /// The largest number, at the top of the scale.
    pub(super) most: u64,
}

/// A column, in the units of the drawing.
pub(super) struct Column {
    pub(super) x: usize,
    pub(super) width: usize,
    pub(super) filed: Bar,
    pub(super) late: Bar,
    pub(super) label: Option<String>,
    pub(super) middle: usize,
}

/// A bar from `y` down to the axis.
pub(super) struct Bar {
    pub(super) y: u64,
    pub(super) height: u64,
}

impl Chart {
    pub(super) fn new<'d>(
        title: String,
        words: String,
        days: impl ExactSizeIterator<Item = (&'d str, u64, u64)> + Clone,
    ) -> Self {
        let most = days.clone().map(|(_, filed, late)| filed.max(late)).max().unwrap_or(0).max(1);
        let number = days.len().max(1);
        let step = (WIDTH / number).max(1);
        let each = number.div_ceil(LABELS);
        let bar = |value: u64| {
            let height = value.saturating_mul(HEIGHT) / most;
            Bar { y: TOP + HEIGHT - height, height }
        };
        let column = |(place, (day, filed, late)): (usize, (&str, u64, u64))| Column {
            x: LEFT + place * step,
            width: (step * 4 / 5).max(1),
            filed: bar(filed),
            late: bar(late),
            // The month and the day: the year stands in the table.
            label: (place % each == 0).then(|| day.get(5..).unwrap_or(day).to_owned()),
            middle: LEFT + place * step + step * 2 / 5,
        };
        Self { title, words, columns: days.enumerate().map(column).collect(), most }
    }
}

/// The units of the drawing: `viewBox="0 0 800 240"` in the template.
const WIDTH: usize = 740;
const HEIGHT: u64 = 190;
const LEFT: usize = 50;
const TOP: u64 = 15;

/// Most labels below the axis.
const LABELS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(days: &[(&str, u64, u64)]) -> Chart {
        Chart::new(String::new(), String::new(), days.iter().copied())
    }

    #[test]
    fn columns_fit_the_drawing_and_the_highest_reaches_the_top() {
        let days = vec![("2025-03-14", 4, 1), ("2025-03-15", 8, 0), ("2025-03-16", 0, 0)];
        let drawn = chart(&days);
        let heights: Vec<_> = drawn.columns.iter().map(|column| (column.filed.height, column.late.height)).collect();
        assert_eq!(heights, [(95, 23), (190, 0), (0, 0)]);
        assert_eq!((drawn.most, drawn.columns[1].filed.y, drawn.columns[2].filed.y), (8, TOP, TOP + HEIGHT));
        assert_eq!(drawn.columns[0].label.as_deref(), Some("03-14"));
        for number in [0, 1, 30, 400] {
            let drawn = chart(&vec![("2025-03-14", u64::MAX, 1); number]);
            assert!(drawn.columns.iter().all(|column| column.x + column.width <= 800 && column.filed.y >= TOP));
            assert!(drawn.columns.iter().filter(|column| column.label.is_some()).count() <= LABELS);
        }
    }
}
