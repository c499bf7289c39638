//! WeChat transaction complaints from the command line.
//!
//! Standard output is one JSON value where it is a pipe. Errors go to standard error as
//! `error[CODE]: …`. Exit status 0: done; 1: refused, failed or interrupted; 2: usage or
//! configuration.

mod args;
mod channel;
mod commands;
mod config;
mod error;
mod input;
mod runtime;
mod view;

use std::process::ExitCode;

use clap::Parser as _;

use crate::commands::{Arguments, complete_explain};
use crate::error::Error;
use crate::view::output;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse_from(complete_explain(std::env::args_os().collect())) {
        Ok(arguments) => arguments,
        Err(usage) => return tell_usage(&usage),
    };
    match arguments.command.run(&arguments.config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::print_error(&error);
            error.exit_code()
        }
    }
}

/// Prints help and version to standard output, anything else as an error.
fn tell_usage(usage: &clap::Error) -> ExitCode {
    if !usage.use_stderr() {
        // A closed standard output has no reader.
        let _ = usage.print();
        return ExitCode::SUCCESS;
    }
    let text = usage.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let error = Error::usage(text.trim_end());
    output::print_usage_error(&error);
    error.exit_code()
}
