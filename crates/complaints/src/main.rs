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

use std::process::ExitCode;

use crate::commands::{complete_explain, guide};
use crate::error::Error;
use crate::view::output;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    language::choose(&arguments);
    let (arguments, asked) = match guide::parse(complete_explain(arguments)) {
        Ok(parsed) => parsed,
        Err(usage) => return tell_usage(&usage),
    };
    let set = arguments.output.set(&asked, guide::forms(&asked));
    match set.and_then(|()| arguments.command.run(&arguments.config)) {
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
    output::print_error(&error);
    error.exit_code()
}
