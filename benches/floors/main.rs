//! Hot paths beside their floors: docs/performance.md.
//!
//! `cargo bench -p benches` prints one line a path. After `--`:
//!
//! - a path's name, or the beginning of it: only those
//! - `--quick`: a quarter of the turns, with more noise
//! - `--check`: fails if a path misses its goal by more than its noise
//! - `--room FACTOR`, with `--check`: fails only if ours takes more than so many times what its goal
//!   allows, for a machine that is not known
//! - `--only floor N` or `--only ours N`: calls this side N times and measures nothing, for valgrind
//!   or a profiler
//!
//! [`benches::comparison`] explains a line; the file of a path explains its comparison.

#![allow(clippy::unwrap_used, reason = "a bench that cannot run has to say so and stop")]
#![allow(clippy::indexing_slicing, reason = "so does a floor that meets another document than its own")]
#![allow(clippy::print_stdout, reason = "the lines are what a bench is for")]
#![allow(clippy::print_stderr, reason = "what misses its goal is said there")]

#[cfg(feature = "aws-lc-rs")]
mod allinpay_response;
#[cfg(feature = "aws-lc-rs")]
mod authorization;
mod inbox;
mod keys;
mod national;
#[cfg(feature = "aws-lc-rs")]
mod notification;
mod openssl;
mod parsers;
mod secure_push;
mod signatures;
mod sm2_peer;
#[cfg(feature = "aws-lc-rs")]
mod sm_mode;
#[cfg(feature = "aws-lc-rs")]
mod webhook;

use std::process::ExitCode;

use benches::alternate::{Alternate, Side};
use benches::comparison::Comparison;

type Compare = fn(Alternate) -> Vec<Comparison>;

/// The paths, by the start of their lines' names.
const PATHS: &[(&str, Compare)] = &[
    #[cfg(feature = "aws-lc-rs")]
    ("notification", notification::compare),
    #[cfg(feature = "aws-lc-rs")]
    ("sm_mode", sm_mode::compare),
    #[cfg(feature = "aws-lc-rs")]
    ("authorization", authorization::compare),
    ("history", parsers::history),
    ("push_xml", parsers::push_xml),
    ("secure_push", secure_push::compare),
    #[cfg(feature = "aws-lc-rs")]
    ("allinpay_response", allinpay_response::compare),
    ("rsa", signatures::rsa),
    ("sm2", signatures::sm2),
    ("sm2_peer", sm2_peer::compare),
    ("national", national::compare),
    ("key", keys::compare),
    #[cfg(feature = "aws-lc-rs")]
    ("webhook", webhook::compare),
    ("inbox", inbox::compare),
];

fn main() -> ExitCode {
    // The first argument is the program.
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if(|argument| argument == sm2_peer::FIRST).is_some() {
        println!("{}", sm2_peer::first_use(&arguments.next().unwrap()));
        return ExitCode::SUCCESS;
    }
    let (mut quick, mut check, mut room, mut only, mut names) = (false, false, 1.0, None, Vec::new());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => quick = true,
            "--check" => check = true,
            "--room" => room = arguments.next().unwrap().parse().unwrap(),
            "--only" => {
                let side = match arguments.next().as_deref() {
                    Some("floor") => Side::Floor,
                    Some("ours") => Side::Ours,
                    _ => {
                        eprintln!("--only takes floor or ours, and a number of calls");
                        return ExitCode::FAILURE;
                    }
                };
                only = Some((side, arguments.next().unwrap().parse().unwrap()));
            }
            // Cargo adds these.
            "--bench" => {}
            _ => names.push(argument),
        }
    }
    // A misspelled name would be skipped in silence.
    let known = || PATHS.iter().map(|(name, _)| *name);
    if let Some(unknown) = names.iter().find(|wanted| !known().any(|name| name.starts_with(wanted.as_str()))) {
        eprintln!("{unknown}: none of {}", known().collect::<Vec<_>>().join(", "));
        return ExitCode::FAILURE;
    }
    let wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| name.starts_with(wanted.as_str()));
    let bench = Alternate { pairs: if quick { 500 } else { 2000 }, only };
    let mut missed = Vec::new();

    for comparison in PATHS.iter().filter(|(name, _)| wanted(name)).flat_map(|(_, compare)| compare(bench)) {
        if only.is_none() {
            println!("{comparison}");
        }
        if comparison.is_missed(room) {
            missed.push(comparison.name);
        }
    }
    if check && !missed.is_empty() {
        eprintln!("beyond their goals: {}", missed.join(", "));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
