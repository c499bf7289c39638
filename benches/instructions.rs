//! The instructions of a path, counted by valgrind, within the budgets of `instructions.budget`.
//!
//! `checks/budgets` runs it. It prints a line a path; with `--write` the counts become the budget.
//! The counts are the same in every run of one build, whatever the load of the machine. They depend
//! on the compiler and on the vector instructions of the processor: the budgets are for x86-64 with
//! AVX2.
//!
//! The last lines compare two sizes of a document, the larger of them near its bound. A cost that
//! grows faster than the document fails, whatever the budgets say.

#![allow(clippy::unwrap_used, reason = "a bench that cannot run has to say so and stop")]
#![allow(clippy::print_stdout, reason = "the lines are what a bench is for")]

use std::collections::BTreeMap;
use std::process::{Command, ExitCode};

use benches::budget::Budgets;
use benches::paths::{self, Call};

/// The argument before a path and a side, or a number of entries, to call once under valgrind.
const ARGUMENT: &str = "--call";
const FLOOR: &str = "floor";
const OURS: &str = "ours";

/// Paths, and entries of a large document. A history is refused beyond 65 536 values
/// ([`MAX_JSON_VALUES`](protocol_core::limits::MAX_JSON_VALUES)), a push beyond as many elements
/// and texts ([`MAX_XML_EVENTS`](protocol_core::limits::MAX_XML_EVENTS)): these stay below.
const GROWN: [(&str, f64); 2] = [("history", 3_000.0), ("push_xml", 4_000.0)];
/// Entries of the smaller document. Below so many, the members that a document has once still
/// count.
const GROWN_FROM: f64 = 100.0;

/// The largest exponent of the growth of instructions. 1 is the document's.
const MAX_EXPONENT: f64 = 1.05;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, argument, path, side] = arguments.as_slice()
        && argument == ARGUMENT
    {
        let call = match side.parse() {
            Ok(entries) => paths::grown(path, entries),
            Err(_) => {
                let path = paths::all().into_iter().find(|candidate| candidate.name == path).unwrap();
                if side == FLOOR { path.floor.unwrap() } else { path.ours }
            }
        };
        // The first call sets up what later calls reuse.
        call();
        counted_call(&call);
        return ExitCode::SUCCESS;
    }

    let mut measured = BTreeMap::new();
    for path in paths::all().into_iter().filter(|path| !path.deciphers) {
        let ours = count(path.name, OURS);
        print!("name={}_instructions ours={ours}", path.name);
        if path.floor.is_some() {
            let floor = count(path.name, FLOOR);
            print!(" floor={floor} ratio={:.4}", ours as f64 / floor as f64);
        }
        println!();
        measured.insert(path.name.to_owned(), ours);
    }
    let mut grows = true;
    for (path, entries) in GROWN {
        let [few, many] = [GROWN_FROM, entries].map(|entries| count(path, &entries.to_string()) as f64);
        let exponent = (many / few).ln() / (entries / GROWN_FROM).ln();
        println!("name={path}_instructions_growth entries={GROWN_FROM}..{entries} exponent={exponent:.4}");
        if exponent > MAX_EXPONENT {
            eprintln!("{path} grows faster than its document");
            grows = false;
        }
    }
    let settled = Budgets::new("instructions.budget").settle(&measured);
    if grows { settled } else { ExitCode::FAILURE }
}

/// The function that valgrind counts in; [`count`] knows its name.
#[inline(never)]
fn counted_call(call: &Call) {
    call();
}

fn count(path: &str, side: &str) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*counted_call*"])
        .arg(std::env::current_exe().unwrap())
        .args([ARGUMENT, path, side])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let count = said.lines().find_map(|line| line.split_once("Collected : ")).unwrap().1.trim().parse().unwrap();
    assert_ne!(count, 0, "valgrind knows the function by another name");
    count
}
