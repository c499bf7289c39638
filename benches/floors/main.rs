//! Hot paths beside their floors, as the section "Speed" of the design has them.
//!
//! `cargo bench -p benches` prints one line a path; `cargo bench -p benches -- --quick` does so in a
//! second or two, with more noise. What a line says is in [`alternate`]; what is compared, and how far
//! apart the two may be, is said in the file of the path.

#![allow(clippy::unwrap_used, reason = "a bench that cannot run has to say so and stop")]
#![allow(clippy::print_stdout, reason = "the lines are what a bench is for")]

mod alternate;
mod authorization;
mod history;
mod notification;

use alternate::Alternate;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let bench = Alternate { pairs: if quick { 200 } else { 2000 } };
    let comparisons =
        [notification::compare(bench)].into_iter().chain(authorization::compare(bench)).chain(history::compare(bench));
    comparisons.for_each(|comparison| println!("{comparison}"));
}
