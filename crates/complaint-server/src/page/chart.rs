//! Charts as plain SVG, small enough to be read on a telephone: columns by day, and bars by merchant.

use super::sums::{Measure, Sums};

/// A chart. Its numbers are in tenths of what a narrow screen shows as pixels.
pub(super) struct Chart {
    /// Its name in the page.
    pub(super) id: String,
    pub(super) title: String,
    /// What a bar and its hatched part are.
    pub(super) words: String,
    pub(super) height: u64,
    pub(super) has_axis: bool,
    pub(super) bars: Vec<Bar>,
    pub(super) labels: Vec<Label>,
}

/// A bar, with the words that tell its number.
pub(super) struct Bar {
    pub(super) x: u64,
    pub(super) y: u64,
    pub(super) width: u64,
    pub(super) height: u64,
    /// It is hatched.
    pub(super) is_part: bool,
    pub(super) words: String,
}

/// Words in the drawing.
pub(super) struct Label {
    pub(super) x: u64,
    pub(super) y: u64,
    pub(super) anchor: &'static str,
    pub(super) words: String,
}

/// The words around a chart.
pub(super) struct Caption {
    pub(super) title: String,
    pub(super) words: String,
}

impl Chart {
    /// A column a day.
    pub(super) fn by_day(measure: Measure, caption: Caption, days: &[(String, Sums)]) -> Self {
        let most = most(measure, days);
        let number = u64::try_from(days.len()).unwrap_or(u64::MAX).max(1);
        let (step, each) = ((WIDTH / number).max(1), number.div_ceil(LABELS));
        let mut chart = Self::new(measure, "day", caption, TOP + HEIGHT + FOOT, true);
        chart.labels.push(label(LEFT - 60, TOP + 90, "end", measure.words(most)));
        chart.labels.push(label(LEFT - 60, TOP + HEIGHT + 40, "end", measure.words(0)));
        for (place, (day, sums)) in (0_u64..).zip(days) {
            let x = LEFT + place * step;
            let column = |(value, is_part): (u64, bool)| {
                let height = scaled(value, HEIGHT, most);
                let (y, width) = (TOP + HEIGHT - height, (step * 4 / 5).max(1));
                Bar { x, y, width, height, is_part, words: format!("{day}: {}", measure.words(value)) }
            };
            chart.bars.extend(values(measure, sums).map(column));
            if place % each == 0 {
                // The month and the day: the year stands in the table.
                let words = day.get(5..).unwrap_or(day).to_owned();
                chart.labels.push(label(x + step * 2 / 5, TOP + HEIGHT + 140, "middle", words));
            }
        }
        chart
    }

    /// A bar a merchant, for the first [`MAX_MERCHANTS`].
    pub(super) fn by_merchant(measure: Measure, caption: Caption, merchants: &[(String, Sums)]) -> Self {
        let merchants = merchants.get(..MAX_MERCHANTS).unwrap_or(merchants);
        let most = most(measure, merchants);
        let rows = u64::try_from(merchants.len()).unwrap_or(u64::MAX);
        let mut chart = Self::new(measure, "merchant", caption, rows * ROW, false);
        for (place, (name, sums)) in (0_u64..).zip(merchants) {
            let top = place * ROW;
            let bar = |(value, is_part): (u64, bool)| {
                let words = format!("{name}: {}", measure.words(value));
                Bar { x: 0, y: top + 170, width: scaled(value, WHOLE, most), height: 110, is_part, words }
            };
            chart.bars.extend(values(measure, sums).map(bar));
            chart.labels.push(label(0, top + 130, "start", cut(name)));
            let number = values(measure, sums).map(|(value, _)| measure.words(value)).collect::<Vec<_>>().join(" / ");
            chart.labels.push(label(WHOLE, top + 130, "end", if number.is_empty() { "—".to_owned() } else { number }));
        }
        chart
    }

    fn new(measure: Measure, kind: &str, caption: Caption, height: u64, has_axis: bool) -> Self {
        let Caption { title, words } = caption;
        let id = format!("{}-{kind}", measure.as_str());
        Self { id, title, words, height, has_axis, bars: Vec::new(), labels: Vec::new() }
    }
}

/// The bars of a measure: all, and the part of it.
fn values(measure: Measure, sums: &Sums) -> impl Iterator<Item = (u64, bool)> {
    let (all, part) = measure.of(sums).unzip();
    let part = part.flatten().filter(|part| *part > 0);
    all.map(|all| (all, false)).into_iter().chain(part.map(|part| (part, true)))
}

/// The number at the end of the scale.
fn most(measure: Measure, rows: &[(String, Sums)]) -> u64 {
    let values = rows.iter().flat_map(|(_, sums)| values(measure, sums).map(|(value, _)| value));
    if measure.is_share() { 100 } else { values.max().unwrap_or(0).max(1) }
}

fn scaled(value: u64, length: u64, most: u64) -> u64 {
    value.saturating_mul(length) / most
}

const fn label(x: u64, y: u64, anchor: &'static str, words: String) -> Label {
    Label { x, y, anchor, words }
}

/// A name that leaves room for the number.
fn cut(name: &str) -> String {
    let mut letters = name.chars();
    let shown: String = letters.by_ref().take(MAX_NAME).collect();
    if letters.next().is_some() { format!("{shown}…") } else { shown }
}

/// The width of a drawing: `viewBox="0 0 3600 …"` in the template.
const WHOLE: u64 = 3600;

/// The left end of the columns, and the width of all of them.
const LEFT: u64 = 480;
const WIDTH: u64 = WHOLE - LEFT;

/// Above the columns, the highest column, and the room for the days below.
const TOP: u64 = 60;
const HEIGHT: u64 = 1100;
const FOOT: u64 = 200;

/// The height of a merchant's words and bar.
const ROW: u64 = 340;

/// Most days that are named below the axis.
const LABELS: u64 = 6;

/// Merchants with a bar: those with the most complaints. The table has all.
pub(super) const MAX_MERCHANTS: usize = 12;

/// Longest name of a merchant, in characters.
const MAX_NAME: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(filed: u64, overdue: u64) -> Sums {
        Sums { filed, overdue, ..Sums::default() }
    }

    fn caption() -> Caption {
        Caption { title: String::new(), words: String::new() }
    }

    fn heights(chart: &Chart) -> Vec<(u64, bool)> {
        chart.bars.iter().map(|bar| (bar.height, bar.is_part)).collect()
    }

    #[test]
    fn columns_fit_the_drawing_and_the_highest_reaches_the_top() {
        let days = [("2025-03-14", 4, 1), ("2025-03-15", 8, 0), ("2025-03-16", 0, 0)];
        let days = days.map(|(day, filed, late)| (day.to_owned(), sums(filed, late)));
        let chart = Chart::by_day(Measure::Filed, caption(), &days);
        assert_eq!(heights(&chart), [(550, false), (137, true), (1100, false), (0, false)]);
        assert_eq!((chart.bars[2].y, chart.bars[3].y), (TOP, TOP + HEIGHT));
        assert_eq!((&*chart.labels[0].words, &*chart.labels[2].words), ("8", "03-14"));
        assert_eq!(chart.bars[1].words, "2025-03-14: 1");
        for number in [0, 1, 30, 400] {
            let days = vec![("2025-03-14".to_owned(), sums(u64::MAX, 1)); number];
            let chart = Chart::by_day(Measure::Filed, caption(), &days);
            assert!(chart.bars.iter().all(|bar| bar.x + bar.width <= WHOLE && bar.y >= TOP));
            assert!(chart.labels.len() <= usize::try_from(LABELS + 2).unwrap());
        }
    }

    #[test]
    fn a_share_is_of_those_whose_time_is_known() {
        let of = |filed, replied_in_time, reply_unknown| {
            let sums = Sums { filed, replied_in_time, reply_unknown, ..Sums::default() };
            let chart = Chart::by_day(Measure::Replied, caption(), &[("2025-03-14".to_owned(), sums)]);
            chart.bars.first().map(|bar| (bar.height, bar.words.clone()))
        };
        assert_eq!(of(4, 1, 2), Some((HEIGHT / 2, "2025-03-14: 50%".to_owned())));
        assert_eq!(of(3, 2, 0), Some((HEIGHT * 66 / 100, "2025-03-14: 66%".to_owned())));
        assert_eq!((of(2, 0, 2), of(0, 0, 0)), (None, None), "no bar, and not a bar of nothing");
    }

    #[test]
    fn a_merchant_has_a_bar_with_its_name_and_number() {
        let merchants: Vec<_> = (0..=MAX_MERCHANTS).map(|number| (format!("商户{number}"), sums(4, 1))).collect();
        let chart = Chart::by_merchant(Measure::Filed, caption(), &merchants);
        assert_eq!((chart.bars.len(), chart.height), (2 * MAX_MERCHANTS, ROW * 12));
        assert_eq!((chart.bars[0].width, chart.bars[1].width), (WHOLE, WHOLE / 4));
        assert_eq!((&*chart.labels[0].words, &*chart.labels[1].words), ("商户0", "4 / 1"));
        let long = Chart::by_merchant(Measure::Replied, caption(), &[("名".repeat(25), Sums::default())]);
        assert_eq!((&*long.labels[0].words, &*long.labels[1].words), (&*format!("{}…", "名".repeat(24)), "—"));
    }
}
