//! `blocking-worker complaints.toml`: see the README beside it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a job tells what it did where it was started")]

use std::env;
use std::error::Error;
use std::process::ExitCode;

use blocking_worker::{Client, greet};
use complaint_channels::Settings;

const GREETING: &str = "您好，我们已收到您的投诉，客服会尽快与您联系。";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Fails if a payer may still be waiting, so that the job's operator sees it.
fn run() -> Result<ExitCode, Box<dyn Error>> {
    let configuration = env::args_os().nth(1).ok_or("which configuration? blocking-worker complaints.toml")?;
    let settings = Settings::from_file(configuration)?;
    let report = greet(&Client::new(&settings.wechat_pay(None)?)?, GREETING)?;
    println!("{} complaints, {} of them replied to now", report.listed, report.greeted.len());
    for (number, error) in &report.unknown {
        eprintln!("{number}: perhaps replied to, the next run looks: {error}");
    }
    for number in &report.unnamed {
        eprintln!("{number}: not replied to: the platform does not say which merchant it is about");
    }
    for (number, error) in &report.failed {
        eprintln!("{number}: not replied to: {error}");
    }
    for amiss in &report.amiss {
        eprintln!("{amiss}");
    }
    let is_done = report.unknown.is_empty() && report.unnamed.is_empty() && report.failed.is_empty();
    let is_done = is_done && report.amiss.is_empty();
    Ok(if is_done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
