//! How cost grows with what happened: from one entry to as many as a document may have. It has to
//! grow as the input does.
//!
//! A history in JSON is refused beyond 65 536 values
//! ([`MAX_JSON_VALUES`](protocol_core::limits::MAX_JSON_VALUES)): 3 000 records stay below. A push
//! in XML is refused beyond as many elements and texts
//! ([`MAX_XML_EVENTS`](protocol_core::limits::MAX_XML_EVENTS)): 4 000 entries stay below.

use core::fmt;
use core::hint::black_box;

use benches::{history, push_xml};

use crate::alternate::{Alternate, Comparison};

const RECORDS: [usize; 5] = [1, 10, 100, 1_000, 3_000];
const ENTRIES: [usize; 5] = [1, 10, 100, 1_000, 4_000];

/// Below so many entries what a document has once still weighs: the fit leaves them out.
const FITTED_FROM: f64 = 100.0;

/// How much faster ours may grow than its floor, as an exponent. Both grow a little faster than the
/// document once it leaves the processor's caches; `instructions` counts, and is strict.
const TOLERANCE: f64 = 0.2;

/// One path's cost over the sizes of its document.
pub(crate) struct Growth {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) points: Vec<Point>,
}

/// The cost of a document of one size.
pub(crate) struct Point {
    pub(crate) entries: f64,
    pub(crate) floor: f64,
    pub(crate) ours: f64,
    pub(crate) ratio: f64,
}

pub(crate) fn measure(bench: Alternate) -> [Growth; 2] {
    let _kept = keep_memory();
    // The large documents take milliseconds: fewer turns than for one page.
    let bench = Alternate { pairs: bench.pairs / 20 };
    [
        Growth::over(RECORDS, "growth_history", "History, JSON", |records| {
            let document = history::document(records);
            bench.compare("", || history::floor(black_box(&document)), || history::ours(black_box(document.as_bytes())))
        }),
        Growth::over(ENTRIES, "growth_push_xml", "Push, XML", |entries| {
            let document = push_xml::document(entries);
            bench.compare(
                "",
                || push_xml::floor::push(black_box(&document)),
                || push_xml::ours(black_box(document.as_bytes())),
            )
        }),
    ]
}

/// Has the process hold memory enough for the largest document: nothing is given back from below
/// what is returned here. Else every call with megabytes would time how the kernel hands out fresh
/// pages, and the smaller ones would not.
fn keep_memory() -> Vec<u8> {
    let blocks: Vec<Vec<u8>> = (0..1_000).map(|_| vec![1; 100_000]).collect();
    let above = vec![1; 1_000];
    drop(blocks);
    above
}

impl Growth {
    fn over(sizes: [usize; 5], name: &'static str, title: &'static str, compare: impl Fn(usize) -> Comparison) -> Self {
        let point = |entries| {
            let comparison = compare(entries);
            Point {
                entries: entries as f64,
                floor: comparison.floor_ns.median,
                ours: comparison.ours_ns.median,
                ratio: comparison.ratio.median,
            }
        };
        Self { name, title, points: sizes.into_iter().map(point).collect() }
    }

    /// How a cost grows.
    pub(crate) fn fit(&self, cost: impl Fn(&Point) -> f64) -> Fit {
        let fitted = self.points.iter().filter(|point| point.entries >= FITTED_FROM);
        Fit::of(&fitted.map(|point| (point.entries.ln(), cost(point).ln())).collect::<Vec<_>>())
    }

    pub(crate) fn is_far_off(&self) -> bool {
        self.fit(|point| point.ratio).exponent > TOLERANCE
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fit { exponent, r_squared } = self.fit(|point| point.ours);
        let floor = self.fit(|point| point.floor).exponent;
        let largest = self.points.last().map_or(0.0, |point| point.entries);
        write!(f, "name={} entries=1..{largest} exponent={exponent:.3} r2={r_squared:.4}", self.name)?;
        write!(f, " floor_exponent={floor:.3} ratios=")?;
        self.points
            .iter()
            .enumerate()
            .try_for_each(|(index, point)| write!(f, "{}{:.3}", if index == 0 { "" } else { "," }, point.ratio))
    }
}

/// A straight line through logarithms, by least squares: its slope is the exponent that cost grows
/// with.
pub(crate) struct Fit {
    pub(crate) exponent: f64,
    /// 1 when every point is on the line.
    pub(crate) r_squared: f64,
}

impl Fit {
    fn of(points: &[(f64, f64)]) -> Self {
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / points.len() as f64;
        let (mean_x, mean_y) = (mean(|(x, _)| *x), mean(|(_, y)| *y));
        let sum = |of: fn(f64, f64) -> f64| points.iter().map(|(x, y)| of(x - mean_x, y - mean_y)).sum::<f64>();
        let (xx, xy, yy) = (sum(|x, _| x * x), sum(|x, y| x * y), sum(|_, y| y * y));
        Self { exponent: xy / xx, r_squared: xy * xy / (xx * yy) }
    }
}
