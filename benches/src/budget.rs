//! Budgets: committed figures that a measured one may exceed by a twentieth.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

/// A twentieth, either way.
const TOLERANCE: f64 = 0.05;

/// The argument that writes the measured figures.
const WRITE: &str = "--write";

/// A file of lines `figure amount`; lines that begin with `#` are comments.
pub struct Budgets {
    file: PathBuf,
}

impl Budgets {
    /// The budgets in a file of the package.
    #[must_use]
    pub fn new(file: &str) -> Self {
        Self { file: PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file) }
    }

    /// Compares the measured figures with the budgets. Standard error lists figures over their
    /// budget, far below it, or without a counterpart. With `--write` the figures become the
    /// budgets.
    pub fn settle(&self, measured: &BTreeMap<String, u64>) -> ExitCode {
        let text = std::fs::read_to_string(&self.file).unwrap_or_default();
        if std::env::args().any(|argument| argument == WRITE) {
            let comments = text.lines().filter(|line| line.starts_with('#')).map(str::to_owned);
            let figures = measured.iter().map(|(figure, amount)| format!("{figure} {amount}"));
            let lines: Vec<String> = comments.chain(figures).collect();
            std::fs::write(&self.file, lines.join("\n") + "\n").unwrap();
            return ExitCode::SUCCESS;
        }
        let budgets: BTreeMap<&str, u64> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split_once(' ').unwrap())
            .map(|(figure, amount)| (figure, amount.parse().unwrap()))
            .collect();
        let mut kept = true;
        for (figure, &amount) in measured {
            let Some(&budget) = budgets.get(figure.as_str()) else {
                eprintln!("{figure}: {amount}, and no budget");
                kept = false;
                continue;
            };
            let beyond = amount as f64 / budget as f64 - 1.0;
            let percent = beyond.abs() * 100.0;
            if beyond > TOLERANCE {
                eprintln!("{figure}: {amount} is {percent:.1} % above its budget of {budget}");
                kept = false;
            } else if beyond < -TOLERANCE {
                eprintln!(
                    "{figure}: {amount} is {percent:.1} % below its budget of {budget}, which can be lowered ({WRITE})"
                );
            }
        }
        for figure in budgets.keys().filter(|figure| !measured.contains_key(**figure)) {
            eprintln!("{figure}: a budget, and nothing measured");
            kept = false;
        }
        if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
