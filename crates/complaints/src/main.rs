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

use crate::args::{Arguments, Command};
use crate::commands::{
    callback, complete, decode, demo, explain, history, image, list, mini_program, open, refund, reply, sandbox,
    self_test, show, sign,
};
use crate::error::Error;
use crate::view::output;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse_from(args::complete_explain(std::env::args_os().collect())) {
        Ok(arguments) => arguments,
        Err(usage) => return tell_usage(&usage),
    };
    let done = match &arguments.command {
        Command::Demo(command) => demo::run(command),
        Command::Sandbox(command) => sandbox::run(command),
        Command::SelfTest => self_test::run(&arguments.config),
        Command::Callback(command) => callback::run(command, &arguments.config),
        Command::List(command) => list::run(command, &arguments.config),
        Command::Show(command) => show::run(command, &arguments.config),
        Command::History(command) => history::run(command, &arguments.config),
        Command::Reply(command) => reply::run(command, &arguments.config),
        Command::Complete(command) => complete::run(command, &arguments.config),
        Command::Refund(command) => refund::run(command, &arguments.config),
        Command::Image(command) => image::run(command, &arguments.config),
        Command::MiniProgram(command) => mini_program::run(command, &arguments.config),
        Command::Open(command) => open::run(command, &arguments.config),
        Command::Decode(command) => decode::run(command, &arguments.config),
        Command::Sign(command) => sign::run(command, &arguments.config),
        Command::Explain(command) => explain::run(command, &arguments.config),
    };
    match done {
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
