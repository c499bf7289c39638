//! WeChat transaction complaints from the command line.
//!
//! Standard output is one JSON value where it is a pipe and no other form is asked for. Errors go to standard error as
//! `error[CODE]: …`. Exit status 0: done; 1: refused, failed or interrupted; 2: usage or
//! configuration.

mod args;
mod channel;
mod commands;
mod config;
mod error;
mod input;
mod language;
mod runtime;
mod view;

use std::ffi::OsString;
use std::process::ExitCode;

use crate::commands::{complete_explain, guide};
use crate::error::Error;
use crate::view::output;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    language::choose(&arguments);
    match run(&complete_explain(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::print_error(&error);
            error.exit_code()
        }
    }
}

fn run(arguments: &[OsString]) -> Result<(), Error> {
    let (parsed, asked) = match guide::parse(arguments) {
        Ok(parsed) => parsed,
        Err(told) => return tell(&told, &guide::text_for(arguments, &told)),
    };
    parsed.output.set(&asked, guide::forms(&asked))?;
    parsed.command.run(&parsed.config)
}

/// Prints help and version to standard output; anything else is an error.
fn tell(told: &clap::Error, text: &str) -> Result<(), Error> {
    if told.use_stderr() {
        return Err(Error::usage(text.strip_prefix("error: ").unwrap_or(text).trim_end()));
    }
    output::print_bytes(text.as_bytes())
}
