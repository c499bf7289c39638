//! The allocations of a path: how often, how many bytes, and how many at once; within the budgets
//! of `allocations.budget`.
//!
//! `checks/budgets` runs it. It prints a line a path; with `--write` the counts become the budget.
//! The counts are exact. The lines `hostile_*` are documents at their bounds, made to cost more than
//! they weigh.

#![allow(clippy::print_stdout, reason = "the lines are what a bench is for")]

use std::collections::BTreeMap;
use std::process::ExitCode;

use allocation_counter::AllocationInfo;
use benches::budget::Budgets;
use benches::hostile;
use benches::paths::{self, Call};

fn main() -> ExitCode {
    let mut measured = BTreeMap::new();
    for path in paths::all() {
        let ours = count(&path.ours);
        print!(
            "name={}_allocations ours={} bytes={} peak={}",
            path.name, ours.count_total, ours.bytes_total, ours.bytes_max
        );
        if let Some(floor) = &path.floor {
            let floor = count(floor);
            print!(" floor={} floor_bytes={} floor_peak={}", floor.count_total, floor.bytes_total, floor.bytes_max);
        }
        println!();
        for (figure, amount) in
            [("allocations", ours.count_total), ("bytes", ours.bytes_total), ("peak", ours.bytes_max)]
        {
            measured.insert(format!("{}_{figure}", path.name), amount);
        }
    }
    for (name, call) in hostile::all() {
        let peak = count(&call).bytes_max;
        println!("name=hostile_{name} peak={peak}");
        measured.insert(format!("hostile_{name}_peak"), peak);
    }
    Budgets::new("allocations.budget").settle(&measured)
}

fn count(call: &Call) -> AllocationInfo {
    // The first call sets up what later calls reuse.
    call();
    allocation_counter::measure(call)
}
