//! `token`: the tokens of the API.

use clap::{Args, Subcommand, ValueEnum};
use complaint_server::{May, Tokens};
use serde::Serialize;

use crate::config::Config;
use crate::error::Error;
use crate::view::output;

#[derive(Debug, Subcommand)]
pub(crate) enum Arguments {
    /// Make a token and print it, once: the file has its hash alone. A server that runs reads the
    /// file again on SIGHUP.
    Add(Add),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// A name for the bearer: letters, digits, points, hyphens or underscores.
    pub(crate) name: String,

    /// The right of the bearer.
    #[arg(long, value_enum)]
    pub(crate) may: Right,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Right {
    /// Reads complaints and events.
    Read,
    /// Reads, and asks for acts.
    Act,
}

impl Right {
    pub(crate) const fn may(self) -> May {
        match self {
            Self::Read => May::Read,
            Self::Act => May::Act,
        }
    }
}

/// Printed once.
#[derive(Serialize)]
struct Made<'a> {
    name: &'a str,
    may: &'a str,
    token: &'a str,
}

pub(crate) fn run(arguments: &Arguments, config: &Config) -> Result<(), Error> {
    let Arguments::Add(Add { name, may }) = arguments;
    let may = may.may();
    let token = Tokens::add(config.read()?.serve().api_tokens_file(), name, may)?;
    let token = String::from_utf8_lossy(token.expose());
    output::print_either(&Made { name, may: may.as_str(), token: &token }, || token.to_string())
}
