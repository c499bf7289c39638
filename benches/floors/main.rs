//! Hot paths beside their floors, as the section "Speed" of the design has them.
//!
//! `cargo bench -p benches` prints one line a path; `cargo bench -p benches -- --quick` does so in a
//! second or two, with more noise. What a line says is in [`alternate`]; what is compared, and how far
//! apart the two may be, is said in the file of the path. On Linux the lines of [`memory`] follow.

#![allow(clippy::unwrap_used, reason = "a bench that cannot run has to say so and stop")]
#![allow(clippy::indexing_slicing, reason = "so does a floor that meets another document than its own")]
#![allow(clippy::print_stdout, reason = "the lines are what a bench is for")]

mod allinpay_answer;
mod alternate;
mod authorization;
mod history;
mod memory;
mod notification;
mod push_xml;
mod secure_push;
mod webhook;

use alternate::Alternate;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == memory::ARGUMENT) {
        memory::measure(&arguments[at + 1]);
        return;
    }
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let bench = Alternate { pairs: if quick { 200 } else { 2000 } };
    let comparisons = [notification::compare(bench)]
        .into_iter()
        .chain(authorization::compare(bench))
        .chain(history::compare(bench))
        .chain([push_xml::compare(bench), secure_push::compare(bench), allinpay_answer::compare(bench)])
        .chain([webhook::compare(bench)]);
    comparisons.for_each(|comparison| println!("{comparison}"));
    if cfg!(target_os = "linux") {
        memory::report();
    }
}
