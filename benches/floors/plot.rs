//! The growth of cost as a picture: a panel a path, logarithms both ways, so that a straight line
//! of slope one is linear.
//!
//! Cost is shown as a multiple of what the floor takes for one entry: no machine's nanoseconds.

use core::fmt::Write as _;

use crate::growth::{Growth, Point};

/// A panel's plotting area, and what is around it for its labels.
const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 230.0;
const LEFT: f64 = 62.0;
const TOP: f64 = 58.0;
const BOTTOM: f64 = 76.0;
const GAP: f64 = 18.0;

/// Decades that the axes show: of entries, and of cost.
const ENTRIES: i32 = 4;
const COST: i32 = 5;

/// So much of a decade is left free around the outermost ones.
const MARGIN: f64 = 0.2;

const STYLE: &str = "\
text { font: 12px system-ui, sans-serif; fill: #24292f }\n\
.title { font-size: 14px; font-weight: 600 }\n\
.quiet { fill: #57606a }\n\
.grid { stroke: #d0d7de }\n\
.floor { stroke: #8c959f; fill: none; stroke-width: 6 }\n\
.ours { stroke: #0969da; fill: none; stroke-width: 1.5 }\n\
.dot { fill: #0969da }\n\
@media (prefers-color-scheme: dark) {\n\
text { fill: #e6edf3 }\n\
.quiet { fill: #9198a1 }\n\
.grid { stroke: #3d444d }\n\
.floor { stroke: #656c76 }\n\
.ours { stroke: #58a6ff }\n\
.dot { fill: #58a6ff }\n\
}";

/// The whole picture.
pub(crate) fn svg(growths: &[Growth]) -> String {
    let width = growths.len() as f64 * (LEFT + WIDTH + GAP);
    let height = TOP + HEIGHT + BOTTOM;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"Cost against number of entries: straight lines of slope one, ours close above the floor\">\n<style>\n{STYLE}\n</style>\n"
    );
    for (index, growth) in growths.iter().enumerate() {
        let offset = index as f64 * (LEFT + WIDTH + GAP) + LEFT;
        writeln!(svg, "<g transform=\"translate({offset} {TOP})\">").unwrap();
        panel(&mut svg, growth);
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

fn panel(svg: &mut String, growth: &Growth) {
    let unit = growth.points[0].floor;
    writeln!(svg, "<text class=\"title\" x=\"0\" y=\"-34\">{}</text>", growth.title).unwrap();
    writeln!(svg, "<text class=\"quiet\" x=\"0\" y=\"-14\">cost, in units of the floor’s for one entry</text>")
        .unwrap();
    for decade in 0..=ENTRIES {
        let x = x(10f64.powi(decade));
        writeln!(svg, "<path class=\"grid\" d=\"M{x:.1} 0V{HEIGHT}\"/>").unwrap();
        label(svg, x, HEIGHT + 18.0, "middle", &power(decade));
    }
    for decade in 0..=COST {
        let y = y(10f64.powi(decade));
        writeln!(svg, "<path class=\"grid\" d=\"M0 {y:.1}H{WIDTH}\"/>").unwrap();
        label(svg, -8.0, y + 4.0, "end", &power(decade));
    }
    label(svg, WIDTH / 2.0, HEIGHT + 36.0, "middle", "entries");
    label(svg, -8.0, HEIGHT + 58.0, "end", "ratio");
    line(svg, "floor", &growth.points, |point| point.floor / unit);
    line(svg, "ours", &growth.points, |point| point.ours / unit);
    for point in &growth.points {
        let (x, y) = (x(point.entries), y(point.ours / unit));
        writeln!(svg, "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>").unwrap();
        writeln!(svg, "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{:.2}</text>", HEIGHT + 58.0, point.ratio)
            .unwrap();
    }
    svg.push_str(
        "<path class=\"ours\" d=\"M14 18h24\"/><circle class=\"dot\" cx=\"26\" cy=\"18\" r=\"3\"/><text x=\"46\" y=\"22\">ours</text>\n\
         <path class=\"floor\" d=\"M14 38h24\"/><text x=\"46\" y=\"42\">floor</text>\n",
    );
}

fn label(svg: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
    writeln!(svg, "<text class=\"quiet\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>").unwrap();
}

fn line(svg: &mut String, class: &str, points: &[Point], cost: impl Fn(&Point) -> f64) {
    let corners: Vec<String> =
        points.iter().map(|point| format!("{:.1} {:.1}", x(point.entries), y(cost(point)))).collect();
    writeln!(svg, "<path class=\"{class}\" d=\"M{}\"/>", corners.join("L")).unwrap();
}

fn x(entries: f64) -> f64 {
    WIDTH * part(entries, ENTRIES)
}

fn y(cost: f64) -> f64 {
    HEIGHT - HEIGHT * part(cost, COST)
}

/// A value's place along its axis, from 0 to 1.
fn part(value: f64, decades: i32) -> f64 {
    (value.log10() + MARGIN) / (f64::from(decades) + 2.0 * MARGIN)
}

/// A power of ten in groups of three digits, narrow blanks between.
fn power(decade: i32) -> String {
    let number = 10u32.pow(decade.unsigned_abs());
    if number < 1_000 { number.to_string() } else { format!("{}\u{202f}{:03}", number / 1_000, number % 1_000) }
}
